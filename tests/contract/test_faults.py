"""Every fault that can be switched on, seen through our clients."""

import asyncio
import time
from dataclasses import replace

import httpx
import pytest

from app.domain.text import Text
from app.integrations.http import OutsideError, Rejected, Unavailable
from app.integrations.suomifi.identification.client import SuomifiIdentification
from app.integrations.suomifi.messages.client import SuomifiMessages
from app.integrations.suomifi.messages.port import OutgoingNotice
from tests.contract.simulator_server import REDIRECT_URI, SimulatorServer

EXPECTED = [
    ("slow", Unavailable),
    ("error", Unavailable),
    ("drop", Unavailable),
    ("drip", Unavailable),
    ("truncated", Unavailable),
    ("malformed", Unavailable),
    ("refuse", Rejected),
]


def put_fault(server: SimulatorServer, system: str, mode: str) -> None:
    answer = httpx.put(f"{server.url}/_faults/{system}", json={"mode": mode, "seconds": 5})
    assert answer.json().items() >= {"mode": mode, "seconds": 5.0}.items()


def arrived(server: SimulatorServer, external_id: str) -> int:
    return httpx.get(f"{server.url}/suomifi/messages/").text.count(external_id)


def notice(external_id: str) -> OutgoingNotice:
    text = Text({"fi": "Viesti", "sv": "Meddelande", "en": "Message"})
    return OutgoingNotice(external_id, "120488-902S", "Otsikko", "Teksti", text, text)


@pytest.mark.parametrize(("mode", "error"), EXPECTED)
async def test_messages_faults(simulators: SimulatorServer, mode: str, error: type[OutsideError]) -> None:
    """Each fault becomes its kind of error in time, and the notice arrives when the fault is over."""
    client = SuomifiMessages(replace(simulators.messages_config(), seconds=0.5))
    put_fault(simulators, "suomifi-messages", mode)
    began = time.monotonic()
    with pytest.raises(error):
        await client.send(notice(f"fault-{mode}"))
    assert time.monotonic() - began < 2
    put_fault(simulators, "suomifi-messages", "none")
    assert await client.send(notice(f"fault-{mode}")) > 0
    await client.close()


async def test_an_unreadable_answer_may_have_been_a_delivery(simulators: SimulatorServer) -> None:
    """A message whose answer was cut off has arrived; sending it again makes no second one."""
    client = SuomifiMessages(simulators.messages_config())
    first = await client.send(notice("cut-0"))
    put_fault(simulators, "suomifi-messages", "malformed")
    with pytest.raises(Unavailable):
        await client.send(notice("cut-1"))
    assert arrived(simulators, "cut-1") == 1
    put_fault(simulators, "suomifi-messages", "none")
    assert await client.send(notice("cut-1")) > first
    assert arrived(simulators, "cut-1") == 1
    await client.close()


@pytest.mark.parametrize(("mode", "error"), EXPECTED)
async def test_sign_in_cannot_begin(simulators: SimulatorServer, mode: str, error: type[OutsideError]) -> None:
    """The provider's faults are seen before the browser is sent there."""
    client = SuomifiIdentification(replace(simulators.sign_in_config(), seconds=0.5))
    put_fault(simulators, "suomifi-identification", mode)
    with pytest.raises(error):
        await client.begin(redirect_uri=REDIRECT_URI, language="fi")
    put_fault(simulators, "suomifi-identification", "none")
    assert (await client.begin(redirect_uri=REDIRECT_URI, language="fi")).url
    await client.close()


@pytest.mark.parametrize(("mode", "error"), EXPECTED)
async def test_sign_in_cannot_end(simulators: SimulatorServer, mode: str, error: type[OutsideError]) -> None:
    """A fault between the page and the token is told apart from a refusal of the person."""
    client = SuomifiIdentification(replace(simulators.sign_in_config(), seconds=0.5))
    begun = await client.begin(redirect_uri=REDIRECT_URI, language="fi")
    put_fault(simulators, "suomifi-identification", mode)
    callback = {
        "code": "any",
        "state": begun.pending.state,
        "iss": f"{simulators.url}/suomifi/identification",
    }
    with pytest.raises(error):
        await client.finish(begun.pending, callback)
    await client.close()


async def test_faults_are_separate_and_survive_a_restart(simulators: SimulatorServer) -> None:
    """One broken system breaks no other, and a restart mends nothing by itself."""
    put_fault(simulators, "suomifi-identification", "error")
    await asyncio.to_thread(simulators.restart)
    async with httpx.AsyncClient(base_url=simulators.url) as client:
        assert (await client.get("/suomifi/identification/jwks")).status_code == 500
        assert (await client.get("/staff/identification/jwks")).status_code == 200
        assert (await client.get("/_faults")).json()["suomifi-identification"]["mode"] == "error"


async def test_the_page_switches_faults_without_javascript(simulators: SimulatorServer) -> None:
    """The form does what the JSON call does; nonsense is told and changes nothing."""
    browser = {"Accept": "text/html,*/*;q=0.8"}
    async with httpx.AsyncClient(base_url=simulators.url, headers=browser) as client:
        form = {"mode": "slow", "seconds": "0,5", "fraction": "0,25", "seed": "", "carried_out": "yes"}
        answer = await client.post("/_faults/omaolo?lang=sv", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/?lang=sv&done=fault#omaolo")
        told = {"mode": "slow", "seconds": 0.5, "fraction": 0.25, "seed": None, "carried_out": True}
        assert (await client.get("/_faults")).json()["omaolo"] == told
        for nonsense in ({"mode": "x"}, {"mode": "slow", "seconds": "nan"}, {"mode": "slow", "seed": "0,5"}):
            refused = await client.post("/_faults/omaolo", data=nonsense)
            assert (refused.status_code, 'role="alert"' in refused.text) == (400, True)
        assert (await client.get("/_faults")).json()["omaolo"] == told


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"mode": "odd"}',
        b'{"mode": "slow", "seconds": 1e9}',
        b'{"mode": [1]}',
        b"\xff",
        b'{"mode": "drop", "fraction": 2}',
        b'{"mode": "drop", "seed": 0.5}',
        b'{"mode": "drop", "cariedout": true}',
        b'{"mode": "refuse", "carried_out": true}',
        b'{"mode": "expired"}',
    ],
)
async def test_unknown_faults_are_refused(simulators_url: str, body: bytes) -> None:
    """A misspelt fault is told, so that a test never believes in one that isn't on."""
    async with httpx.AsyncClient(base_url=simulators_url) as client:
        assert (await client.put("/_faults/omaolo", content=body)).status_code == 400
        assert (await client.put("/_faults/nothing", json={"mode": "none"})).status_code == 404
