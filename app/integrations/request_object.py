"""The authorization request as a signed request object (RFC 9101), in the manner of the Finnish Trust Network."""

import secrets
import time
from collections.abc import Mapping

from joserfc import jwt
from joserfc.jwk import RSAKey

from app.integrations.client_config import ClientConfig

LIVES_SECONDS = 600  # the longest that providers of the Finnish Trust Network accept


def signed_request(config: ClientConfig, key: RSAKey, parameters: Mapping[str, str]) -> dict[str, str]:
    """The query that carries `parameters` (state, nonce and PKCE challenge among them) inside a signed object.

    What stands outside is what OpenID Connect Core, 6.1 asks for beside it: nothing there can be changed on the way.
    """
    now = int(time.time())
    protocol: dict[str, object] = {
        "iss": config.client_id,
        "aud": config.issuer,
        "iat": now,
        "nbf": now - 5,  # clocks differ by seconds
        "exp": now + LIVES_SECONDS - 5,
        "jti": secrets.token_urlsafe(24),
    }
    name = {"ftn_spname": config.service_name} if config.service_name else {}
    header = {"alg": "RS256", "kid": config.kid, "typ": "oauth-authz-req+jwt"}
    request = jwt.encode(header, {**parameters, **name, **protocol}, key, algorithms=["RS256"])
    outside = {name: parameters[name] for name in ("client_id", "response_type", "scope")}
    return {**outside, "request": request}
