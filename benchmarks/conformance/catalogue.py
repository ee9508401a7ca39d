"""PTV v11 `Service` JSON: every service is imported and its page fetched in each of its languages; searches with known
words must bring one of the right services within the first three.
"""

import uuid
from typing import Any

from asgi_lifespan import LifespanManager
from fastapi import FastAPI

from app.database import Database
from app.domain.catalogue import CatalogueService, Reading, read_services
from app.domain.text import LANGUAGES
from app.main import create_app
from app.services.catalogue.entries import import_services
from app.settings import Settings
from tests.tools.visitor import Visitor
from tests.tools.world import World, work_off

# A word as people type it, the language of the page, and words of which the right service's name has one.
SEARCHES = (
    ("hammaslääkäriin", "fi", ("suun", "hammas")),
    ("tandläkare", "sv", ("tand",)),
    ("dentist", "en", ("dental", "oral")),
    ("kotihoitoa", "fi", ("kotihoi",)),
    ("neuvolaan", "fi", ("neuvola",)),
)


async def try_catalogue(world: World, data: Any) -> list[str]:
    """Import the file into a fresh window; returns what failed."""
    reading = read_services(data)
    with world.database() as name:
        settings = world.settings(name)
        await _bring_in(settings, data)
        app = create_app(settings)
        async with LifespanManager(app):
            pages, failures = await _pages(app, settings, reading)
            failures += await _searches(app, settings)
    print(f"catalogue: {len(reading.found)} services imported, {len(reading.skipped)} left out, {pages} pages fetched")
    return failures + [f"left out: {skipped.source_id}: {skipped.reason}" for skipped in reading.skipped]


async def _bring_in(settings: Settings, data: Any) -> None:
    database = Database.for_worker(settings)
    async with database.transaction() as session:
        await import_services(session, data)
    await database.close()
    await work_off(settings)


async def _pages(app: FastAPI, settings: Settings, reading: Reading[CatalogueService]) -> tuple[int, list[str]]:
    failures, fetched = [], 0
    async with Visitor(app, settings.public_url) as visitor:
        for language in LANGUAGES:
            listed = {href for _text, href in (await visitor.get(f"/{language}/services")).document.links()}
            for service in reading.found:
                path = f"/{language}/services/{service.id}"
                if path not in listed:
                    failures.append(f"not listed: {path}")
                if language in service.names.values:
                    await visitor.get(path)
                    fetched += 1
                    if visitor.status != 200 or visitor.document.h1 != service.names.to(language):
                        failures.append(f"{path}: {visitor.status} {visitor.document.h1!r}")
    return fetched, failures


async def _searches(app: FastAPI, settings: Settings) -> list[str]:
    failures = []
    async with Visitor(app, settings.public_url) as visitor:
        for words, language, right in SEARCHES:
            await visitor.get(f"/{language}/search?q={words}")
            hits = [text.lower() for text, href in visitor.document.links() if _is_service(href)][:3]
            good = any(part in hit for hit in hits for part in right)
            print(f"search {words!r} ({language}): {hits}")
            if not good:
                failures.append(f"search {words!r}: {hits}")
    return failures


def _is_service(href: str) -> bool:
    try:
        uuid.UUID(href.rpartition("/services/")[2])
    except ValueError:
        return False
    return True
