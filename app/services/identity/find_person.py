"""Find a person by the identity code that they show at the desk, or register them there for the first time.

Whoever has found somebody sees that person's row for some hours (`FoundPerson`), so that pages are addressed by the
person's id and no code stands in an address.
"""

import re
import secrets
import uuid
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import delete, select, union_all
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock
from app.domain.identity_code import IdentityCode, InvalidIdentityCode
from app.models import Case, FormerIdentity, FoundPerson, Person
from app.models.context import also_find
from app.services.audit import trail
from app.services.cases.arrivals import REFERENCE_LETTERS
from app.services.clock import read_clock
from app.services.errors import NotFound
from app.services.identity.vault import IdentityVault
from app.services.viewer import Viewer

AT_THE_DESK = "identifying a person at the desk"
STAYS_FOUND = timedelta(hours=4)  # a morning at the desk
# A temporary identifier of ours: T-K7M2-Q9RT-8HXE, 12 letters of a random 60 bits.
_TEMPORARY = re.compile(r"T([A-Z2-9]{12})")


@dataclass(frozen=True)
class Identifier:
    """What somebody is found by. `code` is None for a temporary identifier of ours."""

    lookup: bytes
    code: IdentityCode | None


@dataclass(frozen=True)
class Names:
    """Who somebody is, as an identity document says it; `born` is asked only where no code tells it."""

    given: str
    family: str
    born: date | None = None


def read_identifier(vault: IdentityVault, typed: str, today: date) -> Identifier:
    """What was typed: a Finnish identity code, or a temporary identifier. Raises InvalidIdentityCode."""
    temporary = _TEMPORARY.fullmatch(re.sub(r"[\s-]", "", typed).upper())
    if temporary:
        return Identifier(vault.lookup(f"temporary:{temporary[1]}"), None)
    code = IdentityCode.parse(typed, today)
    return Identifier(vault.lookup(code.value), code)


async def find_person(session: AsyncSession, viewer: Viewer, vault: IdentityVault, typed: str) -> Person | None:
    """The person with that identity code, also where it was theirs before; None where nobody has been here.

    From here on `viewer` sees the person's row for some hours. Raises InvalidIdentityCode.
    """
    clock = await read_clock(session)
    identifier = read_identifier(vault, typed, clock.today)
    person = await person_with(session, identifier)
    found = person.id if person else None
    if found:
        await keep_found(session, viewer, found, clock)
    target = ("person", found or "nobody")
    await trail.record(session, clock, viewer, "find", target, subject_id=found, purpose=AT_THE_DESK)
    return person


async def person_with(session: AsyncSession, identifier: Identifier) -> Person | None:
    """The person whose identifier it is or was."""
    await also_find(session, identifier.lookup)
    person = await session.scalar(select(Person).where(Person.identity_lookup == identifier.lookup))
    if person is not None:
        return person
    former = select(FormerIdentity.person_id).where(FormerIdentity.lookup == identifier.lookup)
    return await session.scalar(select(Person).where(Person.id.in_(former)))


async def open_person(session: AsyncSession, viewer: Viewer, person_id: uuid.UUID) -> Person:
    """A person whom the viewer may see: found at the desk, or known by what they handle. The reading is audited.

    Raises NotFound. The row of somebody who was registered twice leads to the one that is kept.
    """
    person = await session.get(Person, person_id)
    if person is not None and person.merged_into_id is not None:
        person = await session.get(Person, person.merged_into_id)
    if person is None:
        raise NotFound
    clock = await read_clock(session)
    target = ("person", person.id)
    await trail.record(session, clock, viewer, "read", target, subject_id=person.id, purpose=AT_THE_DESK)
    return person


async def register_at_desk(
    session: AsyncSession, viewer: Viewer, vault: IdentityVault, typed: str, names: Names, language: str
) -> Person:
    """Somebody who has never been here, with the names of their identity document; who has been is only found.

    Raises InvalidIdentityCode, or ValueError for a temporary identifier: those are only given by us.
    """
    clock = await read_clock(session)
    identifier = read_identifier(vault, typed, clock.today)
    if identifier.code is None:
        raise InvalidIdentityCode("shape")
    known = await person_with(session, identifier)
    if known is None:
        code = identifier.code
        sealed = vault.seal(code.value)
        born = replace(names, born=code.birth_date)
        await _insert(session, born, language, identity_lookup=identifier.lookup, identity_sealed=sealed)
    person = await person_with(session, identifier)
    if person is None:
        raise NotFound
    await _registered(session, viewer, clock, person, "find" if known else "register")
    return person


async def register_temporary(
    session: AsyncSession, viewer: Viewer, vault: IdentityVault, names: Names, language: str
) -> tuple[Person, str]:
    """Somebody without a Finnish identity code, with an identifier of ours, which is told only now."""
    clock = await read_clock(session)
    letters = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(12))
    lookup = vault.lookup(f"temporary:{letters}")
    await also_find(session, lookup)
    await _insert(session, names, language, identity_lookup=lookup, identity_kind="temporary")
    person = (await session.scalars(select(Person).where(Person.identity_lookup == lookup))).one()
    await _registered(session, viewer, clock, person, "register")
    return person, f"T-{letters[:4]}-{letters[4:8]}-{letters[8:]}"


async def _insert(session: AsyncSession, names: Names, language: str, **identity: object) -> None:
    """Two clerks at once make one person: the lookup is unique."""
    values = {"given_name": names.given, "family_name": names.family, "birth_date": names.born, "language": language}
    statement = insert(Person).values(id=uuid.uuid4(), **values, **identity)
    await session.execute(statement.on_conflict_do_nothing(index_elements=["identity_lookup"]))


async def _registered(session: AsyncSession, viewer: Viewer, clock: Clock, person: Person, action: str) -> None:
    await keep_found(session, viewer, person.id, clock)
    target = ("person", person.id)
    await trail.record(session, clock, viewer, action, target, subject_id=person.id, purpose=AT_THE_DESK)


async def keep_found(session: AsyncSession, viewer: Viewer, person_id: uuid.UUID, clock: Clock) -> None:
    """Let `viewer` see the person's row for some hours; what they found before and is over goes."""
    over = (FoundPerson.staff_id == viewer.staff_id, FoundPerson.until <= clock.now)
    await session.execute(delete(FoundPerson).where(*over))
    until = clock.now + STAYS_FOUND
    found = insert(FoundPerson).values(staff_id=viewer.staff_id, person_id=person_id, until=until)
    keys = ["staff_id", "person_id"]
    await session.execute(found.on_conflict_do_update(index_elements=keys, set_={"until": until}))


async def is_found(session: AsyncSession, viewer: Viewer, person_id: uuid.UUID) -> bool:
    """Whether `viewer` has found the person at the desk, or handles a case of theirs. To see a name in a list is not
    enough for changing something of that person."""
    clock = await read_clock(session)
    found = select(FoundPerson.person_id).where(
        FoundPerson.staff_id == viewer.staff_id, FoundPerson.person_id == person_id, FoundPerson.until > clock.now
    )
    handled = select(Case.subject_id).where(Case.subject_id == person_id)
    return await session.scalar(union_all(found, handled).limit(1)) is not None


def masked_code(vault: IdentityVault, person: Person) -> str:
    """The person's identity code without what is secret in it (010594Y****); empty where they have none.

    Raises cryptography.fernet.InvalidToken where no key fits.
    """
    if person.identity_kind != "finnish" or person.identity_sealed is None:
        return ""
    return IdentityCode(vault.open(person.identity_sealed)).masked
