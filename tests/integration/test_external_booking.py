"""Bookings in an external system: whatever happens to a call, both sides agree in the end, and nobody books twice."""

import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from app.integrations.booking.port import Booked, Cancelled, FreeSlot
from app.services.booking.external import cancel_booking, find_booking, request_booking
from app.services.deliveries.carry_out import carry_out
from app.services.deliveries.kind import Carrier
from app.services.errors import NotFound
from app.services.viewer import Viewer
from app.settings import Settings
from tests.tools.deliveries import carrier, change, delivery_of, hurry, rows_of
from tests.tools.world import World


@pytest.fixture
def settings(world: World) -> Iterator[Settings]:
    """A window's settings on a database of this test's own; its clock runs."""
    httpx.post(f"{world.simulators.url}/_reset/booking").raise_for_status()
    with world.database() as name:
        yield world.settings(name, fixed_now=None)
    httpx.post(f"{world.simulators.url}/_reset/booking").raise_for_status()


@pytest_asyncio.fixture
async def ours(settings: Settings) -> AsyncIterator[Carrier]:
    """What the web and the worker carry bookings out with."""
    async with carrier(settings) as one:
        yield one


def resident(settings: Settings, given_name: str = "Anna") -> Viewer:
    (person,) = rows_of(settings, "select id from person where given_name = %s", given_name)
    return Viewer(uuid.uuid4(), person["id"])


def misbehave(settings: Settings, **fault: Any) -> None:
    httpx.put(f"{settings.simulators_url}/_faults/booking", json=fault).raise_for_status()


async def a_slot(ours: Carrier, number: int = 0) -> FreeSlot:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    slots = await ours.ports.booking.free_slots("nurse-visit", tomorrow, tomorrow + timedelta(days=10))
    return slots[number]


async def want(ours: Carrier, viewer: Viewer, slot: FreeSlot) -> tuple[uuid.UUID, uuid.UUID]:
    """The booking's and the delivery's id."""
    async with ours.transactions() as session:
        delivery = await request_booking(session, viewer, slot)
        return delivery.about_id, delivery.id


def state_of(settings: Settings, booking_id: uuid.UUID) -> str:
    return str(rows_of(settings, "select state from external_booking where id = %s", booking_id)[0]["state"])


async def test_it_is_booked_at_once(settings: Settings, ours: Carrier) -> None:
    """Where the other side answers, the page that carries it out knows the end; a repeat changes nothing."""
    booking_id, delivery_id = await want(ours, resident(settings), await a_slot(ours))
    assert await carry_out(ours, delivery_id) == "done"
    assert state_of(settings, booking_id) == "booked"
    assert isinstance(await ours.ports.booking.find_by_identifier(booking_id), Booked)
    assert await carry_out(ours, delivery_id) == ""


async def test_somebody_was_faster(settings: Settings, ours: Carrier) -> None:
    """A time that is gone ends as refused, for the resident to choose another; no operator need look."""
    slot = await a_slot(ours)
    first, second = await want(ours, resident(settings), slot), await want(ours, resident(settings, "Juho"), slot)
    assert await carry_out(ours, first[1]) == "done"
    assert await carry_out(ours, second[1]) == "dropped"
    assert [state_of(settings, one[0]) for one in (first, second)] == ["booked", "refused"]


@pytest.mark.parametrize("fault", [{"mode": "drop"}, {"mode": "truncated"}, {"mode": "error"}, {"mode": "malformed"}])
async def test_an_unknown_outcome_is_settled_by_the_identifier(
    settings: Settings, ours: Carrier, fault: dict[str, Any]
) -> None:
    """The call was carried out and its answer lost: the worker asks by the identifier, and finds the one booking."""
    slot = await a_slot(ours)
    booking_id, delivery_id = await want(ours, resident(settings), slot)
    extra = {"carried_out": True} if fault["mode"] in {"drop", "error"} else {}
    misbehave(settings, **fault, **extra)
    try:
        assert await carry_out(ours, delivery_id) == "waiting"
        assert state_of(settings, booking_id) == "requested"
    finally:
        misbehave(settings, mode="none")
    await hurry(settings)
    assert state_of(settings, booking_id) == "booked"
    assert slot.id not in {free.id for free in [await a_slot(ours)]}


async def test_a_booking_nobody_waits_for_any_more(settings: Settings, ours: Carrier) -> None:
    """A call that never arrived is not made hours later, when the resident has found another way."""
    booking_id, delivery_id = await want(ours, resident(settings), await a_slot(ours))
    misbehave(settings, mode="drop")
    try:
        assert await carry_out(ours, delivery_id) == "waiting"
    finally:
        misbehave(settings, mode="none")
    change(settings, "update external_booking set created_at = now() - interval '1 hour'")
    await hurry(settings)
    assert state_of(settings, booking_id) == "refused"
    assert not isinstance(await ours.ports.booking.find_by_identifier(booking_id), Booked)


async def test_one_made_long_ago_stands(settings: Settings, ours: Carrier) -> None:
    """Was it booked after all, it stands, however late we hear of it: never a booking that nobody knows of."""
    booking_id, delivery_id = await want(ours, resident(settings), await a_slot(ours))
    misbehave(settings, mode="drop", carried_out=True)
    try:
        assert await carry_out(ours, delivery_id) == "waiting"
    finally:
        misbehave(settings, mode="none")
    change(settings, "update external_booking set created_at = now() - interval '1 hour'")
    await hurry(settings)
    assert state_of(settings, booking_id) == "booked"


async def test_cancelling(settings: Settings, ours: Carrier) -> None:
    """A cancelled booking is cancelled there too and its time is free again; cancelling twice is one cancelling."""
    viewer, slot = resident(settings), await a_slot(ours)
    booking_id, delivery_id = await want(ours, viewer, slot)
    await carry_out(ours, delivery_id)
    async with ours.transactions() as session:
        assert await cancel_booking(session, viewer, booking_id) is not None
        assert await cancel_booking(session, viewer, booking_id) is None
    await hurry(settings)
    assert state_of(settings, booking_id) == "cancelled"
    assert isinstance(await ours.ports.booking.find_by_identifier(booking_id), Cancelled)
    assert (await a_slot(ours)).id == slot.id


@pytest.mark.parametrize("carried_out", [True, False])
async def test_cancelled_while_unknown(settings: Settings, ours: Carrier, carried_out: bool) -> None:
    """Cancelled before anybody knew whether it had been booked: in the end there is no living booking anywhere."""
    viewer, slot = resident(settings), await a_slot(ours)
    booking_id, delivery_id = await want(ours, viewer, slot)
    misbehave(settings, mode="drop", carried_out=carried_out)
    try:
        await carry_out(ours, delivery_id)
    finally:
        misbehave(settings, mode="none")
    async with ours.transactions() as session:
        await cancel_booking(session, viewer, booking_id)
    await hurry(settings)
    assert state_of(settings, booking_id) == "cancelled"
    assert not isinstance(await ours.ports.booking.find_by_identifier(booking_id), Booked)
    assert (await a_slot(ours)).id == slot.id
    assert delivery_of(settings, booking_id, "external_booking_cancel")["state"] in {"done", "dropped"}


async def test_somebody_elses_booking(settings: Settings, ours: Carrier) -> None:
    """Another resident's booking does not exist, neither to look at nor to cancel."""
    booking_id, _ = await want(ours, resident(settings), await a_slot(ours))
    other = resident(settings, "Juho")
    async with ours.transactions() as session:
        for ask in (find_booking, cancel_booking):
            with pytest.raises(NotFound):
                await ask(session, other, booking_id)
