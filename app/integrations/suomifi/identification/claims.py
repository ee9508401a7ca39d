"""Under which names the providers of the Finnish Trust Network tell who somebody is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class ClaimNames:
    """Names of the claims, as they vary between providers; an empty name is a claim that the provider doesn't send.

    Default: the attribute identifiers of Suomi.fi e-Identification's SAML profile, which the brokers of the Finnish
    Trust Network use in OpenID Connect too. The names of Suomi.fi's own OpenID Connect interface are not published.
    `foreign_identifier` and `foreign_family_name` are told of people who come by eIDAS, in place of the Finnish ones.
    """

    identity_code: str = "urn:oid:1.2.246.21"
    given_name: str = "urn:oid:2.5.4.42"
    first_names: str = "http://eidas.europa.eu/attributes/naturalperson/CurrentGivenName"
    family_name: str = "urn:oid:2.5.4.4"
    municipality: str = "urn:oid:1.2.246.517.2002.2.18"
    non_disclosure: str = "urn:oid:1.2.246.517.2002.2.27"
    birth_date: str = "http://eidas.europa.eu/attributes/naturalperson/DateOfBirth"
    foreign_identifier: str = "http://eidas.europa.eu/attributes/naturalperson/PersonIdentifier"
    foreign_family_name: str = "http://eidas.europa.eu/attributes/naturalperson/CurrentFamilyName"


SUOMIFI = ClaimNames()
# The brokers tell neither municipality nor non-disclosure, and know only people with a Finnish identity code.
TELIA = ClaimNames(
    given_name="",
    first_names="urn:oid:1.2.246.575.1.14",
    municipality="",
    non_disclosure="",
    birth_date="urn:oid:1.3.6.1.5.5.7.9.1",
    foreign_identifier="",
    foreign_family_name="",
)
OP = ClaimNames(
    identity_code="personal_identity_code",
    given_name="",
    first_names="given_name",
    family_name="family_name",
    municipality="",
    non_disclosure="",
    birth_date="birthdate",
    foreign_identifier="",
    foreign_family_name="",
)
PRESETS: Mapping[str, ClaimNames] = MappingProxyType({"suomifi": SUOMIFI, "telia": TELIA, "op": OP})


def claim_names(preset: str, changed: Mapping[str, str] | None = None) -> ClaimNames:
    """A preset with some names `changed`. Raises ValueError for a preset or a field that there is not."""
    if preset not in PRESETS:
        raise ValueError(f"claim names must be one of {', '.join(PRESETS)}, not {preset!r}")
    try:
        return replace(PRESETS[preset], **(changed or {}))
    except TypeError:
        raise ValueError(f"claim names are {', '.join(ClaimNames.__dataclass_fields__)}") from None


def words(claims: Mapping[str, Any], name: str) -> str:
    """The claim's text; empty where the claim is absent, unnamed, or no text."""
    value = claims.get(name) if name else None
    return value if isinstance(value, str) else ""
