"""Checking an authorization request (OpenID Connect Core 3.1.2.1, RFC 7636, Traficom's recommendation 213)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.text import LANGUAGES, Language
from app.simulators.openid_provider.provider import Provider
from app.simulators.openid_provider.request_object import BadRequestObject, check_request_object
from app.simulators.store import Store

_S256_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_SHORTEST_NONCE = 16
_NOT_SUPPORTED = {
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}


class UntrustedClient(Exception):
    """No registered client at a registered address: the browser must not be sent back (RFC 6749, 4.1.2.1)."""


class AuthorizationRefused(Exception):
    """The browser goes back to the client with this error."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@dataclass(frozen=True)
class Return:
    """Where the answer of a request goes."""

    client_id: str
    redirect_uri: str
    state: str | None


@dataclass(frozen=True)
class Authorization:
    """A request that passed; kept until the person has been picked and the code used.

    `max_age`: the oldest login, in seconds, that the client takes; None: any.
    """

    client_id: str
    redirect_uri: str
    state: str | None
    nonce: str
    challenge: str
    acr_values: Sequence[str]
    language: Language
    max_age: int | None


def check_return(provider: Provider, asked: Mapping[str, str]) -> Return:
    """Who asks and where the answer may go. Raises UntrustedClient."""
    client = provider.clients.get(asked.get("client_id", ""))
    redirect_uri = asked.get("redirect_uri", "")
    if client is None or redirect_uri not in client.redirect_uris:
        raise UntrustedClient
    return Return(asked["client_id"], redirect_uri, asked.get("state"))


def check_signature(provider: Provider, store: Store, asked: Mapping[str, str]) -> None:
    """The request object in what came, where there is or must be one. Raises AuthorizationRefused."""
    if "request" not in asked:
        if provider.clients[asked["client_id"]].requires_request_object:
            raise AuthorizationRefused("invalid_request", "this client must send a signed request object")
        return
    try:
        check_request_object(provider, store, asked)
    except BadRequestObject as bad:
        raise AuthorizationRefused("invalid_request_object", str(bad)) from bad


def check_request(provider: Provider, back: Return, asked: Mapping[str, str]) -> Authorization:
    """The rest of the request. Raises AuthorizationRefused with the error code of the specification."""
    _check_supported(asked)
    _check_challenge(asked)
    nonce = asked.get("nonce", "")
    if len(nonce) < _SHORTEST_NONCE:
        raise AuthorizationRefused("invalid_request", f"nonce of at least {_SHORTEST_NONCE} characters is required")
    return Authorization(
        client_id=back.client_id,
        redirect_uri=back.redirect_uri,
        state=back.state,
        nonce=nonce,
        challenge=asked["code_challenge"],
        acr_values=_known_acr(provider, asked.get("acr_values", "")),
        language=chosen_language(asked.get("ui_locales", "")),
        max_age=_max_age(asked),
    )


def _check_supported(asked: Mapping[str, str]) -> None:
    for name, error in _NOT_SUPPORTED.items():
        if name in asked:
            raise AuthorizationRefused(error, f"{name} is not supported")
    if "response_type" not in asked:
        raise AuthorizationRefused("invalid_request", "response_type is missing")
    if asked["response_type"] != "code":
        raise AuthorizationRefused("unsupported_response_type", "response_type must be code")
    if asked.get("response_mode", "query") != "query":
        raise AuthorizationRefused("invalid_request", "response_mode must be query")
    if "openid" not in asked.get("scope", "").split():
        raise AuthorizationRefused("invalid_scope", "scope must contain openid")
    if "none" in asked.get("prompt", "").split():
        raise AuthorizationRefused("login_required", "nobody is signed in without being asked")


def _check_challenge(asked: Mapping[str, str]) -> None:
    if asked.get("code_challenge_method") != "S256":
        raise AuthorizationRefused("invalid_request", "code_challenge_method must be S256")
    if not _S256_CHALLENGE.fullmatch(asked.get("code_challenge", "")):
        raise AuthorizationRefused("invalid_request", "code_challenge must be the base64url of a SHA-256")


def _known_acr(provider: Provider, wanted: str) -> list[str]:
    known = [value for value in wanted.split() if value in provider.acr_values]
    if wanted.split() and not known:
        raise AuthorizationRefused("invalid_request", "none of acr_values is supported")
    return known


def _max_age(asked: Mapping[str, str]) -> int | None:
    """`prompt=login` asks for a new login as `max_age=0` does."""
    if "login" in asked.get("prompt", "").split():
        return 0
    if "max_age" not in asked:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", asked["max_age"]):
        raise AuthorizationRefused("invalid_request", "max_age must be a whole number of seconds")
    return int(asked["max_age"])


def chosen_language(ui_locales: str) -> Language:
    """The first of the space-separated locales that we have, else Finnish: an unknown locale is no error."""
    wanted = [locale.split("-")[0].lower() for locale in ui_locales.split()]
    return next((language for tag in wanted for language in LANGUAGES if language == tag), "fi")
