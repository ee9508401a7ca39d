"""The shared test world: valid, artificial, and with the people that the issues name."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.identity_code import IdentityCode
from app.simulators.world import Resident, read_world

WORLD = read_world()
TODAY = date(2026, 11, 22)
SOUTH_SAVO = {"046", "097", "178", "213", "491", "507", "588", "593", "623", "681", "740", "768"}


def age(person: Resident) -> int:
    before_birthday = (TODAY.month, TODAY.day) < (person.born.month, person.born.day)
    return TODAY.year - person.born.year - before_birthday


resident = WORLD.resident
KEYS = [person.key for person in WORLD.residents]


def test_there_are_fourteen_different_residents() -> None:
    """Names, keys and codes are nobody else's."""
    assert len(WORLD.residents) == 14
    for values in ([p.key for p in WORLD.residents], [p.identity_code for p in WORLD.residents]):
        assert len(set(values)) == 14


@pytest.mark.parametrize("person", WORLD.residents, ids=lambda person: person.key)
def test_identity_codes_are_valid_artificial_and_agree_with_the_birth_date(person: Resident) -> None:
    """A code of the 900 series belongs to nobody; its date is the person's."""
    code = IdentityCode.parse(person.identity_code, TODAY)
    assert person.identity_code[7] == "9"
    assert code.birth_date == person.born
    assert int(person.identity_code[:6] + person.identity_code[7:10]) % 31 == (
        "0123456789ABCDEFHJKLMNPRSTUVWXY".index(person.identity_code[10])
    )


@pytest.mark.parametrize("person", WORLD.residents, ids=lambda person: person.key)
def test_municipality_is_left_out_exactly_under_non_disclosure(person: Resident) -> None:
    """Non-disclosure hides the municipality too; everybody else has one, mostly of the county."""
    assert (person.municipality is None) == person.non_disclosure
    assert person.municipality in SOUTH_SAVO | {None, "091"}


def test_the_named_people_are_there() -> None:
    """Small children with parents, a teenager, an elderly mother, new century signs, three languages."""
    ages = {key: age(resident(key)) for key in ("eemeli", "sofia", "aili", "veera", "timo")}
    assert ages == {"eemeli": 8, "sofia": 3, "aili": 81, "veera": 15, "timo": 54}
    assert {person.language for person in WORLD.residents} == {"fi", "sv", "en"}
    assert {person.identity_code[6] for person in WORLD.residents} >= {"Y", "X", "U", "B"}
    assert sum(person.non_disclosure for person in WORLD.residents) == 1


def test_guardianships_and_mandates_name_residents() -> None:
    """Guardians are adults and their children minors; the daughter may act for her mother."""
    for guardian, child in WORLD.guardianships:
        assert age(resident(guardian)) >= 18 > age(resident(child))
    mandate = WORLD.mandates[0]
    assert (resident(mandate.principal).key, resident(mandate.mandatee).key) == ("aili", "marja")
    assert mandate.themes


def test_everybody_is_described_in_three_languages() -> None:
    """The pages show who a test person is in the reader's language."""
    assert all(person.about.complete for person in WORLD.residents)
    assert all(employee.about.complete for employee in WORLD.staff)


def test_staff_have_lasting_subjects_and_roles() -> None:
    """Six members of staff, each with a role."""
    assert len({employee.subject for employee in WORLD.staff}) == 6
    assert all(employee.roles for employee in WORLD.staff)


def test_an_unknown_key_is_nobody() -> None:
    """A misspelt key fails loudly, so that no test acts for nobody."""
    with pytest.raises(KeyError):
        WORLD.resident("nobody")


def test_a_guardian_acts_until_the_child_is_of_age() -> None:
    """On the eighteenth birthday a parent's right ends by itself."""
    birthday = date(2029, 2, 23)
    assert [child.key for child in WORLD.children_of("timo", TODAY)] == ["veera"]
    assert [child.key for child in WORLD.children_of("anna", TODAY)] == ["eemeli", "sofia"]
    assert WORLD.may_act("timo", "veera", birthday - timedelta(days=1))
    assert not WORLD.may_act("timo", "veera", birthday)


def test_a_mandate_holds_on_its_days_and_in_its_direction() -> None:
    """The daughter may act for her mother, not the other way, not before the first day, not after the last."""
    mandate = replace(WORLD.mandates[0], valid_until=date(2026, 12, 31))
    world = replace(WORLD, mandates=(mandate,))
    assert world.themes("marja", "aili", TODAY) == mandate.themes
    assert not world.may_act("aili", "marja", TODAY)
    days = [mandate.valid_from - timedelta(days=1), mandate.valid_from, date(2026, 12, 31), date(2027, 1, 1)]
    assert [world.may_act("marja", "aili", day) for day in days] == [False, True, True, False]


def test_a_withdrawn_mandate_gives_nothing() -> None:
    """Withdrawing takes the right away at once, and leaves other people's rights alone."""
    world = replace(WORLD, withdrawn=lambda mandate: mandate.principal == "aili")
    assert world.mandates_of("marja", TODAY) == ()
    assert world.themes("marja", "aili", TODAY) == ()
    assert not world.may_act("marja", "aili", TODAY)
    assert world.may_act("anna", "sofia", TODAY)


@given(st.sampled_from(KEYS), st.sampled_from(KEYS), st.dates(date(2026, 1, 1), date(2060, 1, 1)))
def test_nobody_acts_without_a_reason(mandatee: str, principal: str, on: date) -> None:
    """Every right comes from guardianship of a minor or from a mandate with a theme; nobody is their own agent."""
    reasons = {child.key for child in WORLD.children_of(mandatee, on)} | {
        mandate.principal for mandate in WORLD.mandates_of(mandatee, on) if mandate.themes
    }
    assert WORLD.may_act(mandatee, principal, on) == (principal in reasons)
    assert mandatee not in reasons
