"""Two persons for clinical content: sent for review, approved or returned by somebody else, published, retired."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified

from app.content import load
from app.domain.forms.desk.texts import entries_of, missing_texts
from app.domain.forms.notes import FormRefused
from app.domain.staff_roles import SERVICE_TASKS
from app.domain.text import Language
from app.models import Questionnaire, Unit
from app.services.clock import read_clock
from app.services.errors import DomainError
from app.services.forms.desk.events import DeskEvent, history, note_event
from app.services.forms.desk.versions import NotEditable, lock_version, read_whole, versions_of
from app.services.viewer import Viewer

CHANGES = ("imported", "copied", "settings", "edited")
Lack = Literal[
    "refused", "titles", "unit", "limits", "service_task", "who", "kind", "as_before", "approval", "texts", "day"
]


class NotReady(DomainError):
    """The version can't be published as it is; `lacks` say why."""

    def __init__(self, lacks: tuple[Lack, ...]) -> None:
        super().__init__(", ".join(lacks))
        self.lacks = lacks


class NotSecondPerson(DomainError):
    """Who has brought the version in or changed anything of it does not approve it."""


@dataclass(frozen=True)
class Standing:
    """Where a version stands on its way: `two_persons` are needed, who has approved it as it is now, what it lacks (the
    day apart), how many texts miss a language, and whether the viewer may be the second person."""

    two_persons: bool
    approved: DeskEvent | None
    lacks: tuple[Lack, ...]
    missing: Mapping[Language, int]
    may_approve: bool


async def standing_of(session: AsyncSession, viewer: Viewer, form: Questionnaire) -> Standing:
    """Where `form` stands. Its content must have been fetched."""
    events = await history(session, form.id)
    missing = missing_texts(entries_of(form.content))
    two = await _needs_two(session, form, events)
    approved = _approval(form, events)
    lacks = [*await _lacks_of_settings(session, form)]
    if two and approved is None:
        lacks.append("approval")
    if two and missing:
        lacks.append("texts")
    return Standing(two, approved, tuple(lacks), missing, _may_approve(viewer, form, events))


async def send_for_review(session: AsyncSession, viewer: Viewer, version_id: uuid.UUID, revision: int) -> None:
    """Ask another content owner to look at a draft. Raises NotFound, ChangedMeanwhile, NotEditable."""
    form = await _in_state(session, version_id, revision, "draft")
    form.state = "in_review"
    await note_event(session, viewer, form, "sent_for_review")


async def approve(session: AsyncSession, viewer: Viewer, version_id: uuid.UUID, revision: int) -> None:
    """Approve a version as it is now. Raises NotFound, ChangedMeanwhile, NotEditable, NotSecondPerson."""
    form = await _in_state(session, version_id, revision, "in_review")
    if not _may_approve(viewer, form, await history(session, form.id)):
        raise NotSecondPerson
    flag_modified(form, "state")  # a new revision, though nothing else changes: pages opened before are too old now
    await note_event(session, viewer, form, "approved")


async def return_draft(
    session: AsyncSession, viewer: Viewer, version_id: uuid.UUID, revision: int, reason: str
) -> None:
    """Give a version back to be mended. Raises NotFound, ChangedMeanwhile, NotEditable."""
    form = await _in_state(session, version_id, revision, "in_review")
    form.state = "draft"
    await note_event(session, viewer, form, "returned", reason=reason)


async def publish(
    session: AsyncSession,
    viewer: Viewer,
    version_id: uuid.UUID,
    revision: int,
    effective: date,
    *,
    although_missing: bool = False,
) -> None:
    """Publish: the version is filled in from the day `effective` on, the one before it until then.

    `although_missing`: texts that lack a language are known of; never for what needs two persons. Raises NotFound,
    ChangedMeanwhile, NotEditable and NotReady.
    """
    form = await _in_state(session, version_id, revision, "draft", "in_review")
    clock, standing = await read_clock(session), await standing_of(session, viewer, form)
    lacks = [*standing.lacks]
    if standing.missing and not although_missing and "texts" not in lacks:
        lacks.append("texts")
    if effective < clock.today:
        lacks.append("day")
    if lacks:
        raise NotReady(tuple(lacks))
    form.state, form.effective_from, form.published_at = "published", effective, clock.now
    told = {"effective": effective.isoformat(), "missing": dict(standing.missing)}
    await note_event(session, viewer, form, "published", **told)


