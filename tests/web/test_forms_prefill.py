"""What is filled in beforehand: known, answered before or measured; said from where, changeable, never leaked."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from app.content import load
from app.domain.forms.answers import Address
from app.domain.forms.model import Form
from app.domain.forms.reading.questionnaire import read_form
from app.domain.forms.values import Coding, Value
from app.integrations.kanta.phr.client import KantaPhr, PhrConfig
from app.integrations.kanta.phr.port import Measurement
from app.services.forms.drafts import open_draft, save_answers, start_draft
from app.services.forms.library import current_version
from app.services.forms.send import send_response
from app.services.viewer import Viewer
from app.settings import Settings
from tests.tools.deliveries import carrier, change, rows_of
from tests.tools.document import Document
from tests.tools.people import SignedIn, sign_in_many
from tests.tools.visitor import Visitor
from tests.tools.world import FIXED_NOW
from tests.web.test_acting import act_for, person
from tests.web.test_health_record import give, nothing_yet
from tests.web.test_outages import fault

__all__ = ["nothing_yet"]
KNOWN, FROM_FORM, OFFERED = "We knew this already", "From the form of 24 November 2026", "Earlier answer:"
BY_KANTA = "From Kanta, measured 20 November 2026"
LINK_OF_PAGE = {
    "weight": "page-body",
    "height": "page-body",
    "interpreter": "page-needs",
    "allergies": "page-allergies",
}


@cache
def form_of(code: str) -> Form:
    return read_form(load(f"forms/{code}.json")).form


def field(link: str, code: str = "pre-visit") -> str:
    """The name of a question's field."""
    return f"f{form_of(code).by_link[link].number}"


@dataclass
class Resident(Visitor):
    """Somebody who has signed in, in their browser."""

    who: SignedIn | None = None


@asynccontextmanager
async def arrived(app: FastAPI, settings: Settings) -> AsyncIterator[Resident]:
    """A resident of whom nothing is known yet."""
    who = sign_in_many(settings, 1)[0]
    async with Resident(app, settings.public_url, who=who) as one:
        one.client.cookies.set("asiointi", who.cookie)
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def resident(app: FastAPI, settings: Settings) -> AsyncIterator[Resident]:
    """The same as a fixture."""
    async with arrived(app, settings) as one:
        yield one


def viewer_of(one: Resident) -> Viewer:
    assert one.who
    return Viewer(one.who.session_id, one.who.person_id)


async def begin(one: Visitor, code: str = "pre-visit", button: str = "Start") -> str:
    """A new draft in English; returns its address."""
    await one.get(f"/en/forms/{code}")
    await one.submit(f"/forms/{code}", button)
    assert one.status == 200, one.document.text[:300]
    return one.path.partition("/page/")[0]


async def page_of(one: Visitor, draft: str, link: str, code: str = "pre-visit") -> dict[str, str]:
    """On to the page with a question; returns what stands in its fields."""
    top = next(item for item in form_of(code).items if any(below.link_id == link for below in item.walk()))
    await one.get(f"{draft}/page/{top.number}")
    assert one.path.endswith(f"/page/{top.number}"), one.path
    return dict(one.document.form(f"/page/{top.number}").values)


async def keep(one: Visitor, button: str = "Continue", **fields: str) -> None:
    await one.send(one.document.form(one.path.partition("?")[0]), button, **fields)


async def sent(settings: Settings, viewer: Viewer, code: str = "pre-visit", **answers: Value) -> uuid.UUID:
    """A response that the viewer has sent; `answers` by linkId, with `_` for `-`."""
    given: dict[Address, tuple[Value, ...]] = {
        Address(item.link_id): (item.options[-1].value if item.options else "Polvi",)
        for item in form_of(code).by_link.values()
        if item.required
    }
    given |= {Address(link.replace("_", "-")): (value,) for link, value in answers.items()}
    async with carrier(settings) as ours, ours.transactions() as session:
        draft = await start_draft(session, viewer, await current_version(session, code), "fi")
        filling = await open_draft(session, viewer, draft.id, change=True)
        await send_response(session, viewer, await save_answers(session, filling, given), "fi")
        return draft.id


