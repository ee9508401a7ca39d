"""Who may do what: the written table tests/web/authorisation.csv, each of its cells tried by a real request.

The table says what law and the design demand; it is not made from the code. Its codes:

ok        done: the page or file, or a redirect after which it is done (a form: rows have changed)
idle      answered as done, and nothing has changed because there was nothing to do
shown     the list, with the thing in it
hidden    the list, without the thing
told      back to where it was asked, with a word that it did not come about
sign-in   first to the sign-in of that side of the house
404       there is no such page or thing for this reader, whether it exists or not
reason    403 with the form for a special reason in place of the case
no-right  403, neutral: the right to act does not cover this
own-only  403: the page is about one's own matters, the reader acts for another just now
lost      403: the right to act is gone, the reader is back in their own matters
400, 422  the request itself is refused, whoever sends it (422: the form, with what is to be mended)

After looking, and after a form that gets a code other than `ok`, the rows of all tables are the same as before (the
sightings of a session, the audit trail and counters apart; a right that is lost ends its own session).
"""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from app.settings import Settings
from tests.tools.matrix import Row, read_rows, report
from tests.tools.personas import Cast
from tests.tools.requests_of_routes import RECIPES
from tests.tools.rows import Rows
from tests.tools.stage import Stage
from tests.tools.world import World

ROWS = read_rows()
CODES = {
    *("ok", "idle", "shown", "hidden", "told", "sign-in"),
    *("404", "reason", "no-right", "own-only", "lost", "400", "422"),
}


@pytest.fixture(scope="module")
def settings(world: World) -> Iterator[Settings]:
    """The settings of this module's window, without limits on how often a thing may be asked for."""
    with world.database() as name:
        yield world.settings(name, limits_factor=0)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(app: FastAPI, settings: Settings) -> AsyncIterator[Stage]:
    """The window with all personas before it."""
    with Rows(settings.worker_database_url) as rows:
        cast = Cast(app, settings, rows)
        try:
            yield await Stage(app, settings, rows, cast).set_up()
        finally:
            cast.end()


def routes_of(app: FastAPI) -> set[tuple[str, str]]:
    """Every route there is, as method and name."""
    found = {
        (method, str(route.name))
        for route in iter_route_contexts(app.routes)
        for method in (route.methods or ())
        if method != "HEAD"
    }
    assert len(found) > 100
    return found


def test_the_table_is_whole(app: FastAPI) -> None:
    """Every route has a row, every row a route; each cell has a code, and no row stands twice."""
    told = [(row.method, row.route) for row in ROWS]
    assert routes_of(app) - set(told) == set(), "routes without a row in authorisation.csv"
    assert set(told) - routes_of(app) == set(), "rows of authorisation.csv without a route"
    keys = [(row.route, row.thing) for row in ROWS]
    assert len(set(keys)) == len(keys)
    assert set(keys) == RECIPES.keys()
    unknown = {(str(row), code) for row in ROWS for code in row.expected.values() if code not in CODES}
    assert unknown == set()


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_authorisation(stage: Stage, row: Row) -> None:
    """Each persona gets what the table says, and what is denied changes nothing."""
    got = await stage.outcomes(row)
    wrong = [(persona, code) for persona, code in got.items() if code != row.expected[persona]]
    assert not wrong, report(row, wrong)
