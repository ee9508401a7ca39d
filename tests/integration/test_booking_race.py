"""Nobody gets a double booking: races through HTTP on two web workers, with a control that shows the race."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import httpx
import psycopg
import pytest

from app.operations.local_server import OWNER
from tests.tools.live import LiveWindow, live_window
from tests.tools.people import SignedIn, sign_in_many
from tests.tools.world import World

RACERS = 50
ROUNDS = 8
SERVICE = "dental-check"  # directly bookable


@pytest.fixture(scope="module")
def window(world: World) -> Iterator[LiveWindow]:
    """A live window on two web workers, with the constraints that the migrations made."""
    with world.database() as name, live_window(world, name) as live:
        yield live


@pytest.fixture(scope="module")
def unguarded(world: World) -> Iterator[LiveWindow]:
    """The control: a live window on a database of its own whose exclusion constraints have been dropped."""
    with world.database() as name:
        with psycopg.connect(world.server.url(OWNER, name)) as owner:
            owner.execute("alter table allocation drop constraint ex_allocation_resource_overlap")
        with live_window(world, name) as live:
            yield live


def free_slot(live: LiveWindow) -> str:
    """The form value of one free time of one named professional."""
    with psycopg.connect(live.settings.worker_database_url) as connection:
        row = connection.execute(
            "select lower(during), location_id, resource_id from availability a"
            " where services @> array[%s]::varchar[] and lower(during) > %s and not exists"
            " (select 1 from allocation t where t.resource_id = a.resource_id and t.during && a.during)"
            " order by lower(during), resource_id limit 1",
            [SERVICE, datetime.fromisoformat("2026-11-25T00:00:00+02:00")],
        ).fetchone()
    assert row is not None
    return f"{row[0].isoformat()}|{row[1]}|{row[2]}"


async def hold_all_at_once(live: LiveWindow, racers: list[SignedIn], slot: str) -> Counter[int]:
    """Every racer asks for the same time at the same moment; how often each status was answered."""
    limits = httpx.Limits(max_connections=len(racers))
    async with httpx.AsyncClient(base_url=live.url, timeout=60, limits=limits) as client:

        async def ask(racer: SignedIn) -> int:
            data = {"slot": slot, "form_token": racer.form_token()}
            headers = {"Cookie": f"asiointi={racer.cookie}"}
            answer = await client.post(f"/fi/book/{SERVICE}/hold", data=data, headers=headers)
            return answer.status_code

        return Counter(await asyncio.gather(*(ask(racer) for racer in racers)))


async def fill_in(client: httpx.AsyncClient, resident: SignedIn, held_at: str) -> None:
    """Tell the number to be reached at, without which nothing is booked."""
    data = {"note": "", "phone": "040 123 4567", "form_token": resident.form_token()}
    answer = await client.post(held_at, data=data)
    assert answer.headers["location"] == f"{held_at}/check"


def held(live: LiveWindow) -> int:
    with psycopg.connect(live.settings.worker_database_url) as connection:
        row = connection.execute("select count(*) from allocation where state = 'held'").fetchone()
    assert row is not None
    return int(row[0])


async def test_one_of_fifty_gets_the_time(window: LiveWindow) -> None:
    """Fifty residents want one professional's one time at once: exactly one holds it, the others read a 409 page."""
    racers = sign_in_many(window.settings, RACERS)
    answers = await hold_all_at_once(window, racers, free_slot(window))
    assert answers == {303: 1, 409: RACERS - 1}
    assert held(window) == 1


async def test_the_race_is_real(unguarded: LiveWindow) -> None:
    """The control: without the exclusion constraint the same fifty get the same time more than once."""
    racers = sign_in_many(unguarded.settings, RACERS)
    for _ in range(ROUNDS):  # on a busy machine the fifty may happen to come one after another
        answers = await hold_all_at_once(unguarded, racers, free_slot(unguarded))
        if answers[303] > 1:
            break
    assert answers[303] > 1
    assert held(unguarded) > 1


async def test_two_browsers_confirm_one_hold_once(window: LiveWindow) -> None:
    """The same resident confirms one hold in two browsers at once: one booking, one notice, the same page twice."""
    resident = sign_in_many(window.settings, 1)[0]
    headers = {"Cookie": f"asiointi={resident.cookie}"}
    async with httpx.AsyncClient(base_url=window.url, timeout=60, headers=headers) as client:
        data = {"slot": free_slot(window), "form_token": resident.form_token()}
        held_at = (await client.post(f"/fi/book/{SERVICE}/hold", data=data)).headers["location"]
        await fill_in(client, resident, held_at)

        async def confirm() -> httpx.Response:
            return await client.post(f"{held_at}/confirm", data={"form_token": resident.form_token()})

        answers = await asyncio.gather(*(confirm() for _ in range(8)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    with psycopg.connect(window.settings.worker_database_url) as connection:
        query = "select count(*) from appointment where subject_id = %s and status = 'booked'"
        assert connection.execute(query, [resident.person_id]).fetchone() == (1,)
        query = "select count(*) from notice where person_id = %s"
        assert connection.execute(query, [resident.person_id]).fetchone() == (1,)


async def test_one_person_is_not_in_two_places(window: LiveWindow) -> None:
    """A resident who has booked a time cannot hold an overlapping one with another professional."""
    resident = sign_in_many(window.settings, 1)[0]
    headers = {"Cookie": f"asiointi={resident.cookie}"}
    async with httpx.AsyncClient(base_url=window.url, timeout=60, headers=headers) as client:
        start, place, _ = free_slot(window).split("|")
        for expected in (303, 409):
            form = {"slot": f"{start}|{place}|", "form_token": resident.form_token()}
            answer = await client.post(f"/fi/book/{SERVICE}/hold", data=form)
            assert answer.status_code == expected, answer.text[:300]
            if expected == 303:
                await fill_in(client, resident, answer.headers["location"])
                token = {"form_token": resident.form_token()}
                confirmed = await client.post(f"{answer.headers['location']}/confirm", data=token)
                assert "/my/appointments/" in confirmed.headers["location"]
