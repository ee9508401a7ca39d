"""What can be done to the systems from outside, by HTTP and by the forms of the index page."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.simulators.faults import parse_fault
from app.simulators.incoming import BadInput, parse_json, read_form, read_json, read_upload, wants_page
from app.simulators.index_page import IndexPage
from app.simulators.scenario import Scenario, examples, play, read_scenario
from app.simulators.stage import Stage
from app.simulators.system import SimulatedSystem

Handler = Callable[[Request], Awaitable[Response]]
_NUMBERS: dict[str, type[int] | type[float]] = {"seconds": float, "fraction": float, "seed": int}


class UnknownSystem(Exception):
    """The address names a system that is not simulated here."""


class ControlPanel:
    """Faults, resets and scenarios. JSON for programs; a browser is led back to the index page."""

    def __init__(self, stage: Stage, index: IndexPage) -> None:
        self._stage = stage
        self._index = index

    def routes(self) -> list[Route]:
        return [
            Route("/", self._index.show, methods=["GET"]),
            Route("/_faults", self.list_faults, methods=["GET"]),
            Route("/_faults/{system}", self._answering(self.put_fault), methods=["PUT"]),
            Route("/_faults/{system}", self._answering(self.post_fault), methods=["POST"]),
            Route("/_reset", self._answering(self.reset), methods=["POST"]),
            Route("/_reset/{system}", self._answering(self.reset), methods=["POST"]),
            Route("/_scenario", self._answering(self.put_scenario), methods=["PUT"]),
            Route("/_scenario", self._answering(self.post_scenario), methods=["POST"]),
        ]

    async def list_faults(self, _request: Request) -> Response:
        return JSONResponse({name: asdict(self._stage.board.current(name)) for name in self._stage.systems})

    async def put_fault(self, request: Request) -> Response:
        """`{"mode": …, …}` → the fault as it now holds."""
        system, fault = self._system(request), parse_fault(await read_json(request))
        self._stage.board.set(system, fault)
        return JSONResponse(asdict(fault))

    async def post_fault(self, request: Request) -> Response:
        """The index page's form."""
        system, fault = self._system(request), parse_fault(_fault_form(await read_form(request)))
        self._stage.board.set(system, fault)
        return self._index.done(request, "fault", system.name)

    async def reset(self, request: Request) -> Response:
        """Empty the system that the address names, or all."""
        named = [self._system(request).name] if "system" in request.path_params else []
        names = named or list(self._stage.systems)
        self._stage.reset(names)
        if wants_page(request):
            return self._index.done(request, "reset", *named)
        return JSONResponse({"reset": names})

    async def put_scenario(self, request: Request) -> Response:
        scenario = read_scenario(await read_json(request), self._stage)
        play(scenario, self._stage)
        return JSONResponse(_played(scenario))

    async def post_scenario(self, request: Request) -> Response:
        """The index page's forms: a file, or the name of an example."""
        play(read_scenario(_scenario_form(await read_upload(request)), self._stage), self._stage)
        return self._index.done(request, "scenario")

    def _system(self, request: Request) -> SimulatedSystem:
        found = self._stage.systems.get(request.path_params["system"])
        if found is None:
            raise UnknownSystem
        return found

    def _answering(self, handler: Handler) -> Handler:
        async def answered(request: Request) -> Response:
            try:
                return await handler(request)
            except UnknownSystem:
                told = {"reason": "unknown system", "systems": list(self._stage.systems)}
                return JSONResponse(told, status_code=404)
            except BadInput as bad:
                if wants_page(request):
                    return self._index.refused(request, bad.reason)
                return JSONResponse({"reason": bad.reason}, status_code=400)

        return answered


def _fault_form(form: dict[str, str]) -> dict[str, Any]:
    """The form's text as the JSON that it stands for."""
    numbers = {name: _number(form[name], name) for name in _NUMBERS if name in form}
    return {"mode": form.get("mode"), **numbers, "carried_out": form.get("carried_out") == "yes"}


def _number(text: str, name: str) -> float:
    try:
        return _NUMBERS[name](text.strip().replace(",", "."))
    except ValueError as error:
        raise BadInput(f"{name} must be a number") from error


def _scenario_form(form: dict[str, str | bytes]) -> Any:
    if "example" in form:
        found = next((example.raw for example in examples() if example.name == form["example"]), None)
        if found is None:
            raise BadInput("there is no such example")
        return found
    file = form.get("file")
    if not isinstance(file, bytes):
        raise BadInput("choose a file")
    return parse_json(file)


def _played(scenario: Scenario) -> dict[str, Any]:
    faults = {name: asdict(fault) for name, fault in scenario.faults.items()}
    return {"reset": list(scenario.reset), "records": len(scenario.records), "faults": faults}
