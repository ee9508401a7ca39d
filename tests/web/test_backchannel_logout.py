"""The identification service ends a session: ours ends too, only that one, and only by its own word."""

import json
import sqlite3
import time
import uuid
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from joserfc import jwe, jwt
from joserfc.jwk import RSAKey

from app.integrations.own_keys import OwnKeys
from app.settings import Settings
from app.web.tokens import hash_secret
from tests.tools.visitor import Visitor

EVENT = "http://schemas.openid.net/event/backchannel-logout"
ANNA, TIMO = "Anna Lehtokangas", "Timo Kaislavuori"


def provider_key(settings: Settings, system: str) -> RSAKey:
    """The key by which a simulated identification service signs."""
    with sqlite3.connect(settings.var / "simulators.sqlite3") as database:
        query = "select body from record where kind = ? order by id desc"
        return RSAKey.import_key(json.loads(database.execute(query, [f"{system}/key"]).fetchone()[0]))


def logout_token(settings: Settings, audience: str = "resident", **changed: Any) -> str:
    """A logout token as the service of `audience` would send it."""
    resident = audience == "resident"
    now = int(time.time())
    claims = {
        "iss": settings.identification_issuer if resident else settings.staff_issuer,
        "aud": settings.identification_client_id if resident else settings.staff_client_id,
        "iat": now,
        "exp": now + 120,
        "jti": uuid.uuid4().hex,
        "events": {EVENT: {}},
    }
    key = provider_key(settings, "suomifi-identification" if resident else "staff-identification")
    signed = jwt.encode({"alg": "RS256", "kid": key.kid, "typ": "logout+jwt"}, {**claims, **changed}, key)
    ours = OwnKeys.parse(settings.oidc_key_file.read_text()).decryption
    return sealed(signed, ours[0]) if resident and ours else signed


def sealed(signed: str, key: RSAKey) -> str:
    """Encrypted for the window, as the residents' service does where the window has a key for it."""
    header = {"alg": "RSA-OAEP-256", "enc": "A128GCM", "kid": key.kid}
    return jwe.encrypt_compact(header, signed, key, algorithms=["RSA-OAEP-256", "A128GCM"])


async def post(app: FastAPI, settings: Settings, token: str, audience: str = "resident") -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=settings.public_url) as client:
        return await client.post(f"/backchannel-logout/{audience}", data={"logout_token": token})


def at_provider(settings: Settings, visitor: Visitor, cookie: str = "asiointi") -> tuple[str, str]:
    """The provider's names of the visitor's session and of the person in it."""
    kept = visitor.client.cookies.get(cookie) or ""
    with psycopg.connect(settings.worker_database_url) as connection:
        query = "select provider_session, provider_subject from browser_session where token_hash = %s"
        row = connection.execute(query, [hash_secret(kept)]).fetchone()
    assert row
    return row[0], row[1]


async def signed_in(visitor: Visitor, person: str) -> None:
    await visitor.get("/fi/sign-in")
    await visitor.sign_in(person)
    assert visitor.path == "/fi/my"


async def test_the_session_ends_with_the_providers(app: FastAPI, settings: Settings, visitor: Visitor) -> None:
    """The named session opens nothing any more, somebody else's stays open, and the answer is never kept."""
    await signed_in(visitor, ANNA)
    async with Visitor(app, settings.public_url) as other:
        await signed_in(other, TIMO)
        answer = await post(app, settings, logout_token(settings, sid=at_provider(settings, visitor)[0]))
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        await visitor.get("/fi/my")
        assert "/sign-in" in visitor.path
        await other.get("/fi/my")
        assert other.path == "/fi/my"


async def test_a_token_is_acted_on_once(app: FastAPI, settings: Settings, visitor: Visitor) -> None:
    """The same message again is refused; a new one about a session that has ended already is well."""
    await signed_in(visitor, ANNA)
    sid = at_provider(settings, visitor)[0]
    token = logout_token(settings, sid=sid)
    assert (await post(app, settings, token)).status_code == 200
    again = await post(app, settings, token)
    assert (again.status_code, again.headers["cache-control"]) == (400, "no-store")
    assert again.json()["error"] == "invalid_request"
    assert (await post(app, settings, logout_token(settings, sid=sid))).status_code == 200


