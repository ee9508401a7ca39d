"""OAuth 2.0 towards Kanta: consent, tokens, and their end. No code or token is logged."""

import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote_plus, urlencode
from uuid import uuid4

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import RSAKey

from app.domain.text import Language
from app.integrations.http import OutsideClient, Rejected
from app.integrations.kanta.phr.config import PhrConfig
from app.integrations.kanta.phr.constants import SYSTEM
from app.integrations.kanta.phr.port import (
    Access,
    ConsentCancelled,
    ConsentFailed,
    ConsentRequest,
    ConsentWithdrawn,
    Grant,
    PendingConsent,
)
from app.integrations.kanta.phr.token_answers import OAuthError, TokenAnswer

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"  # RFC 7523
ASSERTION_SECONDS = 300
EARLIER = timedelta(seconds=10)  # a token is given up a little before its end: it must live until it arrives
_REFUSALS = frozenset({400, 401})


class TokenRefused(Exception):
    """The token endpoint said no; `error` is its code."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class ConsentDesk:
    """Everything that the OAuth side of the record is asked for."""

    def __init__(self, config: PhrConfig, outside: OutsideClient) -> None:
        self._config = config
        self._outside = outside
        key = config.private_key
        self._key = RSAKey.import_key(key if isinstance(key, str) else dict(key)) if key else None

    def begin(self, redirect_uri: str, language: Language) -> ConsentRequest:
        pending = PendingConsent(secrets.token_urlsafe(32), secrets.token_urlsafe(48), redirect_uri)
        query = {
            "response_type": "code",
            "client_id": self._config.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self._config.scopes),
            "state": pending.state,
            "aud": self._config.base_url,
            "ui_locales": language,
            "code_challenge": create_s256_code_challenge(pending.code_verifier),
            "code_challenge_method": "S256",
        }
        endpoint = self._config.authorization_endpoint
        return ConsentRequest(f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}", pending)

    async def finish(self, pending: PendingConsent, callback: Mapping[str, str]) -> Grant:
        form = {
            "grant_type": "authorization_code",
            "code": _returned_code(pending, callback),
            "redirect_uri": pending.redirect_uri,
            "code_verifier": pending.code_verifier,
        }
        try:
            access = await self._tokens(form)
        except TokenRefused as refused:
            raise ConsentFailed(SYSTEM, refused.error) from None
        if not access.refresh_token:
            raise ConsentFailed(SYSTEM, "no_refresh_token")
        return Grant(access.patient_id, access.scopes, access.refresh_token, access)

    async def access(self, refresh_token: str) -> Access:
        try:
            access = await self._tokens({"grant_type": "refresh_token", "refresh_token": refresh_token})
        except TokenRefused as refused:
            if refused.error == "invalid_grant":
                raise ConsentWithdrawn(SYSTEM, refused.error) from None
            raise Rejected(SYSTEM, refused.error, status=400) from None
        # A server that doesn't rotate sends none, and the old one lives on (RFC 6749, 6).
        return access if access.refresh_token else replace(access, refresh_token=refresh_token)

    async def revoke(self, refresh_token: str) -> None:
        """RFC 7009: 200 also for a token that is unknown, so it may be repeated."""
        form = {"token": refresh_token, "token_type_hint": "refresh_token"}
        # Authenticated anew for a repetition: an assertion is for one use, so the repeating is left to the caller.
        answer = await self._post(self._config.revocation_endpoint, form, frozenset())
        if "html" in answer.headers.get("Content-Type", ""):  # a page about maintenance, say, is no revocation
            raise self._outside.odd(answer, "a page in the place of an answer")

    async def _tokens(self, form: Mapping[str, str]) -> Access:
        """Raises TokenRefused. Never repeated by itself: codes and refresh tokens are for one use."""
        asked = datetime.now(UTC)
        answer = await self._post(self._config.token_endpoint, form, _REFUSALS)
        if answer.status_code in _REFUSALS:
            error = self._outside.check(answer, OAuthError).error
            if answer.status_code == 401 or error in {"invalid_client", "unauthorized_client"}:
                raise Rejected(SYSTEM, error, status=answer.status_code)
            raise TokenRefused(error)
        found = self._outside.check(answer, TokenAnswer)
        return Access(
            access_token=found.access_token,
            expires_at=asked + timedelta(seconds=found.expires_in) - EARLIER,
            refresh_token=found.refresh_token,
            patient_id=found.patient,
            scopes=frozenset(found.scope.split()),
        )

    async def _post(self, url: str, form: Mapping[str, str], accept: frozenset[int]) -> httpx.Response:
        proof = self._assertion() if self._key else {}
        basic = httpx.BasicAuth(
            *map(quote_plus, (self._config.client_id, self._config.client_secret))
        )  # RFC 6749, 2.3.1
        return await self._outside.call(
            "POST", url, data={**form, **proof}, accept=accept, auth=None if self._key else basic, idempotent=False
        )

    def _assertion(self) -> dict[str, str]:
        """`private_key_jwt`, made anew each time: a `jti` is for one use."""
        now = int(time.time())
        claims = {
            "iss": self._config.client_id,
            "sub": self._config.client_id,
            "aud": self._config.token_endpoint,
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
            "jti": str(uuid4()),
        }
        assert self._key is not None  # noqa: S101 - asked by the only caller
        token = jwt.encode({"alg": "RS256", "kid": self._config.kid}, claims, self._key, algorithms=["RS256"])
        return {"client_id": self._config.client_id, "client_assertion_type": ASSERTION_TYPE, "client_assertion": token}


def _returned_code(pending: PendingConsent, callback: Mapping[str, str]) -> str:
    if not hmac.compare_digest(callback.get("state", "").encode(errors="replace"), pending.state.encode()):
        raise ConsentFailed(SYSTEM, "wrong_state")
    if callback.get("error") == "access_denied":
        raise ConsentCancelled(SYSTEM, "access_denied")
    if "error" in callback:
        known = callback["error"].replace("_", "").isalpha() and len(callback["error"]) <= 60
        raise ConsentFailed(SYSTEM, callback["error"] if known else "unknown_error")
    if not callback.get("code"):
        raise ConsentFailed(SYSTEM, "missing_code")
    return callback["code"]
