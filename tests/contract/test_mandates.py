"""Suomi.fi mandates: our client against the simulator, and the simulator against foreign clients' requests."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import KeySet

from app.integrations.http import Rejected
from app.integrations.suomifi.mandates.client import SuomifiMandates
from app.integrations.suomifi.mandates.port import (
    Access,
    Begun,
    ChoiceCancelled,
    ChoiceRefused,
    Mandates,
    Roles,
    SessionEnded,
)
from app.integrations.suomifi.mandates.wire import address, checksum
from app.simulators.main import SimulatorSettings, create_app
from app.simulators.settings import MandatesClient
from app.simulators.suomifi_mandates.rights import Rights
from app.simulators.world import Mandate, read_world
from tests.contract.simulator_server import REDIRECT_URI, SimulatorServer

HEADER = "X-AsiointivaltuudetAuthorization"
HEALTH = "http://valtuusrekisteri.suomi.fi/terveydenhuollon_asioiden_hoito"
SOCIAL = "http://valtuusrekisteri.suomi.fi/sosiaalihuollon_asioiden_hoito"
PHARMACY = "http://valtuusrekisteri.suomi.fi/apteekkiasiointi"
MARJA, AILI, ANNA, EEMELI, SOFIA, TIMO, VEERA = (
    "221070-938K",
    "080345-906D",
    "120488-902S",
    "050318A917V",
    "170623A924J",
    "060572-9515",
    "230211A946T",
)
KATRI, DANIEL = "140691Y9201", "021203B933U"
WORLD = read_world()
SENDING = httpx.AsyncClient(base_url="http://mandates.test/below")


# The header


def test_the_header_of_a_request_worked_out_by_hand() -> None:
    """The checksum is over path, one space and time, as an HMAC made from its definition (RFC 2104) also gives."""
    path = "/service/hpa/user/register/12345678/010180-9026?requestId=0c3a"
    stamp = "2026-01-31T12:00:00+02:00"
    key = b"secret".ljust(64, b"\0")
    inner = hashlib.sha256(bytes(octet ^ 0x36 for octet in key) + f"{path} {stamp}".encode()).digest()
    outer = hashlib.sha256(bytes(octet ^ 0x5C for octet in key) + inner).digest()
    value = checksum("12345678", "secret", path, datetime(2026, 1, 31, 10, tzinfo=UTC))
    assert value == f"12345678 {stamp} {base64.b64encode(outer).decode()}"


@pytest.mark.parametrize(
    ("at", "stamp"),
    [
        (datetime(2026, 1, 31, 10, tzinfo=UTC), "2026-01-31T12:00:00+02:00"),
        (datetime(2026, 7, 1, 21, 30, 5, 999999, tzinfo=UTC), "2026-07-02T00:30:05+03:00"),
        (datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC), "2026-10-25T03:59:59+03:00"),
        (datetime(2026, 10, 25, 1, 0, 0, tzinfo=UTC), "2026-10-25T03:00:00+02:00"),
        (datetime(2026, 1, 31, 5, tzinfo=timezone(timedelta(hours=-5))), "2026-01-31T12:00:00+02:00"),
    ],
)
def test_the_time_is_told_with_the_offset_of_finland(at: datetime, stamp: str) -> None:
    """Winter, summer, the repeated hour and a server elsewhere: always Finnish time to the second."""
    assert checksum("c", "k", "/service/x", at).split(" ")[1] == stamp


@given(
    key=st.text(min_size=1),
    path=st.text(st.characters(min_codepoint=33, max_codepoint=126)),
    at=st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2090, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_any_header_can_be_checked_by_who_knows_the_key(key: str, path: str, at: datetime) -> None:
    """Three parts with one space between; the signature is right for these parts and for no other path."""
    client_id, stamp, signature = checksum("asiointi", key, path, at).split(" ")
    assert client_id == "asiointi"
    assert abs(datetime.fromisoformat(stamp) - at) < timedelta(seconds=1)
    expected = hmac.new(key.encode(), f"{path} {stamp}".encode(), hashlib.sha256).digest()
    assert base64.b64decode(signature) == expected
    assert checksum("asiointi", key, f"{path}x", at).split(" ")[2] != signature


@given(st.lists(st.text(min_size=1), min_size=1, max_size=3), st.lists(st.tuples(st.just("issues"), st.text())))
def test_what_is_signed_is_what_is_sent(parts: list[str], query: list[tuple[str, str]]) -> None:
    """The HTTP library sends the signed address unchanged, and its parts can be read back."""
    assume(not {".", ".."} & set(parts))  # no code or id of theirs is a dot, which URLs give a meaning
    path = address(*parts, query=query)
    sent = SENDING.build_request("GET", path).url.raw_path
    assert sent.decode() == f"/below{path}"
    assert parse_qsl(urlsplit(path).query, keep_blank_values=True) == query


# Our client


@pytest.fixture
async def mandates(simulators: SimulatorServer) -> AsyncIterator[SuomifiMandates]:
    client = SuomifiMandates(simulators.mandates_config())
    yield client
    await client.close()


async def begin(mandates: Mandates, delegate: str) -> Begun:
    return await mandates.begin(delegate=delegate, return_url=REDIRECT_URI, language="sv", request_id="req-1")


async def choose(url: str, **form: str) -> dict[str, str]:
    """What a browser does: follow to the page, press a button; returns the query it brings back."""
    async with httpx.AsyncClient() as browser:
        to_page = await browser.get(url)
        assert to_page.status_code == 303, to_page.text
        back = await browser.post(to_page.headers["location"], data=form)
        assert back.headers["location"].startswith(f"{REDIRECT_URI}?")
        return dict(parse_qsl(urlsplit(back.headers["location"]).query))


async def acting(mandates: Mandates, delegate: str, principal: str) -> Access:
    begun = await begin(mandates, delegate)
    return await mandates.finish(begun.pending, await choose(begun.url, principal=principal))


async def test_a_daughter_acts_for_her_mother_in_the_themes_of_the_mandate(mandates: SuomifiMandates) -> None:
    """The whole way: choice, principal, themes, single questions, end."""
    access = await acting(mandates, MARJA, "aili")
    (mother,) = await mandates.principals(access)
    assert (mother.identity_code, mother.name) == (AILI, "Aili Harjulampi")
    roles = await mandates.roles(access, AILI)
    assert roles.themes == {HEALTH, SOCIAL}
    assert not roles.is_guardian_of_minor
    assert await mandates.is_allowed(access, AILI, [HEALTH])
    assert await mandates.is_allowed(access, AILI, [HEALTH, SOCIAL])
    assert not await mandates.is_allowed(access, AILI, [HEALTH, PHARMACY])
    await mandates.end(access)
    with pytest.raises(SessionEnded):
        await mandates.principals(access)
    await mandates.end(access)


async def test_a_guardian_acts_for_a_child(mandates: SuomifiMandates) -> None:
    """A minor dependant gives the role for everything, and no theme needs to be named."""
    access = await acting(mandates, ANNA, "eemeli")
    roles = await mandates.roles(access, EEMELI)
    assert roles.is_guardian_of_minor
    assert not roles.themes
    assert await mandates.is_allowed(access, EEMELI)


async def test_only_whom_the_person_chose(mandates: SuomifiMandates) -> None:
    """The sister who was not chosen, a stranger and nobody are all the same: no right, no reason."""
    access = await acting(mandates, ANNA, "eemeli")
    for code in (SOFIA, DANIEL, "010180-9026", "nobody"):
        assert not await mandates.roles(access, code)
        assert not await mandates.is_allowed(access, code, [HEALTH])


async def test_an_adult_needs_a_theme(mandates: SuomifiMandates) -> None:
    """A question about an adult that names no theme is refused as wrong, not answered by a guess."""
    access = await acting(mandates, MARJA, "aili")
    with pytest.raises(Rejected) as rejected:
        await mandates.is_allowed(access, AILI)
    assert rejected.value.status == 400


async def test_cancelling_is_nothing_wrong(mandates: SuomifiMandates) -> None:
    """The cancel button and an error without a state both end the choice quietly."""
    begun = await begin(mandates, MARJA)
    back = await choose(begun.url, cancel="yes")
    assert back["error"] == "access_denied"
    for callback in (back, {"error": "xyz"}):
        with pytest.raises(ChoiceCancelled):
            await mandates.finish(begun.pending, callback)


async def test_a_return_that_is_not_ours_is_refused(mandates: SuomifiMandates) -> None:
    """A wrong or missing state, no code, and a code that was used: each is refused with a short reason."""
    begun = await begin(mandates, MARJA)
    back = await choose(begun.url, principal="aili")
    bad = {
        "wrong_state": [{**back, "state": "other"}, {"code": back["code"]}, {"error": "x", "state": "ä"}, {}],
        "no_code": [{"state": back["state"]}],
    }
    for reason, callbacks in bad.items():
        for callback in callbacks:
            with pytest.raises(ChoiceRefused) as refused:
                await mandates.finish(begun.pending, callback)
            assert refused.value.reason == reason
    await mandates.finish(begun.pending, back)
    with pytest.raises(ChoiceRefused) as refused:
        await mandates.finish(begun.pending, back)
    assert refused.value.reason == "used_code"


async def test_the_browser_is_sent_with_everything_and_no_identity_code(mandates: SuomifiMandates) -> None:
    """The address of the choice names the language and the session's user, never who the person is."""
    begun = await begin(mandates, MARJA)
    query = {name: values[0] for name, values in parse_qs(urlsplit(begun.url).query).items()}
    assert query.pop("user") == begun.pending.user_id
    assert query.pop("state") == begun.pending.state
    assert query == {
        "client_id": "asiointi",
        "response_type": "code",
        "redirect_uri": REDIRECT_URI,
        "requestId": "req-1",
        "lang": "sv",
    }
    assert MARJA not in begun.url + repr(begun)


