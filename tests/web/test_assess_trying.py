"""”I am only trying this”: the whole way without scripts, and that nothing ever comes of it."""

import uuid
from datetime import timedelta

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.text import Text
from app.models import Assessment, AssessmentRun
from app.services.assessing.runs import find_real_run, find_run, urgency_of
from app.services.assessing.topics import by_topic
from app.services.booking.hold_time import Choice, hold_time
from app.services.cases.arrivals import case_of_run
from app.services.cases.contact_requests import ContactDetails, send_contact_request
from app.services.errors import NotFound, TryingOnly
from app.services.retention import sweep_old
from app.services.viewer import Viewer
from app.settings import Settings
from tests.tools.people import sign_in_many
from tests.tools.visitor import Visitor
from tests.web.test_road import ANSWERS, RESIDENT, answer_until_result

WORDS = {
    "fi": ("Kokeilet vain", "Kokeilit vain"),
    "sv": ("Du provar bara", "Du provade bara"),
    "en": ("You are only trying this", "You were only trying this"),
}


async def try_out(visitor: Visitor, language: str = "fi", **answers: str | list[str]) -> str:
    """A trial to its result, by the intro page's second choice; returns the run's id."""
    await visitor.get(f"/{language}/assess/urinary")
    await visitor.submit("/assess/urinary/try")
    await answer_until_result(visitor, {**ANSWERS, **answers})
    return visitor.path.split("/run/")[1].split("/")[0]


def count(settings: Settings, query: str, *values: object) -> int:
    with psycopg.connect(settings.worker_database_url) as connection:
        row = connection.execute(query, values).fetchone()
    assert row is not None
    return int(row[0])


def joined(settings: Settings, run: str) -> int:
    """1 where this trial belongs to a person or a case, else 0."""
    query = "select count(*) from assessment_run where id = %s and trying and coalesce(subject_id, case_id) is not null"
    return count(settings, query, run)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_the_road_of_a_trial(visitor: Visitor, settings: Settings, language: str) -> None:
    """Every page says calmly that it is a trial; the result gives advice and a phone, and neither times nor sending."""
    while_trying, after = WORDS[language]
    await visitor.get(f"/{language}/assess/urinary")
    await visitor.submit("/assess/urinary/try")
    assert while_trying in visitor.document.text
    await answer_until_result(visitor)
    assert after in visitor.document.text
    addresses = [href for _text, href in visitor.document.links()]
    assert not [href for href in addresses if "/book/" in href or "assessment=" in href]
    assert [href for href in addresses if href.startswith("tel:")]
    run = visitor.path.split("/run/")[1].split("/")[0]
    assert joined(settings, run) == 0
    assert count(settings, "select count(*) from assessment_run where id = %s and trying", run) == 1
    await visitor.get(visitor.document.leading_to("/assess/urinary"))
    await visitor.submit("/assess/urinary")
    assert while_trying not in visitor.document.text


@pytest.mark.parametrize(("language", "words"), [("fi", "soita nyt"), ("sv", "ring nu"), ("en", "call now")])
async def test_emergency_advice_is_shown_all_the_same(visitor: Visitor, language: str, words: str) -> None:
    """A trial that comes to an emergency has the call to 112 first, and says when the symptoms are real."""
    await try_out(visitor, language, alarm=["confused"])
    assert words in visitor.document.text
    assert "tel:112" in [href for _text, href in visitor.document.links()]


async def test_the_service_is_told(visitor: Visitor, settings: Settings) -> None:
    """Each question of a trial tells the assessment service so, and no question of a real run does."""
    newest = f"{settings.simulators_url}/_traffic/omaolo"
    await try_out(visitor)
    assert await asked(newest) == {True}
    await visitor.get("/fi/assess/urinary")
    await visitor.submit("/assess/urinary")
    await answer_until_result(visitor)
    assert await asked(newest) == {False}


async def asked(address: str) -> set[bool]:
    """Whether the last three requests to the service were marked as a trial's."""
    async with httpx.AsyncClient(headers={"Accept": "application/json"}) as client:
        exchanges = (await client.get(address)).json()["exchanges"][:3]
    return {'StructureDefinition/trying"' in one["request"]["body"] for one in exchanges}


@pytest.mark.parametrize("address", ["/fi/contact?assessment={}", "/fi/book/nurse-visit/times?assessment={}"])
async def test_nothing_can_be_begun_from_a_trial(visitor: Visitor, address: str) -> None:
    """Sending and booking from a trial's address say why not, and how to start for real or be contacted."""
    run = await try_out(visitor)
    await visitor.get(address.format(run))
    assert visitor.status == 409
    assert visitor.document.h1 == "Kokeilit vain"
    await visitor.get(visitor.document.leading_to("/assess/urinary"))
    assert visitor.status == 200


async def test_a_form_with_a_trial_is_refused(visitor: Visitor, settings: Settings) -> None:
    """A contact form or a hold that names a trial, typed by hand, changes nothing."""
    run = await try_out(visitor)
    cases = count(settings, 'select count(*) from "case"')
    await visitor.get("/fi/contact")
    await visitor.submit("/contact", assessment=run, name="Testi", phone="040 123 4567", message="Asia", topic="health")
    assert visitor.status == 409
    assert count(settings, 'select count(*) from "case"') == cases
    await visitor.get("/fi/sign-in")
    await visitor.sign_in(RESIDENT)
    mine = await try_out(visitor)
    await visitor.get("/fi/book/dental-check/times")
    await visitor.submit("/hold", assessment=mine)
    assert visitor.status == 409
    assert visitor.document.h1 == "Kokeilit vain"
    assert count(settings, "select count(*) from appointment where assessment_run_id = %s", mine) == 0
    assert joined(settings, mine) == 0


