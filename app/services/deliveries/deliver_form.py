"""Forms that were sent in a case of an identified person, to the record system of its register."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.text import as_language
from app.integrations.records.port import OutgoingDocument, register_named
from app.models import Case, Delivery, FormResponse
from app.services.deliveries.deliver_case import SYSTEM, identity_codes
from app.services.deliveries.kind import Carrier, PlainKind, Receipt
from app.services.forms.drafts import is_for_another
from app.services.forms.in_words import lines_of
from app.services.forms.sent import show_sent
from app.services.identity.vault import IdentityVault


class SendForm(PlainKind):
    """The response as FHIR and in words. It never changes; a correction is a response of its own."""

    system = SYSTEM
    name = "form_document"

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> OutgoingDocument | None:
        response = await session.get(FormResponse, delivery.about_id)
        case = await session.get(Case, response.case_id) if response and response.case_id else None
        codes = await identity_codes(session, case, vault) if case else None
        if response is None or case is None or codes is None or response.sent_at is None:
            return None
        language = as_language(response.language)
        sent = await show_sent(session, response)
        return OutgoingDocument(
            identifier=str(response.id),
            register=register_named(case.register, case.service_task),
            kind=f"form:{response.code}",
            made_at=response.sent_at,
            language=language,
            title=response.titles.to(language),
            subject_identity_code=codes[0],
            text="\n".join(lines_of(sent.state, language, for_another=is_for_another(response))),
            fhir=response.response,
            case_identifier=str(case.id),
        )

    async def send(self, carrier: Carrier, prepared: OutgoingDocument) -> Receipt:
        return Receipt((await carrier.ports.records.send_document(prepared)).id)
