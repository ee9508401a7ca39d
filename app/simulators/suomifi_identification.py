"""Suomi.fi e-Identification, in the manner of the Finnish Trust Network."""

from typing import Any

from app.content import load
from app.domain.text import Text
from app.simulators.openid_provider.endpoints import Endpoints
from app.simulators.openid_provider.provider import Provider, TestLogin
from app.simulators.settings import ClaimNames, SimulatorSettings
from app.simulators.system import Parts, SimulatedSystem
from app.simulators.world import Resident, World

PATH = "/suomifi/identification"
_EIDAS = "http://eidas.europa.eu/attributes/naturalperson/"
_ACR_VALUES = (
    "http://ftn.ficora.fi/2017/loa3",
    "http://ftn.ficora.fi/2017/loa2",
    "http://ftn.ficora.fi/2017/loatest3",
    "http://ftn.ficora.fi/2017/loatest2",
)


def system(parts: Parts) -> SimulatedSystem:
    """The provider with its pages."""
    endpoints = Endpoints(provider(parts.settings, parts.world), parts.store, parts.pages)
    tokens = ("suomifi-identification/token", "suomifi-identification/code")
    return SimulatedSystem("suomifi-identification", PATH, endpoints.app(), tokens, endpoints.inspection)


def provider(settings: SimulatorSettings, world: World) -> Provider:
    """The provider whose people are the world's residents."""
    return Provider(
        name="suomifi-identification",
        issuer=f"{settings.public_url}{PATH}",
        clients=settings.clients,
        logins=(*(_login(person, settings.claim_names) for person in world.residents), _visitor()),
        acr_values=_ACR_VALUES,
    )


def _login(person: Resident, names: ClaimNames) -> TestLogin:
    return TestLogin(
        key=person.key,
        name=person.name,
        about=person.about,
        hint=person.identity_code,
        subject=None,
        claims=_claims(person, names),
    )


def _visitor() -> TestLogin:
    """Somebody from another country of the union: eIDAS tells names and an identifier of that country."""
    return TestLogin(
        key="elena",
        name="Elena Esempio",
        about=Text(load("simulator_texts.json")["texts"]["openid.eidas"]),
        hint="",
        subject=None,
        claims={
            f"{_EIDAS}CurrentGivenName": "Elena",
            f"{_EIDAS}CurrentFamilyName": "Esempio",
            f"{_EIDAS}PersonIdentifier": "IT/FI/0000000000",
            f"{_EIDAS}DateOfBirth": "1990-02-03",
        },
    )


def _claims(person: Resident, names: ClaimNames) -> dict[str, Any]:
    """What the population register lets out: under non-disclosure the flag, and no municipality."""
    claims: dict[str, Any] = {
        names.identity_code: person.identity_code,
        names.given_name: person.given_name,
        names.first_names: person.first_names,
        names.family_name: person.family_name,
    }
    if person.non_disclosure:
        return claims | {names.non_disclosure: "1"}
    return claims | {names.municipality: person.municipality}
