"""The answers of an assessment to a professional's list at the assessment service, where it keeps one (Omaolo does)."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.text import as_language
from app.integrations.omaolo.port import Contact, NotOffered, Result, SentAssessment
from app.models import AssessmentRun, ContactRequest, Delivery
from app.services.assessing.assess import RESULT, all_answers
from app.services.deliveries.deliver_case import result_id
from app.services.deliveries.kind import Carrier, NotSendable, PlainKind, Receipt, Refusal
from app.services.identity.vault import IdentityVault

_NOT_OFFERED = "the service keeps no list for professionals"


class AssessmentToProfessional(PlainKind):
    """Sent with the contact request that goes with it; its key there is the run's id."""

    system = "omaolo"
    name = "assessment_task"

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> SentAssessment | None:  # noqa: ARG002
        run = await session.get(AssessmentRun, delivery.about_id)
        if run is None or run.result is None or run.trying:
            return None
        contact = await session.scalar(select(ContactRequest).where(ContactRequest.case_id == run.case_id))
        if contact is None:
            return None
        result: Result = RESULT.validate_python(run.result)
        return SentAssessment(
            identifier=result_id(run),
            assessment_id=run.assessment_id,
            version=result.version,
            language=as_language(run.language),
            answers=all_answers(run),
            contact=Contact(contact.name, contact.phone, contact.reachable),
        )

    async def send(self, carrier: Carrier, prepared: SentAssessment) -> Receipt:
        try:
            return Receipt((await carrier.ports.omaolo.send_to_professional(prepared)).id)
        except NotOffered as error:
            raise NotSendable(_NOT_OFFERED) from error

    async def failed(self, session: AsyncSession, delivery: Delivery, refusal: Refusal) -> str:  # noqa: ARG002
        """Our own desk has the case already: where the service keeps no list, nobody misses it there."""
        return "dropped" if refusal.reason == _NOT_OFFERED else "refused"