@pytest.mark.parametrize(("minutes", "good"), [(-6, False), (-4, True), (4, True), (6, False)])
async def test_five_minutes_of_wrong_clock(simulators: SimulatorServer, minutes: int, good: bool) -> None:
    """A clock up to five minutes off is forgiven; beyond that the request is refused."""
    client = SuomifiMandates(simulators.mandates_config(), now=lambda: datetime.now(UTC) + timedelta(minutes=minutes))
    try:
        if good:
            await begin(client, MARJA)
        else:
            with pytest.raises(Rejected) as rejected:
                await begin(client, MARJA)
            assert rejected.value.status == 401
    finally:
        await client.close()


@pytest.mark.parametrize(
    ("changed", "delegate", "status"),
    [
        ({"client_id": "strangers"}, MARJA, 403),
        ({"api_key": "wrong"}, MARJA, 401),
        ({}, "010180-9026", 403),
        ({}, "ä ?&=%", 403),
    ],
)
async def test_a_refused_registration(
    simulators: SimulatorServer, changed: dict[str, str], delegate: str, status: int
) -> None:
    """Unknown service, wrong key, unknown person: rejected, and the error doesn't name the person."""
    client = SuomifiMandates(replace(simulators.mandates_config(), **changed))  # type: ignore[arg-type]
    with pytest.raises(Rejected) as rejected:
        await begin(client, delegate)
    await client.close()
    assert rejected.value.status == status
    assert delegate not in f"{rejected.value} {rejected.value.body}"


