"""Rows of two people who are one, that can't stand beside each other: each constraint has its way here.

A way makes room for what moves to the kept person and returns what it put aside, for staff to read. The kept person's
row stands wherever nothing speaks for the other one.
"""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.domain.clock import Clock
from app.models import (
    Appointment,
    CareRole,
    ContactPoint,
    FoundPerson,
    HealthRecordConsent,
    LocalMandate,
    NotificationChoice,
    Permit,
    PersonNeeds,
)
from app.services.cases.tell_unit import tell_unit
from app.services.deliveries.queue import want_delivery
from app.services.health_record.consent import SYSTEM, WITHDRAWAL
from app.services.identity.end_sessions import end_acting_with, end_sessions_of, release_holds_of
from app.services.viewer import Viewer

PutAside = list[dict[str, Any]]


@dataclass(frozen=True)
class Pair:
    """`merged` is joined to `kept`, by `staff`, now."""

    kept: uuid.UUID
    merged: uuid.UUID
    staff: Viewer
    clock: Clock


async def sessions(session: AsyncSession, pair: Pair) -> PutAside:
    """Whoever is signed in as the merged person signs in anew; so does whoever acts for them."""
    await end_sessions_of(session, pair.merged, pair.clock, "merged")
    await end_acting_with(session, pair.merged, pair.clock, "merged")
    return []


async def contact_points(session: AsyncSession, pair: Pair) -> PutAside:
    """One phone number and one address of a kind: a confirmed one before one that is not."""
    query = select(ContactPoint).where(ContactPoint.person_id.in_((pair.kept, pair.merged)))
    points = {(point.person_id, point.kind): point for point in await session.scalars(query)}
    aside: PutAside = []
    for kind in ("phone", "email"):
        kept, merged = points.get((pair.kept, kind)), points.get((pair.merged, kind))
        if kept is None or merged is None:
            continue
        loser = kept if merged.verified_at and not kept.verified_at else merged
        told = {"kind": kind, "value": loser.value, "verified": loser.verified_at is not None}
        aside.append({"table": "contact_point", "became": "deleted", **told})
        await session.execute(delete(ContactPoint).where(ContactPoint.id == loser.id))
    return aside


async def notification_choice(session: AsyncSession, pair: Pair) -> PutAside:
    """How to be told: as the kept person has chosen."""
    if await session.get(NotificationChoice, pair.kept) is None:
        return []
    gone = delete(NotificationChoice).where(NotificationChoice.person_id == pair.merged)
    rows = await session.execute(
        gone.returning(NotificationChoice.sms, NotificationChoice.email, NotificationChoice.reminders)
    )
    words = ("sms", "email", "reminders")
    return [{"table": "notification_choice", "became": "deleted", **dict(zip(words, row, strict=True))} for row in rows]


async def person_needs(session: AsyncSession, pair: Pair) -> PutAside:
    """What is needed to be served well: as the kept person has told."""
    if await session.get(PersonNeeds, pair.kept) is None:
        return []
    gone = delete(PersonNeeds).where(PersonNeeds.person_id == pair.merged)
    rows = await session.execute(gone.returning(PersonNeeds.interpreter, PersonNeeds.accessibility))
    words = ("interpreter", "accessibility")
    return [{"table": "person_needs", "became": "deleted", **dict(zip(words, row, strict=True))} for row in rows]


async def permits(session: AsyncSession, pair: Pair) -> PutAside:
    """The same permission given twice holds once."""
    mine = aliased(Permit)
    same = exists().where(
        mine.person_id == pair.kept, mine.ended_at.is_(None), mine.kind == Permit.kind, mine.scope == Permit.scope
    )
    double = (Permit.person_id == pair.merged, Permit.ended_at.is_(None), same)
    ended = update(Permit).where(*double).values(ended_at=pair.clock.now).returning(Permit.id)
    return _ended("permit", await session.scalars(_plain(ended)))


async def health_record_consents(session: AsyncSession, pair: Pair) -> PutAside:
    """One consent holds; the other is taken back at Kanta too."""
    holding = HealthRecordConsent.ended_at.is_(None)
    whose = select(HealthRecordConsent).where(holding, HealthRecordConsent.person_id.in_((pair.kept, pair.merged)))
    found = {consent.person_id: consent for consent in await session.scalars(whose)}
    if len(found) < 2:
        return []
    consent = found[pair.merged]
    consent.ended_at, consent.ended_by = pair.clock.now, "merged"
    await session.flush()
    await want_delivery(session, SYSTEM, WITHDRAWAL, consent.id, lane=pair.kept)
    return _ended("health_record_consent", [consent.id])


