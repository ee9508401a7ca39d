"""The shared test world: the same people in every simulator and, through the same file, in the window's seed."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from app.content import load
from app.domain.text import Language, Text, as_language


@dataclass(frozen=True)
class Resident:
    """A test person. `municipality` is None under non-disclosure; `mailbox`: uses Suomi.fi Messages."""

    key: str
    identity_code: str
    given_name: str
    first_names: str
    family_name: str
    born: date
    municipality: str | None
    non_disclosure: bool
    language: Language
    mailbox: bool
    about: Text

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True)
class Employee:
    """A test member of staff. `subject` stays the same from login to login; roles and units are codes."""

    key: str
    subject: str
    name: str
    profession: str
    roles: tuple[str, ...]
    units: tuple[str, ...]
    about: Text


@dataclass(frozen=True)
class Mandate:
    """`mandatee` may act for `principal` (keys of residents) in the themes; both days are included."""

    principal: str
    mandatee: str
    themes: tuple[str, ...]
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True)
class World:
    """`guardianships` are pairs (guardian, child) of residents' keys."""

    residents: tuple[Resident, ...]
    staff: tuple[Employee, ...]
    guardianships: tuple[tuple[str, str], ...]
    mandates: tuple[Mandate, ...]

    def resident_by_code(self, identity_code: str) -> Resident | None:
        return next((person for person in self.residents if person.identity_code == identity_code), None)


@cache
def read_world() -> World:
    """The world of `app/content/test_persons.json`."""
    raw = load("test_persons.json")
    return World(
        residents=tuple(_resident(item) for item in raw["residents"]),
        staff=tuple(_employee(item) for item in raw["staff"]),
        guardianships=tuple((item["guardian"], item["child"]) for item in raw["guardianships"]),
        mandates=tuple(_mandate(item) for item in raw["mandates"]),
    )


def _resident(raw: dict[str, Any]) -> Resident:
    changed = {
        "born": date.fromisoformat(raw["born"]),
        "language": as_language(raw["language"]),
        "about": Text(raw["about"]),
    }
    return Resident(**{**raw, **changed})


def _employee(raw: dict[str, Any]) -> Employee:
    changed = {"roles": tuple(raw["roles"]), "units": tuple(raw["units"]), "about": Text(raw["about"])}
    return Employee(**{**raw, **changed})


def _mandate(raw: dict[str, Any]) -> Mandate:
    until = raw["valid_until"]
    return Mandate(
        principal=raw["principal"],
        mandatee=raw["mandatee"],
        themes=tuple(raw["themes"]),
        valid_from=date.fromisoformat(raw["valid_from"]),
        valid_until=date.fromisoformat(until) if until else None,
    )