async def older_in_force(session: AsyncSession, form: Questionnaire) -> Questionnaire | None:
    """The published version that would be filled in again if `form` were retired alone."""
    older = [one for one in await _published_before(session, form) if one.id != form.id]
    return max(older, key=lambda one: (str(one.effective_from), str(one.published_at)), default=None)


async def retire(
    session: AsyncSession, viewer: Viewer, version_id: uuid.UUID, revision: int, *, older_too: bool
) -> None:
    """Nobody begins to fill the version in any more; drafts of residents are finished as they were begun.

    `older_too`: nor an earlier one, which else is filled in again: one person may let that happen also with clinical
    content, because two persons have approved that version as it is. Raises NotFound, ChangedMeanwhile, and NotEditable
    where it has been retired already.
    """
    form = await _in_state(session, version_id, revision, "draft", "in_review", "published")
    clock = await read_clock(session)
    before = [one for one in await _published_before(session, form) if one.id != form.id] if older_too else []
    for one in (form, *before):
        one.state, one.retired_at = "retired", clock.now
        await note_event(session, viewer, one, "retired")


async def _published_before(session: AsyncSession, form: Questionnaire) -> Sequence[Questionnaire]:
    """Those of the same form that are published and took effect no later than this one."""
    if form.state != "published":
        return ()
    query = select(Questionnaire).where(
        Questionnaire.code == form.code,
        Questionnaire.state == "published",
        Questionnaire.effective_from <= form.effective_from,
    )
    return (await session.scalars(query)).all()


async def _in_state(session: AsyncSession, version_id: uuid.UUID, revision: int, *states: str) -> Questionnaire:
    form = await lock_version(session, version_id, revision)
    if form.state not in states:
        raise NotEditable
    return form


async def _needs_two(session: AsyncSession, form: Questionnaire, events: Sequence[DeskEvent]) -> bool:
    """Clinical content, and what was called so before: nobody takes the mark away to publish alone."""
    called_so = any(one.event.event == "settings" and one.event.detail.get("clinical") for one in events)
    earlier = await versions_of(session, form.code)
    return form.clinical or called_so or any(one.clinical and one.published_at for one in earlier)


def _approval(form: Questionnaire, events: Sequence[DeskEvent]) -> DeskEvent | None:
    """The approval of the version as it is: one of an earlier revision counts for nothing."""
    approvals = (one for one in events if one.event.event == "approved" and one.revision == form.revision)
    return next(approvals, None) if form.state == "in_review" else None


def _may_approve(viewer: Viewer, form: Questionnaire, events: Sequence[DeskEvent]) -> bool:
    """Nobody whose own work is in the version: who brought it in or changed anything of it since."""
    barred = {one.event.staff_id for one in events if one.event.event in CHANGES}
    return form.state == "in_review" and viewer.may("edit_content") and viewer.staff_id not in barred


async def _lacks_of_settings(session: AsyncSession, form: Questionnaire) -> Sequence[Lack]:
    known = {row["id"] for row in load("time_limits.json")["rules"] if row["register"] == form.register}
    social = form.register == "social"
    checks: Mapping[Lack, bool] = {
        "refused": _is_refused(form),
        "titles": not (form.titles.complete and form.summaries.complete),
        "unit": await session.get(Unit, form.unit_code) is None,
        "limits": not set(form.limit_rules) <= known,
        "service_task": (form.service_task not in SERVICE_TASKS) if social else form.service_task is not None,
        "who": form.kind == "application" and form.who != "signed_in",
        "kind": form.kind == "application" and not social,
        "as_before": await _differs(session, form),
    }
    return [lack for lack, lacking in checks.items() if lacking]


async def _differs(session: AsyncSession, form: Questionnaire) -> bool:
    """Whether its kind or register is another than that of a version which has been published: drafts of that one are
    finished in this one, and what was sent to it stays where it is."""
    earlier = [one for one in await versions_of(session, form.code) if one.published_at and one.id != form.id]
    return any((one.kind, one.register) != (form.kind, form.register) for one in earlier)


def _is_refused(form: Questionnaire) -> bool:
    try:
        read_whole(form.content)
    except FormRefused:
        return True
    return False
