"""Files with a form, through its pages and without scripts: kept, refused in words, taken away, read by whom."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from fastapi import FastAPI

from app.settings import Settings
from app.simulators.scanner.protocol import EICAR
from tests.tools.attacker import Attacker
from tests.tools.deliveries import rows_of
from tests.tools.desk import staff
from tests.tools.respondent import Respondent, answered, draft_of, small, summary
from tests.tools.small_forms import group, publish, question
from tests.tools.visitor import Visitor
from tests.web.test_outages import fault

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63600000000200015de2"
    "21bc0000000049454e44ae426082"
)
PAGE = group("g", question("files", "attachment", repeats=True), question("picture", "attachment"), question("more"))


@pytest_asyncio.fixture(loop_scope="session")
async def one(browser: Visitor, settings: Settings) -> AsyncIterator[Respondent]:
    """Somebody at a page that takes files."""
    yield await small(browser, settings, PAGE)


async def attach(one: Respondent, *files: tuple[str, str, bytes], button: str = "attach", **given: str) -> None:
    """Send the page with files, by (linkId, name, content), as a browser without scripts does."""
    form = one.visitor.document.form(one.here)
    assert form.element.get("enctype") == "multipart/form-data"
    fields = {**dict(form.values), **{one.name(link): words for link, words in given.items()}}
    for link in ("files", "picture"):
        fields.pop(one.name(link), None)
    fields |= {button: one.name("files")} if button else {}
    sent = [(one.name(link), (name, content, "application/octet-stream")) for link, name, content in files]
    answer = await one.visitor.client.post(form.action, data=fields, files=sent)
    await one.visitor._follow(answer)


def kept(settings: Settings, one: Respondent) -> list[str]:
    query = "select title from attachment where response_id = %s order by created_at, title"
    return [row["title"] for row in rows_of(settings, query, one.draft)]


async def test_kept(one: Respondent, settings: Settings) -> None:
    """Files come with the page, whichever button is pressed, together with what was typed on it."""
    await attach(one, ("files", "statement.pdf", PDF), more="By post too")
    assert (one.visitor.status, kept(settings, one)) == (200, ["statement.pdf"])
    assert "statement.pdf" in one.visitor.document.text
    assert dict(one.visitor.document.form(one.here).values)[one.name("more")] == "By post too"
    await attach(one, ("files", "knee.png", PNG), ("picture", "face.png", PNG), button="")
    assert sorted(kept(settings, one)) == ["face.png", "knee.png", "statement.pdf"]
    assert one.here.endswith("/check")
    assert "knee.png" in one.visitor.document.text
    await one.send()
    assert "/forms/sent/" in one.here


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("program.pdf", b"MZ" + bytes(200), "this kind of file"),
        ("virus.txt", EICAR, "malware"),
        ("empty.pdf", b"", "empty"),
        ("large.png", PNG + bytes(10 * 1024 * 1024), "too large"),
    ],
    ids=["program", "malware", "empty", "large"],
)
async def test_refused(one: Respondent, settings: Settings, name: str, content: bytes, words: str) -> None:
    """A file that can't be taken is refused in words at its question; the good one beside it and the text are kept."""
    await attach(one, ("files", "good.pdf", PDF), ("files", name, content), more="Words")
    assert one.visitor.status == 422
    ((told, target),) = summary(one.visitor.document)
    assert words in told
    assert target == f"#{one.name('files')}"
    assert kept(settings, one) == ["good.pdf"]
    assert answered(settings, one)["more"] == ["Words"]


async def test_scanner_away(one: Respondent, settings: Settings) -> None:
    """While nobody can look at files, none is kept, the page says so, and the form can be sent without it."""
    async with fault(settings, "scanner", "refuse"):
        await attach(one, ("files", "statement.pdf", PDF), button="", more="Words")
        assert one.visitor.status == 503
        assert "We can't check files just now" in summary(one.visitor.document)[0][0]
        assert (kept(settings, one), answered(settings, one)) == ([], {"more": ["Words"]})
        await one.answer()
        assert one.here.endswith("/check")
        await one.send()
    assert "/forms/sent/" in one.here


