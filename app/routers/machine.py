"""Addresses for machines: health, our public keys, and reports of broken content rules."""

import json
from typing import Any

import structlog
from fastapi import APIRouter, Request
from sqlalchemy import text
from starlette.responses import JSONResponse, Response

from app.web.access import Session

router = APIRouter()
log = structlog.get_logger(__name__)

PRIVATE_PARTS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


@router.get("/healthz", name="healthz")
async def healthz(session: Session) -> Response:
    """200 while the process answers and reaches its database."""
    await session.execute(text("select 1"))
    return JSONResponse({"status": "ok"})


@router.get("/.well-known/jwks.json", name="jwks")
async def jwks(request: Request) -> Response:
    """The public keys by which identification services check that it is us who ask."""
    key: dict[str, Any] = json.loads(request.app.state.settings.oidc_key_file.read_text())
    return JSONResponse({"keys": [{name: part for name, part in key.items() if name not in PRIVATE_PARTS}]})


@router.post("/csp-report", name="csp_report")
async def csp_report(request: Request) -> Response:
    """A browser refused something on a page of ours: note that it happened, without the page's address."""
    await request.body()
    log.warning("csp_report")
    return Response(status_code=204)
