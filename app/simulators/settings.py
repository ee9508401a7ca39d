"""What the simulators' process is told from outside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ClientRegistration:
    """One service that may sign people in: exact addresses it may be returned to, and its public keys."""

    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    jwks: Mapping[str, Any]


@dataclass(frozen=True)
class ClaimNames:
    """Names under which the resident's attributes are sent.

    Default: the attribute identifiers of Suomi.fi e-Identification's SAML profile, which the brokers of the Finnish
    Trust Network use in OpenID Connect too. The names of Suomi.fi's own OpenID Connect interface are not published.
    """

    identity_code: str = "urn:oid:1.2.246.21"
    given_name: str = "urn:oid:2.5.4.42"
    first_names: str = "http://eidas.europa.eu/attributes/naturalperson/CurrentGivenName"
    family_name: str = "urn:oid:2.5.4.4"
    municipality: str = "urn:oid:1.2.246.517.2002.2.18"
    non_disclosure: str = "urn:oid:1.2.246.517.2002.2.27"


@dataclass(frozen=True)
class MessagesAccount:
    """The account that may use Suomi.fi Messages; the password holds until the client changes it."""

    username: str = "asiointi"
    password: str = "demo-secret-not-for-production-use"  # noqa: S105 - a stand-in has no secret to keep


@dataclass(frozen=True)
class SimulatorSettings:
    """`database` is the simulators' own SQLite file, `public_url` the address that browsers and clients use."""

    database: Path
    public_url: str
    clients: Mapping[str, ClientRegistration]
    claim_names: ClaimNames = field(default_factory=ClaimNames)
    messages: MessagesAccount = field(default_factory=MessagesAccount)
