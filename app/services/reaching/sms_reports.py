"""What became of text messages, as the gateway reports it: who was not reached needs another way, and operators see it.

Reports may come twice, out of order, and before our own sending has been written down. `delivered` and `failed` are
final: the first of them is believed. It is kept in the delivery's `receiver_version`.
"""

import re
import uuid

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.integrations.sms.port import Delivery as SmsReport
from app.models import Delivery
from app.services.deliveries.queue import settle

log = structlog.get_logger(__name__)

KINDS = ("notice_sms", "verification_code")
FINAL = ("delivered", "failed")


async def note_sms_report(session: AsyncSession, report: SmsReport) -> Delivery | None:
    """Write a believed report down; the delivery it is about, None where we know of no such message.

    delivered settles what was in doubt as done; failed makes it `refused`, with the gateway's reason; accepted settles
    what was in doubt, because the message is certainly there. What a person has settled stays settled.
    """
    delivery = await _find(session, report)
    if delivery is None:
        log.warning("sms_report_unknown", state=report.state)
        return None
    final = delivery.receiver_id == report.id and delivery.receiver_version in FINAL
    if final or delivery.state == "dropped":
        return delivery
    ends_as = _end(delivery.state, report.state)
    if ends_as:
        delivery.receiver_id = report.id
        delivery.receiver_version = report.state if report.state in FINAL else ""
        await settle(session, delivery, ends_as, _reason(report))
    await session.flush()
    return delivery


async def _find(session: AsyncSession, report: SmsReport) -> Delivery | None:
    """By the gateway's name of the message; else by ours, where the answer with the gateway's was lost or is still on
    its way. A delivery that has arrived as another message since is not meant."""
    mine = select(Delivery).where(Delivery.kind.in_(KINDS)).with_for_update()
    found = await session.scalar(mine.where(Delivery.receiver_id == report.id))
    reference = _as_id(report.client_reference)
    if found is not None or reference is None:
        return found
    in_doubt = Delivery.receiver_id.is_(None) | Delivery.state.in_(("sending", "unknown"))
    return await session.scalar(mine.where(Delivery.id == reference, in_doubt))


def _as_id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _end(state: str, told: str) -> str | None:
    """How a delivery in `state` ends by what is told of its message; None where that changes nothing."""
    if told == "delivered":
        return "done"
    if told == "failed" and state != "waiting":  # a waiting one goes anyhow
        return "refused"
    if told == "accepted" and state in {"sending", "unknown"}:
        return "done"
    return None


def _reason(report: SmsReport) -> str:
    """The gateway's word where it is one; a sentence may hold the number, and all staff read it."""
    if report.state != "failed":
        return ""
    word = report.reason if re.fullmatch(r"[A-Za-z_]{1,60}", report.reason) else "failed"
    return f"not delivered: {word}"
