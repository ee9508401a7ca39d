"""How the window is known to the Kanta PHR."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.integrations.http import CALL_SECONDS
from app.integrations.kanta.phr.constants import (
    PROFILE_BASE,
    QUESTIONNAIRE_RESPONSE_PROFILE,
    SCOPES,
    SELF_CARE_PLAN_PROFILE,
)
from app.integrations.kanta.phr.measures import measures
from app.integrations.kanta.phr.port import Entry, FilledQuestionnaire, Measurement


@dataclass(frozen=True)
class PhrConfig:
    """`base_url` is the FHIR R4 address. The three OAuth addresses stand below it where none are given.

    The window proves itself by `client_secret`, or by `private_key` (a JWK or a PEM, RS256) with its `kid`. `scopes`
    are asked at consent. `profiles` replace our defaults by key: a measure's, `questionnaire` or `plan`.
    `application` names the window in what it writes; empty: unnamed.
    """

    base_url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    private_key: str | Mapping[str, Any] | None = field(default=None, repr=False)
    kid: str = ""
    authorize_url: str = ""
    token_url: str = ""
    revoke_url: str = ""
    scopes: tuple[str, ...] = SCOPES
    profiles: Mapping[str, str] = field(default_factory=dict)
    application: str = ""
    seconds: float = CALL_SECONDS

    @property
    def authorization_endpoint(self) -> str:
        return self.authorize_url or f"{self.base_url}/authorize"

    @property
    def token_endpoint(self) -> str:
        return self.token_url or f"{self.base_url}/token"

    @property
    def revocation_endpoint(self) -> str:
        return self.revoke_url or f"{self.base_url}/revoke"

    def profile_of(self, entry: Entry) -> str:
        """The profile that an entry's resource names in `meta.profile`."""
        key, name = _default_profile(entry)
        return self.profiles.get(key) or f"{PROFILE_BASE}{name}"


def _default_profile(entry: Entry) -> tuple[str, str]:
    if isinstance(entry, Measurement):
        return entry.measure, measures()[entry.measure].profile
    if isinstance(entry, FilledQuestionnaire):
        return "questionnaire", QUESTIONNAIRE_RESPONSE_PROFILE
    return "plan", SELF_CARE_PLAN_PROFILE
