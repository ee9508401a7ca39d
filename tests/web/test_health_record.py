"""A resident's consent to use their own Kanta record, and results saved there: given, used once, ended, never lost."""

import json
import uuid
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from app.integrations.kanta.phr.port import Access, PersonalHealthRecord, Unavailable
from app.services.identity.vault import IdentityVault
from app.settings import Settings
from tests.tools.deliveries import change, delivery_of, hurry, rows_of
from tests.tools.visitor import Visitor
from tests.tools.world import work_off
from tests.web.test_outages import fault
from tests.web.test_road import ANSWERS, answer_until_result

ANNA = "Anna Lehtokangas"
SAVED, SENDING = "Tulos on tallennettu", "Tulos on matkalla"


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def nothing_yet(app: FastAPI, settings: Settings) -> None:
    """Each test begins without consents and deliveries, here and at the simulator."""
    for table in ("delivery", "health_record_consent", "consent_attempt"):
        change(settings, f"delete from {table}")
    async with httpx.AsyncClient(headers={"Accept": "application/json"}) as client:
        (await client.post(f"{settings.simulators_url}/_reset/kanta-phr")).raise_for_status()


@pytest_asyncio.fixture(loop_scope="session")
async def anna(visitor: Visitor) -> Visitor:
    """Anna, signed in, on the page of consents."""
    await visitor.get("/fi/my/consents")
    return await visitor.sign_in(ANNA)


async def leave_for_kanta(one: Visitor) -> str:
    """On to Kanta's page; returns the state that the way back will name."""
    await one.submit("/consents/health-record")
    assert one.path.startswith("http"), one.document.text[:300]
    return one.path


async def give(one: Visitor, person: str = "anna") -> Visitor:
    await leave_for_kanta(one)
    return await one.consent(person)


async def assessed(one: Visitor, **answers: str | list[str]) -> str:
    """An assessment to its result; returns the run's id."""
    await one.get("/fi/assess/urinary")
    await one.submit("/assess/urinary")
    await answer_until_result(one, {**ANSWERS, **answers})
    return one.path.split("/run/")[1].split("/")[0]


async def save(one: Visitor, run: str) -> Visitor:
    return await one.submit(f"/my/health-record/runs/{run}")


def consents(settings: Settings) -> list[dict[str, Any]]:
    return rows_of(settings, "select * from health_record_consent order by given_at, ended_at nulls last")


def ended_by(settings: Settings) -> list[str | None]:
    """Of each consent: empty while it holds."""
    return [row["ended_by"] if row["ended_at"] else "" for row in consents(settings)]


async def given_at_kanta(settings: Settings) -> int:
    """How many consents live there."""
    async with httpx.AsyncClient() as client:
        return (await client.get(f"{settings.phr_url}/consents")).text.count('name="grant"')


async def withdraw_at_kanta(settings: Settings) -> None:
    async with Visitor(FastAPI(), settings.public_url) as person:
        await person.get(f"{settings.phr_url}/consents")
        await person.send(person.document.forms()[0])


async def taken(settings: Settings, method: str, ending: str) -> list[dict[str, Any]]:
    """What Kanta was asked and has carried out, the newest first."""
    async with httpx.AsyncClient(headers={"Accept": "application/json"}) as client:
        found = (await client.get(f"{settings.simulators_url}/_traffic/kanta-phr?limit=500")).json()["exchanges"]
    return [one for one in found if one["method"] == method and one["path"].endswith(ending) and one["carried_out"]]


