"""The demo county: units, places, services, professionals, their times, and test persons. Seeding again changes
nothing but what the content files changed, and tops the times up."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.content import load
from app.domain.text import Text
from app.domain.urgency import Urgency
from app.models import Base, BookableService, Person, Professional, Resource, Unit
from app.services import outbox
from app.services.booking.publish_times import WorkingWeek, publish_times, read_week
from app.services.catalogue.entries import import_locations, import_services
from app.services.clock import read_clock
from app.services.forms.shipped import install_forms
from app.services.identity.vault import IdentityVault

CATALOGUE = ("catalogue/services-health.json", "catalogue/services-social.json")


async def seed(session: AsyncSession, vault: IdentityVault) -> None:
    """Bring the demo county in, from the content files."""
    for row in load("units.json"):
        await _upsert(session, Unit, "code", {"code": row["code"], "names": Text(row["names"])})
    await install_forms(session)
    await import_locations(session, load("catalogue/locations.json"))
    for name in CATALOGUE:
        await import_services(session, load(name))
    for row in load("bookable_services.json"):
        await _upsert(session, BookableService, "code", _bookable(row))
    weeks = [await _professional(session, row) for row in load("professionals.json")]
    await publish_times(session, weeks, await read_clock(session))
    for row in load("test_persons.json")["residents"]:
        await _person(session, vault, row)
    await outbox.defer(session, "refresh_assessments")


def _bookable(row: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: Text(row[name]) for name in ("names", "descriptions", "prices", "what_to_bring")}
    plain = ("code", "minutes", "register", "way", "rule", "cancel_limit_hours", "lead_minutes", "horizon_days")
    return {
        **texts,
        **{name: row[name] for name in plain},
        "permit_urgencies": [Urgency(level) for level in row["permit_urgencies"]],
        "age_from": row["age_from"],
        "age_to": row["age_to"],
        "source_ids": row["source_ids"],
        "forms": row["forms"],
    }


async def _professional(session: AsyncSession, row: Mapping[str, Any]) -> WorkingWeek:
    professional_id = uuid.UUID(row["id"])
    await _upsert(session, Resource, "id", {"id": professional_id, "kind": "professional"})
    values = {
        "id": professional_id,
        "source_id": row["sourceId"],
        "name": row["name"],
        "titles": Text(row["titles"]),
    }
    await _upsert(session, Professional, "id", values)
    place = next(one for one in load("catalogue/locations.json")["itemList"] if one["sourceId"] == row["location"])
    return WorkingWeek(professional_id, uuid.UUID(place["id"]), row["services"], read_week(row["week"]))


async def _person(session: AsyncSession, vault: IdentityVault, row: Mapping[str, Any]) -> None:
    code = row["identity_code"]
    values = {
        "identity_lookup": vault.lookup(code),
        "identity_sealed": vault.seal(code),
        "given_name": row["given_name"],
        "family_name": row["family_name"],
        "birth_date": date.fromisoformat(row["born"]),
        "municipality_code": None if row["non_disclosure"] else row["municipality"],
        "non_disclosure": row["non_disclosure"],
        "language": row["language"],
    }
    statement = insert(Person).values(id=uuid.uuid4(), **values)
    await session.execute(statement.on_conflict_do_nothing(index_elements=["identity_lookup"]))


async def _upsert(session: AsyncSession, model: type[Base], key: str, values: dict[str, Any]) -> None:
    statement = insert(model).values(**values)
    changed = {name: value for name, value in values.items() if name != key}
    await session.execute(statement.on_conflict_do_update(index_elements=[key], set_=changed or {key: values[key]}))
