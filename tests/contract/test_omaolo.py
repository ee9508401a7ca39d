"""Omaolo with its tasks: our client against the simulator, and the simulator as a foreign client meets it."""

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from fhir.resources.R4B import get_fhir_model_class
from fhirpy import AsyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.content import load
from app.domain.fhir import OWN
from app.domain.urgency import Urgency
from app.integrations.breaker import BreakerRule
from app.integrations.http import Rejected, Unavailable
from app.integrations.omaolo.client import OmaoloClient, OmaoloConfig
from app.integrations.omaolo.messages import read_step
from app.integrations.omaolo.p_classes import GIVEN, URGENCIES
from app.integrations.omaolo.port import ConflictingTask, Contact, Result, SentAssessment
from app.integrations.omaolo.tasks import task_of
from app.integrations.watch import Call, OddAnswer
from tests.contract.simulator_server import SimulatorServer
from tests.contract.test_assessment_service import PREGNANT, served

Json = dict[str, Any]
QUESTIONNAIRES = OmaoloConfig("").questionnaires
IDENTIFIERS = OmaoloConfig("").identifiers


class Onlooker:
    """Remembers what it is told."""

    rule = BreakerRule()

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.odd: list[OddAnswer] = []

    def call_ended(self, call: Call) -> None:
        self.calls.append(call)

    def odd_answer(self, answer: OddAnswer) -> None:
        self.odd.append(answer)


@pytest.fixture
async def omaolo(simulators: SimulatorServer) -> AsyncIterator[OmaoloClient]:
    client = OmaoloClient(simulators.omaolo_config())
    yield client
    await client.close()


@pytest.fixture
async def foreign(simulators: SimulatorServer) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody else's client, with the key in its other header."""
    config = simulators.omaolo_config()
    async with httpx.AsyncClient(base_url=config.base_url, headers={"X-Api-Key": config.api_key}) as client:
        yield client


def sent(**more: Any) -> SentAssessment:
    values: dict[str, Any] = {
        "identifier": uuid.uuid4(),
        "assessment_id": "urinary",
        "version": "2026.1",
        "language": "fi",
        "answers": PREGNANT,
        "contact": Contact("Testi Henkilö", "+358401234567", "Aamulla\nennen kymmentä"),
    }
    return SentAssessment(**{**values, **more})


def task(assessment: SentAssessment) -> Json:
    return task_of(assessment, f"{QUESTIONNAIRES}/{assessment.assessment_id}", IDENTIFIERS)


def by_identifier(assessment: SentAssessment) -> dict[str, str]:
    return {"identifier": f"{IDENTIFIERS}|{assessment.identifier}"}


async def press(foreign: httpx.AsyncClient, task_id: str, **form: str) -> None:
    """A professional's button on the inspection page."""
    answer = await foreign.post(f"/tasks/{task_id}", data=form)
    assert answer.status_code == 303


async def test_a_task_arrives_once(omaolo: OmaoloClient, foreign: httpx.AsyncClient) -> None:
    """A repeated sending is the same task, with the class that the answers give; another identifier is another."""
    first = sent()
    task = await omaolo.send_to_professional(first)
    assert (task.state, task.p_class, task.p_class_given) == ("new", "P3", "P3")
    assert await omaolo.send_to_professional(first) == task
    assert await omaolo.task_status(task.id) == task
    assert (await omaolo.send_to_professional(sent())).id != task.id
    found = (await foreign.get("/Task", params=by_identifier(first))).json()
    assert found["total"] == 1
    get_fhir_model_class("Bundle").model_validate(found)


async def test_what_is_sent_is_valid_fhir() -> None:
    """The Task, its answers and its contact validate strictly as R4B."""
    whole = task(sent(answers={**PREGNANT, "bother": ()}))
    for resource in (whole, *whole["contained"]):
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)


