"""Search: reading a query, and finding what matches."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.simulators.fhir_server.description import Resource, ResourceDescription, SearchParameter, ServerDescription
from app.simulators.fhir_server.matching import MODIFIERS, matches, values_at
from app.simulators.fhir_server.records import Unit
from app.simulators.fhir_server.refusal import refuse

RESULT_PARAMETERS = frozenset({"_count", "_offset", "_include", "_include:iterate", "_include:recurse", "_sort"})
IGNORED = frozenset({"_format", "_pretty", "_total", "_totalMethod"})
Query = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Criterion:
    """One parameter of a query: any of `values` must match. `chain`: a parameter of what the reference points to."""

    parameter: SearchParameter
    modifier: str
    chain: str
    values: tuple[str, ...]


def known_and_unknown(description: ResourceDescription, query: Query) -> tuple[list[tuple[str, str]], list[str]]:
    """The pairs that the server understands, and the names that it does not."""
    known = [pair for pair in query if pair[0] in RESULT_PARAMETERS or description.parameter(_split(pair[0])[0])]
    names = {name for name, _ in known} | IGNORED
    return known, sorted({name for name, _ in query} - names)


def find(unit: Unit, server: ServerDescription, resource_type: str, query: Query) -> list[Resource]:
    """Living resources that fulfil every criterion of the query, oldest first. Raises Refused."""
    description = server.resource(resource_type)
    if description is None:
        raise refuse(400, "not-supported", f"{resource_type} cannot be searched")
    criteria = [_criterion(description, *pair) for pair in query if pair[0] not in RESULT_PARAMETERS | IGNORED]
    criteria = [_resolved(criterion, unit, server) if criterion.chain else criterion for criterion in criteria]
    found = [resource for resource in unit.every(resource_type) if all(_fulfils(resource, c) for c in criteria)]
    return _sorted(found, description, next((value for name, value in query if name == "_sort"), ""))


def split_values(text: str) -> tuple[str, ...]:
    """The alternatives of a value: commas part them, an escaped comma is one."""
    return tuple(re.sub(r"\\([,$|\\])", r"\1", part) for part in re.split(r"(?<!\\),", text))


def _criterion(description: ResourceDescription, name: str, value: str) -> Criterion:
    own_name, modifier, chain = _split(name)
    parameter = description.parameter(own_name)
    if parameter is None:
        raise refuse(400, "not-supported", "a search parameter is not known")
    is_type = parameter.kind == "reference" and modifier[:1].isupper()
    if modifier and not is_type and modifier not in MODIFIERS[parameter.kind]:
        raise refuse(400, "not-supported", f"{own_name} has no such modifier")
    if chain and parameter.kind != "reference":
        raise refuse(400, "not-supported", f"{own_name} is no reference")
    return Criterion(parameter, modifier, chain, split_values(value))


def _split(name: str) -> tuple[str, str, str]:
    """`schedule:Schedule.actor` is the parameter, its modifier and what is chained to it."""
    own, _, chain = name.partition(".")
    own_name, _, modifier = own.partition(":")
    return own_name, modifier, chain


def _resolved(criterion: Criterion, unit: Unit, server: ServerDescription) -> Criterion:
    """A chained criterion as one on the references to whatever fulfils the chained part."""
    targets = [criterion.modifier] if criterion.modifier else [known.type for known in server.resources]
    name = _split(criterion.chain)[0]
    chained = [(criterion.chain, ",".join(criterion.values))]
    found = [
        f"{target}/{resource['id']}"
        for target in targets
        if (described := server.resource(target)) and described.parameter(name)
        for resource in find(unit, server, target, chained)
    ]
    return Criterion(criterion.parameter, "", "", tuple(found))


def _fulfils(resource: Resource, criterion: Criterion) -> bool:
    parameter, negated = criterion.parameter, criterion.modifier == "not"
    found = any(
        matches(parameter.kind, value, wanted, criterion.modifier)
        for path in parameter.paths
        for value in values_at(resource, path)
        for wanted in criterion.values
    )
    return found != negated


def _sorted(found: list[Resource], description: ResourceDescription, order: str) -> list[Resource]:
    for name in reversed([part for part in order.split(",") if part]):
        parameter = description.parameter(name.removeprefix("-"))
        if parameter is None:
            raise refuse(400, "not-supported", "_sort names an unknown parameter")
        found = sorted(found, key=lambda r, p=parameter: _sort_key(r, p), reverse=name.startswith("-"))  # type: ignore[misc]
    return found


def _sort_key(resource: Resource, parameter: SearchParameter) -> str:
    values: Iterable[object] = (value for path in parameter.paths for value in values_at(resource, path))
    return min(map(str, values), default="")
