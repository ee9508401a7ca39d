"""Sign-in against the identification simulators, over HTTP, with the person-picking page used as a browser would."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import html5lib
import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from app.integrations.oidc import ClientConfig
from app.integrations.sign_in import SignInCancelled, SignInRefused, SignInRequest
from app.integrations.staff_identification.client import StaffSignIn
from app.integrations.suomifi.identification.client import SuomifiIdentification
from app.simulators.world import read_world
from tests.contract.ftn_server import walk
from tests.contract.simulator_server import ACR, CLIENT_ID, KEY_ID, REDIRECT_URI, RETURN_URI, SimulatorServer

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


@pytest.fixture
async def identification(simulators: SimulatorServer) -> AsyncIterator[SuomifiIdentification]:
    client = SuomifiIdentification(simulators.sign_in_config())
    yield client
    await client.close()


def assertion(server: SimulatorServer, **changed: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": CLIENT_ID,
        "sub": CLIENT_ID,
        "aud": f"{server.url}/suomifi/identification/token",
        "iat": now,
        "exp": now + 300,
        "jti": f"jti-{time.monotonic_ns()}",
    }
    return jwt.encode({"alg": "RS256", "kid": KEY_ID}, {**claims, **changed}, server.key)


async def redeem(
    browser: httpx.AsyncClient, server: SimulatorServer, begun: SignInRequest, code: str, **changed: str
) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT_URI,
        "code_verifier": begun.pending.code_verifier,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion(server),
    }
    return await browser.post(f"{server.url}/suomifi/identification/token", data={**form, **changed})


async def test_a_resident_signs_in(browser: httpx.AsyncClient, identification: SuomifiIdentification) -> None:
    """The whole road: address, page, code, token, identity with every attribute."""
    begun = await identification.begin(redirect_uri=REDIRECT_URI, language="sv")
    identity = await identification.finish(begun.pending, await walk(browser, begun.url, {"person": "daniel"}))
    assert identity.identity_code == "021203B933U"
    assert (identity.given_name, identity.family_name) == ("Daniel", "Ashbourne")
    assert identity.first_names == "Daniel Kwame"
    assert (identity.municipality, identity.non_disclosure) == ("491", False)
    assert identity.acr == ACR
    assert identity.provider_session


async def test_non_disclosure_hides_the_municipality(
    browser: httpx.AsyncClient, identification: SuomifiIdentification
) -> None:
    """A person under non-disclosure comes without a municipality, and marked."""
    begun = await identification.begin(redirect_uri=REDIRECT_URI, language="fi")
    identity = await identification.finish(begun.pending, await walk(browser, begun.url, {"person": "katri"}))
    assert identity.non_disclosure
    assert identity.municipality is None


async def test_the_identity_shows_in_no_repr(browser: httpx.AsyncClient, identification: SuomifiIdentification) -> None:
    """A logged value never shows identity code, name or token."""
    begun = await identification.begin(redirect_uri=REDIRECT_URI, language="fi")
    identity = await identification.finish(begun.pending, await walk(browser, begun.url, {"person": "timo"}))
    shown = f"{identity!r} {begun!r}"
    for secret in (identity.identity_code, "Kaislavuori", identity.id_token, begun.pending.nonce):
        assert secret not in shown


async def test_staff_sign_in_by_their_own_issuer(browser: httpx.AsyncClient, simulators: SimulatorServer) -> None:
    """Staff come with a lasting subject, roles and units; those of social welfare with their service tasks."""
    client = StaffSignIn(simulators.sign_in_config("/staff/identification"))
    begun = await client.begin(redirect_uri=REDIRECT_URI, language="fi")
    person = await client.finish(begun.pending, await walk(browser, begun.url, {"person": "sari"}))
    begun = await client.begin(redirect_uri=REDIRECT_URI, language="fi")
    guide = await client.finish(begun.pending, await walk(browser, begun.url, {"person": "teija"}))
    await client.close()
    assert (person.tasks, guide.tasks) == ((), ("disability",))
    assert (person.name, person.profession) == ("Sari Hoitaja", "nurse")
    assert (person.roles, person.units) == (("triage_nurse",), ("mikkeli",))
    assert person.subject == "staff-sari"
    assert person.issuer.endswith("/staff/identification")


async def test_cancelling_is_its_own_ending(browser: httpx.AsyncClient, identification: SuomifiIdentification) -> None:
    """Who presses cancel comes back without an error of ours."""
    begun = await identification.begin(redirect_uri=REDIRECT_URI, language="fi")
    callback = await walk(browser, begun.url, {"cancel": "yes"})
    assert callback["error"] == "access_denied"
    with pytest.raises(SignInCancelled):
        await identification.finish(begun.pending, callback)


async def test_tampered_answers_are_refused(browser: httpx.AsyncClient, identification: SuomifiIdentification) -> None:
    """State, issuer and nonce bind an answer to the browser, the provider and the request that began it."""
    begun = await identification.begin(redirect_uri=REDIRECT_URI, language="fi")
    callback = await walk(browser, begun.url, {"person": "anna"})
    cases = {
        "wrong_state": (begun.pending, {**callback, "state": "x\ud800"}),
        "wrong_issuer": (begun.pending, {**callback, "iss": "http://evil.test"}),
        "missing_issuer": (begun.pending, {k: v for k, v in callback.items() if k != "iss"}),
        "missing_code": (begun.pending, {k: v for k, v in callback.items() if k != "code"}),
        "wrong_nonce": (replace(begun.pending, nonce="another"), callback),
        "invalid_grant": (begun.pending, callback),  # the code was used by the case before
    }
    for reason, (pending, answer) in cases.items():
        with pytest.raises(SignInRefused) as refused:
            await identification.finish(pending, answer)
        assert refused.value.reason == reason


async def test_a_token_of_a_lower_level_is_refused(browser: httpx.AsyncClient, simulators: SimulatorServer) -> None:
    """The level of assurance in the token must be one that was asked for."""
    lower = SuomifiIdentification(
        replace(simulators.sign_in_config(), acr_values=("http://ftn.ficora.fi/2017/loatest2",))
    )
    higher = SuomifiIdentification(simulators.sign_in_config())
    begun = await lower.begin(redirect_uri=REDIRECT_URI, language="fi")
    callback = await walk(browser, begun.url, {"person": "anna"})
    with pytest.raises(SignInRefused, match="wrong_acr"):
        await higher.finish(begun.pending, callback)
    await asyncio.gather(lower.close(), higher.close())


async def test_a_code_works_once_and_for_its_verifier(
    browser: httpx.AsyncClient, simulators: SimulatorServer, identification: SuomifiIdentification
) -> None:
    """A stolen code is worth nothing: second use and a wrong verifier are invalid_grant."""
    begun = await identification.begin(redirect_uri=REDIRECT_URI, language="fi")
    code = (await walk(browser, begun.url, {"person": "anna"}))["code"]
    assert (await redeem(browser, simulators, begun, code)).status_code == 200
    replayed = await redeem(browser, simulators, begun, code)
    assert (replayed.status_code, replayed.json()["error"]) == (400, "invalid_grant")

    begun = await identification.begin(redirect_uri=REDIRECT_URI, language="fi")
    code = (await walk(browser, begun.url, {"person": "anna"}))["code"]
    wrong = await redeem(browser, simulators, begun, code, code_verifier="w" * 43)
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")


async def test_client_assertions_are_checked(
    browser: httpx.AsyncClient, simulators: SimulatorServer, identification: SuomifiIdentification
) -> None:
    """Reused, expired, long-lived, foreign and unreadable assertions are invalid_client, before the code is touched."""
    begun = await identification.begin(redirect_uri=REDIRECT_URI, language="fi")
    code = (await walk(browser, begun.url, {"person": "anna"}))["code"]
    now = int(time.time())
    used = assertion(simulators)
    await redeem(browser, simulators, begun, "unknown", client_assertion=used)
    stranger = RSAKey.generate_key(2048, private=True)
    bad = [
        used,
        assertion(simulators, exp=now - 60),
        assertion(simulators, exp=now + 7200),
        assertion(simulators, aud="https://elsewhere.test/token"),
        assertion(simulators, iss="somebody"),
        assertion(simulators, jti=7),
        jwt.encode({"alg": "RS256", "kid": KEY_ID}, {"sub": CLIENT_ID}, stranger),
        "a.b.c",
        "",
        "ä",
    ]
    for client_assertion in bad:
        answer = await redeem(browser, simulators, begun, code, client_assertion=client_assertion)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), client_assertion
    assert (await redeem(browser, simulators, begun, code)).status_code == 200


async def test_userinfo_needs_the_access_token(
    browser: httpx.AsyncClient, simulators: SimulatorServer, identification: SuomifiIdentification
) -> None:
    """The person's claims are given for the token and for nothing else."""
    begun = await identification.begin(redirect_uri=REDIRECT_URI, language="fi")
    code = (await walk(browser, begun.url, {"person": "anna"}))["code"]
    token = (await redeem(browser, simulators, begun, code)).json()["access_token"]
    address = f"{simulators.url}/suomifi/identification/userinfo"
    told = await browser.get(address, headers={"Authorization": f"Bearer {token}"})
    assert told.json()["urn:oid:1.2.246.21"] == "120488-902S"
    refused = await browser.get(address, headers={"Authorization": "Bearer nothing"})
    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]


