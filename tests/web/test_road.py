"""The main road as a plain browser walks it: from a worry to a confirmed time, and a nurse sees it."""

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from icalendar import Calendar

from app.settings import Settings
from tests.tools.visitor import Visitor
from tests.tools.world import work_off

RESIDENT = "Anna Lehtokangas"
# A healthy adult woman with burning and frequency for some days: a nurse within days.
ANSWERS: dict[str, str | list[str]] = {
    "who": "me",
    "alarm": ["none"],
    "age": "18-64",
    "sex": "female",
    "pregnant": "no",
    "signs": ["none"],
    "conditions": ["none"],
    "symptoms": ["burning", "frequency"],
    "bother": "clear",
    "duration": "days",
}


async def answer_until_result(visitor: Visitor, answers: dict[str, str | list[str]] = ANSWERS) -> None:
    """Answer page by page from `answers`; every page must be one that they know."""
    for _ in range(20):
        if visitor.path.endswith("/result"):
            return
        form = next(form for form in visitor.document.forms() if "/assess/run/" in form.action)
        links = {
            field.get("name") for field in form.element.iter("input") if field.get("type") in {"radio", "checkbox"}
        }
        await visitor.send(form, "", **{link: answers[link] for link in links if link})
        assert visitor.status == 200, visitor.document.text[:500]
    raise AssertionError(f"no result after twenty pages: {visitor.path}")


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_from_symptom_to_booked_time(visitor: Visitor, app: FastAPI, settings: Settings, language: str) -> None:
    """A resident assesses a symptom, signs in on the way, books, gets a notice, cancels; a nurse sees the case."""
    await visitor.get(f"/{language}/")
    await visitor.get(visitor.document.leading_to("/assess"))
    await visitor.get(visitor.document.leading_to("/assess/urinary"))
    await visitor.submit("/assess/urinary")
    await answer_until_result(visitor)
    await visitor.get(visitor.document.leading_to("/book/nurse-visit/times"))
    times = [form for form in visitor.document.forms() if form.action.endswith("/hold")][-1]
    await visitor.send(times, times.buttons[-1][0])  # some days ahead, so that it may still be cancelled
    assert "/sign-in" in visitor.path
    await visitor.sign_in(RESIDENT)
    assert "/book/nurse-visit/times" in visitor.path
    again = visitor.document.form("/hold")
    await visitor.send(again)
    assert "/book/held/" in visitor.path, visitor.path
    await visitor.submit(visitor.path, phone="040 123 4567", note="Kirvelee")
    assert visitor.path.endswith("/check"), visitor.document.text[:400]
    assert "Kirvelee" in visitor.document.text
    await visitor.submit("/confirm")
    assert "/my/appointments/" in visitor.path
    appointment = visitor.path

    calendar = Calendar.from_ical((await visitor.get(f"{appointment}/calendar.ics")).body)
    event = calendar.walk("VEVENT")[0]
    assert appointment.rpartition("/")[2] in str(event["uid"])
    assert "irtsa" not in visitor.body.decode()

    await work_off(settings)
    async with httpx.AsyncClient() as outside:
        sent = (await outside.get(f"{settings.messages_url}/")).text
    assert "notice-" in sent

    await visitor.get(f"/{language}/my")
    assert appointment in [href for _text, href in visitor.document.links()]
    async with Visitor(app, settings.public_url) as nurse:
        await nurse.get(f"/{language}/staff")
        await nurse.sign_in("Sari Hoitaja")
        case = next(href for _text, href in nurse.document.links() if "/staff/cases/" in href)
        await nurse.get(case)
        assert RESIDENT in nurse.document.text
        assert "040" in nurse.document.text or "+358" in nurse.document.text

    await visitor.get(f"{appointment}/cancel")
    await visitor.submit("/cancel")
    assert visitor.path == appointment
    with psycopg.connect(settings.worker_database_url) as connection:
        row = connection.execute(
            "select a.status, t.state from appointment a join allocation t on t.appointment_id = a.id where a.id = %s",
            [appointment.rpartition("/")[2]],
        ).fetchone()
    assert row == ("cancelled", "released")
