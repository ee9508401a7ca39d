"""The county as its content files tell it: names, phone line, numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.content import load
from app.domain.service_hours import ServiceHours
from app.domain.text import Text


@dataclass(frozen=True)
class PhoneNumber:
    """A number to call: as it is written, as a `tel:` address, when to call, and when somebody answers.

    `hours` is None where the number answers round the clock.
    """

    id: str
    display: str
    href: str
    names: Text
    when: Text
    hours: ServiceHours | None


@dataclass(frozen=True)
class County:
    """The county that runs this window. Only a demonstration has a `demo_notice`: that nothing in it is real."""

    names: Text
    service_names: Text
    phone: PhoneNumber
    numbers: Mapping[str, PhoneNumber]
    demo_notice: Text | None


@cache
def read_county() -> County:
    """The county of content/county.json and content/numbers.json. Raises KeyError or UnreadableHours."""
    county = load("county.json")
    numbers = {row["id"]: _number(row) for row in load("numbers.json")["numbers"]}
    return County(
        names=Text(county["name"]),
        service_names=Text(county["service_name"]),
        phone=numbers[county["main_phone"]],
        numbers=numbers,
        demo_notice=Text(county["demo_notice"]) if "demo_notice" in county else None,
    )


@cache
def municipality_names() -> Mapping[str, Text]:
    """The names of the county's own municipalities by their three-digit code."""
    return {row["code"]: Text(row["names"]) for row in load("municipalities.json")}


def _number(row: Mapping[str, Any]) -> PhoneNumber:
    hours = row.get("serviceHours")
    return PhoneNumber(
        id=row["id"],
        display=row["display"],
        href=row["href"],
        names=Text(row["name"]),
        when=Text(row["when"]),
        hours=ServiceHours.from_ptv(hours) if hours else None,
    )
