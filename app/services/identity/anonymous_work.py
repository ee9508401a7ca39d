"""What a browser did before its owner signed in: it joins the person who signs in there.

Only in the same browser; and where others may have used it meanwhile, only after asking whose it is.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography.fernet import InvalidToken
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock
from app.domain.text import Text
from app.models import AssessmentRun, BrowserSession, Case, FormResponse, Questionnaire
from app.models.context import context_of, enter
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.errors import NotFound
from app.services.identity.sessions import end_session
from app.services.identity.set_aside import JOINS_AT_ONCE, take_over_typed
from app.services.identity.vault import IdentityVault
from app.services.viewer import Viewer


@dataclass(frozen=True)
class OlderAnswers:
    """Answers of an assessment or a form that were given in this browser, and when they were last changed."""

    titles: Text
    changed_at: datetime


async def take_over_anonymous_work(
    session: AsyncSession, earlier: Viewer, new_session: BrowserSession, clock: Clock
) -> bool:
    """Give what `earlier` did lately without signing in to the person who has now signed in in the same browser.

    What a signed-in session began stays its person's, and trials stay nobody's. Either way the earlier session ends.
    True where there are older answers: the person is to be asked whether they are theirs.
    """
    older = False
    if not earlier.signed_in:
        await _at_door(session, earlier.session_id)
        await _join(session, earlier.session_id, new_session, clock, clock.now - JOINS_AT_ONCE)
        await take_over_typed(session, earlier.session_id, new_session.id, new_session.person_id, clock)
        older = bool(await _answers(session, earlier.session_id))
    await end_session(session, earlier.session_id, clock)
    return older


async def older_answers(session: AsyncSession, earlier_id: uuid.UUID) -> Sequence[OlderAnswers]:
    """What the ended anonymous session `earlier_id` left behind, the latest first."""
    with_door = context_of(session)
    await _at_door(session, earlier_id)
    found = [OlderAnswers(one.titles, one.changed_at) for one in await _answers(session, earlier_id)]
    await enter(session, with_door)
    return found


async def join_older_answers(session: AsyncSession, viewer: Viewer, earlier_id: uuid.UUID) -> None:
    """The person says that they are theirs."""
    own = context_of(session)
    new_session = await session.get_one(BrowserSession, viewer.session_id)
    await _at_door(session, earlier_id)
    await _join(session, earlier_id, new_session, await read_clock(session), None)
    await enter(session, own)


def seal_earlier(vault: IdentityVault, earlier_id: uuid.UUID, new_id: uuid.UUID) -> str:
    """A word that tells the new session, and it alone, which one was there before."""
    return vault.seal(f"{earlier_id}:{new_id}").decode()


def open_earlier(vault: IdentityVault, word: str, viewer: Viewer) -> uuid.UUID:
    """The anonymous session that was there before the viewer's. Raises NotFound for anybody else's word."""
    try:
        earlier, _, new = vault.open(word.encode()).partition(":")
    except InvalidToken:
        raise NotFound from None
    if new != str(viewer.session_id):
        raise NotFound
    return uuid.UUID(earlier)


# A notice of concern is nobody's, also while it is written: the other registers' forms are about whoever signs in.
_CONCERNS = select(Questionnaire.id).where(Questionnaire.kind == "concern")
_OWN_DRAFT = (FormResponse.state == "draft", FormResponse.questionnaire_id.not_in(_CONCERNS))


async def _at_door(session: AsyncSession, earlier_id: uuid.UUID) -> None:
    await enter(session, replace(context_of(session), role="door", session=earlier_id))


async def _join(
    session: AsyncSession, earlier_id: uuid.UUID, new_session: BrowserSession, clock: Clock, since: datetime | None
) -> None:
    person_id, person = new_session.person_id, Viewer(new_session.id, new_session.person_id)
    runs = update(AssessmentRun).where(AssessmentRun.session_id == earlier_id, AssessmentRun.trying.is_(False))
    sent = update(Case).where(Case.session_id == earlier_id)
    forms = update(FormResponse).where(FormResponse.session_id == earlier_id, *_OWN_DRAFT)
    if since is not None:
        runs, sent = runs.where(AssessmentRun.changed_at > since), sent.where(Case.arrived_at > since)
        forms = forms.where(FormResponse.changed_at > since)
    runs = runs.values(session_id=new_session.id, subject_id=person_id, actor_id=person_id)
    joined = await session.execute(
        runs.returning(AssessmentRun.id, AssessmentRun.register).execution_options(synchronize_session=False)
    )
    await session.execute(sent.values(session_id=new_session.id).execution_options(synchronize_session=False))
    forms = forms.values(session_id=new_session.id, subject_id=person_id, actor_id=person_id)
    drafts = await session.execute(
        forms.returning(FormResponse.id, FormResponse.register).execution_options(synchronize_session=False)
    )
    found = [("assessment_run", *row) for row in joined.all()] + [("form_response", *row) for row in drafts.all()]
    for kind, row_id, register in found:
        target = (kind, row_id)
        await trail.record(session, clock, person, "claim", target, subject_id=person_id, register=register)


async def _answers(session: AsyncSession, earlier_id: uuid.UUID) -> Sequence[AssessmentRun | FormResponse]:
    runs = select(AssessmentRun).where(
        AssessmentRun.session_id == earlier_id,
        AssessmentRun.subject_id.is_(None),
        AssessmentRun.trying.is_(False),
        AssessmentRun.answers != {},
    )
    drafts = select(FormResponse).where(
        FormResponse.session_id == earlier_id, FormResponse.subject_id.is_(None), *_OWN_DRAFT
    )
    found = [*await session.scalars(runs), *await session.scalars(drafts)]
    return sorted(found, key=lambda one: one.changed_at, reverse=True)
