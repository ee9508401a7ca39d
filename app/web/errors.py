"""Every way a request can fail, as a page: what happened, what to do, that nothing was lost, and a request id."""

from collections.abc import Callable
from datetime import timedelta

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from app.domain.safe_redirect import safe_path
from app.integrations.http import OutsideError
from app.services.errors import AlreadySettled, BookingRefused, DomainError, NotFound, TooLate, TryingOnly
from app.services.forms.concerns import concern_of
from app.services.forms.drafts import AlreadySent, DraftGone
from app.services.forms.ended_notices import EndedNotice
from app.services.forms.limits import TooManyDrafts
from app.services.identity.people import PersonDeceased
from app.services.identity.sessions import EndedWhy, SessionGone
from app.services.identity.sign_in import SignInLost
from app.web import troubles
from app.web.access import SignInNeeded, StepUpNeeded
from app.web.forms import TooManyFields
from app.web.i18n import format_time
from app.web.i18n import gettext as _
from app.web.limits import TooManyRequests
from app.web.middleware import ForeignOrigin, TooLarge, security_headers
from app.web.page import Page, path_of
from app.web.receipts import PERHAPS_SENT, go_to_receipt
from app.web.tokens import FormExpired
from app.web.troubles import Trouble

log = structlog.get_logger(__name__)

# Transactions that met on the same rows: 40001 serialization failure, 40P01 deadlock, 55P03 lock not available.
COLLISIONS = {"40001", "40P01", "55P03"}


def page_of(request: Request) -> Page:
    """The request's page as far as it got; a fresh one where it failed before that."""
    page = getattr(request.state, "page", None) or Page(request)
    if request.method not in {"GET", "HEAD"}:
        page.own_path = page.path("home")  # the address of a form can't be fetched in another language
    return page


def show_trouble(request: Request, trouble: Trouble) -> Response:
    """The page of a trouble, in the reader's language."""
    page = page_of(request)
    page.title = _(trouble.heading)
    response = page.show(
        "errors/error.html",
        heading=page.title,
        happened=_(trouble.happened),
        way_on=_(trouble.way_on),
        nothing_lost=trouble.nothing_lost,
        status=trouble.status,
    )
    return whole_page(page, response)


def says(trouble: Trouble) -> Callable[[Request, Exception], Response]:
    """A handler that shows `trouble`, whatever the error tells."""
    return lambda request, _error: show_trouble(request, trouble)


def whole_page(page: Page, response: Response) -> Response:
    """An error takes the place of the whole main part, whichever part htmx asked for."""
    response.headers["Cache-Control"] = "no-store"
    if page.request.headers.get("HX-Request") == "true":
        response.headers["HX-Retarget"], response.headers["HX-Reselect"] = "#main", "#main"
        response.headers["HX-Reswap"] = "outerHTML"
    return response


def too_many(request: Request, error: Exception) -> Response:
    """Asked for too often: when to try again, with the numbers for whom waiting is no good."""
    assert isinstance(error, TooManyRequests)  # noqa: S101 - registered for it
    page, trouble = page_of(request), troubles.TOO_MANY
    page.title = heading = _(trouble.heading)
    again = page.clock.now + timedelta(seconds=error.seconds + 59)  # a minute that is shown has come by then
    response = page.show(
        "errors/too_many.html",
        heading=heading,
        happened=_(trouble.happened),
        way_on=_(trouble.way_on) % {"time": format_time(again)},
        nothing_lost=trouble.nothing_lost,
        status=trouble.status,
    )
    response.headers["Retry-After"] = str(error.seconds)
    return whole_page(page, response)


def outside_down(request: Request, error: Exception) -> Response:
    system = error.system if isinstance(error, OutsideError) else ""
    happened = {
        "omaolo": _("We can't reach the symptom assessment right now."),
        "suomifi-identification": _("We can't reach Suomi.fi identification right now."),
        "staff-identification": _("We can't reach the staff sign-in right now."),
        "kanta-phr": _("We can't reach the Personal Health Record in Kanta right now."),
        "suomifi-mandates": _("We can't reach Suomi.fi mandates right now. Your own matters work as usual."),
    }.get(system, _("A service that this page needs does not answer right now."))
    page = page_of(request)
    page.title = heading = _("This part is not available right now")
    response = page.show("errors/outside.html", heading=heading, happened=happened, system=system, status=503)
    response.headers["Retry-After"] = "60"
    return whole_page(page, response)


def collision(request: Request, error: Exception) -> Response:
    """Two changes met: the one that lost may simply be sent again. Anything else of the database is ours: 503."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    if state in COLLISIONS and request.method != "GET":
        return show_trouble(request, troubles.COLLISION)
    return broken(request, error)


def broken(request: Request, error: Exception) -> Response:
    """Our own fault: the page says so and how to go on; what went wrong is in the log under the request id."""
    log.error("request_failed", route=_route_of(request), error=type(error).__name__, exc_info=error)
    busy = isinstance(error, OperationalError | InterfaceError | PoolTimeout)
    response = show_trouble(request, troubles.BUSY if busy else troubles.BROKEN)
    if busy:
        response.headers["Retry-After"] = "10"
    return response


def last_resort(request: Request, error: Exception) -> Response:
    """As `broken`, for what nobody has thought of. Starlette answers it outside all middleware, so the headers that
    every answer carries are put on here."""
    page = page_of(request)
    response = broken(request, error)
    for name, value in {**security_headers(page.settings), "X-Request-Id": page.request_id}.items():
        response.headers.setdefault(name, value)
    return response


def _route_of(request: Request) -> str:
    """The pattern of the address: an address itself may hold what somebody typed."""
    return str(getattr(request.scope.get("route"), "path", ""))


def gone_away(_request: Request, _error: Exception) -> Response:
    """The browser hung up while it was sending: nobody reads the answer, and nothing is wrong here."""
    return Response(status_code=400)


def booking_refused(request: Request, error: Exception) -> Response:
    reason = error.reason if isinstance(error, BookingRefused) else ""
    page = page_of(request)
    page.title = heading = _("This can't be booked online")
    return whole_page(page, page.show("errors/booking_refused.html", heading=heading, reason=reason, status=409))


def trying_only(request: Request, error: Exception) -> Response:
    """Somebody who was only trying an assessment wants to go on from it: why that can't be, and how to start."""
    assessment = error.assessment if isinstance(error, TryingOnly) else ""
    page = page_of(request)
    page.title = heading = _("You were only trying this")
    return whole_page(page, page.show("errors/trying_only.html", heading=heading, assessment=assessment, status=409))


