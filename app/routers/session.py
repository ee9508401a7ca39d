"""A resident's session while it runs and after it has ended: extending it, what was typed before, one's own others."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.domain.safe_redirect import safe_path
from app.services.clock import read_clock
from app.services.identity.anonymous_work import OlderAnswers, join_older_answers, older_answers, open_earlier
from app.services.identity.own_sessions import OwnSession, end_other_sessions, end_own_session, list_sessions
from app.services.identity.sessions import IDLE_HERE, end_session
from app.services.identity.set_aside import drop_kept, find_kept
from app.web import door
from app.web.access import AnyForm, PublicPage, Session, SureResident, UnaskedForm, UnaskedPage, UnaskedResident
from app.web.i18n import gettext as _
from app.web.kept import keep_of_viewer

router = APIRouter(prefix="/{lang}")


@dataclass(frozen=True)
class SessionsPage:
    """`told`: what has just happened."""

    sessions: Sequence[OwnSession]
    told: str


@dataclass(frozen=True)
class KeptPage:
    """`words`: what was typed in the reader's own words, by field; `values`: all that the form sends to `action`.
    `before_sign_in`: the reader signed in to send it."""

    kept_id: uuid.UUID
    action: str
    values: Mapping[str, tuple[str, ...]]
    words: Mapping[str, str]
    before_sign_in: bool


@dataclass(frozen=True)
class OlderPage:
    """`of`: the sealed name of the session that they come from."""

    answers: Sequence[OlderAnswers]
    of: str
    return_to: str


@router.post("/session/extend", name="session_extend")
async def extend(page: UnaskedPage, viewer: UnaskedResident, form: UnaskedForm) -> Response:  # noqa: ARG001 - seen by it
    """A sign of life: the session goes on."""
    return door.goes_on(page, form.value("next"), page.path("my_window"))


@router.post("/session/set-aside", name="session_set_aside")
async def set_aside(page: UnaskedPage, session: Session, viewer: UnaskedResident, form: UnaskedForm) -> Response:
    """What was typed into a form of a page on which the time is up; the session ends, it must not live on by this.
    Where it has ended already, the form was kept before this is reached."""
    await keep_of_viewer(page, session, form.values)
    await end_session(session, viewer.session_id, await read_clock(session), IDLE_HERE)
    return Response(status_code=204)


@router.get("/session/kept/{kept_id}", name="kept")
async def show_kept(page: PublicPage, session: Session, resident: SureResident, kept_id: uuid.UUID) -> Response:
    """What the resident had typed, to be sent with one click."""
    vault, clock = page.request.app.state.vault, await read_clock(session)
    kept = await find_kept(session, vault, kept_id, resident.person_id, resident.subject_id, clock)
    words = {name: "\n".join(many) for name, many in kept.values.items() if name in _own_words() and any(many)}
    page.title = _("Here is what you had typed")
    page.own_path = page.path("kept", kept_id=kept_id)
    return page.show(
        "sign_in/kept.html", KeptPage(kept.id, kept.path, kept.values, words, kept.before_sign_in), labels=_own_words()
    )


@router.post("/session/kept/{kept_id}/drop", name="kept_drop")
async def drop(
    page: PublicPage,
    session: Session,
    resident: SureResident,
    _form: AnyForm,
    kept_id: uuid.UUID,
) -> Response:
    """The resident doesn't want it any more."""
    await drop_kept(session, kept_id, resident.person_id, resident.subject_id)
    return page.go(page.path("my_window"))


@router.get("/session/kept", name="kept_for_another")
async def kept_for_another(page: PublicPage, resident: SureResident) -> Response:  # noqa: ARG001
    """Something waits that was typed while acting for somebody else: begin to act for them again."""
    page.title = _("What you typed is saved")
    return page.show("sign_in/kept_for_another.html")


@router.get("/session/answers", name="older_answers")
async def show_older(
    page: PublicPage, session: Session, resident: SureResident, of: str = "", back: str = Query("", alias="next")
) -> Response:
    """Are the answers that are in this browser the reader's own?"""
    found = await older_answers(session, open_earlier(page.request.app.state.vault, of, resident))
    return_to = safe_path(back, page.path("my_window"))
    if not found:
        return page.go(return_to)
    page.title = _("Are these answers yours?")
    return page.show("sign_in/older_answers.html", OlderPage(found, of, return_to))


@router.post("/session/answers", name="older_answers_decide")
async def decide_older(page: PublicPage, session: Session, resident: SureResident, form: AnyForm) -> Response:
    """Yes joins them to the reader; by no they stay nobody's, and are deleted after their time."""
    earlier = open_earlier(page.request.app.state.vault, form.value("of"), resident)
    if form.value("answer") == "yes":
        await join_older_answers(session, resident, earlier)
    return page.go(safe_path(form.value("next"), page.path("my_window")))


@router.get("/my/sessions", name="my_sessions")
async def show(page: PublicPage, session: Session, resident: SureResident, told: str = "") -> Response:
    """Where the resident is signed in."""
    page.title = _("Where you are signed in")
    page.own_path = page.path("my_sessions")
    found = await list_sessions(session, resident, await read_clock(session))
    return page.show("my/sessions.html", SessionsPage(found, told))


@router.post("/my/sessions/end-others", name="my_sessions_end_others")
async def end_others(page: PublicPage, session: Session, resident: SureResident, _form: AnyForm) -> Response:
    """Sign out everywhere but here."""
    await end_other_sessions(session, resident, await read_clock(session))
    return page.go(page.path("my_sessions", {"told": "others"}))


@router.post("/my/sessions/{session_id}/end", name="my_session_end")
async def end(
    page: PublicPage, session: Session, resident: SureResident, _form: AnyForm, session_id: uuid.UUID
) -> Response:
    """Sign out one of the own browsers."""
    await end_own_session(session, resident, session_id, await read_clock(session))
    return page.go(page.path("my_sessions", {"told": "one"}))


def _own_words() -> dict[str, str]:
    """The fields of all forms in which residents write in their own words, with their labels."""
    return {
        "message": _("Tell us in your own words"),
        "note": _("What should the professional know? (you may leave this empty)"),
        "name": _("Your name"),
        "phone": _("Phone number"),
        "reachable": _("Something else about when? (you may leave this empty)"),
        "accessibility": _("What else should we take into account? (you may leave this empty)"),
    }
