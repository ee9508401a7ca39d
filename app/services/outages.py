"""Announced outages: what the county knows beforehand, in a file that the settings name.

    {"outages": [{"systems": ["omaolo"], "from": "2026-12-01T20:00:00+02:00", "until": "2026-12-01T22:00:00+02:00",
                  "text": {"fi": "…", "sv": "…", "en": "…"}}]}

The file may change while the window runs; one that can't be read is ignored, with a line in the log.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import structlog
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.domain.text import Text

log = structlog.get_logger(__name__)


class _Words(BaseModel):
    """All three languages are asked for: an announcement that somebody can't read is none."""

    model_config = ConfigDict(extra="forbid")
    fi: str
    sv: str
    en: str


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")
    systems: list[str]
    starts: AwareDatetime = Field(alias="from")
    until: AwareDatetime
    text: _Words


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    outages: list[_Entry]


@dataclass(frozen=True)
class Outage:
    """`systems` that are away from `starts` until `ends`, and what people read about it meanwhile."""

    systems: frozenset[str]
    starts: datetime
    ends: datetime
    text: Text


def outages_now(file: Path | None, systems: Iterable[str], now: datetime) -> list[Outage]:
    """The announced outages of any of `systems` that are on at `now`."""
    wanted = frozenset(systems)
    if file is None or not wanted:
        return []
    return [outage for outage in _read(file) if wanted & outage.systems and outage.starts <= now < outage.ends]


def _read(file: Path) -> tuple[Outage, ...]:
    try:
        changed = file.stat().st_mtime_ns
    except OSError:
        return ()
    return _parse(file, changed)


@lru_cache(maxsize=4)
def _parse(file: Path, _changed: int) -> tuple[Outage, ...]:
    try:
        return read_outages(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        log.error("outages_unreadable", error=type(error).__name__)
        return ()


def read_outages(content: str) -> tuple[Outage, ...]:
    """The outages in a file's content. Raises ValueError where it doesn't fit."""
    return tuple(
        Outage(frozenset(entry.systems), entry.starts, entry.until, Text(entry.text.model_dump()))
        for entry in _File.model_validate_json(content).outages
    )
