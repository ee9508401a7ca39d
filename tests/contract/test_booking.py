"""The booking back-end: our client against the simulator."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from app.integrations.booking.client import BookingBackend
from app.integrations.booking.port import (
    AlreadyChanged,
    Booked,
    BookingInvalid,
    BookingPatient,
    Cancelled,
    FreeSlot,
    Held,
    IdentifierUsed,
    SlotGone,
)
from app.integrations.http import Rejected, Unavailable
from app.simulators.booking_backend.seed import LOCATION, NO_CONSENT
from tests.contract.booking_tools import ANNA, JUHO, free_slots
from tests.contract.simulator_server import SimulatorServer

CLIENTS = 20


@pytest.fixture
async def booking(simulators: SimulatorServer) -> AsyncIterator[BookingBackend]:
    client = BookingBackend(simulators.booking_config())
    yield client
    await client.close()


async def ids(booking: BookingBackend) -> set[str]:
    return {slot.id for slot in await free_slots(booking)}


async def test_free_slots_are_what_was_asked_for(booking: BookingBackend) -> None:
    """Only the service, the place and the stretch of the question, in order, with names; long stretches are split."""
    start = datetime.now(UTC) + timedelta(hours=1)
    found = await booking.free_slots("nurse-visit", start, start + timedelta(days=27))
    assert len({slot.start.date() for slot in found}) > 10
    assert list(found) == sorted(found, key=lambda slot: slot.start)
    assert all(start <= slot.start < start + timedelta(days=27) for slot in found)
    assert all(slot.end - slot.start == timedelta(minutes=30) and slot.service == "nurse-visit" for slot in found)
    assert {slot.practitioner.name for slot in found if slot.practitioner} == {"Helmi Koskivaara", "Carola Lindqvist"}
    assert all(slot.location and slot.location.reference == f"Location/{LOCATION}" for slot in found)
    assert all(slot.location and slot.location.name for slot in found)


async def test_free_slots_by_person_and_place(booking: BookingBackend) -> None:
    """A professional's own times, and none at a place where she does not work; small pages bring the same."""
    start = datetime.now(UTC) + timedelta(days=1)
    until = start + timedelta(days=14)
    own = await booking.free_slots("nurse-visit", start, until, practitioner="ESH-P-01", location=LOCATION)
    assert {slot.practitioner.name for slot in own if slot.practitioner} == {"Helmi Koskivaara"}
    assert await booking.free_slots("nurse-visit", start, until, practitioner="ESH-P-01", location="ESH-L-02") == ()
    paging = BookingBackend(replace(booking._config, page_size=7))
    assert await paging.free_slots("nurse-visit", start, until, practitioner="ESH-P-01", location=LOCATION) == own
    await paging.close()


async def test_a_booking_is_made_once(booking: BookingBackend) -> None:
    """The same identifier gives the first booking again; the time is no longer free."""
    slot, identifier = (await free_slots(booking))[0], uuid4()
    first = await booking.book(slot, ANNA, identifier, "Tulen pyörätuolilla.")
    assert (first.slot_ids, first.start, first.version) == ((slot.id,), slot.start, "1")
    assert await booking.book(slot, ANNA, identifier) == first
    assert await booking.find_by_identifier(identifier) == first
    assert slot.id not in await ids(booking)


async def test_an_identifier_is_for_one_booking(booking: BookingBackend) -> None:
    """Another time, another patient, or a cancelled booking under the same identifier is a conflict, not a success."""
    slots, identifier = await free_slots(booking), uuid4()
    first = await booking.book(slots[0], ANNA, identifier)
    for slot, patient in ((slots[1], ANNA), (slots[0], JUHO)):
        with pytest.raises(IdentifierUsed):
            await booking.book(slot, patient, identifier)
    await booking.cancel(first.id, first.version, "patient")
    with pytest.raises(IdentifierUsed):
        await booking.book(slots[0], ANNA, identifier)


async def test_a_taken_slot_is_gone(booking: BookingBackend) -> None:
    """Who comes second is told so, and nothing is booked under the second identifier."""
    slot, second = (await free_slots(booking))[0], uuid4()
    await booking.book(slot, ANNA, uuid4())
    with pytest.raises(SlotGone) as gone:
        await booking.book(slot, JUHO, second)
    assert gone.value.body == {"code": "DUPLICATE_REJECTED"}
    assert await booking.find_by_identifier(second) is None