async def test_the_class_changes_only_in_handling(omaolo: OmaoloClient, foreign: httpx.AsyncClient) -> None:
    """A professional changes the class after taking the task; the assessment's own class stays beside it."""
    new = await omaolo.send_to_professional(sent())
    await press(foreign, new.id, p_class="P5")
    await press(foreign, new.id, state="done")
    assert await omaolo.task_status(new.id) == new
    await press(foreign, new.id, state="in_handling")
    await press(foreign, new.id, p_class="P9")
    await press(foreign, new.id, p_class="P6")
    handled = await omaolo.task_status(new.id)
    assert (handled.state, handled.p_class, handled.p_class_given) == ("in_handling", "P6", "P3")
    await press(foreign, new.id, state="done")
    await press(foreign, new.id, p_class="P0")
    assert (await omaolo.task_status(new.id)).state == "done"
    assert (await omaolo.task_status(new.id)).p_class == "P6"


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_the_page_shows_class_and_answers(
    omaolo: OmaoloClient, foreign: httpx.AsyncClient, language: str
) -> None:
    """The inspection page has the class, the questions in the page's language and whom to call."""
    arrived = await omaolo.send_to_professional(sent())
    page = (await foreign.get("/", params={"lang": language})).text
    question = {"fi": "Oletko raskaana", "sv": "Är du gravid", "en": "Are you pregnant"}[language]
    assert question in page
    assert f"tasks/{arrived.id}" in page
    assert "P3" in page
    assert "+358401234567" in page


async def test_who_has_no_key_sees_no_tasks(simulators: SimulatorServer) -> None:
    """Questions need no key; tasks hold names and phone numbers, so they do: 401, by our client Rejected."""
    client = OmaoloClient(OmaoloConfig(f"{simulators.url}/omaolo", seconds=5.0))
    assert await client.list_assessments("fi")
    with pytest.raises(Rejected) as refused:
        await client.send_to_professional(sent())
    assert refused.value.status == 401
    with pytest.raises(Rejected) as refused:
        await client.task_status("1")
    assert refused.value.status == 401
    await client.close()


async def test_an_unknown_task_is_rejected(omaolo: OmaoloClient) -> None:
    """A task that is not there is 404, whatever the id looks like."""
    for task_id in ("nobody", "../Questionnaire", "a/b"):
        with pytest.raises(Rejected) as refused:
            await omaolo.task_status(task_id)
        assert refused.value.status == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "1999.1"},
        {"assessment_id": "knee"},
        {"answers": {"who": "me"}},
        {"answers": {**PREGNANT, "age": "cat"}},
        {"contact": Contact("Testi Henkilö", "")},
    ],
)
async def test_what_is_no_finished_assessment_is_rejected(omaolo: OmaoloClient, wrong: Json) -> None:
    """An unknown version or assessment, half or wrong answers, or nobody to call: 422, and sending again is no use."""
    with pytest.raises(Rejected) as refused:
        await omaolo.send_to_professional(sent(**wrong))
    assert refused.value.status == 422


async def test_a_trial_is_no_task(foreign: httpx.AsyncClient) -> None:
    """The simulator refuses answers that say that somebody is only trying."""
    trial = task(sent())
    trial["contained"][0]["extension"] = [{"url": OWN + "trying", "valueBoolean": True}]
    answer = await foreign.post("/Task", json=trial)
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (422, "business-rule")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"identifier": []}, "required"),
        ({"status": "in-progress"}, "business-rule"),
        ({"focus": {"reference": "#nobody"}}, "required"),
        ({"focus": {"reference": "#contact"}}, "required"),
        ({"requester": {"reference": "#answers"}}, "required"),
        ({"intent": None}, "structure"),
    ],
)
async def test_malformed_tasks_are_told_why(foreign: httpx.AsyncClient, change: Json, code: str) -> None:
    """A foreign client gets 422 and an OperationOutcome that says what is missing and repeats nothing of it."""
    changed = {name: value for name, value in {**task(sent()), **change}.items() if value not in (None, [])}
    answer = await foreign.post("/Task", json=changed)
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (422, code)
    assert "+35840" not in answer.text


