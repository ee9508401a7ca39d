"""All simulators in one process with one address and one SQLite file of its own."""

from importlib.resources import as_file, files

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from app.simulators.control import ControlPanel
from app.simulators.faults import FaultSwitch
from app.simulators.headers import SecurityHeaders, content_security_policy
from app.simulators.pages import Pages
from app.simulators.settings import ClaimNames, ClientRegistration, MessagesAccount, SimulatorSettings
from app.simulators.store import Store
from app.simulators.system import Parts
from app.simulators.systems import systems
from app.simulators.world import read_world

__all__ = ["ClaimNames", "ClientRegistration", "MessagesAccount", "SimulatorSettings", "create_app"]


def create_app(settings: SimulatorSettings) -> FastAPI:
    """The simulators. Run it with the access log off: addresses of a sign-in carry codes."""
    parts = Parts(settings, Store(settings.database), read_world(), Pages())
    mounted = systems(parts)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(SecurityHeaders, policy=content_security_policy(settings.clients.values()))
    for system in mounted:
        # People look here also while the system is told to fail, so the page stands outside its switch.
        if system.inspection:
            app.add_route(f"{system.path}/", system.inspection, ["GET"])
        app.router.routes.append(Mount(system.path, FaultSwitch(system.app, system=system.name, store=parts.store)))
    _add_control(app, ControlPanel(mounted, parts.store, parts.pages))
    return app


def _add_control(app: FastAPI, control: ControlPanel) -> None:
    app.add_route("/", control.index, ["GET"])
    app.add_route("/_faults", control.list_faults, ["GET"])
    app.add_route("/_faults/{system}", control.put_fault, ["PUT"])
    app.add_route("/_faults/{system}", control.post_fault, ["POST"])
    app.add_route("/favicon.ico", _no_icon, ["GET"])
    with as_file(files("app.simulators") / "assets") as assets:
        app.mount("/_assets", StaticFiles(directory=assets))


async def _no_icon(_request: Request) -> Response:
    return Response(status_code=204)