def shown_of(settings: Settings, draft: str) -> dict[str, Any]:
    (row,) = rows_of(settings, "select shown from form_response where id = %s", draft.rpartition("/")[2])
    found: dict[str, Any] = row["shown"]
    return found


def give_contact(settings: Settings, owner: uuid.UUID, *, verified: bool = True) -> None:
    for kind, value in (("phone", "+358401234567"), ("email", "testi@example.com")):
        change(
            settings,
            "insert into contact_point (id, person_id, kind, value, verified_at, code_tries, changed_at)"
            " values (%s, %s, %s, %s, %s, 0, now()) on conflict (person_id, kind) do update set value = excluded.value",
            uuid.uuid4(),
            owner,
            kind,
            value,
            FIXED_NOW if verified else None,
        )


async def test_contact_data_are_filled_in_and_can_be_changed(resident: Resident, settings: Settings) -> None:
    """Phone and e-mail that the resident has proved stand in the form with their source, until they are changed."""
    give_contact(settings, viewer_of(resident).person_id or uuid.uuid4())
    draft, phone = await begin(resident, "application-mobility"), field("phone", "application-mobility")
    values = await page_of(resident, draft, "phone", "application-mobility")
    assert (values[phone], resident.document.text.count(KNOWN)) == ("+358401234567", 2)
    await keep(resident, **{phone: "040 999 8888"})
    assert resident.path.endswith("/check")
    assert resident.document.text.count(KNOWN) == 1
    assert [row[0] for row in shown_of(settings, draft)["from"]] == ["email"]


@pytest.mark.parametrize("why", ["not proved", "non-disclosure"])
async def test_contact_data_that_stay_out(resident: Resident, settings: Settings, why: str) -> None:
    """A number that nobody has proved is not filled in, nor any under non-disclosure."""
    me = viewer_of(resident).person_id
    assert me
    give_contact(settings, me, verified=why != "not proved")
    change(settings, "update person set non_disclosure = %s where id = %s", why == "non-disclosure", me)
    draft = await begin(resident, "application-mobility")
    values = await page_of(resident, draft, "phone", "application-mobility")
    assert values[field("phone", "application-mobility")] == ""


async def test_contact_data_of_nobody_else(visitor: Visitor, settings: Settings) -> None:
    """Acting for her mother, the daughter gets neither her own number nor her mother's into the form."""
    for name in ("Marja", "Aili"):
        give_contact(settings, person(settings, name))
    await act_for(visitor, "Marja", "Aili")
    draft = await begin(visitor, "application-mobility")
    values = await page_of(visitor, draft, "phone", "application-mobility")
    assert values[field("phone", "application-mobility")] == ""
    change(
        settings,
        "delete from contact_point where person_id = any(%s)",
        [person(settings, "Marja"), person(settings, "Aili")],
    )


async def test_needs_are_asked_once(resident: Resident, settings: Settings) -> None:
    """An interpreter and accessibility that are remembered stand in the form, in the words of its language."""
    query = "insert into person_needs (person_id, interpreter, accessibility, changed_at) values (%s, 'so', %s, now())"
    change(settings, query, viewer_of(resident).person_id, "Pyörätuoli")
    values = await page_of(resident, await begin(resident), "interpreter")
    assert (values[field("interpreter-language")], values[field("access-other")]) == ("Somali", "Pyörätuoli")
    assert resident.document.text.count(KNOWN) == 4


async def test_needs_are_remembered_by_a_tick_only(resident: Resident, settings: Settings) -> None:
    """What a form tells of an interpreter is remembered where the sender ticks so, and never else."""
    for tick in ({}, {"remember": "yes"}):
        draft = await begin(resident, button="Start empty" if tick else "Start")
        await page_of(resident, draft, "reason")
        await keep(resident, **{field("reason"): "Knee"})
        await page_of(resident, draft, "interpreter")
        chosen = [
            str(n)
            for n, one in enumerate(form_of("pre-visit").by_link["interpreter"].options)
            if one.value == _spoken()
        ]
        await keep(resident, **{field("interpreter"): chosen[0]})
        await page_of(resident, draft, "interpreter")
        await keep(resident, **{field("interpreter"): chosen[0], field("interpreter-language"): "somali"})
        await resident.get(f"{draft}/check")
        await resident.submit("/check", **tick)
        assert "/forms/sent/" in resident.path, resident.document.text[:300]
        found = rows_of(
            settings, "select interpreter from person_needs where person_id = %s", viewer_of(resident).person_id
        )
        assert [row["interpreter"] for row in found] == (["so"] if tick else [])


