"""A visit by video: booked like any other time, its link on the page of each side, around the visit only."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from fastapi import FastAPI
from icalendar import Calendar

from app.integrations.video.client import VideoConfig
from app.services.booking.video_visit import OPENS_BEFORE
from app.settings import Settings
from tests.tools.attacker import Attacker
from tests.tools.deliveries import change, rows_of
from tests.tools.document import Document
from tests.tools.people import sign_in_many
from tests.tools.visitor import Visitor
from tests.tools.world import FIXED_NOW
from tests.web.test_road import ANSWERS, answer_until_result

RESIDENTS_LINK, PROFESSIONALS_LINK = "https://video.example/visit/resident", "https://video.example/visit/professional"
NURSE = (["triage_nurse"], ["mikkeli"])


@pytest_asyncio.fixture(loop_scope="session")
async def signed_in(app: FastAPI, settings: Settings) -> AsyncIterator[Visitor]:
    """A resident's browser."""
    async with Visitor(app, settings.public_url) as one:
        one.client.cookies.set("asiointi", sign_in_many(settings, 1)[0].cookie)
        yield one


@dataclass
class Visit:
    """A booked video visit, its page, and ways to move it about in time."""

    app: FastAPI
    settings: Settings
    path: str

    @property
    def id(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def case(self) -> str:
        (row,) = rows_of(self.settings, "select case_id from appointment where id = %s", self.id)
        return f"/staff/cases/{row['case_id']}"

    def begins(self, after: timedelta) -> None:
        """Move it to begin so long after now; nobody is at two visits at once, so each test has other residents."""
        start = FIXED_NOW + after
        span = (start, start + timedelta(minutes=20), self.id)
        change(self.settings, "delete from allocation where appointment_id = %s", self.id)
        change(self.settings, "update appointment set during = tstzrange(%s, %s) where id = %s", *span)

    def has_room(self, valid_from: datetime, valid_until: datetime) -> None:
        """The video service has opened the room."""
        links = [self.app.state.vault.seal_bytes(link.encode()) for link in (RESIDENTS_LINK, PROFESSIONALS_LINK)]
        change(
            self.settings,
            "insert into video_room (appointment_id, room_id, resident_link_sealed, professional_link_sealed,"
            " valid_from, valid_until) values (%s, 'r', %s, %s, %s, %s)",
            self.id,
            *links,
            valid_from,
            valid_until,
        )


@pytest_asyncio.fixture(loop_scope="session")
async def visit(app: FastAPI, settings: Settings, signed_in: Visitor) -> Visit:
    """A video visit that the resident has booked after an assessment."""
    await signed_in.get("/fi/assess/urinary")
    await signed_in.submit("/assess/urinary")
    await answer_until_result(signed_in, ANSWERS)
    run = signed_in.path.split("/run/")[1].split("/")[0]
    await signed_in.get(f"/fi/book/doctor-video/times?assessment={run}")
    assert "videopuhelu" in signed_in.document.text
    times = signed_in.document.form("/hold")
    await signed_in.send(times, times.buttons[-1][0])
    assert "Soitamme, jos videoyhteys ei aukea" in signed_in.document.text
    await signed_in.submit(signed_in.path, phone="040 123 4567", note="")
    assert "rauhallinen paikka" in signed_in.document.text
    await signed_in.submit("/confirm")
    assert "/my/appointments/" in signed_in.path
    return Visit(app, settings, signed_in.path)


@pytest.fixture
def outage(app: FastAPI, settings: Settings, tmp_path: Path) -> Iterator[str]:
    """Video's outage has been announced with these words."""
    words = "Videossa on katko"
    texts = dict.fromkeys(("fi", "sv", "en"), words)
    times = {"from": "2026-11-24T00:00:00+02:00", "until": "2026-11-25T00:00:00+02:00"}
    file = tmp_path / "outages.json"
    file.write_text(json.dumps({"outages": [{"systems": ["video"], "text": texts, **times}]}))
    usual = app.state.settings
    app.state.settings = settings.model_copy(update={"outages_file": file})
    yield words
    app.state.settings = usual


def links_to(document: Document, address: str) -> list[dict[str, str]]:
    return [dict(link.attrib) for link in document.all("a") if link.get("href") == address]


async def staff_page(visit: Visit, roles: list[str], units: list[str], language: str = "fi") -> tuple[int, Document]:
    async with Attacker.staff(visit.app, visit.settings, roles, units) as staff:
        answer = await staff.send("GET", f"/{language}{visit.case}")
    return answer.status_code, Document(answer.text)


async def test_before_the_visit(visit: Visit, signed_in: Visitor) -> None:
    """Days ahead the page says when the link comes and who calls if it does not open; there is no link yet."""
    visit.begins(timedelta(hours=3))
    words = {"fi": "Linkki aukeaa tähän klo 11.45, 15 minuuttia", "sv": "kl. 11.45, 15 minuter", "en": "15 minutes"}
    for room in (False, True):
        if room:
            visit.has_room(FIXED_NOW + timedelta(minutes=165), FIXED_NOW + timedelta(hours=5))
        for language, told in words.items():
            await signed_in.get(visit.path.replace("/fi/", f"/{language}/"))
            assert told in signed_in.document.text
            assert RESIDENTS_LINK not in signed_in.document.html
    assert "040 123 4567" in signed_in.document.text


@pytest.mark.parametrize("after", [-60, -15, 0, 14])
async def test_around_the_visit(visit: Visit, signed_in: Visitor, after: int) -> None:
    """From 15 minutes before until the room closes, also where the visit runs late, the link is there; it opens in
    the same tab and tells the other site nothing of the page."""
    visit.begins(timedelta(minutes=after))
    visit.has_room(FIXED_NOW + timedelta(minutes=after - 15), FIXED_NOW + timedelta(minutes=after + 80))
    await signed_in.get(visit.path)
    (link,) = links_to(signed_in.document, RESIDENTS_LINK)
    assert link["rel"] == "noreferrer"
    assert "target" not in link
    assert PROFESSIONALS_LINK not in signed_in.document.html
    assert signed_in.headers["cache-control"] == "no-store"


async def test_the_room_is_not_there_yet(visit: Visit, signed_in: Visitor) -> None:
    """It is time and the video service was away: calm words, and a professional calls."""
    visit.begins(timedelta(minutes=5))
    words = {"fi": "ammattilainen soittaa sinulle", "sv": "ringer en yrkesperson dig", "en": "a professional calls you"}
    for language, told in words.items():
        await signed_in.get(visit.path.replace("/fi/", f"/{language}/"))
        assert told in signed_in.document.text
    (status, page) = await staff_page(visit, *NURSE)
    assert (status, "Huone ei ole vielä auki" in page.text) == (200, True)


async def test_after_the_visit(visit: Visit, signed_in: Visitor) -> None:
    """Once the room has closed nothing leads there any more."""
    visit.begins(-timedelta(hours=3))
    visit.has_room(FIXED_NOW - timedelta(hours=4), FIXED_NOW - timedelta(minutes=1))
    await signed_in.get(visit.path)
    _status, page = await staff_page(visit, *NURSE)
    for html in (signed_in.document.html, page.html):
        assert "video.example" not in html
    assert "Näin pääset mukaan" not in signed_in.document.text


async def test_a_cancelled_visit_has_no_link(visit: Visit, signed_in: Visitor) -> None:
    """The moment that the time is cancelled both links are gone, though the room may still be open for a while."""
    visit.has_room(FIXED_NOW - timedelta(minutes=1), FIXED_NOW + timedelta(days=9))
    await signed_in.get(visit.path)
    assert links_to(signed_in.document, RESIDENTS_LINK)
    await signed_in.get(f"{visit.path}/cancel")
    await signed_in.submit("/cancel")
    assert RESIDENTS_LINK not in signed_in.document.html
    assert PROFESSIONALS_LINK not in (await staff_page(visit, *NURSE))[1].html


async def test_the_professionals_link(visit: Visit) -> None:
    """Who handles the case finds the professional's link beside the booking; another unit is asked for a
    special reason first, and for other staff there is no such case."""
    visit.begins(timedelta(minutes=10))
    visit.has_room(FIXED_NOW - timedelta(minutes=5), FIXED_NOW + timedelta(minutes=90))
    status, page = await staff_page(visit, *NURSE)
    (link,) = links_to(page, PROFESSIONALS_LINK)
    assert (status, link["rel"]) == (200, "noreferrer")
    assert RESIDENTS_LINK not in page.html
    others = {("triage_nurse", "savonlinna"): 403, ("social_worker", "mikkeli"): 404, ("operator", "mikkeli"): 404}
    for (role, unit), expected in others.items():
        status, page = await staff_page(visit, [role], [unit])
        assert (status, PROFESSIONALS_LINK in page.html) == (expected, False)


async def test_the_professional_before_the_visit(visit: Visit) -> None:
    """Ahead of the visit staff read when their link comes."""
    visit.begins(timedelta(hours=3))
    status, page = await staff_page(visit, *NURSE, language="en")
    assert (status, "15 minutes before the visit" in page.text) == (200, True)


async def test_somebody_elses_visit(visit: Visit, app: FastAPI, settings: Settings) -> None:
    """Another resident finds neither the page nor the link."""
    visit.begins(timedelta(minutes=10))
    visit.has_room(FIXED_NOW - timedelta(minutes=5), FIXED_NOW + timedelta(minutes=90))
    async with Attacker.resident(app, settings) as other:
        answer = await other.send("GET", visit.path)
    assert (answer.status_code, RESIDENTS_LINK in answer.text) == (404, False)


async def test_the_calendar_knows_no_link(visit: Visit, signed_in: Visitor) -> None:
    """Calendars are shared: neither a place nor the link goes into the file."""
    visit.has_room(FIXED_NOW - timedelta(minutes=5), FIXED_NOW + timedelta(days=9))
    event = Calendar.from_ical((await signed_in.get(f"{visit.path}/calendar.ics")).body).walk("VEVENT")[0]
    assert "location" not in event
    assert b"video" not in signed_in.body.lower()


async def test_an_outage_of_video(visit: Visit, signed_in: Visitor, settings: Settings, outage: str) -> None:
    """The banner is on the page of a coming video visit, and on no page of another time."""
    await signed_in.get(visit.path)
    assert outage in signed_in.document.text
    with psycopg.connect(settings.worker_database_url) as connection:
        connection.execute("update appointment set service_code = 'nurse-visit' where id = %s", [visit.id])
    await signed_in.get(visit.path)
    assert (signed_in.status, outage in signed_in.document.text) == (200, False)


async def test_the_offer(signed_in: Visitor) -> None:
    """The list of what can be booked shows the video visit with its way, in every language."""
    for language, words in {"fi": "Videopuhelu", "sv": "Videosamtal", "en": "Video call"}.items():
        await signed_in.get(f"/{language}/book")
        assert words in signed_in.document.text
        assert "#video" in signed_in.document.html


def test_one_word_about_the_minutes() -> None:
    """The page says the same number of minutes as the video client asks for, whether there is a room yet or not."""
    assert VideoConfig.opens_before == OPENS_BEFORE
