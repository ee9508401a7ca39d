"""The county's catalogue follows the national one on a real database: what changes, what vanishes, what must not."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from sqlalchemy import func, select

from app.content import load
from app.database import Database
from app.integrations.http import Rejected, Unavailable
from app.integrations.suomifi.catalogue.client import CatalogueConfig, SuomifiCatalogue
from app.models import BookableService, CatalogueSync, Service, ServiceLocation
from app.services.catalogue.entries import find_service, import_services, list_services, read_place
from app.services.catalogue.sync import SOURCE, SyncReport, own_organisations, sync_catalogue
from app.services.errors import NotFound
from app.services.outside import WriteBeforeOutsideCall
from app.settings import Settings
from tests.tools.world import FIXED_NOW, World

SERVICES = [item for name in ("health", "social") for item in load(f"catalogue/services-{name}.json")["itemList"]]
NURSE, DOCTOR = UUID(SERVICES[0]["id"]), UUID(SERVICES[1]["id"])
PLACE = UUID(load("catalogue/locations.json")["itemList"][0]["id"])


@dataclass
class Following:
    """A window's database, the national catalogue, and a way to change the latter."""

    settings: Settings
    catalogue: SuomifiCatalogue
    editor: httpx.AsyncClient
    now: datetime = FIXED_NOW

    def database(self) -> Database:
        return Database.for_worker(self.settings, fixed_now=self.now)

    async def sync(self, **options: Any) -> SyncReport:
        database = self.database()
        try:
            async with database.transaction() as session:
                return await sync_catalogue(session, self.catalogue, own_organisations(), **options)
        finally:
            await database.close()

    async def edit(self, kind: str, item_id: UUID, fields: Mapping[str, Any]) -> None:
        (await self.editor.put(f"/_edit/{kind}/{item_id}", json=fields)).raise_for_status()

    async def withdraw(self, *ids: UUID) -> None:
        for one in ids:
            await self.edit("Service", one, {"publishingStatus": "Withdrawn"})

    async def listed(self) -> set[UUID]:
        database = self.database()
        async with database.transaction() as session:
            found = {row[0] for row in await list_services(session, "fi")}
        await database.close()
        return found

    async def state(self) -> CatalogueSync:
        database = self.database()
        async with database.transaction() as session:
            found = await session.get(CatalogueSync, SOURCE)
        await database.close()
        assert found is not None
        return found


@pytest.fixture
def settings(world: World) -> Iterator[Settings]:
    """A seeded window that has not followed the catalogue yet (the template's worker may have, by the hour)."""
    with world.database() as name:
        settings = world.settings(name)
        with psycopg.connect(settings.worker_database_url) as connection:
            connection.execute("delete from catalogue_sync")
        yield settings


@pytest.fixture
async def following(world: World, settings: Settings) -> AsyncIterator[Following]:
    """A seeded window that follows the simulated catalogue; that is unchanged again afterwards."""
    base = f"{world.simulators.url}/suomifi/catalogue"
    catalogue = SuomifiCatalogue(CatalogueConfig(f"{base}/api/v11", seconds=5.0))
    async with httpx.AsyncClient(base_url=base) as editor:
        made = Following(settings, catalogue, editor)
        yield made
        (await editor.delete("/_edit")).raise_for_status()
    await made.catalogue.close()


def names(text: str) -> list[dict[str, str]]:
    return [{"language": "fi", "value": text, "type": "Name"}]


async def test_the_second_run_changes_nothing(following: Following) -> None:
    """The first run takes the whole catalogue up; the next finds nothing new, and everything is still listed."""
    before = await following.listed()
    first = await following.sync()
    assert (first.withdrawn, first.broken, first.stopped) == (0, (), False)
    assert await following.sync() == SyncReport(0, 0, ())
    following.now += timedelta(days=2)  # and the whole, compared again
    assert await following.sync() == SyncReport(0, 0, ())
    assert await following.listed() == before
    assert (await following.state()).compared_at == following.now


async def test_changes_arrive(following: Following) -> None:
    """A renamed service, a new one and changed opening hours of a place are here after the next run."""
    await following.sync()
    new = uuid4()
    await following.edit("Service", NURSE, {"serviceNames": names("Hoitajan aika")})
    twin = {name: value for name, value in SERVICES[0].items() if name != "modified"}
    await following.edit("Service", new, twin | {"id": str(new), "sourceId": "ESH-H-900"})
    await following.edit("ServiceChannel", PLACE, {"serviceHours": []})
    assert (await following.sync()).stored == 3
    database = following.database()
    async with database.transaction() as session:
        assert (await find_service(session, NURSE)).service.names.values == {"fi": "Hoitajan aika"}
        assert (await find_service(session, new)).places
        row = await session.get(ServiceLocation, PLACE)
        assert row is not None
        assert read_place(row).hours.entries == ()
    await database.close()


