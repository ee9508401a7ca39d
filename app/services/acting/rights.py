"""By which right somebody may act for another, asked of where the right comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.content import load
from app.domain.care_roles import CareRoles, right_of_care_role
from app.domain.clock import Clock, full_years
from app.domain.local_mandates import right_of_local_mandate
from app.domain.mandate_themes import MandateThemes
from app.domain.minors import AgeTable
from app.domain.representation import right_of_roles
from app.domain.right import Basis, Right
from app.integrations.suomifi.mandates.port import Roles
from app.models import CareRole, LocalMandate, Person, Representation


@dataclass(frozen=True)
class Granted:
    """A right and what it rests on; `source` is the paper mandate or the care role, None for what Suomi.fi says."""

    basis: Basis
    right: Right
    source: LocalMandate | CareRole | None = None


@cache
def age_table() -> AgeTable:
    """What guardians may do by the child's age: content/minors.json."""
    return AgeTable.from_data(load("minors.json"))


@cache
def mandate_themes() -> MandateThemes:
    """The themes of Suomi.fi mandates that mean something here: content/mandate_themes.json."""
    return MandateThemes.from_data(load("mandate_themes.json"))


@cache
def care_roles() -> CareRoles:
    """What supporters, interpreters and foster carers may do: content/care_roles.json."""
    return CareRoles.from_data(load("care_roles.json"))


def right_by_suomifi(roles: Roles, actor: Person, subject: Person, clock: Clock) -> Granted | None:
    """The right that Suomi.fi's answer gives `actor` over `subject`; None: no right, and nobody is told why."""
    if subject.deceased_on is not None:
        return None
    found = right_of_roles(
        guardian_of_minor=roles.is_guardian_of_minor,
        themes=roles.themes,
        age=age_of(subject, clock),
        subject_non_disclosure=subject.non_disclosure,
        actor_non_disclosure=actor.non_disclosure,
        table=age_table(),
        known_themes=mandate_themes(),
    )
    return Granted(*found) if found else None


async def rights_held_here(session: AsyncSession, actor: Person, clock: Clock) -> Sequence[tuple[Person, Granted]]:
    """For whom `actor` may act by what this county has recorded: paper mandates, and foster care."""
    mandates = select(LocalMandate).where(LocalMandate.mandatee_id == actor.id, *_valid_mandate(clock))
    roles = select(CareRole).where(CareRole.helper_id == actor.id, *_valid_role(clock))
    found: list[LocalMandate | CareRole] = [*await session.scalars(mandates), *await session.scalars(roles)]
    held = [(await session.get(Person, _subject_of(source)), source) for source in found]
    granted = [(person, right_here(source, actor, person, clock)) for person, source in held if person]
    return [(person, right) for person, right in granted if right is not None]


async def still_granted_here(
    session: AsyncSession, representation: Representation, actor: Person, subject: Person, clock: Clock
) -> Granted | None:
    """The same right as it is today; None once it has run out or been ended."""
    source = await _source_of(session, representation, clock)
    return right_here(source, actor, subject, clock) if source else None


def right_here(source: LocalMandate | CareRole, actor: Person, subject: Person, clock: Clock) -> Granted | None:
    """The right that a valid record of this county gives."""
    if subject.deceased_on is not None:
        return None
    if isinstance(source, LocalMandate):
        right = right_of_local_mandate(frozenset(source.registers))
        return Granted("local_mandate", right, source) if right else None
    age = age_of(subject, clock)
    if age is None:
        return None
    right = right_of_care_role(
        source.role,
        age=age,
        subject_non_disclosure=subject.non_disclosure,
        actor_non_disclosure=actor.non_disclosure,
        roles=care_roles(),
    )
    return Granted("foster_carer", right, source) if right else None


def age_of(person: Person, clock: Clock) -> int | None:
    """Full years today; None where the birth date is not known."""
    return full_years(person.birth_date, clock.today) if person.birth_date else None


async def _source_of(
    session: AsyncSession, representation: Representation, clock: Clock
) -> LocalMandate | CareRole | None:
    if representation.local_mandate_id is not None:
        mandate = select(LocalMandate).where(LocalMandate.id == representation.local_mandate_id, *_valid_mandate(clock))
        return await session.scalar(mandate.execution_options(populate_existing=True))
    role = select(CareRole).where(CareRole.id == representation.care_role_id, *_valid_role(clock))
    return await session.scalar(role.execution_options(populate_existing=True))


def _subject_of(source: LocalMandate | CareRole) -> object:
    return source.principal_id if isinstance(source, LocalMandate) else source.subject_id


def _valid_mandate(clock: Clock):  # type: ignore[no-untyped-def]
    checked, kept = LocalMandate.checked_at.is_not(None), LocalMandate.revoked_at.is_(None)
    return checked, kept, LocalMandate.during.contains(clock.today)


def _valid_role(clock: Clock):  # type: ignore[no-untyped-def]
    return CareRole.ended_at.is_(None), CareRole.during.contains(clock.today)
