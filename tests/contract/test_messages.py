"""Suomi.fi Messages: our client against the simulator, and the simulator against foreign clients' requests."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.domain.text import Text
from app.integrations.http import Rejected
from app.integrations.suomifi.messages.client import SuomifiMessages
from app.integrations.suomifi.messages.port import OutgoingNotice
from tests.contract.simulator_server import SimulatorServer

NEUTRAL = Text({"fi": "Uusi viesti", "sv": "Nytt meddelande", "en": "New message"})


def notice(external_id: str) -> OutgoingNotice:
    return OutgoingNotice(
        external_id=external_id,
        recipient_identity_code="080345-906D",
        title="Sinulla on varattu aika",
        body="Katso aika asiointi-ikkunasta.",
        notification_title=NEUTRAL,
        notification_content=NEUTRAL,
    )


@pytest.fixture
async def messages(simulators: SimulatorServer) -> AsyncIterator[SuomifiMessages]:
    client = SuomifiMessages(simulators.messages_config())
    yield client
    await client.close()


@pytest.fixture
async def foreign(simulators: SimulatorServer) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody else's client, which sends the token without `Bearer`."""
    config = simulators.messages_config()
    async with httpx.AsyncClient(base_url=config.base_url) as client:
        credentials = {"username": config.username, "password": config.password}
        answer = (await client.post("/v1/token", json=credentials)).json()
        assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3600)
        client.headers["Authorization"] = answer["access_token"]
        yield client


def message(external_id: str, **electronic: Any) -> dict[str, Any]:
    content = {
        "title": "Otsikko",
        "body": "Teksti",
        "bodyFormat": "Text",
        "messageServiceType": "Normal",
        "replyAllowedBy": "No one",
        "visibility": "Normal",
        "attachments": [],
    }
    return {
        "externalId": external_id,
        "recipient": {"id": "120488-902S"},
        "sender": {"serviceId": "ASIOINTI"},
        "electronic": {**content, **electronic},
    }


async def test_a_notice_arrives_once(messages: SuomifiMessages, foreign: httpx.AsyncClient) -> None:
    """Sending again with the same externalId is success and makes no second message."""
    first = await messages.send(notice("once-1"))
    assert await messages.send(notice("once-1")) == first
    assert await messages.send(notice("once-2")) != first
    events = (await foreign.get("/v2/events")).json()["events"]
    assert [e["metadata"]["messageId"] for e in events].count(first) == 1
    kept = (await foreign.get(f"/v2/messages/{first}")).json()
    assert kept["electronic"]["title"] == "Sinulla on varattu aika"


async def test_the_token_is_renewed_once(messages: SuomifiMessages) -> None:
    """A token that is no longer accepted is replaced and the message sent."""
    await messages.send(notice("renew-1"))
    messages._token = "forgotten by the other side"
    assert await messages.send(notice("renew-2")) > 0


async def test_wrong_credentials_are_rejected(simulators: SimulatorServer) -> None:
    """A wrong password is not something that waiting mends."""
    client = SuomifiMessages(replace(simulators.messages_config(), password="wrong"))
    with pytest.raises(Rejected) as rejected:
        await client.send(notice("credentials"))
    await client.close()
    assert rejected.value.status == 401


async def test_an_invalid_notice_is_rejected_with_reasons(messages: SuomifiMessages) -> None:
    """The validation errors come through, and don't repeat what was sent."""
    with pytest.raises(Rejected) as rejected:
        await messages.send(replace(notice("invalid"), recipient_identity_code="not-a-code"))
    errors = rejected.value.body["validationErrors"]
    assert errors[0]["errorCode"]
    assert "not-a-code" not in str(rejected.value.body)


async def test_messages_survive_a_restart(simulators: SimulatorServer) -> None:
    """What has been sent is known also after the system was away."""
    client = SuomifiMessages(simulators.messages_config())
    before = await client.send(notice("restart-1"))
    await asyncio.to_thread(simulators.restart)
    again = SuomifiMessages(simulators.messages_config())
    assert await again.send(notice("restart-1")) == before
    await asyncio.gather(client.close(), again.close())
    async with httpx.AsyncClient() as person:
        page = (await person.get(f"{simulators.url}/suomifi/messages/")).text
    assert "restart-1" in page
    assert "Aili Harjulampi" in page


async def test_conflict_is_per_service(foreign: httpx.AsyncClient) -> None:
    """The same externalId of another service is another message; of the same service, 409 with the first id."""
    first = (await foreign.post("/v2/messages/electronic", json=message("conflict"))).json()["messageId"]
    again = await foreign.post("/v2/messages/electronic", json=message("conflict"))
    assert (again.status_code, again.json()["messageId"]) == (409, first)
    other = {**message("conflict"), "sender": {"serviceId": "OTHER"}}
    assert (await foreign.post("/v2/messages/electronic", json=other)).status_code == 200


