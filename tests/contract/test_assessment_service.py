"""The assessment service on the wire, and the Omaolo client against it."""

import asyncio
import json
import socket
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp

from app.assessment_service.app import MAXIMUM_BODY, create_app
from app.assessment_service.engine import Assessment
from app.assessment_service.library import read_assessment, shipped_assessments
from app.domain.fhir import OWN
from app.domain.urgency import Urgency
from app.integrations.http import Rejected, Unavailable
from app.integrations.omaolo.client import OmaoloClient, OmaoloConfig
from app.integrations.omaolo.messages import read_summaries
from app.integrations.omaolo.port import (
    AnswerValue,
    Contact,
    InvalidAnswers,
    NotOffered,
    QuestionPage,
    Result,
    SentAssessment,
)
from app.integrations.watch import NO_WATCH, Watch

Json = dict[str, Any]
NEXT = "/Questionnaire/urinary/$next-question"
PREGNANT: dict[str, AnswerValue] = {
    "who": "me",
    "alarm": ("none",),
    "age": "18-64",
    "sex": "female",
    "pregnant": "yes",
    "signs": ("none",),
    "symptoms": ("burning",),
}


def sample() -> Assessment:
    """A tiny assessment with a number, to see numbers through the whole chain."""
    words = {"fi": "sana", "sv": "ord", "en": "word"}
    level = {"headline": words, "by_when": words, "do_now": [words], "seek_sooner": [words], "bookable": []}
    core = "http://hl7.org/fhir/StructureDefinition/"
    extensions = [
        {"url": core + "minValue", "valueInteger": 0},
        {"url": core + "maxValue", "valueInteger": 60},
        {"url": core + "questionnaire-unit", "valueCoding": {"display": "d"}},
    ]
    option = {"valueCoding": {"code": "me", "display": "me"}}
    who = {"linkId": "who", "type": "choice", "text": "who", "required": True, "answerOption": [option]}
    days = {"linkId": "days", "type": "integer", "text": "days", "extension": extensions}
    form: Json = {"resourceType": "Questionnaire", "id": "n", "url": "urn:n", "version": "1", "item": [who, days]}
    form["useContext"] = [
        {"code": {"code": "focus"}, "valueCodeableConcept": {"coding": [{"code": "days"}]}},
        {"code": {"code": "age"}, "valueRange": {"low": {"value": 18}}},
    ]
    rule = {"id": "long", "urgency": "routine", "when": {"range": ["days", 7, None]}, "reason": words}
    unsure = {"cuts": [7], "severity": [0, 1], "unknown_reason": words}
    table = {
        "assessment": "n",
        "version": "1",
        "default": {"urgency": "self_care", "reason": words, "source": "s"},
        "audience": {"question": "who", "own": ["me"]},
        "sources": {"s": words},
        "variables": {"who": {"severity": {"me": 0}}, "days": unsure},
        "rules": [{**rule, "source": "s"}],
    }
    advice = {"about": [words], "levels": dict.fromkeys(Urgency, level)}
    return read_assessment(form, table, advice, dict.fromkeys(Urgency, "P5"), {"days": words})


