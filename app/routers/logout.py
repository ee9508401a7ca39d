"""Where identification services tell us that a session has ended (OpenID Connect Back-Channel Logout 1.0)."""

import structlog
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from app.integrations.http import OutsideError
from app.integrations.logout_token import LogoutRefused
from app.services.sign_in import Audience, LogoutRepeated, end_sessions
from app.web.access import Session
from app.web.door import RESIDENTS, STAFF_DOOR, service_of
from app.web.forms import read_values

router = APIRouter()
log = structlog.get_logger(__name__)

NO_STORE = {"Cache-Control": "no-store"}  # 2.8 of the specification asks for it
DOORS = {door.audience: door for door in (RESIDENTS, STAFF_DOOR)}


@router.post("/backchannel-logout/{audience}", name="backchannel_logout")
async def backchannel_logout(audience: Audience, request: Request, session: Session) -> Response:
    """200 where the sessions that the posted token names have ended, 400 where we don't act on it."""
    posted = await read_values(request)
    try:
        told = await service_of(request, DOORS[audience]).logged_out("".join(posted.get("logout_token", ())))
        ended = await end_sessions(session, told)
    except LogoutRefused as refused:
        return _refusal("invalid_request", refused.reason)
    except LogoutRepeated:
        return _refusal("invalid_request", "used")
    except OutsideError as error:  # without the service's keys nothing can be believed; it may send the token again
        return _refusal("temporarily_unavailable", error.reason)
    log.info("backchannel_logout", audience=audience, ended=ended)
    return Response(headers=NO_STORE)


def _refusal(error: str, reason: str) -> Response:
    log.warning("backchannel_logout_refused", reason=reason)
    return JSONResponse({"error": error, "error_description": reason}, status_code=400, headers=NO_STORE)