async def test_a_foreign_return_address_is_never_used(
    browser: httpx.AsyncClient, simulators: SimulatorServer, identification: SuomifiIdentification
) -> None:
    """An unregistered address or client gets a page that says so, not a redirect."""
    begun = await identification.begin(redirect_uri="http://window.test/callback/extra", language="sv")
    page = await browser.get(begun.url)
    assert page.status_code == 400
    assert 'lang="sv"' in page.text
    stranger = await browser.get(f"{simulators.url}/suomifi/identification/authorize?client_id=nobody")
    assert stranger.status_code == 400


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": ""}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"nonce": "short"}, "invalid_request"),
        ({"code_challenge": "x"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"acr_values": "urn:weak"}, "invalid_request"),
        ({"request": "a.b.c"}, "invalid_request_object"),
        ({"request_uri": "https://evil.test/"}, "request_uri_not_supported"),
        ({"prompt": "none"}, "login_required"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
    ],
)
async def test_a_wrong_request_goes_back_with_its_error(
    browser: httpx.AsyncClient, identification: SuomifiIdentification, changed: dict[str, str], error: str
) -> None:
    """Each documented error comes by redirect, with the state, as the specification says."""
    begun = await identification.begin(redirect_uri=REDIRECT_URI, language="fi")
    answer = await browser.get(httpx.URL(begun.url).copy_merge_params(changed))
    assert answer.status_code == 303
    query = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    assert (query["error"], query["state"]) == (error, begun.pending.state)


