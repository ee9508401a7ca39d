"""The county's own sign-in of staff: name, profession, roles, units and service tasks come as claims."""

from app.simulators.openid_provider.endpoints import Endpoints
from app.simulators.openid_provider.provider import Provider, TestLogin
from app.simulators.settings import SimulatorSettings
from app.simulators.system import Parts, SimulatedSystem
from app.simulators.world import Employee, World

PATH = "/staff/identification"


def system(parts: Parts) -> SimulatedSystem:
    """The provider with its pages."""
    endpoints = Endpoints(provider(parts.settings, parts.world), parts.store, parts.pages)
    tokens = ("staff-identification/token", "staff-identification/code")
    return SimulatedSystem("staff-identification", PATH, endpoints.app(), tokens, endpoints.inspection)


def provider(settings: SimulatorSettings, world: World) -> Provider:
    """The provider whose people are the world's staff; `sub` is the same at every login."""
    return Provider(
        name="staff-identification",
        issuer=f"{settings.public_url}{PATH}",
        clients=settings.clients,
        logins=tuple(_login(employee) for employee in world.staff),
        acr_values=("urn:asiointi:staff:strong",),
    )


def _login(employee: Employee) -> TestLogin:
    return TestLogin(
        key=employee.key,
        name=employee.name,
        about=employee.about,
        hint="",
        subject=employee.subject,
        claims={
            "name": employee.name,
            "profession": employee.profession,
            "roles": list(employee.roles),
            "units": list(employee.units),
            "tasks": list(employee.tasks),
        },
    )
