"""Back-channel logout: what the provider posts, and what of it we believe."""

import asyncio
import base64
import hashlib
import hmac
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import RSAKey

from app.integrations.suomifi.identification.client import SuomifiIdentification
from app.integrations.suomifi.identification.port import LogoutRefused
from tests.contract.ftn_server import Ear, FtnServer, encoded, ftn_server, listening, parsed, sign_in, signed
from tests.contract.simulator_server import CLIENT_ID, RETURN_URI

TOKEN_LIKE = st.from_regex(r"[A-Za-z0-9_-]{0,30}(\.[A-Za-z0-9_-]{0,30}){2,5}", fullmatch=True)


@pytest.fixture(scope="module")
def ear() -> Iterator[Ear]:
    with listening() as one:
        yield one


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, ear: Ear) -> Iterator[FtnServer]:
    with ftn_server(tmp_path_factory.mktemp("logout"), logout_uri=ear.url) as one:
        for path in ("suomifi/identification", "staff/identification"):
            httpx.get(f"{one.url}/{path}/jwks").raise_for_status()  # a provider makes its key when it is first asked
        yield one


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


@pytest.fixture
async def identification(server: FtnServer) -> AsyncIterator[SuomifiIdentification]:
    client = SuomifiIdentification(server.ftn_config())
    yield client
    await client.close()


async def heard(ear: Ear) -> str:
    return await asyncio.to_thread(ear.heard.get, timeout=5)


async def test_back_channel_logout(
    server: FtnServer, ear: Ear, browser: httpx.AsyncClient, identification: SuomifiIdentification
) -> None:
    """Signing out at the provider, or an end there by hand, is told to us, encrypted, with the session's name."""
    first, second = await sign_in(browser, identification), await sign_in(browser, identification, "anna")
    url = await identification.sign_out_url(id_token=first.id_token, return_to=RETURN_URI)
    assert (await browser.get(url)).headers["location"] == RETURN_URI
    token = await heard(ear)
    assert token.count(".") == 4
    told = await identification.logged_out(token)
    assert (told.sid, told.sub) == (first.provider_session, first.subject)
    assert told.issuer == first.issuer == f"{server.url}/suomifi/identification"
    assert told.jti

    base = f"{server.url}/suomifi/identification"
    assert str(first.provider_session) not in (await browser.get(f"{base}/")).text.partition("<h3")[0]
    ended = await browser.post(f"{base}/sessions/{second.provider_session}/end")
    assert ended.status_code == 303
    assert (await identification.logged_out(await heard(ear))).sid == second.provider_session
    again = await browser.post(f"{base}/sessions/{second.provider_session}/end")
    assert (again.status_code, ear.heard.empty()) == (303, True)
    page = parsed(await browser.get(f"{base}/?lang=sv"))
    assert page.get("lang") == "sv"
    assert len(page.findall(".//h1")) == 1


def logout_claims(server: FtnServer, **changed: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": f"{server.url}/suomifi/identification",
        "aud": CLIENT_ID,
        "iat": now,
        "exp": now + 120,
        "jti": "j",
        "sid": "s",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }
    return {name: value for name, value in {**claims, **changed}.items() if value is not None}


@pytest.fixture
async def lenient(server: FtnServer) -> AsyncIterator[SuomifiIdentification]:
    """A client of a provider whose one key the test holds, and that does not encrypt."""
    client = SuomifiIdentification(server.ftn_config(requires_encryption=False))
    yield client
    await client.close()


def provider_key(server: FtnServer, provider: str = "suomifi-identification") -> RSAKey:
    """A provider's own signing key, out of its store: what an attacker does not have."""
    with sqlite3.connect(server.database) as database:
        query = "select body from record where kind = ? order by id desc"
        return RSAKey.import_key(json.loads(database.execute(query, [f"{provider}/key"]).fetchone()[0]))


def logout_token(server: FtnServer, typ: str | None = "logout+jwt", **changed: Any) -> str:
    key = provider_key(server)
    header = {"alg": "RS256", "kid": key.kid} | ({"typ": typ} if typ else {})
    return jwt.encode(header, logout_claims(server, **changed), key)


def signed_by_password(claims: dict[str, Any], key: RSAKey) -> str:
    """A token with the provider's published key as the secret of an HMAC: for whoever lets the token say how it is
    checked, a good one."""
    header = {"alg": "HS256", "typ": "logout+jwt", "kid": key.kid}
    body = f"{encoded(json.dumps(header))}.{encoded(json.dumps(claims))}"
    mac = hmac.digest(key.as_pem(private=False), body.encode(), hashlib.sha256)
    return f"{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


