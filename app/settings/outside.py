"""Where the outside systems are and how they know us. Every default is the demo's: the simulators.

An optional system whose address is empty is not in use: nothing is written to it, no page offers it.
"""

from collections.abc import Iterator
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

DEMO_SECRET = "demo-secret-not-for-production-use"  # noqa: S105 - refused in production by check_safe
SIMULATORS = "http://localhost:8001"
SIMULATED_SCANNER = "tcp://localhost:8003"

# System → the settings that hold its addresses.
ADDRESSES = {
    "omaolo": ("omaolo_url",),
    "suomifi-identification": ("identification_issuer",),
    "staff-identification": ("staff_issuer",),
    "suomifi-mandates": ("mandates_url",),
    "suomifi-messages": ("messages_url",),
    "suomifi-catalogue": ("catalogue_url",),
    "kanta-phr": ("phr_url",),
    "kanta-appointments": ("kanta_appointments_url",),
    "booking": ("booking_url",),
    "records": ("records_patient_url", "records_social_url"),
    "sms": ("sms_url",),
    "email": ("email_url",),
    "video": ("video_url",),
    "scanner": ("scanner_url",),
}
OPTIONAL = frozenset(
    {"suomifi-catalogue", "kanta-phr", "kanta-appointments", "booking", "records", "sms", "email", "video", "scanner"}
)
# System → the secrets that it and we share.
SECRETS = {
    "omaolo": ("omaolo_api_key",),
    "suomifi-mandates": ("mandates_api_key", "mandates_oauth_password"),
    "suomifi-messages": ("messages_password",),
    "kanta-phr": ("phr_client_secret",),
    "kanta-appointments": ("kanta_appointments_token",),
    "booking": ("booking_token",),
    "records": ("records_patient_key", "records_social_key"),
    "sms": ("sms_api_key", "sms_report_secret"),
    "email": ("email_token",),
    "video": ("video_api_key",),
}


