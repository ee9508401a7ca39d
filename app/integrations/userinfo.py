"""The userinfo endpoint: claims for an access token, plain, or signed and encrypted (OpenID Connect Core, 5.3)."""

from collections.abc import Mapping
from typing import Any

from app.integrations.client_config import ClientConfig
from app.integrations.http import OutsideClient
from app.integrations.provider_metadata import ProviderMetadata
from app.integrations.sealed_token import CannotOpen, SealedTokens
from app.integrations.sign_in import SignInRefused
from app.integrations.signed_token import BadSignature, verified


class Userinfo:
    """Reads it for one provider."""

    def __init__(
        self, config: ClientConfig, outside: OutsideClient, provider: ProviderMetadata, sealed: SealedTokens
    ) -> None:
        self._config = config
        self._outside = outside
        self._provider = provider
        self._sealed = sealed

    async def read(self, access_token: str, subject: str) -> Mapping[str, Any]:
        """The claims about `subject`. Raises SignInRefused where they are somebody else's or can't be trusted;
        Unavailable, Rejected."""
        endpoint = await self._provider.endpoint("userinfo_endpoint")
        bearer = {"Authorization": f"Bearer {access_token}"}
        answer = await self._outside.call("GET", endpoint, headers=bearer)
        if answer.headers.get("content-type", "").partition(";")[0].strip() == "application/jwt":
            claims = await self._signed(answer.text.strip())
        elif self._config.requires_encryption:
            raise SignInRefused("open_userinfo")
        else:
            claims = self._outside.json(answer)
        if not isinstance(claims, dict) or claims.get("sub") != subject:
            raise SignInRefused("wrong_userinfo_sub")
        return claims

    async def _signed(self, token: str) -> dict[str, Any]:
        try:
            claims = (await verified(self._sealed.open(token), self._provider)).claims
        except CannotOpen:
            raise SignInRefused("sealed_userinfo") from None
        except BadSignature:
            raise SignInRefused("bad_userinfo_signature") from None
        audience = claims.get("aud", self._config.client_id)
        audiences = audience if isinstance(audience, list) else [audience]
        if claims.get("iss", self._config.issuer) != self._config.issuer or self._config.client_id not in audiences:
            raise SignInRefused("wrong_userinfo_audience")
        return claims
