"""Answers of the catalogue's interface, version 11, as the port's values. Nothing of its shape is known elsewhere,
except to the readers in `app.domain` that the window's own kept documents need too.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from app.domain import ptv
from app.integrations.suomifi.catalogue.port import Answer, Broken, CodeList, Item

T = TypeVar("T")
LIST_SIZE = 100  # identifiers that one call may ask for
_LONGEST_KEY = 500  # what a database index surely takes
CODE_LISTS: Mapping[CodeList, str] = {
    "municipalities": "GetMunicipalityCodes",
    "languages": "GetLanguageCodes",
    "countries": "GetCountryCodes",
    "hospital_districts": "GetAreaCodes/type/HospitalDistrict",
    "regions": "GetAreaCodes/type/Region",
}


class OddPage(ValueError):
    """The answer is no page or list of the catalogue."""


@dataclass(frozen=True)
class Page:
    """One page of an answer; `count` is how many there are in all, `as_of` the catalogue's clock."""

    entries: Sequence[Any]
    count: int = 1
    as_of: datetime | None = None


def read_page(data: Any, number: int, date: str | None = None) -> Page:
    """The page `number`, or a plain list as the only page; `date` is the answer's header. Raises OddPage."""
    if isinstance(data, list):
        return Page(data, as_of=_read_date(date))
    if not isinstance(data, Mapping):
        raise OddPage("neither a page nor a list")
    entries, count, told = data.get("itemList"), data.get("pageCount"), data.get("pageNumber")
    if not isinstance(entries, list) and not (entries is None and count == 0):
        raise OddPage("itemList is not a list")
    if not isinstance(count, int) or not 0 <= count <= 10_000:
        raise OddPage("pageCount is no such number")
    if told != number:
        raise OddPage("another page than was asked for")
    return Page(entries or (), count, _read_date(date))


def _read_date(value: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value or "")
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def read_ids(pages: Sequence[Page]) -> Answer[UUID]:
    """Identifiers of `[{id, name}]`."""
    return _each(pages, lambda entry: ptv.uuid(entry, "id"), key=lambda found: found)


def read_items(pages: Sequence[Page], read: Callable[[Mapping[str, Any]], T]) -> Answer[Item[T]]:
    """Whole items with the documents to keep."""

    def read_item(entry: Mapping[str, Any]) -> Item[T]:
        document = {name: _storable(value) for name, value in entry.items()}
        if len(ptv.string(document, "sourceId") or "") > _LONGEST_KEY:
            raise ptv.Broken("sourceId is too long")
        return Item(read(document), document)

    return _each(pages, read_item, key=lambda item: ptv.uuid(item.document, "id"))


def read_values(pages: Sequence[Page], read: Callable[[Mapping[str, Any]], T]) -> Answer[T]:
    """Values of which no document is kept."""
    return _each(pages, read, key=None)


def joined(answers: Sequence[Answer[T]]) -> Answer[T]:
    """Several answers as one."""
    found = (one for answer in answers for one in answer.found)
    broken = (one for answer in answers for one in answer.broken)
    return Answer(tuple(found), tuple(broken), answers[0].as_of if answers else None)


def batches(ids: Sequence[UUID]) -> Iterator[str]:
    """`guids` parameters that name each identifier once, at most LIST_SIZE in one."""
    left = iter(dict.fromkeys(ids))
    while batch := list(islice(left, LIST_SIZE)):
        yield ",".join(str(one) for one in batch)


def as_date(moment: datetime) -> str:
    """An instant as the interface's filters take it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _each(
    pages: Sequence[Page], read: Callable[[Mapping[str, Any]], T], *, key: Callable[[T], object] | None
) -> Answer[T]:
    found: dict[object, T] = {}
    broken: list[Broken] = []
    for place, entry in enumerate(entry for page in pages for entry in page.entries):
        try:
            if not isinstance(entry, Mapping):
                raise ptv.Broken("not an object")
            value = read(entry)
            found.setdefault(key(value) if key else place, value)
        except ptv.Broken as error:
            broken.append(Broken(_id_of(entry), str(error)))
        except RecursionError:
            broken.append(Broken(_id_of(entry), "nested too deep"))
    return Answer(tuple(found.values()), tuple(broken), pages[0].as_of if pages else None)


def _id_of(entry: Any) -> str:
    value = entry.get("id") if isinstance(entry, Mapping) else None
    return value[:50] if isinstance(value, str) else ""


def _storable(value: Any) -> Any:
    """`value` as PostgreSQL can keep it: its JSON has no zero characters, half characters or infinite numbers."""
    if isinstance(value, str):
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise ptv.Broken("a text has half a character")
        return value.replace("\x00", "")
    if isinstance(value, float) and not math.isfinite(value):
        raise ptv.Broken("a number is not finite")
    if isinstance(value, list):
        return [_storable(part) for part in value]
    if isinstance(value, Mapping):
        return {_storable(name): _storable(part) for name, part in value.items()}
    return value
