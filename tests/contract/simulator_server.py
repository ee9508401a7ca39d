"""The simulators on a real port, for tests: they are reached over HTTP like the systems they stand for."""

import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from joserfc.jwk import RSAKey

from app.integrations.oidc import ClientConfig
from app.integrations.suomifi.messages.client import MessagesConfig
from app.simulators.main import ClientRegistration, MessagesAccount, SimulatorSettings, create_app

CLIENT_ID = "test-window"
KEY_ID = "test-key"
REDIRECT_URI = "http://window.test/callback"
RETURN_URI = "http://window.test/fi/"
ACR = "http://ftn.ficora.fi/2017/loa2"


def new_client_key() -> RSAKey:
    return RSAKey.generate_key(2048, parameters={"kid": KEY_ID}, private=True)


@dataclass
class SimulatorServer:
    """One simulators process in a thread; `restart` keeps the address and the database."""

    database: Path
    key: RSAKey = field(default_factory=new_client_key)
    port: int = 0
    _server: uvicorn.Server | None = None
    _thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(
            create_app(self._settings()), log_level="critical", access_log=False, lifespan="off", ws="none"
        )
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

    def messages_config(self) -> MessagesConfig:
        account = MessagesAccount()
        return MessagesConfig(
            base_url=f"{self.url}/suomifi/messages",
            username=account.username,
            password=account.password,
            service_id="ASIOINTI",
        )

    def _settings(self) -> SimulatorSettings:
        client = ClientRegistration(
            redirect_uris=(REDIRECT_URI,),
            post_logout_redirect_uris=(RETURN_URI,),
            jwks={"keys": [self.key.as_dict(private=False)]},
        )
        return SimulatorSettings(database=self.database, public_url=self.url, clients={CLIENT_ID: client})