async def test_a_withdrawn_service_vanishes_and_its_bookings_stay(following: Following) -> None:
    """It is in no list and has no page; its row, its places and what can be booked of it stay. It can come back."""
    await following.sync()
    await following.withdraw(NURSE)
    assert (await following.sync()).withdrawn == 1
    assert NURSE not in await following.listed()
    database = following.database()
    async with database.transaction() as session:
        with pytest.raises(NotFound):
            await find_service(session, NURSE)
        assert await session.get(Service, NURSE) is not None
        assert await session.get(BookableService, "nurse-visit") is not None
        assert await session.scalar(select(func.count()).select_from(ServiceLocation)) == 8
    await database.close()
    await following.edit("Service", NURSE, {"publishingStatus": "Published"})
    await following.sync()
    assert NURSE in await following.listed()


async def test_a_service_that_moved_away_vanishes(following: Following) -> None:
    """A service that another organisation took over is not ours to offer."""
    await following.sync()
    elsewhere = [{"organization": {"id": str(uuid4()), "name": "Muu"}, "roleType": "Responsible"}]
    await following.edit("Service", NURSE, {"organizations": elsewhere})
    assert (await following.sync()).withdrawn == 1
    assert NURSE not in await following.listed()


async def test_a_withdrawn_place_is_marked(following: Following) -> None:
    """A place that is withdrawn says so, whether a change or the comparison of the whole tells it."""
    await following.sync()
    await following.edit("ServiceChannel", PLACE, {"publishingStatus": "Withdrawn"})
    assert (await following.sync()).withdrawn == 1
    database = following.database()
    async with database.transaction() as session:
        row = await session.get(ServiceLocation, PLACE)
        assert row is not None
        assert read_place(row).status == "Withdrawn"
    await database.close()
    following.now += timedelta(days=2)
    assert await following.sync() == SyncReport(0, 0, ())


@pytest.mark.parametrize("days", [0, 2])
async def test_a_broken_item_stays_as_it_was(following: Following, days: int) -> None:
    """What can't be read is reported and kept as it was, and the others go on changing."""
    await following.sync()
    following.now += timedelta(days=days)
    await following.edit("Service", NURSE, {"serviceNames": 5})
    await following.edit("Service", DOCTOR, {"serviceNames": names("Lääkäri")})
    report = await following.sync()
    assert (report.stored, report.withdrawn) == (1, 0)
    assert [one.id for one in report.broken] == [str(NURSE)]
    assert NURSE in await following.listed()
    assert [one["id"] for one in (await following.state()).broken] == [str(NURSE)]


