"""What a sign-in changes of a person: what its source knows, and nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.database import Database
from app.integrations.suomifi.identification.port import Identity
from app.services.clock import read_clock
from app.services.identity.people import EIDAS, register_person
from app.services.identity.vault import IdentityVault
from app.settings import Settings
from tests.tools.deliveries import change, rows_of
from tests.tools.world import FIXED_NOW, World

CODE = "010190-9189"
ABROAD = "SE/FI/19900101"


@pytest.fixture
def settings(world: World) -> Iterator[Settings]:
    """A window's settings on a database of this test's own."""
    with world.database() as name:
        yield world.settings(name)


def identity(**changed: Any) -> Identity:
    """Somebody whom the population register has told all about."""
    told: dict[str, Any] = {
        "identity_code": CODE,
        "given_name": "Kaisa",
        "first_names": "Kaisa",
        "family_name": "Kuusela",
        "acr": "",
        "municipality": "491",
        "non_disclosure": False,
        "provider_session": None,
        "id_token": "",
        "issuer": "",
        "subject": "",
    }
    return Identity(**told | changed)


async def sign_in(settings: Settings, who: Identity, language: str = "fi") -> dict[str, Any]:
    """The row of the person after signing in as `who`."""
    database = Database.for_worker(settings, fixed_now=FIXED_NOW)
    async with database.transaction() as session:
        vault = IdentityVault.of(settings)
        person = await register_person(session, vault, who, await read_clock(session), language)
        person_id = person.id
    await database.close()
    return rows_of(settings, "select * from person where id = %s", person_id)[0]


def protection(row: dict[str, Any]) -> tuple[bool, str | None]:
    return row["non_disclosure"], row["municipality_code"]


BROKER = identity(non_disclosure=None, municipality=None)
HIDDEN = identity(non_disclosure=True, municipality=None)


async def test_what_is_not_told_stays(settings: Settings) -> None:
    """A broker that knows of neither leaves non-disclosure and municipality as they are; it may change the name."""
    assert protection(await sign_in(settings, identity())) == (False, "491")
    assert protection(await sign_in(settings, BROKER)) == (False, "491")
    assert protection(await sign_in(settings, HIDDEN)) == (True, None)
    for unknowing in (BROKER, identity(non_disclosure=None, municipality="491", family_name="Niemi")):
        assert protection(await sign_in(settings, unknowing)) == (True, None)
    (row,) = rows_of(settings, "select family_name from person where given_name = 'Kaisa'")
    assert row == {"family_name": "Niemi"}
    assert protection(await sign_in(settings, identity())) == (False, "491")


async def test_a_new_person_of_whom_nothing_is_told(settings: Settings) -> None:
    """Nobody is under non-disclosure without having been told so."""
    assert protection(await sign_in(settings, BROKER)) == (False, None)


@pytest.mark.parametrize("how", ["former", "merged"])
async def test_another_country_changes_nothing_of_the_finnish_row(settings: Settings, how: str) -> None:
    """Who signs in by eIDAS and is the person of a Finnish code since: names and protection stay the register's."""
    foreign = identity(kind="eidas", identity_code=ABROAD, given_name="Katja", non_disclosure=None, municipality=None)
    finnish = await sign_in(settings, HIDDEN)
    if how == "former":
        former = "insert into former_identity (lookup, person_id, why, since) values (%s, %s, 'merged', now())"
        change(settings, former, IdentityVault.of(settings).lookup(EIDAS + ABROAD), finnish["id"])
    else:
        other = await sign_in(settings, foreign)
        change(settings, "update person set merged_into_id = %s where id = %s", finnish["id"], other["id"])
    for told in (None, False):
        row = await sign_in(settings, identity(**{**vars(foreign), "non_disclosure": told, "municipality": "491"}))
        assert row == finnish


async def test_the_finnish_register_corrects_a_kept_row(settings: Settings) -> None:
    """By a former Finnish code, and to a row that began with eIDAS, what the register tells is taken."""
    begun = await sign_in(settings, identity(kind="eidas", identity_code=ABROAD, given_name="Katja"))
    former = "insert into former_identity (lookup, person_id, why, since) values (%s, %s, 'changed', now())"
    change(settings, former, IdentityVault.of(settings).lookup(CODE), begun["id"])
    row = await sign_in(settings, HIDDEN)
    assert (row["id"], row["given_name"], protection(row)) == (begun["id"], "Kaisa", (True, None))


async def test_language_is_the_persons_own(settings: Settings) -> None:
    """The language of the first sign-in is where one begins; later ones don't undo what has been chosen."""
    assert (await sign_in(settings, identity(), "sv"))["language"] == "sv"
    assert (await sign_in(settings, identity(), "en"))["language"] == "sv"
    change(settings, "update person set language = 'fi' where given_name = 'Kaisa'")
    assert (await sign_in(settings, identity(), "en"))["language"] == "fi"
