"""OpenID Connect against software of others: our relying party at `oidc-provider`, `openid-client` at our simulator."""

import asyncio
import contextlib
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from app.integrations.oidc import ClientConfig
from app.integrations.sign_in import SignInCancelled, SignInRefused
from app.integrations.suomifi.identification.client import SuomifiIdentification
from app.integrations.suomifi.identification.port import Identity
from tests.contract.ftn_server import Ear, ftn_server, hidden_fields, listening, new_key, parsed, public
from tests.contract.simulator_server import ACR, CLIENT_ID, REDIRECT_URI, RETURN_URI
from tests.tools.world import free_port

SCRIPTS = Path(__file__).parent / "node"
ALGORITHMS = [("RSA-OAEP-256", "A128GCM"), ("RSA-OAEP", "A128CBC-HS256")]


def node(script: str, *arguments: str, **options: Any) -> subprocess.Popen[str]:
    """A script of ours on Node.js, which must be there."""
    found = shutil.which("node")
    assert found, "Node.js is needed to try the software of others"
    command = [found, str(SCRIPTS / script), *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options)


@dataclass(frozen=True)
class Foreign:
    """A running `oidc-provider`, and how our client is registered there."""

    config: ClientConfig
    ear: Ear


@contextlib.contextmanager
def foreign_provider(alg: str, enc: str, *, claims_in_id_token: bool) -> Iterator[Foreign]:
    signing, sealing, port = new_key("ours", "sig"), new_key("ours-enc", "enc"), free_port()
    with listening() as ear:
        client = {
            "client_id": CLIENT_ID,
            "jwks": {"keys": [public(signing), public(sealing)]},
            "redirect_uris": [REDIRECT_URI],
            "post_logout_redirect_uris": [RETURN_URI],
            "backchannel_logout_uri": ear.url,
            **{f"{what}_encrypted_response_alg": alg for what in ("id_token", "userinfo")},
            **{f"{what}_encrypted_response_enc": enc for what in ("id_token", "userinfo")},
        }
        registration = json.dumps({"client": client, "claimsInIdToken": claims_in_id_token})
        with running_provider(port, registration):
            yield Foreign(config_at(port, signing.as_dict(private=True), sealing.as_dict(private=True)), ear)


@contextlib.contextmanager
def running_provider(port: int, registration: str) -> Iterator[None]:
    process = node("provider.mjs", str(port), stderr=subprocess.DEVNULL)
    assert process.stdin is not None
    assert process.stdout is not None
    with process, process.stdout:
        process.stdin.write(registration)
        process.stdin.close()
        try:
            assert process.stdout.readline() == "ready\n", "oidc-provider did not start: is it installed (npm ci)?"
            yield
        finally:
            process.terminate()
            process.wait(10)


def config_at(port: int, signing: Mapping[str, Any], sealing: Mapping[str, Any]) -> ClientConfig:
    return ClientConfig(
        system="foreign",
        issuer=f"http://127.0.0.1:{port}",
        client_id=CLIENT_ID,
        private_key=signing,
        kid="ours",
        acr_values=(ACR,),
        signs_requests=True,
        service_name="Asiointi-ikkuna",
        decryption_keys=(sealing,),
        requires_encryption=True,
    )


@pytest.fixture(scope="module")
def foreign() -> Iterator[Foreign]:
    with foreign_provider(*ALGORITHMS[0], claims_in_id_token=True) as one:
        yield one


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


async def come_back(browser: httpx.AsyncClient, url: str, choice: Mapping[str, str]) -> dict[str, str]:
    """Walk through the provider's pages as a browser does; the query of the way back."""
    answer = await browser.get(url)
    while not answer.headers.get("location", "").startswith(REDIRECT_URI):
        if answer.is_redirect:
            answer = await browser.get(answer.url.join(answer.headers["location"]))
        else:
            assert answer.status_code == 200, answer.text
            answer = await browser.post(answer.url, data=choice)
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


async def sign_in(browser: httpx.AsyncClient, client: SuomifiIdentification) -> Identity:
    begun = await client.begin(redirect_uri=REDIRECT_URI, language="fi")
    return await client.finish(begun.pending, await come_back(browser, begun.url, {"person": "anna"}))


