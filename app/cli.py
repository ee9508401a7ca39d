"""The command line: `asiointi --help` lists what there is."""

import asyncio
import json
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli_audit import audit

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)
catalogue = typer.Typer(no_args_is_help=True, help="The service catalogue.")
cli.add_typer(catalogue, name="catalogue")
cli.add_typer(audit, name="audit")


@cli.command()
def demo() -> None:
    """Everything on this machine: embedded database, migrations, demo county, web, worker, simulators."""
    from app.operations.demo import database_for, ensure_oidc_key, run_processes
    from app.settings import Settings

    settings = Settings()
    settings.refuse_in_production("the demo brings made-up people: in production run web and worker")
    ensure_oidc_key(settings.oidc_key_file)
    _count_together(settings.var, clean=True)
    with database_for(settings) as ready:
        _migrate(ready.migration_database_url)
        asyncio.run(_seed(ready))
        raise typer.Exit(run_processes(ready))


@cli.command()
def run() -> None:
    """The web application (workers, port and address from the settings)."""
    import uvicorn

    from app.operations.demo import database_for, ensure_oidc_key
    from app.settings import Settings

    settings = Settings()
    settings.check_safe()
    if settings.environment != "production":
        ensure_oidc_key(settings.oidc_key_file)
    _count_together(settings.var)
    with database_for(settings) as ready:
        uvicorn.run(
            "app.main:create_app",
            factory=True,
            host=ready.host,
            port=ready.port,
            workers=ready.web_workers,
            log_level="warning",
            access_log=False,
            proxy_headers=False,  # the application reads them itself, from named proxies only
            timeout_graceful_shutdown=10,
            date_header=False,
            server_header=False,
        )


@cli.command()
def worker(until_empty: Annotated[bool, typer.Option(help="Stop when the queue is empty.")] = False) -> None:
    """The worker: deliveries to outside systems, search index, housekeeping."""
    from app.operations.demo import database_for
    from app.settings import Settings

    settings = Settings()
    _count_together(settings.var)
    from app.jobs.worker import run_worker

    with database_for(settings) as ready:
        asyncio.run(run_worker(ready, until_empty=until_empty))


@cli.command()
def simulators(
    alone: Annotated[str, typer.Option(help="Only this system, at the root: for clients that know just a host.")] = "",
    port: Annotated[int, typer.Option(help="Where to listen; by default as the settings say.")] = 0,
) -> None:
    """Stand-ins for the outside systems, with their real wire formats. Never in production."""
    from app.integrations.ports import SYSTEMS
    from app.operations.stand_ins import serve_simulators
    from app.settings import Settings

    if alone and alone not in SYSTEMS:
        raise typer.BadParameter(f"there is no system {alone}; there are: {', '.join(SYSTEMS)}")
    serve_simulators(Settings(), alone, port)


@cli.command()
def assessments(port: int = 8002) -> None:
    """Our own assessment service. In production only where the settings name the medical device that it is."""
    from app.operations.stand_ins import serve_assessments
    from app.settings import Settings

    serve_assessments(Settings(), port)


@cli.command()
def migrate(revision: Annotated[str, typer.Argument(help="Where to; a minus sign goes back.")] = "head") -> None:
    """Bring the database's schema up to date (as the owner role)."""
    from app.operations.demo import database_for
    from app.settings import Settings

    with database_for(Settings()) as ready:
        _migrate(ready.migration_database_url, revision)


@cli.command()
def seed() -> None:
    """The demo county. Again and again without harm: only new times are added."""
    from app.operations.demo import database_for
    from app.settings import Settings

    settings = Settings()
    settings.refuse_in_production("the seed is a made-up county with made-up people: it is for the demo")
    with database_for(settings) as ready:
        asyncio.run(_seed(ready))


@cli.command()
def dictionaries() -> None:
    """Build the word-form dictionaries of search (once, at install; about ten seconds)."""
    from app.services.search.dictionaries import build_dictionaries
    from app.settings import Settings

    build_dictionaries(Settings().dictionaries)


@cli.command("odd-answer")
def odd_answer(
    fault: Annotated[str, typer.Argument(help="The id that the status page shows beside the fault.")],
) -> None:
    """What an outside system answered that did not validate. It may hold personal data: the reading is audited."""
    from app.operations.demo import database_for
    from app.operations.odd_answers import read_odd_answer
    from app.settings import Settings

    with database_for(Settings()) as ready:
        found = asyncio.run(read_odd_answer(ready, fault))
    if found is None:
        typer.echo("no such answer is kept", err=True)
        raise typer.Exit(1)
    sys.stdout.buffer.write(found)


