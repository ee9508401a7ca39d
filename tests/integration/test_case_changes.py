"""What happens to a case in the record system comes back to its timeline here: once, in words, and never more."""

import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from asgi_lifespan import LifespanManager

from app.database import Database
from app.integrations.records.client import RecordsConfig, RecordSystems, RegisterEndpoint
from app.jobs import jobs
from app.jobs.records import fetch_case_changes as job
from app.jobs.worker import opened_tools
from app.main import create_app
from app.services.cases.changes import fetch_case_changes
from app.services.cases.contact_requests import ContactDetails, send_contact_request
from app.services.deliveries.carry_out import carry_out
from app.services.viewer import Viewer
from app.settings import Settings
from tests.tools.attacker import Attacker
from tests.tools.deliveries import carrier, change, delivery_of, rows_of
from tests.tools.document import Document
from tests.tools.world import World

NURSE = (["triage_nurse"], ["mikkeli"])


def questions(world: World) -> list[dict[str, Any]]:
    """The newest questions for changes that have arrived at the record systems, the newest first."""
    address = f"{world.simulators.url}/_traffic/records?text=_lastUpdated&limit=10"
    found: list[dict[str, Any]] = httpx.get(address, headers={"Accept": "application/json"}).json()["exchanges"]
    return found


async def new_case(settings: Settings, topic: str = "health") -> uuid.UUID:
    """A case of Aili's that has arrived in its record system."""
    (aili,) = rows_of(settings, "select id from person where given_name = 'Aili' and identity_sealed is not null")
    details = ContactDetails("Aili", "+358401234567", "", "Asiaa", topic)
    database = Database.for_worker(settings)
    async with database.transaction() as session:
        case = await send_contact_request(session, Viewer(uuid.uuid4(), aili["id"]), details, "fi")
    await database.close()
    async with carrier(settings) as ours:
        assert await carry_out(ours, delivery_of(settings, case.id, "case_initiation")["id"]) == "done"
    return case.id


def move(settings: Settings, case_id: uuid.UUID, state: str, register: str = "patient", reason: str = "") -> None:
    """Somebody presses a button at the record system's desk."""
    task = delivery_of(settings, case_id, "case_initiation")["receiver_id"]
    address = f"{settings.simulators_url}/records/cases/{register}/{task}"
    assert httpx.post(address, data={"state": state, "reason": reason}).status_code == 303


async def fetch(settings: Settings) -> int:
    async with carrier(settings) as ours:
        return await fetch_case_changes(ours.transactions, ours.ports.records)


def told(settings: Settings, case_id: uuid.UUID) -> list[str]:
    """The states on the case's timeline, in its order."""
    query = (
        "select detail->>'state' as state from case_event where case_id = %s and event = 'record_status' order by at"
    )
    return [row["state"] for row in rows_of(settings, query, case_id)]


async def test_states_come_back(settings: Settings) -> None:
    """What is pressed at the desk is on the timeline; the case itself stays as our own desk left it."""
    health, social = await new_case(settings), await new_case(settings, "social")
    before = rows_of(settings, 'select * from "case" order by id')
    await fetch(settings)
    for state in ("in_handling", "answered", "closed"):
        move(settings, health, state)
        await fetch(settings)
    move(settings, social, "rejected", "social", "Kuuluu toiselle alueelle")
    await fetch(settings)
    assert told(settings, health) == ["received", "in_handling", "answered", "closed"]
    assert told(settings, social) == ["received", "rejected"]
    assert rows_of(settings, 'select * from "case" order by id') == before


async def test_told_again_is_not_written_again(settings: Settings) -> None:
    """Reading again, also from the very beginning, adds nothing: a state and its moment are one event."""
    case = await new_case(settings)
    await fetch(settings)
    move(settings, case, "in_handling")
    assert await fetch(settings) == 1
    assert await fetch(settings) == 0
    change(settings, "delete from sync_point")
    assert await fetch(settings) == 0
    assert told(settings, case) == ["received", "in_handling"]