class OutsideSettings(BaseSettings):
    """See docs/integrations.md for each system's way from simulator to production."""

    # The key is for sending assessments to Omaolo's professionals; without one only the questions are asked there.
    omaolo_url: str = f"{SIMULATORS}/omaolo"
    omaolo_api_key: SecretStr = SecretStr(DEMO_SECRET)

    identification_issuer: str = f"{SIMULATORS}/suomifi/identification"
    identification_client_id: str = "asiointi-ikkuna"
    # Levels that get in. One that is not substantial or high is let in only to be stepped up before personal pages.
    identification_acr: tuple[str, ...] = (
        "http://ftn.ficora.fi/2017/loa2",
        "http://ftn.ficora.fi/2017/loa3",
        "http://eidas.europa.eu/LoA/low",
        "http://eidas.europa.eu/LoA/substantial",
        "http://eidas.europa.eu/LoA/high",
    )
    # As in the Finnish Trust Network: requests are signed objects, and what comes back is encrypted.
    identification_signs_requests: bool = True
    identification_encrypted: bool = True
    identification_reads_userinfo: bool = False
    identification_service_name: str = Field("Asiointi-ikkuna", max_length=40)  # shown while signing in
    # Names of the claims: those of a provider, and single ones that differ ({"identity_code": "…"}).
    identification_claims: Literal["suomifi", "telia", "op"] = "suomifi"
    identification_claim_names: dict[str, str] = {}
    staff_issuer: str = f"{SIMULATORS}/staff/identification"
    staff_client_id: str = "asiointi-tyopoyta"

    mandates_url: str = f"{SIMULATORS}/suomifi/mandates"
    mandates_client_id: str = "asiointi"
    mandates_api_key: SecretStr = SecretStr(DEMO_SECRET)
    mandates_oauth_password: SecretStr = SecretStr(DEMO_SECRET)

    messages_url: str = f"{SIMULATORS}/suomifi/messages"
    messages_username: str = "asiointi"
    messages_password: SecretStr = SecretStr(DEMO_SECRET)
    messages_service_id: str = "ASIOINTI"

    catalogue_url: str = f"{SIMULATORS}/suomifi/catalogue/api/v11"

    phr_url: str = f"{SIMULATORS}/kanta/phr"
    phr_client_id: str = "asiointi"
    phr_client_secret: SecretStr = SecretStr(DEMO_SECRET)

    # The real Kanta knows the county by a certificate: paths of two PEM files; else a token.
    kanta_appointments_url: str = f"{SIMULATORS}/kanta/appointments"
    kanta_appointments_token: SecretStr = SecretStr(DEMO_SECRET)
    kanta_certificate: str = ""
    kanta_key: str = ""

    booking_url: str = f"{SIMULATORS}/booking"
    booking_token: SecretStr = SecretStr(DEMO_SECRET)

    records_patient_url: str = f"{SIMULATORS}/records/patient"
    records_patient_key: SecretStr = SecretStr(f"{DEMO_SECRET}-patient")
    records_social_url: str = f"{SIMULATORS}/records/social"
    records_social_key: SecretStr = SecretStr(f"{DEMO_SECRET}-social")

    sms_url: str = f"{SIMULATORS}/sms"
    sms_api_key: SecretStr = SecretStr(DEMO_SECRET)
    sms_sender: str = "Asiointi"
    sms_report_secret: SecretStr = SecretStr(DEMO_SECRET)

    # The address that we write from must be one of the account's identities at the mail server.
    email_url: str = f"{SIMULATORS}/email"
    email_token: SecretStr = SecretStr(DEMO_SECRET)
    email_from: str = "asiointi@example.fi"

    video_url: str = f"{SIMULATORS}/video"
    video_api_key: SecretStr = SecretStr(DEMO_SECRET)

    # tcp://host:port, tls://host:port or unix:///path of clamd. How long a file may be looked at, in seconds.
    scanner_url: str = Field(SIMULATED_SCANNER, pattern=r"^((tcp|tls)://[^/@]+:\d{1,5}|unix:///.+)?$")
    scanner_seconds: float = Field(2.0, gt=0, le=60)

    simulators_url: str = SIMULATORS
    simulators_port: int = 8001
    simulators_scanner_port: int = 8003

    # How long a system that has failed is left alone before one call tries it again.
    breaker_rest_seconds: float = 5.0

    # A worker has a delivery for so long; where it dies, another one takes over after that.
    delivery_lease_seconds: float = 30.0

    @model_validator(mode="after")
    def _follow_the_simulators(self) -> Self:
        """One setting moves all simulators: addresses that are still the defaults follow `simulators_url`."""
        for fields in ADDRESSES.values():
            for field in fields:
                self.__dict__[field] = getattr(self, field).replace(SIMULATORS, self.simulators_url, 1)
        if self.scanner_url == SIMULATED_SCANNER:
            self.__dict__["scanner_url"] = self.simulated_scanner
        return self

    @property
    def simulated_scanner(self) -> str:
        """Where the simulators' scanner listens: it speaks no HTTP, so it has a port of its own on their host."""
        return f"tcp://{urlsplit(self.simulators_url).hostname}:{self.simulators_scanner_port}"

    @property
    def not_in_use(self) -> frozenset[str]:
        """The optional systems that this county has no address for."""
        return frozenset(name for name in OPTIONAL if not any(getattr(self, field) for field in ADDRESSES[name]))

    @property
    def kanta_token(self) -> str:
        """The token for Kanta's appointments; none where a certificate tells who we are and only the demo's is set."""
        token = self.kanta_appointments_token
        return "" if self.kanta_certificate and is_weak(token) else token.get_secret_value()

    def addresses_in_use(self) -> Iterator[str]:
        """The addresses of all systems in use; an empty one is a mistake."""
        for name, fields in ADDRESSES.items():
            if name not in self.not_in_use:
                yield from (getattr(self, field) for field in fields)

    def weak_secrets(self) -> list[str]:
        """Names of the environment variables of systems in use whose secret is the demo's or too short."""
        fields = [field for name, fields in SECRETS.items() if name not in self.not_in_use for field in fields]
        if self.kanta_certificate:
            fields = [field for field in fields if field != "kanta_appointments_token"]
        return [f"ASIOINTI_{field.upper()}" for field in fields if is_weak(getattr(self, field))]

    def points_to_simulators(self) -> bool:
        """True where some system in use is a simulator, or others could read what goes to it."""
        simulated = (SIMULATORS, self.simulators_url, SIMULATED_SCANNER, self.simulated_scanner)
        return any(url.startswith(simulated) or not _is_private(url) for url in self.addresses_in_use())


def _is_private(url: str) -> bool:
    """True where nobody between can read what is sent: encrypted, or within this machine."""
    parts = urlsplit(url)
    return parts.scheme in {"https", "tls", "unix"} or (
        parts.scheme == "tcp" and parts.hostname in {"localhost", "127.0.0.1", "::1"}
    )


def is_weak(secret: SecretStr) -> bool:
    """True for a demo secret, and for one shorter than 32 characters."""
    value = secret.get_secret_value()
    return len(value) < 32 or value.startswith(DEMO_SECRET)
