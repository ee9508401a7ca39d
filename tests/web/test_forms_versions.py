"""A newer version of a form while somebody fills in the earlier one, and a form that nobody can begin any more."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from fastapi import FastAPI

from app.settings import Settings
from tests.tools.desk import change
from tests.tools.people import sign_in_many
from tests.tools.respondent import Respondent, answered, draft_of
from tests.tools.small_forms import CHANGED, choice, group, publish, question
from tests.tools.visitor import Visitor

FIRST = (
    group("g", question("name"), choice("mood", "good", "bad"), question("work")),
    group("gone", question("car", "boolean", "Do you have a car?"), question("born", "date")),
    question("last"),
)
# A question more before the others, so that every number on the page is another one.
SECOND = (
    question("new"),
    group("g", question("name"), choice("mood", "good", "worse"), question("work", extension=[CHANGED])),
    question("last"),
)


@pytest_asyncio.fixture(loop_scope="session")
async def one(app: FastAPI, settings: Settings) -> AsyncIterator[Respondent]:
    """Somebody who fills in the first version of a form of their own."""
    async with Visitor(app, settings.public_url, "en") as browser:
        browser.client.cookies.set("asiointi", sign_in_many(settings, 1)[0].cookie)
        respondent = Respondent(browser, *publish(settings, *FIRST))
        await respondent.begin()
        await respondent.answer({"name": "Aino", "mood": "bad", "work": "Baker"})
        await respondent.answer({"car": "true", "born:day": "5", "born:month": "3", "born:year": "1948"})
        yield respondent


def renew(settings: Settings, one: Respondent) -> Respondent:
    """The second version is published; the same person in it."""
    _code, form = publish(settings, *SECOND, code=one.code, version=2)
    return replace(one, form=form)


async def test_a_newer_version(one: Respondent, settings: Settings) -> None:
    """Answers go along by linkId, type and code; one whose meaning changed is shown beside, what is gone is told."""
    newer = renew(settings, one)
    draft = one.draft
    await one.visitor.get(f"/en/forms/fill/{draft}")
    assert answered(settings, draft) == {"name": ["Aino"]}
    assert "The form has been renewed" in one.visitor.document.text
    told = one.visitor.document.text
    assert "Do you have a car? Yes" in told
    assert "born 5 March 1948" in told
    await newer.open("work")
    values = dict(one.visitor.document.form(newer.here).values)
    assert (values[newer.name("name")], values[newer.name("work")]) == ("Aino", "")
    assert "Your earlier answer: Baker" in one.visitor.document.text


async def test_a_page_of_the_old_version(one: Respondent, settings: Settings) -> None:
    """A page that was open since before is understood by its own version, and leads into the new one."""
    await one.open("name")
    old = one.visitor.document.form(one.here)
    newer = renew(settings, one)
    await one.visitor.send(old, "", **one.fields({"name": "Aino Maria", "mood": "good"}))
    assert one.visitor.status == 200
    assert answered(settings, one)["name"] == ["Aino Maria"]
    assert answered(settings, one)["mood"] == ["good"]
    await one.visitor.send(old, "", **one.fields({"name": "Aino"}))
    assert answered(settings, one)["name"] == ["Aino"]
    await newer.to_check()
    await newer.send()
    assert draft_of(settings, one.here.rpartition("/")[2])["state"] == "sent"


@pytest.mark.parametrize("where", ["check", "page"])
async def test_whichever_page_is_opened(one: Respondent, settings: Settings, where: str) -> None:
    """The draft moves on whichever of its pages is opened first, also by an address that the new version has not."""
    page = one.page("car") if where == "page" else f"/en/forms/fill/{one.draft}/check"
    renew(settings, one)
    await one.visitor.get(page)
    assert one.visitor.status == 200
    assert answered(settings, one) == {"name": ["Aino"]}


async def test_retired(one: Respondent, settings: Settings) -> None:
    """Nobody begins a retired form any more; who had begun finishes it, and reads it afterwards."""
    change(settings, "update questionnaire set state = 'retired' where code = %s", one.code)
    draft, browser = one.draft, one.visitor
    await browser.get(f"/en/forms/{one.code}")
    assert browser.status == 404
    await browser.get("/en/forms")
    assert one.code not in browser.body.decode()
    await browser.get(f"/en/forms/fill/{draft}")
    await one.to_check()
    await one.send()
    assert browser.path == f"/en/forms/sent/{draft}"
    await browser.follow("Read, print or correct")
    assert "Baker" in browser.document.text
