"""The text message gateway: our client against the simulator, and the simulator against foreign clients' requests."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.integrations.http import Rejected, Unavailable
from app.integrations.sms.client import SmsGateway
from app.integrations.sms.port import (
    BadNumber,
    CreditOut,
    Delivery,
    InvalidPhoneNumber,
    LookUpNotOffered,
    OutgoingSms,
    Throttled,
    is_e164,
)
from app.integrations.sms.report import NotFromGateway, read_report, sign
from app.simulators.settings import SmsAccount
from tests.contract.simulator_server import SimulatorServer

TEXT = "Sinulle on viesti asiointi-ikkunassa."
SECRET = "a secret that both sides know"


def sms(ending: str = "4567", reference: str = "notice-1") -> OutgoingSms:
    return OutgoingSms(reference, f"+35840123{ending}", TEXT)


@pytest.fixture
async def gateway(simulators: SimulatorServer) -> AsyncIterator[SmsGateway]:
    client = SmsGateway(simulators.sms_config())
    yield client
    await client.close()


@pytest.fixture
async def foreign(simulators: SimulatorServer) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody else's client, which shows its key in a header of its own."""
    config = simulators.sms_config()
    async with httpx.AsyncClient(base_url=config.base_url, headers={"X-Api-Key": config.api_key}) as client:
        yield client


async def ended(gateway: SmsGateway, message_id: str) -> Delivery:
    """The message's state once it is no longer on its way."""
    for _ in range(100):
        delivery = await gateway.status(message_id)
        if delivery.state != "accepted":
            break
        await asyncio.sleep(0.05)
    return delivery


async def test_a_message_is_accepted_and_then_delivered(gateway: SmsGateway) -> None:
    """Sending tells only that the gateway has it; the phone has it later, and the report carries our reference."""
    receipt = await gateway.send(sms(reference="notice-delivered"))
    assert receipt.state == "accepted"
    delivery = await ended(gateway, receipt.id)
    assert (delivery.state, delivery.reason, delivery.client_reference) == ("delivered", "", "notice-delivered")
    assert delivery.at is not None
    assert abs(datetime.now(UTC) - delivery.at) < timedelta(minutes=1)


async def test_sending_again_is_a_second_message(gateway: SmsGateway, simulators_url: str) -> None:
    """The gateway knows no key: this is why the window sends at most once."""
    first, second = [await gateway.send(sms("1111", "twice")) for _ in range(2)]
    assert first.id != second.id
    async with httpx.AsyncClient() as person:
        page = (await person.get(f"{simulators_url}/sms/?lang=fi")).text
    phone = page.partition("+358401231111")[2].partition("</section>")[0]
    assert phone.count(TEXT) == 2


@pytest.mark.parametrize(("ending", "reason"), [("9001", "number_not_reachable"), ("9002", "not_delivered_in_time")])
async def test_a_message_that_does_not_arrive_says_why(gateway: SmsGateway, ending: str, reason: str) -> None:
    """A number that is not reached is told afterwards, with the gateway's reason."""
    delivery = await ended(gateway, (await gateway.send(sms(ending))).id)
    assert (delivery.state, delivery.reason) == ("failed", reason)


async def test_a_forgotten_message_is_unknown(gateway: SmsGateway) -> None:
    """An id that the gateway does not know is no error: the state is unknown, whatever the id looks like."""
    for message_id in ("never-was", "../v1/messages", "a/b?c#d"):
        assert await gateway.status(message_id) == Delivery(message_id, "unknown")


async def test_a_number_without_text_messages_is_a_bad_number(gateway: SmsGateway) -> None:
    """A landline is a valid number, but gets no text messages; neither error nor its text repeats the number."""
    landline = OutgoingSms("notice-landline", "+358942727000", TEXT)
    with pytest.raises(BadNumber) as bad:
        await gateway.send(landline)
    assert (bad.value.status, bad.value.reason) == (400, "not_a_mobile_number")
    assert "942727" not in f"{bad.value} {bad.value.body} {landline!r}"


