"""How often one may ask: refused in words with a time to try again, counted everywhere, never in the way of help."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio
from fastapi import FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from hypothesis import given
from hypothesis import strategies as st
from pydantic import IPvAnyNetwork, TypeAdapter

from app import routers
from app.domain.clock import Clock
from app.services.rate_limits import (
    LONGEST_HERE,
    RULES,
    Keys,
    Limit,
    Purpose,
    RecentRequests,
    count_everywhere,
    limits_of,
    window_start,
)
from app.settings import Settings
from app.web.limits import Limited, TooManyRequests, hold_back, network_of
from tests.tools.attacker import Attacker
from tests.tools.document import Document
from tests.tools.world import FIXED_NOW, World

SMALL = Limit(3, 60)
PROXY = TypeAdapter(tuple[IPvAnyNetwork, ...]).validate_python(["10.1.0.0/16", "2001:db8:1::/64"])
# Routes that cost something or may be tried by guessing, and as what they are counted.
LIMITED: dict[str, Purpose] = {
    "search": "search",
    "contact_send": "form",
    "contact_returned": "code_check",
    "form_start": "form",
    "form_answer": "form",
    "form_send": "form",
    "my_form_amend": "form",
    "my_form_deleted": "form",
    "assess_start": "form",
    "assess_try": "form",
    "assess_answer": "form",
    "book_hold": "form",
    "sign_in_start": "sign_in",
    "staff_sign_in_start": "sign_in",
    "sign_in_callback": "callback",
    "staff_sign_in_callback": "callback",
    "acting_leave": "form",
    "acting_here": "form",
    "acting_callback": "callback",
}
AN_HOUR = 3600


@pytest.fixture(scope="module")
def settings(world: World) -> Iterator[Settings]:
    """A window behind a known proxy, with a hundredth of the usual limits."""
    with world.database() as name:
        yield world.settings(name, limits_factor=0.01, trusted_proxies=["127.0.0.1"])


@pytest_asyncio.fixture(loop_scope="session")
async def anna(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    async with Attacker.resident(app, settings) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def other(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    async with Attacker.resident(app, settings) as one:
        yield one


def purposes(dependant: Dependant) -> Iterator[Purpose]:
    for inner in dependant.dependencies:
        if isinstance(inner.call, Limited):
            yield inner.call.purpose
        yield from purposes(inner)


def test_what_is_limited() -> None:
    """The routes of the written list have their limit in the signature; the addresses for machines have none."""
    every = [*routers.PUBLIC, *routers.RESIDENT, *routers.STAFF, *routers.MACHINE]
    found = {
        route.name: list(purposes(route.dependant))
        for router in every
        for route in router.routes
        if isinstance(route, APIRoute)
    }
    assert len(found) > 30
    assert {name: found[name] for name in LIMITED} == {name: [purpose] for name, purpose in LIMITED.items()}
    machines = {route.name for router in routers.MACHINE for route in router.routes if isinstance(route, APIRoute)}
    assert machines
    for free in (*machines, "home", "guide", "service", "services"):
        assert found[free] == [], free


def test_limits_let_crowds_through() -> None:
    """Behind one address there is room for many sessions at once; each limit says why it is as it is."""
    for purpose, rule in RULES.items():
        assert rule.address.count >= 10 * rule.own.count, purpose
        assert rule.address.seconds >= rule.own.seconds, purpose
        assert rule.everywhere or max(rule.address.seconds, rule.own.seconds) <= LONGEST_HERE, purpose
        assert rule.why, purpose


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("192.0.2.7", [], "192.0.2.7"),
        ("192.0.2.7", ["203.0.113.9"], "192.0.2.7"),  # not our proxy: what it says counts for nothing
        ("10.1.2.3", ["203.0.113.9"], "203.0.113.9"),
        ("10.1.2.3", ["made-up, 198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        ("10.1.2.3", ["198.51.100.1", "203.0.113.9, 10.1.9.9"], "203.0.113.9"),  # two lines, two proxies
        ("10.1.2.3", ["203.0.113.9:4711"], "203.0.113.9"),
        ("10.1.2.3", ["[2001:db8:7:8:9::1]:443"], "2001:db8:7:8::/64"),
        ("10.1.2.3", [], "10.1.2.3"),
        ("10.1.2.3", ["unknown"], "10.1.2.3"),
        ("2001:db8:1::5", ["2001:db8:7:8::1"], "2001:db8:7:8::/64"),
        ("2001:db8:7:8:ffff::2", [], "2001:db8:7:8::/64"),
        ("::ffff:192.0.2.7", [], "192.0.2.7"),
        ("", ["203.0.113.9"], "unknown"),
        ("testclient", ["203.0.113.9"], "unknown"),
    ],
)
def test_network_of_a_request(peer: str, forwarded: list[str], expected: str) -> None:
    """The address is the peer's, or what our own proxies say; of IPv6 the network that one home has."""
    assert network_of(peer, forwarded, PROXY) == expected


