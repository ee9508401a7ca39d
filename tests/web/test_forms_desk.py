"""The desk of content owners: forms brought in, translated, reviewed by a second person, published and retired."""

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest_asyncio
from fastapi import FastAPI

from app.settings import Settings
from tests.tools.attacker import Attacker
from tests.tools.deliveries import rows_of
from tests.tools.desk import staff
from tests.tools.document import Document
from tests.tools.visitor import Visitor

TITLES = {"fi": "Kysely", "sv": "Enkät", "en": "Survey"}
SETTINGS = {
    "kind": "other",
    "register": "patient",
    "service_task": "",
    "unit": "mikkeli",
    "who": "signed_in",
    **{f"title_{code}": words for code, words in TITLES.items()},
    **{f"summary_{code}": f"{words}." for code, words in TITLES.items()},
}
Fields = dict[str, str]


@pytest_asyncio.fixture(loop_scope="session")
async def kaisa(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    async with staff(app, settings, "content_owner") as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def maija(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    async with staff(app, settings, "content_owner") as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def nobody(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    async with Attacker(app, settings) as one:
        yield one


def words(text: str, **more: str) -> dict[str, Any]:
    """A Finnish string of an item, with its translations."""
    parts = [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/translation",
            "extension": [{"url": "lang", "valueCode": code}, {"url": "content", "valueString": words}],
        }
        for code, words in more.items()
    ]
    return {"text": text, **({"_text": {"extension": parts}} if parts else {})}


def questionnaire(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A small Questionnaire in Finnish, all in three languages unless `items` say otherwise."""
    whole = {"linkId": "pain", "type": "boolean", **words("Onko kipua?", sv="Har du ont?", en="Any pain?")}
    title = words(TITLES["fi"], sv=TITLES["sv"], en=TITLES["en"])
    return {
        "resourceType": "Questionnaire",
        "language": "fi",
        "name": f"Kysely {uuid.uuid4().hex[:8]}",
        "title": title["text"],
        "_title": title["_text"],
        "item": list(items) or [whole],
        **more,
    }


async def bring_in(one: Attacker, content: object, **fields: str) -> httpx.Response:
    """Upload a file on the page for it; a page that shows the JSON again has braces, so no answer is inspected here."""
    data = {"form_token": one.token(), "language": "fi", **fields}
    file = ("kysely.json", json.dumps(content).encode(), "application/json")
    return await one.client.post("/fi/staff/forms/new", data=data, files={"file": file})


async def draft(one: Attacker, content: dict[str, Any] | None = None, **settings: str | list[str]) -> str:
    """The address of a draft with whole settings."""
    answer = await bring_in(one, content or questionnaire())
    assert answer.status_code == 303, answer.text
    path = answer.headers["location"].removesuffix("/settings")
    page = Document((await one.send("GET", f"{path}/settings")).text)
    kept = dict(page.form("/settings").values)
    clinical: dict[str, str] = {"clinical": "yes"}
    values = {**SETTINGS, **clinical, "code": kept["code"], "revision": kept["revision"], **settings}
    answer = await one.post(f"{path}/settings", **{name: value for name, value in values.items() if value != "no"})
    assert answer.status_code == 303, answer.text
    return str(path)


async def revision(one: Attacker, path: str) -> str:
    """The revision that the database has now, as a page that is opened now would say it."""
    page = Document((await one.send("GET", f"{path}/retire")).text)
    return dict(page.form("/retire").values)["revision"]


async def do(one: Attacker, path: str, step: str, **fields: str) -> httpx.Response:
    """A step of the way on a page that was opened just now."""
    return await one.post(f"{path}/{step}", **{"revision": await revision(one, path), **fields})


async def publish(one: Attacker, path: str, day: str = "24 11 2026", **fields: str) -> httpx.Response:
    parts = dict(zip(("day-day", "day-month", "day-year"), day.split(), strict=True))
    return await do(one, path, "publish", **parts, **fields)


def row(settings: Settings, path: str) -> dict[str, Any]:
    (found,) = rows_of(settings, "select * from questionnaire where id = %s", path.rsplit("/", 1)[1])
    return found


def events(settings: Settings, path: str) -> list[str]:
    query = "select event from questionnaire_event where questionnaire_id = %s order by at, (detail->>'revision')::int"
    return [one["event"] for one in rows_of(settings, query, path.rsplit("/", 1)[1])]


def counted(settings: Settings) -> int:
    return int(rows_of(settings, "select count(*) as number from questionnaire")[0]["number"])


async def test_clinical_content_needs_two(kaisa: Attacker, maija: Attacker, settings: Settings) -> None:
    """Who brought a clinical form in neither approves nor publishes it alone; with the second person's approval it is
    published, who did what is kept, and the audit trail has it without any resident."""
    path = await draft(kaisa)
    assert (await publish(kaisa, path)).status_code == 422
    assert (await do(kaisa, path, "send")).status_code == 303
    assert (await do(kaisa, path, "review", verdict="approve")).status_code == 409
    assert (await publish(kaisa, path)).status_code == 422
    assert (await do(maija, path, "review", verdict="approve")).status_code == 303
    assert (await publish(kaisa, path)).status_code == 303
    assert row(settings, path)["state"] == "published"
    assert events(settings, path) == ["imported", "settings", "sent_for_review", "approved", "published"]
    page = Document((await kaisa.send("GET", path)).text)
    assert "Approved" in page.text or "Hyväksytty" in page.text
    query = "select action, subject_id from audit_event where target_kind = 'questionnaire' and target_id = %s"
    audited = rows_of(settings, query, path.rsplit("/", 1)[1])
    assert {one["action"] for one in audited} == set(events(settings, path))
    assert {one["subject_id"] for one in audited} == {None}


async def test_an_edit_takes_the_approval_away(kaisa: Attacker, maija: Attacker, settings: Settings) -> None:
    """After an approval any change sends the version back to be reviewed, by somebody who is not the last editor."""
    path = await draft(kaisa)
    await do(kaisa, path, "send")
    await do(maija, path, "review", verdict="approve")
    fields = dict(Document((await maija.send("GET", f"{path}/texts")).text).form("/texts").values)
    name = next(name for name, value in fields.items() if value == "Onko kipua?")
    assert (await maija.post(f"{path}/texts", **{**fields, name: "Onko sinulla kipua?"})).status_code == 303
    assert row(settings, path)["state"] == "draft"
    assert (await publish(kaisa, path)).status_code == 422
    await do(kaisa, path, "send")
    assert (await do(maija, path, "review", verdict="approve")).status_code == 409  # she changed it last
    assert (await do(kaisa, path, "review", verdict="approve")).status_code == 409  # she brought it in
    assert (await publish(maija, path)).status_code == 422
    assert row(settings, path)["content"]["item"][0]["text"] == "Onko sinulla kipua?"


async def test_the_mark_is_not_taken_away_to_publish_alone(kaisa: Attacker, settings: Settings) -> None:
    """A version that was called clinical once needs two persons whatever its settings say later, and so do the next
    versions of the form."""
    path = await draft(kaisa)
    code = row(settings, path)["code"]
    assert (await do(kaisa, path, "settings", **SETTINGS, code=code)).status_code == 303
    assert row(settings, path)["clinical"] is False
    assert (await publish(kaisa, path)).status_code == 422
    assert row(settings, path)["state"] == "draft"


async def test_other_content_by_one(kaisa: Attacker, nobody: Attacker, settings: Settings) -> None:
    """Content that is not clinical is published by one; texts that lack a language only with an explicit tick. It is
    filled in from its day on, the version before until then."""
    item = {"linkId": "a", "type": "string", **words("Mitä kuuluu?", sv="Hur mår du?")}
    path = await draft(kaisa, questionnaire(item), clinical="no", who="anyone")
    assert (await publish(kaisa, path)).status_code == 422
    assert (await publish(kaisa, path, day="1 11 2026", although="yes")).status_code == 422
    assert (await publish(kaisa, path, although="yes")).status_code == 303
    code = row(settings, path)["code"]
    copied = await kaisa.post(f"{path}/copy")
    newer = copied.headers["location"]
    assert row(settings, newer)["version"] == "2"
    assert row(settings, newer)["content"]["version"] == "2"
    assert (await publish(kaisa, newer, day="1 12 2026", although="yes")).status_code == 303
    assert (await nobody.send("GET", f"/fi/forms/{code}")).status_code == 200
    lists = Document((await kaisa.send("GET", "/fi/staff/forms")).text)
    assert lists.text.count(code) == 1
    query = "select version from questionnaire where code = %s and state = 'published' and effective_from <= %s"
    assert [one["version"] for one in rows_of(settings, query, code, "2026-11-24")] == ["1"]


async def test_retired(kaisa: Attacker, nobody: Attacker, settings: Settings) -> None:
    """Retiring asks what becomes of the version before; then nobody begins to fill in the form."""
    path = await draft(kaisa, clinical="no", who="anyone")
    await publish(kaisa, path)
    newer = (await kaisa.post(f"{path}/copy")).headers["location"]
    await publish(kaisa, newer)
    assert (await do(kaisa, newer, "retire")).status_code == 422
    assert (await do(kaisa, newer, "retire", older="too")).status_code == 303
    assert {row(settings, one)["state"] for one in (path, newer)} == {"retired"}
    assert (await nobody.send("GET", f"/fi/forms/{row(settings, path)['code']}")).status_code == 404
    assert (await do(kaisa, newer, "retire", older="too")).status_code == 409


async def test_refused_with_every_note(kaisa: Attacker, settings: Settings) -> None:
    """A form that would ask the wrong thing is not kept; the page says why, naming the item by linkId and text."""
    when = {"question": "nowhere", "operator": "=", "answerBoolean": True}
    broken = {"linkId": "b7", "type": "string", "text": "Missä kohtaa?", "enableWhen": [when]}
    before = counted(settings)
    answer = await bring_in(kaisa, questionnaire(broken, {"linkId": "c8", "type": "nonsense", "text": "Outo"}))
    page = Document(answer.text)
    assert answer.status_code == 422
    for told in ("b7 Missä kohtaa?", "nowhere", "c8 Outo", "nonsense"):
        assert told in page.text
    assert counted(settings) == before
    assert (await bring_in(kaisa, [])).status_code == 422
    assert (await bring_in(kaisa, {"resourceType": "Patient"})).status_code == 422
    assert counted(settings) == before


async def test_what_is_too_large(kaisa: Attacker, settings: Settings) -> None:
    """A file above 5 MB is refused in words, a much larger body before it is read whole; nothing is kept."""
    before = counted(settings)
    large = await bring_in(kaisa, questionnaire(description="x" * 5_200_000))
    assert large.status_code == 422
    assert "5 M" in Document(large.text).text
    assert (await bring_in(kaisa, questionnaire(description="x" * 8_000_000))).status_code == 413
    pasted = {"form_token": (None, kaisa.token()), "json": (None, json.dumps({"x": "y" * 1_200_000}))}
    assert (await kaisa.send("POST", "/fi/staff/forms/new", files=pasted)).status_code == 400
    assert counted(settings) == before


async def test_expressions_are_tried(kaisa: Attacker, settings: Settings) -> None:
    """What decides whether something is asked must be FHIRPath; another expression that is not is told of."""
    sdc = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
    bad = {"valueExpression": {"language": "text/fhirpath", "expression": "1 +* ("}}
    item = {"linkId": "a1", "type": "string", "text": "Kysymys"}
    enabling = {**item, "extension": [{"url": sdc + "enableWhenExpression", **bad}]}
    answer = await bring_in(kaisa, questionnaire(enabling))
    assert answer.status_code == 422
    assert "a1 Kysymys" in Document(answer.text).text
    proposing = {**item, "extension": [{"url": sdc + "initialExpression", **bad}]}
    path = await draft(kaisa, questionnaire(proposing))
    notes = [(note["code"], note["weight"]) for note in row(settings, path)["notes"]]
    assert ("expression_unparsed", "unsupported") in notes


async def test_a_version_that_is_there(kaisa: Attacker, settings: Settings) -> None:
    """The same version is not taken twice: the page offers the next free number and keeps what was sent."""
    content = questionnaire(version="1.9")
    path = await draft(kaisa, content)
    code = row(settings, path)["code"]
    answer = await bring_in(kaisa, content, form=code)
    again = Document(answer.text).form("/forms/new")
    assert answer.status_code == 422
    assert dict(again.values)["version"] == "1.10"
    values = {**dict(again.values), "form_token": kaisa.token()}
    assert json.loads(values["json"]) == content
    made = await kaisa.send("POST", "/fi/staff/forms/new", data=values)
    assert made.status_code == 303
    assert row(settings, made.headers["location"].removesuffix("/settings"))["version"] == "1.10"


async def test_a_form_without_a_name_of_its_own(kaisa: Attacker, settings: Settings) -> None:
    """A file without url, version and language gets them: a urn, 1, and the language that was chosen."""
    content = {"resourceType": "Questionnaire", "title": "Survey", "item": [{"linkId": "1", "type": "boolean"}]}
    answer = await bring_in(kaisa, content, language="en")
    made = row(settings, answer.headers["location"].removesuffix("/settings"))
    assert made["url"].startswith("urn:uuid:")
    assert (made["version"], made["content"]["language"], made["titles"]) == ("1", "en", {"en": "Survey"})


async def test_somebody_else_was_faster(kaisa: Attacker, maija: Attacker, settings: Settings) -> None:
    """Of two who edit at once the second loses nothing: the page says so, with what they typed and what is kept."""
    path = await draft(kaisa)
    first, second = [
        dict(Document((await one.send("GET", f"{path}/texts")).text).form("/texts").values) for one in (kaisa, maija)
    ]
    name = next(name for name, value in first.items() if value == "Onko kipua?")
    assert (await kaisa.post(f"{path}/texts", **{**first, name: "Kaisan sanat"})).status_code == 303
    late = await maija.post(f"{path}/texts", **{**second, name: "Maijan sanat"})
    assert late.status_code == 409
    assert "Kaisan sanat" in late.text
    assert "Maijan sanat" in late.text
    assert row(settings, path)["content"]["item"][0]["text"] == "Kaisan sanat"
    typed = {**SETTINGS, "code": row(settings, path)["code"], "title_fi": "Uusi nimi", "revision": "1"}
    late = await maija.post(f"{path}/settings", **typed)
    assert late.status_code == 409
    assert "Uusi nimi" in late.text


async def test_texts_and_marks(kaisa: Attacker, settings: Settings) -> None:
    """Texts, translations and marks are written into the Questionnaire; the wording in the form's own language can't be
    left out where there is a translation of it; a published version is edited by nobody."""
    option = {"valueCoding": {"code": "y", "display": "Kyllä"}}
    content = questionnaire(
        {"linkId": "q", "type": "choice", "text": "Ajatteletko kuolemaa?", "answerOption": [option]}
    )
    path = await draft(kaisa, content, clinical="no")
    fields = dict(Document((await kaisa.send("GET", f"{path}/texts")).text).form("/texts").values)
    text = next(name for name, value in fields.items() if value == "Ajatteletko kuolemaa?").removesuffix("-fi")
    alarm = next(name for name in fields if name.startswith("alarm"))
    changed = {**fields, f"{text}-sv": "Tänker du på döden?", alarm: "self_harm", "changed2": "yes"}
    wordless = await kaisa.post(f"{path}/texts", **{**changed, f"{text}-fi": ""})
    assert wordless.status_code == 422
    assert f"#{text}-fi" in wordless.text
    assert (await kaisa.post(f"{path}/texts", **changed)).status_code == 303
    item = row(settings, path)["content"]["item"][0]
    assert "Tänker du på döden?" in json.dumps(item["_text"], ensure_ascii=False)
    assert item["answerOption"][0]["extension"][0]["valueCode"] == "self_harm"
    assert item["extension"][0]["url"].endswith("/meaning-changed")
    await publish(kaisa, path, although="yes")
    assert (await kaisa.send("GET", f"{path}/texts")).status_code == 409
    assert (await do(kaisa, path, "texts", **{f"{text}-fi": "Uusi"})).status_code == 409
    assert (await do(kaisa, path, "settings", **SETTINGS, code=row(settings, path)["code"])).status_code == 409


async def test_returned_with_a_reason(kaisa: Attacker, maija: Attacker, settings: Settings) -> None:
    """The second person may give it back; then it says why."""
    path = await draft(kaisa)
    await do(kaisa, path, "send")
    assert (await do(maija, path, "review", verdict="return")).status_code == 422
    assert (await do(maija, path, "review", verdict="return", reason="Kysy lyhyemmin.")).status_code == 303
    assert row(settings, path)["state"] == "draft"
    assert "Kysy lyhyemmin." in (await kaisa.send("GET", path)).text


async def test_preview(kaisa: Attacker, settings: Settings) -> None:
    """Every page in each language and both voices, also what is asked by a condition; what is missing is listed."""
    when = [{"question": "a", "operator": "=", "answerBoolean": True}]
    path = await draft(
        kaisa,
        questionnaire(
            {"linkId": "a", "type": "boolean", **words("Onko kipua?", sv="Har du ont?")},
            {"linkId": "b", "type": "string", **words("Missä?", sv="Var?", en="Where?"), "enableWhen": when},
        ),
    )
    swedish = await kaisa.send("GET", f"{path}/preview?text=sv&voice=another")
    page = Document(swedish.text)
    assert "Har du ont?" in page.text
    assert "Var?" in page.text
    assert any("texts?part=1#t" in href for _words, href in page.links())
    for shipped in rows_of(settings, "select id from questionnaire where state = 'published' limit 40"):
        assert (await kaisa.send("GET", f"/sv/staff/forms/{shipped['id']}/preview?text=en")).status_code == 200


async def test_where_they_begin(visitor: Visitor) -> None:
    """A content owner who signs in begins at the forms, not at a queue of cases that they never see."""
    await visitor.get("/fi/staff/sign-in")
    await visitor.sign_in("Kaisa")
    assert visitor.path == "/fi/staff/forms"
    assert visitor.document.leading_to("/staff/forms/new")