async def test_signing_out_returns_to_a_registered_address_only(
    browser: httpx.AsyncClient, simulators: SimulatorServer, identification: SuomifiIdentification
) -> None:
    """The browser comes back to the window and nowhere else; the identity code is not in the address."""
    begun = await identification.begin(redirect_uri=REDIRECT_URI, language="fi")
    identity = await identification.finish(begun.pending, await walk(browser, begun.url, {"person": "anna"}))
    url = await identification.sign_out_url(id_token=identity.id_token, return_to=RETURN_URI)
    assert identity.id_token not in url
    assert (await browser.get(url)).headers["location"] == RETURN_URI
    foreign = await identification.sign_out_url(id_token=identity.id_token, return_to="http://evil.test/")
    assert (await browser.get(foreign)).status_code == 400

    hinted = {"id_token_hint": identity.id_token, "post_logout_redirect_uri": RETURN_URI, "state": "s"}
    logout = f"{simulators.url}/suomifi/identification/logout"
    assert (await browser.get(logout, params=hinted)).headers["location"] == f"{RETURN_URI}?state=s"
    assert (await browser.get(logout, params={**hinted, "id_token_hint": "x.y.z"})).status_code == 400
    assert (await browser.get(logout)).status_code == 200


async def test_a_sign_in_survives_a_restart(
    browser: httpx.AsyncClient, simulators: SimulatorServer, identification: SuomifiIdentification
) -> None:
    """Codes and signing keys are kept: a sign-in begun before a restart ends after it."""
    begun = await identification.begin(redirect_uri=REDIRECT_URI, language="fi")
    callback = await walk(browser, begun.url, {"person": "anna"})
    keys = (await browser.get(f"{simulators.url}/suomifi/identification/jwks")).json()
    await asyncio.to_thread(simulators.restart)
    async with httpx.AsyncClient() as fresh:
        assert (await fresh.get(f"{simulators.url}/suomifi/identification/jwks")).json() == keys
    client = SuomifiIdentification(simulators.sign_in_config())
    identity = await client.finish(begun.pending, callback)
    await client.close()
    assert identity.given_name == "Anna"


