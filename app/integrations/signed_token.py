"""The signature of a token that a provider issued."""

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwt import Token

from app.integrations.provider_metadata import ProviderMetadata

LEEWAY_SECONDS = 30
_ALGORITHMS = ["RS256"]


class BadSignature(Exception):
    """No key of the provider made this token, or it is none."""


async def verified(token: str, provider: ProviderMetadata) -> Token:
    """The token's header and claims. Raises BadSignature; Unavailable or Rejected where the keys can't be had."""
    try:
        try:
            return jwt.decode(token, await provider.keys(), algorithms=_ALGORITHMS)
        except InvalidKeyIdError:  # the provider may have changed its keys since we last asked
            return jwt.decode(token, await provider.keys(fresh=True), algorithms=_ALGORITHMS)
    except (JoseError, ValueError, TypeError):
        raise BadSignature from None
