"""Self-assessments: begin one, answer page by page, go back and forth, and see the result.

The assessment service is stateless: what was answered is kept here, and sent along with each question. A page is
kept as it was asked, so that showing it again needs nobody, and the professional later reads what the resident read.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified

from app.domain.text import Language
from app.integrations.http import OutsideError, Unavailable
from app.integrations.omaolo.port import (
    AnswerValue,
    AssessmentService,
    InvalidAnswers,
    Question,
    QuestionPage,
    Result,
)
from app.models import Assessment, AssessmentRun, Case
from app.services.audit import trail
from app.services.cases.tell_case import tell_answers
from app.services.clock import read_clock
from app.services.errors import NotFound
from app.services.outside import before_outside_call
from app.services.viewer import Viewer, refuse_without_right

PAGE, RESULT = TypeAdapter(QuestionPage), TypeAdapter(Result)


@dataclass(frozen=True)
class Answered:
    """What came of one page of answers: `errors` by linkId where something is to be mended, `interrupted` where
    the assessment service did not answer (what was answered is kept). Otherwise the run has moved on."""

    run: AssessmentRun
    page: QuestionPage
    errors: Mapping[str, str] = field(default_factory=dict)
    interrupted: bool = False


async def list_assessments(session: AsyncSession) -> Sequence[Assessment]:
    """The assessments on offer, as the assessment service last told."""
    return (await session.scalars(select(Assessment).order_by(Assessment.id))).all()


async def find_assessment(session: AsyncSession, assessment_id: str) -> Assessment:
    """The assessment called `assessment_id`. Raises NotFound."""
    found = await session.get(Assessment, assessment_id)
    if found is None:
        raise NotFound
    return found


async def first_page(
    service: AssessmentService, assessment_id: str, language: Language, *, trying: bool
) -> QuestionPage:
    """The page that an assessment begins with."""
    step = await service.next_step(assessment_id, language, {}, trying=trying)
    if isinstance(step, Result):
        raise Unavailable("omaolo", "an assessment without questions")
    return step


async def start_run(
    session: AsyncSession,
    viewer: Viewer,
    assessment: Assessment,
    page: QuestionPage,
    language: Language,
    *,
    trying: bool,
) -> AssessmentRun:
    """A new run that stands at its first page. A trial belongs to the browser session alone, never to a person.

    Raises NoRight where the viewer acts for another and may not do so in health care.
    """
    if not trying:
        refuse_without_right(viewer, "patient")
    clock = await read_clock(session)
    run = AssessmentRun(
        id=uuid.uuid4(),
        session_id=viewer.session_id,
        subject_id=None if trying else viewer.subject_id,
        actor_id=None if trying else viewer.person_id,
        trying=trying,
        assessment_id=assessment.id,
        titles=assessment.titles,
        language=language,
        road=[page.id],
        answers={},
        asked={page.id: _snapshot(page, language)},
        changed_at=clock.now,
    )
    session.add(run)
    await session.flush()
    await _record(session, viewer, "begin", run)
    return run


async def page_of_run(
    session: AsyncSession, service: AssessmentService, run: AssessmentRun, page_id: str, language: Language
) -> QuestionPage:
    """A page on the run's road, in `language`. Raises NotFound for a page that is not on it."""
    if page_id not in run.road:
        raise NotFound
    kept = run.asked[page_id]
    if kept["language"] == language:
        return PAGE.validate_python(kept["page"])
    await before_outside_call(session)
    step = await service.next_step(run.assessment_id, language, _answers_before(run, page_id), trying=run.trying)
    return step if isinstance(step, QuestionPage) else PAGE.validate_python(kept["page"])


async def answer_page(
    session: AsyncSession,
    service: AssessmentService,
    run: AssessmentRun,
    page_id: str,
    typed: Mapping[str, Sequence[str]],
    language: Language,
    *,
    viewer: Viewer | None,
) -> Answered:
    """Take the answers typed on a page, keep them, and move on to the next page or the result.

    `viewer` is who answers: what is kept leaves a row in the audit trail.
    Raises NotFound where the page is not on the run's road (answers before it were changed in another tab).
    """
    page = await page_of_run(session, service, run, page_id, language)
    own = {question.link_id: _value(question, typed.get(question.link_id, ())) for question in page.questions}
    wrong = {link: "not_a_number" for link, value in own.items() if value is None}
    if wrong:
        return Answered(run, page, wrong)
    answers = {link: value for link, value in own.items() if value is not None}
    given = {**_answers_before(run, page_id), **answers}
    await before_outside_call(session)
    try:
        step = await service.next_step(run.assessment_id, language, given, trying=run.trying)
    except InvalidAnswers as invalid:
        return Answered(run, page, dict(invalid.faults))
    except OutsideError:
        await _keep(session, viewer, run, page, answers, language)
        return Answered(run, page, interrupted=True)
    await _keep(session, viewer, run, page, answers, language)
    await _move_on(session, run, page_id, step, language)
    return Answered(run, page)


