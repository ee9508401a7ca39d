"""The sessions that a provider keeps, and telling a client that one has ended (Back-Channel Logout 1.0)."""

import secrets
import time
from dataclasses import dataclass
from typing import Any

import httpx

from app.simulators.openid_provider.keys import SigningKeys
from app.simulators.openid_provider.provider import Provider, TestLogin
from app.simulators.openid_provider.sealing import seal
from app.simulators.store import Store

SESSION_SECONDS = 12 * 3600
KEPT_SECONDS = 24 * 3600
_TELL_SECONDS = 2.0
_TOKEN_SECONDS = 120
EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass(frozen=True)
class Session:
    """Somebody signed in at a client."""

    sid: str
    client_id: str
    sub: str
    login: str
    began: float


class Sessions:
    """Begins, lists and ends them."""

    def __init__(self, provider: Provider, store: Store, keys: SigningKeys) -> None:
        self._provider = provider
        self._store = store
        self._keys = keys

    def begin(self, client_id: str, login: TestLogin, sub: str) -> Session:
        session = Session(secrets.token_urlsafe(16), client_id, sub, login.key, time.time())
        body = {"client_id": client_id, "sub": sub, "login": login.key, "began": session.began}
        self._store.add(self._provider.kind("session"), session.sid, body, seconds=SESSION_SECONDS)
        return session

    def living(self) -> list[Session]:
        """The sessions that have not ended, oldest first."""
        return [Session(record.key, **record.body) for record in self._store.records(self._provider.kind("session"))]

    def told(self) -> list[dict[str, Any]]:
        """What was said to clients in the last day, and what they answered."""
        return [record.body for record in self._store.records(self._provider.kind("logout"))]

    async def end(self, sid: str) -> None:
        """End a session and tell its client, once, as the specification wants; an unknown one has ended already."""
        body = self._store.take(self._provider.kind("session"), sid)
        if body is None:
            return
        session = Session(sid, **body)
        client = self._provider.clients.get(session.client_id)
        if client is None or not client.backchannel_logout_uri:
            return
        jti = secrets.token_urlsafe(16)
        token = seal(client, self._logout_token(session, jti))
        status = await _post(client.backchannel_logout_uri, token)
        said = {"sid": sid, "client_id": session.client_id, "answer": status, "at": time.time()}
        self._store.add(self._provider.kind("logout"), jti, said, seconds=KEPT_SECONDS)

    def _logout_token(self, session: Session, jti: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self._provider.issuer,
            "aud": session.client_id,
            "iat": now,
            "exp": now + _TOKEN_SECONDS,
            "jti": jti,
            "sub": session.sub,
            "sid": session.sid,
            "events": {EVENT: {}},
        }
        return self._keys.sign(claims, typ="logout+jwt")


async def _post(uri: str, token: str) -> str:
    """The client's answer: its status, or what went wrong on the way."""
    try:
        async with httpx.AsyncClient(timeout=_TELL_SECONDS) as http:
            return str((await http.post(uri, data={"logout_token": token})).status_code)
    except httpx.HTTPError as error:
        return type(error).__name__
