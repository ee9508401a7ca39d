"""Entries for the Kanta PHR, and a given consent, for tests."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from app.domain.clock import HELSINKI
from app.domain.text import Language
from app.integrations.kanta.phr.client import KantaPhr
from app.integrations.kanta.phr.port import (
    Access,
    AnsweredItem,
    AnswerValue,
    Choice,
    Entry,
    FilledQuestionnaire,
    Grant,
    Measurement,
    SelfCarePlan,
)
from app.integrations.kanta.phr.wire import resource_of
from tests.contract.kanta_consent import answered
from tests.contract.simulator_server import REDIRECT_URI, SimulatorServer

Json = dict[str, Any]
NOON = datetime(2026, 3, 4, 12, 30, tzinfo=HELSINKI)


def weight(kilograms: str = "72.5", identifier: UUID | None = None, language: Language = "fi") -> Measurement:
    return Measurement(identifier or uuid4(), language, "body-weight", (Decimal(kilograms),), NOON)


def pressure() -> Measurement:
    return Measurement(uuid4(), "sv", "blood-pressure", (Decimal(135), Decimal(85)), NOON)


def form() -> FilledQuestionnaire:
    values: tuple[AnswerValue, ...] = (
        True,
        3,
        Decimal("1.5"),
        date(2026, 3, 1),
        NOON,
        "<b>kipu & särky</b>",
        Choice("http://loinc.org", "LA6568-5", "Ei lainkaan"),
    )
    items = tuple(AnsweredItem(f"q{n}", f"Kysymys {n}", (value,)) for n, value in enumerate(values))
    group = AnsweredItem("g", "Ryhmä", items=items)
    return FilledQuestionnaire(uuid4(), "fi", "http://loinc.org/q/55757-9", "Mielialakysely", NOON, (group,))


def plan() -> SelfCarePlan:
    return SelfCarePlan(uuid4(), "en", "Sore throat", "Care for it at home.", ("Drink.", "Rest."), NOON)


async def consent(phr: KantaPhr, person: str = "aili") -> Grant:
    asked = await phr.begin_consent(REDIRECT_URI, "fi")
    return await phr.finish_consent(asked.pending, await answered(asked.url, person=person))


def wire(entry: Entry, access: Access, simulators: SimulatorServer) -> Json:
    return resource_of(entry, access.patient_id, simulators.phr_config().profile_of)
