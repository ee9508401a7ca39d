"""Announced outages: read from a file of the county's, shown in their time to whom they concern."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.services.outages import outages_now, read_outages

NOW = datetime(2026, 12, 1, 19, 0, tzinfo=UTC)
TEXT = {"fi": "Huolto.", "sv": "Service.", "en": "Maintenance."}


def entry(**change: Any) -> dict[str, Any]:
    usual = {"systems": ["omaolo"], "from": "2026-12-01T20:00:00+02:00", "until": "2026-12-01T22:00:00+02:00"}
    return {**usual, "text": TEXT, **change}


def file_with(folder: Path, *entries: dict[str, Any]) -> Path:
    file = folder / "outages.json"
    file.write_text(json.dumps({"outages": entries}))
    return file


def test_shown_in_its_time_only(tmp_path: Path) -> None:
    """It is shown from its beginning to before its end, and only for a system that the page needs."""
    file = file_with(tmp_path, entry())
    shown = [bool(outages_now(file, ["omaolo"], NOW + timedelta(hours=hours))) for hours in (-1.01, -1, 0, 0.99, 1)]
    assert shown == [False, True, True, True, False]
    assert outages_now(file, ["sms"], NOW) == []
    assert outages_now(file, [], NOW) == []
    assert outages_now(None, ["omaolo"], NOW) == []


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    """The file may change while the window runs."""
    file = file_with(tmp_path, entry())
    assert len(outages_now(file, ["omaolo"], NOW)) == 1
    file_with(tmp_path, entry(), entry(text={**TEXT, "fi": "Toinen."}))
    assert [outage.text.to("fi") for outage in outages_now(file, ["omaolo"], NOW)] == ["Huolto.", "Toinen."]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"outages": [{}]}',
        json.dumps({"outages": [entry(text={"fi": "x", "sv": "y"})]}),
        json.dumps({"outages": [entry(until="2026-12-01T22:00:00")]}),
        json.dumps({"outages": [entry(sytems=["x"])]}),
    ],
)
def test_a_broken_file_breaks_nothing(tmp_path: Path, content: str) -> None:
    """A file that can't be read, lacks a language or a time zone is no outage; its reader is told what is wrong."""
    file = tmp_path / "outages.json"
    file.write_text(content)
    assert outages_now(file, ["omaolo"], NOW) == []
    with pytest.raises(ValueError):  # noqa: PT011 - any of them says it
        read_outages(content)
    assert outages_now(tmp_path / "none.json", ["omaolo"], NOW) == []
