"""A scenario: a JSON file that puts the simulated systems into a known state, as a whole or not at all.

`{"reset": ["sms"], "records": [{"kind": …, "key": …, "body": …}], "faults": {"sms": {"mode": "slow"}}}`; each part
may be left out, `"reset": "all"` names every system, `title` and `about` are for people.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from app.domain.text import Text
from app.simulators.faults import Fault, parse_fault
from app.simulators.incoming import BadInput, parse_json
from app.simulators.stage import Stage

MOST_RECORDS = 500
_LONGEST_NAME = 200
_PARTS = ("title", "about", "reset", "records", "faults")
_RECORD_PARTS = {"kind", "key", "body"}


@dataclass(frozen=True)
class StoredRecord:
    """A record to be put into the store; the body has the shape that its system keeps."""

    kind: str
    key: str
    body: Any


@dataclass(frozen=True)
class Scenario:
    """What happens, in this order: systems are emptied, records are put in, faults are set."""

    reset: tuple[str, ...]
    records: tuple[StoredRecord, ...]
    faults: Mapping[str, Fault]


@dataclass(frozen=True)
class Example:
    """A scenario of `app/content/scenarios`; `name` is its file's."""

    name: str
    title: Text
    about: Text
    raw: Any


@cache
def examples() -> tuple[Example, ...]:
    """The scenarios that come with the simulators."""
    folder = files("app.content") / "scenarios"
    found = sorted((item for item in folder.iterdir() if item.name.endswith(".json")), key=lambda item: item.name)
    return tuple(_example(item.name.removesuffix(".json"), parse_json(item.read_bytes())) for item in found)


def _example(name: str, raw: Any) -> Example:
    return Example(name, Text(raw["title"]), Text(raw["about"]), raw)


def read_scenario(raw: Any, stage: Stage) -> Scenario:
    """A scenario from JSON. Raises BadInput with the place and the reason of the first fault in it."""
    if not isinstance(raw, dict):
        raise BadInput("a scenario is a JSON object")
    unknown = sorted(str(name) for name in raw if name not in _PARTS)
    if unknown:
        raise BadInput(f"a scenario has no part {unknown[0]}; its parts: {', '.join(_PARTS)}")
    return Scenario(
        _reset(raw.get("reset", []), stage),
        _records(raw.get("records", []), stage),
        _faults(raw.get("faults", {}), stage),
    )


def play(scenario: Scenario, stage: Stage) -> None:
    """Bring the systems into the scenario's state. Raises BadInput where a fault does not suit its system."""
    with stage.store.together():
        for name in scenario.reset:
            stage.reset_inside(stage.systems[name])
        for record in scenario.records:
            stage.store.put(record.kind, record.key, record.body)
        for name, fault in scenario.faults.items():
            with _at(f"faults.{name}"):
                stage.board.set(stage.systems[name], fault)


def _reset(raw: Any, stage: Stage) -> tuple[str, ...]:
    if raw == "all":
        return tuple(stage.systems)
    if not isinstance(raw, list):
        raise BadInput('reset must be a list of systems, or "all"')
    for name in raw:
        _known(name, "reset", stage)
    return tuple(dict.fromkeys(raw))


def _records(raw: Any, stage: Stage) -> tuple[StoredRecord, ...]:
    if not isinstance(raw, list) or len(raw) > MOST_RECORDS:
        raise BadInput(f"records must be a list of at most {MOST_RECORDS}")
    return tuple(_record(item, f"records[{place}]", stage) for place, item in enumerate(raw))


def _record(raw: Any, place: str, stage: Stage) -> StoredRecord:
    if not isinstance(raw, dict) or set(raw) != _RECORD_PARTS:
        raise BadInput(f"{place} must have exactly kind, key and body")
    kind, key = raw["kind"], raw["key"]
    if not all(isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME for name in (kind, key)):
        raise BadInput(f"{place}: kind and key must be text of 1 to {_LONGEST_NAME} characters")
    if not stage.owns(kind):
        raise BadInput(f"{place}: the kind belongs to no simulated system, or is a key")
    return StoredRecord(kind, key, raw["body"])


def _faults(raw: Any, stage: Stage) -> dict[str, Fault]:
    if not isinstance(raw, dict):
        raise BadInput("faults must be an object: system → fault")
    return {name: _fault(name, fault, stage) for name, fault in raw.items()}


def _fault(name: str, raw: Any, stage: Stage) -> Fault:
    _known(name, "faults", stage)
    with _at(f"faults.{name}"):
        return parse_fault(raw)


def _known(name: Any, part: str, stage: Stage) -> None:
    if not isinstance(name, str) or name not in stage.systems:
        raise BadInput(f"{part} names an unknown system; the systems: {', '.join(stage.systems)}")


@contextmanager
def _at(place: str) -> Iterator[None]:
    """What is refused inside is told with its place in the file."""
    try:
        yield
    except BadInput as bad:
        raise BadInput(f"{place}: {bad.reason}") from bad
