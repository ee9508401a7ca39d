"""The identification simulator for a client of the Finnish Trust Network, and an ear for what it posts."""

import base64
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import html5lib
import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

from app.integrations.oidc import ClientConfig
from app.integrations.suomifi.identification.client import ClaimNames, SuomifiIdentification
from app.integrations.suomifi.identification.port import Identity
from app.simulators.settings import ClientRegistration, SimulatorSettings
from tests.contract.simulator_server import CLIENT_ID, KEY_ID, REDIRECT_URI, RETURN_URI, SimulatorServer

ENCRYPTION = ("RSA-OAEP-256", "A128GCM")
NEXT_KID = "next-key"


def new_key(kid: str, use: str) -> RSAKey:
    return RSAKey.generate_key(2048, parameters={"kid": kid, "use": use}, private=True)


def public(key: RSAKey) -> dict[str, Any]:
    return dict(key.as_dict(private=False))


@dataclass
class FtnServer(SimulatorServer):
    """Simulators whose one client signs its requests and gets everything encrypted; it is changing its keys."""

    encryption: tuple[str, str] = ENCRYPTION
    logout_uri: str = ""
    next_key: RSAKey = field(default_factory=lambda: new_key(NEXT_KID, "sig"))
    encryption_key: RSAKey = field(default_factory=lambda: new_key("enc-new", "enc"))
    old_encryption_key: RSAKey = field(default_factory=lambda: new_key("enc-old", "enc"))

    def ftn_config(self, path: str = "/suomifi/identification", **changed: Any) -> ClientConfig:
        """A client that signs and insists on encryption."""
        keys = (self.encryption_key, self.old_encryption_key)
        config = replace(
            self.sign_in_config(path),
            signs_requests=True,
            service_name="Asiointi-ikkuna",
            decryption_keys=tuple(key.as_dict(private=True) for key in keys),
            requires_encryption=True,
        )
        return replace(config, **changed)

    def _settings(self) -> SimulatorSettings:
        keys = [public(key) for key in (self.next_key, self.old_encryption_key, self.encryption_key)]
        signing = {**self.key.as_dict(private=False), "use": "sig"}
        client = ClientRegistration(
            redirect_uris=(REDIRECT_URI,),
            post_logout_redirect_uris=(RETURN_URI,),
            jwks={"keys": [signing, *keys]},
            requires_request_object=True,
            encryption=self.encryption,
            backchannel_logout_uri=self.logout_uri,
        )
        return replace(super()._settings(), clients={CLIENT_ID: client})


@dataclass
class Ear:
    """Where a provider posts logout tokens; `heard` holds what came."""

    url: str
    heard: Queue[str] = field(default_factory=Queue)


@contextmanager
def listening() -> Iterator[Ear]:
    """An address on the loopback that answers every logout token with 200."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            ear.heard.put(parse_qs(body)["logout_token"][0])
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: the run's output is for its results."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    ear = Ear(f"http://127.0.0.1:{server.server_port}/backchannel-logout/resident")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield ear
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def ftn_server(folder: Path, *, encryption: tuple[str, str] = ENCRYPTION, logout_uri: str = "") -> Iterator[FtnServer]:
    """A running server of its own."""
    server = FtnServer(folder / "ftn.sqlite", encryption=encryption, logout_uri=logout_uri)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def hidden_fields(form: Any) -> dict[str, str]:
    """The values that a page's form sends along."""
    return {
        field.get("name"): field.get("value") or ""
        for field in form.findall(".//input")
        if field.get("type") == "hidden"
    }


def parsed(page: httpx.Response) -> Any:
    return html5lib.parse(page.text, namespaceHTMLElements=False)


async def walk(browser: httpx.AsyncClient, url: str, choice: Mapping[str, str]) -> dict[str, str]:
    """Open the sign-in address, press one button of the page's form, and return the query that comes back."""
    page = await browser.get(url, follow_redirects=True)
    assert page.status_code == 200, page.text
    form = html5lib.parse(page.text, namespaceHTMLElements=False).find(".//form")
    assert form is not None
    answer = await browser.post(page.url.join(form.get("action")), data=choice)
    assert answer.status_code == 303
    location = answer.headers["location"]
    assert location.startswith(REDIRECT_URI)
    return dict(parse_qsl(urlsplit(location).query))


async def sign_in(browser: httpx.AsyncClient, client: SuomifiIdentification, person: str = "daniel") -> Identity:
    begun = await client.begin(redirect_uri=REDIRECT_URI, language="fi")
    return await client.finish(begun.pending, await walk(browser, begun.url, {"person": person}))


async def sign_in_with(browser: httpx.AsyncClient, config: ClientConfig, names: ClaimNames | None = None) -> Identity:
    client = SuomifiIdentification(config, names)
    try:
        return await sign_in(browser, client)
    finally:
        await client.close()


def signed(server: FtnServer, claims: dict[str, Any], key: RSAKey | None = None, **header: str) -> str:
    return jwt.encode({"alg": "RS256", "kid": KEY_ID, **header}, claims, key or server.key)


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
