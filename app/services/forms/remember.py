"""What a form asks of an interpreter and of accessibility (the extension `remember-as`), remembered where whoever sends
the form ticks so; never by itself."""

from collections.abc import Iterator

from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.forms.answering.shown import shown
from app.domain.forms.model import Item
from app.domain.forms.values import Coding, Value
from app.domain.text import Language
from app.services.forms.drafts import Filling
from app.services.own_data.needs import (
    LONGEST_ACCESSIBILITY,
    LONGEST_LANGUAGE,
    Needs,
    can_remember,
    interpreter_languages,
    needs_of,
)
from app.services.viewer import Viewer


async def to_remember(session: AsyncSession, viewer: Viewer | None, filling: Filling, language: Language) -> Needs:
    """What would be remembered if the viewer ticked so; empty where the form tells nothing new, or they may not."""
    told = _told(filling, language)
    if viewer is None or not told or not can_remember(viewer) or filling.response.subject_id != viewer.subject_id:
        return Needs()
    known = await needs_of(session, viewer.subject_id)
    new = Needs(told.interpreter or known.interpreter, told.accessibility or known.accessibility)
    return Needs() if new == known else new


def _told(filling: Filling, language: Language) -> Needs:
    """In the words of `language`; what is too long to be remembered is left out."""
    interpreter = next((code for item, value in _answers(filling, "interpreter") if (code := _code(item, value))), "")
    words: list[str] = []
    for item, value in _answers(filling, "accessibility"):
        said = shown(item, value, language)
        if not _says_nothing(item, value) and said not in words:
            words.append(said)
    accessibility = ", ".join(words)
    return Needs(
        interpreter if len(interpreter) <= LONGEST_LANGUAGE else "",
        accessibility if len(accessibility) <= LONGEST_ACCESSIBILITY else "",
    )


def _answers(filling: Filling, need: str) -> Iterator[tuple[Item, Value]]:
    state = filling.state
    for instance in state.asked_instances():
        if instance.item.remember_as == need:
            yield from ((instance.item, value) for value in state.answers.of(instance.address))


def _code(item: Item, value: Value) -> str:
    """A language that is offered to everybody by its code, any other in the words that were written."""
    if isinstance(value, Coding):
        return value.code if value.code in interpreter_languages() else ""
    words = str(value).strip()
    names = {name.casefold(): code for code, text in interpreter_languages().items() for name in text.values.values()}
    return names.get(words.casefold(), words) if not item.options else ""


def _says_nothing(item: Item, value: Value) -> bool:
    """”None of these”; and ”something else”, whose words follow in a question of their own."""
    exclusive = any(option.value == value and option.exclusive for option in item.options)
    return exclusive or (isinstance(value, Coding) and value.code == "other")
