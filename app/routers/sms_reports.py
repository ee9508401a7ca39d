"""Where the gateway of text messages tells how a message has ended."""

import structlog
from fastapi import APIRouter, Request
from starlette.responses import Response

from app.integrations.sms.report import SIGNATURE_HEADER, NotFromGateway, read_report
from app.services.clock import read_clock
from app.services.reaching.sms_reports import note_sms_report
from app.settings import Settings
from app.web.access import Session
from app.web.middleware import check_origin

router = APIRouter()
log = structlog.get_logger(__name__)

NO_STORE = {"Cache-Control": "no-store"}


@router.post("/sms-reports", name="sms_reports")
async def report(request: Request, session: Session) -> Response:
    """204 where a signed report has been written down, or is about no message of ours; 400 for anything else (413 where
    it is larger than any form)."""
    settings: Settings = request.app.state.settings
    check_origin(request, settings)  # servers name no origin: what does comes from a page
    in_use = "sms" not in settings.not_in_use
    secret = settings.sms_report_secret.get_secret_value() if in_use else ""
    signature = request.headers.get(SIGNATURE_HEADER, "")
    try:
        told = read_report(await request.body(), signature, secret=secret, now=(await read_clock(session)).now)
    except NotFromGateway as refused:
        log.warning("sms_report_refused", reason=str(refused))
        return Response(status_code=400, headers=NO_STORE)
    await note_sms_report(session, told)
    return Response(status_code=204, headers=NO_STORE)
