"""Video visits: our client against the simulator, the simulator against foreign requests, and both sides' pages."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.integrations.http import Rejected, Unavailable
from app.integrations.video.client import VideoService
from app.integrations.video.port import Room, RoomDiffers, RoomGone, VideoVisit
from tests.contract.simulator_server import SimulatorServer

MINUTE = timedelta(minutes=1)


def visit(starts_in: timedelta = timedelta(hours=2), lasts: timedelta = 30 * MINUTE) -> VideoVisit:
    starts_at = datetime.now(UTC) + starts_in
    return VideoVisit(f"booking-{uuid4()}", starts_at, starts_at + lasts)


@pytest.fixture
async def video(simulators: SimulatorServer) -> AsyncIterator[VideoService]:
    client = VideoService(simulators.video_config())
    yield client
    await client.close()


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(follow_redirects=True) as client:
        yield client


@pytest.fixture
async def foreign(simulators: SimulatorServer) -> AsyncIterator[httpx.AsyncClient]:
    config = simulators.video_config()
    async with httpx.AsyncClient(base_url=config.base_url, headers={"X-Api-Key": config.api_key}) as client:
        yield client


async def test_a_room_has_one_secret_link_for_each_side(video: VideoService) -> None:
    """The links differ, are too long to guess, work from 15 minutes before to 60 after, and show in no log."""
    booked = visit()
    room = await video.open_room(booked)
    tokens = [link.rpartition("/")[2] for link in (room.resident_link, room.professional_link)]
    assert len({*tokens, room.id, booked.booking_identifier}) == 4
    assert min(map(len, tokens)) >= 40
    assert room.valid_from == booked.starts_at - 15 * MINUTE
    assert room.valid_until == booked.ends_at + 60 * MINUTE
    assert not any(token in repr(room) for token in tokens)


async def test_opening_again_is_the_same_room(video: VideoService) -> None:
    """A repeated opening, also ten at once, makes one room."""
    booked = visit()
    rooms = await asyncio.gather(*(video.open_room(booked) for _ in range(10)))
    assert len({room.resident_link for room in rooms}) == 1
    assert await video.open_room(visit()) not in rooms


async def test_opening_for_another_time_is_not_a_change(video: VideoService) -> None:
    """A late repetition can't move a room; the first opening still finds its room after a move."""
    booked = visit()
    room = await video.open_room(booked)
    later = replace(booked, starts_at=booked.starts_at + 60 * MINUTE, ends_at=booked.ends_at + 60 * MINUTE)
    with pytest.raises(RoomDiffers):
        await video.open_room(later)
    moved = await video.change_room(room.id, later)
    shifted = (room.valid_from + 60 * MINUTE, room.valid_until + 60 * MINUTE)
    assert moved == replace(room, valid_from=shifted[0], valid_until=shifted[1])
    assert await video.open_room(booked) == await video.open_room(later) == moved


async def test_a_closed_room_stays_closed(video: VideoService, browser: httpx.AsyncClient) -> None:
    """Closing twice, or what never was, is success; neither opening nor changing brings the room back."""
    booked = visit(starts_in=MINUTE)
    room = await video.open_room(booked)
    assert (await browser.get(room.resident_link)).status_code == 200
    for room_id in (room.id, room.id, "never-was"):
        await video.close_room(room_id)
    with pytest.raises(RoomGone):
        await video.open_room(booked)
    with pytest.raises(RoomGone):
        await video.change_room(room.id, booked)
    with pytest.raises(RoomGone):
        await video.change_room("never-was", booked)
    page = await browser.get(f"{room.resident_link}?lang=en")
    assert page.status_code == 410
    assert "cancelled" in page.text


@pytest.mark.parametrize(
    ("language", "early", "opened", "over"),
    [
        ("fi", "Tule silloin takaisin", "Mene huoneeseen", "on päättynyt"),
        ("sv", "Kom då tillbaka", "Gå in i rummet", "är över"),
        ("en", "Come back then", "Enter the room", "is over"),
    ],
)
async def test_a_link_works_only_around_the_visit(
    simulators: SimulatorServer, browser: httpx.AsyncClient, language: str, early: str, opened: str, over: str
) -> None:
    """Before, the page says when to come back; in time there is a way in; after, it says that the visit is over."""
    client = VideoService(replace(simulators.video_config(), closes_after=timedelta(0)))
    future = await client.open_room(visit())
    short = await client.open_room(visit(starts_in=timedelta(0), lasts=timedelta(seconds=1)))
    await client.close()
    answers = [await browser.get(f"{room.resident_link}?lang={language}") for room in (future, short)]
    await asyncio.sleep(1)
    answers.append(await browser.get(f"{short.resident_link}?lang={language}"))
    assert [answer.status_code for answer in answers] == [403, 200, 410]
    for answer, words in zip(answers, (early, opened, over), strict=True):
        assert words in answer.text
        assert f'<html lang="{language}">' in answer.text


async def test_both_sides_meet(video: VideoService, browser: httpx.AsyncClient) -> None:
    """Whoever comes first waits; when both are in, both see it; leaving is seen too."""
    room = await video.open_room(visit(starts_in=MINUTE))
    first = await _go(browser, room.resident_link, "enter")
    assert "Waiting room" in first
    assert "The client is waiting." in await _look(browser, room.professional_link)
    assert "You are connected" in await _go(browser, room.professional_link, "enter")
    assert "You are connected" in await _look(browser, room.resident_link)
    await _go(browser, room.resident_link, "leave")
    assert "The client has not come yet." in await _look(browser, room.professional_link)


