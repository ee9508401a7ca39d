"""The Kanta PHR (Omatietovaranto): OAuth 2.0 with a page for the resident's consent, and a FHIR R4 server."""

from starlette.applications import Starlette
from starlette.routing import Mount

from app.simulators.fhir_server import FhirServer
from app.simulators.kanta_phr.consent import ConsentPages
from app.simulators.kanta_phr.description import phr_server
from app.simulators.kanta_phr.people import People
from app.simulators.kanta_phr.rules import PhrRules
from app.simulators.kanta_phr.token_endpoints import TokenEndpoints
from app.simulators.kanta_phr.tokens import ACCESS, TokenDesk
from app.simulators.system import Parts, SimulatedSystem

NAME, PATH = "kanta-phr", "/kanta/phr"


def system(parts: Parts) -> SimulatedSystem:
    """Everybody of the world has a record; it is open to a client only by the person's consent."""
    base, people = parts.url(PATH), People(parts.world)
    client = parts.settings.kanta_phr
    desk = TokenDesk(parts.store, people)
    server = FhirServer(phr_server(base), parts.store, base, PhrRules(desk, people))
    pages = ConsentPages(client, desk, parts.store, people, parts.pages, base=base)
    tokens = TokenEndpoints(client, desk, parts.store, base=base)
    app = Starlette(routes=[*pages.routes(), *tokens.routes(), Mount("", server.app())])
    return SimulatedSystem(NAME, PATH, app, (ACCESS,))
