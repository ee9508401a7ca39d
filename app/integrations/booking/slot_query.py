"""Asking for free slots: the stretches, and the query of each."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from app.integrations.booking.config import BookingConfig


def slot_paths(
    config: BookingConfig,
    service: str,
    start: datetime,
    until: datetime,
    location: str | None,
    practitioner: str | None,
) -> Iterator[str]:
    """One search for each stretch that is short enough, with the schedules and who they belong to."""
    actors = [f"Location/{location}"] if location else []
    actors += [f"Practitioner/{practitioner}"] if practitioner else []
    for begins, ends in _stretches(start, until, timedelta(days=config.question_days)):
        query = [
            ("status", "free"),
            ("start", f"ge{_instant(begins)}"),
            ("start", f"lt{_instant(ends)}"),
            ("service-type", f"{config.service_system}|{service}"),
            *(("schedule.actor", actor) for actor in actors),
            ("_include", "Slot:schedule"),
            ("_include:iterate", "Schedule:actor"),
            ("_count", str(config.page_size)),
        ]
        yield f"/Slot?{urlencode(query)}"


def _stretches(start: datetime, until: datetime, longest: timedelta) -> Iterator[tuple[datetime, datetime]]:
    while start < until:
        yield start, min(start + longest, until)
        start += longest


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