async def test_garbage_is_answered_not_crashed_on(browser: httpx.AsyncClient, simulators: SimulatorServer) -> None:
    """No parameter, body or path makes the provider fail."""
    base = f"{simulators.url}/suomifi/identification"
    bodies = [b"", b"\xff\xfe", b"a=%ff&a=1", b"client_id=" + b"x" * 9000, b"[" * 100_000, b"grant_type=password"]
    for body in bodies:
        for path in ("authorize", "token", "logout", "pick/unknown"):
            answer = await browser.post(f"{base}/{path}", content=body)
            assert answer.status_code < 500, (path, body[:20])
    for query in ("?a=1&a=2", "?client_id=%00", "?ui_locales=%ff%20xx&redirect_uri=%0d%0a", "?lang=%F0%9F"):
        for path in ("authorize", "logout", "userinfo", "pick/%ff%00", "jwks/../x"):
            answer = await browser.get(f"{base}/{path}{query}")
            assert answer.status_code < 500, (path, query)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_pages_are_plain_and_in_the_asked_language(
    browser: httpx.AsyncClient, simulators: SimulatorServer, identification: SuomifiIdentification, language: Any
) -> None:
    """Language attribute, one heading, no inline style or script, a policy that allows none."""
    begun = await identification.begin(redirect_uri=REDIRECT_URI, language=language)
    picking = await browser.get(begun.url, follow_redirects=True)
    others = [await browser.get(f"{simulators.url}{path}?lang={language}") for path in ("/", "/suomifi/messages/")]
    for page in (picking, *others):
        tree = html5lib.parse(page.text, namespaceHTMLElements=False)
        assert tree.get("lang") == language
        assert len(tree.findall(".//h1")) == 1
        assert tree.findall(".//script") == tree.findall(".//style") == tree.findall(".//*[@style]") == []
        assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "http://window.test" in picking.headers["content-security-policy"]
    offered = html5lib.parse(picking.text, namespaceHTMLElements=False).findall(".//li/button")
    world = read_world()
    finnish = [person for person in world.residents if world.can_identify(person, datetime.now(UTC).date())]
    assert len(offered) == len(finnish) + sum(len(person.levels) for person in world.foreigners) >= 15


def test_the_configuration_shows_no_key(simulators: SimulatorServer) -> None:
    """The private key never shows in a log of the configuration."""
    config: ClientConfig = simulators.sign_in_config()
    assert "private" not in repr(config)
