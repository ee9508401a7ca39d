"""Workers are killed in the middle of deliveries: nothing is lost, and nothing is doubled where a key exists.

`KILLS` in the environment says how often (10 by default, 100 in `make soak`); the seed is printed, `SEED` repeats it.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.services.booking.external import request_booking
from app.services.deliveries.queue import wake_due, want_delivery
from app.services.viewer import Viewer
from app.settings import Settings
from tests.tools.deliveries import booked_appointment, carrier, change, rows_of, want_notice
from tests.tools.live import process_environment
from tests.tools.world import World

KILLS = int(os.environ.get("KILLS", "10"))
SLOW = ("suomifi-messages", "sms", "booking", "kanta-appointments")
LEASE = 1.0


@pytest.fixture
def settings(world: World) -> Iterator[Settings]:
    """A window whose receivers take their time, so that a kill often comes in the middle of a call."""
    with world.database() as name:
        for system in SLOW:
            httpx.post(f"{world.simulators.url}/_reset/{system}").raise_for_status()
            fault = {"mode": "slow", "seconds": 0.15, "carried_out": True}
            httpx.put(f"{world.simulators.url}/_faults/{system}", json=fault).raise_for_status()
        yield world.settings(name, fixed_now=None, delivery_lease_seconds=LEASE)
        for system in SLOW:
            httpx.put(f"{world.simulators.url}/_faults/{system}", json={"mode": "none"})


async def want_some(settings: Settings, round_number: int) -> None:
    """One of each: a notice, a text message, a time for Kanta, a booking elsewhere."""
    appointment = booked_appointment(settings)
    change(settings, "update appointment set service_code = 'nurse-visit' where id = %s", appointment.id)
    async with carrier(settings) as ours, ours.transactions() as session:
        notice = await want_notice(session, appointment)
        await want_delivery(session, "sms", "notice_sms", notice)
        await want_delivery(session, "kanta-appointments", "appointment_register", appointment.id)
        soon = datetime.now(UTC) + timedelta(days=1)
        slots = await ours.ports.booking.free_slots("nurse-visit", soon, soon + timedelta(days=20))
        viewer = Viewer(uuid.uuid4(), appointment.subject_id)
        await request_booking(session, viewer, slots[round_number % len(slots)])


async def wake_all(settings: Settings) -> None:
    """What housekeeping does every minute."""
    async with carrier(settings) as ours, ours.transactions() as session:
        await wake_due(session, timedelta(0))


def start_worker(settings: Settings) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "app.cli", "worker"], env=process_environment(settings))


def attempts(settings: Settings) -> int:
    return int(rows_of(settings, "select coalesce(sum(attempts), 0) as n from delivery")[0]["n"])


def kill_in_the_middle(settings: Settings, dice: random.Random) -> bool:
    """Kill a worker soon after it has begun; True where something was under way just then."""
    before, worker = attempts(settings), start_worker(settings)
    deadline = time.monotonic() + 20
    while attempts(settings) == before and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(dice.uniform(0, 0.5))
    worker.send_signal(signal.SIGKILL)
    worker.wait(10)
    return bool(rows_of(settings, "select 1 from delivery where lease_until > now()"))


async def settle_all(settings: Settings) -> None:
    """A worker that lives, until nothing is open."""
    worker = start_worker(settings)
    try:
        for _ in range(120):
            await wake_all(settings)
            if not rows_of(settings, "select 1 from delivery where state in ('waiting', 'sending')"):
                return
            await asyncio.sleep(0.5)
    finally:
        worker.terminate()
        worker.wait(15)
    raise AssertionError("deliveries stay open")


def exchanges(settings: Settings, system: str, path: str) -> list[dict[str, Any]]:
    """What arrived at a simulator and was carried out."""
    address = f"{settings.simulators_url}/_traffic/{system}"
    answer = httpx.get(address, params={"limit": 2000}, headers={"Accept": "application/json"})
    return [
        one
        for one in answer.json()["exchanges"]
        if one["path"].endswith(path) and one["method"] == "POST" and one["carried_out"]
    ]


async def test_workers_killed_in_the_middle(world: World, settings: Settings, notes: list[str]) -> None:
    """After every kill and a last quiet run: all notices, times and bookings are there exactly once; every text
    message went out at most once, and those of unclear outcome wait for a person."""
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
    notes.append(f"killed workers: seed {seed}, {KILLS} kills")
    dice, hit = random.Random(seed), 0
    for number in range(KILLS):
        await want_some(settings, number)
        hit += kill_in_the_middle(settings, dice)
        await wake_all(settings)
    await settle_all(settings)
    states: dict[str, list[str]] = {}
    for row in rows_of(settings, "select kind, state from delivery"):
        states.setdefault(row["kind"], []).append(row["state"])
    ends = "; ".join(f"{kind}: {', '.join(sorted(set(found)))}" for kind, found in sorted(states.items()))
    notes.append(f"killed workers: {hit} of {KILLS} kills hit a delivery; {ends}")
    assert hit > 0
    for kind in ("notice", "appointment_register", "external_booking"):
        assert states[kind] == ["done"] * KILLS
    assert set(states["notice_sms"]) <= {"done", "unknown"}
    _check_messages(world, settings)
    _check_texts(settings)
    _check_bookings(settings)


def _check_messages(world: World, settings: Settings) -> None:
    page = httpx.get(f"{world.simulators.url}/suomifi/messages/").text
    for row in rows_of(settings, "select id from notice"):
        assert page.count(f"notice-{row['id']}") == 1


def _check_texts(settings: Settings) -> None:
    sent = [one["request"]["body"] for one in exchanges(settings, "sms", "/v1/messages")]
    for row in rows_of(settings, "select id, state from delivery where kind = 'notice_sms'"):
        arrived = sum(str(row["id"]) in body for body in sent)
        assert arrived == 1 if row["state"] == "done" else arrived <= 1


def _check_bookings(settings: Settings) -> None:
    rows = rows_of(settings, "select id, state, receiver_id from external_booking")
    assert {row["state"] for row in rows} == {"booked"}
    assert len({row["receiver_id"] for row in rows}) == KILLS