@given(st.lists(st.text(), max_size=5), st.sampled_from(["10.1.2.3", "2001:db8:1::5", "192.0.2.7"]))
def test_forged_ways(made_up: list[str], peer: str) -> None:
    """Whatever somebody writes before it, the address that our proxy has added decides."""
    true = "203.0.113.9"
    told = network_of(peer, [*made_up, true], PROXY)
    assert told == (true if peer != "192.0.2.7" else peer)


@given(
    st.lists(st.integers(0, 120).map(lambda quarter: quarter / 4), max_size=60),
    st.integers(1, 5),
    st.sampled_from([1, 10, 60]),
)
def test_sliding_window(steps: list[float], count: int, seconds: int) -> None:
    """In no window are there more than the limit allows, and who waits as long as told is taken."""
    recent, limit, now, taken = RecentRequests(), Limit(count, seconds), 0.0, []
    for step in steps:
        now += step
        wait = recent.wait(b"a", limit, now)
        if wait == 0:
            taken.append(now)
            assert len([one for one in taken if one > now - seconds]) <= count
        else:
            assert 0 < wait <= seconds
    if steps and wait:
        assert recent.wait(b"a", limit, now + wait) == 0


def test_memory_is_bounded() -> None:
    """Who has not come for long is forgotten, so that made-up cookies fill no memory."""
    recent = RecentRequests()
    for number in range(1000):
        recent.wait(str(number).encode(), SMALL, 0.0)
    for step in range(1, 4):
        recent.wait(b"late", SMALL, step * LONGEST_HERE)
    assert len(recent) == 1


def test_keys_tell_nothing() -> None:
    """A key holds no address, and is another for another purpose, kind or secret."""
    keys = Keys("secret")
    made = [
        keys.key("search", "address", "192.0.2.7"),
        keys.key("sign_in", "address", "192.0.2.7"),
        keys.key("search", "own", "192.0.2.7"),
        Keys("other").key("search", "address", "192.0.2.7"),
    ]
    assert len(set(made)) == len(made)
    assert all(len(key) == 32 and b"192" not in key for key in made)


def test_factor() -> None:
    """A county may move all limits together, but never to nothing."""
    assert [limit.count for _kind, _value, limit in limits_of("sign_in", ["a", ""], "b", 2)] == [60, 1200]
    assert limits_of("sign_in", [], "b", 0.0001)[0][2].count == 1


async def counted(app: FastAPI, key: bytes, clock: Clock, limit: Limit = SMALL) -> float:
    async with app.state.database.transaction() as session:
        return await count_everywhere(session, clock, key, limit)


async def test_processes_count_together(app: FastAPI, settings: Settings) -> None:
    """Requests at the same moment are each counted once; past the limit the answer is the end of the window."""
    clock = Clock(FIXED_NOW + timedelta(seconds=10))
    waits = await asyncio.gather(*(counted(app, b"together", clock) for _ in range(12)))
    assert sorted(waits) == [0.0] * 3 + [50.0] * 9
    assert await counted(app, b"together", Clock(FIXED_NOW + timedelta(seconds=60))) == 0
    with psycopg.connect(settings.worker_database_url) as connection:
        found = connection.execute("select window_start, count from rate_limit where key = 'together' order by 1")
        assert [row[1] for row in found.fetchall()] == [12, 1]


