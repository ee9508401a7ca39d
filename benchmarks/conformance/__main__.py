"""Exit code 1 where anything failed, or nothing was to be tried."""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from app.operations.local_server import local_server
from benchmarks.conformance.catalogue import try_catalogue
from benchmarks.conformance.forms import try_forms
from tests.tools.world import World, make_template

DICTIONARIES = Path("var/dictionaries")


def _try(world: World, catalogue: Path | None, forms: Path | None) -> list[str]:
    failures: list[str] = []
    if catalogue:
        failures += asyncio.run(try_catalogue(world, json.loads(catalogue.read_text("utf-8"))))
    if forms:
        files = sorted(forms.glob("*.json"))
        failures += asyncio.run(try_forms(world, files)) if files else [f"no questionnaires in {forms}"]
    return failures if catalogue or forms else ["nothing to try: name CATALOGUE=FILE or FORMS=DIR"]


def main(
    catalogue: Annotated[Path | None, typer.Option(exists=True, dir_okay=False)] = None,
    forms: Annotated[Path | None, typer.Option(exists=True, file_okay=False)] = None,
) -> None:
    """Try outside material on the product: PTV services in a file, FHIR Questionnaires in a folder."""
    with tempfile.TemporaryDirectory() as folder, local_server(Path(folder) / "postgres") as server:
        world = World(server, DICTIONARIES.resolve(), Path(folder))
        world.simulators.start()
        asyncio.run(make_template(world))
        failures = _try(world, catalogue, forms)
        world.simulators.stop()
    for failure in failures:
        print(f"FAILED {failure}", file=sys.stderr)
    raise typer.Exit(1 if failures else 0)


if __name__ == "__main__":
    typer.run(main)
