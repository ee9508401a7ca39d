"""Notices to Suomi.fi Messages, and by e-mail too where the resident has chosen that."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.text import as_language
from app.integrations.suomifi.messages.port import NoMailbox, OutgoingNotice
from app.models import Delivery, Notice, Person
from app.services.deliveries.kind import Carrier, NotWanted, PlainKind, Receipt, Refusal
from app.services.deliveries.queue import want_delivery
from app.services.identity.finnish_code import finnish_code
from app.services.identity.vault import IdentityVault
from app.services.reaching.email_addresses import goes_by_email, want_email_too
from app.services.reaching.notices import is_still_told, notice_words
from app.services.reaching.sms_numbers import sms_number


class NoticeToMailbox(PlainKind):
    """The notice as a message in the resident's official mailbox; its key there is the notice's id."""

    system = "suomifi-messages"
    name = "notice"

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> OutgoingNotice | None:
        query = select(Notice, Person).join(Person, Person.id == Notice.person_id).where(Notice.id == delivery.about_id)
        row = (await session.execute(query)).one_or_none()
        if row is None or not await is_still_told(session, delivery.about_id):
            return None
        await want_email_too(session, delivery.about_id)
        notice, person = row
        code = finnish_code(person, vault)
        if code is None:  # Suomi.fi Messages knows Finnish identity codes only: others get a text message
            if await sms_number(session, delivery.about_id):
                await want_delivery(session, "sms", "notice_sms", delivery.about_id)
            raise NotWanted("the person has no Finnish identity code")
        words, language = notice_words(notice.kind), as_language(person.language)
        return OutgoingNotice(
            external_id=f"notice-{notice.id}",
            recipient_identity_code=code,
            title=words["title"].to(language),
            body=words["body"].to(language),
            notification_title=words["title"],
            notification_content=words["body"],
        )

    async def send(self, carrier: Carrier, prepared: OutgoingNotice) -> Receipt:
        return Receipt(str(await carrier.ports.messages.send(prepared)))

    async def failed(self, session: AsyncSession, delivery: Delivery, refusal: Refusal) -> str:
        """Somebody without a mailbox gets a text message instead, where we know a number; else operators see it, unless
        it goes by e-mail."""
        if not isinstance(refusal, NoMailbox):
            return "refused"
        if not await sms_number(session, delivery.about_id):
            return "dropped" if await goes_by_email(session, delivery.about_id) else "refused"
        await want_delivery(session, "sms", "notice_sms", delivery.about_id)
        return "dropped"