@catalogue.command("import")
def import_catalogue(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="PTV v11 Service JSON.")],
) -> None:
    """Bring in services of the Finnish Service Catalogue: one, a list, or a page of them."""
    from app.domain.ptv import Broken
    from app.operations.demo import database_for
    from app.services.catalogue.entries import Imported, import_services
    from app.settings import Settings

    async def bring_in(settings: Settings, data: object) -> Imported:
        from app.database import Database

        database = Database.for_worker(settings)
        async with database.transaction() as session:
            done = await import_services(session, data)
        await database.close()
        return done

    try:
        data = json.loads(file.read_text("utf-8"))
        with database_for(Settings()) as ready:
            done = asyncio.run(bring_in(ready, data))
            asyncio.run(_work_off(ready))
    except (ValueError, Broken) as error:
        typer.echo(f"{file.name}: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{done.stored} services brought in, {len(done.skipped)} left out")
    for skipped in done.skipped:
        typer.echo(f"  item {skipped.index} ({skipped.source_id or 'no id'}): {skipped.reason}", err=True)


@cli.command()
def doctor() -> None:
    """What is wrong with this installation, and how to mend it. Exit status 1 where something is."""
    from app.logs import configure_logs
    from app.operations.demo import database_for
    from app.operations.doctor import examine
    from app.settings import Settings

    with database_for(Settings()) as ready:
        configure_logs(ready)
        findings = asyncio.run(examine(ready))
    for finding in findings:
        typer.echo(f"{'ok ' if finding.well else 'BAD'} {finding.about}: {finding.told}")
        if not finding.well:
            typer.echo(f"    mend it: {finding.mend}")
    raise typer.Exit(0 if all(finding.well for finding in findings) else 1)


@catalogue.command("sync")
def sync_catalogue(
    may_vanish: Annotated[bool, typer.Option(help="It is right if more than a third goes at once.")] = False,
) -> None:
    """Compare with the national catalogue now, as the worker does every hour."""
    from app.integrations.http import OutsideError
    from app.jobs.worker import opened_tools
    from app.operations.demo import database_for
    from app.services.catalogue.sync import SyncReport, own_organisations
    from app.services.catalogue.sync import sync_catalogue as sync
    from app.settings import Settings

    async def compare(settings: Settings) -> SyncReport:
        async with opened_tools(settings) as tools, tools.database.transaction() as session:
            return await sync(session, tools.outside.ports.catalogue, own_organisations(), may_vanish=may_vanish)

    try:
        with database_for(Settings()) as ready:
            done = asyncio.run(compare(ready))
            asyncio.run(_work_off(ready))
    except OutsideError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    told = f"{done.stored} stored, {done.withdrawn} withdrawn, {len(done.broken)} left as they were"
    typer.echo(f"stopped, nothing changed: {told}" if done.stopped else told)
    raise typer.Exit(1 if done.stopped else 0)


def _migrate(url: str, revision: str = "head") -> None:
    from app.operations.migrating import migrate_to

    migrate_to(url, revision)


async def _seed(settings: object) -> None:
    from app.database import Database
    from app.services.identity.vault import IdentityVault
    from app.services.seed import seed as bring_in
    from app.settings import Settings

    assert isinstance(settings, Settings)  # noqa: S101
    database = Database.for_worker(settings)
    async with database.transaction() as session:
        await bring_in(session, IdentityVault.of(settings))
    await database.close()


async def _work_off(settings: object) -> None:
    """Build the search index here and now, so that what was brought in is found when the command ends."""
    from app.jobs import jobs, rebuild_search_index
    from app.jobs.worker import opened_tools
    from app.settings import Settings

    assert isinstance(settings, Settings)  # noqa: S101
    async with opened_tools(settings) as jobs.tools:
        await rebuild_search_index.func()


def _count_together(var: Path, *, clean: bool = False) -> None:
    """Before anything is counted: all processes of this node write their metrics to one folder."""
    import os

    folder = var / "metrics"
    if clean:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(folder.resolve()))


def main() -> None:
    """The entry point: an unsafe production says why in words, without a stack trace."""
    from app.settings import UnsafeSettings

    try:
        cli()
    except UnsafeSettings as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from error


if __name__ == "__main__":
    main()
