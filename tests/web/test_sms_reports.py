"""The gateway reports how text messages ended: believed only where it signed, written down once, in any order."""

import json
import time
import uuid
from datetime import timedelta
from itertools import permutations
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from app.integrations.sms.report import sign
from app.services.deliveries.operate import send_again
from app.services.deliveries.queue import want_delivery
from app.services.viewer import Viewer
from app.settings import Settings
from tests.tools.attacker import Attacker, sign_in_staff
from tests.tools.deliveries import booked_appointment, change, rows_of, want_notice
from tests.tools.document import Document
from tests.tools.world import FIXED_NOW

NOW = int(FIXED_NOW.timestamp())


@pytest_asyncio.fixture(loop_scope="session")
async def sms(session: AsyncSession, settings: Settings) -> uuid.UUID:
    """A delivery that the gateway has taken as the message `m-<id>`."""
    notice = await want_notice(session, booked_appointment(settings))
    delivery = await want_delivery(session, "sms", "notice_sms", notice)
    delivery.state, delivery.receiver_id, delivery.receiver_version = "done", f"m-{delivery.id}", ""
    await session.commit()
    return delivery.id


def told(sms: uuid.UUID, state: str, **more: Any) -> bytes:
    """A report about the message of `sms`."""
    return json.dumps({"id": f"m-{sms}", "clientReference": str(sms), "state": state, **more}).encode()


async def post(app: FastAPI, settings: Settings, body: bytes, signature: str | None = None) -> httpx.Response:
    """Post a report, signed as the gateway would."""
    secret = settings.sms_report_secret.get_secret_value()
    headers = {"X-Signature": sign(body, secret, NOW) if signature is None else signature}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=settings.public_url) as client:
        return await client.post("/sms-reports", content=body, headers=headers)


def kept(settings: Settings, sms: uuid.UUID) -> tuple[str, str]:
    (row,) = rows_of(settings, "select state, reason from delivery where id = %s", sms)
    return row["state"], row["reason"]


def leave_as(settings: Settings, sms: uuid.UUID, state: str, receiver: str | None) -> None:
    """The delivery stands in `state`; the gateway's name of its message is known or not."""
    change(settings, "update delivery set state = %s, receiver_id = %s where id = %s", state, receiver, sms)


async def test_not_delivered_is_for_operators(app: FastAPI, settings: Settings, sms: uuid.UUID) -> None:
    """A message that did not reach the phone is refused with the gateway's reason, on the operators' page."""
    answer = await post(app, settings, told(sms, "failed", reason="number_not_reachable"))
    assert (answer.status_code, answer.headers["cache-control"]) == (204, "no-store")
    assert kept(settings, sms) == ("refused", "not delivered: number_not_reachable")
    async with Attacker.staff(app, settings, ["operator"], []) as operator:
        page = Document((await operator.send("GET", "/fi/staff/systems/sms")).text)
    assert "number_not_reachable" in page.text


async def test_delivered_is_done(app: FastAPI, settings: Settings, sms: uuid.UUID) -> None:
    """A message that has reached the phone stays done."""
    assert (await post(app, settings, told(sms, "delivered"))).status_code == 204
    assert kept(settings, sms) == ("done", "")


@pytest.mark.parametrize(
    ("told_state", "ends_as"), [("delivered", "done"), ("accepted", "done"), ("failed", "refused"), ("odd", "unknown")]
)
@pytest.mark.parametrize("before", ["unknown", "sending"])
async def test_what_was_in_doubt(
    app: FastAPI, settings: Settings, sms: uuid.UUID, before: str, told_state: str, ends_as: str
) -> None:
    """An attempt whose answer was lost, or is on its way still, is found by our reference and settled."""
    leave_as(settings, sms, before, None)
    await post(app, settings, told(sms, told_state, reason="expired"))
    assert kept(settings, sms)[0] == (before if told_state == "odd" else ends_as)


