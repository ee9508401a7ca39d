"""A notice of concern whose sender is signed out half-way: told before, told after, and nothing of it is left."""

import pytest
from fastapi import FastAPI

from app.settings import Settings
from tests.tools.deliveries import rows_of
from tests.tools.desk import change
from tests.tools.form_answers import shipped
from tests.tools.people import sign_in_many
from tests.tools.respondent import Respondent
from tests.tools.visitor import Visitor
from tests.web.test_forms_races import notice_at_check

CODE = "concern-older"
WARNED = "If you do nothing for 15 minutes, you are signed out and must begin again"
GOES = "The notice is then gone"
LEFT = ("set_aside", "form_response", "audit_event")


def idle(settings: Settings, why: str = "idle") -> None:
    """Everybody's session has run out; `provider`: the identification service has ended it."""
    ended = ", ended_at = now(), ended_why = 'provider'" if why == "provider" else ""
    query = f"update browser_session set seen_at = seen_at - interval '1 hour'{ended} where ended_at is null"
    change(settings, query)


def counts(settings: Settings) -> list[int]:
    """How many rows there are that could tell of a notice."""
    return [rows_of(settings, f"select count(*) n from {table}")[0]["n"] for table in LEFT]


def numbers(visitor: Visitor) -> set[str]:
    return {href for _words, href in visitor.document.links() if href.startswith("tel:")}


async def test_told_before(browser: Visitor, visitor: Visitor) -> None:
    """Who is signed in reads on the first page, on every page and beside the session's end what becomes of the notice;
    who is not, and who fills in another form, does not."""
    await browser.get(f"/en/forms/{CODE}")
    assert WARNED in browser.document.text
    await browser.submit(f"/forms/{CODE}")
    for _ in range(2):
        assert WARNED in browser.document.text
        assert GOES in browser.document.text
        assert "is saved when you go on" not in browser.document.text
        assert not [one for one in browser.document.forms() if one.action.endswith("/session/set-aside")]
        await browser.get(browser.path.partition("/page/")[0] + "/check")
    visitor.language = "en"
    for one, code in ((visitor, CODE), (browser, "pre-visit")):
        await Respondent(one, code, shipped(code)).begin()
        assert WARNED not in one.document.text
        assert GOES not in one.document.text
        assert "is saved when you go on" in one.document.text


@pytest.mark.parametrize(("why", "words"), [("idle", "away for over 15 minutes"), ("provider", "Suomi.fi ended")])
@pytest.mark.parametrize("page", ["page/1", "check"])
async def test_told_after(browser: Visitor, settings: Settings, why: str, words: str, page: str) -> None:
    """A page that is sent too late: what happened, that nothing was saved or sent, the way to begin again, whom to
    call. The draft is gone, and no row tells that there was one."""
    before = counts(settings)
    one = Respondent(browser, CODE, shipped(CODE))
    draft = await one.begin()
    await browser.get(f"/en/forms/fill/{draft}/{page}")
    form = browser.document.form(one.here)
    idle(settings, why)
    await browser.send(form)
    assert browser.status == 410
    for said in (words, "The notice was not sent", "was not saved", "Nothing was sent"):
        assert said in browser.document.text
    assert {"tel:112"} < numbers(browser)
    assert browser.headers["cache-control"] == "no-store"
    assert counts(settings) == before
    await browser.get(browser.document.leading_to(f"/forms/{CODE}"))
    assert browser.status == 200


async def test_its_address_afterwards(browser: Visitor, app: FastAPI, settings: Settings) -> None:
    """Whoever opens the address later, signed in again or anybody, learns no more than of an address that never was,
    and reads what may have become of a form."""
    one = Respondent(browser, CODE, shipped(CODE))
    draft = await one.begin()
    idle(settings)
    browser.client.cookies.set("asiointi", sign_in_many(settings, 1)[0].cookie)
    texts = set()
    for name in (draft, "00000000-0000-4000-8000-000000000000"):
        await browser.get(f"/en/forms/fill/{name}")
        assert (browser.status, "not open here any more" in browser.document.text) == (404, True)
        texts.add(browser.document.text.rpartition("give the number")[0])
    assert len(texts) == 1
    assert numbers(browser)


async def test_sent_and_the_answer_lost(visitor: Visitor, settings: Settings) -> None:
    """The notice was sent, the answer lost, the session ended; the same form once more leads to its receipt, and never
    says that nothing was sent."""
    await visitor.get("/en/my")
    await visitor.sign_in("Anna")
    check = await notice_at_check(visitor)
    form = visitor.document.form("/check")
    await visitor.client.post(check, data=dict(form.values))
    idle(settings)
    cases = rows_of(settings, 'select count(*) n from "case"')
    await visitor.send(form)
    assert visitor.path == "/en/forms/received"
    assert "Nothing was sent" not in visitor.document.text
    assert rows_of(settings, 'select count(*) n from "case"') == cases


async def test_sent_in_another_tab(visitor: Visitor, settings: Settings) -> None:
    """Another tab has sent it before the session ended: the page says that it may have been sent."""
    await visitor.get("/en/my")
    await visitor.sign_in("Anna")
    check = await notice_at_check(visitor)
    other = visitor.document.form("/check")
    await visitor.get(check)
    await visitor.submit("/check")
    idle(settings)
    await visitor.send(other)
    assert visitor.status == 404
    assert "may have been sent already" in visitor.document.text


async def test_signing_out_leaves_nothing(browser: Visitor, visitor: Visitor, settings: Settings) -> None:
    """An unfinished notice goes when its sender signs out. One of a browser that nobody has signed in to stays, as do
    other drafts."""
    notice, other = Respondent(browser, CODE, shipped(CODE)), Respondent(browser, "pre-visit", shipped("pre-visit"))
    gone, own = await notice.begin(), await other.begin()
    visitor.language = "en"
    theirs = await Respondent(visitor, CODE, shipped(CODE)).begin()
    await browser.submit("/sign-out")
    found = {str(row["id"]) for row in rows_of(settings, "select id from form_response")}
    assert found & {gone, own, theirs} == {own, theirs}
