"""Whatever is done to the audit trail past the application is found, and named by its id."""

import pytest

from app.domain.audit_verdict import Finding
from app.models import AuditEvent
from app.models.context import Context, enter
from app.operations.audit_trail import export_seal
from app.services.audit.seal import Sealed
from app.settings import Settings
from tests.tools.audit import COPY, attack, found, opened, seal, write
from tests.tools.deliveries import rows_of
from tests.tools.world import World

CHANGES = {
    "at": "at + interval '1 microsecond'",
    "actor_kind": "'system'",
    "actor_id": "gen_random_uuid()",
    "subject_id": "gen_random_uuid()",
    "mandate": """'{"basis": "guardian"}'""",
    "register": "null",
    "service_task": "'families'",
    "reason": "'emergency'",
    "purpose": "purpose || ' '",
    "action": "'looked'",
    "target_kind": "''",
    "target_id": "upper(target_id) || 'x'",
    "request_id": "'other'",
    "mac": "decode(repeat('00', 32), 'hex')",
}


def test_every_column_is_attacked() -> None:
    """No column of the trail is left out of the list of attacks (the id and the key's name have tests of their own)."""
    assert set(CHANGES) == {column.key for column in AuditEvent.__table__.columns} - {"id", "mac_key"}


async def test_changed_rows(world: World, settings: Settings) -> None:
    """One changed value in whichever column is found, and nothing else is reported with it."""
    ids = await write(settings, len(CHANGES) + 1, register="patient")
    await seal(settings)
    for (column, value), row_id in zip(CHANGES.items(), ids, strict=False):
        attack(world, settings, f"update audit_event set {column} = {value} where id = %(id)s", id=row_id)
    assert await found(settings) == {Finding.CHANGED: ids[:-1]}


async def test_changed_before_sealing(world: World, settings: Settings) -> None:
    """A row that was changed while it waited is found, and never sealed as if it were good."""
    ids = await write(settings, 3)
    attack(world, settings, "update audit_event set action = 'x' where id = %(id)s", id=ids[1])
    assert await found(settings) == {Finding.ADDED: [ids[1]]}
    assert (await seal(settings)).refused == 1
    assert await found(settings) == {Finding.ADDED: [ids[1]]}
    sealed = rows_of(settings, "select event_id from audit_sealed where event_id = any(%s)", ids)
    assert {row["event_id"] for row in sealed} == {ids[0], ids[2]}


async def test_what_nobody_signs_stops_nothing(world: World, settings: Settings) -> None:
    """A row whose values have no signed form is told of like any other forged one; sealing goes on."""
    ids = await write(settings, 2)
    attack(world, settings, """update audit_event set mandate = '{"share": 0.5}' where id = %(id)s""", id=ids[0])
    assert (await seal(settings)).refused == 1
    assert await found(settings) == {Finding.ADDED: [ids[0]]}


async def test_forged_rows_keep_nothing_back(world: World, settings: Settings) -> None:
    """More forged rows than a batch holds, in front of the queue, don't keep true ones from being sealed."""
    await seal(settings)
    ids = await write(settings, 5)
    attack(world, settings, "update audit_event set purpose = 'x' where id = any(%(ids)s)", ids=ids[:3])
    assert await seal(settings, batch=2) == Sealed(2, 3, ids[-1])


@pytest.mark.parametrize("sealed", [True, False])
async def test_row_under_another_id(world: World, settings: Settings, sealed: bool) -> None:
    """A row that was given another id is missed under the old one, and told of under the new one."""
    (row_id,) = await write(settings)
    if sealed:
        await seal(settings)
    attack(world, settings, "update audit_event set id = id + 1000 where id = %(id)s", id=row_id)
    assert await found(settings) == {Finding.MISSING: [row_id], Finding.ADDED: [row_id + 1000]}


async def test_another_keys_name(world: World, settings: Settings) -> None:
    """A row that says it was signed by a key which nobody has is told of."""
    (row_id,) = await write(settings)
    await seal(settings)
    attack(world, settings, "update audit_event set mac_key = 'x' where id = %(id)s", id=row_id)
    assert await found(settings) == {Finding.UNPROVEN: [row_id]}


@pytest.mark.parametrize("sealed", [True, False])
async def test_missing_row(world: World, settings: Settings, sealed: bool) -> None:
    """A row that was taken away is missed by its id, whether it was sealed or still waited."""
    ids = await write(settings, 3)
    if sealed:
        await seal(settings)
    attack(world, settings, "delete from audit_event where id = %(id)s", id=ids[1])
    assert await found(settings) == {Finding.MISSING: [ids[1]]}
    await seal(settings)
    assert await found(settings) == {Finding.MISSING: [ids[1]]}


