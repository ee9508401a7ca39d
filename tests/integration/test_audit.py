"""The audit trail on a real database: it only grows, all of it is sealed, its reader is who may read it."""

import asyncio
import json
import subprocess
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import errors
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.audit_verdict import Finding
from app.domain.clock import Clock
from app.jobs import jobs, seal_audit
from app.jobs.worker import opened_tools
from app.models import AuditEvent
from app.models.context import Context, enter
from app.operations.audit_trail import verify_trail
from app.services.audit import trail
from app.services.audit.keys import AuditKeys, NoAuditKeys
from app.services.audit.seal import Sealed
from app.settings import Settings
from tests.tools.audit import attack, found, opened, record, seal, write
from tests.tools.deliveries import rows_of
from tests.tools.live import process_environment
from tests.tools.world import World

NEW = SecretStr("n" * 32)


@pytest.mark.parametrize("table", ["audit_event", "audit_seal", "audit_sealed"])
async def test_only_grows(settings: Settings, table: str) -> None:
    """Neither the web nor the worker may change or remove a row, and not even the owner's statement goes through."""
    await write(settings)
    await seal(settings)
    for change in (f"update {table} set mac = ''", f"delete from {table}", f"truncate {table} cascade"):
        for url, refusal in (
            (settings.database_url, errors.InsufficientPrivilege),
            (settings.worker_database_url, errors.InsufficientPrivilege),
            (settings.migration_database_url, errors.RaiseException),
        ):
            with psycopg.connect(url) as connection, pytest.raises(refusal):
                connection.execute(change)


@pytest.mark.parametrize("table", ["audit_seal", "audit_sealed", "audit_unsealed"])
def test_seals_are_the_workers(settings: Settings, table: str) -> None:
    """The web's role neither reads nor writes what proves the trail."""
    for statement in (f"select * from {table}", f"insert into {table} default values", f"delete from {table}"):
        with psycopg.connect(settings.database_url) as web, pytest.raises(errors.InsufficientPrivilege):
            web.execute(statement)


async def test_who_reads_the_log(settings: Settings) -> None:
    """Of the log, a resident sees their own, an auditor all, others none: a guardian's reading would tell of cases that
    are closed to them."""
    child, guardian, other = (uuid.uuid4() for _ in range(3))
    await write(settings, subject_id=child, register="patient")
    await write(settings, subject_id=child, register="social")
    await write(settings, subject_id=child)
    total = rows_of(settings, "select count(*) from audit_event")[0]["count"]
    acting = Context("resident", actor=guardian, subject=child, registers=frozenset({"patient", "social"}))
    expected = {
        Context(): 0,
        Context("browser", subject=child): 0,
        Context("resident", actor=child, subject=child): 3,
        Context("resident", actor=other, subject=other): 0,
        acting: 0,
        Context("resident", actor=guardian, subject=child, readable=frozenset({"patient"})): 0,
        Context("staff", actor=other, powers=frozenset({"handle_cases"})): 0,
        Context("staff", actor=other, powers=frozenset({"read_audit"})): total,
        Context("resident", actor=other, subject=other, powers=frozenset({"read_audit"})): 0,
    }
    async with opened(settings, settings.database_url) as web:
        for context, rows in expected.items():
            async with web.transaction() as session:
                await enter(session, context)
                assert await session.scalar(select(func.count()).select_from(AuditEvent)) == rows, context


async def test_what_a_row_tells(settings: Settings) -> None:
    """A row names actor, subject, right, register, service task, purpose and special reason, as it was signed."""
    subject, right = uuid.uuid4(), {"basis": "mandate", "themes": ["health"], "asked": 1}
    said: dict[str, Any] = {"register": "social", "service_task": "families", "purpose": "care", "reason": "emergency"}
    (row_id,) = await write(settings, subject_id=subject, mandate=right, **said)
    (row,) = rows_of(settings, "select * from audit_event where id = %s", row_id)
    assert (row["subject_id"], row["mandate"], row["actor_kind"]) == (subject, right, "staff")
    assert said.items() <= row.items()
    assert await found(settings) == {}


async def test_no_keys_no_row() -> None:
    """Where the wiring forgot the keys, the use case fails: nothing is read or changed without a trace."""
    async with AsyncSession() as session:
        with pytest.raises(NoAuditKeys):
            await trail.record(session, Clock(datetime.now(UTC)), None, "read", ("case", "1"))


async def test_rolled_back_with_its_change(settings: Settings) -> None:
    """The row belongs to the change's transaction: where that fails, the trail doesn't tell of it."""
    target = ("case", uuid.uuid4())

    async def fail() -> None:
        async with opened(settings, settings.database_url) as web, web.transaction() as session:
            await record(session, target)
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - our own
        await fail()
    assert rows_of(settings, "select 1 from audit_event where target_id = %s", str(target[1])) == []
    assert await found(settings) == {}