async def test_a_wrong_oauth_password_is_rejected(simulators: SimulatorServer) -> None:
    """Our own registration is wrong: that is no fault of the person's return."""
    client = SuomifiMandates(replace(simulators.mandates_config(), oauth_password="wrong"))
    begun = await begin(client, MARJA)
    with pytest.raises(Rejected) as rejected:
        await client.finish(begun.pending, await choose(begun.url, principal="aili"))
    await client.close()
    assert rejected.value.status == 401


def test_codes_that_nobody_knows_give_nothing() -> None:
    """A guardian of interests has no right here (THL), and a new kind of role is no right until we know it."""
    assert not Roles()
    assert not Roles(frozenset({"GUARDIAN"}))
    assert Roles(frozenset({"GUARDIAN"})).is_guardian_of_interests
    assert not Roles(frozenset({"SOMETHING", "all", ""}))


# The rules of the simulator


def test_rights_follow_age_disclosure_and_days() -> None:
    """A guardian's right ends at the service's limit and at 18, and non-disclosure hides it; a mandate has days."""
    people = {person.key: person for person in WORLD.residents}
    timo, veera, marja, aili = (people[key] for key in ("timo", "veera", "marja", "aili"))
    day = date(2026, 6, 1)
    assert Rights(WORLD, day).roles(timo, veera) == ("ALL",)
    assert Rights(WORLD, day, guardian_until=15).roles(timo, veera) == ()
    assert Rights(WORLD, date(2029, 2, 23)).roles(timo, veera) == ()
    for hidden in ("timo", "veera"):
        changed = {**people, hidden: replace(people[hidden], non_disclosure=True)}
        world = replace(WORLD, residents=tuple(changed.values()))
        assert Rights(world, day).roles(changed["timo"], changed["veera"]) == ()
    given_for_may = Mandate("aili", "marja", (HEALTH,), date(2026, 5, 1), date(2026, 5, 31))
    world = replace(WORLD, mandates=(given_for_may,))
    assert Rights(world, date(2026, 5, 31)).roles(marja, aili) == (HEALTH,)
    assert Rights(world, date(2026, 6, 1)).roles(marja, aili) == ()
    assert Rights(world, date(2026, 4, 30)).roles(marja, aili) == ()
    assert Rights(WORLD, day).roles(aili, marja) == ()


