"""Filling a form on real pages: saved at every step, mended, checked, sent once; nobody else's is ever seen."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from fastapi import FastAPI

from app.services.forms.concerns import concern_of
from app.settings import Settings
from tests.tools.deliveries import rows_of
from tests.tools.desk import change
from tests.tools.document import Document
from tests.tools.form_answers import NOTICE, REASON, shipped
from tests.tools.people import sign_in_many
from tests.tools.respondent import Respondent, answered, draft_of, small, summary
from tests.tools.small_forms import HIDDEN, choice, group, question, shown_when
from tests.tools.visitor import Visitor
from tests.tools.world import FIXED_NOW

ANNA = "Anna Lehtokangas"
WORDS = "The knee hurts on stairs"
ADDRESS = {"address": NOTICE["address"], "municipality": NOTICE["municipality"]}


@pytest_asyncio.fixture(loop_scope="session")
async def nobody(app: FastAPI, settings: Settings) -> AsyncIterator[Respondent]:
    """A notice of concern, begun by somebody who has not signed in."""
    async with Visitor(app, settings.public_url, "en") as one:
        notice = Respondent(one, "concern-older", shipped("concern-older"))
        await notice.begin()
        yield notice


async def test_saved_at_every_step(app: FastAPI, visitor: Visitor, settings: Settings) -> None:
    """Who stops in the middle finds the same page and answers on another device after signing in there."""
    visitor.language = "en"
    await visitor.get("/en/sign-in?next=/en/my/forms")
    await visitor.sign_in(ANNA)
    phone = Respondent(visitor, "pre-visit", shipped("pre-visit"))
    await phone.begin()
    await phone.answer({"reason": WORDS, "since": "weeks"})
    left_at = phone.here
    async with Visitor(app, settings.public_url, "en") as computer:
        await computer.get("/en/sign-in?next=/en/my/forms")
        await computer.sign_in(ANNA)
        await computer.get(computer.document.leading_to(f"/forms/fill/{phone.draft}"))
        assert computer.path == left_at
        await computer.get(phone.page("reason"))
        assert (phone.name("reason"), WORDS) in computer.document.form(phone.page("reason")).values


async def test_resumed_at_the_check(pre_visit: Respondent) -> None:
    """Who had answered everything comes back to the page of all answers."""
    await pre_visit.answer(REASON)
    await pre_visit.to_check()
    check = pre_visit.here
    await pre_visit.visitor.get(check.removesuffix("/check"))
    assert pre_visit.here == check


async def test_what_is_to_be_mended(pre_visit: Respondent, settings: Settings) -> None:
    """A page with errors: 422, the summary first with links to the fields, what was typed kept, the rest saved."""
    visitor = pre_visit.visitor
    await pre_visit.open("height")
    await pre_visit.answer({"height": "tall", "weight": "70"})
    assert visitor.status == 422
    ((words, target),) = summary(visitor.document)
    assert "Write only the number" in words
    assert target == f"#{pre_visit.name('height')}"
    part = next(one for one in visitor.document.all("div") if one.get("id") == "part")
    assert "govuk-error-summary" in part[0].get("class", "")
    shown = dict(visitor.document.form(pre_visit.here).values)
    assert (shown[pre_visit.name("height")], shown[pre_visit.name("weight")]) == ("tall", "70")
    assert answered(settings, pre_visit) == {"weight": [70]}
    await pre_visit.answer({"height": "172,5"})
    assert visitor.status == 200
    assert answered(settings, pre_visit)["height"] == [172.5]


async def test_required(pre_visit: Respondent) -> None:
    """An empty required answer is asked for at its field; a voluntary one never."""
    await pre_visit.answer({"reason": "  "})
    assert pre_visit.visitor.status == 422
    assert [target for _words, target in summary(pre_visit.visitor.document)] == [f"#{pre_visit.name('reason')}"]


async def test_calculated(pre_visit: Respondent, settings: Settings) -> None:
    """A calculated value is shown where its sources were given, and nothing that a browser sends for it is taken."""
    await pre_visit.open("height")
    await pre_visit.answer({"height": "172,5", "weight": "70"})
    await pre_visit.open("height")
    assert "23.5" in pre_visit.visitor.document.text
    await pre_visit.answer({"bmi": "12"})
    assert pre_visit.visitor.status == 422
    assert answered(settings, pre_visit)["bmi"] != [12]


async def test_change_from_the_check(pre_visit: Respondent) -> None:
    """A link of the check leads to its field; after saving one is back at the check with the new answer."""
    await pre_visit.answer(REASON)
    await pre_visit.to_check()
    check, visitor = pre_visit.here, pre_visit.visitor
    href = next(href for _words, href in visitor.document.links() if href.endswith(f"#{pre_visit.name('reason')}"))
    await visitor.get(href)
    await pre_visit.answer({"reason": ""})
    assert visitor.status == 422
    await pre_visit.answer({"reason": WORDS})
    assert pre_visit.here == check
    assert WORDS in visitor.document.text


async def test_missing_at_sending(pre_visit: Respondent, settings: Settings) -> None:
    """What was skipped by its address is found at sending: the summary leads to its row, and nothing is sent."""
    await pre_visit.visitor.get(f"/en/forms/fill/{pre_visit.draft}/check")
    await pre_visit.send()
    assert pre_visit.visitor.status == 422
    ((words, target),) = summary(pre_visit.visitor.document)
    assert target == f"#check-{pre_visit.name('reason')}"
    assert "?:" not in words
    row = draft_of(settings, pre_visit)
    assert (row["state"], row["case_id"]) == ("draft", None)
    await pre_visit.open("reason")
    await pre_visit.answer(REASON)
    await pre_visit.to_check()
    await pre_visit.send()
    assert "/forms/sent/" in pre_visit.here


async def test_a_missing_group_leads_to_its_first_row(browser: Visitor, settings: Settings) -> None:
    """A group that must be filled has no row of its own: the summary leads to the first of its questions."""
    one = await small(browser, settings, group("kin", question("name"), question("phone"), repeats=True, required=True))
    await browser.get(f"/en/forms/fill/{one.draft}/check")
    await one.send()
    assert [target for _words, target in summary(browser.document)] == [f"#check-{one.name('name.0')}"]


@pytest.mark.parametrize("at_once", [False, True])
async def test_sent_once(pre_visit: Respondent, settings: Settings, at_once: bool) -> None:
    """However often the button is pressed, also twice at the same moment: one response, one case, one receipt."""
    await pre_visit.answer(REASON)
    await pre_visit.to_check()
    form, client = pre_visit.visitor.document.form("/check"), pre_visit.visitor.client
    sending = [client.post(form.action, data=dict(form.values)) for _ in range(2)]
    answers = await asyncio.gather(*sending) if at_once else [await one for one in sending]
    assert {one.status_code for one in answers} == {303}
    assert {one.headers["location"] for one in answers} == {f"/en/forms/sent/{pre_visit.draft}"}
    subject = draft_of(settings, pre_visit)["subject_id"]
    assert len(rows_of(settings, "select 1 from form_response where subject_id = %s", subject)) == 1
    assert len(rows_of(settings, 'select 1 from "case" where subject_id = %s', subject)) == 1


async def test_sent_in_two_tabs(pre_visit: Respondent, settings: Settings) -> None:
    """The check open in two tabs and sent in both at once gives one receipt too: each has a token of its own."""
    await pre_visit.answer(REASON)
    await pre_visit.to_check()
    client, forms = pre_visit.visitor.client, []
    for _ in range(2):
        page = await client.get(pre_visit.here)
        forms.append(Document(page.text).form("/check"))
    answers = await asyncio.gather(*(client.post(one.action, data=dict(one.values)) for one in forms))
    assert {one.headers["location"] for one in answers} == {f"/en/forms/sent/{pre_visit.draft}"}
    assert len(rows_of(settings, "select 1 from form_response where case_id is not null and id = %s", pre_visit.draft))


async def test_after_sending(pre_visit: Respondent, settings: Settings) -> None:
    """The back button leads to the receipt; what is answered then does not go along, and the receipt says so."""
    await pre_visit.answer(REASON)
    await pre_visit.open("reason")
    old, page = pre_visit.visitor.document.form(pre_visit.here), pre_visit.here
    await pre_visit.to_check()
    await pre_visit.send()
    receipt, visitor = pre_visit.here, pre_visit.visitor
    await visitor.get(page)
    assert visitor.path == receipt
    await visitor.send(old, "", **{pre_visit.name("reason"): "Something else"})
    assert pre_visit.here == receipt
    assert "You had sent this form already" in visitor.document.text
    assert answered(settings, receipt.rpartition("/")[2])["reason"] == [REASON["reason"]]


async def test_two_tabs(pre_visit: Respondent, settings: Settings) -> None:
    """Two tabs on two pages add to each other; of two on one page the last wins, and takes nothing else away."""
    visitor = pre_visit.visitor
    await pre_visit.open("height")
    height = visitor.document.form(pre_visit.here)
    await pre_visit.open("reason")
    first, second = [visitor.document.form(pre_visit.here)] * 2
    await visitor.send(first, "", **pre_visit.fields({"reason": "First"}))
    await visitor.send(height, "", **pre_visit.fields({"height": "170"}))
    await visitor.send(second, "", **pre_visit.fields({"reason": "Second"}))
    assert answered(settings, pre_visit) == {"reason": ["Second"], "height": [170]}


async def test_pages_at_the_same_moment(pre_visit: Respondent, settings: Settings) -> None:
    """Pages that arrive at once (a refresh on its way when the button is pressed, two tabs) all add to the draft."""
    client, posts = pre_visit.visitor.client, []
    for given in ({"reason": WORDS}, {"height": "170"}, {"important": "Sleep"}, {"tried": "Rest"}):
        await pre_visit.open(next(iter(given)))
        form = pre_visit.visitor.document.form(pre_visit.here)
        posts.append((form.action, {**dict(form.values), **pre_visit.fields(given)}))
    answers = await asyncio.gather(*(client.post(action, data=data) for action, data in posts))
    assert {one.status_code for one in answers} == {303}
    assert set(answered(settings, pre_visit)) == {"reason", "height", "important", "tried"}


async def test_another_language_in_the_middle(pre_visit: Respondent, settings: Settings) -> None:
    """Changing the language keeps the page and the answers: the codes stay, the words are the new language's."""
    await pre_visit.answer({"reason": WORDS, "since": "weeks"})
    await pre_visit.open("reason")
    visitor, page = pre_visit.visitor, pre_visit.here
    swedish = next(href for _words, href in visitor.document.links() if href == page.replace("/en/", "/sv/"))
    await visitor.get(swedish)
    assert (pre_visit.name("since"), "1") in visitor.document.form(page.removeprefix("/en")).values
    text = pre_visit.form.by_link["since"].options[1].text.own
    assert text.to("sv") in visitor.document.text
    await visitor.submit(visitor.path)
    assert visitor.path.startswith("/sv/")
    assert answered(settings, pre_visit)["since"] == ["weeks"]