def _spoken() -> Coding:
    return Coding("spoken", "https://asiointi-ikkuna.example/fhir/CodeSystem/pre-visit")


async def test_the_same_form_again(resident: Resident, settings: Settings) -> None:
    """A form is begun with what was sent before: each answer tells from when it is, until it is changed."""
    await sent(settings, viewer_of(resident), reason="Polvi", weight=Decimal("70.5"), height=Decimal(180))
    draft = await begin(resident, button="Start with the answers of 24 November 2026")
    values = await page_of(resident, draft, "weight")
    assert (values[field("weight")], resident.document.text.count(FROM_FORM)) == ("70.5", 2)
    assert FROM_FORM not in text_around(resident, "bmi")
    await keep(resident, **{field("weight"): "71"})
    await page_of(resident, draft, "weight")
    assert resident.document.text.count(FROM_FORM) == 1
    await resident.get(f"{draft}/check")
    assert resident.document.text.count(FROM_FORM) == 2  # the reason and the height
    await resident.submit("/check")
    assert "/forms/sent/" in resident.path


def text_around(one: Visitor, link: str) -> str:
    """What stands beside a question."""
    named = [element for element in one.document.root.iter() if element.get("id") == field(link)]
    return "".join("".join(element.itertext()) for element in named)


async def test_what_speaks_of_its_time_is_asked_anew(resident: Resident, settings: Settings) -> None:
    """Scored answers and those that raise an alarm are never filled in from an earlier form."""
    item = form_of("mental-health").by_link["phq9-9"]
    some = item.options[1].value
    await sent(settings, viewer_of(resident), "mental-health", trouble="Uni", phq9_9=some)
    draft = await begin(resident, "mental-health", "Start with the answers")
    assert [row[0] for row in shown_of(settings, draft)["from"]] == ["trouble"]
    (row,) = rows_of(settings, "select alarmed from form_response where id = %s", draft.rpartition("/")[2])
    assert row["alarmed"] is False


async def test_another_form_only_offers(resident: Resident, settings: Settings) -> None:
    """The weight of another form is told beside the question and used by a button; its source goes with the answer."""
    await sent(settings, viewer_of(resident), "before-surgery", weight=Decimal("70.5"), height=180)
    draft = await begin(resident)
    values = await page_of(resident, draft, "weight")
    assert values[field("weight")] == ""
    assert resident.document.text.count(OFFERED) == 2
    await keep(resident, "Use this answer: How tall")
    values = await page_of(resident, draft, "weight")
    assert (values[field("height")], values[field("weight")]) == ("180", "")
    assert "24 November 2026. Check" in resident.document.text
    assert resident.document.text.count(OFFERED) == 1


async def test_an_old_answer_is_not_offered(resident: Resident, settings: Settings) -> None:
    """After a year nobody is offered what they weighed then."""
    response = await sent(settings, viewer_of(resident), "before-surgery", weight=Decimal("70.5"))
    await backdate(settings, response, timedelta(days=366))
    await page_of(resident, await begin(resident), "weight")
    assert OFFERED not in resident.document.text


async def backdate(settings: Settings, response: uuid.UUID, by: timedelta) -> None:
    async with _owner(settings) as run:
        await run("update form_response set sent_at = sent_at - %s where id = %s", by, response)


@asynccontextmanager
async def _owner(settings: Settings) -> AsyncIterator[Any]:
    """The trigger that keeps what was sent is the owner's to pause."""
    import psycopg

    async with await psycopg.AsyncConnection.connect(settings.migration_database_url) as connection:
        await connection.execute("alter table form_response disable trigger user")

        async def run(query: str, *values: Any) -> None:
            await connection.execute("alter table form_response no force row level security")
            await connection.execute(query, values)
            await connection.execute("alter table form_response force row level security")

        yield run
        await connection.execute("alter table form_response enable trigger user")


