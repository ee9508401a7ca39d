"""People and staff as the identification services name them."""

import uuid
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock, full_years
from app.domain.identity_code import IdentityCode
from app.domain.staff_roles import tasks_of
from app.integrations.staff_identification.port import StaffIdentity
from app.integrations.suomifi.identification.port import Identity
from app.models import FormerIdentity, Person, StaffMember
from app.models.context import also_find, context_of, enter
from app.services.errors import DomainError
from app.services.identity.vault import IdentityVault

EIDAS = "eidas:"


class PersonDeceased(DomainError):
    """The population register says that the person has died: nobody signs in as them. The way on is the phone."""


async def register_person(
    session: AsyncSession, vault: IdentityVault, identity: Identity, clock: Clock, language: str
) -> Person:
    """The person of an identity code, made or brought up to date from what Suomi.fi says now: what it doesn't know
    stays as it is here, and another country changes nothing of what the Finnish register has told.

    An identifier that was somebody's before, and one of a row that was merged into another, lead to the person whose
    they are now. Raises InvalidIdentityCode where the code is none, and PersonDeceased. Two sign-ins at once make one
    person: the lookup is unique.
    """
    identifier, birth_date = _identifier(identity, clock)
    lookup = vault.lookup(identifier)
    await also_find(session, lookup)
    known = _told(identity)
    person = await _known_by_former(session, lookup)
    if person is None:
        new = {
            "identity_lookup": lookup,
            "identity_sealed": vault.seal(identifier),
            "identity_kind": identity.kind,
            "birth_date": birth_date,
            "language": language,  # at first; afterwards the person chooses it in their own pages
            "non_disclosure": False,
            "municipality_code": identity.municipality,
        }
        statement = insert(Person).values(new | known)
        statement = statement.on_conflict_do_update(index_elements=["identity_lookup"], set_=known)
        person = (await session.execute(statement.returning(Person))).scalar_one()
    kept = await _after_merging(session, person)
    if kept.deceased_on is not None:
        raise PersonDeceased
    if kept.identity_lookup != lookup and not _knows_less(identity, kept):
        for name, value in known.items():
            setattr(kept, name, value)
        await session.flush()
    return kept


def _told(identity: Identity) -> dict[str, Any]:
    """What the source tells of the person. Where it doesn't know of non-disclosure (turvakielto), neither that nor the
    municipality, which must not come back under it."""
    names = {"given_name": identity.given_name, "family_name": identity.family_name}
    if identity.non_disclosure is None:
        return names
    return names | {"non_disclosure": identity.non_disclosure, "municipality_code": identity.municipality}


def _knows_less(identity: Identity, person: Person) -> bool:
    """Whether what is known of the person comes from a better source than who signs in now."""
    return identity.kind == "eidas" and person.identity_kind == "finnish"


def _identifier(identity: Identity, clock: Clock) -> tuple[str, date | None]:
    """By what the person is found here, and when they were born. What another country tells is marked, so that it can
    never be taken for a Finnish code. Raises InvalidIdentityCode."""
    if identity.kind == "eidas":
        return EIDAS + identity.identity_code, identity.birth_date
    code = IdentityCode.parse(identity.identity_code, clock.today)
    return code.value, code.birth_date


async def _known_by_former(session: AsyncSession, lookup: bytes) -> Person | None:
    """The person whose identifier this was before."""
    query = select(Person).join(FormerIdentity, FormerIdentity.person_id == Person.id)
    return await session.scalar(query.where(FormerIdentity.lookup == lookup))


async def _after_merging(session: AsyncSession, person: Person) -> Person:
    """The row that everything of the person is with. Nobody is merged in a ring: a merge keeps a row that stands."""
    before = context_of(session)
    while person.merged_into_id is not None:
        await enter(session, replace(before, actor=person.merged_into_id))
        person = await session.get_one(Person, person.merged_into_id)
    return person


async def register_staff(session: AsyncSession, identity: StaffIdentity, clock: Clock) -> StaffMember:
    """The member of staff of an issuer's subject, with the roles and units that the claims name now."""
    claims = {
        "name": identity.name,
        "profession": identity.profession,
        "roles": list(identity.roles),
        "units": list(identity.units),
        "tasks": list(tasks_of(identity.roles, identity.tasks)),
        "signed_in_at": clock.now,
    }
    statement = (
        insert(StaffMember)
        .values(issuer=identity.issuer, subject=identity.subject, **claims)
        .on_conflict_do_update(index_elements=["issuer", "subject"], set_=claims)
    )
    return (await session.execute(statement.returning(StaffMember))).scalar_one()


async def age_of(session: AsyncSession, person_id: uuid.UUID | None, clock: Clock) -> int | None:
    """Full years of the person today; None where the birth date is not known."""
    born = await session.scalar(select(Person.birth_date).where(Person.id == person_id))
    return full_years(born, clock.today) if born else None
