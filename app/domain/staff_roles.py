"""What staff may see by their role: the registers of client data act 703/2023, kept apart."""

from collections.abc import Iterable, Mapping

_REGISTERS: Mapping[str, frozenset[str]] = {
    "triage_nurse": frozenset({"patient"}),
    "specialist": frozenset({"patient"}),
    "service_guide": frozenset({"social"}),
    "social_worker": frozenset({"social"}),
}


def registers_of(roles: Iterable[str]) -> frozenset[str]:
    """The registers whose cases somebody with these roles handles; none for a role that handles no cases."""
    return frozenset().union(*(_REGISTERS.get(role, frozenset()) for role in roles))
