"""A person's applications as their own data: how far each is, what was asked and answered, and the decision."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.text import Language
from app.models import Application, Case, Decision, InformationRequest
from app.services.applications.document import Document
from app.services.viewer import Viewer

Row = dict[str, Any]


async def applications(session: AsyncSession, viewer: Viewer, language: Language) -> list[Row]:
    """Applications with what the reader may see of each, the latest first."""
    query = (
        select(Application, Case, Decision)
        .join(Case, Case.id == Application.case_id)
        .outerjoin(Decision, Decision.case_id == Case.id)
        .where(Case.subject_id == viewer.subject_id)
        .order_by(Application.pending_since.desc())
    )
    rows = (await session.execute(query)).all()
    return [_application(*row, await _requests(session, row[1]), viewer, language) for row in rows]


async def _requests(session: AsyncSession, case: Case) -> Sequence[InformationRequest]:
    query = select(InformationRequest).where(InformationRequest.case_id == case.id)
    return (await session.scalars(query.order_by(InformationRequest.asked_at))).all()


def _application(
    application: Application,
    case: Case,
    decision: Decision | None,
    requests: Sequence[InformationRequest],
    viewer: Viewer,
    language: Language,
) -> Row:
    """What somebody else answered in the person's matter is that other person's text."""
    own = {viewer.subject_id, viewer.person_id, None}
    asked = [
        {"question": one.question, "answers": [one.answer] if one.answer and one.answered_by in own else []}
        for one in requests
    ]
    return {
        "reference": case.reference,
        "title": case.titles.to(language),
        "pending_since": application.pending_since,
        "state": application.state,
        "asked": asked,
        "decided_at": decision.at if decision else None,
        "outcome": decision.outcome if decision else None,
        "valid_from": decision.valid_from if decision else None,
        "valid_to": decision.valid_to if decision else None,
        "decision": _document(decision) if decision else [],
        "left_out": ["what_others_wrote"] if any(one.answered_by not in own for one in requests) else [],
    }


def _document(decision: Decision) -> list[Row]:
    """The decision as it was made, each part by its heading."""
    document = Document.from_data(decision.document)
    facts = [{"question": name, "answers": [value]} for name, value in document.facts]
    return [*facts, *({"question": part.heading, "answers": list(part.lines)} for part in document.parts)]
