"""How the window is known to one identification service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.integrations.http import CALL_SECONDS

LONGEST_SERVICE_NAME = 40


@dataclass(frozen=True)
class ClientConfig:
    """How the window is known to one provider.

    `system` is the provider's short name in errors and logs. `private_key` is a JWK or a PEM; it signs, under the
    name `kid`. `acr_values` are the levels of assurance that are accepted, best first. `sends_id_token_hint`: whether
    signing out passes the id_token in the address; only for providers that insist and keep the identity code out of it
    (they tell it by userinfo).

    In the Finnish Trust Network (Traficom's recommendation 213) messages are signed and encrypted both ways:
    `signs_requests` sends the request as a signed request object (RFC 9101), with `service_name` as what the provider
    shows to the person (`ftn_spname`, 40 characters at most). `decryption_keys` (JWKs) open what the provider encrypts
    for us; `requires_encryption` refuses what comes open. `reads_userinfo` asks the userinfo endpoint for claims too.
    """

    system: str
    issuer: str
    client_id: str
    private_key: str | Mapping[str, Any] = field(repr=False)
    kid: str
    acr_values: tuple[str, ...] = ()
    scope: str = "openid profile"
    sends_id_token_hint: bool = False
    seconds: float = CALL_SECONDS
    signs_requests: bool = False
    service_name: str = ""
    decryption_keys: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    requires_encryption: bool = False
    reads_userinfo: bool = False

    def __post_init__(self) -> None:
        if len(self.service_name) > LONGEST_SERVICE_NAME:
            raise ValueError(f"{self.system}: the service name is longer than {LONGEST_SERVICE_NAME} characters")
        if self.requires_encryption and not self.decryption_keys:
            raise ValueError(f"{self.system}: encryption is required, but there is no key to decrypt with")
