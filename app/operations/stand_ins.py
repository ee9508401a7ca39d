"""Serving the simulators and our own assessment service as processes of their own."""

from dataclasses import replace

import uvicorn
from pydantic import SecretStr
from starlette.types import ASGIApp

from app.integrations.own_keys import OwnKeys
from app.logs import configure_logs
from app.operations.demo import ensure_oidc_key
from app.settings import Settings, UnsafeSettings
from app.simulators.at_root import AtRoot
from app.simulators.settings import (
    BookingAccess,
    ClientRegistration,
    EmailAccount,
    KantaAppointmentsAccess,
    MandatesClient,
    MessagesAccount,
    OmaoloAccount,
    PhrClient,
    RecordsAccess,
    ScannerDoor,
    SimulatorSettings,
    SmsAccount,
    VideoAccount,
)


def serve_simulators(settings: Settings, alone: str = "", port: int = 0) -> None:
    """Run the simulators until stopped; with `alone`, that one at the root of the address.

    Raises UnsafeSettings in production, KeyError for a name that is no simulator.
    """
    settings.refuse_in_production("the simulators stand in for national services and never run in production")
    from app.simulators.main import create_app

    ensure_oidc_key(settings.oidc_key_file)
    told = simulator_settings(settings)
    if alone not in {"", "scanner"}:
        told = replace(told, scanner=ScannerDoor())  # its own port may belong to another process
    app = create_app(told)
    served: ASGIApp = AtRoot(app, app.state.paths[alone]) if alone else app
    _serve(served, settings, port or settings.simulators_port)


def simulator_settings(settings: Settings) -> SimulatorSettings:
    """The simulators as the window's settings know them: this window is their only client."""
    here = settings.public_url
    return SimulatorSettings(
        database=settings.var / "simulators.sqlite3",
        public_url=settings.simulators_url,
        clients=_sign_in_clients(settings),
        omaolo=OmaoloAccount(_secret(settings.omaolo_api_key)),
        messages=MessagesAccount(
            settings.messages_username, _secret(settings.messages_password), (settings.messages_service_id,)
        ),
        mandates=(
            MandatesClient(
                settings.mandates_client_id,
                _secret(settings.mandates_api_key),
                oauth_password=_secret(settings.mandates_oauth_password),
                redirect_uris=(f"{here}/acting/callback",),
            ),
        ),
        records=RecordsAccess(_secret(settings.records_patient_key), _secret(settings.records_social_key)),
        sms=SmsAccount(
            _secret(settings.sms_api_key),
            callback_url=f"{here}/sms-reports",
            report_secret=_secret(settings.sms_report_secret),
        ),
        email=EmailAccount(_secret(settings.email_token), settings.email_from),
        video=VideoAccount(_secret(settings.video_api_key)),
        scanner=ScannerDoor(settings.simulators_scanner_port, settings.host),
        booking=BookingAccess(_secret(settings.booking_token)),
        kanta_phr=PhrClient(
            settings.phr_client_id,
            _secret(settings.phr_client_secret),
            redirect_uris=(f"{here}/health-record/callback",),
        ),
        kanta_appointments=KantaAppointmentsAccess(_secret(settings.kanta_appointments_token)),
    )


def _sign_in_clients(settings: Settings) -> dict[str, ClientRegistration]:
    here = settings.public_url
    public = OwnKeys.parse(settings.oidc_key_file.read_text()).public()
    after_sign_out = tuple(f"{here}/{lang}/signed-out" for lang in ("fi", "sv", "en"))
    after_staff_sign_out = tuple(f"{here}/{lang}/staff/sign-in" for lang in ("fi", "sv", "en"))
    resident = ClientRegistration(
        (f"{here}/sign-in/callback",),
        after_sign_out,
        public,
        requires_request_object=settings.identification_signs_requests,
        encryption=("RSA-OAEP-256", "A128GCM") if settings.identification_encrypted else None,
        backchannel_logout_uri=f"{here}/backchannel-logout/resident",
    )
    staff = ClientRegistration(
        (f"{here}/staff/sign-in/callback",),
        after_staff_sign_out,
        public,
        backchannel_logout_uri=f"{here}/backchannel-logout/staff",
    )
    return {settings.identification_client_id: resident, settings.staff_client_id: staff}


def _secret(secret: SecretStr) -> str:
    return secret.get_secret_value()


def serve_assessments(settings: Settings, port: int) -> None:
    """Run our own assessment service until stopped.

    Raises UnsafeSettings in production unless the settings name the medical device: software that gives individual
    triage is one (MDR 2017/745, rule 11), whatever a disclaimer says.
    """
    if settings.environment == "production" and not settings.medical_device:
        raise UnsafeSettings(
            "our own assessment content is a medical device (MDR 2017/745, rule 11): name its manufacturer, UDI, "
            "class and certificate in ASIOINTI_MEDICAL_DEVICE, or point ASIOINTI_OMAOLO_URL to the certified service"
        )
    from app.assessment_service.app import create_app

    _serve(create_app(), settings, port)


def _serve(app: ASGIApp, settings: Settings, port: int) -> None:
    configure_logs(settings)  # uvicorn's own would print whole traces, with what was answered in them
    uvicorn.run(app, host=settings.host, port=port, log_level="warning", access_log=False, log_config=None)
