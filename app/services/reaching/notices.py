"""Notices that something waits. What it is about is read here, after signing in, never in the notice."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.content import load
from app.domain.clock import full_years
from app.domain.phone import can_get_texts
from app.domain.right import Basis
from app.domain.text import Text
from app.domain.who_is_told import Told, may_still_be_told, who_is_told
from app.models import Appointment, Case, Notice, Person
from app.services.clock import read_clock
from app.services.deliveries.queue import want_delivery
from app.services.viewer import Viewer


@dataclass(frozen=True)
class Actor:
    """Who acts for the one whom a matter is about, and by which right."""

    person_id: uuid.UUID
    basis: Basis


async def add_notices(
    session: AsyncSession, appointment: Appointment, kind: str, viewer: Viewer | None = None
) -> list[Notice]:
    """Notices of `kind` (a key of content/notices.json) to whom it concerns, and on their way: the person whose the
    appointment is, and the viewer who acts for them now (None: nobody does).

    Whoever acted earlier hears nothing: their right may have ended, and the matter may have become the person's own.
    """
    acting = viewer.acting if viewer else None
    actor = Actor(viewer.person_id, acting.basis) if viewer and viewer.person_id and acting else None
    people = await _told(session, appointment.subject_id, actor)
    return [await _add(session, appointment, person, kind) for person in people]


async def tell_of_case(
    session: AsyncSession, case: Case, kind: str, *, of: uuid.UUID, actor: Actor | None = None
) -> None:
    """Notices of `kind` about a case to its subject, and by the same rules to the `actor` who acts for them; once for
    each thing `of` that is told of. A case without a subject has nobody to tell. For jobs, which see all."""
    if case.subject_id is None:
        return
    for person in await _told(session, case.subject_id, actor):
        known_kind = _worded(kind, for_another=person != case.subject_id)
        await notify(session, person, known_kind, notice_id=uuid.uuid5(of, f"{kind} {person}"), case_id=case.id)


async def _told(session: AsyncSession, subject_id: uuid.UUID, actor: Actor | None) -> list[uuid.UUID]:
    """Who of the two hears of it, by app/domain/who_is_told.py."""
    clock, subject = await read_clock(session), await session.get_one(Person, subject_id)
    age = full_years(subject.birth_date, clock.today) if subject.birth_date else None
    people = {Told.SUBJECT: subject_id, Told.ACTOR: actor.person_id if actor else None}
    chosen = (people[told] for told in sorted(who_is_told(actor.basis if actor else None, age)))
    return [person for person in chosen if person is not None]


async def _add(session: AsyncSession, appointment: Appointment, person_id: uuid.UUID, kind: str) -> Notice:
    known_kind = _worded(kind, for_another=person_id != appointment.subject_id)
    notice = Notice(id=uuid.uuid4(), person_id=person_id, appointment_id=appointment.id, kind=known_kind)
    session.add(notice)
    await session.flush()
    await want_delivery(session, "suomifi-messages", "notice", notice.id)
    return notice


def _worded(kind: str, *, for_another: bool) -> str:
    return f"{kind}_for_another" if for_another else kind


async def notify(
    session: AsyncSession, person_id: uuid.UUID, kind: str, *, notice_id: uuid.UUID, case_id: uuid.UUID | None = None
) -> None:
    """A notice of `kind` that hangs on no appointment, and on its way. `notice_id` is chosen by what it tells of, so
    that it is told once; `case_id`: the case that it is about, where it is about one."""
    notice = insert(Notice).values(id=notice_id, person_id=person_id, kind=kind, case_id=case_id)
    if await session.scalar(notice.on_conflict_do_nothing().returning(Notice.id)):
        await want_delivery(session, "suomifi-messages", "notice", notice_id)


@cache
def notice_words(kind: str) -> Mapping[str, Text]:
    """The words of a kind of notice: title, body."""
    return {name: Text(text) for name, text in load("notices.json")[kind].items()}


async def is_still_told(session: AsyncSession, notice_id: uuid.UUID) -> bool:
    """Whether the notice may go out still: nobody writes to somebody who has died, and a capable minor may have
    forbidden that guardians hear of the matter."""
    died = select(Person.deceased_on).join(Notice, Notice.person_id == Person.id).where(Notice.id == notice_id)
    if await session.scalar(died) is not None:
        return False
    query = (
        select(Notice.person_id == func.coalesce(Appointment.subject_id, Case.subject_id), Case.guardian_access)
        .outerjoin(Appointment, Appointment.id == Notice.appointment_id)
        .outerjoin(Case, Case.id == func.coalesce(Notice.case_id, Appointment.case_id))
        .where(Notice.id == notice_id)
    )
    row = (await session.execute(query)).one_or_none()
    return row is None or may_still_be_told(is_subject=bool(row[0]), guardian_access=row[1])


async def phone_for(session: AsyncSession, notice_id: uuid.UUID) -> str:
    """A number that can get text messages, as the recipient gave it for the appointment; empty where there is none.

    A number belongs to whoever typed it, who is the appointment's actor: what is told to the person themselves doesn't
    go to the phone of somebody who acted for them.
    """
    query = (
        select(Appointment.phone)
        .join(Notice, Notice.appointment_id == Appointment.id)
        .where(Notice.id == notice_id, Notice.person_id == Appointment.actor_id)
    )
    phone = await session.scalar(query) or ""
    return phone if can_get_texts(phone) else ""
