"""`make bench`: the table. Only ratios fail a run; seconds are printed as information."""

import asyncio
import sys
import tempfile
from pathlib import Path

from app.operations.local_server import local_server
from benchmarks.filling import measure_forms
from benchmarks.pages import measure_page
from benchmarks.row import Row, table
from benchmarks.searching import measure_search
from tests.tools.world import World, make_template

DICTIONARIES = Path("var/dictionaries")


async def measure(world: World) -> list[Row]:
    """All rows, one after another so that none disturbs another."""
    with world.database() as name:
        settings = world.settings(name)
        return [
            await measure_page(settings, "home page", "/fi/", at_least=0.35, goal=0.6),
            await measure_page(
                settings, "booking: choose a time", "/fi/book/dental-check/times", at_least=0.35, goal=0.5
            ),
            await measure_page(settings, "search result", "/fi/search?q=hammaslääkäriin", at_least=0.12, goal=0.6),
            measure_search(settings, at_least=1 / 20, goal=1 / 15),
            *await measure_forms(world.settings(name, limits_factor=0)),
        ]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, local_server(Path(folder) / "postgres") as server:
        world = World(server, DICTIONARIES.resolve(), Path(folder))
        world.simulators.start()
        asyncio.run(make_template(world))
        rows = asyncio.run(measure(world))
        world.simulators.stop()
    print(table(rows))
    return 0 if all(row.good for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
