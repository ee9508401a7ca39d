"""Signed request objects (RFC 9101; OpenID Connect Core, 6.1), as the Finnish Trust Network uses them."""

import time
from collections.abc import Mapping
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.simulators.incoming import BadInput, parse_json
from app.simulators.openid_provider.provider import Provider
from app.simulators.store import Store

LONGEST_SECONDS = 600
_LEEWAY_SECONDS = 10
_TYPES = {"", "jwt", "oauth-authz-req+jwt", "application/oauth-authz-req+jwt"}
LONGEST_SERVICE_NAME = 40


class BadRequestObject(Exception):
    """`invalid_request_object`; the text is for the developer of the client."""


def claimed_parameters(asked: Mapping[str, str]) -> dict[str, str]:
    """The parameters that count: with a request object only what is in it (RFC 9101, 6.3), not yet verified.

    They may be used to find where an error can go: only a registered address is ever used.
    """
    if "request" not in asked:
        return dict(asked)
    try:
        inside = parse_json(jws.extract_compact(asked["request"].encode()).payload)
    except (JoseError, ValueError, RecursionError, BadInput):
        return dict(asked)
    if not isinstance(inside, dict):
        return dict(asked)
    texts = {str(name): value for name, value in inside.items() if isinstance(value, str) and value}
    return {**texts, "client_id": asked.get("client_id", "")}


def check_request_object(provider: Provider, store: Store, asked: Mapping[str, str]) -> None:
    """The signature of the object in `asked`, whose it is, how long it lives. Raises BadRequestObject."""
    claims = _verified(provider, asked["client_id"], asked["request"])
    if claims.get("client_id", asked["client_id"]) != asked["client_id"]:
        raise BadRequestObject("client_id inside and outside must be the same")
    if asked.get("response_type", claims.get("response_type")) != claims.get("response_type"):
        raise BadRequestObject("response_type inside and outside must be the same")
    if {"request", "request_uri"} & claims.keys():
        raise BadRequestObject("a request object must not contain another")
    if len(str(claims.get("ftn_spname", ""))) > LONGEST_SERVICE_NAME:
        raise BadRequestObject(f"ftn_spname may have {LONGEST_SERVICE_NAME} characters at most")
    _use_once(provider, store, asked["client_id"], claims)


def _verified(provider: Provider, client_id: str, request: str) -> dict[str, Any]:
    expected = jwt.JWTClaimsRegistry(
        leeway=_LEEWAY_SECONDS,
        iss={"essential": True, "value": client_id},
        aud={"essential": True, "value": provider.issuer},
        exp={"essential": True},
        jti={"essential": True},
    )
    try:
        keys = KeySet.import_key_set({"keys": provider.signing_keys(client_id)})
        token = jwt.decode(request, keys, algorithms=["RS256"])
        expected.validate(token.claims)
    except (JoseError, ValueError) as error:
        raise BadRequestObject(f"request: {error}") from error
    if str(token.header.get("typ", "")).lower() not in _TYPES:
        raise BadRequestObject("typ must be oauth-authz-req+jwt")
    return token.claims


def _use_once(provider: Provider, store: Store, client_id: str, claims: Mapping[str, Any]) -> None:
    left = claims["exp"] - time.time()
    if left > LONGEST_SECONDS + _LEEWAY_SECONDS:
        raise BadRequestObject(f"a request object may live {LONGEST_SECONDS} seconds at most")
    kept = left + 2 * _LEEWAY_SECONDS
    if store.add(provider.kind("request-jti"), f"{client_id}/{claims['jti']}", True, seconds=kept) is None:
        raise BadRequestObject("the request object has been used")
