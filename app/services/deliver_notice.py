"""Notices to Suomi.fi Messages."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.text import as_language
from app.integrations.suomifi.messages.port import NoMailbox, OutgoingNotice
from app.models import Delivery, Notice, Person
from app.services.delivery import want_delivery
from app.services.delivery_kind import Carrier, PlainKind, Receipt, Refusal
from app.services.identity_vault import IdentityVault
from app.services.notices import notice_words, phone_for


class NoticeToMailbox(PlainKind):
    """The notice as a message in the resident's official mailbox; its key there is the notice's id."""

    system = "suomifi-messages"
    name = "notice"

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> OutgoingNotice | None:
        query = select(Notice, Person).join(Person, Person.id == Notice.person_id).where(Notice.id == delivery.about_id)
        row = (await session.execute(query)).one_or_none()
        if row is None:
            return None
        notice, person = row
        if person.identity_sealed is None:
            return None
        words, language = notice_words(notice.kind), as_language(person.language)
        return OutgoingNotice(
            external_id=f"notice-{notice.id}",
            recipient_identity_code=vault.open(person.identity_sealed),
            title=words["title"].to(language),
            body=words["body"].to(language),
            notification_title=words["title"],
            notification_content=words["body"],
        )

    async def send(self, carrier: Carrier, prepared: OutgoingNotice) -> Receipt:
        return Receipt(str(await carrier.ports.messages.send(prepared)))

    async def failed(self, session: AsyncSession, delivery: Delivery, refusal: Refusal) -> str:
        """Somebody without a mailbox gets a text message instead, where we know a number; else operators see it."""
        if not isinstance(refusal, NoMailbox):
            return "refused"
        if not await phone_for(session, delivery.about_id):
            return "refused"
        await want_delivery(session, "sms", "notice_sms", delivery.about_id)
        return "dropped"
