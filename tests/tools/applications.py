"""Applications seen from a test: pending as if they had just been sent, with who handles them."""

import json
import uuid
from datetime import timedelta
from typing import Any

import psycopg

from app.settings import Settings
from tests.tools.desk import insert, make_case
from tests.tools.world import FIXED_NOW

UNIT, TASK, FORM = "older-people", "older_people", "application-informal-care"
TITLES = {"fi": "Omaishoidon tuki", "sv": "Stöd för närståendevård", "en": "Support for informal care"}
DRAFT: dict[str, Any] = {
    "outcome": "partly_granted",
    "decided": "Hoitopalkkio 500 euroa kuukaudessa. Vapaapäiviä ei myönnetä.",
    "reasons": "Hoito ei ole sitovaa ympäri vuorokauden.",
    "valid_from": "1.12.2026",
    "valid_to": "30.11.2027",
    "law": ["0", "1"],
}


def make_application(settings: Settings, subject: uuid.UUID, **more: Any) -> uuid.UUID:
    """A pending application for informal care, as sending the form leaves it; by default from the subject
    themselves. Returns the id of its case."""
    case = make_case(
        settings,
        subject,
        **{
            "register": "social",
            "service_task": TASK,
            "unit_code": UNIT,
            "kind": "application",
            "titles": json.dumps(TITLES),
            "due_at": FIXED_NOW + timedelta(hours=7),
            **more,
        },
    )
    for event in ("arrived", "pending"):
        insert(settings, "case_event", case_id=case, at=FIXED_NOW, event=event, by_kind="resident", detail="{}")
    for rule, days in (("contact-answer-social", 0), ("need-assessment-start", 9)):
        due = FIXED_NOW + timedelta(days=days, hours=7)
        limit = {"rule": rule, "kind": "county", "started_at": FIXED_NOW, "due_at": due}
        insert(settings, "time_limit", case_id=case, **limit)
    _add_application(settings, case)
    return case


def _add_application(settings: Settings, case: uuid.UUID) -> None:
    with psycopg.connect(settings.worker_database_url) as connection:
        connection.execute(
            "insert into application (case_id, kind, pending_since, state, revision) values (%s, %s, %s, 'pending', 1)",
            [case, FORM, FIXED_NOW],
        )