async def written(settings: Settings, kind: str) -> list[dict[str, Any]]:
    """The entries of a kind in the record, each once."""
    asked = [json.loads(one["request"]["body"]) for one in await taken(settings, "POST", f"/{kind}")]
    identifiers = [entry["identifier"] for entry in asked]
    return [entry for number, entry in enumerate(asked) if entry["identifier"] not in identifiers[:number]]


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_consent_is_given(visitor: Visitor, app: FastAPI, settings: Settings, language: str) -> None:
    """Consent given at Kanta is shown with its date and what it allows; its refresh token is kept sealed."""
    await visitor.get(f"/{language}/my/consents")
    await visitor.sign_in(ANNA)
    await give(visitor)
    assert visitor.path == f"/{language}/my/consents?told=given"
    assert "2026" in visitor.document.text
    assert visitor.document.form("/withdraw")
    items = ["".join(one.itertext()) for one in visitor.document.all("li")]
    assert not [text for text in items if "patient/" in text or "offline_access" in text]
    (row,) = consents(settings)
    vault: IdentityVault = app.state.vault
    assert row["ended_at"] is None
    assert vault.open_bytes(row["refresh_sealed"]).decode() not in str(row)
    (event,) = rows_of(settings, "select * from audit_event where target_id = %s", str(row["id"]))
    assert (event["action"], event["actor_kind"], event["subject_id"]) == ("give_consent", "resident", row["person_id"])


async def test_my_window_leads_to_consents(anna: Visitor) -> None:
    """The page is found from My window."""
    await anna.get("/fi/my")
    await anna.get(anna.document.leading_to("/my/consents"))
    assert anna.document.h1 == "Suostumukset"


async def test_consent_is_refused_by_the_resident(anna: Visitor, settings: Settings) -> None:
    """Who says no at Kanta comes back to a calm page, can begin again, and nothing is kept."""
    await leave_for_kanta(anna)
    await anna.consent("anna", accept=False)
    assert anna.path == "/fi/my/consents?told=cancelled"
    assert anna.document.form("/consents/health-record")
    assert consents(settings) == []


async def test_somebody_elses_record(anna: Visitor, settings: Settings) -> None:
    """A consent to another person's record is not kept, nothing tells whose it was, and Kanta is told to end it."""
    await give(anna, "juho")
    assert anna.path == "/fi/my/consents?told=other"
    assert not [form for form in anna.document.forms() if form.action.endswith("/withdraw")]
    (row,) = consents(settings)
    assert (row["ended_by"], row["patient_id"], row["scopes"]) == ("refused", "", [])
    assert await given_at_kanta(settings) == 1
    await work_off(settings)
    assert await given_at_kanta(settings) == 0
    assert consents(settings)[0]["refresh_sealed"] is None


async def callback_of(one: Visitor) -> str:
    """Say yes at Kanta and stop before going back: the address of the way back."""
    await leave_for_kanta(one)
    form = one.document.forms()[-1]
    answer = await one.client.post(httpx.URL(one.here).join(form.action), data={"person": "anna", "answer": "accept"})
    assert set(parse_qs(urlsplit(answer.headers["location"]).query)) == {"code", "state"}
    return answer.headers["location"]


async def test_the_way_back_is_for_one_use(anna: Visitor, settings: Settings) -> None:
    """The same way back again changes nothing: the consent that was given by it holds."""
    callback = await callback_of(anna)
    await anna.get(callback)
    assert anna.path.endswith("told=given")
    await anna.get(callback)
    assert anna.path.endswith("told=failed")
    assert ended_by(settings) == [""]


async def test_another_browser_comes_back(anna: Visitor, app: FastAPI, settings: Settings) -> None:
    """The way back of one browser opens nothing in another, signed in or not, and stays good for its own."""
    callback = await callback_of(anna)
    async with Visitor(app, settings.public_url) as other:
        await other.get(callback)
        assert "/sign-in" in other.path
        await other.sign_in("Juho Lehtokangas")
        await other.get(callback)
        assert other.path == "/fi/my/consents?told=failed"
    async with Visitor(app, settings.public_url) as other:
        await other.get("/fi/sign-in")
        await other.sign_in(ANNA)
        await other.get(callback)
        assert other.path.endswith("told=failed")
    assert consents(settings) == []
    await anna.get(callback)
    assert anna.path.endswith("told=given")


async def test_too_late_to_come_back(anna: Visitor, settings: Settings) -> None:
    """After a quarter of an hour one begins again."""
    callback = await callback_of(anna)
    change(settings, "update consent_attempt set created_at = created_at - interval '16 minutes'")
    await anna.get(callback)
    assert anna.path.endswith("told=failed")
    assert consents(settings) == []


