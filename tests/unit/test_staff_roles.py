"""What staff may do by their roles: registers and service tasks kept apart, and nothing for an unknown role."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content import load
from app.domain.staff_roles import (
    SERVICE_TASKS,
    STAFF_ROLES,
    Permission,
    may,
    permissions_of,
    registers_of,
    registers_where,
    tasks_of,
)
from app.domain.text import Text

WHO_MAY = {
    "handle_cases": {"triage_nurse", "specialist", "service_guide", "social_worker", "fire_inspector"},
    "open_with_reason": {"triage_nurse", "specialist", "service_guide", "social_worker"},
    "record_local_mandate": {"triage_nurse", "service_guide", "social_worker"},
    "check_local_mandate": {"triage_nurse", "service_guide", "social_worker"},
    "record_care_role": {"triage_nurse", "service_guide", "social_worker"},
    "give_verdict": {"triage_nurse", "specialist", "social_worker"},
    "merge_people": {"supervisor"},
    "see_special_access_report": {"supervisor"},
    "decide_corrections": {"specialist", "social_worker"},
    "decide_applications": {"service_guide", "social_worker"},
    "edit_content": {"content_owner"},
    "read_audit": {"auditor"},
    "operate_systems": {"operator"},
}
some_roles = st.lists(st.sampled_from([*STAFF_ROLES, "", "cook", "Triage_nurse"]))
permissions = st.sampled_from(get_args(Permission))


@pytest.mark.parametrize("permission", get_args(Permission))
def test_each_permission_has_its_roles(permission: Permission) -> None:
    """Who may do what is written down here a second time, by hand: a change of the rules is a decision."""
    assert {role for role in STAFF_ROLES if may([role], permission)} == WHO_MAY[permission]


@pytest.mark.parametrize(
    ("roles", "registers"),
    [
        (["triage_nurse"], {"patient"}),
        (["specialist"], {"patient"}),
        (["service_guide"], {"social"}),
        (["social_worker"], {"social"}),
        (["triage_nurse", "social_worker"], {"patient", "social"}),
        (["supervisor", "content_owner", "auditor", "operator"], set()),
        (["cook", ""], set()),
        ([], set()),
    ],
)
def test_registers_are_kept_apart(roles: list[str], registers: set[str]) -> None:
    """A role opens one register; supervision, content, auditing and operation open none."""
    assert registers_of(roles) == registers


def test_a_verdict_is_given_in_the_role_s_own_register() -> None:
    """Two roles do not lend each other a permission: a nurse who also guides services judges in health care only."""
    both = ["triage_nurse", "service_guide"]
    assert may(both, "give_verdict", "patient")
    assert not may(both, "give_verdict", "social")
    assert not may(["supervisor"], "merge_people", "patient")


def test_corrections_are_decided_in_the_role_s_own_register() -> None:
    """Who decides on corrections in social welfare and also nurses decides nothing in the patient register."""
    both = ["triage_nurse", "social_worker"]
    assert registers_where(both, "decide_corrections") == {"social"}
    assert registers_where(["supervisor"], "see_special_access_report") == frozenset()


@given(some_roles, permissions)
def test_rights_are_the_sum_of_known_roles(roles: list[str], permission: Permission) -> None:
    """Roles only add up, an unknown one adds nothing, and the three questions agree."""
    singly = any(may([role], permission) for role in roles)
    assert may(roles, permission) == singly == (permission in permissions_of(roles))
    known = [role for role in roles if role in STAFF_ROLES]
    assert (permissions_of(known), registers_of(known)) == (permissions_of(roles), registers_of(roles))
    assert may(roles, "handle_cases") == bool(registers_of(roles))


@given(some_roles, st.frozensets(st.sampled_from(sorted(SERVICE_TASKS)) | st.text()))
def test_tasks_need_claim_and_role(roles: list[str], claimed: frozenset[str]) -> None:
    """A service task is seen by whoever claims it and works in social welfare, and no other."""
    tasks = tasks_of(roles, claimed)
    assert tasks <= claimed & SERVICE_TASKS
    assert tasks == (claimed & SERVICE_TASKS if "social" in registers_of(roles) else frozenset())


@pytest.mark.parametrize(
    ("name", "key", "codes"),
    [("staff_roles.json", "roles", set(STAFF_ROLES)), ("service_tasks.json", "tasks", set(SERVICE_TASKS))],
)
def test_every_code_has_names(name: str, key: str, codes: set[str]) -> None:
    """Every role and every service task, each once, has its name in three languages."""
    rows = load(name)[key]
    assert sorted(row["code"] for row in rows) == sorted(codes)
    assert all(Text(row["names"]).complete for row in rows)
