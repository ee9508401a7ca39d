"""The mail server: our client against the simulator, and the simulator against foreign clients' requests."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.email_address import is_email_address
from app.integrations.email.client import MailServer
from app.integrations.email.port import BadAddress, InvalidEmail, OutgoingEmail
from app.integrations.http import OutsideError, Rejected, Unavailable
from app.simulators.settings import EmailAccount
from tests.contract.simulator_server import SimulatorServer

TEXT = "Sinulle on viesti Asiointi-ikkunassa."
CORE, MAIL, SUBMISSION = (f"urn:ietf:params:jmap:{name}" for name in ("core", "mail", "submission"))
ACCOUNT = EmailAccount()
ERROR = "urn:ietf:params:jmap:error"
GOOD: dict[str, Any] = {
    "mailboxIds": {"drafts": True},
    "from": [{"name": "Kirjaamo", "email": ACCOUNT.sender}],
    "to": [{"email": "foreign@example.fi"}],
    "subject": "Hej",
    "bodyValues": {"1": {"value": "Text"}},
    "textBody": [{"partId": "1", "type": "text/plain"}],
}


def email(local: str = "", text: str = TEXT) -> OutgoingEmail:
    return OutgoingEmail(uuid.uuid4().hex, f"{local or uuid.uuid4().hex}@example.fi", "Uusi viesti – åäö", text)


@pytest.fixture
async def server(simulators: SimulatorServer) -> AsyncIterator[MailServer]:
    client = MailServer(simulators.email_config())
    yield client
    await client.close()


@pytest.fixture
async def foreign(simulators: SimulatorServer) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody else's client, which knows nothing but the host and its token."""
    headers = {"Authorization": f"Bearer {ACCOUNT.token}"}
    async with httpx.AsyncClient(headers=headers) as client:
        session = (await client.get(f"{simulators.url}/email/.well-known/jmap")).raise_for_status().json()
        client.base_url = session["apiUrl"]
        yield client


async def calls(client: httpx.AsyncClient, *wanted: tuple[str, dict[str, Any]], using: Any = None) -> list[Any]:
    numbered = [[name, {"accountId": "A1", **more}, str(at)] for at, (name, more) in enumerate(wanted)]
    body = {"using": using or [CORE, MAIL, SUBMISSION], "methodCalls": numbered}
    found: list[Any] = (await client.post("", json=body)).raise_for_status().json()["methodResponses"]
    return found


async def inbox(simulators: SimulatorServer, address: str) -> str:
    async with httpx.AsyncClient() as person:
        page = (await person.get(f"{simulators.url}/email/?lang=fi")).text
    return page.partition(f">{address}</h2>")[2].partition("</section>")[0]


async def unsent(simulators: SimulatorServer) -> str:
    """How many messages lie about at the server, as its page says it."""
    async with httpx.AsyncClient() as person:
        page = (await person.get(f"{simulators.url}/email/?lang=en")).text
    return page.partition("Left unsent: ")[2].partition("<")[0]


async def test_a_message_arrives(server: MailServer, simulators: SimulatorServer) -> None:
    """It lies in the recipient's inbox with subject, text and the sender's name; nothing is left behind unsent."""
    before, one = await unsent(simulators), email()
    assert (await server.send(one)).id
    came = await inbox(simulators, one.to)
    assert one.subject in came
    assert came.count(TEXT) == 1
    assert f"{ACCOUNT.name} &lt;{ACCOUNT.sender}&gt;" in came
    assert await unsent(simulators) == before


async def test_sending_again_is_a_second_message(server: MailServer, simulators: SimulatorServer) -> None:
    """The server knows no key: this is why the window sends at most once."""
    one = email()
    first, second = [await server.send(one) for _ in range(2)]
    assert first.id != second.id
    assert (await inbox(simulators, one.to)).count(TEXT) == 2


async def test_an_address_without_inbox(server: MailServer, simulators: SimulatorServer) -> None:
    """It is a bad address; neither error nor its text repeats it, and the unsent message is taken away."""
    before, one = await unsent(simulators), email("unknown-user")
    with pytest.raises(BadAddress) as bad:
        await server.send(one)
    assert "unknown-user" not in f"{bad.value} {bad.value.body} {one!r}"
    assert await unsent(simulators) == before


@pytest.mark.parametrize("local", ["over-quota", "rate-limit", "server-fail", "server-unavailable"])
async def test_what_passes(server: MailServer, simulators: SimulatorServer, local: str) -> None:
    """Certainly not sent, and nothing is wrong with it: it may go later; nothing is left behind."""
    before = await unsent(simulators)
    with pytest.raises(Unavailable) as later:
        await server.send(email(local))
    assert not later.value.asked
    assert await unsent(simulators) == before


async def test_our_account_may_not(server: MailServer, simulators: SimulatorServer) -> None:
    """A wrong token, a sender that is not ours, a recipient we may not write to: 403, as of an account; it waits."""
    config = simulators.email_config()
    for client, one, status in (
        (MailServer(replace(config, token="wrong")), email(), 403),
        (MailServer(replace(config, sender="other@example.fi")), email(), 403),
        (MailServer(config), email("not-allowed"), 403),
        (MailServer(config), email(text="a" * 100_001), 400),
    ):
        with pytest.raises(Rejected) as refused:
            await client.send(one)
        await client.close()
        assert (type(refused.value), refused.value.status) == (Rejected, status)