@pytest.mark.parametrize("order", list(permutations(["accepted", "failed", "delivered"])))
async def test_out_of_order_and_twice(app: FastAPI, settings: Settings, sms: uuid.UUID, order: tuple[str, ...]) -> None:
    """Whatever comes when and how often, the first final word stays: delivered and failed are final."""
    for state in (*order, *order):
        assert (await post(app, settings, told(sms, state, reason="expired"))).status_code == 204
    first = next(state for state in order if state != "accepted")
    assert kept(settings, sms)[0] == ("done" if first == "delivered" else "refused")


async def test_sent_again_by_an_operator(
    app: FastAPI, settings: Settings, session: AsyncSession, sms: uuid.UUID
) -> None:
    """The old message's report comes again while the new one waits: it is sent all the same, and has its own end."""
    await post(app, settings, told(sms, "failed", reason="expired"))
    staff = sign_in_staff(settings, ["operator"], [])
    await send_again(session, Viewer(uuid.uuid4(), None, staff.person_id, roles=("operator",)), sms)
    await session.commit()
    await post(app, settings, told(sms, "failed", reason="expired"))
    assert kept(settings, sms)[0] == "waiting"
    leave_as(settings, sms, "sending", f"m-{sms}")
    await post(app, settings, told(sms, "delivered", id="m-second"))
    assert kept(settings, sms) == ("done", "")
    await post(app, settings, told(sms, "failed"))
    assert kept(settings, sms) == ("done", "")


async def test_settled_by_a_person(app: FastAPI, settings: Settings, sms: uuid.UUID) -> None:
    """What an operator has settled by hand stays settled."""
    leave_as(settings, sms, "dropped", f"m-{sms}")
    assert (await post(app, settings, told(sms, "failed"))).status_code == 204
    assert kept(settings, sms)[0] == "dropped"


async def test_messages_of_others(app: FastAPI, settings: Settings, sms: uuid.UUID) -> None:
    """A report about no message of ours is taken and changes nothing; nor can it name another kind of delivery."""
    (notice,) = rows_of(settings, "select id from delivery where kind = 'notice' order by number desc limit 1")
    for reference in ("", "invoice 7", str(uuid.uuid4()), str(notice["id"])):
        body = json.dumps({"id": "m-other", "state": "failed", "clientReference": reference}).encode()
        assert (await post(app, settings, body)).status_code == 204
    assert rows_of(settings, "select state from delivery where id = %s", notice["id"]) == [{"state": "waiting"}]
    assert kept(settings, sms)[0] == "done"


async def test_only_the_gateway_is_believed(app: FastAPI, settings: Settings, sms: uuid.UUID) -> None:
    """Unsigned, wrongly signed, old, for another body, or unreadable: 400, and nothing changes."""
    body = told(sms, "failed")
    secret = settings.sms_report_secret.get_secret_value()
    good = sign(body, secret, NOW)
    old = sign(body, secret, int((FIXED_NOW - timedelta(minutes=6)).timestamp()))
    refused = [
        (body, ""),
        (body, "t=1,v1=2"),
        (body, good.upper()),
        (body, sign(body, "another secret", NOW)),
        (body, old),
        (body, sign(body, secret, int(time.time()) + 10**7)),
        (told(sms, "delivered"), good),
        (b"\xff{", sign(b"\xff{", secret, NOW)),
        (b"[]", sign(b"[]", secret, NOW)),
        (b'{"id": "", "state": 5}', sign(b'{"id": "", "state": 5}', secret, NOW)),
    ]
    for content, signature in refused:
        answer = await post(app, settings, content, signature)
        assert (answer.status_code, answer.content) == (400, b""), content[:80]
    assert kept(settings, sms)[0] == "done"


async def test_a_county_without_text_messages(app: FastAPI, settings: Settings, sms: uuid.UUID) -> None:
    """Where no gateway is in use, no report is believed, though the demo's secret is known to everybody."""
    usual = app.state.settings
    app.state.settings = settings.model_copy(update={"sms_url": ""})
    try:
        assert (await post(app, settings, told(sms, "failed"))).status_code == 400
    finally:
        app.state.settings = usual
    assert kept(settings, sms)[0] == "done"
