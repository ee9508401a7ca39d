"""Resident sign-in at Suomi.fi e-Identification or a broker of the Finnish Trust Network."""

import re
from collections.abc import Mapping
from typing import Any

from app.integrations.oidc import ClientConfig, RelyingParty, SignedIn
from app.integrations.sign_in import SignInRefused
from app.integrations.suomifi.identification.claims import ClaimNames, words
from app.integrations.suomifi.identification.port import Identity
from app.integrations.watch import NO_WATCH, Watch

__all__ = ["ClaimNames", "SuomifiIdentification"]

# Everything else means non-disclosure: a value that we don't know must not reveal where somebody lives.
_NO_NON_DISCLOSURE = (None, "", "0", 0, False, "false")
_MUNICIPALITY = re.compile(r"[0-9]{3}")


class SuomifiIdentification(RelyingParty[Identity]):
    """Implements the port `Identification`."""

    def __init__(self, config: ClientConfig, names: ClaimNames | None = None, watch: Watch = NO_WATCH) -> None:
        super().__init__(config, lambda signed_in: _identity(signed_in, names or ClaimNames()), watch)


def _identity(signed_in: SignedIn, names: ClaimNames) -> Identity:
    claims = signed_in.claims
    identity_code = words(claims, names.identity_code)
    if not identity_code:  # people who come by eIDAS from another country have none
        raise SignInRefused("no_identity_code")
    non_disclosure = bool(names.non_disclosure) and claims.get(names.non_disclosure) not in _NO_NON_DISCLOSURE
    given_name, first_names = _given_names(claims, names)
    return Identity(
        identity_code=identity_code,
        given_name=given_name,
        first_names=first_names,
        family_name=words(claims, names.family_name),
        acr=words(claims, "acr"),
        municipality=None if non_disclosure else _municipality(claims, names),
        non_disclosure=non_disclosure,
        provider_session=words(claims, "sid") or None,
        id_token=signed_in.id_token,
        issuer=words(claims, "iss"),
        subject=words(claims, "sub"),
    )


def _given_names(claims: Mapping[str, Any], names: ClaimNames) -> tuple[str, str]:
    """The name somebody goes by, and all first names; where a provider tells one of them only, the other is guessed."""
    called, all_names = words(claims, names.given_name), words(claims, names.first_names)
    return called or all_names.partition(" ")[0], all_names or called


def _municipality(claims: Mapping[str, Any], names: ClaimNames) -> str | None:
    code = words(claims, names.municipality)
    return code if _MUNICIPALITY.fullmatch(code) else None
