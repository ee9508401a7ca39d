"""What is wrong with an installation, and how to mend it."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import Database
from app.integrations.http import OutsideError
from app.integrations.ports import SYSTEMS
from app.integrations.scanner.port import Scanner
from app.integrations.watch import NO_WATCH
from app.operations.migrating import applied_revision, newest_revision
from app.outside.clients import open_ports
from app.settings import Settings

SKEW_SECONDS = 2.0
SIGNATURE_DAYS = 7  # new malware is signed every day: an older scanner sees less and less


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, what was seen, and how to mend it."""

    about: str
    well: bool
    told: str
    mend: str = ""


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything that commonly goes wrong."""
    try:
        database = Database.for_worker(settings)
        async with database.transaction() as session:
            findings = [
                await _role(session),
                await _extensions(session),
                await _clock_skew(session),
                await _stuck_jobs(session),
                await _undelivered(session),
            ]
        await database.close()
    except (psycopg.Error, SQLAlchemyError, OSError) as error:
        return [Finding("database", False, f"does not answer ({type(error).__name__})", "check WORKER_DATABASE_URL")]
    return [_migrations(settings), *findings, *_files(settings), *await _outside(settings)]


async def _outside(settings: Settings) -> list[Finding]:
    """Each outside system in use, asked something harmless."""
    if not settings.oidc_key_file.exists():
        return []
    ports = open_ports(settings, NO_WATCH)
    names = [name for name in SYSTEMS if name not in settings.not_in_use]
    findings = await asyncio.gather(*(_probe(name, ports.of(name)) for name in names))
    signatures = await _signatures(ports.scanner) if "scanner" in names else []
    await asyncio.gather(*(port.close() for port in ports.all()))
    return [*findings, *signatures]


async def _probe(name: str, port: Any) -> Finding:
    mend = "check its address and account in the settings; nothing is lost while it is away"
    try:
        await port.probe()
    except OutsideError as error:
        return Finding(name, False, error.reason, mend)
    return Finding(name, True, "answers")


async def _signatures(scanner: Scanner) -> list[Finding]:
    """How old the scanner's signatures are; nothing where it is away (which is told already) or does not say."""
    try:
        made = await scanner.signatures_of()
    except OutsideError:
        return []
    if made is None:
        return []
    days = max(0, (datetime.now(UTC).replace(tzinfo=None) - made).days)
    mend = "let freshclam fetch them daily where the scanner runs"
    return [Finding("scanner signatures", days <= SIGNATURE_DAYS, f"{days} days old", mend)]


def _migrations(settings: Settings) -> Finding:
    if not settings.migration_database_url:
        return Finding("migrations", False, "the owner's address is not set", "set MIGRATION_DATABASE_URL")
    applied, needed = applied_revision(settings.migration_database_url), newest_revision()
    return Finding("migrations", applied == needed, f"at {applied}, needed {needed}", "run: asiointi migrate")


async def _role(session: AsyncSession) -> Finding:
    query = "select rolname, rolsuper or rolbypassrls or rolcreaterole from pg_roles where rolname = current_user"
    name, mighty = (await session.execute(text(query))).one()
    owns = (await session.execute(text("select count(*) from pg_tables where tableowner = current_user"))).scalar_one()
    well = not mighty and owns == 0
    return Finding(
        "app role",
        well,
        f"{name}, owns {owns} tables" + (", may do too much" if mighty else ""),
        "let DATABASE_URL name a role that is no superuser, owns nothing and is granted asiointi_app",
    )


async def _extensions(session: AsyncSession) -> Finding:
    found = set(await session.scalars(text("select extname from pg_extension")))
    missing = {"btree_gist"} - found
    told = "all there" if not missing else f"missing {', '.join(sorted(missing))}"
    return Finding("extensions", not missing, told, "as a superuser: create extension btree_gist")


async def _clock_skew(session: AsyncSession) -> Finding:
    theirs = (await session.execute(text("select clock_timestamp()"))).scalar_one()
    skew = abs((datetime.now(UTC) - theirs).total_seconds())
    return Finding("clock", skew < SKEW_SECONDS, f"{skew:.1f} s apart from the database", "keep both clocks by NTP")


async def _stuck_jobs(session: AsyncSession) -> Finding:
    query = "select count(*) from jobs.procrastinate_jobs where status = 'failed'"
    failed = (await session.execute(text(query))).scalar_one()
    late = """
        select count(*) from jobs.procrastinate_jobs
        where status = 'todo' and coalesce(scheduled_at, :long_ago) < clock_timestamp() - interval '15 minutes'
          and attempts = 0 and exists (select 1 from jobs.procrastinate_events e where e.job_id = procrastinate_jobs.id
          and e.type = 'deferred' and e.at < clock_timestamp() - interval '15 minutes')
    """
    waiting = (await session.execute(text(late), {"long_ago": datetime(2000, 1, 1, tzinfo=UTC)})).scalar_one()
    told = f"{failed} failed, {waiting} waiting for a worker for over 15 minutes"
    return Finding("jobs", failed == 0 and waiting == 0, told, "start a worker (asiointi worker); read its log")


async def _undelivered(session: AsyncSession) -> Finding:
    query = "select count(*) from delivery where state in ('refused', 'unknown', 'given_up')"
    stuck = (await session.execute(text(query))).scalar_one()
    told = f"{stuck} wait for somebody's decision"
    return Finding("deliveries", stuck == 0, told, "look at them on the staff side: Systems and deliveries")


def _files(settings: Settings) -> list[Finding]:
    from app.domain.text import LANGUAGES
    from app.web.assets import BUILD

    tries = list(settings.dictionaries.glob("*")) if settings.dictionaries.exists() else []
    key = settings.oidc_key_file
    return [
        Finding("dictionaries", len(tries) >= len(LANGUAGES), f"{len(tries)} files", "run: asiointi dictionaries"),
        Finding("style sheet", (BUILD / "manifest.json").exists(), "built", "run: npm ci && npm run build"),
        Finding("search index", (settings.var / "index" / "current").exists(), "looked for", "start a worker"),
        Finding("sign-in key", key.exists(), "looked for", "put our private JWK where ASIOINTI_OIDC_KEY_FILE says"),
    ]