async def test_signing_in_leaves_a_trial_behind(visitor: Visitor, settings: Settings) -> None:
    """A trial does not become the person's at sign-in, and is not found afterwards; a real run goes along."""
    trial = await try_out(visitor)
    await visitor.get("/fi/assess/urinary")
    await visitor.submit("/assess/urinary")
    real = visitor.path.split("/run/")[1].split("/")[0]
    await visitor.get("/fi/sign-in")
    await visitor.sign_in(RESIDENT)
    assert joined(settings, trial) == 0
    assert (await visitor.get(f"/fi/assess/run/{trial}/result")).status == 404
    assert (await visitor.get(f"/fi/assess/run/{real}")).status == 200
    assert count(settings, "select count(*) from assessment_run where id = %s and subject_id is not null", real) == 1


async def test_a_trial_left_half_way_is_not_offered(visitor: Visitor) -> None:
    """The intro page offers to go on only with answers that were meant."""
    await visitor.get("/fi/assess/urinary")
    await visitor.submit("/assess/urinary/try")
    form = next(form for form in visitor.document.forms() if "/assess/run/" in form.action)
    await visitor.send(form, "", who="me")
    await visitor.get("/fi/assess/urinary")
    assert not [href for _text, href in visitor.document.links() if "/assess/run/" in href]


@pytest.fixture
def viewer(settings: Settings) -> Viewer:
    one = sign_in_many(settings, 1)[0]
    return Viewer(one.session_id, one.person_id)


@pytest.fixture
def trial(viewer: Viewer, settings: Settings) -> AssessmentRun:
    """A finished trial of somebody who is signed in: each service has to refuse it by itself."""
    assert settings.fixed_now
    return AssessmentRun(
        id=uuid.uuid4(),
        session_id=viewer.session_id,
        assessment_id="urinary",
        titles=Text({"fi": "Virtsavaivat"}),
        language="fi",
        result={"urgency": "same_day", "for_another": False},
        changed_at=settings.fixed_now,
        trying=True,
    )


async def test_every_service_refuses_a_trial(session: AsyncSession, viewer: Viewer, trial: AssessmentRun) -> None:
    """No case, no contact request, no held time and no urgency come of a trial, whoever asks."""
    session.add(trial)
    await session.flush()
    details = ContactDetails("Testi", "+358401234567", "", "Asia")
    choice = Choice("dental-check", uuid.uuid4(), trial.changed_at + timedelta(days=1), run_id=trial.id)
    assert await find_run(session, viewer, trial.id) is trial
    assert urgency_of(trial) is None
    with pytest.raises(TryingOnly):
        await find_real_run(session, viewer, trial.id)
    with pytest.raises(TryingOnly):
        await case_of_run(session, viewer, trial)
    with pytest.raises(TryingOnly):
        await send_contact_request(session, viewer, details, "fi", trial)
    with pytest.raises(TryingOnly) as refused:
        await hold_time(session, viewer, choice, age=40, language="fi")
    assert refused.value.assessment == "urinary"
    await session.rollback()


async def test_a_trial_of_somebody_else_is_not_found(visitor: Visitor, session: AsyncSession, viewer: Viewer) -> None:
    """That a run is a trial is told to nobody but whoever tried."""
    run = await try_out(visitor)
    with pytest.raises(NotFound):
        await find_real_run(session, viewer, uuid.UUID(run))
    with pytest.raises(NotFound):
        await find_real_run(session, None, uuid.UUID(run))


async def test_trials_are_deleted_like_anonymous_answers(
    visitor: Visitor, settings: Settings, session: AsyncSession
) -> None:
    """After seven days the sweep removes a trial, a signed-in resident's too."""
    await visitor.get("/fi/sign-in")
    await visitor.sign_in(RESIDENT)
    run = await try_out(visitor)
    with psycopg.connect(settings.worker_database_url) as connection:
        connection.execute("update assessment_run set changed_at = changed_at - interval '8 days' where id = %s", [run])
    await sweep_old(session)
    await session.commit()
    assert count(settings, "select count(*) from assessment_run where id = %s", run) == 0


def offered(name: str, *topics: str) -> Assessment:
    return Assessment(id=name, titles=Text(), descriptions=Text(), minutes=1, topics=list(topics))


def test_assessments_stand_under_their_first_known_topic() -> None:
    """Each assessment once, topics in the content's order; one without a known topic is under ”other”."""
    given = [offered("a", "urinary", "skin"), offered("b", "x-unknown", "eyes"), offered("c"), offered("d", "urinary")]
    shown = [(group.names.to("en"), [one.id for one in group.assessments]) for group in by_topic(given)]
    assert shown == [("Eyes", ["b"]), ("Urinary tract", ["a", "d"]), ("Other symptom", ["c"])]
    assert by_topic([]) == []


async def test_the_list_names_topics_only_where_there_are_several(
    app: FastAPI, visitor: Visitor, settings: Settings
) -> None:
    """With one topic the list is a plain list; with two each has a heading above its assessments."""
    await visitor.get("/sv/assess")
    assert "Urinvägar" not in visitor.document.text
    add = (
        "insert into assessment (id, titles, descriptions, minutes, topics)"
        """ values ('eye', '{"fi": "Silmävaiva"}', '{"fi": "Arvioi"}', 2, '{eyes}')"""
    )
    with psycopg.connect(settings.worker_database_url) as connection:
        connection.execute(add)
    await visitor.get("/sv/assess")
    headings = ["".join(one.itertext()).strip() for one in visitor.document.all("h2", "h3")]
    with psycopg.connect(settings.worker_database_url) as connection:
        connection.execute("delete from assessment where id = 'eye'")
    assert headings[:4] == ["Ögon", "Silmävaiva", "Urinvägar", "Urinbesvär"]