async def test_a_new_question_comes_up(browser: Visitor, settings: Settings) -> None:
    """Without scripts an answer that brings up a question shows the same page again, at it, before it is asked for."""
    one = await small(
        browser,
        settings,
        group("g", choice("pain", "yes", "no"), question("where", required=True, enableWhen=shown_when("pain", "yes"))),
        question("else"),
    )
    page = one.here
    await one.answer({"pain": "yes"})
    assert (one.here, browser.status) == (page, 200)
    assert browser.path.endswith(f"#{one.name('where')}")
    await one.answer()
    assert browser.status == 422
    await one.answer({"where": "Knee"})
    assert one.here != page
    await one.open("pain")
    await one.answer({"pain": "no"})
    await one.open("pain")
    assert one.name("where") not in dict(browser.document.form(page).values)
    assert answered(settings, one)["where"] == ["Knee"]  # it comes back with its question


async def test_repetitions(browser: Visitor, settings: Settings) -> None:
    """Adding and removing a repetition keeps what was typed on the page, and what stands elsewhere."""
    rows = group("medicine", question("name", required=True), question("dose"), repeats=True)
    one = await small(browser, settings, question("reason"), rows)
    await one.answer({"reason": WORDS})
    await one.answer({"name.0": "Marevan"}, "Add another")
    await one.answer({"name.1": "Burana", "dose.1": "400 mg"}, "Add another")
    await one.answer({"name.2": "Panadol"})
    assert browser.status == 200
    await browser.get(one.page("name"))
    await one.answer({}, "Remove: medicine 1")
    kept = {"name.0": ["Burana"], "dose.0": ["400 mg"], "name.1": ["Panadol"], "reason": [WORDS]}
    assert answered(settings, one) == kept