async def test_answers_of_somebody_else(resident: Resident, app: FastAPI, settings: Settings) -> None:
    """Nobody begins a form with what somebody else has sent, nor is it offered to them."""
    async with arrived(app, settings) as other:
        theirs = await sent(settings, viewer_of(other), reason="Polvi", weight=Decimal("70.5"))
        await sent(settings, viewer_of(other), "before-surgery", weight=Decimal("70.5"))
    await resident.get("/en/forms/pre-visit")
    assert "answers of" not in resident.document.text
    form = resident.document.form("/forms/pre-visit")
    await resident.post(form.action, {**dict(form.values), "earlier": str(theirs)})
    assert resident.status == 404
    await page_of(resident, await begin(resident), "weight")
    assert OFFERED not in resident.document.text


async def test_a_minors_own_answers(visitor: Visitor, settings: Settings) -> None:
    """What a fourteen-year-old has sent alone is not offered to the guardian, in neither way."""
    aino = Viewer(uuid.uuid4(), person(settings, "Aino"))
    theirs = await sent(settings, aino, reason="Oma asia", weight=Decimal("51.5"))
    await sent(settings, aino, "before-surgery", weight=Decimal("51.5"))
    await act_for(visitor, "Heli", "Aino")
    await visitor.get("/en/forms/pre-visit")
    assert "answers of" not in visitor.document.text
    form = visitor.document.form("/forms/pre-visit")
    await visitor.post(form.action, {**dict(form.values), "earlier": str(theirs)})
    assert visitor.status == 404
    await page_of(visitor, await begin(visitor), "weight")
    assert (OFFERED in visitor.document.text, "51" in visitor.document.text) == (False, False)


async def test_a_daughters_reading_leaves_a_row(visitor: Visitor, settings: Settings) -> None:
    """Whoever may read the mother's forms is offered their answers, and the mother sees that they were shown."""
    theirs = await sent(settings, Viewer(uuid.uuid4(), person(settings, "Aili")), "before-surgery", weight=Decimal(64))
    await act_for(visitor, "Marja", "Aili")
    await page_of(visitor, await begin(visitor, button="Start"), "weight")
    assert OFFERED in visitor.document.text
    found = rows_of(
        settings, "select action, actor_id from audit_event where target_id = %s and action = 'read'", str(theirs)
    )
    assert person(settings, "Marja") in [row["actor_id"] for row in found]


@pytest_asyncio.fixture(loop_scope="session")
async def anna(visitor: Visitor) -> Visitor:
    """Anna, signed in, on the page with height and weight."""
    await visitor.get("/en/my/consents")
    return await visitor.sign_in("Anna Lehtokangas")


async def consent_of(one: Visitor) -> None:
    await one.get("/en/my/consents")
    await give(one)


async def measured(settings: Settings, **amounts: str) -> None:
    """Measurements of 20 November in Anna's record, put there by an application that may write them."""
    secret = settings.phr_client_secret.get_secret_value()
    phr = KantaPhr(PhrConfig(settings.phr_url, settings.phr_client_id, secret))
    asked = await phr.begin_consent(f"{settings.public_url}/health-record/callback", "fi")
    async with httpx.AsyncClient() as browser:
        page = await browser.get(asked.url, follow_redirects=True)
        form = next(form for form in Document(page.text).forms() if form.action.startswith("?"))
        _, name, value = form.buttons[0]
        data = {**dict(form.values), "person": "anna", **({name: value} if name else {})}
        back = (await browser.post(urljoin(str(page.url), form.action), data=data)).headers["location"]
    query = {key: values[0] for key, values in parse_qs(urlsplit(back).query).items()}
    access = (await phr.finish_consent(asked.pending, query)).access
    for measure, amount in amounts.items():
        key, when = measure.replace("_", "-"), FIXED_NOW - timedelta(days=4)
        await phr.write(access, Measurement(uuid.uuid4(), "fi", key, (Decimal(amount),), when))
    await phr.close()


