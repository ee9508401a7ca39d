"""The one place where clients are made from settings."""

from app.integrations.booking.client import BookingBackend
from app.integrations.booking.config import BookingConfig
from app.integrations.client_config import ClientConfig
from app.integrations.email.client import EmailConfig, MailServer
from app.integrations.kanta.appointments.client import KantaAppointmentsClient
from app.integrations.kanta.appointments.config import AppointmentsConfig
from app.integrations.kanta.phr.client import KantaPhr
from app.integrations.kanta.phr.config import PhrConfig
from app.integrations.omaolo.client import OmaoloClient, OmaoloConfig
from app.integrations.own_keys import OwnKeys
from app.integrations.ports import Ports
from app.integrations.records.client import RecordsConfig, RecordSystems, RegisterEndpoint
from app.integrations.scanner.clamd import Clamd, ClamdConfig
from app.integrations.sms.client import SmsConfig, SmsGateway
from app.integrations.staff_identification.client import StaffSignIn
from app.integrations.suomifi.catalogue.client import CatalogueConfig, SuomifiCatalogue
from app.integrations.suomifi.identification.claims import ClaimNames, claim_names
from app.integrations.suomifi.identification.client import SuomifiIdentification
from app.integrations.suomifi.mandates.client import MandatesConfig, SuomifiMandates
from app.integrations.suomifi.messages.client import MessagesConfig, SuomifiMessages
from app.integrations.video.client import VideoConfig, VideoService
from app.integrations.watch import Watch
from app.settings import Settings

# Only what the window uses today: whose record it is, and saving a result there.
PHR_SCOPES = (
    "patient/Patient.read",
    "patient/Observation.read",
    "patient/QuestionnaireResponse.write",
    "patient/CarePlan.write",
    "offline_access",
)


def open_ports(settings: Settings, watch: Watch) -> Ports:
    """A client for each system, watched by `watch`."""
    keys = OwnKeys.parse(settings.oidc_key_file.read_text())
    return Ports(
        omaolo=OmaoloClient(OmaoloConfig(settings.omaolo_url, settings.omaolo_api_key.get_secret_value()), watch),
        identification=SuomifiIdentification(resident_sign_in(settings, keys), _claim_names(settings), watch),
        staff_identification=StaffSignIn(staff_sign_in(settings, keys), watch=watch),
        mandates=SuomifiMandates(_mandates(settings), watch),
        messages=SuomifiMessages(_messages(settings), watch),
        catalogue=SuomifiCatalogue(CatalogueConfig(settings.catalogue_url), watch),
        phr=KantaPhr(_phr(settings), watch),
        kanta_appointments=KantaAppointmentsClient(_kanta_appointments(settings), watch),
        booking=BookingBackend(BookingConfig(settings.booking_url, settings.booking_token.get_secret_value()), watch),
        records=RecordSystems(_records(settings), watch),
        sms=SmsGateway(_sms(settings), watch),
        email=MailServer(
            EmailConfig(settings.email_url, settings.email_token.get_secret_value(), settings.email_from), watch
        ),
        video=VideoService(VideoConfig(settings.video_url, settings.video_api_key.get_secret_value()), watch),
        scanner=Clamd(ClamdConfig(settings.scanner_url, settings.scanner_seconds), watch),
    )


def resident_sign_in(settings: Settings, keys: OwnKeys) -> ClientConfig:
    """How we sign residents in."""
    return ClientConfig(
        "suomifi-identification",
        settings.identification_issuer,
        settings.identification_client_id,
        keys.private_key,
        keys.kid,
        settings.identification_acr,
        signs_requests=settings.identification_signs_requests,
        service_name=settings.identification_service_name,
        decryption_keys=keys.decryption_keys,
        requires_encryption=settings.identification_encrypted,
        reads_userinfo=settings.identification_reads_userinfo,
    )


def _claim_names(settings: Settings) -> ClaimNames:
    return claim_names(settings.identification_claims, settings.identification_claim_names)


def staff_sign_in(settings: Settings, keys: OwnKeys) -> ClientConfig:
    """How we sign staff in."""
    issuer, client_id = settings.staff_issuer, settings.staff_client_id
    return ClientConfig("staff-identification", issuer, client_id, keys.private_key, keys.kid)


def _mandates(settings: Settings) -> MandatesConfig:
    return MandatesConfig(
        settings.mandates_url,
        settings.mandates_client_id,
        settings.mandates_api_key.get_secret_value(),
        settings.mandates_oauth_password.get_secret_value(),
    )


def _messages(settings: Settings) -> MessagesConfig:
    return MessagesConfig(
        settings.messages_url,
        settings.messages_username,
        settings.messages_password.get_secret_value(),
        settings.messages_service_id,
    )


def _phr(settings: Settings) -> PhrConfig:
    secret = settings.phr_client_secret.get_secret_value()
    return PhrConfig(settings.phr_url, settings.phr_client_id, secret, scopes=PHR_SCOPES)


def _kanta_appointments(settings: Settings) -> AppointmentsConfig:
    return AppointmentsConfig(
        settings.kanta_appointments_url,
        settings.kanta_token,
        certificate=settings.kanta_certificate,
        key=settings.kanta_key,
    )


def _records(settings: Settings) -> RecordsConfig:
    return RecordsConfig(
        patient=RegisterEndpoint(settings.records_patient_url, settings.records_patient_key.get_secret_value()),
        social=RegisterEndpoint(settings.records_social_url, settings.records_social_key.get_secret_value()),
    )


def _sms(settings: Settings) -> SmsConfig:
    return SmsConfig(
        settings.sms_url,
        settings.sms_api_key.get_secret_value(),
        settings.sms_sender,
        settings.sms_report_secret.get_secret_value(),
    )