@given(st.integers(0, 10**10), st.sampled_from([1, 60, 300, 3600]))
def test_windows(seconds: int, length: int) -> None:
    """Every moment is in exactly one window."""
    at = Clock(FIXED_NOW + timedelta(seconds=seconds % 10**8)).now
    start = window_start(at, Limit(1, length))
    assert start <= at < start + timedelta(seconds=length)
    assert window_start(start, Limit(1, length)) == start


def from_home(number: int) -> dict[str, str]:
    """The headers of somebody who comes through our proxy from an address of their own."""
    return {"X-Forwarded-For": f"203.0.113.{number}"}


async def until_refused(one: Attacker, method: str, path: str, most: int = 20, **options: Any) -> httpx.Response:
    """Ask again and again; the first answer that refuses."""
    for _ in range(most):
        answer = await one.send(method, path, **options)
        if answer.status_code == 429:
            return answer
    raise AssertionError("never refused")


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_the_page(app: FastAPI, settings: Settings, language: str) -> None:
    """The refusal says what happened, when to try again, that nothing was lost, and whom to call; 112 is there."""
    home = from_home({"fi": 1, "sv": 2, "en": 3}[language])
    async with Attacker(app, settings) as one:
        answer = await until_refused(one, "GET", f"/{language}/search?q=a", headers=home)
        page = Document(answer.text)
        seconds = int(answer.headers["retry-after"])
        assert 0 < seconds <= 60
        assert any(time in page.text for time in ("9.01", "9:01", "9.02", "9:02"))
        numbers = [href for _text, href in page.links() if href.startswith("tel:")]
        assert {"tel:112", "tel:116117"} < set(numbers)  # and the county's own
        assert answer.headers["cache-control"] == "no-store"
        # What never has a limit works on: the front page, files, and what monitors ask.
        for path in (f"/{language}/", "/static/logo.svg", "/healthz", "/healthz/live"):
            assert (await one.client.get(path, headers=home)).status_code == 200, path


async def test_htmx_gets_the_whole_page(app: FastAPI, settings: Settings) -> None:
    """A part of a page that htmx asked for is replaced by the refusal as a whole."""
    htmx = {"HX-Request": "true", "HX-Request-Type": "partial", **from_home(4)}
    async with Attacker(app, settings) as one:
        answer = await until_refused(one, "GET", "/fi/search?q=a", headers=htmx)
    assert answer.headers["hx-retarget"] == "#main"


async def test_one_session_does_not_use_up_its_network(app: FastAPI, anna: Attacker, other: Attacker) -> None:
    """Who asks too often is refused; the neighbour behind the same address is not."""
    home = from_home(5)
    refused = await until_refused(anna, "GET", "/fi/search?q=a", headers=home)
    assert refused.status_code == 429
    for _ in range(20):
        await anna.send("GET", "/fi/search?q=a", headers=home)
    assert (await other.send("GET", "/fi/search?q=a", headers=home)).status_code == 200


async def test_forms(app: FastAPI, settings: Settings, anna: Attacker) -> None:
    """A flood of forms ends, and what a refused one asked for is not done."""
    home = from_home(6)
    fields = {"name": "A", "phone": "0401234567", "message": "terve", "topic": "health"}
    statuses = []
    for number in range(6):
        data = {**fields, "form_token": anna.token(), "message": f"terve {number}"}
        statuses.append((await anna.send("POST", "/fi/contact", data=data, headers=home)).status_code)
    sent = statuses.count(303)
    assert statuses == [303] * sent + [429] * (6 - sent)
    assert 0 < sent < 6
    with psycopg.connect(settings.worker_database_url) as connection:
        row = connection.execute("select count(*) from contact_request").fetchone()
    assert row == (sent,)


async def test_what_was_typed(anna: Attacker) -> None:
    """A refused form says that what was typed is on the page before."""
    home = from_home(7)
    data = {"form_token": anna.token()}
    answer = await until_refused(anna, "POST", "/en/contact", headers=home, data=data)
    assert "What you wrote is still on the page before" in Document(answer.text).text