@pytest.mark.parametrize(("mode", "sent"), [("drop", 1), ("malformed", 1), ("truncated", 1), ("error", 0)])
async def test_an_unknown_outcome_is_not_repeated(
    server: MailServer, simulators: SimulatorServer, foreign: httpx.AsyncClient, mode: str, sent: int
) -> None:
    """Where the answer to the sending is lost the message may have gone: the client says so and sends no second one."""
    await server.probe()
    one, fault = email(), {"mode": mode, **({"carried_out": True} if mode == "drop" else {})}
    await foreign.put(f"{simulators.url}/_faults/email", json=fault)
    with pytest.raises(Unavailable) as unknown:
        await server.send(one)
    await foreign.put(f"{simulators.url}/_faults/email", json={"mode": "none"})
    assert unknown.value.asked
    assert (await inbox(simulators, one.to)).count(TEXT) == sent


@pytest.mark.parametrize("mode", ["drop", "malformed", "error", "refuse"])
async def test_before_sending_nothing_is_in_doubt(
    server: MailServer, simulators: SimulatorServer, foreign: httpx.AsyncClient, mode: str
) -> None:
    """A fault while the account is looked up says nothing of the message: it was certainly not sent, and may wait."""
    await foreign.put(f"{simulators.url}/_faults/email", json={"mode": mode})
    with pytest.raises(OutsideError) as before:
        await server.send(email())
    assert getattr(before.value, "asked", False) is False
    assert getattr(before.value, "status", 403) == 403
    await foreign.put(f"{simulators.url}/_faults/email", json={"mode": "none"})
    assert (await server.send(email())).id


async def test_the_server_may_be_away(simulators: SimulatorServer) -> None:
    """Where nobody answers the door, nothing has been sent, and the caller may know that."""
    client = MailServer(replace(simulators.email_config(), base_url="http://127.0.0.1:9"))
    with pytest.raises(Unavailable) as away:
        await client.send(email())
    await client.close()
    assert not away.value.asked


@pytest.mark.parametrize("subject", ["", "a\r\nBcc: x@example.fi", "a\nb", "a\u2028b"])
def test_headers_can_not_be_smuggled(subject: str) -> None:
    """Neither subject nor address may hold a line's end: no header can be added through them."""
    with pytest.raises(InvalidEmail):
        OutgoingEmail("x", "a@example.fi", subject, TEXT)
    with pytest.raises(InvalidEmail):
        OutgoingEmail("x", f"a@example.fi{subject or ' '}", "Hej", TEXT)


@given(st.text(alphabet=st.sampled_from("a@.,<>\r\n\t\0 ä\u200b\uff20;:"), max_size=12))
def test_what_is_an_address(text: str) -> None:
    """Whatever passes has one @, a dot behind it, and nothing that means something in a header."""
    if is_email_address(f"{text}@example.fi"):
        assert not set(text) & set("@,<>\r\n\t\0 \u200b\uff20;:")
    assert is_email_address(f"{text.replace('@', '')}@example") is False


@pytest.mark.parametrize("good", ["a@b.fi", "åke.öst+x@exempel.fi", "o'brien@example.co.uk", "meri@järvi.example"])
def test_real_addresses(good: str) -> None:
    """Plus signs, apostrophes and letters of other alphabets are addresses too."""
    assert is_email_address(good)


async def test_a_foreign_client_sends(foreign: httpx.AsyncClient, simulators: SimulatorServer) -> None:
    """A client that makes and submits in two requests, with an envelope of its own, is served by the standard."""
    echoed, identities = await calls(foreign, ("Core/echo", {"x": 1}), ("Identity/get", {"ids": None}))
    assert echoed == ["Core/echo", {"accountId": "A1", "x": 1}, "0"]
    identity = identities[1]["list"][0]["id"]
    ((_, made, _),) = await calls(foreign, ("Email/set", {"create": {"k": GOOD}}))
    address = f"{uuid.uuid4().hex}@example.fi"
    envelope = {"mailFrom": {"email": ACCOUNT.sender}, "rcptTo": [{"email": address}]}
    submission = {"identityId": identity, "emailId": made["created"]["k"]["id"], "envelope": envelope}
    sent, destroyed = await calls(
        foreign, ("EmailSubmission/set", {"create": {"s": submission}, "onSuccessDestroyEmail": ["#s"]})
    )
    assert sent[1]["created"]["s"]["undoStatus"] == "final"
    assert (destroyed[0], destroyed[2]) == ("Email/set", "0")
    assert destroyed[1]["destroyed"] == [made["created"]["k"]["id"]]
    assert "Hej" in await inbox(simulators, address)


