"""What a provider publishes about itself."""

import time
from typing import Any

from app.simulators.openid_provider.keys import SigningKeys
from app.simulators.openid_provider.provider import Provider
from app.simulators.openid_provider.sealing import CONTENT_ALGORITHMS, KEY_ALGORITHMS

STATEMENT_SECONDS = 24 * 3600


def metadata(provider: Provider) -> dict[str, Any]:
    """The discovery document (OpenID Connect Discovery 1.0, 3)."""
    claims = {name for login in provider.logins for name in login.claims}
    return {
        "issuer": provider.issuer,
        "authorization_endpoint": f"{provider.issuer}/authorize",
        "token_endpoint": f"{provider.issuer}/token",
        "userinfo_endpoint": f"{provider.issuer}/userinfo",
        "end_session_endpoint": f"{provider.issuer}/logout",
        "jwks_uri": f"{provider.issuer}/jwks",
        "signed_jwks_uri": f"{provider.issuer}/signed-jwks",
        "scopes_supported": ["openid", "profile"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": True,
        "request_uri_parameter_supported": False,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "acr_values_supported": list(provider.acr_values),
        "ui_locales_supported": ["fi", "sv", "en"],
        "claims_supported": sorted({"sub", "acr", "auth_time", "sid"} | claims),
        **_algorithms(),
    }


def _algorithms() -> dict[str, list[str]]:
    found = {"request_object_signing_alg_values_supported": ["RS256"]}
    for what in ("id_token", "userinfo"):
        found[f"{what}_signing_alg_values_supported"] = ["RS256"]
        found[f"{what}_encryption_alg_values_supported"] = list(KEY_ALGORITHMS)
        found[f"{what}_encryption_enc_values_supported"] = list(CONTENT_ALGORITHMS)
    return found


def entity_statement(provider: Provider, keys: SigningKeys) -> str:
    """The provider's statement about itself (OpenID Federation 1.0, 3), by which the Finnish Trust Network replaces
    the discovery document. Here one set of keys signs both statements and tokens."""
    now = int(time.time())
    claims = {
        "iss": provider.issuer,
        "sub": provider.issuer,
        "iat": now,
        "exp": now + STATEMENT_SECONDS,
        "jwks": keys.public(),
        "metadata": {"openid_provider": metadata(provider)},
    }
    return keys.sign(claims, typ="entity-statement+jwt")


def signed_keys(provider: Provider, keys: SigningKeys) -> str:
    """The keys as a signed JWK Set (OpenID Federation 1.0, 5.2.1.1)."""
    claims = {"iss": provider.issuer, "sub": provider.issuer, "iat": int(time.time()), **keys.public()}
    return keys.sign(claims, typ="jwk-set+jwt")
