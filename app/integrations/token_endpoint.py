"""The token endpoint: a code becomes tokens, with `private_key_jwt` (RFC 7523) as proof of who asks."""

import re
import time
import warnings
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from authlib import deprecate as authlib_deprecate
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import RSAKey
from pydantic import BaseModel, ConfigDict, ValidationError

from app.integrations.client_config import ClientConfig
from app.integrations.http import OutsideClient, Rejected, Unavailable, correlation_id
from app.integrations.sign_in import PendingSignIn, SignInCancelled, SignInRefused

with warnings.catch_warnings():
    # Authlib prefers httpx2 and says so at import; httpx is what the rest of the window uses.
    warnings.simplefilter("ignore", authlib_deprecate.AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuthError

ASSERTION_SECONDS = 600
_CANCELLED = {"access_denied", "cancel"}
_ERROR_CODE = re.compile(r"[a-z_]{1,60}")


class _Granted(BaseModel):
    """What a successful answer must hold (RFC 6749, 5.1)."""

    access_token: str
    token_type: str
    expires_in: int | None = None
    expires_at: int | None = None


class Tokens(BaseModel):
    """What the endpoint answered, as far as we need it."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id_token: str
    access_token: str


class TokenEndpoint:
    """Authlib's client: it makes the parameters of authorization requests and exchanges their codes."""

    def __init__(self, config: ClientConfig, key: RSAKey, outside: OutsideClient) -> None:
        self._config = config
        self._outside = outside
        self._oauth = AsyncOAuth2Client(
            config.client_id,
            key,
            scope=config.scope,
            timeout=config.seconds,
            code_challenge_method="S256",
            event_hooks={"request": [_name_request]},
        )
        self._oauth.register_compliance_hook("access_token_response", self._readable)

    async def close(self) -> None:
        await self._oauth.aclose()

    def authorization_parameters(self, pending: PendingSignIn, **more: str) -> dict[str, str]:
        """The parameters of an authorization request with PKCE (S256)."""
        url, _ = self._oauth.create_authorization_url(
            "",
            state=pending.state,
            code_verifier=pending.code_verifier,
            redirect_uri=pending.redirect_uri,
            nonce=pending.nonce,
            **more,
        )
        return dict(parse_qsl(urlsplit(str(url)).query))

    async def exchange(self, endpoint: str, code: str, pending: PendingSignIn) -> Tokens:
        """The tokens for a code, asked for once. Raises SignInCancelled, SignInRefused, Unavailable, Rejected."""
        async with self._outside.gate.passing(self._config.seconds):
            answer = await self._answer(endpoint, code, pending)
        if not isinstance(answer, dict):
            raise answer
        try:
            return Tokens.model_validate(dict(answer))
        except ValidationError:
            raise Unavailable(self._config.system, "no id_token") from None

    async def _answer(
        self, endpoint: str, code: str, pending: PendingSignIn
    ) -> dict[str, Any] | SignInCancelled | SignInRefused:
        """A refusal is an answer too; its message may repeat what the provider said, so only its code is kept."""
        try:
            return await self._fetch(endpoint, code, pending)
        except OAuthError as error:
            return ended(str(error.error))

    async def _fetch(self, endpoint: str, code: str, pending: PendingSignIn) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = await self._oauth.fetch_token(
                endpoint,
                grant_type="authorization_code",
                code=code,
                redirect_uri=pending.redirect_uri,
                code_verifier=pending.code_verifier,
                auth=self._oauth.client_auth(self._assertion(endpoint)),
            )
        except httpx.HTTPError as error:
            raise Unavailable(self._config.system, type(error).__name__) from error
        return answer

    def _assertion(self, endpoint: str) -> PrivateKeyJWT:
        # Made anew each time: Authlib writes the jti, which is for one use, into the claims it is given.
        claims = {"exp": int(time.time()) + ASSERTION_SECONDS}
        return PrivateKeyJWT(endpoint, claims=claims, headers={"kid": self._config.kid})

    def _readable(self, answer: httpx.Response) -> httpx.Response:
        """Sort out answers that are none, before Authlib reads the body."""
        system = self._config.system
        if answer.status_code >= 500 or answer.status_code == 429:
            raise Unavailable(system, f"HTTP {answer.status_code}")
        body = self._outside.json(answer)
        if not isinstance(body, dict):
            raise Unavailable(system, "malformed body")
        if not answer.is_success and "error" not in body:
            raise Rejected(system, f"HTTP {answer.status_code}", status=answer.status_code, body=body)
        if answer.is_success:
            self._outside.check(answer, _Granted)  # Authlib trips over numbers that are none
        return answer


async def _name_request(request: httpx.Request) -> None:
    request.headers["X-Correlation-Id"] = correlation_id()


def ended(error: str) -> SignInCancelled | SignInRefused:
    """The ending that a provider's error code stands for."""
    if error in _CANCELLED:
        return SignInCancelled()
    return SignInRefused(error if _ERROR_CODE.fullmatch(error) else "unknown_error")
