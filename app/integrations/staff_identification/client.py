"""Staff sign-in at the county's OpenID Provider."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.text import Language
from app.integrations.oidc import ClientConfig, RelyingParty
from app.integrations.sign_in import PendingSignIn, SignInRequest
from app.integrations.staff_identification.port import StaffIdentity


@dataclass(frozen=True)
class ClaimNames:
    """Names of the claims in the county's own provider."""

    name: str = "name"
    profession: str = "profession"
    roles: str = "roles"
    units: str = "units"


class StaffSignIn:
    """Implements the port `StaffIdentification`."""

    def __init__(self, config: ClientConfig, names: ClaimNames | None = None) -> None:
        self._party = RelyingParty(config)
        self._names = names or ClaimNames()

    async def close(self) -> None:
        await self._party.close()

    async def begin(self, *, redirect_uri: str, language: Language) -> SignInRequest:
        return await self._party.begin(redirect_uri=redirect_uri, language=language)

    async def finish(self, pending: PendingSignIn, callback: Mapping[str, str]) -> StaffIdentity:
        signed_in = await self._party.finish(pending, callback)
        return _identity(signed_in.claims, signed_in.id_token, self._names)

    async def sign_out_url(self, *, id_token: str, return_to: str) -> str:
        return await self._party.sign_out_url(id_token=id_token, return_to=return_to)


def _identity(claims: Mapping[str, Any], id_token: str, names: ClaimNames) -> StaffIdentity:
    return StaffIdentity(
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        name=_words(claims.get(names.name)),
        profession=_words(claims.get(names.profession)),
        roles=_codes(claims.get(names.roles)),
        units=_codes(claims.get(names.units)),
        provider_session=_words(claims.get("sid")) or None,
        id_token=id_token,
    )


def _words(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _codes(value: Any) -> tuple[str, ...]:
    """Only a list of codes grants something; anything else grants nothing."""
    return tuple(code for code in value if isinstance(code, str)) if isinstance(value, list) else ()