NOW = int(time.time())


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"typ": "JWT"}, "wrong_type"),
        ({"typ": None}, "wrong_type"),
        ({"iss": "https://elsewhere.test"}, "bad_claims"),
        ({"aud": "somebody"}, "bad_claims"),
        ({"iat": None}, "bad_claims"),
        ({"iat": NOW + 3600, "exp": NOW + 7200}, "bad_claims"),
        ({"iat": NOW - 3600, "exp": NOW + 3600}, "old_token"),
        ({"exp": None}, "bad_claims"),
        ({"exp": NOW - 120}, "bad_claims"),
        ({"jti": None}, "bad_claims"),
        ({"jti": 7}, "bad_claims"),
        ({"events": None}, "no_event"),
        ({"events": {}}, "no_event"),
        ({"events": {"http://schemas.openid.net/event/backchannel-logout": 1}}, "no_event"),
        ({"nonce": "n"}, "nonce"),
        ({"sid": None}, "nobody_named"),
        ({"sid": "x" * 300}, "bad_claims"),
        ({"sid": "a\0b"}, "bad_claims"),
        ({"sid": ["s"]}, "bad_claims"),
        ({"sid": ""}, "bad_claims"),
        ({"sub": 7}, "bad_claims"),
        ({"sid": None, "sub": "x" * 300}, "bad_claims"),
        ({"jti": "x" * 300}, "bad_claims"),
        ({"iat": "now"}, "bad_claims"),
        ({"aud": ["somebody", "else"]}, "bad_claims"),
        ({"events": ["http://schemas.openid.net/event/backchannel-logout"]}, "no_event"),
        ({"events": {"http://schemas.openid.net/event/other": {}}}, "no_event"),
        ({"nonce": ""}, "nonce"),
        ({"typ": "at+jwt"}, "wrong_type"),
    ],
)
async def test_bad_logout_tokens(
    server: FtnServer, lenient: SuomifiIdentification, changed: dict[str, Any], reason: str
) -> None:
    """Each check of the specification refuses: nobody can be signed out by a token that wasn't meant so."""
    with pytest.raises(LogoutRefused) as refused:
        await lenient.logged_out(logout_token(server, **changed))
    assert refused.value.reason == reason


async def test_good_logout_tokens(server: FtnServer, lenient: SuomifiIdentification) -> None:
    """A session, a person, or both may be named."""
    assert (await lenient.logged_out(logout_token(server))).sid == "s"
    by_person = await lenient.logged_out(logout_token(server, sid=None, sub="p"))
    assert (by_person.sid, by_person.sub) == (None, "p")
    for typ in ("application/logout+jwt", "Logout+JWT"):  # RFC 7515, 4.1.9: the prefix may be left out, case is free
        assert (await lenient.logged_out(logout_token(server, typ))).sid == "s"
    among_others = await lenient.logged_out(logout_token(server, aud=["another", CLIENT_ID]))
    assert among_others.sid == "s"


async def test_a_repeated_token_is_known_again(server: FtnServer, lenient: SuomifiIdentification) -> None:
    """The same token tells the same name of itself, by which the window acts on it once; another token another."""
    token = logout_token(server, jti="one")
    first, again = await lenient.logged_out(token), await lenient.logged_out(token)
    other = await lenient.logged_out(logout_token(server, jti="two"))
    assert (first.issuer, first.jti) == (again.issuer, again.jti) == (other.issuer, "one")
    assert other.jti == "two"


async def test_logout_tokens_of_others(
    server: FtnServer, browser: httpx.AsyncClient, lenient: SuomifiIdentification, identification: SuomifiIdentification
) -> None:
    """A stranger's key, the staff provider's, none at all, the provider's public one used as a password, an open token
    where encryption was agreed, and an id_token make no logout tokens."""
    stranger = RSAKey.generate_key(2048, private=True)
    claims, staff = logout_claims(server), provider_key(server, "staff-identification")
    unsigned = f"{encoded(json.dumps({'alg': 'none', 'typ': 'logout+jwt'}))}.{encoded(json.dumps(claims))}."
    cases = [
        (lenient, jwt.encode({"alg": "RS256", "kid": staff.kid, "typ": "logout+jwt"}, claims, staff), "bad_signature"),
        (lenient, jwt.encode({"alg": "RS256", "typ": "logout+jwt"}, claims, staff), "bad_signature"),
        (lenient, unsigned, "bad_signature"),
        (lenient, signed_by_password(claims, provider_key(server)), "bad_signature"),
        (lenient, signed(server, logout_claims(server), stranger, typ="logout+jwt"), "bad_signature"),
        (lenient, (await sign_in(browser, identification)).id_token, "wrong_type"),
        (identification, logout_token(server), "bad_encryption"),
    ]
    for client, token, reason in cases:
        with pytest.raises(LogoutRefused) as refused:
            await client.logged_out(token)
        assert refused.value.reason == reason


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(token=st.one_of(st.text(max_size=60), TOKEN_LIKE))
async def test_any_text_is_refused_not_crashed_on(
    token: str, server: FtnServer, lenient: SuomifiIdentification
) -> None:
    """Whatever is posted as a logout token is refused in our own words."""
    with pytest.raises(LogoutRefused):
        await lenient.logged_out(token)


@pytest.mark.parametrize("parts", [3, 5])
async def test_deep_tokens_are_refused(lenient: SuomifiIdentification, parts: int) -> None:
    """A header nested so deep that a parser gives up breaks nothing."""
    for deep in (encoded("[" * 100_000), encoded('{"a":' * 20_000)):
        with pytest.raises(LogoutRefused):
            await lenient.logged_out(".".join([deep] * parts))
