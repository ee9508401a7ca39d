"""What one installation may set, from the environment (prefix `ASIOINTI_`) or a file `.env`.

Every default is the demo's. In production `check_safe` refuses to start with what belongs to the demo only.
"""

from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

DEMO_SECRET = "demo-secret-not-for-production-use"  # noqa: S105 - refused in production by check_safe
DEMO_ENCRYPTION_KEY = "ZGVtby1lbmNyeXB0aW9uLWtleS1ub3QtZm9yLXByb2Q="
SIMULATORS = "http://localhost:8001"


class UnsafeSettings(Exception):
    """Production settings that would endanger residents; the message names each and how to mend it."""


class Settings(BaseSettings):
    """All settings of the window; see docs/settings.md for what each one does in production."""

    model_config = SettingsConfigDict(env_prefix="ASIOINTI_", env_file=".env", extra="ignore", frozen=True)

    environment: Literal["demo", "test", "production"] = "demo"
    var: Path = Path("var")
    dictionaries: Path = Path("var/dictionaries")
    public_url: str = "http://localhost:8000"
    host: str = "127.0.0.1"
    port: int = 8000
    web_workers: int = 2

    # Addresses of the app role and of the owner role; without them the demo starts its own embedded server.
    database_url: str = Field("", validation_alias=AliasChoices("DATABASE_URL", "ASIOINTI_DATABASE_URL"))
    migration_database_url: str = Field(
        "", validation_alias=AliasChoices("MIGRATION_DATABASE_URL", "ASIOINTI_MIGRATION_DATABASE_URL")
    )
    database_pool: int = 10

    # Keys: forms and cookies; lookup of identity codes; encryption of identity codes (Fernet, newest first).
    secret_key: SecretStr = SecretStr(DEMO_SECRET)
    identity_lookup_key: SecretStr = SecretStr(DEMO_SECRET)
    identity_encryption_keys: tuple[SecretStr, ...] = (SecretStr(DEMO_ENCRYPTION_KEY),)

    omaolo_url: str = f"{SIMULATORS}/omaolo"
    identification_issuer: str = f"{SIMULATORS}/suomifi/identification"
    identification_client_id: str = "asiointi-ikkuna"
    identification_acr: tuple[str, ...] = ("http://ftn.ficora.fi/2017/loa2", "http://ftn.ficora.fi/2017/loa3")
    staff_issuer: str = f"{SIMULATORS}/staff/identification"
    staff_client_id: str = "asiointi-tyopoyta"
    oidc_key_file: Path = Path("var/keys/oidc.json")
    messages_url: str = f"{SIMULATORS}/suomifi/messages"
    messages_username: str = "asiointi"
    messages_password: SecretStr = SecretStr(DEMO_SECRET)
    messages_service_id: str = "ASIOINTI"
    simulators_url: str = SIMULATORS
    simulators_port: int = 8001

    # Our own assessment content gives individual triage, so it is a medical device (MDR 2017/745, rule 11). In
    # production the assessment service starts only when the device is named: manufacturer, UDI, class, certificate.
    medical_device: str = ""

    # Tests only: the moment that the clock stands at.
    fixed_now: datetime | None = None

    @cached_property
    def secure(self) -> bool:
        """True where people come by https, so that cookies can be `Secure` and `__Host-`."""
        return urlsplit(self.public_url).scheme == "https"

    @property
    def embedded_database(self) -> bool:
        """True where no server is named and the demo's embedded one is to be used."""
        return not self.database_url

    def check_safe(self) -> None:
        """Raise UnsafeSettings where production is asked for with what belongs to the demo only."""
        if self.environment != "production":
            return
        problems = [message for unsafe, message in self._dangers() if unsafe]
        if problems:
            raise UnsafeSettings("not safe for production:\n" + "\n".join(f"- {line}" for line in problems))

    def refuse_in_production(self, why: str) -> None:
        """Raise UnsafeSettings with `why` in production: for what only the demo may do."""
        if self.environment == "production":
            raise UnsafeSettings(why)

    def _dangers(self) -> list[tuple[bool, str]]:
        secrets = (self.secret_key, self.identity_lookup_key, self.messages_password)
        keys = self.identity_encryption_keys
        outside = (self.omaolo_url, self.identification_issuer, self.staff_issuer, self.messages_url)
        return [
            (any(len(s.get_secret_value()) < 32 or s.get_secret_value() == DEMO_SECRET for s in secrets),
             "a secret is the demo's or shorter than 32 characters: set ASIOINTI_SECRET_KEY, "
             "ASIOINTI_IDENTITY_LOOKUP_KEY and ASIOINTI_MESSAGES_PASSWORD"),
            (any(key.get_secret_value() == DEMO_ENCRYPTION_KEY for key in keys) or not keys,
             "identity codes would be encrypted by the demo's key: set ASIOINTI_IDENTITY_ENCRYPTION_KEYS"),
            (self.embedded_database, "the embedded database is for the demo: set DATABASE_URL"),
            (not self.migration_database_url, "set MIGRATION_DATABASE_URL, the owner role that migrates"),
            (any(url.startswith((SIMULATORS, self.simulators_url)) or urlsplit(url).scheme != "https"
                 for url in outside),
             "an outside system is a simulator or not reached by https: set its address"),
            (not self.secure, "people would come without https: set ASIOINTI_PUBLIC_URL"),
            (self.fixed_now is not None, "the clock stands still: unset ASIOINTI_FIXED_NOW"),
        ]  # fmt: skip