async def test_foreign_clients_get_the_conditional_create(foreign: httpx.AsyncClient) -> None:
    """201, then 200 with the same task; without the condition 409; `class` from outside does not count."""
    assessment = sent()
    body = {**task(assessment), "extension": [{"url": OWN + "p-class", "valueCode": "P0"}]}
    condition = {"If-None-Exist": urlencode(by_identifier(assessment))}
    first = await foreign.post("/Task", json=body, headers=condition)
    again = await foreign.post("/Task", json=body, headers=condition)
    plain = await foreign.post("/Task", json=body)
    assert [first.status_code, again.status_code, plain.status_code] == [201, 200, 409]
    assert first.json()["id"] == again.json()["id"]
    assert first.headers["location"].endswith(f"/omaolo/Task/{first.json()['id']}/_history/1")
    assert {"url": OWN + "p-class", "valueCode": "P3"} in first.json()["extension"]
    assert plain.json()["issue"][0]["code"] == "duplicate"


async def test_fhirpy_hands_over_and_finds(simulators: SimulatorServer) -> None:
    """A client that we did not write lists assessments, sends a task once, finds it, and may not change it."""
    config, assessment = simulators.omaolo_config(), sent()
    client = AsyncFHIRClient(config.base_url, authorization=f"Bearer {config.api_key}")
    (listed,) = await client.resources("Questionnaire").search(language="en", topic="urinary").fetch()
    assert listed["title"] == "Urinary symptoms"
    search = client.resources("Task").search(**by_identifier(assessment))
    first = await client.resource("Task", **task(assessment)).create()
    with pytest.raises(OperationOutcome, match="duplicate"):  # fhirpy doesn't know If-None-Exist
        await client.resource("Task", **task(assessment)).create()
    assert [found.id for found in await search.fetch_all()] == [first.id]
    first["status"] = "completed"
    with pytest.raises(OperationOutcome):
        await first.update()


async def test_the_capability_names_both(foreign: httpx.AsyncClient) -> None:
    """The CapabilityStatement has questionnaires with `$next-question`, and tasks with conditional create."""
    statement = (await foreign.get("/metadata")).json()
    get_fhir_model_class("CapabilityStatement").model_validate(statement)
    questionnaires, tasks = statement["rest"][0]["resource"]
    assert (questionnaires["type"], tasks["type"]) == ("Questionnaire", "Task")
    assert questionnaires["operation"][0]["name"] == "next-question"
    assert tasks["conditionalCreate"]


def answering(status: int, body: object) -> Starlette:
    """A service that knows only one answer, and gives it to searches as if it were found."""

    async def one(request: Request) -> Response:
        return JSONResponse(body, status_code=200 if request.method == "GET" else status)

    return Starlette(routes=[Route("/{path:path}", one, methods=["GET", "POST"])])


def kept_task(assessment: SentAssessment, **more: Any) -> Json:
    classes = [{"url": OWN + name, "valueCode": "P4"} for name in ("p-class", "p-class-given")]
    return {**task(assessment), "id": "7", "extension": classes, **more}