async def _keep(
    session: AsyncSession,
    viewer: Viewer | None,
    run: AssessmentRun,
    page: QuestionPage,
    answers: Mapping[str, AnswerValue],
    language: Language,
) -> None:
    clock = await read_clock(session)
    await session.refresh(run, with_for_update=True)  # another tab may have answered in the meantime
    run.answers = {**run.answers, **_plain(answers)}
    run.asked = {**run.asked, page.id: _snapshot(page, language)}
    run.changed_at = clock.now
    await session.flush()
    await _record(session, viewer, "answer", run)


async def _record(session: AsyncSession, viewer: Viewer | None, action: str, run: AssessmentRun) -> None:
    """A row about what was done to the run; a trial is nobody's, and leaves none."""
    if run.trying:
        return
    clock, target = await read_clock(session), ("assessment_run", run.id)
    await trail.record(session, clock, viewer, action, target, subject_id=run.subject_id, register=run.register)


async def _move_on(
    session: AsyncSession, run: AssessmentRun, page_id: str, step: QuestionPage | Result, language: Language
) -> None:
    """Set what follows `page_id`; what was answered further on stays, in case the road leads there again."""
    clock = await read_clock(session)
    here = run.road[: run.road.index(page_id) + 1]
    run.language = language
    if isinstance(step, Result):
        run.road = here
        run.result = RESULT.dump_python(step, mode="json")
        run.finished_at = clock.now
    else:
        run.road = [*here, step.id]
        run.asked = {**run.asked, step.id: _snapshot(step, language)}
        run.result, run.finished_at = None, None
    flag_modified(run, "road")
    await session.flush()
    if run.result is not None and run.case_id is not None:  # answered anew after it had been sent
        await tell_answers(session, await session.get_one(Case, run.case_id), run)


async def result_of_run(
    session: AsyncSession, service: AssessmentService, run: AssessmentRun, language: Language
) -> Result | None:
    """The result as it was given; None where the run is not finished.

    In another language it is asked for again, and the one that was given stays where the service does not answer
    or would now decide otherwise.
    """
    if run.result is None:
        return None
    given = RESULT.validate_python(run.result)
    if run.language == language:
        return given
    await before_outside_call(session)
    try:
        again = await service.next_step(run.assessment_id, language, all_answers(run), trying=run.trying)
    except (OutsideError, InvalidAnswers):
        return given
    return again if isinstance(again, Result) and again.urgency == given.urgency else given


def all_answers(run: AssessmentRun) -> dict[str, AnswerValue]:
    """The answers of the pages on the run's road."""
    return _answers_of(run, run.road)


def _answers_before(run: AssessmentRun, page_id: str) -> dict[str, AnswerValue]:
    return _answers_of(run, run.road[: run.road.index(page_id)])


def _answers_of(run: AssessmentRun, pages: Sequence[str]) -> dict[str, AnswerValue]:
    links = [link for page in pages for link in run.asked[page]["links"]]
    return {link: _from_json(run.answers[link]) for link in links if link in run.answers}


def _from_json(value: Any) -> AnswerValue:
    return tuple(value) if isinstance(value, list) else value


def _plain(answers: Mapping[str, AnswerValue]) -> dict[str, Any]:
    return {link: list(value) if isinstance(value, tuple) else value for link, value in answers.items()}


def _snapshot(page: QuestionPage, language: Language) -> dict[str, Any]:
    return {
        "language": language,
        "links": [question.link_id for question in page.questions],
        "page": PAGE.dump_python(page, mode="json"),
    }


def _value(question: Question, typed: Sequence[str]) -> AnswerValue | None:
    """What was typed, as the service takes it: an empty tuple for nothing, None for something that is no number."""
    filled = tuple(value.strip() for value in typed if value.strip())
    if question.kind == "choices" or not filled:
        return filled
    if question.kind == "number":
        return int(filled[0]) if filled[0].isascii() and filled[0].isdigit() and len(filled[0]) < 10 else None
    return filled[0]