async def test_all_sessions_of_a_member_of_staff(app: FastAPI, settings: Settings, visitor: Visitor) -> None:
    """A token that names only the person ends every session of theirs, and needs the staff door's provider."""
    await visitor.get("/fi/staff/sign-in")
    await visitor.sign_in("Sari Hoitaja")
    subject = at_provider(settings, visitor, "asiointi-staff")[1]
    assert subject == "staff-sari"
    wrong_door = await post(app, settings, logout_token(settings, "staff", sub=subject), "resident")
    assert wrong_door.status_code == 400
    assert (await post(app, settings, logout_token(settings, "staff", sub=subject), "staff")).status_code == 200
    await visitor.get("/fi/staff")
    assert "/sign-in" in visitor.path


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-window"},
        {"iat": int(time.time()) - 3600, "exp": int(time.time()) + 60},
        {"exp": int(time.time()) - 3600},
        {"nonce": "of-a-sign-in"},
        {"events": {}},
        {"events": {"https://evil.example/event": {}}},
        {"jti": ""},
        {"sid": ""},
    ],
    ids=lambda changed: next(iter(changed)),
)
async def test_foreign_and_stale_tokens(
    app: FastAPI, settings: Settings, visitor: Visitor, changed: dict[str, Any]
) -> None:
    """A token of another issuer, for somebody else, too old, or of another kind ends nothing."""
    await signed_in(visitor, ANNA)
    claims = {"sid": at_provider(settings, visitor)[0], **changed}
    assert (await post(app, settings, logout_token(settings, **claims))).status_code == 400
    await visitor.get("/fi/my")
    assert visitor.path == "/fi/my"


async def test_what_came_from_the_sign_in_ends_too(app: FastAPI, settings: Settings, visitor: Visitor) -> None:
    """A session that has taken the place of the first one (a switch of whom one acts for) ends with the provider's,
    and the resident is told who ended it."""
    await signed_in(visitor, ANNA)
    sid = at_provider(settings, visitor)[0]
    twin = (
        "insert into browser_session (id, token_hash, person_id, sign_in_id, issuer, provider_session, created_at,"
        " seen_at) select %s, %s, person_id, sign_in_id, issuer, provider_session, created_at, seen_at"
        " from browser_session where provider_session = %s"
    )
    with psycopg.connect(settings.worker_database_url) as connection:
        connection.execute(twin, [uuid.uuid4(), hash_secret("twin"), sid])
    assert (await post(app, settings, logout_token(settings, sid=sid))).status_code == 200
    for cookie in (visitor.client.cookies.get("asiointi") or "", "twin"):
        visitor.client.cookies.set("asiointi", cookie)
        await visitor.get("/fi/my")
        assert "told=provider" in visitor.path
        visitor.client.cookies.clear()


@pytest.mark.parametrize(
    "body", [b"", b"logout_token=", b"logout_token=a.b.c", b"\xff", b"logout_token=a&logout_token=b"]
)
async def test_garbage_ends_nothing(app: FastAPI, settings: Settings, visitor: Visitor, body: bytes) -> None:
    """What is no logout token is a plain 400 for a machine, and everybody stays signed in."""
    await signed_in(visitor, ANNA)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=settings.public_url) as client:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await client.post("/backchannel-logout/resident", content=body, headers=form)
    assert (answer.status_code, answer.headers["cache-control"]) == (400, "no-store")
    await visitor.get("/fi/my")
    assert visitor.path == "/fi/my"


async def test_published_keys_are_public(app: FastAPI, settings: Settings) -> None:
    """The key set has the key that signs, without any private part."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=settings.public_url) as client:
        keys = (await client.get("/.well-known/jwks.json")).json()["keys"]
    assert [key["use"] for key in keys][:1] == ["sig"]
    assert {name for key in keys for name in key} <= {"kty", "n", "e", "kid", "use", "alg"}
