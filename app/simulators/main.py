"""All simulators in one process with one address and one SQLite file of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import as_file, files

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from app.simulators.control import ControlPanel
from app.simulators.fault_switch import FaultSwitch
from app.simulators.headers import SecurityHeaders, content_security_policy
from app.simulators.index_page import IndexPage
from app.simulators.living_world import living_world
from app.simulators.pages import Pages
from app.simulators.recorder import Recorder
from app.simulators.scanner.server import listening
from app.simulators.settings import ClaimNames, ClientRegistration, MessagesAccount, SimulatorSettings
from app.simulators.stage import Stage
from app.simulators.store import Store
from app.simulators.system import Parts, SimulatedSystem
from app.simulators.systems import systems
from app.simulators.traffic_pages import TrafficPages

__all__ = ["ClaimNames", "ClientRegistration", "MessagesAccount", "SimulatorSettings", "create_app"]


def create_app(settings: SimulatorSettings) -> FastAPI:
    """The simulators. Run it with the access log off: addresses of a sign-in carry codes."""
    store = Store(settings.database)
    parts = Parts(settings, store, living_world(store), Pages())
    stage = Stage(systems(parts), parts.store)
    stage.seed_empty()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with listening(settings.scanner, stage):
            yield

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.paths = {system.name: system.path for system in stage.systems.values()}
    app.add_middleware(SecurityHeaders, policy=content_security_policy(settings.clients.values()))
    for system in stage.systems.values():
        # People look here also while the system is told to fail, so the page stands outside its switch.
        if system.inspection:
            app.add_route(f"{system.path}/", system.inspection, ["GET"])
        app.router.routes.append(Mount(system.path, _guarded(system, stage)))
    app.router.routes.extend(ControlPanel(stage, IndexPage(stage, parts.pages)).routes())
    app.router.routes.extend(TrafficPages(stage, parts.pages).routes())
    _add_assets(app)
    return app


def _guarded(system: SimulatedSystem, stage: Stage) -> ASGIApp:
    """The system behind its fault switch, and before both the recorder, which sees what its client sees."""
    switch = FaultSwitch(system, stage.board, stage.store)
    return Recorder(switch, system=system.name, traffic=stage.traffic)


def _add_assets(app: FastAPI) -> None:
    app.add_route("/favicon.ico", _no_icon, ["GET"])
    with as_file(files("app.simulators") / "assets") as assets:
        app.mount("/_assets", StaticFiles(directory=assets))


async def _no_icon(_request: Request) -> Response:
    return Response(status_code=204)
