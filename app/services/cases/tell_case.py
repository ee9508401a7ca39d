"""What is told to the outside when a matter arrives; in the transaction that brings it."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.models import AssessmentRun, Case, FormResponse
from app.services.deliveries.queue import want_delivery


async def tell_initiated(session: AsyncSession, case: Case) -> None:
    """An identified person's matter to the record system of its register."""
    if case.subject_id is not None:
        await want_delivery(session, "records", "case_initiation", case.id)


async def tell_answers(session: AsyncSession, case: Case, run: AssessmentRun) -> None:
    """The answers of an assessment that has joined an identified person's case."""
    if case.subject_id is not None and run.result is not None:
        await want_delivery(session, "records", "response_document", run.id, lane=case.id)


async def tell_form(session: AsyncSession, case: Case, response: FormResponse) -> None:
    """A form that was sent in an identified person's case."""
    if case.subject_id is not None:
        await want_delivery(session, "records", "form_document", response.id, lane=case.id)


async def tell_professionals(session: AsyncSession, run: AssessmentRun) -> None:
    """An assessment with a wish to be contacted, to the assessment service's own list where it keeps one."""
    if run.result is not None and not run.trying:
        await want_delivery(session, "omaolo", "assessment_task", run.id)
