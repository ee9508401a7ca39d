"""Text messages: notices for those who have no official mailbox, and codes that prove a number."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.content import load
from app.domain.text import Text, as_language
from app.integrations.http import Unavailable
from app.integrations.sms.port import CreditOut, OutgoingSms
from app.models import Delivery, Notice, Person
from app.services.county import read_county
from app.services.deliveries.kind import Carrier, Once, PlainKind, Receipt, Refusal
from app.services.identity.vault import IdentityVault
from app.services.reaching.code_on_its_way import code_to_send, unseal
from app.services.reaching.notices import notice_words
from app.services.reaching.sms_numbers import sms_number


class TextMessage(PlainKind):
    """At most once: the gateway would take a repeat for a second message."""

    system = "sms"
    once: Once = "at_most_once"

    async def send(self, carrier: Carrier, prepared: OutgoingSms) -> Receipt:
        try:
            receipt = await carrier.ports.sms.send(prepared)
        except CreditOut as error:  # says nothing of the message: it waits until somebody has paid
            raise Unavailable(error.system, error.reason, asked=False) from error
        return Receipt(receipt.id)


class NoticeBySms(TextMessage):
    """A notice to somebody without an official mailbox, where they want text messages."""

    name = "notice_sms"

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> OutgoingSms | None:  # noqa: ARG002
        phone = await sms_number(session, delivery.about_id)
        query = select(Notice.kind, Person.language).join(Person, Person.id == Notice.person_id)
        row = (await session.execute(query.where(Notice.id == delivery.about_id))).one_or_none()
        if row is None or not phone:
            return None
        kind, language = row
        words = notice_words(kind)["body"].to(as_language(language))
        return OutgoingSms(client_reference=str(delivery.id), to=phone, text=words)


class VerificationCode(TextMessage):
    """The code that proves a number; about a contact point. One that has run out, or was asked anew, goes nowhere."""

    name = "verification_code"

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> OutgoingSms | None:
        found = await code_to_send(session, delivery, vault)
        if found is None:
            return None
        number, code, language = found
        return OutgoingSms(client_reference=str(delivery.id), to=number, text=code_words(code, language))

    async def arrived(self, session: AsyncSession, delivery: Delivery, receipt: Receipt, vault: IdentityVault) -> None:  # noqa: ARG002
        """The code itself is not needed any more; its hash stays for checking."""
        await unseal(session, delivery)

    async def failed(self, session: AsyncSession, delivery: Delivery, refusal: Refusal) -> str:  # noqa: ARG002
        """Nobody else can mend it: whoever waits for the code looks at the number and asks again."""
        await unseal(session, delivery)
        return "dropped"


def code_words(code: str, language: str) -> str:
    """The whole text: the code, how long it is good, and the county; never whose it is or what for."""
    wanted = as_language(language)
    words = Text(load("sms_texts.json")["verification_code"]).to(wanted)
    return words.format(code=code, county=read_county().names.to(wanted))
