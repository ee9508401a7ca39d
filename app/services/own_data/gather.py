"""A person's own data in one piece, to read and to take along (GDPR, articles 15 and 20).

Read through row-level security as the person themselves, and by their id besides. What the law keeps back is left out
and said so: who notified us, what others wrote, professionals' notes, results not released. docs/own-data.md is the
description of the shape.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import start_of_day
from app.domain.text import Language
from app.models import (
    AuditEvent,
    ContactPoint,
    CorrectionRequest,
    HealthRecordConsent,
    LocalMandate,
    NotificationChoice,
    Permit,
    Person,
    PersonNeeds,
    Representation,
)
from app.services.audit import trail
from app.services.audit.log_data import first_day, shown, subject_of
from app.services.audit.log_words import log_words
from app.services.clock import read_clock
from app.services.county import municipality_names
from app.services.own_data.applications import applications
from app.services.own_data.forms import form_tasks, forms
from app.services.own_data.matters import appointments, assessments, cases, external_bookings, notices
from app.services.own_data.needs import language_name
from app.services.viewer import Viewer

SCHEMA = "asiointi-own-data/1"
Row = dict[str, Any]


async def gather_own_data(session: AsyncSession, viewer: Viewer, language: Language, action: str) -> dict[str, Any]:
    """All sections in their order, values as the database has them (times with their zone); recorded as `action`.

    Sections are lists of rows; a section that nothing is in stays, empty. `language`: of titles and words.
    """
    clock, who = await read_clock(session), subject_of(viewer)
    found = {
        "schema": SCHEMA,
        "made_at": clock.now,
        "language": language,
        "person": await _person(session, who, language),
        "contact_points": await _contact_points(session, who),
        "choices": await _choices(session, who),
        "needs": await _needs(session, who, language),
        "permits": await _permits(session, who),
        "kanta_consents": await _consents(session, who),
        "appointments": await appointments(session, viewer, language),
        "external_bookings": await external_bookings(session, who),
        "assessments": await assessments(session, viewer, language),
        "cases": await cases(session, viewer, language),
        "applications": await applications(session, viewer, language),
        "forms": await forms(session, viewer, language),
        "form_tasks": await form_tasks(session, viewer, language),
        "notices": await notices(session, who, language),
        "acted_for_me": await _acted_for_me(session, who),
        "i_acted": await _i_acted(session, who),
        "local_mandates": await _local_mandates(session, who),
        "corrections": await _corrections(session, who),
        "log": await _log(session, who, start_of_day(first_day(clock)), language),
    }
    await trail.record(session, clock, viewer, action, ("own_data", who), subject_id=who)
    return found


async def _person(session: AsyncSession, who: uuid.UUID, language: Language) -> list[Row]:
    person = await session.get_one(Person, who)
    home = municipality_names().get(person.municipality_code or "")
    row = {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "chosen_name": person.chosen_name,
        "birth_date": person.birth_date,
        "municipality": home.to(language) if home else person.municipality_code,
        "non_disclosure": person.non_disclosure,
        "language": person.language,
        "known_since": person.created_at,
    }
    return [row]


async def _contact_points(session: AsyncSession, who: uuid.UUID) -> list[Row]:
    query = select(ContactPoint).where(ContactPoint.person_id == who).order_by(ContactPoint.kind.desc())
    return [
        {"kind": one.kind, "value": one.value, "verified_at": one.verified_at, "changed_at": one.changed_at}
        for one in await session.scalars(query)
    ]


async def _choices(session: AsyncSession, who: uuid.UUID) -> list[Row]:
    one = await session.get(NotificationChoice, who)
    return (
        [{"sms": one.sms, "email": one.email, "reminders": one.reminders, "changed_at": one.changed_at}] if one else []
    )


async def _needs(session: AsyncSession, who: uuid.UUID, language: Language) -> list[Row]:
    one = await session.get(PersonNeeds, who)
    if one is None or not (one.interpreter or one.accessibility):
        return []
    told = {"interpreter": language_name(one.interpreter, language), "accessibility": one.accessibility}
    return [{**told, "changed_at": one.changed_at}]


async def _permits(session: AsyncSession, who: uuid.UUID) -> list[Row]:
    query = select(Permit).where(Permit.person_id == who).order_by(Permit.given_at.desc())
    return [
        {"kind": one.kind, "scope": one.scope, "given_at": one.given_at, "ended_at": one.ended_at}
        for one in await session.scalars(query)
    ]


async def _consents(session: AsyncSession, who: uuid.UUID) -> list[Row]:
    query = select(HealthRecordConsent).where(HealthRecordConsent.person_id == who)
    return [
        {"scopes": list(one.scopes), "given_at": one.given_at, "ended_at": one.ended_at}
        for one in await session.scalars(query.order_by(HealthRecordConsent.given_at.desc()))
    ]


async def _acted_for_me(session: AsyncSession, who: uuid.UUID) -> list[Row]:
    query = select(Representation, Person).outerjoin(Person, Person.id == Representation.actor_id)
    rows = await session.execute(query.where(Representation.subject_id == who).order_by(Representation.began_at.desc()))
    return [{"name": person.name if person else "", **_acting(one)} for one, person in rows.all()]


async def _i_acted(session: AsyncSession, who: uuid.UUID) -> list[Row]:
    """Without the name: the right may have ended, and then the other's data is not shown any more."""
    query = select(Representation).where(Representation.actor_id == who).order_by(Representation.began_at.desc())
    return [_acting(one) for one in await session.scalars(query)]


def _acting(one: Representation) -> Row:
    return {
        "basis": one.basis,
        "registers": list(one.registers),
        "began_at": one.began_at,
        "ended_at": one.ended_at,
    }


async def _local_mandates(session: AsyncSession, who: uuid.UUID) -> list[Row]:
    query = select(LocalMandate, Person).outerjoin(Person, Person.id == LocalMandate.mandatee_id)
    return [
        {
            "name": person.name if person else "",
            "registers": list(one.registers),
            "from": one.during.lower,
            "until": one.during.upper,
            "ended_at": one.revoked_at,
        }
        for one, person in (await session.execute(query.where(LocalMandate.principal_id == who))).all()
    ]


async def _corrections(session: AsyncSession, who: uuid.UUID) -> list[Row]:
    query = select(CorrectionRequest).where(CorrectionRequest.person_id == who)
    fields = ("reference", "register", "wrong", "right", "created_at", "state", "reasons", "decided_at")
    found: Sequence[CorrectionRequest] = (
        await session.scalars(query.order_by(CorrectionRequest.created_at.desc()))
    ).all()
    return [{name: getattr(one, name) for name in fields} for one in found]


async def _log(session: AsyncSession, who: uuid.UUID, since: datetime, language: Language) -> list[Row]:
    """How often what was done, as a summary: the whole is on the page of log data."""
    times = func.count(), func.max(AuditEvent.at)
    kind = AuditEvent.action, AuditEvent.target_kind, AuditEvent.register
    query = select(*kind, *times).where(*shown(who, since)).group_by(*kind).order_by(func.max(AuditEvent.at).desc())
    return [
        {"what": log_words().action(action, target).to(language), "register": register, "times": count, "last_at": last}
        for action, target, register, count, last in (await session.execute(query)).all()
    ]


def encode(value: object) -> object:
    """For json.dumps: moments and days in ISO 8601. Raises TypeError for anything else."""
    if hasattr(value, "isoformat") and not isinstance(value, time):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in own data")
