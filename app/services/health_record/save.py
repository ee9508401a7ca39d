"""Saving the result of an assessment to the resident's own Kanta record, when they ask for it, and how far that is."""

import uuid
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import AssessmentRun, Delivery, Person
from app.services.assessing.runs import is_for_another, refuse_trial, version_of
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.deliveries.queue import OPEN_STATES, reopen, want_delivery
from app.services.errors import DomainError, NotFound
from app.services.health_record.consent import ENDED, MENDED_BY_CONSENT, SAVING, SYSTEM, allows_saving, find_consent
from app.services.identity.finnish_code import has_finnish_code
from app.services.viewer import Viewer

# offered: may be saved · needs_consent: was to be saved, the consent ended before · stuck: operators see it
Saving = Literal["offered", "on_its_way", "saved", "needs_consent", "stuck"]


class ConsentNeeded(DomainError):
    """No consent holds that lets us save: the resident is asked for one first."""


async def saving_of(session: AsyncSession, viewer: Viewer | None, run: AssessmentRun) -> Saving | None:
    """How far the saving of the viewer's own result is; None where there is nothing that they could save."""
    if run.trying or not _is_own_result(viewer, run):
        return None
    assert viewer is not None  # noqa: S101 - nobody has no result of their own
    if not has_finnish_code(await session.get_one(Person, viewer.person_id)):
        return None  # Kanta knows people by their Finnish identity code
    delivery = await _latest(session, run.id)
    if delivery is None or delivery.state == "dropped":
        return "offered"
    if delivery.state in OPEN_STATES:
        return "on_its_way"
    if delivery.state == "done":
        return "saved" if delivery.receiver_version == version_of(run) else "offered"
    return await _after_refusal(session, viewer, delivery)


async def _after_refusal(session: AsyncSession, viewer: Viewer, delivery: Delivery) -> Saving:
    """A refusal that a consent mends: it is missing, or came in the moment when the saving failed for want of it."""
    if delivery.state != "refused" or delivery.reason not in MENDED_BY_CONSENT:
        return "stuck"
    if not allows_saving(await find_consent(session, viewer)):
        return "needs_consent"
    return "offered" if delivery.reason == ENDED else "stuck"


async def save_run_to_health_record(session: AsyncSession, viewer: Viewer, run: AssessmentRun) -> None:
    """The result goes to the record, once however often it is asked for.

    Raises TryingOnly for a trial, NotFound where it is not the viewer's own finished one about themselves, and
    ConsentNeeded.
    """
    refuse_trial(run)
    await session.refresh(run, with_for_update=True)  # two clicks at once save it once
    saving = await saving_of(session, viewer, run)
    if saving is None:
        raise NotFound
    if saving not in {"offered", "needs_consent"}:
        return
    if not allows_saving(await find_consent(session, viewer)):
        raise ConsentNeeded
    earlier = await _latest(session, run.id)
    if earlier is not None and earlier.state == "refused":
        await reopen(session, earlier)
    else:
        await want_delivery(session, SYSTEM, SAVING, run.id, lane=viewer.person_id)
    clock, target = await read_clock(session), ("assessment_run", run.id)
    await trail.record(session, clock, viewer, "save_to_health_record", target, subject_id=run.subject_id)


def _is_own_result(viewer: Viewer | None, run: AssessmentRun) -> bool:
    own = (
        viewer is not None
        and viewer.person_id is not None
        and viewer.acting is None
        and run.subject_id == viewer.person_id
    )
    return own and run.result is not None and not is_for_another(run)


async def _latest(session: AsyncSession, run_id: uuid.UUID) -> Delivery | None:
    wanted = select(Delivery).where(Delivery.about_id == run_id, Delivery.kind == SAVING)
    return await session.scalar(wanted.order_by(Delivery.number.desc()).limit(1))
