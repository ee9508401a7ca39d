"""One questionnaire through the whole house: read, published, filled in on the pages, sent, checked, read by staff."""

import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Self

import httpx
from sqlalchemy.exc import SQLAlchemyError

from app.database import Database
from app.domain.forms.model import Form, Item
from app.domain.forms.notes import FormRefused, Note
from app.domain.forms.responding.read_back import answers_of
from app.domain.forms.state import Known
from app.models import FormResponse, Person
from app.services.forms.desk.import_form import read_file
from app.services.forms.known import patient_of
from app.services.viewer import Viewer
from app.settings import Settings
from app.web.forms_view.names import name_of
from tests.tools.attacker import sign_in_staff
from tests.tools.filling.filler import Filler, Stuck
from tests.tools.filling.publishing import Published, publish_file
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
    """A window with a resident who fills in, a nurse who reads and a content owner who publishes."""

    settings: Settings
    database: Database
    resident: "_Browser"
    nurse: "_Browser"
    owner: Viewer

    async def attempt(self, name: str, content: bytes) -> Outcome:
        """Try one file; whatever happens, there is an outcome."""
        started, outcome = time.perf_counter(), Outcome(name)
        try:
            published = await self.publish(content)
            outcome = await self._fill(_imported(name, published), published)
        except FormRefused as refused:
            outcome = Outcome(name, remark=_refused(refused.notes))
        except (AssertionError, httpx.HTTPError, SQLAlchemyError) as error:
            outcome = Outcome(name, faults=(f"{type(error).__name__}: {error}".strip(),))
        return replace(outcome, seconds=time.perf_counter() - started)

    async def publish(self, content: bytes) -> Published:
        """Bring a file in. Raises FormRefused."""
        imported = read_file(content, "fi")
        self.resident.words = self.nurse.words = content.decode("utf-8-sig")
        async with self.database.transaction() as session:
            return await publish_file(session, self.owner, imported, UNIT)

    async def _fill(self, outcome: Outcome, published: Published) -> Outcome:
        filler = Filler(self.resident, published.form)
        try:
            await filler.fill(published.code)
            faults = await self._look(filler)
        except (Stuck, AssertionError) as error:
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
            faults = faults_of_response(filler.form, response.response, known, filler.given)
            names = _names(filler.form, response.response)
        return faults + await self._read_pages(response_id, str(response.case_id), names)

    async def _read_pages(self, response_id: str, case_id: str, names: Mapping[str, Item]) -> list[str]:
        """Whether both sides can read every answer; what is hidden, only staff."""
        faults = []
        for who, path in (
            *((self.resident, f"/fi/my/forms/{response_id}{end}") for end in ("/pdf", "/print", "")),
            (self.nurse, f"/fi/staff/cases/{case_id}"),
        ):
            await who.get(path)
            if who.status != 200:
                faults.append(f"{who.status} at {path}")
            elif not path.endswith("/pdf"):
                wanted = [name for name, item in names.items() if who is self.nurse or not item.hidden]
                rows = {element.get("id") for element in who.document.all("div")}
                faults += [f"{names[name].link_id} is not at {path}" for name in wanted if f"check-{name}" not in rows]
        return faults


def _imported(name: str, published: Published) -> Outcome:
    weights = [note.weight for note in published.notes]
    return Outcome(name, len(published.form.by_link), True, weights.count("note"), weights.count("unsupported"))


def _names(form: Form, response: Mapping[str, Any]) -> dict[str, Item]:
    """What was answered, by the name of its row."""
    answers, _refusals = answers_of(form, response)
    return {name_of(form, address): form.by_link[address.link_id] for address in answers.values}


def _refused(notes: Sequence[Note]) -> str:
    told = (
        f"{note.code} {note.link_id!r}" if note.link_id else note.code for note in notes if note.weight == "refused"
    )
    return ", ".join(dict.fromkeys(told))


@asynccontextmanager
async def opened_trials(settings: Settings) -> AsyncIterator[Trials]:
    """A window with all of them at it."""
    database = Database.for_worker(settings)
    async with (
        opened_window(settings) as app,
        _Browser(app, settings.public_url) as resident,
        _Browser(app, settings.public_url) as nurse,
    ):
        resident.client.cookies.set("asiointi", sign_in_many(settings, 1)[0].cookie)
        nurse.client.cookies.set("asiointi-staff", sign_in_staff(settings, ["triage_nurse"], [UNIT]).cookie)
        owner = sign_in_staff(settings, ["content_owner"], [])
        viewer = Viewer(owner.session_id, staff_id=owner.person_id, roles=("content_owner",))
        yield Trials(settings, database, resident, nurse, viewer)
    await database.close()


@dataclass
class _Browser(Visitor):
    """One that sees our own faults as everybody does, as a page that says so. `words` are those of the questionnaire:
    what looks like a slip of ours (”None”, ”{{”) may be what the form says."""

    words: str = ""

    async def __aenter__(self) -> Self:
        inside = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(mounts={self.window: inside}, base_url=self.window, timeout=60)
        return self

    def _faults(self, language: str) -> list[str]:
        return [fault for fault in super()._faults(language) if not self._is_of_the_form(fault)]

    def _is_of_the_form(self, fault: str) -> bool:
        said = re.search(r"(?:says '(.*)'|^'(.*)' in the text)$", fault)
        return said is not None and (said[1] or said[2]) in self.words
