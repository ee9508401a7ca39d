"""Suomi.fi e-Identification, in the manner of the Finnish Trust Network."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from app.domain.clock import Clock
from app.simulators.openid_provider.endpoints import Endpoints
from app.simulators.openid_provider.provider import Provider, TestLogin
from app.simulators.settings import ClaimNames, SimulatorSettings
from app.simulators.system import Parts, SimulatedSystem
from app.simulators.world import Foreigner, Resident, World

PATH = "/suomifi/identification"
_EIDAS = "http://eidas.europa.eu/attributes/naturalperson/"
_FINNISH = (
    "http://ftn.ficora.fi/2017/loa3",
    "http://ftn.ficora.fi/2017/loa2",
    "http://ftn.ficora.fi/2017/loatest3",
    "http://ftn.ficora.fi/2017/loatest2",
)
_EUROPEAN = {level: f"http://eidas.europa.eu/LoA/{level}" for level in ("high", "substantial", "low")}


def system(parts: Parts) -> SimulatedSystem:
    """The provider with its pages."""
    endpoints = Endpoints(provider(parts.settings, parts.world), parts.store, parts.pages)
    tokens = ("suomifi-identification/token", "suomifi-identification/code")
    return SimulatedSystem("suomifi-identification", PATH, endpoints.app(), tokens, endpoints.inspection)


def provider(settings: SimulatorSettings, world: World) -> Provider:
    """The provider whose people are the world's residents who can sign in today, and who comes by eIDAS."""
    today = Clock(datetime.now(UTC)).today
    finnish = [person for person in world.residents if world.can_identify(person, today)]
    return Provider(
        name="suomifi-identification",
        issuer=f"{settings.public_url}{PATH}",
        clients=settings.clients,
        logins=(
            *(_login(person, settings.claim_names) for person in finnish),
            *(login for person in world.foreigners for login in _foreign_logins(person)),
        ),
        acr_values=(*_FINNISH, *_EUROPEAN.values()),
    )


def _login(person: Resident, names: ClaimNames) -> TestLogin:
    return TestLogin(
        key=person.key,
        name=person.name,
        about=person.about,
        hint=person.identity_code,
        subject=None,
        claims=_claims(person, names),
        acr_values=_FINNISH,
    )


def _foreign_logins(person: Foreigner) -> Iterator[TestLogin]:
    """The person's usual login under their own key, others under `{key}-{level}`."""
    for level in person.levels:
        usual = level == person.levels[0]
        yield TestLogin(
            key=person.key if usual else f"{person.key}-{level}",
            name=person.name,
            about=person.about,
            hint=person.person_identifier,
            subject=None,
            claims=_foreign_claims(person),
            acr_values=(_EUROPEAN[level],),
            level="" if usual else level,
        )


def _foreign_claims(person: Foreigner) -> dict[str, Any]:
    """The minimum data set of eIDAS: no Finnish register is asked, so no municipality and no non-disclosure."""
    return {
        f"{_EIDAS}CurrentGivenName": person.first_names,
        f"{_EIDAS}CurrentFamilyName": person.family_name,
        f"{_EIDAS}PersonIdentifier": person.person_identifier,
        f"{_EIDAS}DateOfBirth": person.born.isoformat(),
    }


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
