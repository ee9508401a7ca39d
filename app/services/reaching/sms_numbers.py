"""To which number a text message may go."""

import uuid

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.phone import can_get_texts
from app.models import ContactPoint, Notice
from app.services.reaching.notices import is_still_told, phone_for
from app.services.reaching.notification_choices import wants_sms


async def sms_number(session: AsyncSession, notice_id: uuid.UUID) -> str:
    """The number for a notice: the one that its recipient gave for that appointment, else the one that they have
    proved to be theirs. Empty where there is none, where they have chosen no text messages, or where the notice may
    not be told any more. For jobs, which see all."""
    recipient = await session.scalar(select(Notice.person_id).where(Notice.id == notice_id))
    if recipient is None or not await wants_sms(session, recipient) or not await is_still_told(session, notice_id):
        return ""
    return await phone_for(session, notice_id) or await _verified(session, recipient)


async def _verified(session: AsyncSession, person_id: uuid.UUID) -> str:
    query = select(ContactPoint.value).where(
        ContactPoint.person_id == person_id, ContactPoint.kind == "phone", ContactPoint.verified_at.is_not(None)
    )
    phone = await session.scalar(query) or ""
    return phone if can_get_texts(phone) else ""
