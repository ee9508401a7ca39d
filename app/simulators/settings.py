"""What the simulators' process is told from outside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ClientRegistration:
    """One service that may sign people in: exact addresses it may be returned to, and its public keys.

    `requires_request_object`: it always signs its requests. `encryption`: the two algorithms (of the key, of the
    content) by which tokens are encrypted for it; its keys then hold one whose use is `enc`. `backchannel_logout_uri`:
    where it is told that a session has ended.
    """

    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    jwks: Mapping[str, Any]
    requires_request_object: bool = False
    encryption: tuple[str, str] | None = None
    backchannel_logout_uri: str = ""


@dataclass(frozen=True)
class ClaimNames:
    """Names under which the resident's attributes are sent.

    Default: the attribute identifiers of Suomi.fi e-Identification's SAML profile, which the brokers of the Finnish
    Trust Network use in OpenID Connect too. The names of Suomi.fi's own OpenID Connect interface are not published.
    """

    identity_code: str = "urn:oid:1.2.246.21"
    given_name: str = "urn:oid:2.5.4.42"
    first_names: str = "http://eidas.europa.eu/attributes/naturalperson/CurrentGivenName"
    family_name: str = "urn:oid:2.5.4.4"
    municipality: str = "urn:oid:1.2.246.517.2002.2.18"
    non_disclosure: str = "urn:oid:1.2.246.517.2002.2.27"


@dataclass(frozen=True)
class MessagesAccount:
    """The account that may use Suomi.fi Messages, and the services in whose name it may send.

    The password holds until the client changes it.
    """

    username: str = "asiointi"
    password: str = "demo-secret-not-for-production-use"  # noqa: S105 - a stand-in has no secret to keep
    service_ids: tuple[str, ...] = ("ASIOINTI", "KIRJAAMO")


@dataclass(frozen=True)
class MandatesClient:
    """An e-service registered with Suomi.fi mandates.

    `rest_api_key` is for calls between servers. `service_id` is the audience of signed answers. `guardian_until`: age
    in years at which a guardian's right ends for this service. Lifetimes are in seconds.
    """

    client_id: str = "asiointi"
    api_key: str = "demo-secret-not-for-production-use"
    rest_api_key: str = "demo-secret-not-for-production-use-between-servers"
    oauth_password: str = "demo-secret-not-for-production-use"  # noqa: S105 - a stand-in has no secret to keep
    service_id: str = "6d1f6b1e-4f0a-4c57-9c3e-0d2b6a51a7f4"
    redirect_uris: tuple[str, ...] = ()
    guardian_until: int = 18
    session_seconds: float = 1800


@dataclass(frozen=True)
class RecordsAccess:
    """The keys of the two registers' record systems; each opens only its own."""

    patient_key: str = "demo-secret-not-for-production-use-patient"
    social_key: str = "demo-secret-not-for-production-use-social"


@dataclass(frozen=True)
class OmaoloAccount:
    """The key of the organisation that sends finished assessments to its professionals; asking questions needs none."""

    api_key: str = "demo-secret-not-for-production-use"


@dataclass(frozen=True)
class SmsAccount:
    """A customer of the text message gateway.

    `delivery_seconds`: how long a message is on its way. `callback_url`: where delivery reports are pushed, signed
    with `report_secret`; empty: nowhere. `can_look_up`: messages can be listed by the customer's reference.
    """

    api_key: str = "demo-secret-not-for-production-use"
    delivery_seconds: float = 2.0
    callback_url: str = ""
    report_secret: str = "demo-secret-not-for-production-use"  # noqa: S105 - a stand-in has no secret to keep
    can_look_up: bool = False


@dataclass(frozen=True)
class EmailAccount:
    """A customer of the mail server: one account with one identity as which it may write."""

    token: str = "demo-secret-not-for-production-use"  # noqa: S105 - a stand-in has no secret to keep
    sender: str = "asiointi@example.fi"
    name: str = "Asiointi-ikkuna"
    account_id: str = "A1"
    identity_id: str = "I1"


@dataclass(frozen=True)
class ScannerDoor:
    """Where the malware scanner listens: it speaks no HTTP, so it has a port of its own (0: it does not listen).

    `largest`: how many bytes it takes in one stream (clamd's StreamMaxLength).
    """

    port: int = 0
    host: str = "127.0.0.1"
    largest: int = 25 * 1024 * 1024


@dataclass(frozen=True)
class VideoAccount:
    """A customer of the video service."""

    api_key: str = "demo-secret-not-for-production-use"


@dataclass(frozen=True)
class BookingAccess:
    """What a client of the booking back-end sends as its bearer token."""

    token: str = "demo-secret-not-for-production-use"  # noqa: S105 - a stand-in has no secret to keep


@dataclass(frozen=True)
class PhrClient:
    """The application that may ask for consents at the Kanta PHR.

    It proves itself by its secret, or, where `jwks` holds its public keys, by these alone.
    """

    client_id: str = "asiointi"
    client_secret: str = "demo-secret-not-for-production-use"  # noqa: S105 - a stand-in has no secret to keep
    jwks: Mapping[str, Any] | None = None
    redirect_uris: tuple[str, ...] = ()
    scopes: tuple[str, ...] = (
        "patient/Patient.read",
        "patient/Observation.read",
        "patient/Observation.write",
        "patient/QuestionnaireResponse.read",
        "patient/QuestionnaireResponse.write",
        "patient/CarePlan.read",
        "patient/CarePlan.write",
        "offline_access",
    )


@dataclass(frozen=True)
class KantaAppointmentsAccess:
    """What a provider sends as its bearer token; in the real Kanta its certificate says who it is."""

    token: str = "demo-secret-not-for-production-use"  # noqa: S105 - a stand-in has no secret to keep


@dataclass(frozen=True)
class SimulatorSettings:
    """`database` is the simulators' own SQLite file, `public_url` the address that browsers and clients use."""

    database: Path
    public_url: str
    clients: Mapping[str, ClientRegistration]
    claim_names: ClaimNames = field(default_factory=ClaimNames)
    messages: MessagesAccount = field(default_factory=MessagesAccount)
    mandates: tuple[MandatesClient, ...] = (MandatesClient(),)
    omaolo: OmaoloAccount = field(default_factory=OmaoloAccount)
    records: RecordsAccess = field(default_factory=RecordsAccess)
    sms: SmsAccount = field(default_factory=SmsAccount)
    email: EmailAccount = field(default_factory=EmailAccount)
    video: VideoAccount = field(default_factory=VideoAccount)
    scanner: ScannerDoor = field(default_factory=ScannerDoor)
    booking: BookingAccess = field(default_factory=BookingAccess)
    kanta_phr: PhrClient = field(default_factory=PhrClient)
    kanta_appointments: KantaAppointmentsAccess = field(default_factory=KantaAppointmentsAccess)
