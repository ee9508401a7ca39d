"""Notices that something waits. What it is about is read here, after signing in, never in the notice."""

import uuid

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.content import load
from app.domain.text import Text, as_language
from app.integrations.http import Rejected, Unavailable
from app.integrations.suomifi.messages.port import Messages, OutgoingNotice
from app.models import Appointment, Notice, Person
from app.services.clock import read_clock
from app.services.identity_vault import IdentityVault

ACCOUNT_REFUSED = {401, 403}


async def add_notice(session: AsyncSession, appointment: Appointment, kind: str) -> Notice:
    """A notice of `kind` (a key of content/notices.json) to the person whose appointment it is."""
    notice = Notice(
        id=uuid.uuid4(), person_id=appointment.subject_id, appointment_id=appointment.id, kind=kind, reason=""
    )
    session.add(notice)
    await session.flush()
    return notice


async def find_notice(session: AsyncSession, notice_id: uuid.UUID, vault: IdentityVault) -> OutgoingNotice | None:
    """What to send, None where it has been sent, was refused, or the person has no identity code to send it to."""
    query = select(Notice, Person).join(Person, Person.id == Notice.person_id).where(Notice.id == notice_id)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    notice, person = row
    if notice.state != "waiting" or person.identity_sealed is None:
        return None
    words = {name: Text(text) for name, text in load("notices.json")[notice.kind].items()}
    language = as_language(person.language)
    return OutgoingNotice(
        external_id=f"notice-{notice.id}",
        recipient_identity_code=vault.open(person.identity_sealed),
        title=words["title"].to(language),
        body=words["body"].to(language),
        notification_title=words["title"],
        notification_content=words["body"],
    )


async def send_notice(messages: Messages, outgoing: OutgoingNotice) -> int | Rejected:
    """Hand the notice over: its message id, or the refusal. Raises Unavailable where trying again makes sense.

    A refusal of our account says nothing about the notice, so the notice waits until the account is in order.
    """
    try:
        return await messages.send(outgoing)
    except Rejected as refusal:
        if refusal.status in ACCOUNT_REFUSED:
            raise Unavailable(refusal.system, refusal.reason) from refusal
        return refusal


async def note_outcome(session: AsyncSession, notice_id: uuid.UUID, outcome: int | Rejected) -> None:
    """Write down that the notice went out, or why it never will."""
    clock = await read_clock(session)
    notice = await session.get_one(Notice, notice_id)
    notice.attempts += 1
    if isinstance(outcome, Rejected):
        notice.state, notice.reason = "refused", outcome.reason
    else:
        notice.state, notice.message_id, notice.sent_at = "sent", outcome, clock.now
    await session.flush()
