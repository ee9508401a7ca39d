"""Measurements of the resident's own Kanta record, filled in to a form: visibly, and only where nothing is answered."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import HELSINKI
from app.domain.forms.answers import Address
from app.domain.forms.model import Item
from app.domain.forms.shared import measured_for
from app.domain.forms.values import Value
from app.integrations.kanta.phr.constants import LOINC
from app.integrations.kanta.phr.measures import Part, measures
from app.integrations.kanta.phr.port import Measurement
from app.models import FormResponse
from app.services.forms.drafts import Filling, save
from app.services.forms.origins import Origin, note_origins, origins_of

KEY = "record"


@dataclass(frozen=True)
class Measured:
    """An amount in the unit that people write, and the day in Helsinki when it was measured."""

    amount: Decimal
    unit: str
    on: date


@dataclass(frozen=True)
class _Found:
    """A part of a measurement that a question asks for."""

    part: Part
    amount: Decimal
    on: date


def is_measured(item: Item) -> bool:
    """Whether the question asks for something that the record may hold."""
    return any(_loinc(part.code, item) for measure in measures().values() for part in measure.parts)


async def fill_measured(
    session: AsyncSession, filling: Filling, addresses: Collection[Address], newest: Mapping[str, Measurement]
) -> tuple[Filling, bool]:
    """Fill in what was measured, for those of `addresses` that have no answer yet; what does not fit there, by its unit
    or because something is answered, is told beside. The second is whether anything was found."""
    form, answers, origins = filling.read.form, filling.state.answers, origins_of(filling.response)
    values: dict[Address, tuple[Value, ...]] = {}
    days: dict[Address, date] = {}
    beside: list[list[Any]] = []
    for address in addresses:
        item, open_ = form.by_link[address.link_id], not answers.of(address) or _is_record(origins.get(address))
        for found in _found(item, newest):
            value = measured_for(item, found.amount, found.part.unit)
            if value is not None and open_:
                values[address], days[address] = (value,), found.on
            elif (value,) != answers.of(address):
                beside.append([address.link_id, list(address.place), _kept(found)])
    filled = await save(session, filling, answers.with_values(values))
    filled.response.shown = {**(filled.response.shown or {}), KEY: beside}
    known = {address: Origin("record", day) for address, day in days.items()}
    note_origins(filled.response, form, filled.state.answers, known)
    return filled, bool(values or beside)


def measured_beside(response: FormResponse) -> Mapping[Address, Measured]:
    """What was measured and is only told beside a question."""
    rows = (response.shown or {}).get(KEY, ())
    return {
        Address(link, tuple(place)): Measured(Decimal(kept["amount"]), kept["unit"], date.fromisoformat(kept["on"]))
        for link, place, kept in rows
    }


def _found(item: Item, newest: Mapping[str, Measurement]) -> Iterator[_Found]:
    """What the question asks for of the newest measurements; at most one."""
    for measurement in newest.values():
        for part, amount in zip(measures()[measurement.measure].parts, measurement.amounts, strict=True):
            if _loinc(part.code, item):
                yield _Found(part, amount, measurement.measured_at.astimezone(HELSINKI).date())
                return


def _loinc(code: str, item: Item) -> bool:
    return any((one.system, one.code) == (LOINC, code) for one in item.codes)


def _is_record(origin: Origin | None) -> bool:
    return origin is not None and origin.kind == "record"


def _kept(found: _Found) -> dict[str, str]:
    return {"amount": str(found.amount), "unit": found.part.shown, "on": found.on.isoformat()}
