"""People and staff as the identification services name them."""

import uuid

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock, full_years
from app.domain.identity_code import IdentityCode
from app.domain.staff_roles import tasks_of
from app.integrations.staff_identification.port import StaffIdentity
from app.integrations.suomifi.identification.port import Identity
from app.models import Person, StaffMember
from app.models.context import also_find
from app.services.identity_vault import IdentityVault


async def register_person(
    session: AsyncSession, vault: IdentityVault, identity: Identity, clock: Clock, language: str
) -> Person:
    """The person of an identity code, made or brought up to date from what Suomi.fi says now.

    Raises InvalidIdentityCode where the code is none. Two sign-ins at once make one person: the lookup is unique.
    """
    code = IdentityCode.parse(identity.identity_code, clock.today)
    await also_find(session, vault.lookup(code.value))
    known = {
        "given_name": identity.given_name,
        "family_name": identity.family_name,
        "municipality_code": identity.municipality,
        "non_disclosure": identity.non_disclosure,
        "language": language,
    }
    new = {
        "identity_lookup": vault.lookup(code.value),
        "identity_sealed": vault.seal(code.value),
        "birth_date": code.birth_date,
        **known,
    }
    statement = insert(Person).values(**new).on_conflict_do_update(index_elements=["identity_lookup"], set_=known)
    return (await session.execute(statement.returning(Person))).scalar_one()


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