async def test_no_credit_and_too_many_are_told_apart(gateway: SmsGateway) -> None:
    """Both certainly sent nothing; the one needs an operator, the other passes in the time that the gateway says."""
    with pytest.raises(CreditOut) as out:
        await gateway.send(sms("9402"))
    assert out.value.status == 402
    with pytest.raises(Throttled) as throttled:
        await gateway.send(sms("9429"))
    assert (throttled.value.retry_after, throttled.value.asked) == (30.0, False)


async def test_other_refusals_are_rejected(simulators: SimulatorServer) -> None:
    """A wrong key and a text that is too long will not get better by waiting."""
    config = simulators.sms_config()
    wrong_key, good = SmsGateway(replace(config, api_key="wrong")), SmsGateway(config)
    with pytest.raises(Rejected) as unauthorized:
        await wrong_key.send(sms())
    with pytest.raises(Rejected) as too_long:
        await good.send(replace(sms(), text="a" * 2000))
    await asyncio.gather(wrong_key.close(), good.close())
    assert (unauthorized.value.status, too_long.value.status) == (401, 422)
    assert too_long.value.body == {"code": "invalid_request"}


@pytest.mark.parametrize("mode", ["drop", "malformed", "truncated"])
async def test_an_unknown_outcome_is_not_repeated(
    simulators: SimulatorServer, foreign: httpx.AsyncClient, mode: str
) -> None:
    """Where the answer is lost the message may have gone: the client says so, and sends no second one."""
    fault = {"mode": mode, **({"carried_out": True} if mode == "drop" else {})}
    before = await _count(simulators)
    client = SmsGateway(simulators.sms_config())
    await foreign.put(f"{simulators.url}/_faults/sms", json=fault)
    with pytest.raises(Unavailable) as unknown:
        await client.send(sms("7777", f"lost-{mode}"))
    await foreign.put(f"{simulators.url}/_faults/sms", json={"mode": "none"})
    await client.close()
    assert unknown.value.asked
    assert await _count(simulators) == before + 1


async def test_the_gateway_may_be_away(simulators: SimulatorServer) -> None:
    """Where nobody answers the door, nothing has been sent, and the caller may know that."""
    client = SmsGateway(replace(simulators.sms_config(), base_url="http://127.0.0.1:9"))
    with pytest.raises(Unavailable) as away:
        await client.send(sms())
    await client.close()
    assert not away.value.asked


async def test_looking_up_by_reference_is_off_unless_offered(gateway: SmsGateway, tmp_path: Path) -> None:
    """Most gateways have no such thing; where one has, all messages with the reference come back."""
    with pytest.raises(LookUpNotOffered):
        await gateway.find_by_reference("notice-1")
    server = SimulatorServer(tmp_path / "own.sqlite", sms=SmsAccount(delivery_seconds=0.1, can_look_up=True))
    await asyncio.to_thread(server.start)
    client = SmsGateway(replace(server.sms_config(), can_look_up=True))
    sent = [(await client.send(sms(reference="found"))).id for _ in range(2)]
    assert [one.id for one in await client.find_by_reference("found")] == sent
    assert await client.find_by_reference("never sent") == ()
    await client.close()
    await asyncio.to_thread(server.stop)


async def test_delivery_reports_come_signed(tmp_path: Path) -> None:
    """The gateway tells by itself how a message ended, and our check believes exactly that report."""
    arrived: asyncio.Queue[tuple[bytes, str]] = asyncio.Queue()

    async def take(request: Request) -> Response:
        await arrived.put((await request.body(), request.headers["X-Signature"]))
        return Response(status_code=204)

    callback = Starlette(routes=[Route("/reports", take, methods=["POST"])])
    listener = socket.create_server(("127.0.0.1", 0))  # listens at once, so nobody needs to wait for the server
    window = uvicorn.Server(uvicorn.Config(callback, log_level="critical", lifespan="off", ws="none"))
    serving = asyncio.create_task(window.serve(sockets=[listener]))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/reports"
    account = SmsAccount(delivery_seconds=0.1, callback_url=url, report_secret=SECRET)
    server = SimulatorServer(tmp_path / "own.sqlite", sms=account)
    await asyncio.to_thread(server.start)
    client = SmsGateway(server.sms_config())
    receipt = await client.send(sms("9001", "reported"))
    body, signature = await asyncio.wait_for(arrived.get(), 5)
    await client.close()
    await asyncio.to_thread(server.stop)
    window.should_exit = True
    await serving
    report = read_report(body, signature, secret=SECRET, now=datetime.now(UTC))
    assert (report.id, report.state, report.reason) == (receipt.id, "failed", "number_not_reachable")
    assert report.client_reference == "reported"
    assert TEXT not in body.decode()


