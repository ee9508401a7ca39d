"""The booking back-end's rules without the air between: races with a control, and any sequence of steps."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from app.integrations.booking.port import FreeSlot
from app.simulators.booking_backend.description import BOOKING_BACKEND
from app.simulators.booking_backend.rules import BookingRules
from app.simulators.booking_backend.seed import actors
from app.simulators.fhir_server import Context, FhirServer, Refusal, Refused, Resource
from app.simulators.fhir_server.records import Guard, Unit
from app.simulators.store import Store
from app.simulators.world import read_world
from tests.contract.booking_tools import appointment

CLIENTS = 20
REASON = {"coding": [{"code": "pat-cpp"}]}
NOBODY = Request({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []})
MORNING = datetime(2090, 1, 2, 8, tzinfo=UTC)
SLOTS = tuple(
    FreeSlot(f"slot-{n}", MORNING + n * timedelta(minutes=30), MORNING + (n + 1) * timedelta(minutes=30), "nurse-visit")
    for n in range(3)
)


class Dawdling(BookingRules):
    """Looks, and takes its time before what it decided is written."""

    def before_create(self, resource: Resource, context: Context) -> Refusal | None:
        refusal = super().before_create(resource, context)
        time.sleep(0.01)
        return refusal


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    kept = Store(tmp_path_factory.mktemp("booking") / "own.sqlite")
    yield kept
    kept.close()


def fresh(store: Store, kind: type[BookingRules] = BookingRules, guard: Guard | None = None) -> FhirServer:
    """A back-end with three free slots."""
    store.forget("booking/")
    server = FhirServer(BOOKING_BACKEND, store, "http://own.test", kind(store, read_world(), "token"), guard=guard)
    with server.records.unit() as unit:
        for actor in actors(read_world()):
            unit.put(actor)
        for slot in SLOTS:
            unit.put(slot_resource(slot))
    return server


def slot_resource(slot: FreeSlot) -> dict[str, Any]:
    times = {"start": slot.start.isoformat(), "end": slot.end.isoformat()}
    schedule = {"schedule": {"reference": "Schedule/ESH-P-01"}}
    return {"resourceType": "Slot", "id": slot.id, "status": "free", **schedule, **times}


def create(server: FhirServer, body: dict[str, Any]) -> str:
    """The new appointment's id, or the code of the refusal."""
    try:
        with server.records.unit() as unit:
            context = Context(NOBODY, unit, BOOKING_BACKEND)
            answer = server.interactions.create("Appointment", body, context)
            return str((answer.resource or {})["id"])
    except Refused as refused:
        return str(refused.refusal.detail)


def change(server: FhirServer, appointment_id: str, **changes: Any) -> None:
    try:
        with server.records.unit() as unit:
            context = Context(NOBODY, unit, BOOKING_BACKEND)
            current = server.interactions.current("Appointment", appointment_id, context)
            body = {k: v for k, v in current.items() if k != "_status"} | changes
            guard = f'W/"{current["meta"]["versionId"]}"'
            server.interactions.update("Appointment", appointment_id, body, context, if_match=guard)
    except Refused:
        pass  # a step that is not possible in this state


def live(unit: Unit, slot: FreeSlot) -> list[Resource]:
    wanted = {"reference": f"Slot/{slot.id}"}
    every = unit.every("Appointment")
    return [one for one in every if one["status"] in ("booked", "pending") and wanted in one["slot"]]


def race(server: FhirServer) -> int:
    """How many of twenty get the same slot."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda _: create(server, appointment(SLOTS[0])), range(CLIENTS)))
    with server.records.unit() as unit:
        return len(live(unit, SLOTS[0]))


def test_a_slot_is_taken_once(store: Store) -> None:
    """Of twenty at once one gets the slot, however long the rules take to decide."""
    assert race(fresh(store, Dawdling)) == 1


def test_the_guard_is_what_prevents_it(store: Store) -> None:
    """Control: without the guard around a unit the same race books the slot several times."""
    assert race(fresh(store, Dawdling, nullcontext)) > 1


def test_what_has_begun_is_not_booked(store: Store) -> None:
    """A free slot in the past is refused."""
    server = fresh(store)
    start = datetime.now(UTC) - timedelta(minutes=5)
    past = FreeSlot("past", start, start + timedelta(minutes=30), "nurse-visit")
    with server.records.unit() as unit:
        unit.put(slot_resource(past))
    assert create(server, appointment(past)) == "INVALID_RESOURCE"


STEPS = st.tuples(
    st.sampled_from(["hold", "book", "confirm", "cancel", "run out"]), st.sampled_from(range(3)), st.integers(0, 5)
)


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(STEPS, max_size=15))
def test_any_sequence_leaves_slots_and_appointments_in_step(store: Store, steps: list[tuple[str, int, int]]) -> None:
    """After every step each slot has at most one live appointment, and is busy exactly where it has one."""
    server = fresh(store)
    known: list[str] = []
    for step, which, nth in steps:
        if step in ("hold", "book"):
            status = "pending" if step == "hold" else "booked"
            known.append(create(server, appointment(SLOTS[which], status=status)))
        elif known and step == "run out":
            run_out(store, server)
        elif known:
            changes = (
                {"status": "booked"} if step == "confirm" else {"status": "cancelled", "cancelationReason": REASON}
            )
            change(server, known[nth % len(known)], **changes)
        in_step(server)


def in_step(server: FhirServer) -> None:
    with server.records.unit() as unit:
        for slot in SLOTS:
            taken, kept = live(unit, slot), unit.read("Slot", slot.id)
            assert kept is not None
            assert (len(taken), kept["status"]) in ((0, "free"), (1, "busy"))


def run_out(store: Store, server: FhirServer) -> None:
    """Let every hold end now."""
    for hold in store.records("booking/hold"):
        store.put("booking/hold", hold.key, (datetime.now(UTC) - timedelta(seconds=1)).isoformat())
    with server.records.unit() as unit:
        assert isinstance(server.rules, BookingRules)
        server.rules.let_go(Context(NOBODY, unit, BOOKING_BACKEND))


def test_a_rolled_back_change_keeps_the_hold(store: Store) -> None:
    """Where a unit fails after a hold was confirmed in it, the hold is as it was, with its end."""
    server = fresh(store)
    held = create(server, appointment(SLOTS[0], status="pending"))
    with pytest.raises(ZeroDivisionError):
        confirm_and_fail(server, held)
    assert [hold.key for hold in store.records("booking/hold")] == [held]
    with server.records.unit() as unit:
        assert [one["status"] for one in live(unit, SLOTS[0])] == ["pending"]


def confirm_and_fail(server: FhirServer, held: str) -> None:
    with server.records.unit() as unit:
        context = Context(NOBODY, unit, BOOKING_BACKEND)
        current = server.interactions.current("Appointment", held, context)
        body = {k: v for k, v in current.items() if k != "_status"} | {"status": "booked"}
        server.interactions.update("Appointment", held, body, context, if_match='W/"1"')
        raise ZeroDivisionError


def test_the_store_is_the_systems_own(tmp_path: Path) -> None:
    """Seeding twice adds nothing, and everything stands under the system's own kinds."""
    store = Store(tmp_path / "own.sqlite")
    server = FhirServer(BOOKING_BACKEND, store, "http://own.test", BookingRules(store, read_world(), str(uuid4())))
    server.prepare()
    before = len(store.newest("", limit=100_000))
    server.prepare()
    assert len(store.newest("", limit=100_000)) == len(store.newest("booking/", limit=100_000)) == before > 1000
    store.close()
