"""Whom the national services know: only people with a Finnish identity code."""

from app.models import Person
from app.services.deliveries.kind import NotWanted
from app.services.identity.vault import IdentityVault


def has_finnish_code(person: Person) -> bool:
    """True where Kanta, Suomi.fi and the record systems can be told of the person. Others are served all the same:
    by phone, by text messages, and here."""
    return person.identity_kind == "finnish" and person.identity_sealed is not None


def finnish_code(person: Person, vault: IdentityVault) -> str | None:
    """The code in clear; None for somebody who has none."""
    return vault.open(person.identity_sealed) if has_finnish_code(person) and person.identity_sealed else None


def needed_code(person: Person, vault: IdentityVault) -> str:
    """The code in clear, for a delivery that is nothing without it. Raises NotWanted."""
    code = finnish_code(person, vault)
    if code is None:
        raise NotWanted("the person has no Finnish identity code")
    return code
