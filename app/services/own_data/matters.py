"""A person's matters as their own data: times, assessments, cases, notices.

What somebody else wrote in the person's matter (their name, number and words) is that other person's: it is left out,
and `left_out` says so.
"""

import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.text import Language
from app.models import (
    Appointment,
    AssessmentRun,
    BookableService,
    Case,
    ContactRequest,
    ExternalBooking,
    Notice,
    Professional,
    ServiceLocation,
)
from app.services.assessing.answers import answers_of
from app.services.own_data.needs import language_name
from app.services.reaching.notices import notice_words
from app.services.viewer import Viewer

Row = dict[str, Any]


def _by_others(viewer: Viewer, actor_id: uuid.UUID | None) -> bool:
    return actor_id not in {viewer.subject_id, viewer.person_id}


async def appointments(session: AsyncSession, viewer: Viewer, language: Language) -> list[Row]:
    """Booked and cancelled times, the latest first; held times that came to nothing are no appointments."""
    query = (
        select(Appointment, BookableService, ServiceLocation, Professional)
        .join(BookableService, BookableService.code == Appointment.service_code)
        .join(ServiceLocation, ServiceLocation.id == Appointment.location_id)
        .join(Professional, Professional.id == Appointment.professional_id)
        .where(Appointment.subject_id == viewer.subject_id, Appointment.status.in_(("booked", "cancelled")))
        .order_by(Appointment.during.desc())
    )
    rows = (await session.execute(query)).all()
    return [_appointment(*row, viewer, language) for row in rows]


def _appointment(
    one: Appointment,
    service: BookableService,
    place: ServiceLocation,
    professional: Professional,
    viewer: Viewer,
    language: Language,
) -> Row:
    others = _by_others(viewer, one.actor_id)
    return {
        "service": service.names.to(language),
        "begins_at": one.during.lower,
        "ends_at": one.during.upper,
        "place": place.names.to(language),
        "professional": professional.name,
        "state": one.status,
        "register": one.register,
        "booked_at": one.booked_at,
        "basis": one.basis,
        "phone": "" if others else one.phone,
        "note": "" if others else one.note,
        "left_out": ["what_others_wrote"] if others and (one.phone or one.note) else [],
    }


async def external_bookings(session: AsyncSession, who: uuid.UUID) -> list[Row]:
    """Times in another booking system."""
    query = select(ExternalBooking).where(ExternalBooking.person_id == who).order_by(ExternalBooking.during.desc())
    return [
        {"service": one.service, "begins_at": one.during.lower, "ends_at": one.during.upper, "state": one.state}
        for one in await session.scalars(query)
    ]


async def assessments(session: AsyncSession, viewer: Viewer, language: Language) -> list[Row]:
    """Assessments with their answers, as they were asked."""
    mine = AssessmentRun.subject_id == viewer.subject_id
    query = select(AssessmentRun).where(mine, AssessmentRun.trying.is_(False)).order_by(AssessmentRun.changed_at.desc())
    return [_assessment(run, viewer, language) for run in await session.scalars(query)]


def _assessment(run: AssessmentRun, viewer: Viewer, language: Language) -> Row:
    others = _by_others(viewer, run.actor_id)
    answers = [{"question": one.question, "answers": list(one.answers)} for one in answers_of(run)]
    return {
        "title": run.titles.to(language),
        "register": run.register,
        "begun_at": run.created_at,
        "finished_at": run.finished_at,
        "urgency": run.result["urgency"] if run.result else None,
        "answers": [] if others else answers,
        "left_out": ["what_others_wrote"] if others and answers else [],
    }


async def cases(session: AsyncSession, viewer: Viewer, language: Language) -> list[Row]:
    """Matters with what was asked for; professionals' notes and assessments are not released here."""
    query = (
        select(Case, ContactRequest)
        .outerjoin(ContactRequest, ContactRequest.case_id == Case.id)
        .where(Case.subject_id == viewer.subject_id)
        .order_by(Case.arrived_at.desc())
    )
    return [_case(case, asked, viewer, language) for case, asked in (await session.execute(query)).all()]


def _case(case: Case, asked: ContactRequest | None, viewer: Viewer, language: Language) -> Row:
    others = _by_others(viewer, asked.actor_id if asked else case.actor_id)
    mine = asked if asked and not others else None
    return {
        "reference": case.reference,
        "title": case.titles.to(language),
        "register": case.register,
        "arrived_at": case.arrived_at,
        "due_at": case.due_at,
        "state": case.state,
        "urgency": case.urgency,
        "basis": case.basis,
        "name": mine.name if mine else "",
        "phone": mine.phone if mine else "",
        "reachable": mine.reachable if mine else "",
        "way": mine.way if mine else "",
        "interpreter": language_name(mine.interpreter, language) if mine else "",
        "accessibility": mine.accessibility if mine else "",
        "message": mine.message if mine else "",
        "left_out": ["professionals_notes", *(["what_others_wrote"] if others else [])],
    }


async def notices(session: AsyncSession, who: uuid.UUID, language: Language) -> list[Row]:
    """Notices that went to the person."""
    query = select(Notice).where(Notice.person_id == who).order_by(Notice.created_at.desc())
    return [
        {"title": notice_words(one.kind)["title"].to(language), "sent_at": one.created_at}
        for one in await session.scalars(query)
    ]
