"""Where identification services tell us that a session has ended (OpenID Connect Back-Channel Logout 1.0)."""

import structlog
from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse, Response

from app.integrations.http import OutsideError
from app.integrations.logout_token import LogoutRefused
from app.models.context import Context, enter
from app.services.identity.sign_in import Audience, LogoutRepeated, end_sessions
from app.web.access import Session
from app.web.door import SignInService
from app.web.forms import read_values
from app.web.middleware import check_origin
from app.web.outside import ResidentSignIn, StaffSignIn

router = APIRouter()
log = structlog.get_logger(__name__)

NO_STORE = {"Cache-Control": "no-store"}  # 2.8 of the specification asks for it


@router.post("/backchannel-logout/resident", name="backchannel_logout")
async def resident_logout(request: Request, session: Session, suomifi: ResidentSignIn) -> Response:
    """Told by Suomi.fi identification."""
    return await _told(request, session, suomifi, "resident")


@router.post("/backchannel-logout/staff", name="staff_backchannel_logout")
async def staff_logout(request: Request, session: Session, issuer: StaffSignIn) -> Response:
    """Told by the staff issuer."""
    return await _told(request, session, issuer, "staff")


async def _told(request: Request, session: AsyncSession, service: SignInService, audience: Audience) -> Response:
    """200 where the sessions that the posted token names have ended, 400 where we don't act on it."""
    check_origin(request, request.app.state.settings)  # servers name no origin: what does comes from a page
    await enter(session, Context("door"))
    posted = await read_values(request)
    try:
        told = await service.logged_out("".join(posted.get("logout_token", ())))
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