@given(
    body=st.just(b'{"id": "1", "state": "delivered"}') | st.binary(max_size=200),
    at=st.integers(0, 2**32),
    noise=st.binary(min_size=1, max_size=20),
    place=st.integers(0, 200),
)
def test_a_changed_report_is_not_believed(body: bytes, at: int, noise: bytes, place: int) -> None:
    """Neither another body, nor another time, nor another secret passes with a signature."""
    now, signature = datetime.fromtimestamp(at, UTC), sign(body, SECRET, at)
    for wrong_body, wrong_signature, secret in (
        (body[:place] + noise + body[place:], signature, SECRET),
        (body, signature.replace(f"t={at}", f"t={at + 1}"), SECRET),
        (body, signature, SECRET + "x"),
        (body, signature, ""),
        (body, noise.decode("latin-1"), SECRET),
    ):
        with pytest.raises(NotFromGateway):
            read_report(wrong_body, wrong_signature, secret=secret, now=now)


def test_an_old_report_is_not_believed() -> None:
    """A report that was listened to can't be sent again later; garbage with a good signature is refused too."""
    now = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
    body = json.dumps({"id": "1", "state": "delivered"}).encode()
    signature = sign(body, SECRET, int(now.timestamp()))
    assert read_report(body, signature, secret=SECRET, now=now + timedelta(minutes=4)).state == "delivered"
    for moved in (timedelta(minutes=6), timedelta(minutes=-6)):
        with pytest.raises(NotFromGateway):
            read_report(body, signature, secret=SECRET, now=now + moved)
    for garbage in (b"", b"[]", b'{"id": ""}'):
        with pytest.raises(NotFromGateway):
            read_report(garbage, sign(garbage, SECRET, int(now.timestamp())), secret=SECRET, now=now)


@given(st.text(max_size=20))
def test_only_e164_numbers_are_taken(text: str) -> None:
    """What is no phone number never reaches the gateway, and no error repeats it."""
    if not is_e164(text):
        with pytest.raises(InvalidPhoneNumber) as invalid:
            OutgoingSms("x", text, TEXT)
        assert len(text) < 6 or text not in str(invalid.value)


@pytest.mark.parametrize("number", ["0401234567", "+358 40 1234567", "+35840", "+358401234567 ", "112", "+99912345678"])
def test_numbers_in_other_forms_are_refused(number: str) -> None:
    """National writing, spaces, short and impossible numbers: the window writes numbers in one form only."""
    with pytest.raises(InvalidPhoneNumber):
        OutgoingSms("x", number, TEXT)
    assert OutgoingSms("x", "+46701234567", TEXT).to == "+46701234567"


async def test_garbage_is_refused_in_one_shape(foreign: httpx.AsyncClient) -> None:
    """Whatever comes, the answer is a refusal with a code, never a failure of the gateway."""
    good = {"to": "+358401234567", "text": "x", "sender": "Ikkuna"}
    assert (await foreign.post("/v1/messages", json=good)).status_code == 202
    for body in (b"", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"to": NaN}'):
        answer = await foreign.post("/v1/messages", content=body)
        assert answer.status_code in {400, 422}
        assert answer.json()["error"]["code"]
    for change in ({"to": "0401234567"}, {"text": ""}, {"sender": "!"}, {"to": 5}):
        answer = await foreign.post("/v1/messages", json={**good, **change})
        assert answer.status_code in {400, 422}
        assert answer.json()["error"]["fields"] == list(change)
    assert (await foreign.get("/v1/messages", params={"clientReference": "x"})).status_code == 405
    assert (await foreign.get("/nowhere")).json()["error"]["code"] == "no_such_address"
    assert (await foreign.get("/v1/messages/x", headers={"X-Api-Key": "wrong"})).status_code == 401


async def _count(simulators: SimulatorServer) -> int:
    async with httpx.AsyncClient() as person:
        return (await person.get(f"{simulators.url}/sms/")).text.count(TEXT)
