"""The simulators on a real port, for tests: they are reached over HTTP like the systems they stand for."""

import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from joserfc.jwk import RSAKey
from starlette.types import ASGIApp

from app.integrations.booking.config import BookingConfig
from app.integrations.email.client import EmailConfig
from app.integrations.kanta.appointments.client import AppointmentsConfig
from app.integrations.kanta.phr.client import PhrConfig
from app.integrations.oidc import ClientConfig
from app.integrations.omaolo.client import OmaoloConfig
from app.integrations.records.client import RecordsConfig, RegisterEndpoint
from app.integrations.scanner.clamd import ClamdConfig
from app.integrations.sms.client import SmsConfig
from app.integrations.suomifi.catalogue.client import CatalogueConfig
from app.integrations.suomifi.mandates.client import MandatesConfig
from app.integrations.suomifi.messages.client import MessagesConfig
from app.integrations.video.client import VideoConfig
from app.simulators.at_root import AtRoot
from app.simulators.main import ClientRegistration, MessagesAccount, SimulatorSettings, create_app
from app.simulators.settings import (
    BookingAccess,
    EmailAccount,
    KantaAppointmentsAccess,
    MandatesClient,
    OmaoloAccount,
    PhrClient,
    RecordsAccess,
    ScannerDoor,
    SmsAccount,
    VideoAccount,
)
from tests.tools.world import free_port

CLIENT_ID = "test-window"
KEY_ID = "test-key"
REDIRECT_URI = "http://window.test/callback"
RETURN_URI = "http://window.test/fi/"
ACR = "http://ftn.ficora.fi/2017/loa2"


def new_client_key() -> RSAKey:
    return RSAKey.generate_key(2048, parameters={"kid": KEY_ID}, private=True)


@dataclass
class SimulatorServer:
    """One simulators process in a thread; `restart` keeps the address and the database.

    `at_root`: path of a system that is to answer at the root of the address as well, for clients that know only a host.
    """

    database: Path
    key: RSAKey = field(default_factory=new_client_key)
    port: int = 0
    at_root: str | None = None
    sms: SmsAccount = field(default_factory=lambda: SmsAccount(delivery_seconds=0.2))
    phr: PhrClient = field(default_factory=lambda: PhrClient(redirect_uris=(REDIRECT_URI,)))
    scanner: ScannerDoor = field(default_factory=lambda: ScannerDoor(free_port(), largest=1024 * 1024))
    _server: uvicorn.Server | None = None
    _thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        app: ASGIApp = create_app(self._settings())
        if self.at_root is not None:
            app = AtRoot(app, self.at_root)
        config = uvicorn.Config(app, log_level="critical", access_log=False, ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]}, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        assert self._server.started

    def stop(self) -> None:
        assert self._server is not None
        assert self._thread is not None
        self._server.should_exit = True
        self._thread.join(10)

    def restart(self) -> None:
        self.stop()
        self.start()

    def sign_in_config(self, path: str = "/suomifi/identification") -> ClientConfig:
        return ClientConfig(
            system="sign-in",
            issuer=f"{self.url}{path}",
            client_id=CLIENT_ID,
            private_key=self.key.as_dict(private=True),
            kid=KEY_ID,
            acr_values=() if path.startswith("/staff") else (ACR,),
            seconds=2.0,
        )

    def omaolo_config(self) -> OmaoloConfig:
        return OmaoloConfig(f"{self.url}/omaolo", api_key=OmaoloAccount().api_key, seconds=5.0)

    def messages_config(self) -> MessagesConfig:
        account = MessagesAccount()
        return MessagesConfig(
            base_url=f"{self.url}/suomifi/messages",
            username=account.username,
            password=account.password,
            service_id="ASIOINTI",
        )

    def mandates_config(self) -> MandatesConfig:
        known = MandatesClient()
        return MandatesConfig(
            base_url=f"{self.url}/suomifi/mandates",
            client_id=known.client_id,
            api_key=known.api_key,
            oauth_password=known.oauth_password,
        )

    def catalogue_config(self) -> CatalogueConfig:
        return CatalogueConfig(f"{self.url}/suomifi/catalogue/api/v11", seconds=5.0)

    def records_config(self) -> RecordsConfig:
        access = RecordsAccess()
        return RecordsConfig(
            patient=RegisterEndpoint(f"{self.url}/records/patient", access.patient_key),
            social=RegisterEndpoint(f"{self.url}/records/social", access.social_key),
        )

    def sms_config(self) -> SmsConfig:
        return SmsConfig(
            base_url=f"{self.url}/sms",
            api_key=self.sms.api_key,
            sender="Ikkuna",
            report_secret=self.sms.report_secret,
        )

    def email_config(self) -> EmailConfig:
        account = EmailAccount()
        return EmailConfig(base_url=f"{self.url}/email", token=account.token, sender=account.sender)

    def scanner_config(self) -> ClamdConfig:
        return ClamdConfig(f"tcp://{self.scanner.host}:{self.scanner.port}")

    def video_config(self) -> VideoConfig:
        return VideoConfig(base_url=f"{self.url}/video", api_key=VideoAccount().api_key)

    def booking_config(self) -> BookingConfig:
        return BookingConfig(base_url=f"{self.url}/booking", token=BookingAccess().token)

    def phr_config(self) -> PhrConfig:
        return PhrConfig(
            base_url=f"{self.url}/kanta/phr", client_id=self.phr.client_id, client_secret=self.phr.client_secret
        )

    def appointments_config(self) -> AppointmentsConfig:
        return AppointmentsConfig(f"{self.url}/kanta/appointments", token=KantaAppointmentsAccess().token)

    def _settings(self) -> SimulatorSettings:
        client = ClientRegistration(
            redirect_uris=(REDIRECT_URI,),
            post_logout_redirect_uris=(RETURN_URI,),
            jwks={"keys": [self.key.as_dict(private=False)]},
        )
        return SimulatorSettings(
            database=self.database,
            public_url=self.url,
            clients={CLIENT_ID: client},
            sms=self.sms,
            scanner=self.scanner,
            kanta_phr=self.phr,
            mandates=(MandatesClient(redirect_uris=(REDIRECT_URI,)),),
        )