async def fetch(one: Visitor, **typed: str) -> Visitor:
    """Press the button that fetches, with these fields filled in."""
    form = one.document.form(one.path.partition("?")[0])
    return await one.post(f"{form.action}/record", {**dict(form.values), **typed})


async def test_measurements_from_kanta(anna: Visitor, settings: Settings) -> None:
    """With a consent the newest measurements are filled in, say where they are from, can be changed and are audited."""
    await consent_of(anna)
    await measured(settings, body_weight="68.5", body_height="171")
    draft = await begin(anna)
    await page_of(anna, draft, "weight")
    await fetch(anna, **{field("height"): "170"})
    assert "Your measurements are from Kanta" in anna.document.text
    values = await page_of(anna, draft, "weight")
    assert (values[field("weight")], values[field("height")]) == ("68.5", "170")
    assert BY_KANTA in anna.document.text
    assert "In your Kanta record: 171 cm, measured 20 November 2026." in anna.document.text
    await keep(anna, **{field("weight"): "69"})
    await page_of(anna, draft, "weight")
    assert BY_KANTA not in anna.document.text
    (row,) = rows_of(settings, "select subject_id, actor_id from audit_event where action = 'read_health_record'")
    assert row["subject_id"] == row["actor_id"] == person(settings, "Anna")


async def test_without_a_consent(anna: Visitor, settings: Settings) -> None:
    """Without a consent the button leads to giving one, and back to the page, where what was typed stands still."""
    draft = await begin(anna)
    await page_of(anna, draft, "weight")
    page = anna.path
    await fetch(anna, **{field("weight"): "70"})
    assert anna.path.startswith("/en/my/consents?next=")
    await give(anna)
    assert anna.path == page
    assert dict(anna.document.form(page).values)[field("weight")] == "70"


@pytest.mark.parametrize("mode", ["error", "slow"])
async def test_kanta_is_away(anna: Visitor, settings: Settings, mode: str) -> None:
    """Where Kanta does not answer, a calm sentence says so, and what was typed stands."""
    await consent_of(anna)
    draft = await begin(anna)
    await page_of(anna, draft, "weight")
    async with fault(settings, "kanta-phr", mode):
        await fetch(anna, **{field("weight"): "70"})
        assert anna.status == 200
        assert "Kanta does not answer just now" in anna.document.text
        assert (await page_of(anna, draft, "weight"))[field("weight")] == "70"


async def test_the_token_is_used_by_one_at_a_time(anna: Visitor, settings: Settings) -> None:
    """While something else uses the consent's token the page does not touch it; afterwards it works."""
    await consent_of(anna)
    change(settings, "update health_record_consent set used_until = %s", FIXED_NOW + timedelta(seconds=20))
    before = rows_of(settings, "select refresh_sealed from health_record_consent")
    draft = await begin(anna)
    await page_of(anna, draft, "weight")
    await fetch(anna)
    assert "Kanta does not answer just now" in anna.document.text
    assert rows_of(settings, "select refresh_sealed from health_record_consent") == before
    change(settings, "update health_record_consent set used_until = null")
    await page_of(anna, draft, "weight")
    await fetch(anna)
    assert "no measurements for this page" in anna.document.text


async def test_kanta_is_for_own_matters(visitor: Visitor) -> None:
    """Acting for another, nobody is offered either person's record."""
    await act_for(visitor, "Marja", "Aili")
    await page_of(visitor, await begin(visitor, button="Start"), "weight")
    assert "Kanta" not in "".join(words for words, _name, _value in visitor.document.form(visitor.path).buttons)


def test_notices_of_concern_know_nobody() -> None:
    """No notice of concern has an expression about a person, a code to offer answers by, or a need to remember."""
    for row in load("forms/catalogue.json")["forms"]:
        if row["kind"] == "concern":
            form = read_form(load(f"forms/{row['file']}")).form
            assert not [
                item for item in form.by_link.values() if item.initial_expression or item.codes or item.remember_as
            ]
