"""Resident sign-in at Suomi.fi e-Identification or a broker of the Finnish Trust Network."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from app.domain.text import Language
from app.integrations.oidc import ClientConfig, RelyingParty
from app.integrations.sign_in import PendingSignIn, SignInRefused, SignInRequest, new_pending
from app.integrations.signed_token import LEEWAY_SECONDS
from app.integrations.suomifi.identification.assurance import strong_enough
from app.integrations.suomifi.identification.claims import ClaimNames
from app.integrations.suomifi.identification.port import Identity
from app.integrations.suomifi.identification.reading import read_identity
from app.integrations.watch import NO_WATCH, Watch

__all__ = ["ClaimNames", "SuomifiIdentification"]

_CLOCKS_DIFFER = timedelta(seconds=LEEWAY_SECONDS)


class SuomifiIdentification(RelyingParty[Identity]):
    """Implements the port `Identification`."""

    def __init__(self, config: ClientConfig, names: ClaimNames | None = None, watch: Watch = NO_WATCH) -> None:
        super().__init__(config, lambda signed_in: read_identity(signed_in, names or ClaimNames()), watch)

    async def begin(self, *, redirect_uri: str, language: Language, force: bool = False) -> SignInRequest:
        if not force:
            return await super().begin(redirect_uri=redirect_uri, language=language)
        return await self._request(
            new_pending(redirect_uri, forced_at=datetime.now(UTC)),
            language,
            acr_values=" ".join(strong_enough(self._config.acr_values)),
            prompt="login",
            max_age="0",  # beside `prompt`: a provider that is asked so must tell `auth_time` (Core, 3.1.2.1)
        )

    async def finish(self, pending: PendingSignIn, callback: Mapping[str, str]) -> Identity:
        identity = await super().finish(pending, callback)
        if pending.forced_at is not None:
            check_new_proof(identity, pending.forced_at)
        return identity


def check_new_proof(identity: Identity, forced_at: datetime) -> None:
    """Raises SignInRefused where the proof is older than `forced_at`, of unknown age, or weak.

    Having asked for a new one isn't enough: somebody at the person's device can take that out of the address.
    """
    proved_at = identity.authenticated_at
    if proved_at is None or proved_at < forced_at - _CLOCKS_DIFFER:
        raise SignInRefused("not_fresh")
    if identity.assurance == "low":
        raise SignInRefused("wrong_acr")
