"""What staff may do by their roles: registers of client data act 703/2023 kept apart, and permissions for each task.

Roles, units and service tasks come from the staff's own sign-in; a role that is not known here gives nothing. Names
for pages are in app/content/staff_roles.json and app/content/service_tasks.json.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Permission = Literal[
    "handle_cases",  # the queue, answering, assessing, moving
    "open_with_reason",  # a record without a care or customer relation, for a coded special reason
    "record_local_mandate",  # and revoke it
    "check_local_mandate",  # as the second clerk
    "record_care_role",  # supporter, interpreter, foster carer
    "give_verdict",  # on a minor's capacity
    "merge_people",
    "see_special_access_report",
    "decide_corrections",  # requests for correction in the role's own register: by who knows the matter
    "decide_applications",  # in social welfare: granted, partly, refused
    "edit_content",
    "read_audit",
    "operate_systems",
]

# Palvelutehtävä: bounds access inside the social welfare register.
SERVICE_TASKS = frozenset(
    {"families", "child_welfare", "family_law", "older_people", "disability", "working_age", "substance"}
)


@dataclass(frozen=True)
class StaffRole:
    """The registers whose cases a role handles (none: it handles no cases), and what it may do."""

    registers: frozenset[str]
    permissions: frozenset[Permission]


_CASES: frozenset[Permission] = frozenset({"handle_cases", "open_with_reason"})
_CLERK: frozenset[Permission] = frozenset({"record_local_mandate", "check_local_mandate", "record_care_role"})
_VERDICT: frozenset[Permission] = frozenset({"give_verdict"})
_CORRECTIONS: frozenset[Permission] = frozenset({"decide_corrections"})
_DECISIONS: frozenset[Permission] = frozenset({"decide_applications"})
_SUPERVISOR: frozenset[Permission] = frozenset({"merge_people", "see_special_access_report"})
_NONE: frozenset[str] = frozenset()

STAFF_ROLES: Mapping[str, StaffRole] = {
    "triage_nurse": StaffRole(frozenset({"patient"}), _CASES | _CLERK | _VERDICT),
    "specialist": StaffRole(frozenset({"patient"}), _CASES | _VERDICT | _CORRECTIONS),
    "service_guide": StaffRole(frozenset({"social"}), _CASES | _CLERK | _DECISIONS),
    "social_worker": StaffRole(frozenset({"social"}), _CASES | _CLERK | _VERDICT | _CORRECTIONS | _DECISIONS),
    "fire_inspector": StaffRole(frozenset({"rescue"}), frozenset({"handle_cases"})),
    "supervisor": StaffRole(_NONE, _SUPERVISOR),
    "content_owner": StaffRole(_NONE, frozenset({"edit_content"})),
    "auditor": StaffRole(_NONE, frozenset({"read_audit"})),
    "operator": StaffRole(_NONE, frozenset({"operate_systems"})),
}


def registers_of(roles: Iterable[str]) -> frozenset[str]:
    """The registers whose cases somebody with these roles handles; none for a role that handles no cases."""
    return frozenset().union(*(role.registers for role in _known(roles)))


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """Everything that somebody with these roles may do in some register."""
    return frozenset().union(*(role.permissions for role in _known(roles)))


def may(roles: Iterable[str], permission: Permission, register: str | None = None) -> bool:
    """True where one of the roles has the permission.

    With a `register` that same role must handle its cases: a nurse who also guides services in social welfare
    judges a minor's capacity in the patient register only.
    """
    return any(
        permission in role.permissions and (register is None or register in role.registers) for role in _known(roles)
    )


def registers_where(roles: Iterable[str], permission: Permission) -> frozenset[str]:
    """The registers in which somebody with these roles has the permission, as `may` tells."""
    return frozenset().union(*(role.registers for role in _known(roles) if permission in role.permissions))


def tasks_of(roles: Iterable[str], claimed: Iterable[str]) -> frozenset[str]:
    """The service tasks, of those that the sign-in claims, whose cases somebody with these roles may see.

    None without a role in social welfare, whatever is claimed.
    """
    return SERVICE_TASKS & frozenset(claimed) if "social" in registers_of(roles) else frozenset()


def _known(roles: Iterable[str]) -> list[StaffRole]:
    return [STAFF_ROLES[role] for role in roles if role in STAFF_ROLES]
