"""Drafts: begun, filled page by page, found again on another device, thrown away."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from app.domain.clock import Clock
from app.domain.forms.answers import Address, Answers, from_data, to_data
from app.domain.forms.computing.compute import compute, memo_to_data, propose
from app.domain.forms.computing.memo import EMPTY, Memo
from app.domain.forms.responding.carry import carry_over
from app.domain.forms.state import Known, State
from app.domain.forms.values import Value
from app.domain.text import Language, as_language
from app.models import FormResponse, FormTask, Questionnaire
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.errors import DomainError, NotFound
from app.services.forms.alarm import is_alarming
from app.services.forms.known import known_for
from app.services.forms.library import ReadForm, current_id, read_version
from app.services.forms.limits import OPEN_HERE, TooManyDrafts, refuse_too_much
from app.services.forms.origins import Origin, forget_changed, note_origins
from app.services.forms.standing import Standing, forget, read_standing, remember
from app.services.forms.versions import bring_up_to_date
from app.services.viewer import Viewer, refuse_without_right

CONCERN = "concern"
# In this browser without signing in; or by the same person for the same subject, on any device.
_MINE = or_(
    and_(FormResponse.session_id == bindparam("session"), FormResponse.subject_id.is_(None)),
    and_(FormResponse.actor_id == bindparam("actor"), FormResponse.subject_id == bindparam("subject")),
)
# The draft, the digest of its version, and the version that is filled in today; made once, as every page asks for it.
_OWN = (
    select(FormResponse, Questionnaire.digest, current_id(FormResponse.code, bindparam("today")))
    .join(Questionnaire, Questionnaire.id == FormResponse.questionnaire_id)
    .where(FormResponse.id == bindparam("id"), _MINE)
    .options(*(defer(column, raiseload=True) for column in (FormResponse.answers, FormResponse.memo)))  # standing.py
)
# One that was read before the lock may have been changed meanwhile: it is read anew.
_OWN_LOCKED = _OWN.with_for_update(of=FormResponse).execution_options(populate_existing=True)


class SignInFirst(DomainError):
    """The form is filled in only by somebody who has signed in."""


class DraftGone(NotFound):
    """There is no such draft here (any more): it is somebody else's, was thrown away, or is a notice of concern that
    has been sent or whose session has ended. Nobody is told which."""


class AlreadySent(DomainError):
    """The draft has been sent meanwhile, perhaps in another tab: it stays as it was sent."""

    def __init__(self, response_id: uuid.UUID) -> None:
        super().__init__(str(response_id))
        self.response_id = response_id


@dataclass(frozen=True)
class Filling:
    """A draft with its form, and what is kept of where it stands. `current`: its version is filled in today."""

    response: FormResponse
    read: ReadForm
    known: Known
    standing: Standing = field(repr=False)
    current: bool = True

    @cached_property
    def state(self) -> State:
        """Where the form stands, worked out when somebody asks: whoever puts in answers at once need not know."""
        return self.standing.state or self._worked_out()

    def _worked_out(self) -> State:
        computed = compute(self.read.form, self.standing.answers, self.known, self.standing.memo)
        remember(self.standing.name, self.known, computed)
        return computed.state


@dataclass(frozen=True)
class Earlier:
    """Answers to begin with, and where they come from; `shown`: what of them is shown beside (versions.py)."""

    answers: Answers
    origin: Origin
    shown: Mapping[str, Any]


async def start_draft(
    session: AsyncSession,
    viewer: Viewer,
    form: Questionnaire,
    language: Language,
    task: FormTask | None = None,
    earlier: Earlier | None = None,
) -> FormResponse:
    """Begin to fill a form. A notice of concern is bound to the browser session only, whoever has signed in.

    Raises SignInFirst, TooManyDrafts, and NoRight where the viewer acts for another whose matters of this register are
    not theirs.
    """
    response = _empty(viewer, form, language)
    if response.subject_id is None:
        await _refuse_too_many(session, viewer)
    response.task_id = task.id if task and form.kind != CONCERN else None
    if earlier is None:
        return await _begin(session, viewer, response, Answers())
    response.shown = dict(earlier.shown)
    return await _begin(session, viewer, response, earlier.answers, earlier.origin)


async def start_from(session: AsyncSession, viewer: Viewer, form: Questionnaire, sent: FormResponse) -> FormResponse:
    """Begin to correct what was sent: the same answers, as far as they fit the form of today."""
    response = _empty(viewer, form, as_language(sent.language))
    response.amends_id = sent.id
    then, now = await read_version(session, sent.questionnaire_id), await read_version(session, form.id)
    return await _begin(session, viewer, response, carry_over(then.form, from_data(sent.answers), now.form).answers)


async def _refuse_too_many(session: AsyncSession, viewer: Viewer) -> None:
    begun = select(func.count()).where(
        FormResponse.session_id == viewer.session_id, FormResponse.subject_id.is_(None), FormResponse.state == "draft"
    )
    if (await session.scalar(begun) or 0) >= OPEN_HERE:
        raise TooManyDrafts


def _empty(viewer: Viewer, form: Questionnaire, language: Language) -> FormResponse:
    if form.who == "signed_in" and viewer.person_id is None:
        raise SignInFirst
    nobodys = form.kind == CONCERN
    if not nobodys:
        refuse_without_right(viewer, form.register)
    return FormResponse(
        id=uuid.uuid4(),
        questionnaire_id=form.id,
        code=form.code,
        titles=form.titles,
        register=form.register,
        service_task=form.service_task,
        session_id=viewer.session_id,
        subject_id=None if nobodys else viewer.subject_id,
        actor_id=None if nobodys else viewer.person_id,
        basis=None if nobodys else viewer.basis,
        language=language,
    )


async def _begin(
    session: AsyncSession, viewer: Viewer, response: FormResponse, answers: Answers, origin: Origin | None = None
) -> FormResponse:
    """Keep a new draft, with what the form proposes where nothing is answered yet, and where all of it comes from."""
    clock = await read_clock(session)
    response.started_at = clock.now
    read = await read_version(session, response.questionnaire_id)
    known = await known_for(session, viewer, response, read.form, clock, begins=True)
    proposed = propose(read.form, answers, known, None)
    kept = keep(response, read, known, answers.with_values(proposed), EMPTY, clock)
    origins: dict[Address, Origin] = dict.fromkeys(answers.values, origin) if origin else {}
    origins |= dict.fromkeys((one for one in proposed if _is_known(read, one, proposed[one])), Origin("known"))
    note_origins(response, read.form, kept.answers, origins)
    session.add(response)
    await session.flush()
    await _audit(session, clock, viewer, "start", response)
    return response


async def open_draft(session: AsyncSession, viewer: Viewer | None, response_id: uuid.UUID, *, change: bool) -> Filling:
    """The viewer's own draft and where it stands; `change` locks it, so that two tabs add to each other.

    Raises DraftGone also for anybody else's, AlreadySent for one that is no draft any more.
    """
    if viewer is None:
        raise DraftGone
    clock = await read_clock(session)
    query, wanted = _OWN_LOCKED if change else _OWN, {"id": response_id, "today": clock.today, **_whose(viewer)}
    found = (await session.execute(query, wanted)).one_or_none()
    if found is None and change:
        # One that was sent while this waited for its lock: its case shows itself only to a look that begins afterwards.
        found = (await session.execute(query, wanted)).one_or_none()
    if found is None:
        raise DraftGone
    response, digest, current = found
    if response.state == "sent":
        raise AlreadySent(response.id)
    read = await read_version(session, response.questionnaire_id, digest)
    known = await known_for(session, viewer, response, read.form, clock)
    standing = await read_standing(session, response, read.form, known)
    return Filling(response, read, known, standing, current in (None, response.questionnaire_id))


async def renewed(session: AsyncSession, viewer: Viewer | None, filling: Filling) -> Filling:
    """The same draft, in the version of the form that is filled in today."""
    if filling.current:
        return filling
    locked = await open_draft(session, viewer, filling.response.id, change=True)
    carried = await bring_up_to_date(session, locked.response, locked.read, locked.standing.answers)
    if carried is None:
        return locked
    read = await read_version(session, locked.response.questionnaire_id)
    standing = replace(locked.standing, memo=EMPTY)
    return await save(session, replace(locked, read=read, standing=standing), carried)


async def is_somebodys(session: AsyncSession, response_id: uuid.UUID) -> bool:
    """Whether it is there and about a person. A notice of concern is about nobody, and once it is sent it is not there
    any more."""
    query = select(FormResponse.id).where(FormResponse.id == response_id, FormResponse.subject_id.is_not(None))
    return await session.scalar(query) is not None


def is_for_another(response: FormResponse) -> bool:
    """Whether whoever fills it in does so for somebody else: the form speaks of "the person", not of "you"."""
    return response.subject_id != response.actor_id


async def save_answers(session: AsyncSession, filling: Filling, given: Mapping[Address, tuple[Value, ...]]) -> Filling:
    """Put the answers of a page into the draft; they stay there whatever becomes of the page. Raises TooMuchWritten."""
    before = filling.standing.answers
    after = before.with_values(given)
    refuse_too_much(before, after)
    return await save(session, filling, after)


async def save(session: AsyncSession, filling: Filling, answers: Answers, page: str | None = None) -> Filling:
    """Keep these answers in the draft, and the page that the resident is on now."""
    clock = await read_clock(session)
    if page is not None:
        filling.response.page = page
    standing = keep(filling.response, filling.read, filling.known, answers, filling.standing.memo, clock)
    await session.flush()
    return Filling(filling.response, filling.read, filling.known, standing)


async def turn_to(session: AsyncSession, filling: Filling, page: str) -> None:
    """Remember the page that the resident is on now; the answers have been kept already."""
    filling.response.page = page
    await session.flush()


def keep(response: FormResponse, read: ReadForm, known: Known, answers: Answers, memo: Memo, clock: Clock) -> Standing:
    """Work out where the form stands with these answers and write them to the draft; `memo` may save work."""
    computed = compute(read.form, answers, known, memo)
    types = {link: item.type for link, item in read.form.by_link.items()}
    forget(response.standing)
    response.standing = uuid.uuid4()
    response.answers = to_data(computed.state.answers, types)
    response.memo = memo_to_data(computed.memo)
    forget_changed(response, computed.state.answers)
    response.alarmed = is_alarming(computed.state)
    response.changed_at = clock.now
    return remember(response.standing, known, computed)


async def list_drafts(session: AsyncSession, viewer: Viewer) -> Sequence[FormResponse]:
    """The viewer's drafts for the one whose matters they look at, the latest first. Notices of concern are nowhere in
    a list: somebody else may look at the screen."""
    mine = and_(FormResponse.actor_id == viewer.person_id, FormResponse.subject_id == viewer.subject_id)
    query = select(FormResponse).where(FormResponse.state == "draft", mine).order_by(FormResponse.changed_at.desc())
    return (await session.scalars(query)).all()


async def unfinished(session: AsyncSession, viewer: Viewer | None, code: str) -> FormResponse | None:
    """The newest draft of this form that the viewer left half-way, for the same subject."""
    if viewer is None:
        return None
    query = select(FormResponse).where(
        FormResponse.code == code, FormResponse.state == "draft", _MINE, FormResponse.answers != {}
    )
    return await session.scalar(query.order_by(FormResponse.changed_at.desc()).limit(1), _whose(viewer))


async def throw_away(session: AsyncSession, viewer: Viewer, response_id: uuid.UUID) -> None:
    """Delete a draft with its files. Raises DraftGone, AlreadySent."""
    filling = await open_draft(session, viewer, response_id, change=True)
    await session.execute(delete(FormResponse).where(FormResponse.id == filling.response.id))
    forget(filling.standing.name)
    await _audit(session, await read_clock(session), viewer, "delete", filling.response)


def _whose(viewer: Viewer) -> dict[str, uuid.UUID | None]:
    """The parameters of `_MINE`."""
    return {"session": viewer.session_id, "actor": viewer.person_id, "subject": viewer.subject_id}


def _is_known(read: ReadForm, address: Address, proposed: tuple[Value, ...]) -> bool:
    """Whether what the form proposes is known of the person: a proposal that is the same for all needs no source."""
    item = read.form.by_link[address.link_id]
    expression = item.initial_expression
    return expression is not None and "%patient" in expression.text and proposed != item.initial


async def _audit(session: AsyncSession, clock: Clock, viewer: Viewer, action: str, response: FormResponse) -> None:
    """What somebody does with a form of a person's; nothing of a notice of concern, which is nobody's."""
    if response.subject_id is None:
        return
    await trail.record(
        session,
        clock,
        viewer,
        action,
        ("form_response", response.id),
        subject_id=response.subject_id,
        register=response.register,
        service_task=response.service_task,
    )