@pytest.mark.parametrize("role", ["database_url", "worker_database_url"])
async def test_added_row(settings: Settings, role: str) -> None:
    """A row that was not written by the application is found, even as an exact copy of a true one: its id is signed."""
    (original,) = await write(settings)
    async with opened(settings, getattr(settings, role)) as database, database.transaction() as session:
        await enter(session, Context("staff", powers=frozenset({"read_audit"})))
        connection = await session.connection()
        copy = (await connection.exec_driver_sql(COPY, {"id": original})).scalar_one()
    assert await found(settings) == {Finding.ADDED: [copy]}
    assert (await seal(settings)).refused == 1
    assert await found(settings) == {Finding.ADDED: [copy]}


async def test_row_slipped_into_a_seal(world: World, settings: Settings) -> None:
    """A row that was put among sealed ones is found, and so is the seal that it was put into."""
    ids = await write(settings, 2)
    await seal(settings)
    (place,) = rows_of(settings, "select * from audit_sealed where event_id = %s", ids[1])
    attack(
        world,
        settings,
        COPY,
        "insert into audit_sealed select max(e.id), %(seal)s, %(place)s, %(mac)s from audit_event e",
        id=ids[0],
        seal=place["seal_id"],
        place=place["position"] + 1,
        mac=place["mac"],
    )
    (added,) = rows_of(settings, "select max(id) id from audit_event")
    assert await found(settings) == {Finding.ADDED: [added["id"]], Finding.BROKEN_SEAL: [place["seal_id"]]}


@pytest.mark.parametrize(
    "change",
    [
        "update audit_seal set sealed_at = sealed_at - interval '1 day' where id = %(id)s",
        "update audit_seal set hash = sha256(hash) where id = %(id)s",
        "update audit_seal set events = events - 1 where id = %(id)s",
        "delete from audit_sealed where seal_id = %(id)s and position = 1",
        "update audit_sealed set position = 9 where seal_id = %(id)s and position = 1",
    ],
)
async def test_broken_seal(world: World, settings: Settings, change: str) -> None:
    """A seal that was changed, or whose rows are not those that it sealed, is named."""
    await seal(settings)
    await write(settings, 2)
    await seal(settings)
    newest = rows_of(settings, "select max(id) id from audit_seal")[0]["id"]
    attack(world, settings, change, id=newest)
    assert (await found(settings))[Finding.BROKEN_SEAL] == [newest]


async def test_missing_seal(world: World, settings: Settings) -> None:
    """A seal that was taken away from between others is missed, with or without its rows."""
    await write(settings, 3)
    await seal(settings, batch=1)
    newest = rows_of(settings, "select max(id) id from audit_seal")[0]["id"]
    attack(world, settings, "delete from audit_seal where id = %(id)s", id=newest - 1)
    assert await found(settings) == {Finding.MISSING_SEAL: [newest - 1]}
    take = "with gone as (delete from audit_sealed where seal_id = %(id)s returning event_id)"
    attack(world, settings, f"{take} delete from audit_event using gone where id = event_id", id=newest - 1)
    assert await found(settings) == {Finding.MISSING_SEAL: [newest - 1]}


async def test_a_tail_cut_off_is_seen_by_an_earlier_export(world: World, settings: Settings) -> None:
    """Whoever removes the newest seals with all their rows leaves a whole trail behind: an exported seal shows it."""
    await write(settings)
    await seal(settings)
    early = await export_seal(settings)
    await write(settings, 2)
    await seal(settings)
    late = await export_seal(settings)
    assert early is not None
    assert late is not None
    assert await found(settings, early) == await found(settings, late) == {}
    attack(
        world,
        settings,
        "with gone as (delete from audit_sealed where seal_id = %(id)s returning event_id)"
        " delete from audit_event using gone where id = event_id",
        "delete from audit_seal where id = %(id)s",
        id=late["id"],
    )
    assert await found(settings) == {}
    assert await found(settings, early) == {}
    assert await found(settings, late) == {Finding.NOT_AS_EXPORTED: [late["id"]]}
    await write(settings, 1)
    await seal(settings)  # another seal in its place
    assert await found(settings, late) == {Finding.NOT_AS_EXPORTED: [late["id"]]}
