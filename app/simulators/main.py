"""All simulators in one process with one address and one SQLite file of its own."""

from importlib.resources import as_file, files

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from app.simulators import omaolo, staff_identification, suomifi_identification
from app.simulators.control import ControlPanel
from app.simulators.faults import FaultSwitch
from app.simulators.headers import SecurityHeaders, content_security_policy
from app.simulators.openid_provider.endpoints import Endpoints as ProviderEndpoints
from app.simulators.pages import Pages
from app.simulators.settings import ClaimNames, ClientRegistration, MessagesAccount, SimulatorSettings
from app.simulators.store import Store
from app.simulators.suomifi_messages.account import AccountDesk
from app.simulators.suomifi_messages.endpoints import Endpoints as MessagesEndpoints
from app.simulators.world import read_world

__all__ = ["ClaimNames", "ClientRegistration", "MessagesAccount", "SimulatorSettings", "create_app"]

MESSAGES_PATH = "/suomifi/messages"


def create_app(settings: SimulatorSettings) -> FastAPI:
    """The simulators. Run it with the access log off: addresses of a sign-in carry codes."""
    store, pages, world = Store(settings.database), Pages(), read_world()
    messages = MessagesEndpoints(AccountDesk(settings.messages, store), store, world, pages)
    residents = ProviderEndpoints(suomifi_identification.provider(settings, world), store, pages)
    staff = ProviderEndpoints(staff_identification.provider(settings, world), store, pages)

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(SecurityHeaders, policy=content_security_policy(settings.clients.values()))
    # People look here also while the system is told to fail, so the page stands outside its switch.
    app.add_route(f"{MESSAGES_PATH}/", messages.inspection, ["GET"])
    _mount(
        app,
        store,
        pages,
        {
            "suomifi-identification": (suomifi_identification.PATH, residents.app()),
            "staff-identification": (staff_identification.PATH, staff.app()),
            "suomifi-messages": (MESSAGES_PATH, messages.app()),
            "omaolo": (omaolo.PATH, omaolo.app()),
        },
    )
    return app


def _mount(app: FastAPI, store: Store, pages: Pages, systems: dict[str, tuple[str, ASGIApp]]) -> None:
    for system, (path, inner) in systems.items():
        app.router.routes.append(Mount(path, FaultSwitch(inner, system=system, store=store)))
    control = ControlPanel(tuple(systems), MESSAGES_PATH, store, pages)
    app.add_route("/", control.index, ["GET"])
    app.add_route("/_faults", control.list_faults, ["GET"])
    app.add_route("/_faults/{system}", control.put_fault, ["PUT"])
    app.add_route("/_faults/{system}", control.post_fault, ["POST"])
    app.add_route("/favicon.ico", _no_icon, ["GET"])
    with as_file(files("app.simulators") / "assets") as assets:
        app.mount("/_assets", StaticFiles(directory=assets))


async def _no_icon(_request: Request) -> Response:
    return Response(status_code=204)
