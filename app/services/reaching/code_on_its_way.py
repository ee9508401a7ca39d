"""A code that is to be sent: read when it goes, and forgotten when it has gone."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.text import Language, as_language
from app.models import ContactPoint, Delivery, Person
from app.services.clock import read_clock
from app.services.identity.vault import IdentityVault
from app.services.reaching.contact_points import waits_for_code


async def code_to_send(
    session: AsyncSession, delivery: Delivery, vault: IdentityVault
) -> tuple[str, str, Language] | None:
    """Where it goes, the code, and in which language; None where it has run out or was asked anew."""
    query = select(ContactPoint, Person.language).join(Person, Person.id == ContactPoint.person_id)
    row = (await session.execute(query.where(ContactPoint.id == delivery.about_id))).one_or_none()
    if row is None:
        return None
    point, language = row
    if point.code_sealed is None or not waits_for_code(point, await read_clock(session)):
        return None
    return point.value, vault.open_bytes(point.code_sealed).decode(), as_language(language)


async def unseal(session: AsyncSession, delivery: Delivery) -> None:
    """The code itself is not needed any more; its hash stays for checking."""
    point = await session.get(ContactPoint, delivery.about_id)
    if point is not None:
        point.code_sealed = None
        await session.flush()
