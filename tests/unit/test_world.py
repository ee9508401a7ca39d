"""The shared test world: valid, artificial, and with the people that the issues name."""

from datetime import date

import pytest

from app.domain.identity_code import IdentityCode
from app.simulators.world import Resident, read_world

WORLD = read_world()
TODAY = date(2026, 11, 22)
SOUTH_SAVO = {"046", "097", "178", "213", "491", "507", "588", "593", "623", "681", "740", "768"}


def age(person: Resident) -> int:
    before_birthday = (TODAY.month, TODAY.day) < (person.born.month, person.born.day)
    return TODAY.year - person.born.year - before_birthday


def resident(key: str) -> Resident:
    return next(person for person in WORLD.residents if person.key == key)


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
