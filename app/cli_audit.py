"""`asiointi audit`: is the trail of who read and changed what still whole?"""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from app.domain.audit_verdict import Verdict

audit = typer.Typer(no_args_is_help=True, help="The audit trail (docs/audit.md).")


@audit.command("verify")
def verify_audit(
    since_seal: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="An earlier export: shows whether the newest seals were removed."
        ),
    ] = None,
) -> None:
    """Is every row as it was written, and still there? Exit status 1 where not."""
    from app.operations.audit_trail import verify_trail
    from app.operations.demo import database_for
    from app.settings import Settings

    since = _read_export(since_seal) if since_seal else None
    with database_for(Settings()) as ready:
        verdict = asyncio.run(verify_trail(ready, since))
    for line in _told(verdict):
        typer.echo(line)
    raise typer.Exit(0 if verdict.intact else 1)


@audit.command("export")
def export_audit() -> None:
    """The newest seal as JSON, to be kept where nobody who administers the database can change it."""
    from app.operations.audit_trail import export_seal
    from app.operations.demo import database_for
    from app.settings import Settings

    with database_for(Settings()) as ready:
        seal = asyncio.run(export_seal(ready))
    if seal is None:
        typer.echo("nothing is sealed yet", err=True)
        raise typer.Exit(1)
    typer.echo(json.dumps(seal))


def _read_export(file: Path) -> dict[str, Any]:
    try:
        seal = json.loads(file.read_text("utf-8"))
    except ValueError:
        seal = None
    if not isinstance(seal, dict) or not isinstance(seal.get("id"), int):
        raise typer.BadParameter(f"{file.name} is not what `asiointi audit export` wrote")
    return seal


def _told(verdict: "Verdict") -> list[str]:
    since = f", the oldest from {verdict.unsealed_since:%Y-%m-%d %H:%M:%S} UTC" if verdict.unsealed_since else ""
    found = [f"BAD {finding}: {ids.count} ({ids.named})" for finding, ids in verdict.found.items()]
    return [
        f"sealed: {verdict.sealed} rows in {verdict.seals} seals",
        f"unsealed: {verdict.unsealed} rows{since}",
        *(found or ["the trail is whole"]),
    ]
