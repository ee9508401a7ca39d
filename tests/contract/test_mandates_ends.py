"""Suomi.fi mandates: how a right ends or never was, each in the one neutral way that the service has."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date
from importlib.resources import files
from typing import Any

import httpx
import pytest

from app.integrations.http import Rejected
from app.integrations.suomifi.mandates.client import SuomifiMandates
from app.integrations.suomifi.mandates.port import SessionEnded
from app.simulators.suomifi_mandates.rights import Rights
from app.simulators.world import read_world
from tests.contract.simulator_server import SimulatorServer
from tests.contract.test_mandates import HEALTH, SOCIAL, acting, begin

WORLD = read_world()
CODES = {person.key: person.identity_code for person in WORLD.residents}
NOBODY = "Et voi tässä palvelussa asioida kenenkään toisen puolesta."


@pytest.fixture
async def mandates(simulators: SimulatorServer) -> AsyncIterator[SuomifiMandates]:
    client = SuomifiMandates(simulators.mandates_config())
    yield client
    await client.close()


@pytest.fixture
def scenario(simulators: SimulatorServer, mender: httpx.Client) -> Iterator[Any]:
    """Plays one of the files that the simulators' page offers; the system is as on its first day afterwards."""

    def played(name: str) -> None:
        told = json.loads(files("app.content").joinpath("scenarios", f"{name}.json").read_text())
        mender.put(f"{simulators.url}/_scenario", json=told).raise_for_status()

    yield played
    mender.post(f"{simulators.url}/_reset/suomifi-mandates").raise_for_status()


async def page_of(mandates: SuomifiMandates, delegate: str) -> str:
    """The page of the choice, in Finnish."""
    begun = await begin(mandates, CODES[delegate])
    async with httpx.AsyncClient() as browser:
        page = await browser.get(begun.url, follow_redirects=True)
        return (await browser.get(page.url, params={"lang": "fi"})).text


async def test_a_session_that_has_ended(mandates: SuomifiMandates, scenario: Any) -> None:
    """Every question then says that the session is over, and choosing anew works."""
    access = await acting(mandates, CODES["marja"], "aili")
    scenario("mandate-session-ended")
    for question in (
        mandates.roles(access, CODES["aili"]),
        mandates.principals(access),
        mandates.is_allowed(access, CODES["aili"], [HEALTH]),
    ):
        with pytest.raises(SessionEnded):
            await question
    await mandates.end(access)
    again = await acting(mandates, CODES["marja"], "aili")
    assert (await mandates.roles(again, CODES["aili"])).themes == {HEALTH, SOCIAL}


async def test_one_theme_is_not_the_other(mandates: SuomifiMandates) -> None:
    """Who acts for two people has for each the theme that this person gave, and asks about one at a time."""
    for principal, own, other in (("eino", HEALTH, SOCIAL), ("helvi", SOCIAL, HEALTH)):
        access = await acting(mandates, CODES["liisa"], principal)
        assert (await mandates.roles(access, CODES[principal])).themes == {own}
        assert await mandates.is_allowed(access, CODES[principal], [own])
        assert not await mandates.is_allowed(access, CODES[principal], [other])
        second = CODES["helvi" if principal == "eino" else "eino"]
        assert not await mandates.roles(access, second)
    page = await page_of(mandates, "liisa")
    assert 'value="eino"' in page
    assert 'value="helvi"' in page


async def test_the_parent_of_a_teenager(mandates: SuomifiMandates) -> None:
    """The national service has no limit below 18: what a county narrows it narrows itself."""
    access = await acting(mandates, CODES["heli"], "aino")
    assert (await mandates.roles(access, CODES["aino"])).is_guardian_of_minor


async def test_no_right_looks_the_same_whatever_the_reason(mandates: SuomifiMandates) -> None:
    """Non-disclosure of the child, of the guardian, an ended mandate, a death and no mandate at all: one page, letter
    for letter, from which nothing can be guessed."""
    pages = {await page_of(mandates, delegate) for delegate in ("outi", "katri", "ritva", "kerttu", "daniel")}
    assert len(pages) == 1
    assert NOBODY in pages.pop()


@pytest.mark.parametrize("delegate", ["toivo", "ilona-before"])
async def test_nobody_acts_by_a_code_that_is_nobodys_any_more(mandates: SuomifiMandates, delegate: str) -> None:
    """The deceased and a replaced code are refused as an unknown person is."""
    with pytest.raises(Rejected) as rejected:
        await begin(mandates, CODES[delegate])
    assert rejected.value.status == 403


def test_a_death_ends_a_right_from_its_day() -> None:
    """The day before, the mandate held in both themes; on the day it is an empty list."""
    ritva, toivo = WORLD.resident("ritva"), WORLD.resident("toivo")
    assert Rights(WORLD, date(2026, 8, 14)).roles(ritva, toivo) == (HEALTH, SOCIAL)
    assert Rights(WORLD, date(2026, 8, 15)).roles(ritva, toivo) == ()


@pytest.mark.parametrize(("guardian", "child"), [("outi", "lumi"), ("katri", "vilja")])
def test_non_disclosure_is_the_only_reason(guardian: str, child: str) -> None:
    """Without it each of the two parents would have the right, so the empty answer is due to nothing else."""
    open_world = replace(WORLD, residents=tuple(replace(one, non_disclosure=False) for one in WORLD.residents))
    parent, minor = open_world.resident(guardian), open_world.resident(child)
    assert Rights(open_world, date(2026, 11, 22)).roles(parent, minor) == ("ALL",)
    assert Rights(WORLD, date(2026, 11, 22)).roles(WORLD.resident(guardian), WORLD.resident(child)) == ()
