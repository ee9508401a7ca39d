"""Logs: one JSON object a line, with the request id; never identity codes, tokens, query strings or bodies.

What an exception says may repeat what a resident wrote (a database names the offending value, a validator its input),
so a logged trace tells the kinds of the exceptions and the places in the code, and none of their words.
"""

import logging
import sys
import traceback
from types import TracebackType
from typing import TextIO

import structlog

from app.settings import Settings

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
LONGEST_CHAIN = 10


def told_without_words(error: BaseException) -> str:
    """The chain of `error` and its causes, the first cause first, as kinds and places in the code."""
    chain: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in chain and len(chain) < LONGEST_CHAIN:
        chain.append(one)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "\n".join(_told(one) for one in reversed(chain))


def _told(error: BaseException) -> str:
    kind = type(error)
    state = getattr(error, "sqlstate", None)  # PostgreSQL's five letters, such as 23505
    places = [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    return "\n".join([f"{kind.__module__}.{kind.__qualname__}" + (f" {state}" if state else ""), *places])


class SafeFormatter(logging.Formatter):
    """The lines of libraries: as they are, but with traces that quote nobody."""

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - the name is logging's
        return told_without_words(ei[1]) if ei[1] is not None else ""


def _format_trace(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["trace"] = told_without_words(error)
    return event


def configure_logs(settings: Settings, stream: TextIO | None = None) -> None:
    """Set up structlog, and keep libraries from logging addresses that may hold codes of a sign-in."""
    level = logging.WARNING if settings.environment == "test" else logging.INFO
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(SafeFormatter("%(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=settings.environment != "test")
    for own_way in ("uvicorn", "uvicorn.error"):
        logging.getLogger(own_way).handlers.clear()  # its own handler would print whole traces
        logging.getLogger(own_way).propagate = True
    for chatty in ("httpx", "httpcore", "uvicorn.access", "procrastinate", "authlib"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _format_trace,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr if stream is None else stream),
    )