@pytest.mark.parametrize("path", ["/fi/sign-in", "/fi/staff/sign-in"])
async def test_signing_in(app: FastAPI, settings: Settings, path: str) -> None:
    """Attempts to sign in are counted in the database, refused ones too, under a key that tells no address."""
    home = from_home(8 if "staff" in path else 9)
    before = total(settings)
    async with Attacker(app, settings) as one:
        await until_refused(one, "POST", path, headers=home, data={"form_token": one.token()})
        reached = total(settings)
        answer = await one.send("POST", path, headers=home, data={"form_token": one.token()})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) <= 300
    assert before < reached < total(settings)
    with psycopg.connect(settings.worker_database_url) as connection:
        keys = [bytes(row[0]) for row in connection.execute("select key from rate_limit where length(key) = 32")]
    assert keys
    assert not [key for key in keys if b"203.0" in key]


def total(settings: Settings) -> int:
    """All that is counted in the database."""
    with psycopg.connect(settings.worker_database_url) as connection:
        row = connection.execute("select coalesce(sum(count), 0) from rate_limit").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("path", ["/sign-in/callback", "/staff/sign-in/callback"])
async def test_guessing_a_way_back(app: FastAPI, settings: Settings, path: str) -> None:
    """Ways back from signing in can't be tried without end."""
    async with Attacker(app, settings) as one:
        home = from_home(10 if "staff" in path else 11)
        answer = await until_refused(one, "GET", f"{path}?state=a&code=b", headers=home)
    assert answer.status_code == 429


async def test_another_site_uses_nothing_up(app: FastAPI, settings: Settings) -> None:
    """What a page of another site makes a reader's browser send is refused before it is counted."""
    home, before = from_home(12), total(settings)
    async with Attacker(app, settings) as one:
        for _ in range(15):
            headers = {**home, "Sec-Fetch-Site": "cross-site"}
            assert (await one.send("POST", "/fi/sign-in", headers=headers)).status_code == 403
    assert total(settings) == before


def asked_by(app: FastAPI, address: str) -> Request:
    """A request as it comes to a router's body."""
    headers = [(b"x-forwarded-for", address.encode())]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers, "client": ("127.0.0.1", 1), "app": app}
    return Request(scope)


async def test_codes(app: FastAPI) -> None:
    """Codes are bounded by person and by phone number, whoever asks from wherever; another number is not held back."""

    async def send(address: str, person: str, phone: str) -> None:
        async with app.state.database.transaction() as session:
            await hold_back(asked_by(app, address), session, "code_send", person, phone)

    await send("198.51.100.1", "anna", "+358401")
    with pytest.raises(TooManyRequests) as by_phone:
        await send("198.51.100.2", "other", "+358401")
    assert 0 < by_phone.value.seconds <= AN_HOUR
    with pytest.raises(TooManyRequests):
        await send("198.51.100.3", "anna", "+358402")
    await send("198.51.100.4", "third", "+358403")


@contextmanager
def factor(app: FastAPI, value: float) -> Iterator[None]:
    """The window with other limits for as long as the block lasts."""
    before = app.state.settings
    app.state.settings = before.model_copy(update={"limits_factor": value})
    try:
        yield
    finally:
        app.state.settings = before


async def test_off(app: FastAPI, settings: Settings) -> None:
    """Limits can be turned off, for a measurement; production refuses to start so (tests/unit/test_settings.py)."""
    with factor(app, 0):
        async with Attacker(app, settings) as one:
            for _ in range(30):
                assert (await one.send("GET", "/fi/search?q=a", headers=from_home(13))).status_code == 200


async def test_cookies_are_counted_by_the_name_of_the_house(app: FastAPI, settings: Settings) -> None:
    """The session's limit goes by our own cookie: another cookie, or none, leaves the address's limit alone."""
    async with Attacker(app, settings) as one:
        statuses = []
        for number in range(3):
            cookie = SimpleCookie({"theme": str(number)}).output(header="").strip()
            headers = {**from_home(14), "Cookie": cookie}
            statuses.append((await one.send("GET", "/fi/search?q=a", headers=headers)).status_code)
    assert statuses == [200, 200, 200]