async def test_a_service_that_answers_repeats_by_409() -> None:
    """409 without the task is the same task too: it is looked up by its identifier; several are an error."""
    assessment = sent()
    found: Json = {"resourceType": "Bundle", "entry": [{"resource": kept_task(assessment)}]}
    async with served(answering(409, found)) as client:
        assert (await client.send_to_professional(assessment)).id == "7"
    for answer in (answering(409, {**found, "entry": found["entry"] * 2}), answering(412, {})):
        async with served(answer) as client:
            with pytest.raises(ConflictingTask):
                await client.send_to_professional(assessment)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "sleeping"},
        {"extension": []},
        {"extension": [{"url": OWN + "p-class", "valueCode": "P9"}, {"url": OWN + "p-class-given", "valueCode": "P1"}]},
        {"identifier": [{"system": IDENTIFIERS, "value": "another"}]},
        {"resourceType": "Patient"},
    ],
)
async def test_a_task_that_makes_no_sense_is_unavailable(change: Json) -> None:
    """What does not validate, or is another's task, is never taken as ours; it is kept for inspection."""
    assessment, watch = sent(), Onlooker()
    async with served(answering(201, kept_task(assessment, **change)), watch) as client:
        with pytest.raises(Unavailable) as caught:
            await client.send_to_professional(assessment)
    assert "+35840" not in str(caught.value)
    assert [odd.system for odd in watch.odd] == ["omaolo"]
    assert watch.calls[-1].outcome == "invalid"


async def test_an_odd_page_is_kept_and_says_nothing() -> None:
    """A step of a wrong shape is Unavailable and kept; neither the error nor its causes repeat what came."""
    watch, odd = Onlooker(), {"resourceType": "QuestionnaireResponse", "status": "secret illness"}
    async with served(answering(200, odd), watch) as client:
        with pytest.raises(Unavailable) as caught:
            await client.next_step("urinary", "fi", {})
    assert "illness" not in f"{caught.value} {caught.value.__cause__}"
    assert caught.value.__suppress_context__
    assert b"illness" in watch.odd[0].body


def test_secrets_and_people_are_not_shown() -> None:
    """The key, the contact and the answers stay out of what developers print."""
    shown = f"{OmaoloConfig('http://x', api_key='topsecret')} {sent()}"
    for hidden in ("topsecret", "Testi", "+358", "Aamulla", "pregnant"):
        assert hidden not in shown


def test_classes_mean_what_the_content_says() -> None:
    """Each urgency's class in the content is one that an assessment may give, means that urgency to the client, and
    a more urgent level never has a higher number; the content names its source."""
    content = load("assessments/p_classes.json")
    classes = content["p_classes"]
    assert content["source"]
    assert content["owner"]
    assert set(classes.values()) <= set(GIVEN) == set(URGENCIES)
    assert {level: URGENCIES[classes[level]] for level in Urgency} == {level: level for level in Urgency}
    assert [classes[level] for level in Urgency] == sorted(classes.values())
    assert [URGENCIES[p_class].rank for p_class in GIVEN] == sorted(URGENCIES[p_class].rank for p_class in GIVEN)


def result(**codes: str) -> Result:
    """A result whose prediction has these codes."""
    advice = [{"url": "headline", "valueString": "x"}, {"url": "by-when", "valueString": "x"}]
    risk = {
        "resourceType": "RiskAssessment",
        "extension": [{"url": OWN + "advice", "extension": advice}],
        "method": {"coding": [{"version": "1", "code": "n"}]},
        "prediction": [
            {"qualitativeRisk": {"coding": [{"system": f"urn:x/{name}", "code": code} for name, code in codes.items()]}}
        ],
    }
    response = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "extension": [{"url": OWN + "for-another", "valueBoolean": False}],
        "contained": [risk],
    }
    read = read_step(json.loads(json.dumps(response)), "n", "fi")
    assert isinstance(read, Result)
    return read


def test_a_result_with_a_class_alone_has_our_urgency() -> None:
    """A service that gives only P0–P8 is understood; our own word beside it wins; a class without a meaning is no
    result."""
    assert result(**{"p-class": "P1"}).urgency is Urgency.IMMEDIATE
    assert result(**{"p-class": "P2", "urgency": "same_day"}).urgency is Urgency.SAME_DAY
    for codes in ({"p-class": "P6"}, {"p-class": "P9"}, {"urgency": "routine"}, {"p-class": "P1", "urgency": "soon"}):
        with pytest.raises(ValueError, match=r"class|valid Urgency"):
            result(**codes)
