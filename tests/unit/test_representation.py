"""Acting for another: what age, a verdict, a mandate and a care role give, and that nothing gives more."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content import load
from app.domain.capacity import GuardianAccess, Verdicts, guardian_access_of, right_of_guardian_in_case
from app.domain.care_roles import CareRoles, right_of_care_role
from app.domain.mandate_themes import MandateTheme, MandateThemes, right_of_mandate
from app.domain.minors import AgeRow, AgeTable, right_of_guardian
from app.domain.representation import right_of_roles
from app.domain.right import REGISTERS, Right
from app.domain.text import Text

TABLE = AgeTable.from_data(load("minors.json"))
THEMES = MandateThemes.from_data(load("mandate_themes.json"))
VERDICTS = Verdicts.from_data(load("capacity_verdicts.json"))
ROLES = CareRoles.from_data(load("care_roles.json"))

HEALTH, SOCIAL = (row.uri for row in THEMES.rows)
PATIENT = Right(frozenset({"patient"}), frozenset({"patient"}))
ages = st.integers(-1, 120)
any_themes = st.frozensets(st.sampled_from([HEALTH, SOCIAL, HEALTH.upper(), HEALTH + "/", "", "ALL"]) | st.text())


def rows_of(register: str, cuts: set[int], write: int, read: int) -> list[AgeRow]:
    """Rows that change at `cuts`; the first `write` of them let the guardian act, the first `read` also read."""
    starts = sorted({0} | cuts)
    ends = [start - 1 for start in starts[1:]] + [17]
    return [
        AgeRow(register, start, end, number < write, number < min(read, write), "test")
        for number, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]


@st.composite
def tables(draw: st.DrawFn) -> AgeTable:
    """Any table that a county may write."""
    numbers = st.integers(0, 6)
    rows = (
        rows_of(register, draw(st.sets(st.integers(1, 17), max_size=5)), draw(numbers), draw(numbers))
        for register in sorted(REGISTERS)
    )
    return AgeTable(tuple(draw(st.permutations([row for part in rows for row in part]))))


def ask(**changes: Any) -> tuple[str, Right] | None:
    """The right by what Suomi.fi lists, of an adult without anything listed unless `changes` say otherwise."""
    plain: dict[str, Any] = {
        "guardian_of_minor": False,
        "themes": (),
        "age": 81,
        "subject_non_disclosure": False,
        "actor_non_disclosure": False,
        "table": TABLE,
        "known_themes": THEMES,
    }
    return right_of_roles(**plain | changes)


# By age


@pytest.mark.parametrize(
    ("age", "registers", "readable"),
    [
        (0, {"patient", "social"}, {"patient", "social"}),
        (11, {"patient", "social"}, {"patient", "social"}),
        (12, {"patient", "social"}, set()),
        (14, {"patient", "social"}, set()),
        (15, {"patient"}, set()),
        (17, {"patient"}, set()),
        (18, set(), set()),
        (-1, set(), set()),
    ],
)
def test_the_county_s_ages(age: int, registers: set[str], readable: set[str]) -> None:
    """The demo county's table: a small child's guardian reads, a teenager's does not, an adult has no guardian."""
    assert right_of_guardian(age, TABLE) == Right(frozenset(registers), frozenset(readable))


@given(tables())
def test_rights_never_grow_with_age(table: AgeTable) -> None:
    """In any table that is accepted, a birthday takes rights or leaves them, and reading goes with acting."""
    rights = [right_of_guardian(age, table) for age in range(19)]
    for younger, older in pairwise(rights):
        assert older.registers <= younger.registers
        assert older.readable <= younger.readable
    assert not rights[18]


@given(tables(), st.integers(0, 17))
def test_every_age_has_one_row_per_register(table: AgeTable, age: int) -> None:
    """No age is forgotten and none is told twice."""
    assert sorted(row.register for row in table.rows_at(age)) == sorted(REGISTERS)


