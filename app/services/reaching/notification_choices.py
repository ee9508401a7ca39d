"""What a resident has chosen: how they hear that something waits, in which language, and what we call them."""

import unicodedata
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.text import Language, as_language
from app.models import NotificationChoice, Person
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.errors import NotFound
from app.services.viewer import Viewer

LONGEST_NAME = 50
_MARKS = " -'’."  # that stand in names, between letters


@dataclass(frozen=True)
class Choices:
    """`sms`, `email` and `reminders`: whether text messages, e-mail and reminders are sent. `name`: what the person
    wants to be called here; empty: by the name in the population register, by which professionals know them in any
    case."""

    sms: bool
    email: bool
    reminders: bool
    language: Language
    name: str


def is_name(text: str) -> bool:
    """Whether `text` can be a name: letters of any alphabet, with single marks between them; at most 50 of all."""
    letters = (character in _MARKS or unicodedata.category(character)[0] in "LM" for character in text)
    return 0 < len(text) <= LONGEST_NAME and all(letters) and text[0] not in _MARKS and "  " not in text


async def own_choices(session: AsyncSession, viewer: Viewer) -> Choices:
    """What the viewer has chosen, else the defaults: text messages and reminders come, e-mail does not."""
    person = await session.get(Person, viewer.person_id)
    if person is None:
        raise NotFound
    chosen = await session.get(NotificationChoice, person.id)
    return Choices(
        sms=chosen.sms if chosen else True,
        email=chosen.email if chosen else False,
        reminders=chosen.reminders if chosen else True,
        language=as_language(person.language),
        name=person.chosen_name,
    )


async def save_choices(session: AsyncSession, viewer: Viewer, choices: Choices) -> None:
    """Keep the choices in place of the earlier ones. Raises ValueError for a name that is none."""
    if choices.name and not is_name(choices.name):
        raise ValueError("not a name")
    person = await session.get(Person, viewer.person_id)
    if person is None:
        raise NotFound
    clock = await read_clock(session)
    told = {"sms": choices.sms, "email": choices.email, "reminders": choices.reminders}
    kept = {**told, "changed_at": clock.now}
    statement = insert(NotificationChoice).values(person_id=person.id, **kept)
    await session.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=kept))
    person.language, person.chosen_name = choices.language, choices.name
    await session.flush()
    target = ("choices", person.id)
    await trail.record(session, clock, viewer, "change_choices", target, subject_id=person.id)


async def wants_sms(session: AsyncSession, person_id: object) -> bool:
    """Whether text messages may go to the person. For jobs, which see all."""
    chosen = await session.scalar(select(NotificationChoice.sms).where(NotificationChoice.person_id == person_id))
    return chosen is not False


async def wants_email(session: AsyncSession, person_id: object) -> bool:
    """Whether the person has chosen e-mail; nothing goes there unasked. For jobs, which see all."""
    chosen = await session.scalar(select(NotificationChoice.email).where(NotificationChoice.person_id == person_id))
    return chosen is True
