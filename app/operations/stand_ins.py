"""Serving the simulators and our own assessment service as processes of their own."""

import json

import uvicorn
from starlette.applications import Starlette

from app.logs import configure_logs
from app.operations.demo import ensure_oidc_key
from app.settings import Settings, UnsafeSettings
from app.simulators.settings import ClientRegistration, MessagesAccount, SimulatorSettings


def serve_simulators(settings: Settings) -> None:
    """Run the simulators until stopped. Raises UnsafeSettings in production."""
    settings.refuse_in_production("the simulators stand in for national services and never run in production")
    from app.simulators.main import create_app

    ensure_oidc_key(settings.oidc_key_file)
    app = create_app(simulator_settings(settings))
    _serve(app, settings, settings.simulators_port)


def simulator_settings(settings: Settings) -> SimulatorSettings:
    """The simulators as the window's settings know them: this window is their only client."""
    here = settings.public_url
    key = json.loads(settings.oidc_key_file.read_text())
    public = {name: key[name] for name in ("kty", "n", "e", "kid", "use", "alg") if name in key}
    after_sign_out = tuple(f"{here}/{lang}/signed-out" for lang in ("fi", "sv", "en"))
    after_staff_sign_out = tuple(f"{here}/{lang}/staff/sign-in" for lang in ("fi", "sv", "en"))
    resident = ClientRegistration((f"{here}/sign-in/callback",), after_sign_out, {"keys": [public]})
    staff = ClientRegistration((f"{here}/staff/sign-in/callback",), after_staff_sign_out, {"keys": [public]})
    return SimulatorSettings(
        database=settings.var / "simulators.sqlite3",
        public_url=settings.simulators_url,
        clients={settings.identification_client_id: resident, settings.staff_client_id: staff},
        messages=MessagesAccount(settings.messages_username, settings.messages_password.get_secret_value()),
    )


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


def _serve(app: Starlette, settings: Settings, port: int) -> None:
    configure_logs(settings)  # uvicorn's own would print whole traces, with what was answered in them
    uvicorn.run(app, host=settings.host, port=port, log_level="warning", access_log=False, log_config=None)