async def test_attachments(foreign: httpx.AsyncClient) -> None:
    """A file is uploaded, named in a message and read back; an unknown one is refused."""
    uploaded = await foreign.post("/v2/attachments", files={"file": ("ohje.txt", b"hei", "text/plain")})
    attachment_id = uploaded.json()["attachmentId"]
    named = message("with-file", attachments=[{"attachmentId": attachment_id}])
    message_id = (await foreign.post("/v2/messages/electronic", json=named)).json()["messageId"]
    described = (await foreign.get(f"/v2/messages/{message_id}")).json()["electronic"]["attachments"]
    assert described == [
        {"attachmentId": attachment_id, "filename": "ohje.txt", "mediaType": "text/plain", "sizeBytes": 3}
    ]
    assert (await foreign.get(f"/v1/attachments/{attachment_id}")).content == b"hei"
    unknown = message("with-unknown", attachments=[{"attachmentId": "none"}])
    assert (await foreign.post("/v2/messages/electronic", json=unknown)).status_code == 400


async def test_events_continue_where_they_ended(foreign: httpx.AsyncClient) -> None:
    """The continuation token brings what has come since, and nothing twice."""
    token = (await foreign.get("/v2/events")).json()["continuationToken"]
    await foreign.post("/v2/messages/electronic", json=message("event-1"))
    more = (await foreign.get("/v2/events", params={"continuationToken": token})).json()
    assert [e["metadata"]["externalId"] for e in more["events"]] == ["event-1"]
    rest = await foreign.get("/v2/events", params={"continuationToken": more["continuationToken"]})
    assert rest.json() == {"continuationToken": more["continuationToken"], "events": []}


async def test_active_mailboxes(foreign: httpx.AsyncClient) -> None:
    """Only those who use the mailbox are named."""
    asked = {"endUsers": [{"id": "120488-902S"}, {"id": "110239-967Y"}, {"id": "010180-9026"}]}
    answer = await foreign.post("/v1/mailboxes/active", json=asked)
    assert answer.json() == {"endUsersWithActiveMailbox": [{"id": "120488-902S"}]}


async def test_both_forms_of_the_token_and_no_other(foreign: httpx.AsyncClient) -> None:
    """Raw and Bearer are accepted; nothing and nonsense are 401 with a reason."""
    token = foreign.headers["Authorization"]
    for good in (token, f"Bearer {token}"):
        assert (await foreign.get("/v2/events", headers={"Authorization": good})).status_code == 200
    for bad in ("", "Bearer", "Bearer x", "Basic eDp5"):
        refused = await foreign.get("/v2/events", headers={"Authorization": bad})
        assert (refused.status_code, list(refused.json())) == (401, ["reason"])


async def test_the_password_can_be_changed(tmp_path: Path) -> None:
    """A weak new password is refused; a good one replaces the old, also after a restart."""
    server = SimulatorServer(tmp_path / "own.sqlite")
    await asyncio.to_thread(server.start)
    config = server.messages_config()
    old = {"username": config.username, "password": config.password}
    new = {**old, "password": "A-Quite-Long-Password-With-Digits-42!"}
    async with httpx.AsyncClient(base_url=config.base_url) as client:
        token = (await client.post("/v1/token", json=old)).json()["access_token"]
        change = {"accessToken": token, "currentPassword": config.password, "newPassword": "weak"}
        assert (await client.post("/v1/change-password", json=change)).status_code == 400
        good = {**change, "newPassword": new["password"]}
        assert (await client.post("/v1/change-password", json=good)).status_code == 200
    await asyncio.to_thread(server.restart)
    async with httpx.AsyncClient(base_url=config.base_url) as client:
        assert (await client.post("/v1/token", json=old)).status_code == 401
        assert (await client.post("/v1/token", json=new)).status_code == 200
    await asyncio.to_thread(server.stop)


async def test_garbage_is_400_or_404(foreign: httpx.AsyncClient) -> None:
    """No body, token or number makes the interface fail."""
    odd = [b"", b"null", b"[]", b"[" * 100_000, b"\xff", b'{"externalId": "\\ud800"}', b'{"a": NaN}']
    for body in odd:
        for path in ("/v2/messages/electronic", "/v1/token", "/v1/change-password", "/v1/mailboxes/active"):
            answer = await foreign.post(path, content=body)
            assert answer.status_code == 400, (path, body[:20])
            assert "reason" in answer.json()
    surrogate = json.dumps(message("\ud800"))  # half a character, which no UTF-8 has
    assert (await foreign.post("/v2/messages/electronic", content=surrogate)).status_code == 400
    assert (await foreign.post("/v2/attachments", content=b"nothing")).status_code == 400
    assert (await foreign.get("/v2/events?continuationToken=-1")).status_code == 400
    for number in ("0", "-1", "9" * 40, "x", "%00"):
        assert (await foreign.get(f"/v2/messages/{number}")).status_code == 404
    assert (await foreign.get("/v1/attachments/%ff")).status_code == 404
