"""Suomi.fi mandates (Valtuudet): the Web API in the mode where a person acts for a person (HPA)."""

from app.simulators.suomifi_mandates.choosing import Choosing
from app.simulators.suomifi_mandates.service import Service
from app.simulators.suomifi_mandates.sessions import TOKEN_KINDS, Sessions
from app.simulators.suomifi_mandates.signed_answers import AnswerSigner
from app.simulators.system import Parts, SimulatedSystem

NAME, PATH = "suomifi-mandates", "/suomifi/mandates"


def system(parts: Parts) -> SimulatedSystem:
    """The interface with the page where people choose for whom they act."""
    sessions = Sessions(parts.store)
    signer = AnswerSigner(parts.store, issuer=parts.url(PATH))
    app = Service(parts.settings.mandates, sessions, parts.world, signer).app()
    choosing = Choosing(parts.settings.mandates, sessions, parts.world, parts.pages, root=parts.url(PATH))
    choosing.add_to(app)
    return SimulatedSystem(NAME, PATH, app, TOKEN_KINDS)
