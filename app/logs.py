"""Logs: one JSON object a line, with the request id; never identity codes, tokens, query strings or bodies."""

import logging
import sys

import structlog

from app.settings import Settings


def configure_logs(settings: Settings) -> None:
    """Set up structlog, and keep libraries from logging addresses that may hold codes of a sign-in."""
    level = logging.WARNING if settings.environment == "test" else logging.INFO
    logging.basicConfig(level=level, stream=sys.stderr, format="%(message)s")
    for chatty in ("httpx", "httpcore", "uvicorn.access", "procrastinate", "authlib"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
