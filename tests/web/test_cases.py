"""What arrives opens or joins the right case, about the right person."""

import uuid
from collections.abc import AsyncIterator

import psycopg
import pytest
import pytest_asyncio
from fastapi import FastAPI

from app.models import AssessmentRun
from app.services.cases.arrivals import case_of_run
from app.services.viewer import Viewer
from app.settings import Settings
from tests.tools.deliveries import carrier, change, rows_of
from tests.tools.people import SignedIn, sign_in_many
from tests.tools.visitor import Visitor
from tests.web.test_road import ANSWERS, answer_until_result


@pytest.fixture
def resident(settings: Settings) -> SignedIn:
    """A resident with a session."""
    return sign_in_many(settings, 1)[0]


@pytest_asyncio.fixture(loop_scope="session")
async def signed_in(app: FastAPI, settings: Settings, resident: SignedIn) -> AsyncIterator[Visitor]:
    """The resident's browser."""
    async with Visitor(app, settings.public_url) as one:
        one.client.cookies.set("asiointi", resident.cookie)
        yield one


async def finish_assessment(visitor: Visitor, **answers: str | list[str]) -> str:
    """Answer the urinary assessment; returns the run's id."""
    await visitor.get("/fi/assess/urinary")
    await visitor.submit("/assess/urinary")
    await answer_until_result(visitor, {**ANSWERS, **answers})
    return visitor.path.split("/run/")[1].split("/")[0]


def the_case(settings: Settings, run: str) -> dict[str, object]:
    with psycopg.connect(settings.worker_database_url) as connection:
        row = connection.execute(
            'select c.subject_id, c.actor_id, c.kind, c.urgency, c.register from "case" c'
            " join assessment_run r on r.case_id = c.id where r.id = %s",
            [run],
        ).fetchone()
    assert row is not None
    return dict(zip(("subject", "actor", "kind", "urgency", "register"), row, strict=True))


async def send_contact(visitor: Visitor, run: str) -> None:
    await visitor.get(f"/fi/contact?assessment={run}")
    await visitor.submit("/contact", name="Testi Henkilö", phone="040 123 4567", reachable="aamulla")
    assert "/contact/sent/" in visitor.path, visitor.document.text[:300]


async def test_own_contact_is_about_oneself(signed_in: Visitor, resident: SignedIn, settings: Settings) -> None:
    """A signed-in resident's contact request with an own assessment is a case about them, as urgent as the result."""
    run = await finish_assessment(signed_in)
    await send_contact(signed_in, run)
    case = the_case(settings, run)
    assert (case["subject"], case["actor"]) == (resident.person_id, resident.person_id)
    assert (case["kind"], case["urgency"], case["register"]) == ("contact_request", "within_days", "patient")


async def test_contact_for_another_has_no_subject(signed_in: Visitor, resident: SignedIn, settings: Settings) -> None:
    """Answers about another person never become the matter of the one who answered."""
    run = await finish_assessment(signed_in, who="other", **{"can-tell": "yes"})
    await send_contact(signed_in, run)
    case = the_case(settings, run)
    assert (case["subject"], case["actor"]) == (None, resident.person_id)


async def test_anonymous_contact_has_nobody(visitor: Visitor, settings: Settings) -> None:
    """Without signing in the case is there, about nobody who is known, and the receipt tells a reference."""
    run = await finish_assessment(visitor)
    await send_contact(visitor, run)
    case = the_case(settings, run)
    assert (case["subject"], case["actor"]) == (None, None)


async def booked_case(settings: Settings, viewer: Viewer, run: str) -> dict[str, object]:
    """The case of the run as a booking by `viewer` would have it."""
    async with carrier(settings) as ours, ours.transactions() as session:
        await case_of_run(session, viewer, await session.get_one(AssessmentRun, uuid.UUID(run)))
    return the_case(settings, run)


async def test_an_anonymous_case_becomes_ones_own(visitor: Visitor, resident: SignedIn, settings: Settings) -> None:
    """Sent without signing in, then signed in to book: the case, and what was written in it, are the resident's."""
    run = await finish_assessment(visitor)
    await send_contact(visitor, run)
    case = await booked_case(settings, Viewer(resident.session_id, resident.person_id), run)
    assert (case["subject"], case["actor"], case["kind"]) == (resident.person_id, resident.person_id, "contact_request")
    query = "select q.actor_id from contact_request q join assessment_run r on r.case_id = q.case_id where r.id = %s"
    assert rows_of(settings, query, run) == [{"actor_id": resident.person_id}]


async def test_a_claimed_case_leaves_a_trace(visitor: Visitor, resident: SignedIn, settings: Settings) -> None:
    """That a matter sent without signing in became somebody's is in the audit trail, once."""
    run = await finish_assessment(visitor)
    await send_contact(visitor, run)
    await booked_case(settings, Viewer(resident.session_id, resident.person_id), run)
    query = (
        "select e.action, e.subject_id from audit_event e join assessment_run r on r.case_id::text = e.target_id"
        " where r.id = %s and e.target_kind = 'case' and e.action = 'claim'"
    )
    assert rows_of(settings, query, run) == [{"action": "claim", "subject_id": resident.person_id}]


@pytest.mark.parametrize("known", [True, False])
async def test_a_case_about_another_stays_so(
    visitor: Visitor, resident: SignedIn, settings: Settings, *, known: bool
) -> None:
    """What was told of somebody else never becomes the sender's own matter: a booking gets a case of its own."""
    run = await finish_assessment(visitor)
    await send_contact(visitor, run)
    (first,) = rows_of(settings, "select case_id from assessment_run where id = %s", run)
    if known:
        change(settings, 'update "case" set actor_id = %s where id = %s', resident.person_id, first["case_id"])
    else:
        change(settings, "update contact_request set about = 'Naapuri' where case_id = %s", first["case_id"])
    case = await booked_case(settings, Viewer(resident.session_id, resident.person_id), run)
    assert (case["subject"], case["kind"]) == (resident.person_id, "assessment")
    (row,) = rows_of(settings, 'select subject_id from "case" where id = %s', first["case_id"])
    assert row["subject_id"] is None


async def test_answers_come_back(visitor: Visitor) -> None:
    """Leaving in the middle and coming back in the same browser finds the answers where they were left."""
    await visitor.get("/fi/assess/urinary")
    await visitor.submit("/assess/urinary")
    form = next(form for form in visitor.document.forms() if "/assess/run/" in form.action)
    await visitor.send(form, "", who="me")
    left_at = visitor.path
    await visitor.get("/sv/")
    await visitor.get("/fi/assess/urinary")
    await visitor.get(next(href for _text, href in visitor.document.links() if "/assess/run/" in href))
    assert visitor.path == left_at
    await visitor.get(left_at.replace("page-alarm", "page-who"))
    assert ("who", "me") in visitor.document.form("page-who").values
