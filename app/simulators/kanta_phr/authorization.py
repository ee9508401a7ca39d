"""Checking a consent request (RFC 6749, 4.1.1; RFC 7636; SMART App Launch)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.text import Language
from app.simulators.openid_provider.authorization import AuthorizationRefused, UntrustedClient, chosen_language
from app.simulators.settings import PhrClient

PATIENT_CONTEXT = "launch/patient"  # SMART: "tell me whose record it is", which is told in any case
_S256_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class ConsentAsked:
    """A request that passed; kept until the person has answered."""

    client_id: str
    redirect_uri: str
    state: str
    scopes: str
    challenge: str
    language: Language


def check_return(client: PhrClient, asked: Mapping[str, str]) -> str:
    """Where the answer may go. Raises UntrustedClient: the browser must not be sent anywhere."""
    if asked.get("client_id") != client.client_id or asked.get("redirect_uri") not in client.redirect_uris:
        raise UntrustedClient
    return asked["redirect_uri"]


def check_request(client: PhrClient, base: str, asked: Mapping[str, str]) -> ConsentAsked:
    """The rest of the request. Raises AuthorizationRefused with the error code of the specification."""
    if asked.get("response_type") != "code":
        error = "unsupported_response_type" if "response_type" in asked else "invalid_request"
        raise AuthorizationRefused(error, "response_type must be code")
    if "state" not in asked:
        raise AuthorizationRefused("invalid_request", "state is required")
    if asked.get("code_challenge_method") != "S256" or not _S256_CHALLENGE.fullmatch(asked.get("code_challenge", "")):
        raise AuthorizationRefused("invalid_request", "a code_challenge of the method S256 is required")
    if asked.get("aud", base).rstrip("/") != base:
        raise AuthorizationRefused("invalid_request", "aud must be the address of this record")
    scopes = dict.fromkeys(asked.get("scope", "").split())
    if not scopes or not set(scopes) <= {*client.scopes, PATIENT_CONTEXT}:
        raise AuthorizationRefused("invalid_scope", "scope is missing, or more than the client is registered for")
    return ConsentAsked(
        client_id=client.client_id,
        redirect_uri=asked["redirect_uri"],
        state=asked["state"],
        scopes=" ".join(scopes),
        challenge=asked["code_challenge"],
        language=chosen_language(asked.get("ui_locales", "")),
    )