async def test_sealed_in_batches(settings: Settings) -> None:
    """All that waits is sealed, batch by batch, in one chain; before that it is told how much waits and since when."""
    await seal(settings)
    before = await verify_trail(settings)
    ids = await write(settings, 25)
    waiting = await verify_trail(settings)
    first = rows_of(settings, "select at from audit_event where id = %s", ids[0])[0]["at"]
    assert (waiting.unsealed, waiting.unsealed_since) == (25, first)
    assert await seal(settings, batch=10) == Sealed(25, 0, ids[-1])
    after = await verify_trail(settings)
    assert after.intact
    assert (after.unsealed, after.unsealed_since) == (0, None)
    assert (after.sealed, after.seals) == (before.sealed + 25, before.seals + 3)
    assert await seal(settings) == Sealed(0, 0, 0)
    assert rows_of(settings, "select * from audit_unsealed") == []


async def test_the_worker_seals(settings: Settings) -> None:
    """The worker's task seals what waits."""
    await write(settings, 2)
    async with opened_tools(settings) as jobs.tools:
        await seal_audit.func()
    verdict = await verify_trail(settings)
    assert verdict.intact
    assert verdict.unsealed == 0


async def test_late_commit_is_sealed(settings: Settings) -> None:
    """A row with a lower id that is committed after later ones were sealed is sealed by the next seal."""
    target = ("case", uuid.uuid4())
    async with opened(settings, settings.database_url) as web, web.transaction() as slow:
        await record(slow, target)
        later = await write(settings, 2)
        assert (await seal(settings)).until == later[-1]
        assert rows_of(settings, "select 1 from audit_event where target_id = %s", str(target[1])) == []
    query = "select id from audit_event where target_id = %s"
    late = rows_of(settings, query, str(target[1]))[0]["id"]
    assert late < later[0]
    assert (await verify_trail(settings)).unsealed == 1
    assert await seal(settings) == Sealed(1, 0, late)
    verdict = await verify_trail(settings)
    assert verdict.intact
    assert verdict.unsealed == 0


async def test_sealers_at_once_make_one_chain(settings: Settings) -> None:
    """Several sealers at the same time neither fork the chain nor seal a row twice nor leave one out."""
    await seal(settings)
    before = await verify_trail(settings)
    await write(settings, 40)
    done = await asyncio.gather(*(seal(settings, batch=3) for _ in range(4)))
    while (last := await seal(settings)).rows:
        done.append(last)
    assert sum(one.rows for one in done) == 40
    after = await verify_trail(settings)
    assert after.intact
    assert (after.sealed, after.unsealed) == (before.sealed + 40, 0)


def with_keys(settings: Settings, *keys: SecretStr) -> Settings:
    """The settings with other audit keys."""
    return settings.model_copy(update={"audit_keys": keys})


async def test_wrong_key(settings: Settings) -> None:
    """Somebody with another key can prove nothing, and what they sign is proved by nobody else."""
    await write(settings, 2)
    await seal(settings)
    foreign = with_keys(settings, NEW)
    verdict = await verify_trail(foreign)
    assert verdict.found.keys() == {Finding.UNPROVEN, Finding.BROKEN_SEAL}
    assert verdict.found[Finding.UNPROVEN].count == verdict.sealed
    forged = await write(foreign, 1)
    assert await found(settings) == {Finding.UNPROVEN: forged}
    assert (await seal(settings)).refused == 1


async def test_rotation(settings: Settings) -> None:
    """After a new key is put first, new rows and seals are signed with it, and the whole trail is still proved."""
    await write(settings, 2)
    await seal(settings)
    rotated = with_keys(settings, NEW, *settings.audit_keys)
    ids = await write(rotated, 2)
    assert (await seal(rotated)).refused == 0
    verdict = await verify_trail(rotated)
    assert verdict.intact
    names = rows_of(settings, "select distinct mac_key from audit_event where id = any(%s)", ids)
    assert [row["mac_key"] for row in names] == [AuditKeys.of(rotated).newest]


def run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, as an operator calls it."""
    command = [sys.executable, "-m", "app.cli", "audit", *arguments]
    environment = process_environment(settings)
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


async def test_command_line(world: World, settings: Settings, tmp_path: Path) -> None:
    """`verify` tells how much waits, and names what is wrong with exit status 1; `export` gives the newest seal."""
    ids = await write(settings, 2)
    await seal(settings)
    done = run(settings, "export")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout).keys() >= {"id", "sealed_at", "events", "hash"}
    file = tmp_path / "seal.json"
    file.write_text(done.stdout)
    await write(settings, 1)
    done = run(settings, "verify", "--since-seal", str(file))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "unsealed: 1 rows, the oldest from 20" in done.stdout
    attack(world, settings, "delete from audit_event where id = %(id)s", id=ids[0])
    done = run(settings, "verify")
    assert done.returncode == 1
    assert f"BAD {Finding.MISSING}: 1 ({ids[0]})" in done.stdout


def test_a_file_that_is_no_export(settings: Settings, tmp_path: Path) -> None:
    """A file that `export` did not write is refused in one sentence."""
    file = tmp_path / "seal.json"
    for content in ("nothing", "[1]", '{"id": "x"}'):
        file.write_text(content)
        done = run(settings, "verify", "--since-seal", str(file))
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