@pytest.mark.parametrize("days", [0, 2])
async def test_a_third_never_vanishes_at_once(following: Following, days: int) -> None:
    """Where more than a third would go, nothing is changed and the run says so, until somebody confirms it."""
    await following.sync()
    before, state = await following.listed(), await following.state()
    following.now += timedelta(days=days)
    gone = [UUID(item["id"]) for item in SERVICES[: len(SERVICES) // 3 + 1]]
    await following.withdraw(*gone)
    await following.edit("Service", UUID(SERVICES[-1]["id"]), {"serviceNames": names("Muutettu")})
    report = await following.sync()
    assert (report.stopped, report.stored, report.withdrawn) == (True, 0, len(gone))
    assert await following.listed() == before
    noted = await following.state()
    assert (noted.stopped, noted.changed_until) == (True, state.changed_until)
    confirmed = await following.sync(may_vanish=True)
    assert (confirmed.stopped, confirmed.stored, confirmed.withdrawn) == (False, 1, len(gone))
    assert await following.listed() == before - set(gone)


async def test_a_third_exactly_may_go(following: Following) -> None:
    """The rule stops more than a third, not a third."""
    await following.sync()
    gone = [UUID(item["id"]) for item in SERVICES[: len(SERVICES) // 3]]
    await following.withdraw(*gone)
    report = await following.sync()
    assert (report.stopped, report.withdrawn) == (False, len(gone))


@pytest.mark.parametrize("mode", ["error", "drop", "malformed"])
async def test_trouble_changes_nothing(following: Following, world: World, mode: str) -> None:
    """While the catalogue answers badly the window keeps what it has, and the next good run goes on."""
    before = await following.listed()
    faults = f"{world.simulators.url}/_faults/suomifi-catalogue"
    (await following.editor.put(faults, json={"mode": mode})).raise_for_status()
    with pytest.raises(Unavailable):
        await following.sync()
    (await following.editor.put(faults, json={"mode": "none"})).raise_for_status()
    assert await following.listed() == before
    assert not (await following.sync()).stopped


async def test_an_organisation_that_is_unknown_changes_nothing(following: Following) -> None:
    """A wrong organisation in the settings is an error, not an empty catalogue."""
    before = await following.listed()
    database = following.database()
    with pytest.raises(Rejected):
        async with database.transaction() as session:
            await sync_catalogue(session, following.catalogue, {uuid4()})
    await database.close()
    assert await following.listed() == before


async def test_an_empty_answer_changes_nothing(following: Following) -> None:
    """An organisation that suddenly offers nothing stops the run, and everything is still offered."""
    before = await following.listed()
    await following.withdraw(*(UUID(item["id"]) for item in SERVICES))
    report = await following.sync()
    assert (report.stopped, report.withdrawn) == (True, len(SERVICES))
    assert await following.listed() == before


async def test_a_list_that_shifts_takes_nothing_away(following: Following) -> None:
    """A service that the pages of a list missed is asked for by its identifier before it counts as gone."""

    class Shifting(SuomifiCatalogue):
        async def services_of(self, organisation: UUID) -> Any:
            whole = await super().services_of(organisation)
            return replace(whole, found=whole.found[1:])

    await following.catalogue.close()
    following.catalogue = Shifting(CatalogueConfig(str(following.editor.base_url) + "api/v11"))
    assert (await following.sync()).withdrawn == 0
    assert NURSE in await following.listed()


async def test_services_of_others_are_not_ours(following: Following) -> None:
    """Of the whole country's changes only those of the county's own organisations are taken."""
    await following.sync()
    other, twin = uuid4(), {name: value for name, value in SERVICES[0].items() if name != "modified"}
    await following.edit("Service", other, twin | {"id": str(other), "organizations": []})
    assert await following.sync() == SyncReport(0, 0, ())
    assert other not in await following.listed()


async def test_what_came_from_elsewhere_is_left_alone(following: Following) -> None:
    """A service that a file brought in, of no organisation of ours, is not compared with the national catalogue."""
    own = SERVICES[0] | {"id": str(uuid4()), "sourceId": "OTHER-1", "organizations": []}
    database = following.database()
    async with database.transaction() as session:
        await import_services(session, [own])
    await database.close()
    await following.sync()
    assert UUID(own["id"]) in await following.listed()


async def test_the_same_key_of_two_organisations(following: Following) -> None:
    """A place whose own key another place already has is kept without it, and stays quiet afterwards."""
    place = load("catalogue/locations.json")["itemList"][0]
    twin = uuid4()
    await following.edit("ServiceChannel", twin, place | {"id": str(twin)})
    link = {"serviceChannel": {"id": str(twin), "name": "Kaksonen"}}
    await following.edit("Service", NURSE, {"serviceChannels": [*SERVICES[0]["serviceChannels"], link]})
    await following.sync()
    database = following.database()
    async with database.transaction() as session:
        row = await session.get(ServiceLocation, twin)
        assert row is not None
        assert row.source_id == str(twin)
    await database.close()
    following.now += timedelta(days=2)
    assert (await following.sync()).stored == 0


async def test_nothing_is_asked_after_a_write(following: Following) -> None:
    """The outside is read before the first write: a session that has written is refused."""
    database = following.database()
    async with database.transaction() as session:
        await import_services(session, [])
        with pytest.raises(WriteBeforeOutsideCall):
            await sync_catalogue(session, following.catalogue, own_organisations())
    await database.close()


async def test_a_catalogue_without_a_clock_is_always_compared_whole(following: Following) -> None:
    """Where answers tell no time, no change since then can be asked for, so the next run reads everything."""

    class Clockless(SuomifiCatalogue):
        async def services_of(self, organisation: UUID) -> Any:
            return replace(await super().services_of(organisation), as_of=None)

    await following.catalogue.close()
    following.catalogue = Clockless(CatalogueConfig(str(following.editor.base_url) + "api/v11"))
    await following.sync()
    assert (await following.state()).changed_until is None
    await following.edit("Service", NURSE, {"serviceNames": names("Hoitajan aika")})
    assert (await following.sync()).stored == 1