@pytest.mark.parametrize(
    ("link", "sent"),
    [
        ("height", "9" * 400),
        ("height", "-5"),
        ("height", "1e9"),
        ("height", "NaN"),
        ("pregnancy-week", "4.5"),
        ("reason", "x" * 20_001),
    ],
)
async def test_absurd_answers(pre_visit: Respondent, settings: Settings, link: str, sent: str) -> None:
    """What is too long, too large or of another kind is told, stands in its field as it was typed, and is not sent."""
    await pre_visit.answer(REASON)
    if link == "pregnancy-week":
        await pre_visit.open("pregnant")
        await pre_visit.answer({"pregnant": "pregnant"})
    await pre_visit.open(link)
    page = pre_visit.here
    await pre_visit.answer({link: sent})
    assert pre_visit.visitor.status == 422
    assert (pre_visit.name(link), sent) in pre_visit.visitor.document.form(page).values
    await pre_visit.visitor.get(f"/en/forms/fill/{pre_visit.draft}/check")
    await pre_visit.send()
    if pre_visit.visitor.status == 200:  # what can't be read is not even kept
        response = pre_visit.here.rpartition("/")[2]
        assert link not in answered(settings, response)


async def test_not_offered(pre_visit: Respondent, settings: Settings) -> None:
    """An option that is not there is refused in words, whatever it is called."""
    for sent in ("99", "-1", "yes", "\x00"):
        await pre_visit.open("since")
        await pre_visit.visitor.submit(pre_visit.here, **{pre_visit.name("since"): sent})
        assert pre_visit.visitor.status in (200, 422)
        assert "since" not in answered(settings, pre_visit)


