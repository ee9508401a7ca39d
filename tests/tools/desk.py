"""The staff desk seen from a test: people, their cases, and staff of a unit with service tasks."""

import json
import uuid
from datetime import timedelta
from typing import Any

import psycopg
from fastapi import FastAPI

from app.settings import Settings
from tests.tools.attacker import Attacker
from tests.tools.world import FIXED_NOW

TITLES = {"fi": "Koeasia", "sv": "Provärende", "en": "Trial matter"}


def insert(settings: Settings, table: str, **values: Any) -> uuid.UUID:
    """A row of `table` with a new id."""
    made = uuid.uuid4()
    row = {"id": made, **values}
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join(f"%({name})s" for name in row)
    with psycopg.connect(settings.worker_database_url) as connection:
        connection.execute(f'insert into "{table}" ({names}) values ({marks})'.encode(), row)
    return made


def change(settings: Settings, statement: str, *values: object) -> None:
    """Change rows past the window."""
    with psycopg.connect(settings.worker_database_url) as connection:
        assert connection.execute(statement.encode(), values).rowcount > 0


def make_person(settings: Settings, given_name: str = "Eemeli", born: str = "2013-03-05", **more: Any) -> uuid.UUID:
    """A person; by default a child of 13."""
    values = {"family_name": "Koeperhe", "birth_date": born, "non_disclosure": False, "language": "fi", **more}
    return insert(settings, "person", given_name=given_name, **values)


def make_case(settings: Settings, subject: uuid.UUID | None, **more: Any) -> uuid.UUID:
    """An open case in Mikkeli's queue of the patient register, from the subject themselves."""
    values = {
        "reference": uuid.uuid4().hex[:12],
        "actor_id": subject,
        "register": "patient",
        "unit_code": "mikkeli",
        "kind": "contact_request",
        "titles": json.dumps(TITLES),
        "language": "fi",
        "urgency": "routine",
        "urgency_rank": 4,
        "arrived_at": FIXED_NOW,
        "due_at": FIXED_NOW + timedelta(days=3),
        "state": "open",
        "version": 1,
        **more,
    }
    return insert(settings, "case", subject_id=subject, **values)


def staff(app: FastAPI, settings: Settings, role: str, *units: str, tasks: tuple[str, ...] = ()) -> Attacker:
    """A member of staff with one role."""
    one = Attacker.staff(app, settings, [role], list(units))
    assert one.who
    change(settings, "update staff_member set tasks = %s where id = %s", list(tasks), one.who.person_id)
    return one
