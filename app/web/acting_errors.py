"""What a resident sees when acting for another can't go on: the right is in doubt, or gone, or is none here."""

from fastapi import FastAPI, Request
from starlette.responses import Response

from app.domain.safe_redirect import safe_path
from app.services.errors import NoRight
from app.web import troubles
from app.web.acting import OwnMattersOnly, RightInDoubt, RightLost
from app.web.errors import page_of, says, shown_at, whole_page
from app.web.i18n import gettext as _
from app.web.page import path_of


def right_in_doubt(request: Request, error: Exception) -> Response:
    """Nobody can say whether the right still holds: nothing of the other person was read or changed."""
    assert isinstance(error, RightInDoubt)  # noqa: S101 - registered for it
    page = page_of(request)
    ended = error.acting.doubt == "session_ended"
    page.title = heading = _("Choose again for whom you act") if ended else _("We can't check your right just now")
    reading = request.method == "GET"
    back = path_of(request.scope) if reading else safe_path(shown_at(request), page.path("my_window"))
    if error.kept and not ended:
        back = page.path("kept", kept_id=error.kept)
    response = page.show(
        "acting/doubt.html",
        heading=heading,
        ended=ended,
        name=error.acting.subject_name,
        kept=error.kept is not None,
        back=back,
        status=403 if ended else 503,
    )
    if not ended:
        response.headers["Retry-After"] = "60"
    return whole_page(page, response)


def own_matters_only(request: Request, _error: Exception) -> Response:
    """The page is about the reader's own matters: stop acting first."""
    page = page_of(request)
    page.title = heading = _("This page is about your own matters")
    return whole_page(page, page.show("acting/own_only.html", heading=heading, status=403))


def install(app: FastAPI) -> None:
    """Register the pages of acting for another."""
    app.add_exception_handler(RightInDoubt, right_in_doubt)
    app.add_exception_handler(RightLost, says(troubles.RIGHT_LOST))
    app.add_exception_handler(OwnMattersOnly, own_matters_only)
    app.add_exception_handler(NoRight, says(troubles.NO_RIGHT))
