"""Resident sign-in at Suomi.fi e-Identification or a broker of the Finnish Trust Network."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.integrations.oidc import ClientConfig, RelyingParty, SignedIn
from app.integrations.sign_in import SignInRefused
from app.integrations.suomifi.identification.port import Identity

# Everything else means non-disclosure: a value that we don't know must not reveal where somebody lives.
_NO_NON_DISCLOSURE = (None, "", "0", 0, False, "false")


@dataclass(frozen=True)
class ClaimNames:
    """Names of the claims, as they vary between providers.

    Default: the attribute identifiers of Suomi.fi e-Identification's SAML profile, which the brokers of the Finnish
    Trust Network use in OpenID Connect too. The names of Suomi.fi's own OpenID Connect interface are not published.
    """

    identity_code: str = "urn:oid:1.2.246.21"
    given_name: str = "urn:oid:2.5.4.42"
    first_names: str = "http://eidas.europa.eu/attributes/naturalperson/CurrentGivenName"
    family_name: str = "urn:oid:2.5.4.4"
    municipality: str = "urn:oid:1.2.246.517.2002.2.18"
    non_disclosure: str = "urn:oid:1.2.246.517.2002.2.27"


class SuomifiIdentification(RelyingParty[Identity]):
    """Implements the port `Identification`."""

    def __init__(self, config: ClientConfig, names: ClaimNames | None = None) -> None:
        super().__init__(config, lambda signed_in: _identity(signed_in, names or ClaimNames()))


def _identity(signed_in: SignedIn, names: ClaimNames) -> Identity:
    claims = signed_in.claims
    identity_code = claims.get(names.identity_code)
    if not isinstance(identity_code, str) or not identity_code:
        raise SignInRefused("no_identity_code")
    non_disclosure = claims.get(names.non_disclosure) not in _NO_NON_DISCLOSURE
    return Identity(
        identity_code=identity_code,
        given_name=_words(claims, names.given_name),
        first_names=_words(claims, names.first_names),
        family_name=_words(claims, names.family_name),
        acr=_words(claims, "acr"),
        municipality=None if non_disclosure else _words(claims, names.municipality) or None,
        non_disclosure=non_disclosure,
        provider_session=_words(claims, "sid") or None,
        id_token=signed_in.id_token,
    )


def _words(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""
