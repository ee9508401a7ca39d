"""A client that we did not write, `django-helsinki-suomifi-messages`, does all it can against the simulator.

The client is used as it comes; only its address is ours, and its account that of the simulator.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings
from suomifi_messages import (
    SuomiFiClient,
    SuomiFiClientError,
    SuomiFiDuplicateMessageError,
)
from suomifi_messages.schemas import Address, BodyFormat, EventType

from app.simulators.settings import MessagesAccount
from tests.contract.simulator_server import SimulatorServer

ANNA, VAINO, NOBODY = "120488-902S", "110239-967Y", "010180-9026"
HOME = Address(
    name="Anna Lehtokangas", street_address="Esimerkkitie 1", zip_code="50100", city="Mikkeli", country_code="FI"
)
COUNTY = Address(name="Kirjaamo", street_address="Esimerkkitie 2", zip_code="50100", city="Mikkeli", country_code="FI")
NEW_PASSWORD = "Another-Quite-Long-Password-With-42!"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorServer]:
    """Simulators of its own, at the root of an address, because the client knows only a host."""
    account = MessagesAccount()
    if not settings.configured:
        settings.configure(
            SUOMIFI_USERNAME=account.username,
            SUOMIFI_PASSWORD=account.password,
            SUOMIFI_SERVICE_ID="ASIOINTI",
            SUOMIFI_POSTI_EMAIL="posti@county.test",
            SUOMIFI_POSTI_USERNAME="posti",
            SUOMIFI_POSTI_PASSWORD="the-printers-secret",
        )
    running = SimulatorServer(tmp_path_factory.mktemp("foreign") / "own.sqlite", at_root="/suomifi/messages")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def stranger(server: SimulatorServer) -> Iterator[Any]:
    client = SuomiFiClient()
    client.base_url = server.url
    yield client
    client.session.close()


@pytest.fixture
def client(stranger: Any) -> Any:
    stranger.login()
    return stranger


def happened(client: Any, message_id: int) -> list[Any]:
    """The types of all events of a message, read page by page."""
    found: list[Any] = []
    token = None
    while True:
        events, token = client.get_events(token)
        if not events:
            return found
        found += [event.type for event in events if event.metadata.message_id == message_id]


def electronic(client: Any, external_id: str, **more: Any) -> int:
    content = {"title": "Otsikko", "body": "Teksti", "body_format": BodyFormat.MARKDOWN, "recipient_id": ANNA}
    message_id, kept_id = client.send_electronic_message(**{**content, "external_id": external_id, **more})
    assert kept_id == external_id
    return int(message_id)


def multichannel(client: Any, recipient: str) -> int:
    letter = client.upload_attachment("kirje.pdf", BytesIO(b"%PDF-1.7"))
    message_id, _ = client.send_multichannel_message(
        title="Otsikko",
        body="Teksti",
        body_format=BodyFormat.TEXT,
        recipient_id=recipient,
        recipient_address=HOME,
        sender_address=COUNTY,
        paper_mail_attachment_id=letter,
        verifiable=True,
    )
    return int(message_id)


def test_it_logs_in(stranger: Any) -> None:
    """A wrong password is a client error with the reason; a good one gives a token for an hour."""
    with pytest.raises(SuomiFiClientError) as wrong:
        stranger.login(password="wrong")
    assert list(wrong.value.response_body) == ["reason"]
    with pytest.raises(SuomiFiClientError):
        stranger.get_events()
    stranger.login()
    assert (stranger.token_type, stranger.token_expiry) == ("Bearer", 3600)


def test_it_asks_for_mailboxes(client: Any) -> None:
    """One and many; only those in use are named."""
    assert client.check_mailboxes([ANNA, VAINO, NOBODY]) == [ANNA]
    assert client.check_mailbox(ANNA)
    assert not client.check_mailbox(VAINO)


def test_it_sends_with_files_and_reads_back(client: Any) -> None:
    """An electronic message with two files, as bytes and as a file; both come back whole."""
    files = [client.upload_attachment("a.txt", b"first"), client.upload_attachment("b.bin", BytesIO(b"second"))]
    message_id = electronic(client, "files", attachment_ids=files, verifiable=True, reply_allowed=True, reminder=False)
    kept = client.get_message(message_id)
    assert (kept.message_id, kept.electronic.title, kept.electronic.body) == (message_id, "Otsikko", "Teksti")
    assert [(file.filename, file.size_bytes) for file in kept.electronic.attachments] == [("a.txt", 5), ("b.bin", 6)]
    assert [client.get_attachment(file) for file in files] == [b"first", b"second"]
    assert datetime.now(UTC) - kept.created_at < timedelta(minutes=1)
    assert kept.sender is None
    assert happened(client, message_id) == [EventType.ELECTRONIC_MESSAGE_CREATED]


def test_it_sends_once(client: Any) -> None:
    """The same external id again is its own error, which carries the first message's id."""
    first = electronic(client, "once")
    with pytest.raises(SuomiFiDuplicateMessageError) as duplicate:
        electronic(client, "once", title="Toinen")
    assert duplicate.value.message_id == first