# A foreign client


class Foreign:
    """Somebody else's client, which signs on its own and knows nothing of our code."""

    def __init__(self, http: httpx.AsyncClient, client: MandatesClient) -> None:
        self.http = http
        self.client = client
        self.token: str | None = None

    async def get(self, path: str, *, key: str | None = None, stamp: str | None = None, **headers: str) -> Any:
        stamp = stamp or datetime.now(UTC).astimezone().isoformat(timespec="seconds")
        mac = hmac.new((key or self.client.api_key).encode(), f"{path} {stamp}".encode(), hashlib.sha256)
        signed = {HEADER: f"{self.client.client_id} {stamp} {base64.b64encode(mac.digest()).decode()}"}
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return await self.http.get(path, headers={**signed, **bearer, **headers})

    async def register(self, delegate: str) -> dict[str, str]:
        path = f"/service/hpa/user/register/{self.client.client_id}/{delegate}?requestId=r"
        answer = await self.get(path)
        assert answer.status_code == 200, answer.text
        assert set(answer.json()) == {"sessionId", "userId"}
        return dict(answer.json())

    async def code(self, user: str, principal: str) -> str:
        query = {"client_id": self.client.client_id, "response_type": "code", "redirect_uri": REDIRECT_URI}
        page = (await self.http.get("/oauth/authorize", params={**query, "user": user})).headers["location"]
        if not page.startswith(REDIRECT_URI):
            page = (await self.http.post(page, data={"principal": principal})).headers["location"]
        return parse_qs(urlsplit(page).query)["code"][0]

    async def redeem(self, code: str, **changed: str) -> httpx.Response:
        query = {"code": code, "grant_type": "authorization_code", "redirect_uri": REDIRECT_URI, **changed}
        basic = (self.client.client_id, self.client.oauth_password)
        return await self.http.post("/oauth/token", params=query, auth=basic)

    async def act(self, delegate: str, principal: str) -> str:
        """The session id, with the token kept."""
        session = await self.register(delegate)
        self.token = (await self.redeem(await self.code(session["userId"], principal))).json()["access_token"]
        return session["sessionId"]


