"""What each register's FHIR server is, and what it insists on."""

from collections.abc import Mapping
from typing import Literal, get_args

from starlette.requests import Request

from app.simulators.fhir_server.description import (
    Action,
    Interaction,
    Resource,
    ResourceDescription,
    SearchParameter,
    ServerDescription,
)
from app.simulators.fhir_server.refusal import Refusal
from app.simulators.fhir_server.rules import Context, Rules
from app.simulators.json_api import shows

RegisterName = Literal["patient", "social"]
REGISTERS: tuple[RegisterName, ...] = get_args(RegisterName)
NAMESPACE = "https://asiointi-ikkuna.example/fhir"
REGISTER_SYSTEM = f"{NAMESPACE}/CodeSystem/register"
STATE_SYSTEM = f"{NAMESPACE}/CodeSystem/case-state"
# Clients bring things in and ask how far they are; what has come in is changed only by the people who work on it.
_ARRIVING: frozenset[Interaction] = frozenset({"create", "read", "search-type"})
_IDENTIFIER = SearchParameter("identifier", "token", ("identifier",))
_TYPES = {
    "Task": (_IDENTIFIER, SearchParameter("status", "token", ("status",))),
    "Communication": (_IDENTIFIER, SearchParameter("based-on", "reference", ("basedOn",))),
    "DocumentReference": (_IDENTIFIER, SearchParameter("related", "reference", ("context.related",))),
}


def description(register: RegisterName) -> ServerDescription:
    return ServerDescription(
        title=f"Record system, {register} register",
        kind_prefix=f"records/{register}",
        resources=tuple(ResourceDescription(name, _ARRIVING, parameters) for name, parameters in _TYPES.items()),
        strict_search=True,
        bundles=False,
    )


class RegisterRules(Rules):
    """One register's rules. `keys` are all registers' keys: that of another one is known, but opens nothing here."""

    def __init__(self, register: RegisterName, key: str, keys: Mapping[str, str]) -> None:
        self._register = register
        self._key = key
        self._keys = tuple(keys.values())

    def authorise(self, request: Request, resource_type: str | None, action: Action) -> Refusal | None:  # noqa: ARG002
        if action == "metadata" or shows(request, self._key):
            return None
        if any(shows(request, key) for key in self._keys):
            return Refusal(403, "forbidden", "this key is another register's")
        headers = (("WWW-Authenticate", "Bearer"),)
        return Refusal(401, "login", "the key is missing or wrong", headers=headers)

    def before_create(self, resource: Resource, context: Context) -> Refusal | None:  # noqa: ARG002
        """An own identifier, and the register said once more: what belongs elsewhere is never taken."""
        tags = {tag.get("code") for tag in resource.get("meta", {}).get("tag", []) if _is_register(tag)}
        if tags != {self._register}:
            return Refusal(422, "business-rule", f"meta.tag must name the {self._register} register and no other")
        identifiers = resource.get("identifier", [])
        if not any(one.get("system") and one.get("value") for one in identifiers):
            return Refusal(422, "required", "an identifier with system and value is required")
        return self._check_case(resource) if resource["resourceType"] == "Task" else None

    def _check_case(self, task: Resource) -> Refusal | None:
        if task.get("status") != "requested":
            return Refusal(422, "business-rule", "a new case has the status requested")
        if not task.get("authoredOn"):
            return Refusal(422, "required", "authoredOn is required: from then on the case is pending")
        task["status"] = "received"
        return None


def _is_register(tag: Resource) -> bool:
    return bool(tag.get("system") == REGISTER_SYSTEM)
