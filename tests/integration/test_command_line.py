"""The command line: catalogues come in, broken files are named, the doctor tells what is wrong."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from app.content import load
from app.integrations.ports import SYSTEMS
from app.operations.local_server import OWNER
from app.services.identity.vault import IdentityVault
from app.settings import Settings
from tests.tools.world import World


@pytest.fixture
def settings(world: World) -> Iterator[Settings]:
    """A window's settings on a database of this test's own."""
    with world.database() as name:
        settings = world.settings(name)
        with psycopg.connect(settings.migration_database_url) as owner:  # however long ago the template was made
            owner.execute("update jobs.procrastinate_events set at = clock_timestamp()")
        yield settings


def run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, as an operator calls it."""
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "WORKER_DATABASE_URL": settings.worker_database_url,
        "MIGRATION_DATABASE_URL": settings.migration_database_url,
        "ASIOINTI_VAR": str(settings.var),
        "ASIOINTI_DICTIONARIES": str(settings.dictionaries),
        "ASIOINTI_OIDC_KEY_FILE": str(settings.oidc_key_file),
        "ASIOINTI_SIMULATORS_URL": settings.simulators_url,
        "ASIOINTI_SIMULATORS_SCANNER_PORT": str(settings.simulators_scanner_port),
    }
    command = [sys.executable, "-m", "app.cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def a_service(number: int) -> dict[str, object]:
    """A service of the sample catalogue under another id, as another catalogue would have it."""
    item = dict(load("catalogue/services-health.json")["itemList"][0])
    return {**item, "id": f"00000000-0000-4000-8000-{number:012}", "sourceId": f"OTHER-{number}"}


@pytest.mark.parametrize("shape", ["one", "list", "page"])
def test_catalogue_import(settings: Settings, tmp_path: Path, shape: str) -> None:
    """One service, a list or a page of them is brought in, and found when the command has ended."""
    items = [a_service(1)] if shape == "one" else [a_service(1), a_service(2)]
    data = {"one": items[0], "list": items, "page": {"pageNumber": 1, "itemList": items}}[shape]
    file = tmp_path / "services.json"
    file.write_text(json.dumps(data))
    done = run(settings, "catalogue", "import", str(file))
    assert done.returncode == 0, done.stderr
    assert f"{len(items)} services brought in, 0 left out" in done.stdout
    with psycopg.connect(settings.worker_database_url) as connection:
        row = connection.execute("select count(*) from service where source_id like 'OTHER-%'").fetchone()
    assert row == (len(items),)


def test_broken_items_are_named(settings: Settings, tmp_path: Path) -> None:
    """A broken item is left out and named; the rest comes in."""
    file = tmp_path / "services.json"
    file.write_text(json.dumps([a_service(1), {"sourceId": "BROKEN-7"}, 5]))
    done = run(settings, "catalogue", "import", str(file))
    assert done.returncode == 0
    assert "1 services brought in, 2 left out" in done.stdout
    assert "BROKEN-7" in done.stderr


@pytest.mark.parametrize("content", ["not json", '"a string"', "\x00"])
def test_files_that_are_no_catalogue(settings: Settings, tmp_path: Path, content: str) -> None:
    """A file that is no catalogue is refused in one sentence, without a stack trace, and changes nothing."""
    file = tmp_path / "services.json"
    file.write_text(content)
    done = run(settings, "catalogue", "import", str(file))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "services.json" in done.stderr


def test_doctor_is_content(settings: Settings) -> None:
    """On a whole installation the doctor finds nothing wrong."""
    done = run(settings, "doctor")
    assert done.returncode == 0, done.stdout
    assert "BAD" not in done.stdout


def test_doctor_tells_how_to_mend(settings: Settings) -> None:
    """Pending migrations and failed jobs are told with the command that mends them."""
    with psycopg.connect(settings.migration_database_url) as owner:
        owner.execute("set search_path to public, jobs")
        owner.execute("update alembic_version set version_num = '0001'")
        owner.execute("update jobs.procrastinate_jobs set status = 'failed'")
    done = run(settings, "doctor")
    assert done.returncode == 1
    assert "asiointi migrate" in done.stdout
    assert "BAD jobs" in done.stdout


def test_doctor_asks_the_outside(settings: Settings) -> None:
    """Each outside system in use is asked; one that fails is named, the others are well."""
    address = f"{settings.simulators_url}/_faults/video"
    httpx.put(address, json={"mode": "error"}).raise_for_status()
    try:
        done = run(settings, "doctor")
    finally:
        httpx.put(address, json={"mode": "none"}).raise_for_status()
    assert done.returncode == 1
    assert [line for line in done.stdout.splitlines() if line.startswith("BAD")] == ["BAD video: HTTP 500"]
    for system in set(SYSTEMS) - {"video"}:
        assert f"ok  {system}: answers" in done.stdout
    assert "ok  scanner signatures: 0 days old" in done.stdout


def test_catalogue_sync(settings: Settings) -> None:
    """The catalogue is compared when an operator asks for it, and what was done is told."""
    done = run(settings, "catalogue", "sync")
    assert done.returncode == 0, done.stderr
    assert "0 left as they were" in done.stdout


def test_an_odd_answer_is_read(settings: Settings) -> None:
    """An answer that didn't validate is printed to an operator, and the reading is audited; an unknown id is told."""
    fault = uuid.uuid4()
    sealed = IdentityVault.of(settings).seal_bytes(b'{"odd": true}')
    with psycopg.connect(settings.worker_database_url) as connection:
        connection.execute(
            "insert into outside_fault (id, system, at, outcome, reason, correlation_id, status, body_sealed)"
            " values (%s, 'omaolo', now(), 'invalid', 'x', '', 200, %s)",
            [fault, sealed],
        )
    assert run(settings, "odd-answer", str(fault)).stdout == '{"odd": true}'
    for unknown in (str(uuid.uuid4()), "x"):
        assert run(settings, "odd-answer", unknown).returncode == 1
    with psycopg.connect(settings.worker_database_url) as connection:
        query = "select target_id from audit_event where action = 'read_odd_answer'"
        assert connection.execute(query).fetchall() == [(str(fault),)]


def test_doctor_without_a_database(settings: Settings) -> None:
    """A database that does not answer is said in words."""
    nowhere = "postgresql://nobody:x@127.0.0.1:9/none"
    gone = settings.model_copy(update={"database_url": nowhere, "worker_database_url": nowhere})
    done = run(gone, "doctor")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "check WORKER_DATABASE_URL" in done.stdout


def test_second_migration_is_quick_and_quiet(settings: Settings) -> None:
    """Migrating a database that is up to date does nothing and succeeds."""
    assert OWNER in settings.migration_database_url
    assert run(settings, "migrate").returncode == 0