FIRST = MandatesClient(redirect_uris=(REDIRECT_URI,), guardian_until=15)
SECOND = replace(FIRST, client_id="otherone", api_key="another key", service_id="other-service")
SHORT = replace(FIRST, client_id="shortone", session_seconds=0)


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The simulator in this process, with three services registered."""
    settings = SimulatorSettings(
        tmp_path / "own.sqlite", "http://simulators.test", clients={}, mandates=(FIRST, SECOND, SHORT)
    )
    transport = httpx.ASGITransport(create_app(settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://simulators.test/suomifi/mandates") as client:
        yield client


@pytest.fixture
def foreign(web: httpx.AsyncClient) -> Foreign:
    return Foreign(web, FIRST)


async def test_a_foreign_client_goes_the_whole_way(foreign: Foreign) -> None:
    """Every answer has the documented shape; no refusal has a reason."""
    session = await foreign.register(MARJA)
    code = await foreign.code(session["userId"], "aili")
    token = (await foreign.redeem(code)).json()
    assert {"access_token", "token_type", "refresh_token", "expires_in", "scope"} == set(token)
    assert (token["token_type"], token["expires_in"], token["scope"]) == ("bearer", 599, "read write trust")
    foreign.token = token["access_token"]
    base, key = "/service/hpa/api", session["sessionId"]
    people = await foreign.get(f"{base}/delegate/{key}?requestId=r")
    assert people.json() == [{"personId": AILI, "name": "Aili Harjulampi"}]
    question = f"{base}/authorization/{key}/{AILI}?requestId=r"
    assert (await foreign.get(f"{question}&issues={HEALTH}")).json() == {"result": "ALLOWED", "reasons": []}
    assert (await foreign.get(f"{question}&issues={PHARMACY}")).json() == {"result": "DISALLOWED", "reasons": []}
    roles = (await foreign.get(f"{base}/authorizationlist/{key}/{AILI}?requestId=r")).json()
    assert roles == {"roles": [HEALTH, SOCIAL], "reasons": []}
    ended = await foreign.get(f"/service/hpa/user/unregister/{key}")
    assert (ended.status_code, ended.json()) == (200, True)
    assert (await foreign.get(f"{base}/delegate/{key}?requestId=r")).status_code == 401


async def test_signed_answers(foreign: Foreign) -> None:
    """Both answers come as tokens too, signed with the key that the simulator publishes."""
    key = await foreign.act(MARJA, "aili")
    keys = KeySet.import_key_set((await foreign.http.get("/.well-known/jwks.json")).json())
    asked = {
        "authorization": (f"&issues={HEALTH}", "Authorization", "ALLOWED"),
        "authorizationlist": ("", "AuthorizationList", [HEALTH, SOCIAL]),
    }
    for question, (more, subject, response) in asked.items():
        answer = await foreign.get(f"/service/hpa/api/{question}/jwt/{key}/{AILI}?requestId=r{more}")
        claims = jwt.decode(answer.text, keys, algorithms=["RS256"]).claims
        assert (claims["iss"], claims["aud"]) == ("http://simulators.test/suomifi/mandates", FIRST.service_id)
        assert (claims["sub"], claims["response"], claims["reasons"]) == (subject, response, [])
        assert (claims["end_user"], claims["principal"]) == (MARJA, AILI)


async def test_a_session_goes_over_to_another_service(foreign: Foreign) -> None:
    """The choice goes along, the transfer token works once and only for the same person."""
    key = await foreign.act(MARJA, "aili")
    path = f"/service/hpa/user/transfer/token/{key}"
    token, spoiled = [(await foreign.get(path)).json()["transferToken"] for _ in range(2)]
    other = Foreign(foreign.http, SECOND)
    assert (await other.get(path)).status_code == 401
    take = "/service/hpa/user/register/transfer/{}/otherone/{}?requestId=r"
    assert (await other.get(take.format(spoiled, ANNA))).status_code == 403
    session = (await other.get(take.format(token, MARJA))).json()
    assert (await other.get(take.format(token, MARJA))).status_code == 403
    other.token = (await other.redeem(await other.code(session["userId"], "nobody is asked"))).json()["access_token"]
    people = await other.get(f"/service/hpa/api/delegate/{session['sessionId']}?requestId=r")
    assert people.json()[0]["personId"] == AILI


async def test_between_servers(foreign: Foreign) -> None:
    """A professional's question without a browser needs its own key and says who asks."""
    path = f"/service/rest/hpa/authorization/{FIRST.client_id}/{MARJA}/{AILI}?requestId=r&issue={HEALTH}"
    who = {"X-userId": "nurse-1"}
    assert (await foreign.get(path, key=FIRST.rest_api_key, **who)).json() == {"result": "ALLOWED", "reasons": []}
    assert (await foreign.get(path, **who)).status_code == 401
    assert (await foreign.get(path, key=FIRST.rest_api_key)).status_code == 400
    child = path.replace(f"{MARJA}/{AILI}", f"{ANNA}/{EEMELI}").split("&")[0]
    assert (await foreign.get(child, key=FIRST.rest_api_key, **who)).json()["result"] == "ALLOWED"


