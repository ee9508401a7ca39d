"""Notices that something waits. What it is about is read here, after signing in, never in the notice."""

import uuid
from collections.abc import Mapping
from functools import cache

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.content import load
from app.domain.phone import can_get_texts
from app.domain.text import Text
from app.models import Appointment, Notice
from app.services.delivery import want_delivery


async def add_notice(session: AsyncSession, appointment: Appointment, kind: str) -> Notice:
    """A notice of `kind` (a key of content/notices.json) to the person whose appointment it is, and on its way."""
    notice = Notice(id=uuid.uuid4(), person_id=appointment.subject_id, appointment_id=appointment.id, kind=kind)
    session.add(notice)
    await session.flush()
    await want_delivery(session, "suomifi-messages", "notice", notice.id)
    return notice


@cache
def notice_words(kind: str) -> Mapping[str, Text]:
    """The words of a kind of notice: title, body."""
    return {name: Text(text) for name, text in load("notices.json")[kind].items()}


async def phone_for(session: AsyncSession, notice_id: uuid.UUID) -> str:
    """A number that can get text messages, as the resident gave it for the appointment; empty where there is none."""
    query = select(Appointment.phone).join(Notice, Notice.appointment_id == Appointment.id)
    phone = await session.scalar(query.where(Notice.id == notice_id)) or ""
    return phone if can_get_texts(phone) else ""
