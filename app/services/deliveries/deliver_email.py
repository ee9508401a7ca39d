"""E-mail: notices for those who want them there too, and codes that prove an address."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.content import load
from app.domain.text import Language, Text, as_language
from app.integrations.email.port import OutgoingEmail
from app.models import Delivery, Notice, Person
from app.services.county import read_county
from app.services.deliveries.kind import Carrier, Once, PlainKind, Receipt, Refusal
from app.services.identity.vault import IdentityVault
from app.services.reaching.code_on_its_way import code_to_send, unseal
from app.services.reaching.email_addresses import email_address
from app.services.reaching.notices import notice_words


class EmailMessage(PlainKind):
    """At most once: the mail server would take a repeat for a second message."""

    system = "email"
    once: Once = "at_most_once"

    async def send(self, carrier: Carrier, prepared: OutgoingEmail) -> Receipt:
        return Receipt((await carrier.ports.email.send(prepared)).id)


class NoticeByEmail(EmailMessage):
    """A notice to somebody who has chosen e-mail, beside Suomi.fi Messages."""

    name = "notice_email"

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> OutgoingEmail | None:  # noqa: ARG002
        address = await email_address(session, delivery.about_id)
        query = select(Notice.kind, Person.language).join(Person, Person.id == Notice.person_id)
        row = (await session.execute(query.where(Notice.id == delivery.about_id))).one_or_none()
        if row is None or not address:
            return None
        words, language = notice_words(row[0]), as_language(row[1])
        text = f"{words['body'].to(language)}\n\n{read_county().names.to(language)}"
        return OutgoingEmail(str(delivery.id), address, words["title"].to(language), text)


class VerificationEmail(EmailMessage):
    """The code that proves an address; about a contact point. One that has run out, or was asked anew, goes nowhere."""

    name = "verification_email"

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> OutgoingEmail | None:
        found = await code_to_send(session, delivery, vault)
        if found is None:
            return None
        address, code, language = found
        subject, text = code_words(code, language)
        return OutgoingEmail(str(delivery.id), address, subject, text)

    async def arrived(self, session: AsyncSession, delivery: Delivery, receipt: Receipt, vault: IdentityVault) -> None:  # noqa: ARG002
        """The code itself is not needed any more; its hash stays for checking."""
        await unseal(session, delivery)

    async def failed(self, session: AsyncSession, delivery: Delivery, refusal: Refusal) -> str:  # noqa: ARG002
        """Nobody else can mend it: whoever waits for the code looks at the address and asks again."""
        await unseal(session, delivery)
        return "dropped"


def code_words(code: str, language: Language) -> tuple[str, str]:
    """Subject and text: the code (not in the subject), how long it is good, and the county; never whose it is."""
    words = load("email_texts.json")["verification_code"]
    text = Text(words["text"]).to(language).format(code=code, county=read_county().names.to(language))
    return Text(words["subject"]).to(language), text
