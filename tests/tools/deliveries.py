"""Deliveries seen from a test: wanted, looked at, hurried along."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row
from sqlalchemy.ext.asyncio import AsyncSession

from app.jobs.worker import opened_tools
from app.models import Appointment
from app.services.deliveries.kind import Carrier
from app.services.reaching.notices import add_notices
from app.settings import Settings
from tests.tools.world import work_off


def rows_of(settings: Settings, query: str, *values: object) -> list[dict[str, Any]]:
    """What a query finds, as dictionaries."""
    with psycopg.connect(settings.worker_database_url, row_factory=dict_row) as connection:
        return connection.execute(query, values).fetchall()


def change(settings: Settings, statement: str, *values: object) -> None:
    """Change the database from outside the window."""
    with psycopg.connect(settings.worker_database_url, options="-c search_path=public,jobs") as connection:
        connection.execute(statement, values)


def booked_appointment(settings: Settings, person: str = "Aili") -> Appointment:
    """A stored appointment of the test person with that given name, at a time that nobody has."""
    found = rows_of(
        settings,
        "insert into appointment (id, subject_id, actor_id, register, service_code, location_id, professional_id,"
        " during, status, held_at, held_until, note, phone, language, sequence)"
        " select gen_random_uuid(), p.id, p.id, 'patient', 'nurse-visit', a.location_id, a.resource_id,"
        " tstzrange(lower(a.during) + n * interval '1 minute', lower(a.during) + (n + 1) * interval '1 minute'),"
        " 'booked', now(), now(), '', '+358401234567', 'fi', 0 from person p,"
        " (select * from availability order by during, id limit 1) a, (select count(*) n from appointment) taken"
        " where p.given_name = %s and p.identity_sealed is not null returning id, subject_id",
        person,
    )
    return Appointment(**found[0])


async def want_notice(session: AsyncSession, appointment: Appointment) -> uuid.UUID:
    """A notice that is to go out; its id is the delivery's `about_id`."""
    stored = await session.get_one(Appointment, appointment.id)
    return (await add_notices(session, stored, "appointment_booked"))[0].id


def delivery_of(settings: Settings, about_id: uuid.UUID, kind: str = "notice") -> dict[str, Any]:
    """The delivery of that kind about that thing."""
    (found,) = rows_of(settings, "select * from delivery where about_id = %s and kind = %s", about_id, kind)
    return found


async def hurry(settings: Settings) -> None:
    """Let everything that waits go out now: its time has come, and a worker works it off."""
    change(settings, "update delivery set next_at = least(next_at, now() - interval '1 hour') where state = 'waiting'")
    change(
        settings,
        "update jobs.procrastinate_jobs set scheduled_at = now() where status = 'todo' and task_name = 'deliver'",
    )
    await work_off(settings)
    await work_off(settings)  # a worker that stops when nothing waits does not see what its last job has deferred


@asynccontextmanager
async def carrier(settings: Settings, lease: float = 30.0) -> AsyncIterator[Carrier]:
    """What deliveries are carried out with, without a worker."""
    async with opened_tools(settings) as tools:
        yield Carrier(tools.database.transaction, tools.outside.ports, tools.vault, timedelta(seconds=lease))
