"""Staff sign-in at the county's OpenID Provider."""

from dataclasses import dataclass
from typing import Any

from app.integrations.oidc import ClientConfig, RelyingParty, SignedIn
from app.integrations.staff_identification.port import StaffIdentity
from app.integrations.watch import NO_WATCH, Watch


@dataclass(frozen=True)
class ClaimNames:
    """Names of the claims in the county's own provider."""

    name: str = "name"
    profession: str = "profession"
    roles: str = "roles"
    units: str = "units"
    tasks: str = "tasks"


class StaffSignIn(RelyingParty[StaffIdentity]):
    """Implements the port `StaffIdentification`."""

    def __init__(self, config: ClientConfig, names: ClaimNames | None = None, watch: Watch = NO_WATCH) -> None:
        super().__init__(config, lambda signed_in: _identity(signed_in, names or ClaimNames()), watch)


def _identity(signed_in: SignedIn, names: ClaimNames) -> StaffIdentity:
    claims = signed_in.claims
    return StaffIdentity(
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        name=_words(claims.get(names.name)),
        profession=_words(claims.get(names.profession)),
        roles=_codes(claims.get(names.roles)),
        units=_codes(claims.get(names.units)),
        tasks=_codes(claims.get(names.tasks)),
        provider_session=_words(claims.get("sid")) or None,
        id_token=signed_in.id_token,
    )


def _words(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _codes(value: Any) -> tuple[str, ...]:
    """Only a list of codes grants something; anything else grants nothing."""
    return tuple(code for code in value if isinstance(code, str)) if isinstance(value, list) else ()
