"""What a browser sent of a page, as answers: what can be read is kept, what can't is shown again as it was typed."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.forms.answering.bounds import longest
from app.domain.forms.answering.problem import Problem
from app.domain.forms.answering.typed import RawField, read
from app.domain.forms.answers import Address
from app.domain.forms.instances import MOST_REPETITIONS
from app.domain.forms.layout import answerable
from app.domain.forms.model import Form, Item
from app.domain.forms.values import Value
from app.domain.text import Language
from app.web.forms_view.names import address_of, sort_sent

KEPT = 100_000  # characters: somebody who wrote too much finds it in the draft, and nobody fills the disk
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
    asked = {address for address in known if _is_typed(form.by_link[address.link_id])}
    values: dict[Address, tuple[Value, ...]] = {}
    problems: dict[Address, Problem] = {}
    for address in asked:
        answer = read(form.by_link[address.link_id], sorted_out.fields.get(address, {}), language)
        too_much = None if isinstance(answer, Problem) else _too_much(form.by_link[address.link_id], answer)
        if isinstance(answer, Problem):
            problems[address] = answer
        elif too_much:
            problems[address] = too_much
        else:
            values[address] = answer
    strange = [name for name in names if address_of(form, name) is None]
    return Taken(values, sorted_out.fields, problems, frozenset(known), (*sorted_out.unknown, *strange))


def _is_typed(item: Item) -> bool:
    """Whether its answer comes from the page's fields: what is hidden or only read never does, and files come apart."""
    return answerable(item) and item.type != "attachment"


def _too_much(item: Item, answer: tuple[Value, ...]) -> Problem | None:
    """An answer far beyond what the question takes is not kept in a draft: it is shown again, to be shortened."""
    most = item.max_occurs or MOST_REPETITIONS if item.repeats else 1
    if len(answer) > max(most, len(item.options) + 1 if item.repeats else 1):
        return Problem("too_many", limit=most, count=len(answer))
    length = max((len(value) for value in answer if isinstance(value, str)), default=0)
    return Problem("too_long", limit=longest(item), count=length) if length > KEPT else None