@pytest.mark.parametrize("way", ["pending", "operation"])
async def test_a_hold_becomes_a_booking(booking: BookingBackend, way: str) -> None:
    """Both ways of holding keep the time, tell until when, repeat without harm, and are confirmed."""
    client = BookingBackend(replace(booking._config, hold=way))  # type: ignore[arg-type]
    slot, identifier = (await free_slots(client))[0], uuid4()
    held = await client.hold(slot, identifier)
    assert held.until is not None
    assert timedelta(minutes=9) < held.until - datetime.now(UTC) < timedelta(minutes=11)
    assert (await client.hold(slot, identifier)).id == held.id
    assert await client.find_by_identifier(identifier) == replace(held, until=None)
    assert slot.id not in await ids(client)
    with pytest.raises(SlotGone):
        await client.book(slot, JUHO, uuid4())
    booked = await client.book(held, ANNA, identifier)
    assert (booked.id, booked.version) == (held.id, "2")
    assert await client.book(held, ANNA, identifier) == booked
    assert await client.book(slot, ANNA, identifier) == booked
    with pytest.raises(IdentifierUsed):
        await client.hold(slot, identifier)
    await client.close()


async def test_a_hold_is_let_go_and_runs_out(booking: BookingBackend) -> None:
    """A hold that is let go or has run out frees its time, and can't be booked any more."""
    slots, identifier = await free_slots(booking), uuid4()
    held = await booking.hold(slots[0], identifier)
    assert isinstance(await booking.cancel(held.id, held.version, "patient"), Cancelled)
    short = await booking.hold(slots[0], uuid4(), datetime.now(UTC) + timedelta(seconds=0.6))
    await asyncio.sleep(0.7)
    assert slots[0].id in await ids(booking)
    with pytest.raises(SlotGone):
        await booking.book(short, ANNA, short.identifier)
    assert isinstance(await booking.find_by_identifier(short.identifier), Cancelled)
    with pytest.raises(ValueError, match="own identifier"):
        await booking.book(short, ANNA, uuid4())


async def test_cancelling(booking: BookingBackend) -> None:
    """A cancelled time is free again; cancelling twice is success; a stale version is not."""
    slot = (await free_slots(booking))[0]
    booked = await booking.book(slot, ANNA, uuid4())
    with pytest.raises(AlreadyChanged):
        await booking.cancel(booked.id, "7", "patient")
    cancelled = await booking.cancel(booked.id, booked.version, "patient")
    assert await booking.cancel(booked.id, booked.version, "patient") == cancelled
    assert await booking.find_by_identifier(booked.identifier) == cancelled
    assert slot.id in await ids(booking)
    with pytest.raises(AlreadyChanged):
        await booking.cancel("not-there", "1", "patient")


