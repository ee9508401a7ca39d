"""OpenID Connect relying party: authorization code, PKCE (S256) and `private_key_jwt`.

Authlib builds the requests and exchanges the code, joserfc checks the id_token. No token, code or claim is logged.
"""

import hmac
import json
import re
import secrets
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import httpx
from authlib import deprecate as authlib_deprecate
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from app.domain.text import Language
from app.integrations.http import CALL_SECONDS, OutsideClient, Rejected, Unavailable, within
from app.integrations.id_token import ExpectedToken, check_id_token
from app.integrations.provider_metadata import ProviderMetadata
from app.integrations.sign_in import PendingSignIn, SignInCancelled, SignInRefused, SignInRequest

with warnings.catch_warnings():
    # Authlib prefers httpx2 and says so at import; httpx is what the rest of the window uses.
    warnings.simplefilter("ignore", authlib_deprecate.AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuthError

ASSERTION_SECONDS = 600
_CANCELLED = {"access_denied", "cancel"}
_ERROR_CODE = re.compile(r"[a-z_]{1,60}")


@dataclass(frozen=True)
class ClientConfig:
    """How the window is known to one provider.

    `system` is the provider's short name in errors and logs. `private_key` is a JWK or a PEM; `acr_values` are the
    levels of assurance that are accepted, best first. `sends_id_token_hint`: whether signing out passes the id_token
    in the address. It holds the identity code, so this is only for providers that insist and encrypt it.
    """

    system: str
    issuer: str
    client_id: str
    private_key: str | Mapping[str, Any] = field(repr=False)
    kid: str
    acr_values: tuple[str, ...] = ()
    scope: str = "openid profile"
    sends_id_token_hint: bool = False
    seconds: float = CALL_SECONDS


@dataclass(frozen=True)
class SignedIn:
    """A checked id_token and its claims."""

    claims: Mapping[str, Any] = field(repr=False)
    id_token: str = field(repr=False)


T = TypeVar("T")


class RelyingParty(Generic[T]):
    """Signs people in at one provider. Long-lived: it keeps connections, the provider's metadata and keys.

    `read` makes the identity of a checked id_token; it may raise SignInRefused.
    """

    def __init__(self, config: ClientConfig, read: Callable[[SignedIn], T]) -> None:
        self._config = config
        self._read = read
        self._outside = OutsideClient(config.system, "", seconds=config.seconds)
        self._provider = ProviderMetadata(self._outside, config.issuer)
        key = config.private_key
        self._key = RSAKey.import_key(key if isinstance(key, str) else dict(key))
        self._oauth = AsyncOAuth2Client(
            config.client_id,
            self._key,
            scope=config.scope,
            timeout=config.seconds,
            code_challenge_method="S256",
        )
        self._oauth.register_compliance_hook("access_token_response", self._readable)

    async def close(self) -> None:
        await self._outside.close()
        await self._oauth.aclose()

    async def begin(self, *, redirect_uri: str, language: Language) -> SignInRequest:
        """Where to send the browser. Raises Unavailable, Rejected."""
        endpoint = await self._provider.endpoint("authorization_endpoint")
        pending = PendingSignIn(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            code_verifier=secrets.token_urlsafe(48),
            redirect_uri=redirect_uri,
        )
        acr = {"acr_values": " ".join(self._config.acr_values)} if self._config.acr_values else {}
        url, _ = self._oauth.create_authorization_url(
            endpoint,
            state=pending.state,
            code_verifier=pending.code_verifier,
            redirect_uri=redirect_uri,
            nonce=pending.nonce,
            ui_locales=language,
            **acr,
        )
        return SignInRequest(str(url), pending)

    async def finish(self, pending: PendingSignIn, callback: Mapping[str, str]) -> T:
        """The person behind the browser's return, from its query parameters.

        Raises SignInCancelled, SignInRefused, Unavailable, Rejected. A pending sign-in must not be tried twice.
        """
        expected = ExpectedToken(self._config.issuer, self._config.client_id, pending.nonce, self._config.acr_values)
        async with within(self._config.system, self._config.seconds):  # metadata, code and keys together
            code = await self._returned_code(pending, callback)
            id_token = await self._exchange(code, pending)
            return self._read(SignedIn(await check_id_token(id_token, self._provider, expected), id_token))

    async def sign_out_url(self, *, id_token: str, return_to: str) -> str:
        """Where to send the browser so that the provider's session ends too. Raises Unavailable, Rejected."""
        endpoint = await self._provider.endpoint("end_session_endpoint")
        values = {"client_id": self._config.client_id, "post_logout_redirect_uri": return_to}
        values |= self._session_hint(id_token)
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(values)}"

    def _session_hint(self, id_token: str) -> dict[str, str]:
        if self._config.sends_id_token_hint:
            return {"id_token_hint": id_token}
        sid = _unchecked_claims(id_token).get("sid")
        return {"logout_hint": str(sid)} if sid else {}

    async def _returned_code(self, pending: PendingSignIn, callback: Mapping[str, str]) -> str:
        if not hmac.compare_digest(callback.get("state", "").encode(errors="replace"), pending.state.encode()):
            raise SignInRefused("wrong_state")
        issuer = callback.get("iss")
        if issuer is None and await self._provider.names_issuer():
            raise SignInRefused("missing_issuer")
        if issuer not in (None, self._config.issuer):
            raise SignInRefused("wrong_issuer")
        if "error" in callback:
            raise _ended(callback["error"])
        if not callback.get("code"):
            raise SignInRefused("missing_code")
        return callback["code"]

    async def _exchange(self, code: str, pending: PendingSignIn) -> str:
        endpoint = await self._provider.endpoint("token_endpoint")
        try:
            answer = await self._oauth.fetch_token(
                endpoint,
                grant_type="authorization_code",
                code=code,
                redirect_uri=pending.redirect_uri,
                code_verifier=pending.code_verifier,
                auth=self._oauth.client_auth(self._assertion(endpoint)),
            )
        except OAuthError as error:
            raise _ended(str(error.error)) from None  # its message may repeat what the provider said
        except httpx.HTTPError as error:
            raise Unavailable(self._config.system, type(error).__name__) from error
        id_token = answer.get("id_token")
        if not isinstance(id_token, str):
            raise Unavailable(self._config.system, "no id_token")
        return id_token

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
        return answer


def _ended(error: str) -> SignInCancelled | SignInRefused:
    if error in _CANCELLED:
        return SignInCancelled()
    return SignInRefused(error if _ERROR_CODE.fullmatch(error) else "unknown_error")


def _unchecked_claims(id_token: str) -> Mapping[str, Any]:
    """Claims of a token that we checked when it came; an encrypted or unreadable one has none."""
    try:
        claims = json.loads(jws.extract_compact(id_token.encode()).payload)
    except (JoseError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