async def local_mandates(session: AsyncSession, pair: Pair) -> PutAside:
    """Two mandates between the same two at one time: the kept person's stands."""
    mine = aliased(LocalMandate)
    as_principal = (LocalMandate.principal_id == pair.merged, mine.principal_id == pair.kept)
    as_mandatee = (LocalMandate.mandatee_id == pair.merged, mine.mandatee_id == pair.kept)
    same = exists().where(
        mine.revoked_at.is_(None),
        mine.during.overlaps(LocalMandate.during),
        or_(
            as_principal[0] & as_principal[1] & (mine.mandatee_id == LocalMandate.mandatee_id),
            as_mandatee[0] & as_mandatee[1] & (mine.principal_id == LocalMandate.principal_id),
        ),
    )
    values = {"revoked_at": pair.clock.now, "revoked_by": pair.staff.staff_id, "revoke_reason": "merged"}
    revoked = update(LocalMandate).where(LocalMandate.revoked_at.is_(None), same).values(values)
    return _ended("local_mandate", await session.scalars(_plain(revoked.returning(LocalMandate.id))))


async def care_roles(session: AsyncSession, pair: Pair) -> PutAside:
    """The same helper recorded twice at one time helps once."""
    mine = aliased(CareRole)
    same = exists().where(
        mine.subject_id == pair.kept,
        mine.ended_at.is_(None),
        mine.role == CareRole.role,
        mine.helper_name == CareRole.helper_name,
        mine.during.overlaps(CareRole.during),
    )
    double = (CareRole.subject_id == pair.merged, CareRole.ended_at.is_(None), same)
    values = {"ended_at": pair.clock.now, "ended_by": pair.staff.staff_id}
    ended = update(CareRole).where(*double).values(values).returning(CareRole.id)
    return _ended("care_role", await session.scalars(_plain(ended)))


async def appointments(session: AsyncSession, pair: Pair) -> PutAside:
    """Held times are let go. Two booked times that overlap both stand, since two professionals wait: staff agree with
    the person which one they come to."""
    await release_holds_of(session, pair.merged, pair.clock)
    mine = aliased(Appointment)
    same = exists().where(
        mine.subject_id == pair.kept, mine.status.in_(("held", "booked")), mine.during.overlaps(Appointment.during)
    )
    double = select(Appointment).where(Appointment.subject_id == pair.merged, Appointment.status == "booked", same)
    found = (await session.scalars(double.order_by(Appointment.during))).all()
    for appointment in found:
        appointment.double_booked, appointment.subject_id = True, pair.kept
        await session.flush()
        await tell_unit(session, pair.clock, pair.staff, appointment, "double_booked")
    return [{"table": "appointment", "became": "double_booked", "id": str(one.id)} for one in found]


async def found_people(session: AsyncSession, pair: Pair) -> PutAside:
    """Whoever had found the merged person sees the kept one instead."""
    seen = select(FoundPerson.staff_id, FoundPerson.until).where(FoundPerson.person_id == pair.merged)
    for staff_id, until in (await session.execute(seen)).all():
        row = insert(FoundPerson).values(staff_id=staff_id, person_id=pair.kept, until=until)
        await session.execute(row.on_conflict_do_nothing())
    await session.execute(delete(FoundPerson).where(FoundPerson.person_id == pair.merged))
    return []


def _plain(statement: Any) -> Any:
    """Objects that the session knows already are not compared in Python: the database has the last word."""
    return statement.execution_options(synchronize_session=False)


def _ended(table: str, ids: Any) -> PutAside:
    return [{"table": table, "became": "ended", "id": str(one)} for one in ids]


Way = Callable[[AsyncSession, Pair], Awaitable[PutAside]]
# Which constraint (or primary key) each way is for; a test holds this to the tables.
WAYS_BY_CONSTRAINT: Mapping[str, Way] = {
    "uq_contact_point_person_id": contact_points,
    "pk_notification_choice": notification_choice,
    "pk_person_needs": person_needs,
    "uq_permit_holds": permits,
    "uq_health_record_consent_holds": health_record_consents,
    "ex_local_mandate_overlap": local_mandates,
    "ex_care_role_overlap": care_roles,
    "ex_appointment_subject_overlap": appointments,
    "pk_found_person": found_people,
}
WAYS: tuple[Way, ...] = (sessions, *WAYS_BY_CONSTRAINT.values())
