"""What can be measured: names, codes and units, from `app/content/kanta_phr.json`."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from app.content import load
from app.domain.text import Text


@dataclass(frozen=True)
class Part:
    """One number of a measurement: its LOINC code, its UCUM unit, and the unit as people write it."""

    code: str
    unit: str
    shown: str
    name: Text


@dataclass(frozen=True)
class Measure:
    """A kind of measurement. One of several parts (blood pressure) is sent as components."""

    key: str
    profile: str
    category: str
    code: str
    name: Text
    parts: tuple[Part, ...]


@cache
def measures() -> dict[str, Measure]:
    """All measures by key."""
    return {raw["key"]: _measure(raw) for raw in load("kanta_phr.json")["measures"]}


@cache
def measures_by_code() -> dict[str, Measure]:
    """All measures by the LOINC code of the whole."""
    return {measure.code: measure for measure in measures().values()}


@cache
def word(key: str) -> Text:
    """A word of the narratives."""
    return Text(load("kanta_phr.json")["texts"][key])


def _measure(raw: dict[str, Any]) -> Measure:
    return Measure(
        key=raw["key"],
        profile=raw["profile"],
        category=raw["category"],
        code=raw["code"],
        name=Text(raw["names"]),
        parts=tuple(
            Part(code=part["code"], unit=part["unit"], shown=part["shown"], name=Text(part["names"]))
            for part in raw["parts"]
        ),
    )
