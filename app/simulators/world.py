"""The shared test world: the same people in every simulator and, through the same file, in the window's seed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from app.content import load
from app.domain.clock import full_years
from app.domain.text import Language, Text, as_language

ADULT_YEARS = 18


@dataclass(frozen=True)
class Resident:
    """A test person. `municipality` is None under non-disclosure; `mailbox`: uses Suomi.fi Messages.

    `previous_code`: the identity code that this one replaced. It is the code of a resident of its own, who stays as a
    memory of who the person was. `deceased`: the day of death.
    """

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
    previous_code: str | None = None
    deceased: date | None = None

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    def alive(self, on: date) -> bool:
        """True before the day of death."""
        return self.deceased is None or on < self.deceased


@dataclass(frozen=True)
class Foreigner:
    """A test person without a Finnish identity code, who signs in by eIDAS.

    `person_identifier` is the other country's (`SE/FI/…`: issued there, told to Finland). `levels` of assurance that
    their means of identification exist at, the usual one first.
    """

    key: str
    person_identifier: str
    first_names: str
    family_name: str
    born: date
    language: Language
    levels: tuple[str, ...]
    about: Text

    @property
    def name(self) -> str:
        return f"{self.first_names.partition(' ')[0]} {self.family_name}"


@dataclass(frozen=True)
class Employee:
    """A test member of staff. `subject` stays the same from login to login; roles, units and service tasks of social
    welfare are codes."""

    key: str
    subject: str
    name: str
    profession: str
    roles: tuple[str, ...]
    units: tuple[str, ...]
    about: Text
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mandate:
    """`mandatee` may act for `principal` (keys of residents) in the themes; both days are included."""

    principal: str
    mandatee: str
    themes: tuple[str, ...]
    valid_from: date
    valid_until: date | None

    def covers(self, day: date) -> bool:
        """True where the mandate is valid on `day`."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True)
class World:
    """`guardianships` are pairs (guardian, child) of residents' keys.

    `withdrawn` tells whether a mandate has been withdrawn meanwhile: the file says how the world begins.
    """

    residents: tuple[Resident, ...]
    staff: tuple[Employee, ...]
    guardianships: tuple[tuple[str, str], ...]
    mandates: tuple[Mandate, ...]
    withdrawn: Callable[[Mandate], bool] = lambda _mandate: False
    foreigners: tuple[Foreigner, ...] = ()

    def resident_by_code(self, identity_code: str) -> Resident | None:
        return next((person for person in self.residents if person.identity_code == identity_code), None)

    def resident(self, key: str) -> Resident:
        """The resident whose key this is. Raises KeyError for a key that is nobody's."""
        found = next((person for person in self.residents if person.key == key), None)
        if found is None:
            raise KeyError(key)
        return found

    def can_identify(self, person: Resident, on: date) -> bool:
        """True where the person can prove on the day `on` to be who they are: alive, by a code that still is theirs."""
        replaced = any(person.identity_code == other.previous_code for other in self.residents)
        return person.alive(on) and not replaced

    def children_of(self, guardian: str, on: date) -> tuple[Resident, ...]:
        """The living minors, on the day `on`, whose guardian the resident with this key is. Raises KeyError."""
        children = (self.resident(child) for keeper, child in self.guardianships if keeper == guardian)
        return tuple(child for child in children if _is_minor(child, on) and self._both_live(guardian, child.key, on))

    def mandates_of(self, mandatee: str, on: date) -> tuple[Mandate, ...]:
        """The mandates, valid on the day `on`, under which the resident with this key may act; a death ends them."""
        own = (given for given in self.mandates if given.mandatee == mandatee and given.covers(on))
        living = (given for given in own if self._both_live(mandatee, given.principal, on))
        return tuple(given for given in living if not self.withdrawn(given))

    def themes(self, mandatee: str, principal: str, on: date) -> tuple[str, ...]:
        """The themes in which `mandatee` may act for `principal` by mandate on the day `on`, each once."""
        given = (mandate.themes for mandate in self.mandates_of(mandatee, on) if mandate.principal == principal)
        return tuple(dict.fromkeys(theme for themes in given for theme in themes))

    def may_act(self, mandatee: str, principal: str, on: date) -> bool:
        """True for the guardian of a minor, and for whoever has a valid mandate in some theme. Keys of residents."""
        as_guardian = any(child.key == principal for child in self.children_of(mandatee, on))
        return as_guardian or bool(self.themes(mandatee, principal, on))

    def _both_live(self, one: str, other: str, on: date) -> bool:
        return self.resident(one).alive(on) and self.resident(other).alive(on)


def _is_minor(person: Resident, on: date) -> bool:
    """Under 18: guardianship ends on the 18th birthday (Guardianship Services Act 442/1999, section 2)."""
    return full_years(person.born, on) < ADULT_YEARS


@cache
def read_world() -> World:
    """The world of `app/content/test_persons.json`."""
    raw = load("test_persons.json")
    return World(
        residents=tuple(_resident(item) for item in raw["residents"]),
        staff=tuple(_employee(item) for item in raw["staff"]),
        guardianships=tuple((item["guardian"], item["child"]) for item in raw["guardianships"]),
        mandates=tuple(_mandate(item) for item in raw["mandates"]),
        foreigners=tuple(_foreigner(item) for item in raw["foreigners"]),
    )


def _resident(raw: dict[str, Any]) -> Resident:
    died = raw.get("deceased")
    return Resident(**{**raw, **_person(raw), "deceased": date.fromisoformat(died) if died else None})


def _foreigner(raw: dict[str, Any]) -> Foreigner:
    return Foreigner(**{**raw, **_person(raw), "levels": tuple(raw["levels"])})


def _person(raw: dict[str, Any]) -> dict[str, Any]:
    """What is told of everybody, as the types that it has."""
    return {
        "born": date.fromisoformat(raw["born"]),
        "language": as_language(raw["language"]),
        "about": Text(raw["about"]),
    }


def _employee(raw: dict[str, Any]) -> Employee:
    codes = {name: tuple(raw.get(name, ())) for name in ("roles", "units", "tasks")}
    return Employee(**{**raw, **codes, "about": Text(raw["about"])})


def _mandate(raw: dict[str, Any]) -> Mandate:
    until = raw["valid_until"]
    return Mandate(
        principal=raw["principal"],
        mandatee=raw["mandatee"],
        themes=tuple(raw["themes"]),
        valid_from=date.fromisoformat(raw["valid_from"]),
        valid_until=date.fromisoformat(until) if until else None,
    )
