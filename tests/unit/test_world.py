"""The shared test world: valid, artificial, and with the people that the issues name."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content import load
from app.domain.identity_code import IdentityCode, InvalidIdentityCode
from app.domain.staff_roles import SERVICE_TASKS, STAFF_ROLES
from app.integrations.suomifi.mandates.port import Roles
from app.simulators.suomifi_mandates.rights import Rights
from app.simulators.world import Resident, read_world

WORLD = read_world()
TODAY = date(2026, 11, 22)
SOUTH_SAVO = {"046", "097", "178", "213", "491", "507", "588", "593", "623", "681", "740", "768"}


def age(person: Resident) -> int:
    before_birthday = (TODAY.month, TODAY.day) < (person.born.month, person.born.day)
    return TODAY.year - person.born.year - before_birthday


resident = WORLD.resident
KEYS = [person.key for person in WORLD.residents]
UNITS = {unit["code"] for unit in load("units.json")}


def test_everybody_is_somebody_of_their_own() -> None:
    """Keys and codes are nobody else's, also not those of people from abroad."""
    keys = [*KEYS, *(person.key for person in WORLD.foreigners)]
    codes = [person.identity_code for person in WORLD.residents]
    for values in (keys, [*codes, *(person.person_identifier for person in WORLD.foreigners)]):
        assert len(set(values)) == len(values)


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
    assert {person.key for person in WORLD.residents if person.non_disclosure} == {"katri", "lumi"}


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
    assert all(person.about.complete for person in WORLD.foreigners)
    assert all(employee.about.complete for employee in WORLD.staff)


def test_staff_have_lasting_subjects_and_known_codes() -> None:
    """Every role has somebody; units are the county's, and exactly social welfare's staff have service tasks."""
    assert len({employee.subject for employee in WORLD.staff}) == len(WORLD.staff)
    assert {role for employee in WORLD.staff for role in employee.roles} == set(STAFF_ROLES)
    for employee in WORLD.staff:
        assert set(employee.units) <= UNITS
        assert set(employee.tasks) <= SERVICE_TASKS
        social = any("social" in STAFF_ROLES[role].registers for role in employee.roles)
        assert bool(employee.tasks) == social, employee.key


def test_staff_for_every_boundary() -> None:
    """Each worker of social welfare has a colleague of the same unit and role with no task in common."""
    staff = {employee.key: employee for employee in WORLD.staff}
    for one, other in (("leena", "teija"), ("johanna", "henrik")):
        assert (staff[one].roles, staff[one].units) == (staff[other].roles, staff[other].units)
        assert not set(staff[one].tasks) & set(staff[other].tasks)
    assert staff["emma"].units == staff["sari"].units != staff["mikko"].units


def test_situations_of_acting_for_another() -> None:
    """Each situation that the rules of acting know has its people; what the national service would say of it."""
    now = Rights(WORLD, TODAY)

    def told(delegate: str, principal: str) -> Roles:
        return Roles(frozenset(now.roles(resident(delegate), resident(principal))))

    assert age(resident("aino")) == 14
    assert told("heli", "aino").is_guardian_of_minor
    assert {theme.rpartition("/")[2] for theme in told("liisa", "eino").themes} == {"terveydenhuollon_asioiden_hoito"}
    assert {theme.rpartition("/")[2] for theme in told("liisa", "helvi").themes} == {"sosiaalihuollon_asioiden_hoito"}
    for delegate, principal in (("ritva", "tauno"), ("ritva", "toivo"), ("outi", "lumi"), ("katri", "vilja")):
        assert not told(delegate, principal), (delegate, principal)
    assert now.principals(resident("kerttu")) == ()
    assert [person.key for person in now.principals(resident("liisa"))] == ["eino", "helvi"]
    assert resident("kerttu").family_name == resident("eemeli").family_name


def test_a_mandate_ends_with_its_last_day() -> None:
    """The mandate that has ended held until its last day, so that earlier work by it is explained."""
    assert WORLD.may_act("ritva", "tauno", date(2026, 6, 30))
    assert not WORLD.may_act("ritva", "tauno", date(2026, 7, 1))


def test_death_ends_what_it_ends() -> None:
    """From the day of death nobody signs in as the person or acts for them, and they act for nobody."""
    died = resident("toivo").deceased
    assert died
    for day, living in ((died - timedelta(days=1), True), (died, False), (TODAY, False)):
        assert WORLD.can_identify(resident("toivo"), day) == living
        assert WORLD.may_act("ritva", "toivo", day) == living
    orphaned = replace(
        WORLD, residents=tuple(replace(p, deceased=TODAY if p.key == "heli" else p.deceased) for p in WORLD.residents)
    )
    assert orphaned.children_of("heli", TODAY) == ()
    assert orphaned.children_of("heli", TODAY - timedelta(days=1)) == (resident("aino"),)


def test_a_changed_code() -> None:
    """The new code and the one that it replaced are both known, and only the new one proves anything."""
    old, new = resident("ilona-before"), resident("ilona")
    assert new.previous_code == old.identity_code
    assert (old.first_names, old.family_name) == (new.first_names, new.family_name)
    assert (WORLD.can_identify(old, TODAY), WORLD.can_identify(new, TODAY)) == (False, True)
    assert sum(not WORLD.can_identify(person, TODAY) for person in WORLD.residents) == 2


def test_people_from_abroad_have_no_finnish_code() -> None:
    """Their identifiers can't be read as Finnish ones; one of them comes at every level of assurance."""
    for person in WORLD.foreigners:
        with pytest.raises(InvalidIdentityCode):
            IdentityCode.parse(person.person_identifier, TODAY)
        assert person.levels
    assert {level for person in WORLD.foreigners for level in person.levels} == {"low", "substantial", "high"}


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
