"""OpenID Connect relying party: authorization code, PKCE (S256) and `private_key_jwt`; where the provider wants it,
signed requests and encrypted answers as in the Finnish Trust Network; back-channel logout.

Authlib builds the requests and exchanges the code, joserfc checks the tokens. No token, code or claim is logged.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from app.domain.text import Language
from app.integrations.budget import budget
from app.integrations.client_config import ClientConfig
from app.integrations.http import OutsideClient
from app.integrations.id_token import ExpectedToken, check_id_token
from app.integrations.logout_token import LoggedOut, LogoutRefused, check_logout_token
from app.integrations.provider_metadata import ProviderMetadata
from app.integrations.request_object import signed_request
from app.integrations.sealed_token import CannotOpen, SealedTokens
from app.integrations.sign_in import PendingSignIn, SignInRefused, SignInRequest, new_pending
from app.integrations.token_endpoint import TokenEndpoint, Tokens, ended
from app.integrations.userinfo import Userinfo
from app.integrations.watch import NO_WATCH, Watch

__all__ = ["ClientConfig", "RelyingParty", "SignedIn"]


@dataclass(frozen=True)
class SignedIn:
    """The checked claims of a sign-in, and the signed (no longer encrypted) id_token that they came in."""

    claims: Mapping[str, Any] = field(repr=False)
    id_token: str = field(repr=False)


T = TypeVar("T")


class RelyingParty(Generic[T]):
    """Signs people in at one provider. Long-lived: it keeps connections, the provider's metadata and keys.

    `read` makes the identity of checked claims; it may raise SignInRefused.
    """

    def __init__(self, config: ClientConfig, read: Callable[[SignedIn], T], watch: Watch = NO_WATCH) -> None:
        self._config = config
        self._read = read
        self._outside = OutsideClient(config.system, "", seconds=config.seconds, watch=watch)
        self._provider = ProviderMetadata(self._outside, config.issuer)
        key = config.private_key
        self._key = RSAKey.import_key(key if isinstance(key, str) else dict(key))
        self._sealed = SealedTokens(config.decryption_keys, required=config.requires_encryption)
        self._tokens = TokenEndpoint(config, self._key, self._outside)
        self._userinfo = Userinfo(config, self._outside, self._provider, self._sealed)

    async def close(self) -> None:
        await self._outside.close()
        await self._tokens.close()

    async def probe(self) -> None:
        """See `Ports.of`: the provider's metadata, asked for anew."""
        await self._provider.ask()

    async def begin(self, *, redirect_uri: str, language: Language) -> SignInRequest:
        """Where to send the browser. Raises Unavailable, Rejected."""
        return await self._request(new_pending(redirect_uri), language)

    async def _request(self, pending: PendingSignIn, language: Language, **more: str) -> SignInRequest:
        """The request for `pending`; `more` is what it asks beside the usual, or instead of it."""
        endpoint = await self._provider.endpoint("authorization_endpoint")
        acr = {"acr_values": " ".join(self._config.acr_values)} if self._config.acr_values else {}
        query = self._tokens.authorization_parameters(pending, **{"ui_locales": language, **acr, **more})
        if self._config.signs_requests:
            query = signed_request(self._config, self._key, query)
        return SignInRequest(_with_query(endpoint, query), pending)

    async def finish(self, pending: PendingSignIn, callback: Mapping[str, str]) -> T:
        """The person behind the browser's return, from its query parameters.

        Raises SignInCancelled, SignInRefused, Unavailable, Rejected. A pending sign-in must not be tried twice.
        """
        with budget(self._config.seconds):  # metadata, code, keys and userinfo together
            code = await self._returned_code(pending, callback)
            tokens = await self._tokens.exchange(await self._provider.endpoint("token_endpoint"), code, pending)
            return self._read(await self._checked(tokens, pending))

    async def sign_out_url(self, *, id_token: str, return_to: str) -> str:
        """Where to send the browser so that the provider's session ends too. Raises Unavailable, Rejected."""
        endpoint = await self._provider.endpoint("end_session_endpoint")
        values = {"client_id": self._config.client_id, "post_logout_redirect_uri": return_to}
        return _with_query(endpoint, values | self._session_hint(id_token))

    async def logged_out(self, logout_token: str) -> LoggedOut:
        """What a logout token says that the provider has sent to us. Raises LogoutRefused, Unavailable, Rejected."""
        try:
            signed = self._sealed.open(logout_token)
        except CannotOpen:
            raise LogoutRefused("bad_encryption") from None
        with budget(self._config.seconds):
            return await check_logout_token(signed, self._provider, self._config.issuer, self._config.client_id)

    async def _checked(self, tokens: Tokens, pending: PendingSignIn) -> SignedIn:
        try:
            id_token = self._sealed.open(tokens.id_token)
        except CannotOpen:
            raise SignInRefused("bad_encryption") from None
        expected = ExpectedToken(self._config.issuer, self._config.client_id, pending.nonce, self._config.acr_values)
        claims = await check_id_token(id_token, self._provider, expected)
        if self._config.reads_userinfo:  # the id_token's own claims were checked, so they win
            claims = {**await self._userinfo.read(tokens.access_token, str(claims["sub"])), **claims}
        return SignedIn(claims, id_token)

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
            raise ended(callback["error"])
        if not callback.get("code"):
            raise SignInRefused("missing_code")
        return callback["code"]


def _with_query(endpoint: str, values: Mapping[str, str]) -> str:
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(values)}"


def _unchecked_claims(id_token: str) -> Mapping[str, Any]:
    """Claims of a token that we checked when it came; an unreadable one has none."""
    try:
        claims = json.loads(jws.extract_compact(id_token.encode()).payload)
    except (JoseError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