async def test_the_age_limit_of_a_service(foreign: Foreign) -> None:
    """A service registered with a limit of 15 gets no right for a youth of 15, and is not told why."""
    path = f"/service/rest/hpa/authorization/{FIRST.client_id}/{TIMO}/{VEERA}?requestId=r"
    answer = await foreign.get(path, key=FIRST.rest_api_key, **{"X-userId": "nurse-1"})
    assert answer.json() == {"result": "DISALLOWED", "reasons": []}


async def test_refusals_of_the_service_interface(foreign: Foreign) -> None:
    """Stale or missing time, a changed path, no token, a foreign session, no request id: the documented statuses."""
    key = await foreign.act(MARJA, "aili")
    path = f"/service/hpa/api/delegate/{key}?requestId=r"
    now = datetime.now(UTC)
    for stamp in (f"{now - timedelta(minutes=6)}", now.replace(tzinfo=None).isoformat(), "yesterday", "2026"):
        assert (await foreign.get(path, stamp=stamp)).status_code == 401, stamp
    for value in ("", "x", "asiointi", f"asiointi {now.isoformat()} xyz", "é ü ö"):
        refused = await foreign.http.get(path, headers=[(HEADER.encode(), value.encode())])
        assert (refused.status_code, refused.json()) == (401, {"error": "unauthorized"})
    assert (await foreign.get(f"/service/hpa/api/delegate/{key}")).status_code == 400
    assert (await foreign.get(f"/service/hpa/api/authorization/{key}/{AILI}?requestId=r")).status_code == 400
    other = Foreign(foreign.http, SECOND)
    other.token = foreign.token
    assert (await other.get(path)).status_code == 401
    foreign.token = "another"
    assert (await foreign.get(path)).status_code == 401
    assert (await foreign.get(f"/service/hpa/api/authorizationlist/{key}/{AILI}?requestId=r")).status_code == 401
    foreign.token = None
    assert (await foreign.get(path)).status_code == 401
    someone_elses = f"/service/hpa/user/register/{SECOND.client_id}/{MARJA}?requestId=r"
    assert (await foreign.get(someone_elses)).status_code == 403


async def test_a_session_has_an_end(web: httpx.AsyncClient) -> None:
    """After its lifetime nothing can be asked, and the browser is not sent anywhere."""
    short = Foreign(web, SHORT)
    session = await short.register(MARJA)
    assert (await short.get(f"/service/hpa/user/unregister/{session['sessionId']}")).status_code == 401
    query = {"client_id": "shortone", "response_type": "code", "redirect_uri": REDIRECT_URI}
    answer = await web.get("/oauth/authorize", params={**query, "user": session["userId"]})
    assert answer.status_code == 400


