"""Client authentication by `private_key_jwt` (RFC 7523; OpenID Connect Core, 9)."""

import time
from collections.abc import Mapping
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.simulators.incoming import BadInput, parse_json
from app.simulators.openid_provider.provider import Provider
from app.simulators.store import Store

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_SECONDS = 3600
_LEEWAY_SECONDS = 10


class TokenRefused(Exception):
    """The token endpoint's error answer (RFC 6749, 5.2)."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


def authenticate_client(provider: Provider, store: Store, form: Mapping[str, str]) -> str:
    """The id of the client that signed the assertion. Raises TokenRefused (`invalid_client`)."""
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise _refused("client_assertion_type must be that of a JWT bearer")
    assertion = form.get("client_assertion", "")
    client_id = _claimed_client(assertion)
    if client_id not in provider.clients or form.get("client_id", client_id) != client_id:
        raise _refused("unknown client")
    claims = _verified_claims(provider, client_id, assertion)
    _use_once(provider, store, client_id, claims)
    return client_id


def _claimed_client(assertion: str) -> str:
    try:
        claims = parse_json(jws.extract_compact(assertion.encode()).payload)
    except (JoseError, ValueError, RecursionError, BadInput) as error:
        raise _refused("client_assertion is not a JWT") from error
    subject = claims.get("sub") if isinstance(claims, dict) else None
    return subject if isinstance(subject, str) else ""


def _verified_claims(provider: Provider, client_id: str, assertion: str) -> dict[str, Any]:
    expected = jwt.JWTClaimsRegistry(
        leeway=_LEEWAY_SECONDS,
        iss={"essential": True, "value": client_id},
        sub={"essential": True, "value": client_id},
        aud={"essential": True, "values": [f"{provider.issuer}/token", provider.issuer]},
        exp={"essential": True},
        jti={"essential": True},
    )
    try:
        keys = KeySet.import_key_set({"keys": provider.signing_keys(client_id)})
        claims = jwt.decode(assertion, keys, algorithms=["RS256"]).claims
        expected.validate(claims)
    except (JoseError, ValueError) as error:
        raise _refused(f"client_assertion: {error}") from error
    return claims


def _use_once(provider: Provider, store: Store, client_id: str, claims: Mapping[str, Any]) -> None:
    left = claims["exp"] - time.time()
    if left > LONGEST_SECONDS + _LEEWAY_SECONDS:
        raise _refused(f"client_assertion may live {LONGEST_SECONDS} seconds at most")
    kept = left + 2 * _LEEWAY_SECONDS
    if store.add(provider.kind("jti"), f"{client_id}/{claims['jti']}", True, seconds=kept) is None:
        raise _refused("client_assertion has been used")


def _refused(description: str) -> TokenRefused:
    return TokenRefused("invalid_client", description, status=401)
