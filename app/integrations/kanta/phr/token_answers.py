"""The answers of the token endpoint."""

from typing import Annotated

from pydantic import BaseModel, Field


class TokenAnswer(BaseModel):
    """The answer of the token endpoint (RFC 6749, 5.1), with the patient of SMART App Launch."""

    access_token: Annotated[str, Field(min_length=1)]
    token_type: Annotated[str, Field(pattern="(?i)^bearer$")]
    expires_in: Annotated[int, Field(gt=0)]
    refresh_token: str = ""
    patient: Annotated[str, Field(pattern=r"^[A-Za-z0-9.\-]{1,64}$")]
    scope: str


class OAuthError(BaseModel):
    """The error answer of the token endpoint (RFC 6749, 5.2)."""

    error: Annotated[str, Field(pattern="^[a-z_]{1,60}$")]