async def test_giving_again_ends_the_earlier_one(anna: Visitor, settings: Settings) -> None:
    """Two tabs that both give consent leave one that holds; the other ends at Kanta too."""
    first = await callback_of(anna)
    await anna.get(f"{settings.public_url}/fi/my/consents")
    second = await callback_of(anna)
    await anna.get(first)
    await anna.get(second)
    assert sorted(str(word) for word in ended_by(settings)) == ["", "resident"]
    await work_off(settings)
    assert await given_at_kanta(settings) == 1
    await save(anna, await assessed(anna))
    await work_off(settings)
    assert ended_by(settings).count("") == 1


async def test_kanta_is_away_when_one_comes_back(anna: Visitor, settings: Settings) -> None:
    """An outage in the middle of giving consent is said, nothing is kept, and beginning again works."""
    callback = await callback_of(anna)
    async with fault(settings, "kanta-phr", "error"):
        await anna.get(callback)
    assert anna.status == 503
    assert "Omatietovarantoon" in anna.document.text
    assert consents(settings) == []
    await anna.get("/fi/my/consents")
    await give(anna)
    assert ended_by(settings) == [""]


class Silent:
    """The record as it is, only that it does not say whose it is: `answer` is None, or what is raised instead."""

    def __init__(self, record: PersonalHealthRecord, answer: Unavailable | None) -> None:
        self.finish_consent, self._answer = record.finish_consent, answer

    async def identity_code(self, _access: Access) -> None:
        if self._answer:
            raise self._answer


@pytest.mark.parametrize(("answer", "status"), [(None, 200), (Unavailable("kanta-phr", "away"), 503)])
async def test_kanta_does_not_say_whose_record_it_is(
    anna: Visitor, app: FastAPI, settings: Settings, answer: Unavailable | None, status: int
) -> None:
    """A consent that came, but can't be held against the person, is not kept, and ends at Kanta too."""
    callback = await callback_of(anna)
    usual = app.state.outside
    app.state.outside = replace(usual, ports=replace(usual.ports, phr=Silent(usual.ports.phr, answer)))
    try:
        await anna.get(callback)
    finally:
        app.state.outside = usual
    assert anna.status == status
    assert ended_by(settings) == ["refused"]
    await work_off(settings)
    assert await given_at_kanta(settings) == 0


async def test_a_result_is_saved(anna: Visitor, settings: Settings) -> None:
    """The answers as asked and the advice arrive in the person's own record, once, and the page says how far it is."""
    await give(anna)
    run = await assessed(anna)
    headline = anna.document.h1.replace("\u2060", "")
    await save(anna, run)
    assert SENDING in anna.document.text
    await work_off(settings)
    await anna.get(f"/fi/assess/run/{run}/result")
    assert SAVED in anna.document.text
    (form,) = await written(settings, "QuestionnaireResponse")
    asked = {item["linkId"]: item for item in form["item"]}
    assert asked.keys() == ANSWERS.keys() - {"duration"}  # which these answers make needless
    assert asked["who"]["answer"][0]["valueCoding"]["code"] == "me"
    assert len(asked["symptoms"]["answer"]) == 2
    assert form["questionnaire"].startswith("https://asiointi-ikkuna.example/fhir/Questionnaire/urinary|")
    (plan,) = await written(settings, "CarePlan")
    assert plan["title"] == headline
    assert any("112" in note["text"] for note in plan["note"])
    query = "select subject_id from audit_event where target_id = %s and action = 'save_to_health_record'"
    (event,) = rows_of(settings, query, run)
    assert event["subject_id"] == consents(settings)[0]["person_id"]


async def test_saving_twice_saves_once(anna: Visitor, settings: Settings) -> None:
    """The same form sent again, before and after it has arrived, leads to one saving."""
    await give(anna)
    run = await assessed(anna)
    form = anna.document.form(f"/my/health-record/runs/{run}")
    await anna.send(form)
    await anna.send(form)
    await work_off(settings)
    await anna.send(form)
    assert SAVED in anna.document.text
    await work_off(settings)
    assert delivery_of(settings, uuid.UUID(run), "health_record")["state"] == "done"
    assert len(await taken(settings, "POST", "/CarePlan")) == 1


