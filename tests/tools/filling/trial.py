"""One questionnaire through the whole house: read, published, filled in on the pages, sent, checked, read by staff."""

import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import httpx
from fastapi import FastAPI

from app.database import Database
from app.domain.forms.model import Form
from app.domain.forms.notes import FormRefused, Note
from app.domain.forms.reader import Reading, parse_questionnaire, read_form
from app.domain.forms.state import Known
from app.models import FormResponse, Person
from app.services.forms.known import patient_of
from app.services.forms.publish_imported import publish_imported
from app.settings import Settings
from tests.tools.attacker import sign_in_staff
from tests.tools.filling.filler import Filler, Stuck
from tests.tools.filling.verify import faults_of_response
from tests.tools.people import sign_in_many
from tests.tools.visitor import Visitor
from tests.tools.window import opened_window

UNIT = "mikkeli"


@dataclass(frozen=True)
class Outcome:
    """What became of one questionnaire. `faults` are ours: empty where it was refused in words, or sent and valid."""

    name: str
    items: int = 0
    imported: bool = False
    notes: int = 0
    unsupported: int = 0
    pages: int = 0
    sent: bool = False
    valid: bool = False
    seconds: float = 0.0
    faults: tuple[str, ...] = ()
    remark: str = ""

    @property
    def good(self) -> bool:
        return not self.faults and self.valid == self.imported


@dataclass
class Trials:
    """A window with a resident who fills in and a nurse who reads."""

    settings: Settings
    database: Database
    resident: Visitor
    nurse: Visitor
    number: int = 0

    async def attempt(self, name: str, content: bytes) -> Outcome:
        """Try one file; whatever happens, there is an outcome."""
        started = time.perf_counter()
        try:
            questionnaire = parse_questionnaire(content)
            reading = read_form(questionnaire)
        except FormRefused as refused:
            return Outcome(name, remark=_refused(refused.notes), seconds=time.perf_counter() - started)
        outcome = replace(_read(name, reading), faults=("not published",))
        code = await self._publish(name, questionnaire, reading)
        outcome = await self._fill(replace(outcome, faults=()), reading.form, code)
        return replace(outcome, seconds=time.perf_counter() - started)

    async def _publish(self, name: str, content: object, reading: Reading) -> str:
        self.number += 1
        code = f"{re.sub('[^a-z0-9]+', '-', name.lower()).strip('-')[:40] or 'form'}-{self.number}"
        assert isinstance(content, dict)
        async with self.database.transaction() as session:
            await publish_imported(session, content, reading, code=code, unit=UNIT)
        return code

    async def _fill(self, outcome: Outcome, form: Form, code: str) -> Outcome:
        filler = Filler(self.resident, form)
        try:
            await filler.fill(code)
            faults = await self._look(filler)
        except (Stuck, AssertionError, httpx.HTTPError) as error:
            return replace(outcome, pages=filler.pages, faults=(str(error) or type(error).__name__,))
        skipped = f"no files for {', '.join(sorted(filler.skipped))}" if filler.skipped else ""
        remark = "; ".join(part for part in (outcome.remark, skipped) if part)
        return replace(outcome, pages=filler.pages, sent=True, valid=not faults, faults=tuple(faults), remark=remark)

    async def _look(self, filler: Filler) -> list[str]:
        """Look at what was sent, as it is kept and on the pages of both sides."""
        response_id = filler.visitor.path.rpartition("/")[2].partition("?")[0]
        async with self.database.transaction() as session:
            response = await session.get_one(FormResponse, response_id)
            person = await session.get_one(Person, response.subject_id)
            if response.response is None or response.sent_at is None:
                return ["nothing was kept"]
            known = Known(response.sent_at, {"patient": patient_of(person)})
            faults = faults_of_response(filler.form, response.response, known, filler.given, "fi")
            case_id = response.case_id
        return faults + await self._read_pages(str(response_id), str(case_id))

    async def _read_pages(self, response_id: str, case_id: str) -> list[str]:
        faults = []
        of_resident = [f"/fi/my/forms/{response_id}{end}" for end in ("", "/print", "/pdf")]
        for who, path in (*((self.resident, path) for path in of_resident), (self.nurse, f"/fi/staff/cases/{case_id}")):
            await who.get(path)
            if who.status != 200:
                faults.append(f"{who.status} at {path}")
        return faults


def _read(name: str, reading: Reading) -> Outcome:
    weights = [note.weight for note in reading.notes]
    return Outcome(name, len(reading.form.by_link), True, weights.count("note"), weights.count("unsupported"))


def _refused(notes: Sequence[Note]) -> str:
    told = (f"{note.code} {note.link_id!r}" if note.link_id else note.code for note in notes if note.weight == "refused")
    return ", ".join(dict.fromkeys(told))


@asynccontextmanager
async def opened_trials(settings: Settings) -> AsyncIterator[Trials]:
    """A window with both of them at it."""
    database = Database.for_worker(settings)
    async with opened_window(settings) as app, _browser(app, settings) as resident, _browser(app, settings) as nurse:
        resident.client.cookies.set("asiointi", sign_in_many(settings, 1)[0].cookie)
        nurse.client.cookies.set("asiointi-staff", sign_in_staff(settings, ["triage_nurse"], [UNIT]).cookie)
        yield Trials(settings, database, resident, nurse)
    await database.close()


def _browser(app: FastAPI, settings: Settings) -> Visitor:
    return Visitor(app, settings.public_url)
