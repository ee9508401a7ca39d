"""A form with its answers in words, where there is no page to show it on."""

from collections.abc import Iterator, Sequence
from functools import cache

from app.content import load
from app.domain.forms.answering.shown import shown
from app.domain.forms.instances import Instance
from app.domain.forms.model import Item
from app.domain.forms.state import State
from app.domain.forms.values import Value
from app.domain.text import Language, Text

INDENT = "  "


def lines_of(state: State, language: Language, *, for_another: bool = False) -> Iterator[str]:
    """What was asked and answered, a line each; the titles of groups above their questions."""
    for top in state.instances:
        yield from _lines(top, state, language, for_another, 0)


def _lines(instance: Instance, state: State, language: Language, for_another: bool, depth: int) -> Iterator[str]:
    item, given = instance.item, state.answers.of(instance.address)
    if not state.is_asked(instance) or item.type == "display":
        return
    below = [
        line
        for branch in instance.branches
        for child in branch
        for line in _lines(child, state, language, for_another, depth + 1)
    ]
    if not given and not below:
        return
    text, told = answers_in_words(item, given, language, for_another=for_another)
    yield f"{INDENT * depth}{text} {', '.join(told)}".rstrip()
    yield from below


def answers_in_words(
    item: Item, given: Sequence[Value], language: Language, *, for_another: bool = False
) -> tuple[str, list[str]]:
    """The question of `item`, and each of the answers given to it."""
    text = item.text.voice(for_another=for_another).to(language) or item.link_id
    return text, [_in_words(shown(item, value, language, for_another=for_another), language) for value in given]


def _in_words(told: str, language: Language) -> str:
    word = {"true": "yes", "false": "no"}.get(told)
    return _words()[word].to(language) if word else told


@cache
def _words() -> dict[str, Text]:
    return {name: Text(texts) for name, texts in load("form_words.json").items()}