@pytest.mark.parametrize("name", ["f9999", "nonsense", "f3.7", "f3-hour", "subject_id"])
async def test_unknown_field(pre_visit: Respondent, settings: Settings, name: str) -> None:
    """A field that the form has not is named, and nothing of the page is stored."""
    await pre_visit.visitor.submit(pre_visit.here, **{name: "1", pre_visit.name("reason"): WORDS})
    assert pre_visit.visitor.status == 422
    assert name in summary(pre_visit.visitor.document)[0][0]
    assert answered(settings, pre_visit) == {}


async def test_hidden_and_read_only(browser: Visitor, settings: Settings) -> None:
    """What a resident does not fill is never taken from a browser."""
    one = await small(
        browser,
        settings,
        group("g", question("a"), question("b", readOnly=True), question("c", extension=[HIDDEN])),
    )
    for link in ("b", "c"):
        await browser.submit(one.here, **{one.name("a"): "mine", one.name(link): "forged"})
        assert browser.status == 422
        await browser.submit(one.here, asked=f"{one.name('a')} {one.name(link)}", **{one.name("a"): "mine"})
        assert link not in answered(settings, one)
        await one.open("a")


async def test_the_session_ends_in_the_middle(visitor: Visitor, settings: Settings) -> None:
    """A page sent after the session has ended is kept, and saved in the draft after signing in again."""
    visitor.language = "en"
    await visitor.get("/en/sign-in?next=/en/my/forms")
    await visitor.sign_in(ANNA)
    one = Respondent(visitor, "pre-visit", shipped("pre-visit"))
    draft = await one.begin()
    query = (
        "update browser_session set seen_at = %s where person_id = (select actor_id from form_response where id = %s)"
    )
    change(settings, query, FIXED_NOW - timedelta(minutes=16), draft)
    await one.answer({"reason": WORDS})
    assert visitor.path.startswith("/en/sign-in?")
    assert answered(settings, draft) == {}
    await visitor.sign_in(ANNA)
    assert "/session/kept/" in visitor.path
    await visitor.submit(f"/fill/{draft}/page/1")
    assert f"/fill/{draft}/page/" in visitor.path
    assert answered(settings, draft)["reason"] == [WORDS]
    assert rows_of(settings, "select 1 from set_aside") == []