def _row(age_from: int, age_to: int, *, write: bool = True, read: bool = False, register: str = "patient") -> AgeRow:
    return AgeRow(register, age_from, age_to, write, read, "test")


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [_row(1, 17)],
        [_row(0, 16)],
        [_row(0, 18)],
        [_row(0, 10), _row(12, 17)],
        [_row(0, 12), _row(12, 17)],
        [_row(0, 17), _row(0, 17)],
        [_row(0, 11), _row(12, 11), _row(12, 17)],
        [_row(0, 17, write=False, read=True)],
        [_row(0, 11, write=False), _row(12, 17)],
        [_row(0, 11), _row(12, 17, read=True)],
        [_row(0, 17), _row(0, 17, register="school")],
    ],
)
def test_a_faulty_table_is_refused(rows: list[AgeRow]) -> None:
    """A gap, an overlap, a wrong end, a right that grows or an unknown register stops the start, not a resident."""
    with pytest.raises(ValueError):  # noqa: PT011 - any of the reasons
        AgeTable((*rows, _row(0, 17, register="social")))


# By verdict


@pytest.mark.parametrize(
    ("code", "access"),
    [(None, "default"), ("1", "open"), ("2", "closed"), ("3", "open"), ("4", "default"), ("5", "closed")],
)
def test_what_a_verdict_leaves_to_guardians(code: str | None, access: GuardianAccess) -> None:
    """A capable minor's prohibition closes the case; a verdict that nobody knows never opens one."""
    assert guardian_access_of(code, VERDICTS) == access


@given(tables(), ages, st.sampled_from(sorted(REGISTERS)))
def test_a_verdict_decides_within_its_case(table: AgeTable, age: int, register: str) -> None:
    """Closed gives nothing, open gives that one register of a minor, and without a verdict the ages hold."""
    by_age = right_of_guardian(age, table).within(register)
    only = frozenset({register})
    assert not right_of_guardian_in_case(age, register, "closed", table)
    assert right_of_guardian_in_case(age, register, "default", table) == by_age
    opened = Right(only, only) if 0 <= age < 18 else Right()
    assert right_of_guardian_in_case(age, register, "open", table) == opened


def test_a_verdict_opens_no_unknown_register() -> None:
    """An open verdict on a case whose register is not known gives nothing."""
    assert not right_of_guardian_in_case(5, "school", "open", TABLE)


def test_an_unknown_access_stops_the_start() -> None:
    """A misspelt verdict in the content is found when it is read, not when a parent opens the case."""
    row = load("capacity_verdicts.json")["verdicts"][0]
    with pytest.raises(ValueError, match="unknown guardian_access"):
        Verdicts.from_data({"verdicts": [row | {"guardian_access": "yes"}]})


# By mandate


@given(any_themes)
def test_a_mandate_gives_its_known_themes_only(themes: frozenset[str]) -> None:
    """The two themes of ours give each its register, acting and reading; nothing else, however alike, gives a right."""
    right = right_of_mandate(themes, THEMES)
    assert right.registers == right.readable
    assert ("patient" in right.registers) == (HEALTH in themes)
    assert ("social" in right.registers) == (SOCIAL in themes)
    assert bool(right) == bool(themes & {HEALTH, SOCIAL})


def test_a_text_is_no_list_of_themes() -> None:
    """A theme inside a longer text does not count."""
    assert not right_of_mandate(HEALTH + "_ja_muuta", THEMES)


@pytest.mark.parametrize("register", ["school", "patient"])
def test_faulty_themes_are_refused(register: str) -> None:
    """A theme that opens an unknown register, or stands twice, stops the start."""
    with pytest.raises(ValueError, match="a theme stands once"):
        MandateThemes((*THEMES.rows, MandateTheme(HEALTH, register, Text({}))))


# By what Suomi.fi lists


def test_a_daughter_with_a_health_mandate() -> None:
    """A mandate in health care opens the patient register and not a step beyond."""
    assert ask(themes=[HEALTH]) == ("mandate", PATIENT)


def test_a_parent_of_a_small_child_and_of_a_teenager() -> None:
    """Guardianship gives what the age table says."""
    assert ask(guardian_of_minor=True, age=8) == ("guardian", right_of_guardian(8, TABLE))
    assert ask(guardian_of_minor=True, age=14) == ("guardian", right_of_guardian(14, TABLE))