async def test_nobody_enters_out_of_time(video: VideoService, browser: httpx.AsyncClient) -> None:
    """The button's address is no way round the room's time, nor are odd forms or unknown links."""
    room = await video.open_room(visit())
    assert (await browser.post(room.resident_link, data={"wish": "enter"})).status_code == 403
    opened = await video.open_room(visit(starts_in=MINUTE))
    assert (await browser.post(opened.resident_link, content=b"\xff")).status_code == 200
    assert "not in the room yet" in await _look(browser, opened.professional_link)
    unknown = opened.resident_link[:-4]
    assert (await browser.get(f"{unknown}?lang=sv")).status_code == 404
    assert (await browser.post(unknown, data={"wish": "enter"})).status_code == 404


async def test_the_page_speaks_the_rooms_first_language(video: VideoService, browser: httpx.AsyncClient) -> None:
    """A link without a language opens in the language that the visit was booked in."""
    room = await video.open_room(replace(visit(), languages=("sv", "fi")))
    assert '<html lang="sv">' in (await browser.get(room.resident_link)).text


async def test_refusals_are_rejected(simulators: SimulatorServer, video: VideoService) -> None:
    """A wrong key, a visit that is over and one that ends before it starts can't be mended by waiting."""
    wrong = VideoService(replace(simulators.video_config(), api_key="wrong"))
    with pytest.raises(Rejected) as unauthorized:
        await wrong.open_room(visit())
    await wrong.close()
    assert unauthorized.value.status == 401
    for bad in (visit(starts_in=-300 * MINUTE), visit(lasts=-MINUTE), visit(lasts=25 * 60 * MINUTE)):
        with pytest.raises(Rejected) as refused:
            await video.open_room(bad)
        assert refused.value.status == 422


async def test_a_wrong_address_is_no_closed_room(simulators: SimulatorServer, video: VideoService) -> None:
    """A 404 that comes from somewhere else must not look as if the links had stopped working."""
    room, booked = await video.open_room(visit()), visit()
    lost = VideoService(replace(simulators.video_config(), rooms_path="/v0/rooms"))
    for attempt in (lost.open_room(booked), lost.change_room(room.id, booked), lost.close_room(room.id)):
        with pytest.raises(Rejected) as rejected:
            await attempt
        assert (type(rejected.value), rejected.value.status) == (Rejected, 404)
    await lost.close()


async def test_an_odd_answer_is_unavailable(simulators: SimulatorServer, foreign: httpx.AsyncClient) -> None:
    """Half a body or a body of another shape is no room; afterwards the same opening finds the one that was made."""
    client, booked = VideoService(simulators.video_config()), visit()
    for mode in ("malformed", "truncated"):
        await foreign.put(f"{simulators.url}/_faults/video", json={"mode": mode})
        with pytest.raises(Unavailable):
            await client.open_room(booked)
    await foreign.put(f"{simulators.url}/_faults/video", json={"mode": "none"})
    assert isinstance(await client.open_room(booked), Room)
    await client.close()


def wished(**change: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    times = {"validFrom": 1, "startsAt": 2, "endsAt": 3, "validUntil": 4}
    instants = {name: (now + hours * timedelta(hours=1)).isoformat() for name, hours in times.items()}
    return {"bookingIdentifier": str(uuid4()), **instants, "languages": ["fi"], **change}


async def test_foreign_clients_get_statuses_and_codes(foreign: httpx.AsyncClient) -> None:
    """201 for a new room, 200 for the same one, 409 for another time, 404, 204, 410; faults name their fields."""
    body = wished()
    made, again = [await foreign.post("/v1/rooms", json=body) for _ in range(2)]
    assert (made.status_code, again.status_code, made.json()) == (201, 200, again.json())
    other = await foreign.post("/v1/rooms", json=wished(bookingIdentifier=body["bookingIdentifier"], languages=["sv"]))
    assert (other.status_code, other.json()["error"]["code"]) == (409, "room_differs")
    room = f"/v1/rooms/{made.json()['id']}"
    assert (await foreign.patch(room, json=wished())).status_code == 200
    assert (await foreign.patch(f"{room}x", json=wished())).status_code == 404
    assert [(await foreign.delete(room)).status_code for _ in range(2)] == [204, 204]
    assert (await foreign.delete(f"{room}x")).status_code == 404
    assert (await foreign.patch(room, json=wished())).status_code == 410
    changes: list[dict[str, Any]] = [
        {"languages": []},
        {"languages": ["de"]},
        {"startsAt": "soon"},
        {"bookingIdentifier": ""},
    ]
    for change in changes:
        refused = await foreign.post("/v1/rooms", json=wished(**change))
        assert refused.status_code == 422
        assert refused.json()["error"]["fields"][0].startswith(next(iter(change)))
    assert (await foreign.get("/v1/rooms")).status_code == 405


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=60) | st.just(b"[" * 50_000))
async def test_garbage_is_400_or_422(foreign: httpx.AsyncClient, body: bytes) -> None:
    """No body makes the service fail."""
    answer = await foreign.post("/v1/rooms", content=body)
    assert answer.status_code in {400, 422}
    assert answer.json()["error"]["code"]


async def _look(browser: httpx.AsyncClient, link: str) -> str:
    return (await browser.get(f"{link}?lang=en")).text


async def _go(browser: httpx.AsyncClient, link: str, wish: str) -> str:
    return (await browser.post(f"{link}?lang=en", data={"wish": wish})).text
