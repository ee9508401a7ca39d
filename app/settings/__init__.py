"""What one installation may set, from the environment (prefix `ASIOINTI_`) or a file `.env`.

Every default is the demo's. In production `check_safe` refuses to start with what belongs to the demo only.
"""

from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, IPvAnyNetwork, SecretStr
from pydantic_settings import SettingsConfigDict

from app.settings.outside import DEMO_SECRET, OutsideSettings, is_weak

DEMO_ENCRYPTION_KEY = "ZGVtby1lbmNyeXB0aW9uLWtleS1ub3QtZm9yLXByb2Q="


class UnsafeSettings(Exception):
    """Production settings that would endanger residents; the message names each and how to mend it."""


class Settings(OutsideSettings):
    """All settings of the window; see docs/settings.md for what each one does in production."""

    model_config = SettingsConfigDict(env_prefix="ASIOINTI_", env_file=".env", extra="ignore", frozen=True)

    environment: Literal["demo", "test", "production"] = "demo"
    var: Path = Path("var")
    dictionaries: Path = Path("var/dictionaries")
    public_url: str = "http://localhost:8000"
    host: str = "127.0.0.1"
    port: int = 8000
    web_workers: int = 2
    # Addresses or networks of the proxies before us: only they are believed about who asks (X-Forwarded-For).
    trusted_proxies: tuple[IPvAnyNetwork, ...] = ()
    # How many times the usual a thing may be asked for (app/services/rate_limits.py); 0: as often as one likes.
    limits_factor: float = Field(1.0, ge=0)

    # Addresses of the web's role, the worker's and the owner's; without them the demo starts its own embedded server.
    database_url: str = Field("", validation_alias=AliasChoices("DATABASE_URL", "ASIOINTI_DATABASE_URL"))
    worker_database_url: str = Field(
        "", validation_alias=AliasChoices("WORKER_DATABASE_URL", "ASIOINTI_WORKER_DATABASE_URL")
    )
    migration_database_url: str = Field(
        "", validation_alias=AliasChoices("MIGRATION_DATABASE_URL", "ASIOINTI_MIGRATION_DATABASE_URL")
    )
    database_pool: int = 10

    # Keys: forms and cookies; lookup of identity codes; encryption of identity codes (Fernet, newest first); the audit
    # trail and the files of forms (newest first).
    secret_key: SecretStr = SecretStr(DEMO_SECRET)
    identity_lookup_key: SecretStr = SecretStr(DEMO_SECRET)
    identity_encryption_keys: tuple[SecretStr, ...] = (SecretStr(DEMO_ENCRYPTION_KEY),)
    audit_keys: tuple[SecretStr, ...] = (SecretStr(DEMO_SECRET),)
    attachment_keys: tuple[SecretStr, ...] = (SecretStr(DEMO_SECRET),)

    oidc_key_file: Path = Path("var/keys/oidc.json")
    # Who may read /metrics; without a token nobody may in production.
    metrics_token: SecretStr = SecretStr("")
    # Announced outages: a JSON file with texts in three languages (docs/integrations.md); may change while we run.
    outages_file: Path | None = None

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
        secrets = ("secret_key", "identity_lookup_key")
        weak = [f"ASIOINTI_{name.upper()}" for name in secrets if is_weak(getattr(self, name))] + self.weak_secrets()
        rotated = {"ASIOINTI_AUDIT_KEYS": self.audit_keys, "ASIOINTI_ATTACHMENT_KEYS": self.attachment_keys}
        weak += [name for name, keys in rotated.items() if not keys or any(map(is_weak, keys))]
        keys = self.identity_encryption_keys
        return [
            (bool(weak), f"a secret is the demo's or shorter than 32 characters: set {', '.join(weak)}"),
            (any(key.get_secret_value() == DEMO_ENCRYPTION_KEY for key in keys) or not keys,
             "identity codes would be encrypted by the demo's key: set ASIOINTI_IDENTITY_ENCRYPTION_KEYS"),
            (self.embedded_database, "the embedded database is for the demo: set DATABASE_URL"),
            (bool(self.worker_database_url) and self.worker_database_url == self.database_url,
             "the worker's role sees all rows, the web's must not: set WORKER_DATABASE_URL to another role"),
            (not self.migration_database_url, "set MIGRATION_DATABASE_URL, the owner role that migrates"),
            (self.points_to_simulators(),
             "an outside system is a simulator or not reached by https (the scanner: tls): set its address"),
            (not self.secure, "people would come without https: set ASIOINTI_PUBLIC_URL"),
            (not self.identification_acr or any("loatest" in level for level in self.identification_acr),
             "any level of assurance would do, or a test level: set ASIOINTI_IDENTIFICATION_ACR"),
            (bool(self.metrics_token.get_secret_value()) and is_weak(self.metrics_token),
             "the token for /metrics is too short: set ASIOINTI_METRICS_TOKEN, or none to close it"),
            (bool(self.kanta_certificate) != bool(self.kanta_key),
             "a certificate needs its key: set ASIOINTI_KANTA_CERTIFICATE and ASIOINTI_KANTA_KEY"),
            (self.delivery_lease_seconds < 10 or self.breaker_rest_seconds < 1,
             "times for tests: unset ASIOINTI_DELIVERY_LEASE_SECONDS and ASIOINTI_BREAKER_REST_SECONDS"),
            (not 0.1 <= self.limits_factor <= 20,
             "rate limits are off, far too low or too high: unset ASIOINTI_LIMITS_FACTOR, or set it to 0.1–20"),
            (not self.trusted_proxies,
             "the proxy that brings https is unknown, all would share its rate limit: set ASIOINTI_TRUSTED_PROXIES"),
            (self.fixed_now is not None, "the clock stands still: unset ASIOINTI_FIXED_NOW"),
        ]  # fmt: skip
