"""How much a form may hold, and how many may be begun by nobody known: told in words, and nothing is lost."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from app.services.forms.attachments import LARGEST
from app.services.forms.limits import FILES, FILES_HERE, OPEN_HERE, WRITTEN
from app.settings import Settings
from app.web.forms import MAX_FIELDS, READABLE_FIELDS
from app.web.forms_view.field_count import MOST_FIELDS
from tests.tools.deliveries import rows_of
from tests.tools.desk import change, insert
from tests.tools.document import Document
from tests.tools.respondent import Respondent, answered, draft_of, small, summary
from tests.tools.small_forms import group, publish, question
from tests.tools.visitor import Visitor
from tests.tools.world import FIXED_NOW, World
from tests.web.test_forms_files import PDF
from tests.web.test_forms_races import attach, titles

ROWS = group("row", *(question(f"q{n}", "date") for n in range(20)), repeats=True)  # 60 fields each
ELSEWHERE = itertools.count(1)
LONG = "x" * 10_000  # the longest text that is taken


@pytest.fixture(scope="module")
def settings(world: World) -> Iterator[Settings]:
    """A window behind a known proxy: who comes through it has the address that it tells."""
    with world.database() as name:
        yield world.settings(name, trusted_proxies=["127.0.0.1"], limits_factor=0)


def put(settings: Settings, draft: str, **answers: Any) -> None:
    """Answers and counts put into a draft past the window."""
    query = "update form_response set answers = %s, memo = '[]', standing = gen_random_uuid() where id = %s"
    change(settings, query, json.dumps({"values": [], "counts": [], **answers}), draft)


async def test_begun_by_nobody_known(visitor: Visitor, browser: Visitor, settings: Settings) -> None:
    """A browser that nobody has signed in to begins so many forms and no more; the refusal says where the others are,
    they can be finished, and the neighbour begins as ever."""
    visitor.language = "en"
    one = Respondent(visitor, *publish(settings, question("q"), who="anyone"))
    drafts = [await one.begin() for _ in range(OPEN_HERE)]
    await visitor.get(f"/en/forms/{one.code}")
    await visitor.submit(f"/forms/{one.code}", "beginning")
    assert visitor.status == 409
    assert "They are all still here" in visitor.document.text
    assert any(href.startswith("tel:") for _words, href in visitor.document.links())
    assert len(rows_of(settings, "select 1 from form_response where id = any(%s::uuid[])", drafts)) == OPEN_HERE
    await visitor.get(f"/en/forms/fill/{drafts[0]}")
    await one.answer({"q": "Words"})
    await one.send()
    assert "/forms/sent/" in one.here
    assert await one.begin()  # there is room for one again
    assert await small(browser, settings, question("q"))


async def test_signed_in_nobody_counts(browser: Visitor, settings: Settings) -> None:
    """Drafts of somebody who is known are theirs, however many."""
    one = Respondent(browser, *publish(settings, question("q")))
    for _ in range(OPEN_HERE + 1):
        await browser.client.post(f"/en/forms/{one.code}", data=await token(browser, one.code))
    query = "select count(*) n from form_response where code = %s"
    assert rows_of(settings, query, one.code) == [{"n": OPEN_HERE + 1}]


async def token(visitor: Visitor, code: str) -> dict[str, str]:
    return dict(Document((await visitor.client.get(f"/en/forms/{code}")).text).form(f"/forms/{code}").values)


async def test_more_than_a_form_takes(browser: Visitor, settings: Settings) -> None:
    """Answers longer than one form can take: the page again with what was typed, in words, and the draft as it was.
    Making them shorter is taken."""
    full = WRITTEN // len(LONG) - 1
    one = await small(browser, settings, *(question(f"q{n}", "text") for n in range(full + 2)))
    put(settings, one.draft, values=[[f"q{n}", [], [{"valueString": LONG}]] for n in range(full)])
    before, last = answered(settings, one), f"q{full + 1}"
    await browser.get(one.page(last))
    await one.answer({last: LONG})
    assert browser.status == 422
    assert "longer than one form can take" in summary(browser.document)[0][0]
    assert dict(browser.document.form(one.here).values)[one.name(last)] == LONG
    assert answered(settings, one) == before
    for link, words in (("q0", "Short"), (last, LONG)):
        await browser.get(one.page(link))
        await one.answer({link: words})
        assert browser.status == 200, (link, summary(browser.document))
        assert answered(settings, one)[link] == [words]


@pytest.mark.parametrize(("known", "room"), [(True, FILES), (False, FILES_HERE)])
async def test_files_together(
    browser: Visitor, visitor: Visitor, settings: Settings, room: int, *, known: bool
) -> None:
    """When the files have no room left together, one more is refused at its question; those that are there stay. Of
    somebody unknown those of other drafts in the same browser count too."""
    who = browser if known else visitor
    who.language = "en"
    page = group("g", question("files", "attachment", repeats=True), question("picture", "attachment"))
    one = await small(who, settings, page, who="signed_in" if known else "anyone")
    full = one.draft if known else (await one.begin(), await one.begin())[0]
    times = {"created_at": FIXED_NOW, "scanned_at": FIXED_NOW, "content_type": "application/pdf", "digest": b""}
    for _ in range(room // LARGEST):
        insert(settings, "attachment", response_id=full, title="old.pdf", size=LARGEST, **times)
    answer = await attach(one, ("files", "new.pdf", PDF))
    assert answer.status_code == 422
    ((words, target),) = summary(Document(answer.text))
    assert "too large together" in words
    assert target == f"#{one.name('files')}"
    assert set(titles(settings, full)) == {"old.pdf"}
    change(
        settings, "delete from attachment where id = (select id from attachment where response_id = %s limit 1)", full
    )
    assert (await attach(one, ("files", "new.pdf", PDF))).status_code == 303
    assert "new.pdf" in titles(settings, one.draft)


async def test_as_many_rows_as_a_page_carries(browser: Visitor, settings: Settings) -> None:
    """A row that would make the page larger than can be sent is not added: the page says so and keeps what was typed;
    the page as it is can be sent."""
    one = await small(browser, settings, ROWS, question("else"))
    most = MOST_FIELDS // 60
    put(settings, one.draft, counts=[["row", [], most]])
    await browser.get(one.page("q0"))
    await one.answer({"q0.0:day": "1", "q0.0:month": "2", "q0.0:year": "2026"}, "Add another")
    assert browser.status == 422
    assert "no room for another row" in summary(browser.document)[0][0]
    assert answered(settings, one) == {"q0.0": ["2026-02-01"]}
    assert draft_of(settings, one)["answers"]["counts"] == [["row", [], most]]
    await one.answer()
    assert one.here == one.page("else")


async def test_a_page_of_a_thousand_fields(browser: Visitor, settings: Settings) -> None:
    """A form whose author wants it on one page has more than a thousand fields; it is sent all the same."""
    items = [question(f"d{n}", "date") for n in range(400)]
    one = await small(browser, settings, group("all", *items, extension=[page_control()]))
    assert len(browser.document.form(one.here).values) > 1000
    await one.answer({"d399:day": "1", "d399:month": "2", "d399:year": "2026"})
    assert browser.status == 200
    assert answered(settings, one) == {"d399": ["2026-02-01"]}


def page_control() -> dict[str, Any]:
    """The mark by which a group is one page."""
    coding = {"system": "http://hl7.org/fhir/questionnaire-item-control", "code": "page"}
    url = "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl"
    return {"url": url, "valueCodeableConcept": {"coding": [coding]}}


@pytest.mark.parametrize("count", [MAX_FIELDS + 1, READABLE_FIELDS - 100])
async def test_more_fields_than_any_page(browser: Visitor, settings: Settings, count: int) -> None:
    """What no page of ours sends is refused in words, and the draft stays as it was."""
    one = await small(browser, settings, question("q"), question("r"))
    await one.answer({"q": "Kept"})
    fields: dict[str, Any] = {one.name("r"): "New", "g": ["1"] * count}
    await browser.submit(one.here, **fields)
    assert browser.status == 413
    assert "Nothing was saved from it" in browser.document.text
    assert answered(settings, one) == {"q": ["Kept"]}


@pytest.fixture
def strict(app: FastAPI, settings: Settings) -> Iterator[FastAPI]:
    """The window with a hundredth of the usual limits."""
    app.state.settings = settings.model_copy(update={"limits_factor": 0.01})
    yield app
    app.state.settings = settings


@pytest.mark.parametrize("what", ["draft", "file"])
async def test_how_often(strict: FastAPI, settings: Settings, what: str) -> None:
    """New browsers from one address begin forms, and add files, only so often; another address does as ever."""
    code, form = publish(settings, group("g", question("files", "attachment", repeats=True)), who="anyone")
    codes = []
    for number in (1, 1, 1, 1, 1, 2):
        async with Visitor(strict, settings.public_url, "en") as one:
            home = {"X-Forwarded-For": f"203.0.113.{number + (10 if what == 'file' else 0)}"}
            codes.append(await once(one, Respondent(one, code, form), home, what))
    assert codes == [303] * codes[:5].count(303) + [429] * codes[:5].count(429) + [303]
    assert 429 in codes


async def once(visitor: Visitor, one: Respondent, home: dict[str, str], what: str) -> int:
    """Begin a form, and add a file to it where that is what is counted: the last status."""
    client = visitor.client
    client.headers.update({"X-Forwarded-For": f"198.51.100.{next(ELSEWHERE)}"} if what == "file" else home)
    await visitor.get(f"/en/forms/{one.code}")
    form = visitor.document.form(f"/forms/{one.code}")
    if what == "draft":
        return (await client.post(form.action, data=dict(form.values))).status_code
    await visitor.send(form)
    client.headers.update(home)
    answer = await attach(one, ("files", "a.pdf", PDF))
    return int(answer.status_code)
