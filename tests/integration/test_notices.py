"""Notices: deferred with the change they report, delivered once, waiting patiently while Suomi.fi Messages is away."""

import asyncio
import uuid
from collections.abc import Callable, Iterator

import httpx
import psycopg
import pytest

from app.database import Database
from app.jobs.app import WAITS
from app.models import Appointment
from app.services import outbox
from app.services.notices import add_notice
from app.settings import Settings
from tests.tools.world import World, work_off


@pytest.fixture
def settings(world: World) -> Iterator[Settings]:
    """A window's settings on a database of this test's own."""
    with world.database() as name:
        yield world.settings(name)


@pytest.fixture
def fault(world: World) -> Iterator[Callable[[str], None]]:
    """The fault switch of Messages; without fault again afterwards."""

    def switch(mode: str) -> None:
        httpx.put(f"{world.simulators.url}/_faults/suomifi-messages", json={"mode": mode}).raise_for_status()

    yield switch
    switch("none")


def appointment_of(settings: Settings) -> Appointment:
    """A stored appointment of a test person who has an identity code."""
    with psycopg.connect(settings.database_url) as connection:
        one = connection.execute(
            "insert into appointment (id, subject_id, actor_id, service_code, location_id, professional_id, during,"
            " status, held_at, held_until, note, phone, language, sequence)"
            " select gen_random_uuid(), p.id, p.id, 'nurse-visit', a.location_id, a.resource_id, a.during, 'booked',"
            " now(), now(), '', '', 'fi', 0 from person p, availability a"
            " where p.identity_sealed is not null limit 1 returning id, subject_id"
        ).fetchone()
    assert one is not None
    return Appointment(id=one[0], subject_id=one[1])


async def defer_notice(settings: Settings, *, fail: bool = False) -> uuid.UUID:
    """A notice and its job in one transaction, which `fail` rolls back."""
    appointment = appointment_of(settings)
    database = Database(settings.database_url, pool=1)
    try:
        async with database.transaction() as session:
            notice = await add_notice(session, appointment, "appointment_booked")
            await outbox.defer(session, "send_notice", notice_id=notice.id)
            if fail:
                raise RuntimeError("the change fails")
    finally:
        await database.close()
    return notice.id


def state_of(settings: Settings, notice_id: uuid.UUID) -> tuple[str, int | None]:
    with psycopg.connect(settings.database_url) as connection:
        row = connection.execute("select state, message_id from notice where id = %s", [notice_id]).fetchone()
    assert row is not None
    return row[0], row[1]


def waiting_jobs(settings: Settings) -> int:
    with psycopg.connect(settings.database_url) as connection:
        query = "select count(*) from jobs.procrastinate_jobs where task_name = 'send_notice' and status = 'todo'"
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


async def test_notice_is_sent(settings: Settings) -> None:
    """The worker hands the notice to Suomi.fi Messages and keeps the message's number."""
    notice = await defer_notice(settings)
    await work_off(settings)
    state, message = state_of(settings, notice)
    assert state == "sent"
    assert message


async def test_no_change_no_notice(settings: Settings) -> None:
    """When the change is rolled back, its notice and job are gone with it."""
    with pytest.raises(RuntimeError):
        await defer_notice(settings, fail=True)
    assert waiting_jobs(settings) == 0


async def test_notice_waits_for_messages(settings: Settings, fault: Callable[[str], None]) -> None:
    """While Messages answers 500 the notice waits; when it is back the notice arrives, once."""
    fault("error")
    notice = await defer_notice(settings)
    await work_off(settings)
    assert state_of(settings, notice) == ("waiting", None)
    assert waiting_jobs(settings) == 1
    fault("none")
    await asyncio.sleep(WAITS[0] + 1)
    await work_off(settings)
    assert state_of(settings, notice)[0] == "sent"
    assert waiting_jobs(settings) == 0


async def test_sending_twice_delivers_once(settings: Settings) -> None:
    """A job that ran, and died before it was marked done, runs again: the receiver knows the notice by its key."""
    notice = await defer_notice(settings)
    await work_off(settings)
    first = state_of(settings, notice)
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("update notice set state = 'waiting', message_id = null where id = %s", [notice])
    database = Database(settings.database_url, pool=1)
    async with database.transaction() as session:
        await outbox.defer(session, "send_notice", notice_id=notice)
    await database.close()
    await work_off(settings)
    assert state_of(settings, notice) == first


def test_patience_lasts_for_days() -> None:
    """Together the waits between tries are at least two days."""
    assert sum(WAITS) >= 2 * 24 * 3600
