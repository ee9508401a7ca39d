"""Which items a request means. Edited items may have anything in any field: what has the wrong shape doesn't match."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Filter = Callable[[Mapping[str, Any]], bool]
_NAMES = ("serviceNames", "serviceChannelNames", "organizationNames", "names")


def belongs_to(organisation: str) -> Filter:
    """Channels of the organisation, and services in which it has a role."""
    has_role = leads_to("organizations", "organization", organisation)
    return lambda item: item.get("organizationId") == organisation or has_role(item)


def leads_to(field: str, target: str, wanted: str) -> Filter:
    """Items with a connection `[{target: {id}}]` in the list `field` to what is wanted."""

    def leads(item: Mapping[str, Any]) -> bool:
        ends = (link.get(target) for link in parts(item, field))
        return any(isinstance(end, dict) and end.get("id") == wanted for end in ends)

    return leads


def in_area(area: str, code: str, *, whole_country: bool) -> Filter:
    """Items given in the area; those given in the whole country only where these are asked for too."""

    def inside(item: Mapping[str, Any]) -> bool:
        if item.get("areaType") in ("Nationwide", "NationwideExceptAlandIslands"):
            return whole_country
        areas = list(parts(item, "areas"))
        if any((one.get("type"), one.get("code")) == (area, code) for one in areas):
            return True
        municipalities = (part for one in areas for part in parts(one, "municipalities"))
        return area == "Municipality" and any(part.get("code") == code for part in municipalities)

    return inside


def parts(item: Mapping[str, Any], field: str) -> Iterable[Mapping[str, Any]]:
    """The objects of a list."""
    value = item.get(field)
    return (part for part in value if isinstance(part, dict)) if isinstance(value, list) else ()


def first_name(item: Mapping[str, Any]) -> Any:
    """What lists call the item."""
    return next((part.get("value") for field in _NAMES for part in parts(item, field)), None)