@pytest.fixture
async def web() -> AsyncIterator[httpx.AsyncClient]:
    """The service in this process, every exception let through."""
    transport = httpx.ASGITransport(create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://assessments") as client:
        yield client


@asynccontextmanager
async def served(app: ASGIApp, watch: Watch = NO_WATCH) -> AsyncIterator[OmaoloClient]:
    """The client against a real server on a port of its own."""
    listener = socket.create_server(("127.0.0.1", 0))  # listens at once, so nobody needs to wait for the server
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    client = OmaoloClient(OmaoloConfig(f"http://127.0.0.1:{listener.getsockname()[1]}", seconds=5), watch)
    try:
        yield client
    finally:
        await client.close()
        server.should_exit = True
        await task


def response(items: list[Json] | None = None, **more: Any) -> Json:
    body = {"resourceType": "QuestionnaireResponse", "status": "in-progress", "language": "en", **more}
    return body if items is None else {**body, "item": items}


def answered(link_id: str, *codes: str) -> Json:
    return {"linkId": link_id, "answer": [{"valueCoding": {"code": code}} for code in codes]}


def _codes(value: AnswerValue) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (str(value),)


def resources(resource: Json) -> Iterator[Json]:
    """A resource, and those inside it; a strict model does not look into contained ones by itself."""
    yield resource
    for inner in resource.get("contained", []) + [entry["resource"] for entry in resource.get("entry", [])]:
        yield from resources(inner)


def assert_valid(resource: Json) -> None:
    for part in resources(resource):
        get_fhir_model_class(part["resourceType"]).model_validate(part)


async def test_the_list_is_a_valid_bundle_in_the_asked_language(web: httpx.AsyncClient) -> None:
    """Headers carry the translated title, the topic in words and no questions; a topic narrows the list."""
    bundle = (await web.get("/Questionnaire", params={"language": "sv"})).json()
    assert_valid(bundle)
    (header,) = (entry["resource"] for entry in bundle["entry"])
    assert header["title"] == "Urinbesvär"
    assert "item" not in header
    (context,) = header["useContext"]
    assert context["code"]["code"] == "focus"
    assert context["valueCodeableConcept"]["coding"][0]["display"] == "Urinvägar"
    assert (await web.get("/Questionnaire", params={"topic": "urinary"})).json()["total"] == 1
    nothing = (await web.get("/Questionnaire", params={"topic": "knee"})).json()
    assert_valid(nothing)
    assert nothing["total"] == 0


async def test_the_capability_is_what_is_there(web: httpx.AsyncClient) -> None:
    """The CapabilityStatement is valid and names questionnaires alone; tasks are answered by 501, as it says."""
    statement = (await web.get("/metadata")).json()
    assert_valid(statement)
    assert [one["type"] for one in statement["rest"][0]["resource"]] == ["Questionnaire"]
    for answer in (await web.post("/Task", json={}), await web.get("/Task/1")):
        assert answer.status_code == 501
        assert_valid(answer.json())
        assert answer.json()["issue"][0]["code"] == "not-supported"


@pytest.mark.parametrize("count", [0, 7])
async def test_a_trial_is_told_back(web: httpx.AsyncClient, count: int) -> None:
    """Pages and results of a trial carry its mark, valid FHIR, and are otherwise the same; others carry none."""
    items = [answered(link_id, *_codes(value)) for link_id, value in PREGNANT.items()][:count] or None
    mark = {"url": OWN + "trying", "valueBoolean": True}
    real = (await web.post(NEXT, json=response(items))).json()
    trial = (await web.post(NEXT, json=response(items, extension=[mark]))).json()
    assert_valid(trial)
    assert mark not in real["extension"]
    assert trial == {**real, "extension": [*real["extension"], mark]}


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_every_step_is_valid_fhir(web: httpx.AsyncClient, language: str) -> None:
    """Each page and the result validate strictly as R4B, contained resources included."""
    items = [answered(link_id, *_codes(value)) for link_id, value in PREGNANT.items()]
    seen = []
    for count in range(len(items) + 1):
        step = (await web.post(NEXT, json=response(items[:count], language=language))).json()
        assert_valid(step)
        seen.append(step["status"])
    assert seen == ["in-progress"] * 7 + ["completed"]
    assert step["contained"][0]["resourceType"] == "RiskAssessment"


async def test_groups_in_the_response_are_read_too(web: httpx.AsyncClient) -> None:
    """What the service sent back can be sent in again."""
    first = (await web.post(NEXT, json=response([answered("who", "other")]))).json()
    again = (await web.post(NEXT, json=response(first["item"]))).json()
    assert again == first
    (group,) = again["contained"][0]["item"]
    assert group["item"][0]["text"].startswith("Does the person")


@pytest.mark.parametrize(
    ("items", "link_id", "fault"),
    [
        ([answered("nobody", "x")], "nobody", "not_offered"),
        ([answered("who", "cat")], "who", "not_offered"),
        ([{"linkId": "who", "answer": [{"valueInteger": 3}]}], "who", "not_offered"),
        ([{"linkId": "who", "answer": [{"valueBoolean": True}]}], "who", "not_offered"),
        ([{"linkId": "who"}], "who", "missing"),
        ([answered("a'] | evil", "x")], "?", "not_offered"),
    ],
)
async def test_a_wrong_answer_is_422_naming_its_link_id(
    web: httpx.AsyncClient, items: list[Json], link_id: str, fault: str
) -> None:
    """The OperationOutcome is valid FHIR and says which answer and what about it."""
    answer = await web.post(NEXT, json=response(items))
    assert answer.status_code == 422
    assert_valid(answer.json())
    (issue,) = answer.json()["issue"]
    assert issue["extension"][0]["valueString"] == link_id
    assert issue["details"]["coding"][0]["code"] == fault


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\x00garbage\x00",
        b"null",
        b"[]",
        b'{"resourceType": "Patient"}',
        b"[" * 30000,
        b'{"item":' * 7000,
        b'{"a": ' + b"9" * 20000 + b"}",
        json.dumps(response(status="completed")).encode(),
        json.dumps(response([{"linkId": 3}])).encode(),
        json.dumps(response([{"linkId": "who", "answer": [{}]}])).encode(),
        json.dumps(response([{"linkId": "who", "answer": "me"}])).encode(),
        json.dumps({**response(), "item": {"linkId": "who"}}).encode(),
        b'{"resourceType":"QuestionnaireResponse","status":"in-progress","x":NaN}',
    ],
)
async def test_a_malformed_body_is_400(web: httpx.AsyncClient, body: bytes) -> None:
    """Binary, deep, huge or wrongly typed bodies are refused, never a crash."""
    answer = await web.post(NEXT, content=body)
    assert answer.status_code == 400
    assert_valid(answer.json())