async def test_it_goes_on_from_where_it_was(settings: Settings, world: World) -> None:
    """How far each register has been read is kept, page by page, and asked from next time."""
    cases = [await new_case(settings) for _ in range(5)]
    change(settings, "delete from sync_point")
    change(settings, "delete from case_event where event = 'record_status'")
    async with small_pages(settings) as records, carrier(settings) as ours:
        await fetch_case_changes(ours.transactions, records)
    assert [told(settings, case) for case in cases] == [["received"]] * 5
    points = {row["name"]: row["until"] for row in rows_of(settings, "select * from sync_point")}
    assert points.keys() == {"records/patient", "records/social"}
    move(settings, cases[0], "closed")
    await fetch(settings)
    newest = next(one["path"] for one in questions(world) if "/patient/" in one["path"])
    assert f"ge{points['records/patient'].year}" in newest
    (point,) = rows_of(settings, "select until from sync_point where name = 'records/patient'")
    assert point["until"] > points["records/patient"]


@asynccontextmanager
async def small_pages(settings: Settings) -> AsyncIterator[RecordSystems]:
    """The record systems, asked for two cases at a time."""
    patient = RegisterEndpoint(settings.records_patient_url, settings.records_patient_key.get_secret_value())
    social = RegisterEndpoint(settings.records_social_url, settings.records_social_key.get_secret_value())
    records = RecordSystems(RecordsConfig(patient, social, page_size=2))
    yield records
    await records.close()


@pytest.mark.parametrize("mode", ["error", "refuse", "drop", "malformed"])
async def test_trouble_loses_nothing(settings: Settings, fault: Callable[..., None], mode: str) -> None:
    """While the record systems are in trouble nothing is written and nothing breaks; what changed comes after."""
    case = await new_case(settings)
    await fetch(settings)
    move(settings, case, "closed")
    fault("records", mode)
    assert await fetch(settings) == 0
    assert told(settings, case) == ["received"]
    fault("records", "none")
    await fetch(settings)
    assert told(settings, case) == ["received", "closed"]


async def test_one_register_away_holds_up_only_itself(settings: Settings) -> None:
    """Where the patient register does not answer, the social one is read all the same."""
    case = await new_case(settings, "social")
    move(settings, case, "in_handling", "social")
    await fetch(settings.model_copy(update={"records_patient_url": "http://localhost:9/records"}))
    assert told(settings, case)[-1:] == ["in_handling"]


async def test_a_register_speaks_of_its_own_cases(settings: Settings) -> None:
    """What the social register tells of a case of the patient register, or of one that we don't know, is not taken."""
    case = await new_case(settings)
    await fetch(settings)
    change(settings, "update \"case\" set register = 'social' where id = %s", case)
    move(settings, case, "closed")
    await fetch(settings)
    assert told(settings, case) == ["received"]


async def test_a_county_without_record_systems(world: World) -> None:
    """Where no record system is in use nobody is asked and nothing is kept."""
    with world.database() as name:
        settings = world.settings(name, fixed_now=None, records_patient_url="", records_social_url="")
        change(settings, "delete from sync_point")
        before = questions(world)
        async with opened_tools(settings) as tools:
            jobs.tools = tools
            await job.func()
        assert questions(world) == before
        assert rows_of(settings, "select * from sync_point") == []


async def test_the_worker_asks_by_itself(settings: Settings) -> None:
    """The task is a periodic one, every five minutes."""
    crons = {task.task.name: task.cron for task in jobs.periodic_registry.periodic_tasks.values()}
    assert crons["fetch_case_changes"] == "*/5 * * * *"
    case = await new_case(settings)
    async with opened_tools(settings) as tools:
        jobs.tools = tools
        await job.func()
    assert told(settings, case) == ["received"]


async def test_the_timeline_says_it_in_words(settings: Settings) -> None:
    """Staff read how far the case is in their own language, and why it was refused."""
    case = await new_case(settings)
    await fetch(settings)
    move(settings, case, "rejected", reason="Kuuluu toiselle alueelle")
    await fetch(settings)
    words = {
        "fi": ("asia on saapunut asiakas- tai potilastietojärjestelmään", "hylätty"),
        "sv": ("ärendet har kommit in i klient- eller patientdatasystemet", "avvisat"),
        "en": ("the record system has received the case", "refused at the record system"),
    }
    app = create_app(settings)
    async with LifespanManager(app), Attacker.staff(app, settings, *NURSE) as nurse:
        for language, (received, refused) in words.items():
            page = Document((await nurse.send("GET", f"/{language}/staff/cases/{case}")).text).text
            assert received in page
            assert refused in page
            assert "Kuuluu toiselle alueelle" in page
            assert "record_status" not in page
