"""How a page says which outside systems it needs: in its signature.

`async def ask(page: PublicPage, omaolo: Omaolo)` calls the system, and the fault matrix tries it.
`APIRouter(dependencies=[leads_to("omaolo")])` calls nobody but leads to pages that do: its banner is shown.
"""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant

from app.integrations.budget import declare
from app.integrations.kanta.phr.port import PersonalHealthRecord
from app.integrations.omaolo.port import AssessmentService
from app.integrations.ports import SYSTEMS
from app.integrations.scanner.port import Scanner
from app.integrations.staff_identification.port import StaffIdentification
from app.integrations.suomifi.identification.port import Identification
from app.integrations.suomifi.mandates.port import Mandates
from app.services.errors import NotFound


class Calls:
    """A dependency that gives the port of `system` and declares that the page calls it."""

    def __init__(self, system: str) -> None:
        self.system = system

    async def __call__(self, request: Request) -> Any:
        declare(self.system)
        concerned(request).append(self.system)
        return request.app.state.outside.ports.of(self.system)


class CallsNamed:
    """A dependency of the page on which an operator tries any system by its name. Raises NotFound for no system."""

    async def __call__(self, request: Request, system: str) -> Any:
        if system not in SYSTEMS:
            raise NotFound
        declare(system)
        return request.app.state.outside.ports.of(system)


class LeadsTo:
    """A dependency of pages that call nobody but lead to where `systems` are needed."""

    def __init__(self, *systems: str) -> None:
        self.systems = systems

    async def __call__(self, request: Request) -> None:
        concerned(request).extend(self.systems)


def leads_to(*systems: str) -> Any:
    """See LeadsTo."""
    return Depends(LeadsTo(*systems))


def concerned(request: Request) -> list[str]:
    """The systems that what the reader is doing here needs."""
    if not hasattr(request.state, "systems"):
        request.state.systems = []
    systems: list[str] = request.state.systems
    return systems


def systems_called(dependant: Dependant) -> Iterator[str]:
    """The systems that a route declares to call."""
    if isinstance(dependant.call, Calls):
        yield dependant.call.system
    if isinstance(dependant.call, CallsNamed):
        yield from SYSTEMS
    for inner in dependant.dependencies:
        yield from systems_called(inner)


NamedSystem = Annotated[Any, Depends(CallsNamed())]
ResidentSignIn = Annotated[Identification, Depends(Calls("suomifi-identification"))]
StaffSignIn = Annotated[StaffIdentification, Depends(Calls("staff-identification"))]
Omaolo = Annotated[AssessmentService, Depends(Calls("omaolo"))]
MandatesPort = Annotated[Mandates, Depends(Calls("suomifi-mandates"))]
HealthRecord = Annotated[PersonalHealthRecord, Depends(Calls("kanta-phr"))]
MalwareScanner = Annotated[Scanner, Depends(Calls("scanner"))]