async def test_refusals_of_the_token_endpoint(foreign: Foreign) -> None:
    """A used code, another address, a wrong password and an unknown grant have the errors of OAuth."""
    user = (await foreign.register(MARJA))["userId"]
    code = await foreign.code(user, "aili")
    assert (await foreign.redeem(code, grant_type="refresh_token")).json() == {"error": "unsupported_grant_type"}
    assert (await foreign.redeem(code)).status_code == 200
    for answer in (await foreign.redeem(code), await foreign.redeem("unknown")):
        assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})
    second = await foreign.redeem(await foreign.code(user, "aili"), redirect_uri="http://elsewhere.test/")
    assert (second.status_code, second.json()) == (400, {"error": "invalid_grant"})
    for header in ("", "Basic", "Basic !!", "Bearer x", "Basic eDp5", "Basic /w=="):
        answer = await foreign.http.post("/oauth/token", headers={"Authorization": header})
        assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


async def test_the_page_of_the_choice(foreign: Foreign) -> None:
    """It lists exactly those the person may act for, in three languages, without script; rubbish changes nothing."""
    user = (await foreign.register(ANNA))["userId"]
    query = {"client_id": FIRST.client_id, "response_type": "code", "redirect_uri": REDIRECT_URI, "user": user}
    page = (await foreign.http.get("/oauth/authorize", params=query)).headers["location"]
    titles = {"fi": "Valitse, kenen puolesta asioit", "sv": "Välj för vems räkning", "en": "Choose who you are"}
    for language, title in titles.items():
        shown = (await foreign.http.get(page, params={"lang": language})).text
        assert title in shown
        assert "<script" not in shown
        assert "Eemeli" in shown
        assert "Sofia" in shown
        assert "Aili" not in shown
    again = await foreign.http.post(page, data={"principal": "aili"})
    assert again.headers["location"] == page
    first = await foreign.http.post(page, data={"principal": "sofia"})
    assert first.headers["location"].startswith(f"{REDIRECT_URI}?code=")
    assert (await foreign.http.post(page, data={"principal": "sofia"})).status_code == 400
    assert (await foreign.http.get(page)).status_code == 400


async def test_nobody_to_act_for(foreign: Foreign) -> None:
    """Who may act for nobody sees that, and a way back."""
    user = (await foreign.register(DANIEL))["userId"]
    query = {"client_id": FIRST.client_id, "response_type": "code", "redirect_uri": REDIRECT_URI, "user": user}
    page = (await foreign.http.get("/oauth/authorize", params={**query, "lang": "en"})).headers["location"]
    shown = (await foreign.http.get(page)).text
    assert "you can’t act for anybody else" in shown
    back = (await foreign.http.post(page, data={"cancel": "yes"})).headers["location"]
    assert back == f"{REDIRECT_URI}?error=access_denied"


async def test_no_browser_is_sent_to_an_unregistered_address(foreign: Foreign) -> None:
    """An unknown client, address or user stays on a page of the simulator; a wrong response type goes back."""
    user = (await foreign.register(MARJA))["userId"]
    good = {"client_id": FIRST.client_id, "response_type": "code", "redirect_uri": REDIRECT_URI, "user": user}
    for name in ("client_id", "redirect_uri", "user"):
        answer = await foreign.http.get("/oauth/authorize", params={**good, name: "http://elsewhere.test/"})
        assert answer.status_code == 400, name
    back = await foreign.http.get("/oauth/authorize", params={**good, "response_type": "token", "state": "s&1"})
    assert back.headers["location"] == f"{REDIRECT_URI}?error=unsupported_response_type&state=s%261"


@settings(max_examples=60, deadline=None)
@given(st.text(), st.text())
def test_any_delegate_has_an_address_of_its_own(first: str, second: str) -> None:
    """Two different codes never make the same address, so nobody is registered as somebody else."""
    assert (address("user", first) == address("user", second)) == (first == second)
