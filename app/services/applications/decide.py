"""The decision on an application: looked at before it is made, made once, and never changed."""

import uuid
from collections.abc import Iterator
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.text import as_language
from app.models import Decision, StaffMember
from app.services import outbox
from app.services.applications.document import Document, Draft, Making, document_of
from app.services.applications.find import Handled, find_handled, refuse_when_over
from app.services.applications.limits import GIVEN, it_is_decided
from app.services.applications.record import add_step, take_note
from app.services.applications.words import application_words
from app.services.cases.arrivals import new_reference
from app.services.clock import read_clock
from app.services.errors import DomainError
from app.services.viewer import Viewer

Fault = Literal["outcome", "decided", "reasons", "law", "valid_from", "valid_order"]


class DraftRefused(DomainError):
    """The draft is not whole; `faults` says what is missing."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


def faults_of(draft: Draft) -> Iterator[Fault]:
    """What a decision lacks: one that goes against the applicant is reasoned and names its law (hallintolaki 434/2003,
    44 and 45 §), one that gives something says from when."""
    outcome = next((one for one in application_words().decisions if one.code == draft.outcome), None)
    if outcome is None:
        yield "outcome"
    if not draft.decided:
        yield "decided"
    if outcome is not None and outcome.reasons_required and not draft.reasons:
        yield "reasons"
    if not draft.law:
        yield "law"
    if draft.outcome in GIVEN and draft.valid_from is None:
        yield "valid_from"
    if draft.valid_to and (draft.valid_from is None or draft.valid_to < draft.valid_from):
        yield "valid_order"


async def preview(session: AsyncSession, staff: Viewer, case_id: uuid.UUID, draft: Draft) -> Document:
    """The document as it will be, without its reference. Raises NotFound, AlreadyDecided, DraftRefused."""
    found = await find_handled(session, staff, case_id)
    refuse_when_over(found.application)
    _refuse_unfinished(draft)
    return document_of(await _making(session, staff, found), draft)


async def decide(session: AsyncSession, staff: Viewer, case_id: uuid.UUID, draft: Draft) -> Decision:
    """Make the decision: the limits towards it stop, and the applicant is told that it is there. The case stays open
    until staff close it: what was granted is still to be carried out.

    Raises NotFound, DraftRefused, and AlreadyDecided where somebody else was first, or the application was withdrawn.
    """
    found = await find_handled(session, staff, case_id, change=True)
    refuse_when_over(found.application)
    _refuse_unfinished(draft)
    decision = await _write(session, await _making(session, staff, found), draft)
    found.application.state = "decided"
    await it_is_decided(session, found.case, draft.outcome, await read_clock(session))
    await add_step(session, staff, found.case, "decided")
    await take_note(session, staff, found.case, "decide_application")
    await outbox.defer(session, "tell_application_decided", decision_id=decision.id)
    return decision


def _refuse_unfinished(draft: Draft) -> None:
    faults = tuple(faults_of(draft))
    if faults:
        raise DraftRefused(faults)


async def _making(session: AsyncSession, staff: Viewer, found: Handled) -> Making:
    maker = await session.get_one(StaffMember, staff.staff_id)
    language = as_language(found.case.language)
    return Making(found.case, found.application.kind, found.subject, maker, language, await read_clock(session))


async def _write(session: AsyncSession, making: Making, draft: Draft) -> Decision:
    reference = new_reference()
    decision = Decision(
        id=uuid.uuid4(),
        reference=reference,
        case_id=making.case.id,
        at=making.clock.now,
        staff_id=making.maker.id,
        profession=making.maker.profession,
        outcome=draft.outcome,
        decided=draft.decided,
        reasons=draft.reasons,
        valid_from=draft.valid_from,
        valid_to=draft.valid_to,
        document=document_of(making, draft, reference).to_data(),
        language=making.language,
    )
    session.add(decision)
    await session.flush()
    return decision
