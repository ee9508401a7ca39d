"""What follows when somebody has died: nobody acts as them or for them any more, and the units hear of it."""

import uuid

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock
from app.models import Appointment, CareRole, LocalMandate, Person
from app.services.audit import trail
from app.services.cases.tell_unit import tell_open_cases, tell_unit
from app.services.clock import read_clock
from app.services.identity.end_sessions import end_acting_with, end_sessions_of, release_holds_of
from app.services.identity.merge_people import PURPOSE
from app.services.viewer import Viewer

EVENT = "deceased"


async def settle_death(session: AsyncSession, person_id: uuid.UUID, staff_id: uuid.UUID) -> None:
    """End the person's sessions, mandates, helpers and held times, and everybody's acting for them.

    Coming appointments are not cancelled: each unit finds them in its queue. Nothing happens where the death was taken
    back in the meantime; a second time changes nothing more.
    """
    clock = await read_clock(session)
    person = await session.get_one(Person, person_id, with_for_update=True)
    if person.deceased_on is None:
        return
    staff = Viewer(person.id, staff_id=staff_id)
    await end_sessions_of(session, person.id, clock, EVENT)
    await end_acting_with(session, person.id, clock, EVENT)
    await release_holds_of(session, person.id, clock)
    await _end_rights(session, person.id, clock, staff_id)
    for appointment in await _coming(session, person.id, clock):
        await tell_unit(session, clock, staff, appointment, "deceased_appointment")
    await tell_open_cases(session, clock, staff, person.id, EVENT)
    target = ("person", person.id)
    await trail.record(session, clock, staff, "settle_death", target, subject_id=person.id, purpose=PURPOSE)


async def _end_rights(session: AsyncSession, person_id: uuid.UUID, clock: Clock, staff_id: uuid.UUID) -> None:
    """Mandates that the person gave or received, and helpers of theirs; they help nobody either."""
    mandate = or_(LocalMandate.principal_id == person_id, LocalMandate.mandatee_id == person_id)
    revoked = {"revoked_at": clock.now, "revoked_by": staff_id, "revoke_reason": EVENT}
    await session.execute(update(LocalMandate).where(mandate, LocalMandate.revoked_at.is_(None)).values(revoked))
    role = or_(CareRole.subject_id == person_id, CareRole.helper_id == person_id)
    ended = {"ended_at": clock.now, "ended_by": staff_id}
    await session.execute(update(CareRole).where(role, CareRole.ended_at.is_(None)).values(ended))


async def _coming(session: AsyncSession, person_id: uuid.UUID, clock: Clock) -> list[Appointment]:
    query = select(Appointment).where(
        Appointment.subject_id == person_id, Appointment.status == "booked", func.lower(Appointment.during) > clock.now
    )
    return [*await session.scalars(query.order_by(Appointment.during))]
