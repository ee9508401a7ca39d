"""The CapabilityStatement: exactly what this server does, made from its description."""

from datetime import UTC, datetime

from app.simulators.fhir_server.description import Resource, ResourceDescription, ServerDescription
from app.simulators.fhir_server.incoming import FHIR_JSON
from app.simulators.fhir_server.rules import Rules


def capability_statement(server: ServerDescription, base_url: str, rules: Rules) -> Resource:
    """`GET metadata`."""
    rest: Resource = {"mode": "server", "resource": [_resource(one, rules) for one in server.resources]}
    if server.security:
        rest["security"] = dict(server.security)
    if server.bundles:
        rest["interaction"] = [{"code": "transaction"}, {"code": "batch"}]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": datetime.now(UTC).date().isoformat(),
        "kind": "instance",
        "software": {"name": server.title},
        "implementation": {"description": server.title, "url": base_url},
        "fhirVersion": "4.0.1",
        "format": [FHIR_JSON, "json"],
        "rest": [rest],
    }


def _resource(described: ResourceDescription, rules: Rules) -> Resource:
    optional: Resource = {
        "supportedProfile": list(described.profiles),
        "searchInclude": [f"{described.type}:{name}" for name in described.includes],
        "searchParam": [{"name": one.name, "type": one.kind} for one in described.parameters],
        "operation": [
            {"name": one.name, "definition": f"OperationDefinition/{described.type}-{one.name}"}
            for one in rules.operations
            if one.resource_type == described.type
        ],
    }
    return {
        "type": described.type,
        "interaction": [{"code": code} for code in sorted(described.interactions)],
        "versioning": "versioned-update" if described.guard.required else "versioned",
        "readHistory": "vread" in described.interactions,
        "updateCreate": described.chosen_ids,
        "conditionalCreate": described.conditional_create and "create" in described.interactions,
        "conditionalRead": "not-match",
        "conditionalUpdate": False,
        **{name: value for name, value in optional.items() if value},
    }
