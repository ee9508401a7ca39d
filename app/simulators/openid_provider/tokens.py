"""Codes, tokens and the keys that sign them."""

import base64
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from app.simulators.openid_provider.authorization import Authorization
from app.simulators.openid_provider.client_assertion import TokenRefused
from app.simulators.openid_provider.provider import Provider, TestLogin
from app.simulators.store import Store

CODE_SECONDS = 60
TOKEN_SECONDS = 600
SESSION_SECONDS = 12 * 3600
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class TokenDesk:
    """Gives out and takes back what a sign-in needs; everything is kept in the store."""

    def __init__(self, provider: Provider, store: Store) -> None:
        self._provider = provider
        self._store = store
        self._key = _signing_key(provider, store)

    def public_keys(self) -> dict[str, Any]:
        return {"keys": [{**self._key.as_dict(private=False), "use": "sig", "alg": "RS256"}]}

    def give_code(self, request: Authorization, login: TestLogin) -> str:
        """A code for one use within CODE_SECONDS."""
        code = secrets.token_urlsafe(32)
        body = {"request": asdict(request), "login": login.key, "auth_time": int(time.time())}
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

    def userinfo(self, access_token: str) -> dict[str, Any] | None:
        """The person's claims, or None where the token is unknown or expired."""
        kept = self._store.get(self._provider.kind("token"), access_token)
        login = self._provider.login(kept["login"]) if kept else None
        return {"sub": kept["sub"], **login.claims} if kept and login else None

    def end_session(self, hint: str) -> str | None:
        """The client of the session in `hint`, which ends now; None where we did not sign it.

        An expired token is a good hint (OpenID Connect RP-Initiated Logout 1.0, 2).
        """
        try:
            claims = jwt.decode(hint, self._key, algorithms=["RS256"]).claims
        except (JoseError, ValueError):
            return None
        self.forget_session(claims["sid"])
        return str(claims["aud"])

    def forget_session(self, sid: str) -> None:
        self._store.take(self._provider.kind("session"), sid)

    def _answer(self, request: Authorization, login_key: str, auth_time: int) -> dict[str, Any]:
        login = self._provider.login(login_key)
        if login is None:
            raise TokenRefused("invalid_grant", "the person is no longer in the test world")
        subject = login.subject or secrets.token_urlsafe(16)
        session = {"client_id": request.client_id, "sub": subject, "login": login.key}
        sid, access_token = secrets.token_urlsafe(16), secrets.token_urlsafe(32)
        self._store.add(self._provider.kind("session"), sid, session, seconds=SESSION_SECONDS)
        self._store.add(self._provider.kind("token"), access_token, session, seconds=TOKEN_SECONDS)
        protocol = {"sub": subject, "sid": sid, "auth_time": auth_time}
        return {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "scope": "openid",
            "id_token": self._id_token(request, {**login.claims, **protocol}),
        }

    def _id_token(self, request: Authorization, claims: Mapping[str, Any]) -> str:
        now = int(time.time())
        protocol = {
            "iss": self._provider.issuer,
            "aud": request.client_id,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "nonce": request.nonce,
            "acr": request.acr,
        }
        header = {"alg": "RS256", "kid": self._key.kid}
        return jwt.encode(header, {**claims, **protocol}, self._key, algorithms=["RS256"])


def _signing_key(provider: Provider, store: Store) -> RSAKey:
    kind = provider.kind("key")
    kept = store.get(kind, "signing")
    if kept is not None:
        return RSAKey.import_key(kept)
    key = RSAKey.generate_key(2048, parameters={"kid": secrets.token_hex(8)}, private=True)
    store.add(kind, "signing", key.as_dict(private=True))
    return key


def _answers(verifier: str, challenge: str) -> bool:
    if not _VERIFIER.fullmatch(verifier):
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    return hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)