async def test_changed_answers_may_be_saved_too(anna: Visitor, settings: Settings) -> None:
    """What is saved stays; a new result of the same assessment is not called saved, and becomes an entry of its own."""
    await give(anna)
    run = await assessed(anna)
    await save(anna, run)
    await work_off(settings)
    change(settings, "update assessment_run set finished_at = finished_at + interval '1 minute' where id = %s", run)
    await anna.get(f"/fi/assess/run/{run}/result")
    assert SAVED not in anna.document.text
    await save(anna, run)
    await work_off(settings)
    assert len(await written(settings, "QuestionnaireResponse")) == 2


async def test_without_consent_it_is_asked_for_first(anna: Visitor, settings: Settings) -> None:
    """Saving leads to giving consent and back to the result, where it can be saved."""
    run = await assessed(anna)
    result = anna.path
    await save(anna, run)
    assert anna.path.startswith("/fi/my/consents?next=")
    await give(anna)
    assert anna.path == result
    await save(anna, run)
    await work_off(settings)
    assert delivery_of(settings, uuid.UUID(run), "health_record")["state"] == "done"


async def test_saving_waits_while_kanta_is_away(anna: Visitor, settings: Settings) -> None:
    """A saving that can't go out waits, the page says that it is on its way, and it arrives afterwards, once."""
    await give(anna)
    run = await assessed(anna)
    async with fault(settings, "kanta-phr", "error"):
        await save(anna, run)
        assert anna.status == 200
        await work_off(settings)
        await anna.get(f"/fi/assess/run/{run}/result")
        assert SENDING in anna.document.text
        assert delivery_of(settings, uuid.UUID(run), "health_record")["state"] == "waiting"
    await hurry(settings)
    await anna.get(f"/fi/assess/run/{run}/result")
    assert SAVED in anna.document.text
    assert len(await written(settings, "CarePlan")) == 1


async def test_many_savings_use_one_token_at_a_time(anna: Visitor, settings: Settings) -> None:
    """Results that go out together, and later, keep the consent alive: no refresh token is ever used twice."""
    await give(anna)
    runs = []
    for _ in range(3):
        runs.append(await assessed(anna))
        await save(anna, runs[-1])
    await hurry(settings)
    await hurry(settings)
    states = [delivery_of(settings, uuid.UUID(run), "health_record")["state"] for run in runs]
    assert states == ["done"] * 3
    assert ended_by(settings) == [""]


async def test_a_consent_withdrawn_at_kanta(anna: Visitor, settings: Settings) -> None:
    """It is noticed at the next saving and told; when consent is given again the result goes out by itself."""
    await give(anna)
    await withdraw_at_kanta(settings)
    run = await assessed(anna)
    await save(anna, run)
    await work_off(settings)
    found = delivery_of(settings, uuid.UUID(run), "health_record")
    assert (found["state"], found["reason"]) == ("refused", "the consent has ended")
    assert ended_by(settings) == ["kanta"]
    await anna.get("/fi/my/consents")
    assert "Suostumus on päättynyt Kannassa" in anna.document.text
    await anna.get(f"/fi/assess/run/{run}/result")
    assert "tarvitaan suostumuksesi" in anna.document.text
    await save(anna, run)
    await give(anna)
    assert SENDING in anna.document.text
    await work_off(settings)
    await anna.get(f"/fi/assess/run/{run}/result")
    assert SAVED in anna.document.text


