"""Notices as text messages, for those who have no official mailbox."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.text import as_language
from app.integrations.http import Unavailable
from app.integrations.sms.port import CreditOut, OutgoingSms
from app.models import Delivery, Notice, Person
from app.services.delivery_kind import Carrier, Once, PlainKind, Receipt
from app.services.identity_vault import IdentityVault
from app.services.notices import notice_words, phone_for


class NoticeBySms(PlainKind):
    """At most once: the gateway would take a repeat for a second message."""

    system = "sms"
    name = "notice_sms"
    once: Once = "at_most_once"

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> OutgoingSms | None:  # noqa: ARG002
        phone = await phone_for(session, delivery.about_id)
        query = select(Notice.kind, Person.language).join(Person, Person.id == Notice.person_id)
        row = (await session.execute(query.where(Notice.id == delivery.about_id))).one_or_none()
        if row is None or not phone:
            return None
        kind, language = row
        words = notice_words(kind)["body"].to(as_language(language))
        return OutgoingSms(client_reference=str(delivery.id), to=phone, text=words)

    async def send(self, carrier: Carrier, prepared: OutgoingSms) -> Receipt:
        try:
            receipt = await carrier.ports.sms.send(prepared)
        except CreditOut as error:  # says nothing of the message: it waits until somebody has paid
            raise Unavailable(error.system, error.reason, asked=False) from error
        return Receipt(receipt.id)
