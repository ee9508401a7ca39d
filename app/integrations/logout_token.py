"""Checking a logout token (OpenID Connect Back-Channel Logout 1.0, 2.6): the provider says that a session has ended."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError

from app.integrations.provider_metadata import ProviderMetadata
from app.integrations.signed_token import LEEWAY_SECONDS, BadSignature, verified

EVENT = "http://schemas.openid.net/event/backchannel-logout"
OLDEST_SECONDS = 600  # what is told once must be remembered only for so long
_LONGEST_NAME = 255
_TYPES = {"logout+jwt", "application/logout+jwt"}


class LogoutRefused(Exception):
    """The token can't be trusted or says nothing; `reason` is a short code that may be logged."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class LoggedOut:
    """What ended at `issuer`: the session `sid`, or all sessions of `sub` where it names no session.

    `jti` names this message; it may be acted on once.
    """

    issuer: str
    sid: str | None
    sub: str | None = field(repr=False)
    jti: str


async def check_logout_token(token: str, provider: ProviderMetadata, issuer: str, client_id: str) -> LoggedOut:
    """What a signed (and no longer encrypted) token says.

    Raises LogoutRefused; Unavailable or Rejected where the provider's keys can't be had.
    """
    try:
        found = await verified(token, provider)
    except BadSignature:
        raise LogoutRefused("bad_signature") from None
    # An id_token of the same provider must never do as a logout token, so the type is asked for, not only welcome.
    if str(found.header.get("typ", "")).lower() not in _TYPES:
        raise LogoutRefused("wrong_type")
    _check_claims(found.claims, issuer, client_id)
    sid, sub = _name(found.claims, "sid"), _name(found.claims, "sub")
    if sid is None and sub is None:
        raise LogoutRefused("nobody_named")
    jti = _name(found.claims, "jti")
    if jti is None:
        raise LogoutRefused("bad_claims")
    return LoggedOut(issuer, sid, sub, jti)


def _check_claims(claims: dict[str, Any], issuer: str, client_id: str) -> None:
    registry = jwt.JWTClaimsRegistry(
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        iat={"essential": True},
        exp={"essential": True},
        jti={"essential": True},
    )
    try:
        registry.validate(claims)
    except JoseError:
        raise LogoutRefused("bad_claims") from None
    if claims["iat"] < time.time() - OLDEST_SECONDS:
        raise LogoutRefused("old_token")
    if "nonce" in claims:
        raise LogoutRefused("nonce")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise LogoutRefused("no_event")


def _name(claims: Mapping[str, Any], claim: str) -> str | None:
    """A claim that names something; None where it is absent. Raises LogoutRefused where it can't be a name."""
    value = claims.get(claim)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_NAME or "\0" in value:
        raise LogoutRefused("bad_claims")
    return value
