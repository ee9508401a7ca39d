"""What search and lists are made from: the index and the assessments on offer."""

import asyncio

from app.jobs.app import UntilBack, jobs
from app.services.catalogue.sync import SOURCE, own_organisations
from app.services.catalogue.sync import sync_catalogue as sync
from app.services.search.findable import ask_assessments, documents, keep_assessments
from app.services.search.index import build
from app.services.search.tools import open_tools


@jobs.task(name="rebuild_search_index", queue="search", queueing_lock="rebuild_search_index", lock="search")
async def rebuild_search_index() -> None:
    """Build the index of what is in the database now; web processes take it up by themselves."""
    tools = jobs.tools
    async with tools.database.transaction() as session:
        everything = await documents(session)
    await asyncio.to_thread(build, tools.settings.var / "index", everything, open_tools(tools.settings.dictionaries))


@jobs.periodic(cron="*/10 * * * *")
@jobs.task(name="refresh_assessments", queue="search", retry=UntilBack(), pass_context=False)
async def refresh_assessments(timestamp: int = 0) -> None:  # noqa: ARG001 - the periodic deferrer passes it
    """Ask the assessment service what it offers; lists and search then work while it is away."""
    tools = jobs.tools
    offered = await ask_assessments(tools.outside.ports.omaolo)
    async with tools.database.transaction() as session:
        await keep_assessments(session, offered)
    await rebuild_search_index.func()


@jobs.periodic(cron="23 * * * *")
@jobs.task(
    name="sync_catalogue",
    queue="search",
    queueing_lock="sync_catalogue",
    lock="sync_catalogue",
    retry=UntilBack(),
    pass_context=False,
)
async def sync_catalogue(timestamp: int = 0) -> None:  # noqa: ARG001
    """Bring the county's services and places up to date from the national catalogue."""
    tools = jobs.tools
    if SOURCE in tools.settings.not_in_use:
        return
    async with tools.database.transaction() as session:
        await sync(session, tools.outside.ports.catalogue, own_organisations())