async def sign_out(browser: httpx.AsyncClient, url: str) -> str:
    """Confirm at the provider; the address that it sends back to."""
    page = await browser.get(url)
    assert page.status_code == 200, page.text
    form = parsed(page).find(".//form")
    answer = await browser.post(form.get("action"), data={**hidden_fields(form), "logout": "yes"})
    return str(answer.headers["location"])


async def test_the_whole_way_at_a_foreign_provider(foreign: Foreign, browser: httpx.AsyncClient) -> None:
    """Signed request, encrypted id_token, identity, sign-out, and the logout token that it posts: all understood."""
    client = SuomifiIdentification(foreign.config)
    identity = await sign_in(browser, client)
    assert (identity.identity_code, identity.first_names) == ("120488-902S", "Anna Maria")
    assert (identity.acr, identity.municipality, identity.subject) == (ACR, "491", "anna")
    url = await client.sign_out_url(id_token=identity.id_token, return_to=RETURN_URI)
    assert await sign_out(browser, url) == RETURN_URI
    token = await asyncio.to_thread(foreign.ear.heard.get, timeout=10)
    assert token.count(".") == 4
    told = await client.logged_out(token)
    assert (told.issuer, told.sid) == (identity.issuer, identity.provider_session)
    await client.close()


@pytest.mark.parametrize(("alg", "enc"), ALGORITHMS)
async def test_claims_by_encrypted_userinfo(browser: httpx.AsyncClient, alg: str, enc: str) -> None:
    """A provider that keeps personal claims out of the id_token tells them at userinfo, signed and encrypted."""
    with foreign_provider(alg, enc, claims_in_id_token=False) as foreign:
        client = SuomifiIdentification(replace(foreign.config, reads_userinfo=True))
        assert (await sign_in(browser, client)).identity_code == "120488-902S"
        await client.close()
        without = SuomifiIdentification(foreign.config)
        with pytest.raises(SignInRefused, match="no_identity_code"):
            await sign_in(browser, without)
        await without.close()


async def test_cancelling_at_a_foreign_provider(foreign: Foreign, browser: httpx.AsyncClient) -> None:
    """Turning back there is turning back here."""
    client = SuomifiIdentification(foreign.config)
    begun = await client.begin(redirect_uri=REDIRECT_URI, language="fi")
    callback = await come_back(browser, begun.url, {"cancel": "yes"})
    with pytest.raises(SignInCancelled):
        await client.finish(begun.pending, callback)
    await client.close()


async def test_a_foreign_provider_wants_the_signature(foreign: Foreign, browser: httpx.AsyncClient) -> None:
    """Our unsigned request is refused there, and we say so instead of letting anybody in."""
    client = SuomifiIdentification(replace(foreign.config, signs_requests=False))
    begun = await client.begin(redirect_uri=REDIRECT_URI, language="fi")
    callback = await come_back(browser, begun.url, {})
    assert callback["error"] == "invalid_request"
    with pytest.raises(SignInRefused, match="invalid_request"):
        await client.finish(begun.pending, callback)
    await client.close()


def test_a_foreign_client_at_our_simulator(tmp_path: Path) -> None:
    """`openid-client` does discovery, signed request, PKCE, code, encrypted id_token and userinfo, and signs out."""
    with listening() as ear, ftn_server(tmp_path, logout_uri=ear.url) as server:
        registered = {
            "issuer": f"{server.url}/suomifi/identification",
            "clientId": CLIENT_ID,
            "redirectUri": REDIRECT_URI,
            "returnUri": RETURN_URI,
            "person": "daniel",
            "keys": {
                "signing": server.key.as_dict(private=True),
                "decryption": server.old_encryption_key.as_dict(private=True),
            },
        }
        process = node("client.mjs")
        output, _ = process.communicate(json.dumps(registered), timeout=30)
        assert process.returncode == 0, "openid-client refused something: see above (or it is missing: npm ci)"
        seen = json.loads(output)
        assert ear.heard.get(timeout=5).count(".") == 4
    assert seen["unsigned"]["error"] == "invalid_request"
    assert seen["sealed"]
    assert seen["claims"]["urn:oid:1.2.246.21"] == seen["userinfo"]["urn:oid:1.2.246.21"] == "021203B933U"
    assert seen["claims"]["acr"] == ACR
    assert seen["back"] == f"{RETURN_URI}?state=bye"
    assert seen["metadata"]["backchannel_logout_session_supported"] is True