async def test_taken_away(one: Respondent, settings: Settings) -> None:
    """A file is taken away by its button; what else was typed stays."""
    await attach(one, ("files", "a.pdf", PDF), ("files", "b.pdf", PDF))
    form = one.visitor.document.form(one.here)
    button = next(button for button in form.buttons if button[1] == "detach" and "a.pdf" in button[0])
    values: dict[str, str | list[str]] = {**dict(form.values), one.name("more"): "Words", "detach": button[2]}
    await one.visitor.post(form.action, values)
    assert one.visitor.status == 200
    assert kept(settings, one) == ["b.pdf"]
    assert answered(settings, one)["more"] == ["Words"]


async def test_only_one(one: Respondent, settings: Settings) -> None:
    """A question for one file has no place for another; one that is sent all the same takes its place."""
    await attach(one, ("picture", "first.png", PNG))
    inputs = [element.get("name") for element in one.visitor.document.all("input") if element.get("type") == "file"]
    assert inputs == [one.name("files")]
    await attach(one, ("picture", "second.png", PNG))
    assert kept(settings, one) == ["second.png"]


async def test_an_unknown_place(one: Respondent, settings: Settings) -> None:
    """A file for a question that the form has not is named and not kept, nor is any other of the page."""
    form = one.visitor.document.form(one.here)
    sent = [(one.name("files"), ("good.pdf", PDF)), ("f77", ("bad.pdf", PDF))]
    answer = await one.visitor.client.post(form.action, data=dict(form.values), files=sent)
    assert answer.status_code == 422
    assert "f77" in answer.text
    assert kept(settings, one) == []


async def test_read_by_whom(one: Respondent, app: FastAPI, settings: Settings) -> None:
    """The owner and the staff of the case download a file as it was; for anybody else there is none."""
    await attach(one, ("files", "statement.pdf", PDF), button="")
    draft = one.draft
    await one.send()
    (file,) = rows_of(settings, "select id from attachment where response_id = %s", draft)
    path = f"/en/forms/files/{file['id']}"
    await one.visitor.get(f"/en/my/forms/{draft}")
    assert path in [href for _words, href in one.visitor.document.links()]
    mine = await one.visitor.client.get(path)
    assert (mine.status_code, mine.content) == (200, PDF)
    assert "no-store" in mine.headers["cache-control"]
    assert mine.headers["x-content-type-options"] == "nosniff"
    assert "attachment" in mine.headers["content-disposition"]
    async with Attacker.resident(app, settings) as other, Attacker(app, settings) as nobody:
        assert (await other.send("GET", path)).status_code == 404
        assert (await nobody.send("GET", path)).status_code == 404
    theirs = f"/en/staff/files/{file['id']}"
    case = draft_of(settings, draft)["case_id"]
    async with staff(app, settings, "triage_nurse", "mikkeli") as nurse:
        assert theirs in (await nurse.send("GET", f"/en/staff/cases/{case}")).text
        assert (await nurse.send("GET", theirs)).content == PDF
    async with staff(app, settings, "triage_nurse", "savonlinna") as stranger:
        assert (await stranger.send("GET", theirs)).status_code in (403, 404)


async def test_files_of_a_notice(app: FastAPI, settings: Settings) -> None:
    """In a form that needs no signing in, files are the browser's."""
    async with Visitor(app, settings.public_url, "en") as nobody, Visitor(app, settings.public_url, "en") as other:
        one = Respondent(nobody, *publish(settings, PAGE, who="anyone"))
        await one.begin()
        await attach(one, ("files", "statement.pdf", PDF))
        (file,) = rows_of(settings, "select id from attachment where response_id = %s", one.draft)
        assert (await nobody.client.get(f"/en/forms/files/{file['id']}")).content == PDF
        assert (await other.client.get(f"/en/forms/files/{file['id']}")).status_code == 404