def test_a_person_reads_and_replies_and_is_answered(client: Any, server: SimulatorServer) -> None:
    """The recipient opens a verifiable message and writes back; the reply has a sender, and one thread holds all."""
    first = electronic(client, "thread", reply_allowed=True, verifiable=True)
    for _ in range(2):
        requests.post(f"{server.url}/_people/{first}/read", timeout=5).raise_for_status()
    assert happened(client, first)[1:] == [EventType.ELECTRONIC_MESSAGE_READ, EventType.RECEIPT_CONFIRMED]
    page = requests.post(f"{server.url}/_people/{first}/reply", data={"text": "Kiitos!"}, timeout=5)
    assert "Kiitos!" in page.text
    events, _ = client.get_events()
    assert events[-1].type == EventType.ELECTRONIC_MESSAGE_FROM_END_USER
    assert events[-1].metadata.external_id is None
    reply = client.get_message(events[-1].metadata.message_id)
    assert (reply.electronic.body, reply.sender.mailbox_owner.id) == ("Kiitos!", ANNA)
    assert reply.sender.mailbox_owner.name == "Anna Lehtokangas"
    answer = client.get_message(electronic(client, "answer", reply_to=reply.message_id))
    for message in (reply, answer):
        thread = message.electronic.thread
        assert (thread.root_message_id, thread.thread_external_id) == (first, "thread")


def test_nobody_replies_where_that_is_not_allowed(client: Any, server: SimulatorServer) -> None:
    """A message without reply makes none, however it is asked for."""
    first = electronic(client, "no-reply")
    requests.post(f"{server.url}/_people/{first}/reply", data={"text": "Silti"}, timeout=5)
    events, _ = client.get_events()
    assert events[-1].metadata.message_id == first


def test_multichannel_goes_by_the_mailbox(client: Any) -> None:
    """Electronic for who has a mailbox, a printed letter for who has none."""
    assert happened(client, multichannel(client, ANNA)) == [EventType.ELECTRONIC_MESSAGE_CREATED]
    printed = [EventType.PAPER_MAIL_CREATED, EventType.SENT_FOR_PRINTING_AND_ENVELOPING]
    letter = multichannel(client, VAINO)
    assert happened(client, letter) == printed
    assert client.get_message(letter).electronic.title == "Otsikko"


def test_a_letter_without_an_identity_code(client: Any, server: SimulatorServer) -> None:
    """It is printed for the address; the page shows where it goes and nobody keeps the printer's password."""
    file = client.upload_attachment("kirje.pdf", b"%PDF-1.7")
    letter, _ = client.send_paper_mail_without_id(HOME, COUNTY, file, external_id="letter")
    assert happened(client, letter) == [EventType.PAPER_MAIL_CREATED, EventType.SENT_FOR_PRINTING_AND_ENVELOPING]
    with pytest.raises(SuomiFiDuplicateMessageError):
        client.send_paper_mail_without_id(HOME, COUNTY, file, external_id="letter")
    page = requests.get(f"{server.url}/", params={"lang": "sv"}, timeout=5).text
    assert "Anna Lehtokangas, Esimerkkitie 1, 50100 Mikkeli" in page
    assert "Pappersbrev" in page
    kept = b"".join(file.read_bytes() for file in server.database.parent.glob("own.sqlite*"))  # the journal too
    assert b"Esimerkkitie 1" in kept
    assert b"the-printers-secret" not in kept


@pytest.mark.parametrize(
    "changed",
    [
        {"recipient_id": VAINO},
        {"recipient_id": "rubbish"},
        {"service_id": "SOMEBODY-ELSE"},
        {"attachment_ids": ["unknown"]},
        {"reply_to": 10**15},
        {"title": ""},
    ],
)
def test_its_errors(client: Any, changed: dict[str, Any]) -> None:
    """What can't be sent is a client error with reasons that the client shows."""
    with pytest.raises(SuomiFiClientError) as refused:
        electronic(client, "refused", **changed)
    assert refused.value.response_body["reason"]
    assert refused.value.response_body["validationErrors"][0]["errorCode"]


def test_what_is_not_there(client: Any) -> None:
    """An unknown message, attachment or continuation is a client error."""
    calls: list[Callable[[], Any]] = [
        lambda: client.get_message(10**15),
        lambda: client.get_attachment("unknown"),
        lambda: client.get_events("rubbish"),
    ]
    for call in calls:
        with pytest.raises(SuomiFiClientError):
            call()


def test_the_password_changes(tmp_path: Path, stranger: Any) -> None:
    """After the change the token is dead, the old password too, and the new one works."""
    own = SimulatorServer(tmp_path / "own.sqlite", at_root="/suomifi/messages")
    own.start()
    try:
        stranger.base_url = own.url
        stranger.login()
        change_password(stranger)
    finally:
        own.stop()


def change_password(client: Any) -> None:
    old = MessagesAccount().password
    with pytest.raises(SuomiFiClientError):
        client.change_password(old, "weak")
    token = client.token
    client.change_password(old, NEW_PASSWORD)
    with pytest.raises(SuomiFiClientError):
        client.login()
    client.session.headers["Authorization"] = token
    with pytest.raises(SuomiFiClientError):
        client.get_events()
    client.login(password=NEW_PASSWORD)
