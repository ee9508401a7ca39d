"""Take a time for a person while they check their details: a hold of ten minutes."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.booking import held_until
from app.domain.clock import Clock
from app.domain.urgency import Urgency
from app.models import Allocation, Appointment, AppointmentEvent, AssessmentRun, BookableService
from app.services.assessing.runs import refuse_trial, urgency_of
from app.services.audit import trail
from app.services.booking.free_times import FreeTime, Wish, find_free_times, rule_of
from app.services.booking.own_appointment import find_own
from app.services.clock import read_clock
from app.services.errors import BookingRefused, NotFound, SlotTaken, SubjectBusy
from app.services.viewer import Viewer, refuse_without_right

# The subject's earlier holds are let go: one held time at a time. Those of others on this time that have run out give
# up the time only (an allocation, which names nobody): an exclusion constraint can't look at the clock, so running out
# is a change of state made by the taker. What became of their appointment is found out when they come back, or by the
# housekeeping job: the taker may not see it.
LET_GO = text("""
with gone as (
  update appointment set status = case when held_until <= :now then 'expired' else 'released' end
  where status = 'held' and subject_id = :subject
  returning id, status
), freed as (
  update allocation set state = 'released' from gone where allocation.appointment_id = gone.id
)
insert into appointment_event (id, appointment_id, at, event, by_kind, by_id, why)
select gen_random_uuid(), id, :now, status, 'resident', :actor, 'another time was taken' from gone
""")
RUN_OUT = text("""
update allocation set state = 'released'
where state = 'held' and held_until <= :now
  and resource_id = any(:professionals) and during && tstzrange(:start, :finish)
""")


@dataclass(frozen=True)
class Choice:
    """The time that a resident chose; `run_id` is the assessment that led there, `note` and `phone` what they
    typed already for a time that they lost (`keep`)."""

    service: str
    location: uuid.UUID
    start: datetime
    professional: uuid.UUID | None = None
    run_id: uuid.UUID | None = None
    urgency: Urgency | None = None
    keep: uuid.UUID | None = None
    note: str = ""
    phone: str = ""


async def hold_time(
    session: AsyncSession, viewer: Viewer, choice: Choice, *, age: int | None, language: str
) -> Appointment:
    """Hold the chosen time for the viewer, or for the person they act for.

    Raises NotFound (no such service), TryingOnly (the assessment was a trial), BookingRefused (its rule says no),
    SlotTaken (not offered or not free any more), SubjectBusy (the person has another appointment then). The
    database's exclusion constraints decide every race; nothing here checks first and inserts later.
    """
    clock = await read_clock(session)
    service = await session.get(BookableService, choice.service)
    if service is None or viewer.subject_id is None:
        raise NotFound
    refuse_without_right(viewer, service.register)
    refuse_trial(await _run_of(session, choice.run_id))
    refusal = rule_of(service).refusal(choice.urgency, age)
    if refusal:
        raise BookingRefused(service.code, refusal)
    offered = await _offered(session, service, choice, clock)
    await _let_go(session, viewer, offered, clock, service.minutes)
    appointment = await _insert_appointment(session, viewer, service, choice, clock, offered, language)
    await _allocate(session, appointment, offered, choice)
    session.add(
        AppointmentEvent(
            appointment_id=appointment.id, at=clock.now, event="held", by_kind="resident", by_id=viewer.person_id
        )
    )
    target = ("appointment", appointment.id)
    await trail.record(session, clock, viewer, "hold", target, subject_id=viewer.subject_id, register=service.register)
    return appointment


async def hold_again(session: AsyncSession, viewer: Viewer, lost_id: uuid.UUID) -> Appointment:
    """Hold the time of a lost hold anew, with what was typed for it; a number that somebody else gave stays theirs.
    Raises SlotTaken where somebody has it."""
    lost = await find_own(session, viewer, lost_id)
    appointment = lost.appointment
    run_id = appointment.assessment_run_id
    choice = Choice(
        service=lost.service.code,
        location=appointment.location_id,
        start=lost.start,
        run_id=run_id,
        urgency=urgency_of(await _run_of(session, run_id)),
        keep=lost_id,
        note=appointment.note,
        phone=appointment.phone if appointment.actor_id == viewer.person_id else "",
    )
    return await hold_time(session, viewer, choice, age=None, language=appointment.language)


async def _run_of(session: AsyncSession, run_id: uuid.UUID | None) -> AssessmentRun | None:
    return await session.get(AssessmentRun, run_id) if run_id else None


async def _offered(session: AsyncSession, service: BookableService, choice: Choice, clock: Clock) -> FreeTime:
    """The chosen time as it is offered now, with the professionals who are free; SlotTaken where it is not."""
    wish = Wish(service, choice.urgency, choice.location, choice.professional)
    just_then = choice.start + timedelta(seconds=1)
    offered = await find_free_times(session, wish, clock, since=choice.start, until=just_then)
    if not offered or offered[0].start != choice.start:
        raise SlotTaken(service.code, choice.run_id, choice.keep)
    return offered[0]


async def _let_go(session: AsyncSession, viewer: Viewer, offered: FreeTime, clock: Clock, minutes: int) -> None:
    now = {"now": clock.now}
    await session.execute(LET_GO, {**now, "subject": viewer.subject_id, "actor": viewer.person_id})
    finish = offered.start + timedelta(minutes=minutes)
    professionals = list(offered.professionals)
    await session.execute(RUN_OUT, {**now, "professionals": professionals, "start": offered.start, "finish": finish})


async def _insert_appointment(
    session: AsyncSession,
    viewer: Viewer,
    service: BookableService,
    choice: Choice,
    clock: Clock,
    offered: FreeTime,
    language: str,
) -> Appointment:
    """The person's side. Another appointment of theirs at that time makes the insert do nothing: SubjectBusy."""
    values = {
        "id": uuid.uuid4(),
        "subject_id": viewer.subject_id,
        "actor_id": viewer.person_id,
        "basis": viewer.basis,
        "register": service.register,
        "service_code": service.code,
        "location_id": offered.location_id,
        "professional_id": offered.professionals[0],
        "during": Range(offered.start, offered.start + timedelta(minutes=service.minutes)),
        "status": "held",
        "held_at": clock.now,
        "held_until": held_until(clock),
        "note": choice.note,
        "phone": choice.phone,
        "language": language,
        "assessment_run_id": choice.run_id,
        "sequence": 0,
    }
    statement = insert(Appointment).values(**values).on_conflict_do_nothing().returning(Appointment)
    appointment = (await session.execute(statement)).scalar_one_or_none()
    if appointment is None:
        raise SubjectBusy(service.code, choice.run_id, choice.keep)
    return appointment


async def _allocate(session: AsyncSession, appointment: Appointment, offered: FreeTime, choice: Choice) -> None:
    """The professional's side: the first who is still free when the row goes in; SlotTaken where none is."""
    for professional in offered.professionals:
        statement = (
            insert(Allocation)
            .values(
                id=uuid.uuid4(),
                resource_id=professional,
                appointment_id=appointment.id,
                during=appointment.during,
                held_until=appointment.held_until,
                state="held",
            )
            .on_conflict_do_nothing()
            .returning(Allocation.id)
        )
        if (await session.execute(statement)).one_or_none() is not None:
            appointment.professional_id = professional
            return
    raise SlotTaken(appointment.service_code, choice.run_id, choice.keep)
