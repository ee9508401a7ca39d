"""Matters that have been initiated here (vireilletulo), and the answers that came with them, to the record systems.

Only of people who are identified: a wish to be contacted makes nobody a client, and nobody is registered by a name
that somebody typed. Both kinds are of one lane: the case's.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.text import as_language
from app.domain.urgency import Urgency
from app.integrations.records.port import CaseInitiation, ConflictingRepeat, OutgoingDocument, register_named
from app.models import AssessmentRun, Case, ContactRequest, Delivery, Person
from app.services.assessing.assess import PAGE, RESULT
from app.services.assessing.runs import version_of
from app.services.deliveries.kind import Carrier, PlainKind, Receipt
from app.services.identity.finnish_code import finnish_code, needed_code
from app.services.identity.vault import IdentityVault

SYSTEM = "records"


class InitiateCase(PlainKind):
    """A matter of an identified person; its key at the record system is the case's id."""

    system = SYSTEM
    name = "case_initiation"

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> CaseInitiation | None:
        case = await session.get(Case, delivery.about_id)
        codes = await identity_codes(session, case, vault) if case else None
        if case is None or codes is None:
            return None
        contact = await session.scalar(select(ContactRequest).where(ContactRequest.case_id == case.id))
        run = await _run_of(session, case)
        return CaseInitiation(
            identifier=str(case.id),
            register=register_named(case.register, case.service_task),
            reference=case.reference,
            kind=case.kind,
            urgency=Urgency(case.urgency),
            arrived_at=case.arrived_at,
            language=as_language(case.language),
            title=case.titles.to(as_language(case.language)),
            subject_identity_code=codes[0],
            actor_identity_code=codes[1],
            written=contact.message if contact else "",
            assessment="\n".join(result_lines(run)) if run else "",
        )

    async def send(self, carrier: Carrier, prepared: CaseInitiation) -> Receipt:
        try:
            return Receipt((await carrier.ports.records.initiate_case(prepared)).id)
        except ConflictingRepeat:
            # It arrived before, its answer was lost, and the case has grown since: the matter is pending there.
            return Receipt(prepared.identifier)


class SendAnswers(PlainKind):
    """The filled questionnaire of a case, as it was asked and answered."""

    system = SYSTEM
    name = "response_document"

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> OutgoingDocument | None:
        run = await session.get(AssessmentRun, delivery.about_id)
        case = await session.get(Case, run.case_id) if run and run.case_id else None
        codes = await identity_codes(session, case, vault) if case else None
        if run is None or case is None or codes is None or run.result is None:
            return None  # answers that are being changed just now are sent when they come to a result again
        language = as_language(run.language)
        return OutgoingDocument(
            identifier=str(result_id(run)),
            register=register_named(case.register, case.service_task),
            kind="self-assessment",
            made_at=_finished(run),
            language=language,
            title=run.titles.to(language),
            subject_identity_code=codes[0],
            text="\n".join([*answer_lines(run), "", *result_lines(run)]),
            case_identifier=str(case.id),
        )

    async def send(self, carrier: Carrier, prepared: OutgoingDocument) -> Receipt:
        return Receipt((await carrier.ports.records.send_document(prepared)).id)


async def identity_codes(session: AsyncSession, case: Case, vault: IdentityVault) -> tuple[str, str | None] | None:
    """Whose matter it is, and who acted where that was somebody else; None where nobody is identified. Raises
    NotWanted for somebody without a Finnish code: the professional who takes the case records it by hand."""
    subject = await session.get(Person, case.subject_id) if case.subject_id else None
    if subject is None:
        return None
    code = needed_code(subject, vault)
    acted = case.actor_id if case.actor_id != case.subject_id else None
    actor = await session.get(Person, acted) if acted else None
    return code, finnish_code(actor, vault) if actor else None


async def _run_of(session: AsyncSession, case: Case) -> AssessmentRun | None:
    return await session.scalar(
        select(AssessmentRun)
        .where(AssessmentRun.case_id == case.id, AssessmentRun.result.is_not(None))
        .order_by(AssessmentRun.finished_at.desc())
        .limit(1)
    )


def result_id(run: AssessmentRun) -> uuid.UUID:
    """Names the result that a run came to; answers that are changed later lead to another one."""
    return uuid.uuid5(run.id, version_of(run))


def answer_lines(run: AssessmentRun) -> Iterator[str]:
    """Questions and answers as they were worded, one line each."""
    for page_id in run.road:
        page = PAGE.validate_python(run.asked[page_id]["page"])
        for question in page.questions:
            words = {option.code: option.text for option in question.options}
            given = run.answers.get(question.link_id)
            chosen = given if isinstance(given, list) else [] if given is None else [given]
            told = ", ".join(words.get(str(one), str(one)) for one in chosen)
            yield f"{question.text} {told or '–'}"


def result_lines(run: AssessmentRun) -> Iterator[str]:
    """What the assessment came to; it is no professional's assessment."""
    if run.result is None:
        return
    result = RESULT.validate_python(run.result)
    yield f"{result.headline} ({result.p_class})"
    yield from (reason.text for reason in result.reasons)


def _finished(run: AssessmentRun) -> datetime:
    return run.finished_at or run.changed_at
