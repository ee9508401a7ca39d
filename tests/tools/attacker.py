"""Somebody who sends what no page of ours would: every answer is held to what bad input must get."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import httpx
import psycopg
from fastapi import FastAPI

from app.settings import Settings
from app.web.tokens import FormTokens, hash_secret, new_secret
from tests.tools.document import Document, faults_of
from tests.tools.people import SignedIn, sign_in_many

LANGUAGES = {"fi", "sv", "en"}
ANONYMOUS = b"anonymous"
# What a page must never show of the inside.
INSIDE = ("Traceback", "sqlalchemy", "psycopg", 'File "', "Internal Server Error", "starlette")


def sign_in_staff(settings: Settings, roles: list[str], units: list[str]) -> SignedIn:
    """A member of staff with a session of their own; `person_id` is their staff id."""
    now = settings.fixed_now or datetime.now(UTC)
    one = SignedIn(uuid.uuid4(), uuid.uuid4(), new_secret(), FormTokens(settings.secret_key.get_secret_value()))
    with psycopg.connect(settings.worker_database_url) as connection:
        connection.execute(
            "insert into staff_member (id, issuer, subject, name, profession, roles, units, signed_in_at)"
            " values (%s, 'test', %s, 'Testi Hoitaja', 'nurse', %s, %s, %s)",
            [one.person_id, str(one.person_id), roles, units, now],
        )
        connection.execute(
            "insert into browser_session (id, token_hash, staff_id, created_at, seen_at) values (%s, %s, %s, %s, %s)",
            [one.session_id, hash_secret(one.cookie), one.person_id, now, now],
        )
    return one


@dataclass
class Attacker:
    """Sends requests as nobody, as a resident or as staff, and follows no redirect. `who` is the session, if any."""

    app: FastAPI
    settings: Settings
    who: SignedIn | None = None
    cookie: str = "asiointi"
    cookies: dict[str, str] = field(init=False)

    @classmethod
    def resident(cls, app: FastAPI, settings: Settings) -> Self:
        return cls(app, settings, sign_in_many(settings, 1)[0])

    @classmethod
    def staff(cls, app: FastAPI, settings: Settings, roles: list[str], units: list[str]) -> Self:
        return cls(app, settings, sign_in_staff(settings, roles, units), "asiointi-staff")

    def __post_init__(self) -> None:
        self.cookies = {self.cookie: self.who.cookie} if self.who else {}

    def token(self) -> str:
        """A good form token of this session."""
        tokens = FormTokens(self.settings.secret_key.get_secret_value())
        return tokens.make(self.who.session_id.bytes if self.who else ANONYMOUS)

    async def __aenter__(self) -> Self:
        inside = httpx.ASGITransport(app=self.app)
        self.client = httpx.AsyncClient(
            transport=inside, base_url=self.settings.public_url, timeout=20, cookies=self.cookies
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()

    async def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request; the answer is checked."""
        answer = await self.client.request(method, path, **options)
        check(answer, path)
        return answer

    async def post(self, path: str, **fields: str | list[str]) -> httpx.Response:
        """A form with a good token and `fields`."""
        return await self.send("POST", path, data={"form_token": self.token(), **fields})


def check(answer: httpx.Response, path: str) -> None:
    """Never our own fault, nothing of the inside, and a whole page in the right language with a request id."""
    told = f"{path[:200]!r}: {answer.status_code}"
    assert answer.status_code < 500, told
    assert answer.headers.get("x-request-id"), told
    assert "default-src 'none'" in answer.headers["content-security-policy"], told
    assert_goes_nowhere_else(answer)
    if not answer.headers.get("content-type", "").startswith("text/html") or not answer.content:
        return
    assert not [word for word in INSIDE if word in answer.text], told
    if "<html" not in answer.text:  # htmx asked for a part
        return
    page = Document(answer.text)
    head = unquote(urlsplit(path).path).lstrip("/").partition("/")[0]
    language = head if head in LANGUAGES else str(page.root.get("lang"))
    assert language in LANGUAGES, told
    faults = faults_of(page, language)
    assert not faults, f"{told} {faults}"
    if answer.status_code >= 400 and answer.status_code not in {409, 422}:
        assert answer.headers["x-request-id"] in page.text, told
        assert "no-store" in answer.headers["cache-control"], told


def assert_goes_nowhere_else(answer: httpx.Response) -> None:
    """A redirect stays on this site or goes to one of the identification services."""
    for name in ("location", "hx-redirect"):
        target = answer.headers.get(name, "")
        if target.startswith("http"):
            assert urlsplit(target).hostname == "localhost", target
        else:
            assert not target.startswith(("//", "/\\")), target
