"""What a browser sent of a page, as answers: what can be read is kept, what can't is shown again as it was typed."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.forms.answers import Address
from app.domain.forms.model import Form
from app.domain.forms.problem import Problem
from app.domain.forms.typed import RawField, read
from app.domain.forms.values import Value
from app.domain.text import Language
from app.web.forms_view.names import address_of, sort_sent

ASKED, VERSION, TO_CHECK = "asked", "form_version", "to_check"
OWN = frozenset({"form_token", "add", "remove", "attach", "detach", "use", "refresh", ASKED, VERSION, TO_CHECK})


@dataclass(frozen=True)
class Taken:
    """The answers of a page. `values` are those that could be read, by address, empty where a question was left so;
    `problems` say of the others why not. `asked`: the questions that stood on the page. `unknown`: names that this form
    has no question for; then nothing is kept."""

    values: Mapping[Address, tuple[Value, ...]]
    typed: Mapping[Address, RawField]
    problems: Mapping[Address, Problem]
    asked: frozenset[Address]
    unknown: tuple[str, ...]


def take(form: Form, sent: Mapping[str, tuple[str, ...]], language: Language) -> Taken:
    """Read the fields of the questions that stood on the page. A question whose field is missing was left empty (boxes
    that are not ticked send nothing); files come by their own way."""
    sorted_out = sort_sent(form, sent, OWN)
    names = " ".join(sent.get(ASKED, ())).split()
    known = {address for name in names if (address := address_of(form, name)) is not None}
    asked = {address for address in known if form.by_link[address.link_id].type != "attachment"}
    values: dict[Address, tuple[Value, ...]] = {}
    problems: dict[Address, Problem] = {}
    for address in asked:
        answer = read(form.by_link[address.link_id], sorted_out.fields.get(address, {}), language)
        if isinstance(answer, Problem):
            problems[address] = answer
        else:
            values[address] = answer
    strange = [name for name in names if address_of(form, name) is None]
    return Taken(values, sorted_out.fields, problems, frozenset(known), (*sorted_out.unknown, *strange))