def already_sent(request: Request, error: Exception) -> Response:
    """On to the receipt: the form was sent in another tab, or the page is from before it was sent. What was answered
    since does not go along, and the receipt says so."""
    assert isinstance(error, AlreadySent)  # noqa: S101 - registered for it
    page = page_of(request)
    told = {"told": "files" if getattr(request.state, "brought_files", False) else "already"}
    answered = request.method == "POST" and not path_of(request.scope).endswith("/check")
    return page.go(page.path("form_sent", told if answered else None, response_id=error.response_id))


def sign_in_needed(request: Request, error: Exception) -> Response:
    """On to signing in, and back to this page afterwards; a form that was sent leads back to where it was shown."""
    page = page_of(request)
    if page.ended is not None and page.ended_notice is not None:
        return notice_over(request, page, page.ended_notice, page.ended.why)
    staff = isinstance(error, SignInNeeded) and error.audience == "staff"
    own = page.path("staff_queue" if staff else "my_window")
    back = _back_to(request, own)
    if staff or page.ended is None:
        return page.leave(page.path("staff_sign_in" if staff else "sign_in", {"next": back}))
    told = {"told": page.ended.why, **({"kept": "1"} if page.kept else {})}
    return page.leave(page.path("sign_in", {"next": back, **told}))


def notice_over(request: Request, page: Page, notice: EndedNotice, why: EndedWhy) -> Response:
    """A page of a notice of concern came after its session had ended: the receipt where it had been sent, else that it
    is gone and how to make it again. Signing in would bring nothing back."""
    if notice.receipt:
        return go_to_receipt(page, notice.receipt)
    if not notice.form:
        return show_trouble(request, PERHAPS_SENT)
    page.title = _("The notice was not sent")
    concern = concern_of(notice.form)
    return whole_page(
        page, page.show("errors/notice_over.html", why=why, form=notice.form, concern=concern, status=410)
    )


def step_up_needed(request: Request, _error: Exception) -> Response:
    """On to a surer identification, and back to this page afterwards."""
    page = page_of(request)
    return page.leave(page.path("step_up", {"next": _back_to(request, page.path("my_window"))}))


def _back_to(request: Request, own: str) -> str:
    """The page that was asked for; for a form that was sent, the one on which it was shown, else `own`."""
    return path_of(request.scope) if request.method == "GET" else safe_path(shown_at(request), own)


def shown_at(request: Request) -> str:
    """The path of the page on which the form was shown, where the browser tells it; never trusted as it is."""
    referrer = request.headers.get("referer", "")
    here = page_of(request).settings.public_url
    return referrer.removeprefix(here) if referrer.startswith(f"{here}/") else ""


def http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 405:
        response = show_trouble(request, troubles.FORMS_ONLY)
        response.headers.update(getattr(error, "headers", None) or {})
        return response
    return show_trouble(request, troubles.NOT_FOUND if status == 404 else troubles.BAD_REQUEST)


def invalid_address(request: Request, error: Exception) -> Response:
    """A part of the address that is not what it should be (no such language, no such id) is a page we don't have."""
    where = {part["loc"][0] for part in error.errors()} if isinstance(error, RequestValidationError) else set()
    return show_trouble(request, troubles.NOT_FOUND if "path" in where else troubles.BAD_REQUEST)


def install(app: FastAPI) -> None:
    """Register the pages of all failures. Those of the booking router (fresh times) come with it."""
    handlers = {
        HTTPException: http_error,
        RequestValidationError: invalid_address,
        NotFound: says(troubles.NOT_FOUND),
        TooLate: says(troubles.TOO_LATE),
        AlreadySettled: says(troubles.ALREADY_SETTLED),
        AlreadySent: already_sent,
        DraftGone: says(troubles.DRAFT_GONE),
        TooManyDrafts: says(troubles.TOO_MANY_DRAFTS),
        BookingRefused: booking_refused,
        TryingOnly: trying_only,
        SignInLost: says(troubles.SIGN_IN_LOST),
        SignInNeeded: sign_in_needed,
        SessionGone: sign_in_needed,
        StepUpNeeded: step_up_needed,
        PersonDeceased: says(troubles.PERSON_DECEASED),
        FormExpired: says(troubles.FORM_EXPIRED),
        ForeignOrigin: says(troubles.FOREIGN_ORIGIN),
        TooLarge: says(troubles.TOO_LARGE),
        TooManyFields: says(troubles.TOO_MANY_FIELDS),
        TooManyRequests: too_many,
        OutsideError: outside_down,
        DomainError: says(troubles.BAD_REQUEST),
        DBAPIError: collision,
        PoolTimeout: broken,
        ClientDisconnect: gone_away,
        Exception: last_resort,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
