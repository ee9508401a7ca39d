"""What makes one provider differ from another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.text import Text
from app.simulators.settings import ClientRegistration


@dataclass(frozen=True)
class TestLogin:
    """A person to sign in as. `subject` None: a new `sub` at every login, as in the Finnish Trust Network."""

    key: str
    name: str
    about: Text
    hint: str
    subject: str | None
    claims: Mapping[str, Any]


@dataclass(frozen=True)
class Provider:
    """`name` prefixes its records in the store and chooses its texts; `issuer` is also its base address."""

    name: str
    issuer: str
    clients: Mapping[str, ClientRegistration]
    logins: tuple[TestLogin, ...]
    acr_values: tuple[str, ...]

    def login(self, key: str) -> TestLogin | None:
        return next((login for login in self.logins if login.key == key), None)

    def kind(self, what: str) -> str:
        """The store's kind for this provider's records of `what`."""
        return f"{self.name}/{what}"

    def metadata(self) -> dict[str, Any]:
        """The discovery document (OpenID Connect Discovery 1.0, 3)."""
        claims = {name for login in self.logins for name in login.claims}
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/logout",
            "jwks_uri": f"{self.issuer}/jwks",
            "scopes_supported": ["openid", "profile"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "claims_parameter_supported": False,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
            "acr_values_supported": list(self.acr_values),
            "ui_locales_supported": ["fi", "sv", "en"],
            "claims_supported": sorted({"sub", "acr", "auth_time", "sid"} | claims),
        }