async def test_the_same_page_again(pre_visit: Respondent, settings: Settings) -> None:
    """After a lost connection the same page is simply sent again."""
    form = pre_visit.visitor.document.form(pre_visit.here)
    for _ in range(3):
        await pre_visit.visitor.send(form, "", **pre_visit.fields({"reason": WORDS}))
        assert pre_visit.visitor.status == 200
    assert answered(settings, pre_visit) == {"reason": [WORDS]}


async def test_nobody_elses(app: FastAPI, pre_visit: Respondent, settings: Settings) -> None:
    """Somebody else's draft is not found, whatever is asked of it, and stays as it was."""
    await pre_visit.answer(REASON)
    before, draft = answered(settings, pre_visit), pre_visit.draft
    async with Visitor(app, settings.public_url, "en") as other:
        other.client.cookies.set("asiointi", sign_in_many(settings, 1)[0].cookie)
        await other.get("/en/forms/pre-visit")
        token = dict(other.document.form("/forms/pre-visit").values)["form_token"]
        for path in ("", "/page/1", "/check"):
            await other.get(f"/en/forms/fill/{draft}{path}")
            assert other.status == 404
        for path in (f"/en/forms/fill/{draft}/page/1", f"/en/forms/fill/{draft}/check", f"/en/my/forms/{draft}/delete"):
            await other.post(path, {"form_token": token, "asked": "f3", "f3": "x"})
            assert other.status == 404
    assert answered(settings, draft) == before


async def test_without_signing_in(nobody: Respondent, app: FastAPI, settings: Settings) -> None:
    """A notice without signing in: saved in this browser for seven days, found in no list, sent once, no trace left."""
    visitor, draft = nobody.visitor, nobody.draft
    assert "Max-Age=604800" in str(visitor.client.cookies.jar) or visitor.client.cookies.get("asiointi")
    await nobody.answer({"role": "private"})
    await nobody.answer({"anonymous": "anonymous"})
    await nobody.answer({"danger-now": "no"})
    async with Visitor(app, settings.public_url, "en") as other:
        await other.get(f"/en/forms/fill/{draft}")
        assert other.status == 404
    await nobody.open("address")
    await nobody.answer(ADDRESS)
    await nobody.open("worry-words")
    await nobody.answer({"worry-words": NOTICE["worry-words"]})
    await nobody.to_check()
    form = visitor.document.form("/check")
    answers = await asyncio.gather(*(visitor.client.post(form.action, data=dict(form.values)) for _ in range(2)))
    (receipt,) = {one.headers["location"] for one in answers}
    assert rows_of(settings, "select 1 from form_response where id = %s", draft) == []
    await visitor.get(receipt)
    concern = concern_of("concern-older")
    assert concern
    said = {who for who in ("named", "work", "anonymous") if concern.after[who].to("en") in visitor.document.text}
    assert said == {"anonymous"}
    await visitor.get(f"/en/forms/fill/{draft}/page/1")
    assert visitor.status == 404


async def test_thrown_away(pre_visit: Respondent, settings: Settings) -> None:
    """A draft is deleted after one is asked, and is gone from the list."""
    await pre_visit.answer(REASON)
    draft, visitor = pre_visit.draft, pre_visit.visitor
    await visitor.get("/en/my/forms")
    await visitor.get(visitor.document.leading_to(f"{draft}/delete"))
    await visitor.submit(f"/{draft}/delete")
    assert visitor.path == "/en/my/forms"
    assert draft not in visitor.body.decode()
    assert rows_of(settings, "select 1 from form_response where id = %s", uuid.UUID(draft)) == []
