"""Checking an id_token (OpenID Connect Core 3.1.3.7)."""

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError

from app.integrations.provider_metadata import ProviderMetadata
from app.integrations.sign_in import SignInRefused
from app.integrations.signed_token import LEEWAY_SECONDS, BadSignature, verified

OLDEST_SECONDS = 600  # a token of an answer that has just come is new; an older one was kept by somebody


@dataclass(frozen=True)
class ExpectedToken:
    """What the token must say; an empty `acr_values` accepts every level of assurance."""

    issuer: str
    client_id: str
    nonce: str = field(repr=False)
    acr_values: tuple[str, ...] = ()


async def check_id_token(id_token: str, provider: ProviderMetadata, expected: ExpectedToken) -> Mapping[str, Any]:
    """The token's claims. Raises SignInRefused; Unavailable or Rejected where the keys can't be had."""
    claims = await _verified(id_token, provider)
    _check_claims(claims, expected)
    if not hmac.compare_digest(str(claims["nonce"]).encode(), expected.nonce.encode()):
        raise SignInRefused("wrong_nonce")
    if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != expected.client_id:
        raise SignInRefused("wrong_azp")
    if claims["iat"] < time.time() - OLDEST_SECONDS:
        raise SignInRefused("old_token")
    if expected.acr_values and claims.get("acr") not in expected.acr_values:
        raise SignInRefused("wrong_acr")
    return claims


async def _verified(id_token: str, provider: ProviderMetadata) -> dict[str, Any]:
    try:
        return (await verified(id_token, provider)).claims
    except BadSignature:
        raise SignInRefused("bad_signature") from None


def _check_claims(claims: dict[str, Any], expected: ExpectedToken) -> None:
    registry = jwt.JWTClaimsRegistry(
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True},
    )
    try:
        registry.validate(claims)
    except JoseError as error:
        raise SignInRefused(f"bad_claims_{error.error}") from None
