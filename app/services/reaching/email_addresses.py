"""To which address an e-mail may go."""

import uuid

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import ContactPoint, Delivery, Notice
from app.services.deliveries.queue import want_delivery
from app.services.reaching.notices import is_still_told
from app.services.reaching.notification_choices import wants_email


async def email_address(session: AsyncSession, notice_id: uuid.UUID) -> str:
    """The address for a notice: the one that its recipient has proved to be theirs. Empty where there is none, where
    they have not chosen e-mail, or where the notice may not be told any more. For jobs, which see all."""
    recipient = await session.scalar(select(Notice.person_id).where(Notice.id == notice_id))
    if recipient is None or not await wants_email(session, recipient) or not await is_still_told(session, notice_id):
        return ""
    query = select(ContactPoint.value).where(
        ContactPoint.person_id == recipient, ContactPoint.kind == "email", ContactPoint.verified_at.is_not(None)
    )
    return await session.scalar(query) or ""


async def want_email_too(session: AsyncSession, notice_id: uuid.UUID) -> None:
    """Let the notice go by e-mail beside the mailbox, once, where its recipient has chosen that. For jobs."""
    asked = select(Delivery.id).where(Delivery.kind == "notice_email", Delivery.about_id == notice_id)
    if await session.scalar(asked) is None and await email_address(session, notice_id):
        await want_delivery(session, "email", "notice_email", notice_id)


async def goes_by_email(session: AsyncSession, notice_id: uuid.UUID) -> bool:
    """Whether an e-mail about it is on its way or was sent."""
    ends = ("waiting", "sending", "done")
    query = select(Delivery.id).where(
        Delivery.kind == "notice_email", Delivery.about_id == notice_id, Delivery.state.in_(ends)
    )
    return await session.scalar(query) is not None
