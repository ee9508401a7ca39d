"""Suomi.fi Messages: our client against the simulator, and the simulator against foreign clients' requests."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.domain.text import Text
from app.integrations.http import Rejected
from app.integrations.suomifi.messages.client import SuomifiMessages
from app.integrations.suomifi.messages.port import Attachment, EventType, NoMailbox, OutgoingNotice
from app.simulators.main import SimulatorSettings, create_app
from app.simulators.store import Store
from app.simulators.suomifi_messages.mailbox import Mailbox
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


@pytest.fixture
async def person(simulators: SimulatorServer) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at the inspection page."""
    async with httpx.AsyncClient(base_url=simulators.messages_config().base_url) as client:
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
    other = {**message("conflict"), "sender": {"serviceId": "KIRJAAMO"}}
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


async def test_a_notice_with_files_is_read_back(messages: SuomifiMessages) -> None:
    """Files are uploaded and named; the message is read with them, and belongs to the thread of the first one."""
    first = await messages.send(notice("files-1"))
    file = Attachment("ohje.pdf", "application/pdf", b"%PDF-1.7 ...")
    answer = replace(notice("files-2"), attachments=(file,), in_reply_to=first)
    second = await messages.send(answer)
    assert await messages.send(answer) == second
    kept = await messages.message(second)
    assert (kept.id, kept.title, kept.thread, kept.sender_name) == (second, answer.title, first, None)
    assert datetime.now(UTC) - kept.created_at < timedelta(minutes=1)
    (described,) = kept.attachments
    assert (described.filename, described.media_type, described.size_bytes) == ("ohje.pdf", "application/pdf", 12)
    assert await messages.attachment(described.id) == file.content
    assert "ohje" not in repr(answer) + repr(kept)
    with pytest.raises(Rejected) as rejected:
        await messages.message(10**15)
    assert rejected.value.status == 404


async def test_what_happened_comes_as_events(messages: SuomifiMessages, person: httpx.AsyncClient) -> None:
    """Sent, read by the recipient (told once), and nothing twice after the continuation."""
    (_, continuation) = await messages.events()
    message_id = await messages.send(notice("events-1"))
    for _ in range(2):
        await person.post(f"/_people/{message_id}/read")
    happened, continuation = await messages.events(continuation)
    assert [event.type for event in happened] == [EventType.CREATED, EventType.READ]
    assert {(event.message_id, event.service_id, event.external_id) for event in happened} == {
        (message_id, "ASIOINTI", "events-1")
    }
    assert await messages.events(continuation) == ((), continuation)


async def test_a_recipient_without_a_mailbox(messages: SuomifiMessages) -> None:
    """Who does not use the mailbox can't be sent to, and that is an error of its own: another way is needed."""
    with pytest.raises(NoMailbox) as refused:
        await messages.send(replace(notice("no-mailbox"), recipient_identity_code="110239-967Y"))
    assert refused.value.status == 400
    assert await messages.active_mailboxes(["110239-967Y", "080345-906D", "010180-9026"]) == {"080345-906D"}
    assert await messages.active_mailboxes([]) == frozenset()


async def test_many_mailboxes_are_asked_in_parts(messages: SuomifiMessages, foreign: httpx.AsyncClient) -> None:
    """More than ten thousand in one call are refused, so the client splits them."""
    codes = [f"{number % 31 + 1:02}0180-9{number % 97:02}{'ABC'[number % 3]}" for number in range(10_001)]
    users = [{"id": code} for code in codes]
    assert (await foreign.post("/v1/mailboxes/active", json={"endUsers": users})).status_code == 400
    different = [
        f"{day:02}{month:02}{year:02}-9{n:02}A"
        for day in range(1, 29)
        for month in range(1, 13)
        for year in range(10, 20)
        for n in range(4)
    ]
    assert len(different) > 10_000
    assert await messages.active_mailboxes([*different, "080345-906D"]) == {"080345-906D"}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"sender": {"serviceId": "SOMEBODY-ELSE"}}, "UNKNOWN_SERVICE"),
        ({"recipient": {"id": "110239-967Y"}}, "MAILBOX_NOT_ACTIVE"),
        ({"electronic": {"attachments": [{"attachmentId": "none"}]}}, "ATTACHMENT_NOT_FOUND"),
        ({"electronic": {"inReplyToMessageId": 10**15}}, "REPLIED_MESSAGE_NOT_FOUND"),
    ],
)
async def test_what_cannot_be_sent(foreign: httpx.AsyncClient, changed: dict[str, Any], code: str) -> None:
    """A well-formed message that can't be sent says what is wrong with it, and leaves no trace."""
    good = message(f"unsendable-{code}")
    bad = {**good, **changed, "electronic": {**good["electronic"], **changed.get("electronic", {})}}
    refused = await foreign.post("/v2/messages/electronic", json=bad)
    assert refused.status_code == 400
    assert [error["errorCode"] for error in refused.json()["validationErrors"]] == [code]
    assert (await foreign.post("/v2/messages/electronic", json=good)).status_code == 200


async def test_nobody_replies_into_anothers_thread(foreign: httpx.AsyncClient) -> None:
    """A reply goes to the person of the thread and to nobody else."""
    first = (await foreign.post("/v2/messages/electronic", json=message("thread-1"))).json()["messageId"]
    stray = {**message("thread-2", inReplyToMessageId=first), "recipient": {"id": "080345-906D"}}
    assert (await foreign.post("/v2/messages/electronic", json=stray)).status_code == 400


async def test_the_client_goes_on_with_a_new_password(tmp_path: Path) -> None:
    """A weak one is refused and changes nothing; after a good one the same client sends, and the old one is dead."""
    server = SimulatorServer(tmp_path / "own.sqlite")
    await asyncio.to_thread(server.start)
    client, other = SuomifiMessages(server.messages_config()), SuomifiMessages(server.messages_config())
    with pytest.raises(Rejected):
        await client.change_password("weak")
    await client.send(notice("password-1"))
    await client.change_password("A-Quite-Long-Password-With-Digits-42!")
    await client.send(notice("password-2"))
    with pytest.raises(Rejected):
        await other.send(notice("password-3"))
    await asyncio.gather(client.close(), other.close())
    await asyncio.to_thread(server.stop)


async def test_a_thousand_events_a_call_for_sixty_days(tmp_path: Path) -> None:
    """More come with the continuation; what is older than the interface keeps is gone."""
    settings = SimulatorSettings(tmp_path / "own.sqlite", "http://simulators.test", clients={})
    app, store = create_app(settings), Store(settings.database)
    mailbox = Mailbox(store)
    with store.together():
        for number in range(1001):
            mailbox.record_event("Electronic message created", number, message(str(number)))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://simulators.test/suomifi/messages") as client:
        account = {"username": settings.messages.username, "password": settings.messages.password}
        client.headers["Authorization"] = (await client.post("/v1/token", json=account)).json()["access_token"]
        first = (await client.get("/v2/events")).json()
        second = await client.get("/v2/events", params={"continuationToken": first["continuationToken"]})
        assert (len(first["events"]), len(second.json()["events"])) == (1000, 1)
        with closing(sqlite3.connect(settings.database)) as kept:
            (ends,) = kept.execute("select min(expires_at) from record where kind = 'messages/event'").fetchone()
        assert timedelta(days=59, hours=23) < datetime.fromtimestamp(ends, UTC) - datetime.now(UTC) < timedelta(days=60)
        store.shorten("messages/event", 0)
        assert (await client.get("/v2/events")).json()["events"] == []
    store.close()


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
