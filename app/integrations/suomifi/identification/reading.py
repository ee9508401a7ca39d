"""Making an identity of checked claims."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from app.integrations.oidc import SignedIn
from app.integrations.sign_in import SignInRefused
from app.integrations.suomifi.identification.assurance import assurance_of
from app.integrations.suomifi.identification.claims import ClaimNames, words
from app.integrations.suomifi.identification.port import Identity, IdentityKind

_NOT_TOLD = (None, "")
# Everything else means non-disclosure: a value that we don't know must not reveal where somebody lives.
_NO_NON_DISCLOSURE = ("0", 0, False, "false")
_MUNICIPALITY = re.compile(r"[0-9]{3}")
# Country that issued, country that is told, the identifier there. What hasn't this shape is refused: a Finnish identity
# code in this place must not open the window of the person whose code it is.
_PERSON_IDENTIFIER = re.compile(r"[A-Z]{2}/[A-Z]{2}/[\x21-\x7e]{1,250}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_identity(signed_in: SignedIn, names: ClaimNames) -> Identity:
    """Who the claims are about. Raises SignInRefused where they name nobody."""
    claims = signed_in.claims
    kind, identifier = _identifier(claims, names)
    municipality = _municipality(claims, names)
    non_disclosure = _non_disclosure(claims, names, kind, municipality)
    given_name, first_names = _given_names(claims, names)
    return Identity(
        identity_code=identifier,
        given_name=given_name,
        first_names=first_names,
        family_name=words(claims, names.family_name) or words(claims, names.foreign_family_name),
        acr=words(claims, "acr"),
        municipality=None if non_disclosure else municipality,
        non_disclosure=non_disclosure,
        provider_session=words(claims, "sid") or None,
        id_token=signed_in.id_token,
        issuer=words(claims, "iss"),
        subject=words(claims, "sub"),
        kind=kind,
        birth_date=_birth_date(words(claims, names.birth_date)),
        assurance=assurance_of(words(claims, "acr")),
        authenticated_at=_moment(claims.get("auth_time")),
    )


def _identifier(claims: Mapping[str, Any], names: ClaimNames) -> tuple[IdentityKind, str]:
    """The Finnish identity code where there is one, else the identifier of another country."""
    identity_code = words(claims, names.identity_code)
    if identity_code:
        return "finnish", identity_code
    foreign = words(claims, names.foreign_identifier)
    if not _PERSON_IDENTIFIER.fullmatch(foreign):
        raise SignInRefused("no_identity_code")
    return "eidas", foreign


def _given_names(claims: Mapping[str, Any], names: ClaimNames) -> tuple[str, str]:
    """The name somebody goes by, and all first names; where a provider tells one of them only, the other is guessed."""
    called, all_names = words(claims, names.given_name), words(claims, names.first_names)
    return called or all_names.partition(" ")[0], all_names or called


def _non_disclosure(
    claims: Mapping[str, Any], names: ClaimNames, kind: IdentityKind, municipality: str | None
) -> bool | None:
    """Whether the person is under non-disclosure; None where the source doesn't know.

    The population register knows. Where its flag is left out, a municipality shows that it has answered: it tells none
    of somebody under non-disclosure. Other countries and brokers know nothing of it.
    """
    if not names.non_disclosure:
        return None
    told = claims.get(names.non_disclosure)
    if told not in _NOT_TOLD and told not in _NO_NON_DISCLOSURE:
        return True
    return None if kind == "eidas" or (told in _NOT_TOLD and municipality is None) else False


def _municipality(claims: Mapping[str, Any], names: ClaimNames) -> str | None:
    code = words(claims, names.municipality)
    return code if _MUNICIPALITY.fullmatch(code) else None


def _birth_date(text: str) -> date | None:
    """The day of YYYY-MM-DD; None for anything else."""
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def _moment(value: Any) -> datetime | None:
    """The moment of a NumericDate; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None