async def test_a_consent_withdrawn_here(anna: Visitor, settings: Settings) -> None:
    """It ends here at once and at Kanta by a delivery; the token is forgotten, and what waited is not sent."""
    await give(anna)
    run = await assessed(anna)
    async with fault(settings, "kanta-phr", "error"):
        await save(anna, run)
        await work_off(settings)
        await anna.get("/fi/my/consents")
        await anna.submit("/withdraw")
        assert anna.path == "/fi/my/consents?told=withdrawn"
        assert "Peruit suostumuksen" in anna.document.text
        assert delivery_of(settings, uuid.UUID(run), "health_record")["state"] == "dropped"
        await work_off(settings)
    assert await given_at_kanta(settings) == 1
    await hurry(settings)
    assert await given_at_kanta(settings) == 0
    (row,) = consents(settings)
    assert (row["ended_by"], row["refresh_sealed"]) == ("resident", None)
    assert await taken(settings, "POST", "/CarePlan") == []
    await anna.post("/fi/my/consents/health-record/withdraw", {"form_token": _token(anna)})
    assert ended_by(settings) == ["resident"]


def _token(one: Visitor) -> str:
    return next(value for form in one.document.forms() for name, value in form.values if name == "form_token")


async def test_a_consent_that_is_not_enough(anna: Visitor, settings: Settings) -> None:
    """Where less was allowed, saving leads to the consents, which say so and let one give a new one."""
    await give(anna)
    change(settings, "update health_record_consent set scopes = array['patient/Patient.read']")
    run = await assessed(anna)
    await save(anna, run)
    assert "ei riitä" in anna.document.text
    assert anna.document.form("/consents/health-record")


async def test_a_consent_that_kanta_narrows(anna: Visitor, settings: Settings) -> None:
    """Kanta refuses what the consent does not cover: a new one is asked for, and then the result arrives."""
    answer = await anna.client.post(
        httpx.URL(anna.here).join("/fi/my/consents/health-record"), data={"form_token": _token(anna)}
    )
    kanta = httpx.URL(answer.headers["location"])
    await anna.get(str(kanta.copy_set_param("scope", "patient/Patient.read offline_access")))
    await anna.consent("anna")
    asked = "patient/QuestionnaireResponse.write", "patient/CarePlan.write"
    change(settings, "update health_record_consent set scopes = %s", list(asked))
    run = await assessed(anna)
    await save(anna, run)
    await work_off(settings)
    assert delivery_of(settings, uuid.UUID(run), "health_record")["reason"] == "the consent does not cover this"
    assert set(consents(settings)[0]["scopes"]) == {"patient/Patient.read", "offline_access"}
    await anna.get(f"/fi/assess/run/{run}/result")
    await save(anna, run)
    await give(anna)
    await work_off(settings)
    assert delivery_of(settings, uuid.UUID(run), "health_record")["state"] == "done"


async def test_only_ones_own_result(anna: Visitor, app: FastAPI, settings: Settings) -> None:
    """Somebody else's result, a trial's and one about another person can't be saved, and no page offers it."""
    await give(anna)
    run = await assessed(anna)
    async with Visitor(app, settings.public_url) as other:
        await other.get("/fi/sign-in")
        await other.sign_in("Juho Lehtokangas")
        await other.get("/fi/my/consents")
        answer = await other.post(f"/fi/my/health-record/runs/{run}", {"form_token": _token(other)})
        assert answer.status == 404
    about_another = await assessed(anna, **{"who": "other", "can-tell": "yes"})
    assert not [form for form in anna.document.forms() if "/health-record/" in form.action]
    assert (await anna.post(f"/fi/my/health-record/runs/{about_another}", {"form_token": _token(anna)})).status == 404
    await anna.get("/fi/assess/urinary")
    await anna.submit("/assess/urinary/try")
    await answer_until_result(anna)
    trial = anna.path.split("/run/")[1].split("/")[0]
    assert not [form for form in anna.document.forms() if "/health-record/" in form.action]
    assert (await anna.post(f"/fi/my/health-record/runs/{trial}", {"form_token": _token(anna)})).status == 409
    assert rows_of(settings, "select 1 from delivery where kind = 'health_record'") == []


async def test_nobody_is_offered_saving_before_signing_in(visitor: Visitor) -> None:
    """The result of somebody who has not signed in has no form for their own record."""
    await assessed(visitor)
    assert not [form for form in visitor.document.forms() if "/health-record/" in form.action]
