"""Codes and tokens."""

import base64
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from app.simulators.openid_provider.authorization import Authorization
from app.simulators.openid_provider.client_assertion import TokenRefused
from app.simulators.openid_provider.keys import SigningKeys
from app.simulators.openid_provider.provider import Provider, TestLogin
from app.simulators.openid_provider.sealing import seal
from app.simulators.openid_provider.sessions import Sessions
from app.simulators.store import Store

CODE_SECONDS = 60
TOKEN_SECONDS = 600
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class TokenDesk:
    """Gives out and takes back what a sign-in needs; everything is kept in the store."""

    def __init__(self, provider: Provider, store: Store, keys: SigningKeys, sessions: Sessions) -> None:
        self._provider = provider
        self._store = store
        self._keys = keys
        self._sessions = sessions

    def give_code(self, request: Authorization, login: TestLogin) -> str:
        """A code for one use within CODE_SECONDS."""
        code = secrets.token_urlsafe(32)
        body = {"request": asdict(request), "login": login.key, "auth_time": self._auth_time(request)}
        self._store.add(self._provider.kind("code"), code, body, seconds=CODE_SECONDS)
        return code

    def redeem(self, client_id: str, form: Mapping[str, str]) -> dict[str, Any]:
        """The token answer for a code. A code is gone after the first try. Raises TokenRefused."""
        kept = self._store.take(self._provider.kind("code"), form.get("code", ""))
        if kept is None:
            raise TokenRefused("invalid_grant", "the code is unknown, used or expired")
        request = Authorization(**kept["request"])
        if request.client_id != client_id or request.redirect_uri != form.get("redirect_uri"):
            raise TokenRefused("invalid_grant", "the code belongs to another client or redirect_uri")
        if not _answers(form.get("code_verifier", ""), request.challenge):
            raise TokenRefused("invalid_grant", "code_verifier does not answer the challenge")
        return self._answer(request, kept["login"], kept["auth_time"])

    def userinfo(self, access_token: str) -> dict[str, Any] | str | None:
        """The person's claims, as a token for clients that encrypt; None where the access token is unknown or
        expired."""
        kept = self._store.get(self._provider.kind("token"), access_token)
        login = self._provider.login(kept["login"]) if kept else None
        client = self._provider.clients.get(kept["client_id"]) if kept else None
        if kept is None or login is None or client is None:
            return None
        claims = {**login.claims, "sub": kept["sub"]}
        if client.encryption is None:
            return claims
        return seal(client, self._keys.sign({**claims, "iss": self._provider.issuer, "aud": kept["client_id"]}))

    def _auth_time(self, request: Authorization) -> int:
        """When the person proved who they are: now, or earlier where a scenario says that they come with a login so
        many seconds old, and the client takes such a one."""
        age = self._store.get(self._provider.kind("single-sign-on"), "seconds")
        if not isinstance(age, int) or (request.max_age is not None and age > request.max_age):
            age = 0
        return int(time.time()) - age

    def _answer(self, request: Authorization, login_key: str, auth_time: int) -> dict[str, Any]:
        login = self._provider.login(login_key)
        if login is None:
            raise TokenRefused("invalid_grant", "the person is no longer in the test world")
        session = self._sessions.begin(request.client_id, login, login.subject or secrets.token_urlsafe(16))
        access_token = secrets.token_urlsafe(32)
        holder = {"client_id": session.client_id, "sub": session.sub, "login": login.key}
        self._store.add(self._provider.kind("token"), access_token, holder, seconds=TOKEN_SECONDS)
        protocol = {"sub": session.sub, "sid": session.sid, "auth_time": auth_time}
        return {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "scope": "openid",
            "id_token": self._id_token(request, {**login.claims, **protocol}, login),
        }

    def _id_token(self, request: Authorization, claims: Mapping[str, Any], login: TestLogin) -> str:
        now = int(time.time())
        protocol = {
            "iss": self._provider.issuer,
            "aud": request.client_id,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "nonce": request.nonce,
            "acr": self._provider.acr(login, request.acr_values),
        }
        return seal(self._provider.clients[request.client_id], self._keys.sign({**claims, **protocol}))


def _answers(verifier: str, challenge: str) -> bool:
    if not _VERIFIER.fullmatch(verifier):
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    return hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)
