"""Answers to the forms that come with the installation, as a draft keeps them: by linkId, choices by their code."""

from functools import cache
from typing import Any

from app.content import load
from app.domain.forms.answers import Address, Answers, to_data
from app.domain.forms.model import Form, Item
from app.domain.forms.reader import read_form
from app.domain.forms.values import Value

REASON = {"reason": "Polvi on kipeä"}
# A notice of concern about an older person, by somebody who does not say their name.
NOTICE = {
    "role": "private",
    "anonymous": "anonymous",
    "danger-now": "no",
    "address": "Koekatu 1",
    "municipality": "Mikkeli",
    "worry-words": "Naapuri on jäänyt yksin",
}


@cache
def shipped(code: str) -> Form:
    """A form of content/forms, read."""
    return read_form(load(f"forms/{code}.json")).form


def answers_to(code: str, given: dict[str, str]) -> dict[str, Any]:
    """The answers as JSON, for the form `code`; texts as they are."""
    form = shipped(code)
    values = {Address(link): (_value(form.by_link[link], word),) for link, word in given.items()}
    return to_data(Answers(values), {link: item.type for link, item in form.by_link.items()})


def _value(item: Item, word: str) -> Value:
    return next((option.value for option in item.options if getattr(option.value, "code", "") == word), word)


def name_of_field(code: str, link_id: str) -> str:
    """What the field of a question is called on its page."""
    return f"f{shipped(code).by_link[link_id].number}"
