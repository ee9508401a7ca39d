"""The simulators' own addresses: the index page with the fault switches, and their JSON twin."""

from collections.abc import Sequence
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from app.domain.text import as_language
from app.simulators.faults import MODES, Fault, current_fault, parse_fault, set_fault
from app.simulators.incoming import BadInput, read_form, read_json
from app.simulators.pages import Pages
from app.simulators.store import Store
from app.simulators.system import SimulatedSystem


class ControlPanel:
    """Shows and sets the fault of each system in `systems`, and leads to the messages that have arrived."""

    def __init__(self, systems: Sequence[SimulatedSystem], store: Store, pages: Pages) -> None:
        self._systems = [system.name for system in systems]
        self._inspections = {system.name: f"{system.path}/" for system in systems if system.inspection}
        self._store = store
        self._pages = pages

    async def index(self, request: Request) -> Response:
        language = as_language(request.query_params.get("lang"))
        context = {
            "faults": self._faults(),
            "modes": MODES,
            "fault_forms": {system: f"/_faults/{system}" for system in self._systems},
            "sent_messages": self._inspections["suomifi-messages"],
        }
        return self._pages.show("index.html", language, context)

    async def list_faults(self, _request: Request) -> Response:
        return JSONResponse({system: asdict(fault) for system, fault in self._faults().items()})

    async def put_fault(self, request: Request) -> Response:
        """`{"mode": …, "seconds": …}` → the fault as it now holds."""
        system = request.path_params["system"]
        if system not in self._systems:
            return JSONResponse({"reason": "unknown system", "systems": self._systems}, status_code=404)
        try:
            fault = parse_fault(await read_json(request))
        except BadInput as bad:
            return JSONResponse({"reason": bad.reason}, status_code=400)
        set_fault(self._store, system, fault)
        return JSONResponse(asdict(fault))

    async def post_fault(self, request: Request) -> Response:
        """The index page's form; what can't be read changes nothing and shows the page again."""
        language = as_language(request.query_params.get("lang"))
        system = request.path_params["system"]
        try:
            form = await read_form(request)
            fault = parse_fault({"mode": form.get("mode"), "seconds": _number(form.get("seconds"))})
        except BadInput:
            return RedirectResponse(f"/?lang={language}", status_code=303)
        if system in self._systems:
            set_fault(self._store, system, fault)
        return RedirectResponse(f"/?lang={language}", status_code=303)

    def _faults(self) -> dict[str, Fault]:
        return {system: current_fault(self._store, system) for system in self._systems}


def _number(text: str | None) -> float:
    try:
        return float((text or str(Fault.seconds)).replace(",", "."))
    except ValueError as error:
        raise BadInput("seconds must be a number") from error