@given(st.booleans(), any_themes, st.none() | ages)
def test_non_disclosure_always_blocks_guardianship(subject: bool, themes: frozenset[str], age: int | None) -> None:
    """Whoever of the two is protected, and whatever else is listed, nobody acts for a child."""
    answer = ask(
        guardian_of_minor=True,
        themes=themes,
        age=age,
        subject_non_disclosure=subject,
        actor_non_disclosure=not subject,
    )
    assert answer is None or (answer[0] == "mandate" and age is not None and age >= 18)


@given(st.booleans(), any_themes, st.none() | ages, st.booleans(), st.booleans())
def test_no_right_without_its_ground(
    guardian: bool, themes: frozenset[str], age: int | None, subject: bool, actor: bool
) -> None:
    """Guardians act for minors only, mandates come from adults only, and an empty right is no right."""
    answer = ask(
        guardian_of_minor=guardian,
        themes=themes,
        age=age,
        subject_non_disclosure=subject,
        actor_non_disclosure=actor,
    )
    if answer is None:
        return
    basis, right = answer
    assert right
    if basis == "guardian":
        assert guardian
        assert age is not None
        assert right == right_of_guardian(age, TABLE)
    else:
        assert right == right_of_mandate(themes, THEMES)
        assert age is None or age >= 18


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"guardian_of_minor": True, "age": 18},
        {"guardian_of_minor": True, "age": None},
        {"guardian_of_minor": True, "age": None, "themes": [HEALTH]},
        {"themes": [HEALTH], "age": 17},
        {"themes": ["http://valtuusrekisteri.suomi.fi/apteekkiasiointi"]},
    ],
)
def test_no_right(changes: dict[str, Any]) -> None:
    """Nothing listed, a child who is of age today, an unknown age, a minor's mandate, a theme of others: no right."""
    assert ask(**changes) is None


def test_non_disclosure_leaves_an_adult_s_own_mandate() -> None:
    """An adult under protection has chosen who acts for them; only the whereabouts stay hidden, elsewhere."""
    assert ask(themes=[HEALTH], subject_non_disclosure=True) == ("mandate", PATIENT)


# By care role


@pytest.mark.parametrize("code", ["supporter", "interpreter", "", "neighbour"])
def test_being_along_is_no_right(code: str) -> None:
    """A supporter and an interpreter do nothing by themselves; an unknown role neither."""
    right = right_of_care_role(code, age=10, subject_non_disclosure=False, actor_non_disclosure=False, roles=ROLES)
    assert not right


@given(ages, st.booleans(), st.booleans())
def test_a_foster_carer(age: int, subject: bool, actor: bool) -> None:
    """A foster carer acts in a child's health care, never reads, and stops at 18 and at non-disclosure."""
    right = right_of_care_role(
        "foster_carer", age=age, subject_non_disclosure=subject, actor_non_disclosure=actor, roles=ROLES
    )
    allowed = age < 18 and not subject and not actor
    assert right == (Right(frozenset({"patient"})) if allowed else Right())


# The value and the content


@pytest.mark.parametrize(("registers", "readable"), [(set(), {"patient"}), ({"school"}, set())])
def test_an_impossible_right_cannot_be_made(registers: set[str], readable: set[str]) -> None:
    """Nobody reads where they may not act, and there are two registers."""
    with pytest.raises(ValueError, match="reads where it acts"):
        Right(frozenset(registers), frozenset(readable))


def test_every_name_is_in_three_languages() -> None:
    """Themes, verdicts and roles can be shown to everybody, and every rule names its source."""
    texts = [
        *(row.names for row in THEMES.rows),
        *(row.names for row in VERDICTS.rows),
        *(text for row in ROLES.rows for text in (row.names, row.about)),
    ]
    assert texts
    assert all(text.complete for text in texts)
    assert all(row.source for row in TABLE.rows)
    assert all(row.source for row in VERDICTS.rows)
    assert all(row.source for row in ROLES.rows)


def test_codes_stand_once() -> None:
    """A verdict or a role is found by its code, so each stands once; codes fit their columns."""
    verdicts, roles = [row.code for row in VERDICTS.rows], [row.code for row in ROLES.rows]
    assert verdicts == ["1", "2", "3", "4"]
    assert len(set(roles)) == len(roles)
    assert all(len(role) <= 16 for role in roles)
