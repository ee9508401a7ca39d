"""Fixtures of the web tests: a window in this process on a database of its own, the simulators on a real port."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import Database
from app.settings import Settings
from tests.tools.form_answers import shipped
from tests.tools.people import sign_in_many
from tests.tools.respondent import Respondent
from tests.tools.visitor import Visitor
from tests.tools.window import opened_window
from tests.tools.world import World


@pytest.fixture(scope="module")
def settings(world: World) -> Iterator[Settings]:
    """The settings of this module's window, on a database cloned from the template."""
    with world.database() as name:
        yield world.settings(name)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    """The window, started."""
    async with opened_window(settings) as application:
        yield application


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(app: FastAPI, settings: Settings) -> AsyncIterator[Visitor]:
    """Somebody who comes to the window with an empty browser."""
    async with Visitor(app, settings.public_url) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def session(settings: Settings) -> AsyncIterator[AsyncSession]:
    """A look into the window's database, at all rows; what it writes is committed."""
    database = Database.for_worker(settings)
    async with database.transaction() as opened:
        yield opened
    await database.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(app: FastAPI, settings: Settings) -> AsyncIterator[Visitor]:
    """The browser of a new resident who is signed in, in English: its words are those of the source."""
    async with Visitor(app, settings.public_url, "en") as one:
        one.client.cookies.set("asiointi", sign_in_many(settings, 1)[0].cookie)
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def pre_visit(browser: Visitor) -> Respondent:
    """The same resident at the first page of the general pre-visit form."""
    one = Respondent(browser, "pre-visit", shipped("pre-visit"))
    await one.begin()
    return one