@pytest.mark.parametrize(
    ("change", "properties"),
    [
        ({"mailboxIds": {}}, ["mailboxIds"]),
        ({"mailboxIds": {"nowhere": True}}, ["mailboxIds"]),
        ({"from": []}, ["from"]),
        ({"subject": "a\r\nBcc: x@example.fi"}, ["subject"]),
        ({"header:X-Own:asText": "a\nb"}, ["header:X-Own:asText"]),
        ({"textBody": [{"partId": "2", "type": "text/plain"}]}, ["textBody"]),
        ({"colour": "red"}, ["colour"]),
    ],
)
async def test_a_message_that_does_not_fit(
    foreign: httpx.AsyncClient, change: dict[str, Any], properties: list[str]
) -> None:
    """It is not made, and the standard's error names what is wrong."""
    ((_, answer, _),) = await calls(foreign, ("Email/set", {"create": {"k": {**GOOD, **change}}}))
    assert answer["created"] is None
    assert answer["notCreated"]["k"] == {"type": "invalidProperties", "properties": properties}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"from": [{"email": "other@example.fi"}]}, "forbiddenFrom"),
        ({"to": []}, "noRecipients"),
        ({"to": [{"email": f"{at}@example.fi"} for at in range(11)]}, "tooManyRecipients"),
        ({"to": [{"email": "no address"}]}, "invalidRecipients"),
    ],
)
async def test_a_submission_is_refused(foreign: httpx.AsyncClient, change: dict[str, Any], word: str) -> None:
    """Whom it is from and to is looked at when it is sent, each with the standard's word."""
    submission = {"identityId": ACCOUNT.identity_id, "emailId": "#k"}
    made, sent = await calls(
        foreign,
        ("Email/set", {"create": {"k": {**GOOD, **change}}}),
        ("EmailSubmission/set", {"create": {"s": submission}, "onSuccessDestroyEmail": ["#s"]}),
    )
    assert sent[1]["notCreated"]["s"]["type"] == word
    destroy = ("Email/set", {"destroy": [made[1]["created"]["k"]["id"]]})
    assert (await calls(foreign, destroy))[0][1]["destroyed"]
    assert (await calls(foreign, destroy))[0][1]["notDestroyed"]


async def test_calls_fail_one_by_one(foreign: httpx.AsyncClient) -> None:
    """A call that can't be carried out is an error of its own; the others are answered."""
    found = await calls(
        foreign,
        ("Email/query", {}),
        ("Identity/get", {"accountId": "A2"}),
        ("Email/set", {"create": []}),
        ("Email/set", {"#destroy": {"resultOf": "0", "name": "Email/query", "path": "/ids"}}),
        ("Mailbox/get", {"ids": ["drafts", "nowhere"]}),
        ("EmailSubmission/set", {"create": {"s": {"identityId": "I2", "emailId": "M0"}}}),
    )
    words = [answer.get("type") for _, answer, _ in found]
    assert words[:4] == ["unknownMethod", "accountNotFound", "invalidArguments", "invalidResultReference"]
    assert (found[4][1]["list"][0]["role"], found[4][1]["notFound"]) == ("drafts", ["nowhere"])
    assert found[5][1]["notCreated"]["s"]["properties"] == ["emailId", "identityId"]
    assert (await calls(foreign, ("Email/set", {}), using=[CORE]))[0][1]["type"] == "unknownMethod"


async def test_garbage_is_refused_in_the_standards_shape(foreign: httpx.AsyncClient) -> None:
    """Whatever comes, the answer is a problem with the standard's type, never a failure of the server."""
    good = {"using": [CORE], "methodCalls": [["Core/echo", {}, "0"]]}
    for body in (b"", b"\xff", b"[" * 100_000, b'{"using": '):
        answer = await foreign.post("", content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["type"]) == (400, f"{ERROR}:notJSON")
    wrong_type = await foreign.post("", content=b"{}", headers={"Content-Type": "text/plain"})
    assert wrong_type.json()["type"] == f"{ERROR}:notJSON"
    wrong: list[tuple[object, str]] = [
        ([], "notRequest"),
        ({**good, "methodCalls": [["Core/echo", {}]]}, "notRequest"),
        ({**good, "using": ["urn:example:unknown"]}, "unknownCapability"),
        ({**good, "methodCalls": [["Core/echo", {}, "0"]] * 17}, "limit"),
    ]
    for bad, word in wrong:
        answer = await foreign.post("", json=bad)
        assert (answer.status_code, answer.json()["type"]) == (400, f"{ERROR}:{word}")
        assert answer.headers["content-type"] == "application/problem+json"
    headers = {"Authorization": "Bearer wrong"}
    assert (await foreign.post("", json=good, headers=headers)).status_code == 401
    for path in ("/nowhere", "/x/.well-known/jmap"):
        assert (await foreign.get(path)).status_code == 404


async def test_the_token_stays_at_its_host(simulators: SimulatorServer) -> None:
    """A description that sends us to another host is not followed: our token would go with us."""
    client = MailServer(replace(simulators.email_config(), base_url=f"http://localhost:{simulators.port}/email"))
    with pytest.raises(Unavailable, match="another host"):
        await client.probe()
    await asyncio.gather(client.close())
