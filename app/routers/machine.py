"""Addresses for machines: health, metrics, our public keys, and reports of broken content rules."""

import hmac

import structlog
from fastapi import APIRouter, Request
from sqlalchemy import text
from starlette.responses import JSONResponse, Response

from app import metrics
from app.integrations.own_keys import published_keys
from app.services.systems_overview import open_deliveries
from app.settings import Settings
from app.web.access import Session

router = APIRouter()
log = structlog.get_logger(__name__)

NO_STORE = {"Cache-Control": "no-store"}


@router.get("/healthz", name="healthz")
@router.get("/healthz/ready", name="ready")
async def ready(request: Request, session: Session) -> Response:
    """200 where this process can serve people: it reaches its database, and the schema is new enough.

    Outside systems don't count: the window stays useful without them. How they are is for staff and /metrics to know.
    """
    version = (await session.execute(text("select version_num from alembic_version"))).scalar_one_or_none()
    fits = (version or "") >= request.app.state.needed_revision  # newer is well: migrations only add at first
    told = {"status": "ok" if fits else "schema too old"}
    return JSONResponse(told, status_code=200 if fits else 503, headers=NO_STORE)


@router.get("/healthz/live", name="live")
async def live() -> Response:
    """200 while the process answers at all; asks nobody, so that an outage elsewhere restarts nothing here."""
    return JSONResponse({"status": "ok"}, headers=NO_STORE)


@router.get("/metrics", name="metrics")
async def metrics_page(request: Request, session: Session) -> Response:
    """What is measured, for Prometheus; with the settings' token only (in production there is always one)."""
    settings: Settings = request.app.state.settings
    token = settings.metrics_token.get_secret_value()
    given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    if not hmac.compare_digest(given.encode(), token.encode()) or (settings.environment == "production" and not token):
        return Response(status_code=401, headers={"WWW-Authenticate": "Bearer", **NO_STORE})
    content = metrics.exposition(await open_deliveries(session))
    return Response(content, media_type="text/plain; version=0.0.4", headers=NO_STORE)


@router.get("/.well-known/jwks.json", name="jwks")
async def jwks(request: Request) -> Response:
    """The public keys by which identification services check that it is us who ask."""
    return JSONResponse(published_keys(request.app.state.settings.oidc_key_file.read_text()))


@router.post("/csp-report", name="csp_report")
async def csp_report(request: Request) -> Response:
    """A browser refused something on a page of ours: note that it happened, without the page's address."""
    await request.body()
    log.warning("csp_report")
    return Response(status_code=204)