async def test_who_cancels_first_wins(booking: BookingBackend) -> None:
    """A change between reading and writing is noticed by the version, as 409 here."""
    booked = await booking.book((await free_slots(booking))[0], ANNA, uuid4())
    _, resource = await booking._read(booked.id)
    body = booking._outgoing.cancelled(resource, "patient")
    results = await asyncio.gather(*(booking._update(body, booked.version) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(result, AlreadyChanged) for result in results) == 3


@pytest.mark.parametrize("at_once", [True, False])
async def test_moving(booking: BookingBackend, at_once: bool) -> None:
    """The new time is booked and the old one free, repeatably, with and without transactions at the server."""
    client = BookingBackend(replace(booking._config, transactions=at_once))
    old_slot, new_slot, *_ = await free_slots(client)
    old, identifier = await client.book(old_slot, ANNA, uuid4()), uuid4()
    new = await client.move(old, new_slot, ANNA, identifier)
    assert new.slot_ids == (new_slot.id,)
    assert await client.move(old, new_slot, ANNA, identifier) == new
    assert isinstance(await client.find_by_identifier(old.identifier), Cancelled)
    free = await ids(client)
    assert (old_slot.id in free, new_slot.id in free) == (True, False)
    await client.close()


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_failed_move_loses_nothing(booking: BookingBackend, at_once: bool) -> None:
    """Where the new time is gone, or the old booking has changed, the old one stands as it was and nothing is new."""
    client = BookingBackend(replace(booking._config, transactions=at_once))
    old_slot, taken, other, *_ = await free_slots(client)
    old, identifier = await client.book(old_slot, ANNA, uuid4()), uuid4()
    await client.book(taken, JUHO, uuid4())
    with pytest.raises(SlotGone):
        await client.move(old, taken, ANNA, identifier)
    with pytest.raises(AlreadyChanged):
        await client.move(replace(old, version="9"), other, ANNA, identifier)
    assert await client.find_by_identifier(old.identifier) == old
    assert not isinstance(await client.find_by_identifier(identifier), Booked)
    assert other.id in await ids(client)
    await client.close()


async def test_what_the_back_end_does_not_take(booking: BookingBackend) -> None:
    """Too long a comment, a patient that is unknown, malformed or without consent, and an unknown slot are invalid."""
    slot = (await free_slots(booking))[0]
    gone = replace(slot, id="no-such-slot")
    cases: list[tuple[FreeSlot, BookingPatient, str, str]] = [
        (slot, ANNA, "x" * 501, "INVALID_RESOURCE"),
        (slot, BookingPatient("010180-9026"), "", "PATIENT_NOT_FOUND"),
        (slot, BookingPatient("010180-902X"), "", "INVALID_NHS_NUMBER"),
        (slot, BookingPatient(NO_CONSENT), "", "NO_PATIENT_CONSENT"),
        (gone, ANNA, "", "REFERENCE_NOT_FOUND"),
        (replace(slot, start=slot.start - timedelta(minutes=30)), ANNA, "", "INVALID_RESOURCE"),
    ]
    for wanted, patient, comment, code in cases:
        with pytest.raises(BookingInvalid) as refused:
            await booking.book(wanted, patient, uuid4(), comment)
        assert refused.value.body == {"code": code}
        assert patient.identity_code not in str(refused.value)
    assert slot.id in await ids(booking)


async def test_a_wrong_token_is_a_matter_for_operators(simulators: SimulatorServer) -> None:
    """A token that is not accepted is Rejected, and neither a lost time nor an invalid booking."""
    client = BookingBackend(replace(simulators.booking_config(), token="wrong"))
    with pytest.raises(Rejected) as refused:
        await client.find_by_identifier(uuid4())
    assert (type(refused.value), refused.value.body) == (Rejected, {"code": "ACCESS_DENIED"})
    assert "wrong" not in repr(client._config)
    await client.close()


async def test_an_unknown_outcome_is_settled_by_the_identifier(
    booking: BookingBackend, simulators: SimulatorServer
) -> None:
    """A booking whose answer was cut off is found by its identifier, and booking again makes no second one."""
    slot, identifier = (await free_slots(booking))[0], uuid4()
    switch = f"{simulators.url}/_faults/booking"
    async with httpx.AsyncClient() as operator:
        await operator.put(switch, json={"mode": "malformed"})
        with pytest.raises(Unavailable):
            await booking.book(slot, ANNA, identifier)
        await operator.put(switch, json={"mode": "none"})
    found = await booking.find_by_identifier(identifier)
    assert isinstance(found, Booked)
    assert await booking.book(slot, ANNA, identifier) == found


async def test_a_race_has_one_winner(simulators: SimulatorServer) -> None:
    """Of twenty clients who want the same time at once, one gets it and nineteen are told that it is gone."""
    clients = [BookingBackend(replace(simulators.booking_config(), seconds=10)) for _ in range(CLIENTS)]
    slot = (await free_slots(clients[0]))[0]
    identifiers = [uuid4() for _ in clients]
    asked = [client.book(slot, ANNA, one) for client, one in zip(clients, identifiers, strict=True)]
    results = await asyncio.gather(*asked, return_exceptions=True)
    kinds = [type(result).__name__ for result in results]
    assert sorted(kinds) == ["Booked"] + ["SlotGone"] * (CLIENTS - 1)
    found = [await clients[0].find_by_identifier(one) for one in identifiers]
    assert sum(isinstance(one, Booked) for one in found) == 1
    await asyncio.gather(*(client.close() for client in clients))


async def test_a_hold_can_be_found_and_confirmed_later(booking: BookingBackend) -> None:
    """A hold that is found by its identifier is as good as the one that was given."""
    slot, identifier = (await free_slots(booking))[0], uuid4()
    await booking.hold(slot, identifier)
    found = await booking.find_by_identifier(identifier)
    assert isinstance(found, Held)
    assert isinstance(await booking.book(found, ANNA, identifier), Booked)