async def test_other_refusals_are_operation_outcomes_too(web: httpx.AsyncClient) -> None:
    """Unknown assessment and address, wrong method, too large a body; lone surrogates do no harm."""
    large = await web.post(NEXT, content=b" " * (MAXIMUM_BODY + 1))
    unknown = await web.post("/Questionnaire/kn%00ee/$next-question", json=response())
    method = await web.get(NEXT)
    nowhere = await web.get("/docs")
    assert [large.status_code, unknown.status_code, method.status_code, nowhere.status_code] == [413, 404, 405, 404]
    for answer in (large, unknown, method, nowhere):
        assert_valid(answer.json())
    lone = b'{"resourceType":"QuestionnaireResponse","status":"in-progress","item":[{"linkId":"\\ud800"}]}'
    assert (await web.post(NEXT, content=lone)).status_code == 422
    assert (await web.get("/healthz")).text == "ok"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["who", "me", "alarm", "none"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["linkId", "answer", "item", "valueCoding", "code", "valueInteger"]), inner)
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items=json_values, language=json_values)
async def test_garbage_never_gives_500(items: Any, language: Any) -> None:
    """Whatever JSON arrives, the answer is a step, 400 or 422."""
    transport = httpx.ASGITransport(create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://assessments") as client:
        body = json.dumps({**response(), "item": items, "language": language})
        answer = await client.post(NEXT, content=body.encode())
    assert answer.status_code in (200, 400, 422)


async def test_the_client_walks_from_the_list_to_a_result() -> None:
    """Over a real socket: list, pages with their count, result with everything the care card needs."""
    async with served(create_app()) as client:
        (summary,) = await client.list_assessments("fi")
        assert (summary.id, summary.title, summary.minutes) == ("urinary", "Virtsavaivat", 3)
        assert summary.topics == ("urinary",)
        assert await client.list_assessments("fi", "urinary") == (summary,)
        assert await client.list_assessments("fi", "eyes") == ()
        answers: dict[str, AnswerValue] = {}
        while isinstance(step := await client.next_step("urinary", "fi", answers), QuestionPage):
            assert 1 <= step.number <= step.at_most
            answers |= {question.link_id: PREGNANT[question.link_id] for question in step.questions}
    assert isinstance(step, Result)
    assert (step.urgency, step.p_class, step.rules) == (Urgency.SAME_DAY, "P3", ("pregnant",))
    assert step.version == "2026.1"
    assert step.reasons[0].text == "Vastasit, että olet raskaana."
    assert step.reasons[0].source in step.sources
    assert step.headline == "Ota yhteyttä tänään"
    assert step.bookable_services == ("nurse-phone", "nurse-visit", "doctor-visit")
    assert step.do_now
    assert step.seek_sooner
    assert step.about


async def test_the_client_shows_pages_for_another_person() -> None:
    """The alarm page about somebody else says so, has its help and one exclusive option."""
    async with served(create_app()) as client:
        page = await client.next_step("urinary", "sv", {"who": "other"})
    assert isinstance(page, QuestionPage)
    assert page.for_another
    (question,) = page.questions
    assert (question.kind, question.text) == ("choices", "Har personen något av det här just nu?")
    assert question.help.startswith("Välj alla")
    assert [option.code for option in question.options if option.exclusive] == ["none"]


async def test_the_client_handles_numbers_and_skipping() -> None:
    """A number keeps its limits and unit; out of range is said; a skipped one counts as the worst."""
    async with served(create_app({"n": sample()})) as client:
        page = await client.next_step("n", "fi", {"who": "me"})
        assert isinstance(page, QuestionPage)
        question = page.questions[0]
        assert (question.kind, question.unit, question.minimum, question.maximum) == ("number", "d", 0, 60)
        assert not question.required
        for answer, urgency in ((3, Urgency.SELF_CARE), (7, Urgency.ROUTINE), ((), Urgency.ROUTINE)):
            result = await client.next_step("n", "fi", {"who": "me", "days": answer})
            assert isinstance(result, Result)
            assert result.urgency is urgency
        for wrong, fault in ((61, "out_of_range"), ("x", "not_a_number")):
            with pytest.raises(InvalidAnswers) as caught:
                await client.next_step("n", "fi", {"who": "me", "days": wrong})
            assert caught.value.faults == {"days": fault}


def test_other_usage_contexts_are_no_topics() -> None:
    """What a form says of ages or programmes of care is passed over, by the service and by the client."""
    assert sample().questionnaire.topics == ("days",)
    contexts = [
        {"code": {"code": "age"}, "valueRange": {"low": {"value": 18}}},
        {"code": {"code": "focus"}, "valueCodeableConcept": {"coding": [{"code": "days"}, {"code": "days"}]}},
        {"code": {"code": "focus"}, "valueReference": {"reference": "Group/1"}},
    ]
    minutes = [{"url": OWN + "minutes", "valueInteger": 2}]
    header = {"id": "n", "title": "n", "extension": minutes, "useContext": contexts}
    (summary,) = read_summaries({"resourceType": "Bundle", "entry": [{"resource": header}]})
    assert summary.topics == ("days",)


async def test_this_service_takes_no_tasks() -> None:
    """Sending to a professional, and asking about a task, is an error of its own: nothing is retried for days."""
    contact = Contact("Testi Henkilö", "+358401234567")
    sent = SentAssessment(uuid.uuid4(), "urinary", "2026.1", "fi", PREGNANT, contact)
    async with served(create_app()) as client:
        with pytest.raises(NotOffered):
            await client.send_to_professional(sent)
        with pytest.raises(NotOffered):
            await client.task_status("1")


async def test_the_client_tells_refusals_apart() -> None:
    """Wrong answers, an unknown assessment and a silent service are three different errors."""
    async with served(create_app()) as client:
        with pytest.raises(InvalidAnswers) as caught:
            await client.next_step("urinary", "fi", {"who": (), "age": "cat"})
        assert caught.value.faults == {"age": "not_offered"}
        with pytest.raises(Rejected) as refused:
            await client.next_step("../urinary", "fi", {})
        assert refused.value.status == 404
    silent = OmaoloClient(OmaoloConfig("http://127.0.0.1:9", seconds=1))
    with pytest.raises(Unavailable):
        await silent.list_assessments("fi")
    await silent.close()


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "[]",
        "nonsense",
        '{"resourceType": "QuestionnaireResponse", "status": "in-progress", "contained": []}',
        '{"resourceType": "QuestionnaireResponse", "status": "completed", "contained": [{"resourceType": "X"}]}',
    ],
)
async def test_an_answer_that_makes_no_sense_is_unavailable(body: str) -> None:
    """What does not validate at the border is no data, in lists, steps and refusals alike."""
    app = FastAPI()

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    async def anything(request: Request) -> Response:
        status = 422 if "422" in request.url.path else 200
        return Response(body, status_code=status, media_type="application/json")

    async with served(app) as client:
        with pytest.raises(Unavailable):
            await client.list_assessments("fi")
        for assessment_id in ("urinary", "422"):
            with pytest.raises(Unavailable):
                await client.next_step(assessment_id, "fi", {})


def test_the_shipped_assessments_are_found() -> None:
    """The content folder holds the urinary assessment under its own id."""
    assert shipped_assessments().keys() >= {"urinary"}
