"""Self-assessment: choose one, answer page by page, see the result."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from app.integrations.omaolo.port import AssessmentService, QuestionPage, Result
from app.models import Assessment, AssessmentRun
from app.services.acting.note_reading import note_reading
from app.services.assessing import assess
from app.services.assessing.runs import find_run, is_for_another, unfinished_run
from app.services.assessing.topics import TopicGroup, by_topic
from app.services.booking.bookable import Offer, offers_for
from app.services.health_record.save import Saving, saving_of
from app.services.outside import before_outside_call
from app.web.access import SURE_OF_RIGHT, Code, PublicPage, Session, Submitted, ensure_session
from app.web.components import FieldError
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.outside import Omaolo, leads_to
from app.web.page import Page

router = APIRouter(prefix="/{lang}/assess")


@dataclass(frozen=True)
class ListPage:
    """The assessments by topic; where all have the same one, the page names none."""

    groups: Sequence[TopicGroup]


@dataclass(frozen=True)
class IntroPage:
    """`unfinished`: a run of this assessment that was left half-way in this browser."""

    assessment: Assessment
    unfinished: AssessmentRun | None


@dataclass(frozen=True)
class AskPage:
    """One page of questions. `values` are the answers by linkId (those typed now, else those kept), `back` the page
    before, `interrupted` says that the assessment service did not answer just now."""

    run: AssessmentRun
    asked: QuestionPage
    values: Mapping[str, Sequence[str]]
    errors: Mapping[str, str]
    summary: Sequence[FieldError]
    back: str
    interrupted: bool = False


@dataclass(frozen=True)
class ResultPage:
    """The care card and the ways on: `offers` are only those bookable services whose times are soon enough; a trial
    has none. `saving`: how far the result is on its way to the reader's own Kanta record, where they can save it."""

    run: AssessmentRun
    result: Result
    offers: Sequence[Offer]
    saving: Saving | None


@router.get("", name="assess_list", dependencies=[leads_to("omaolo")])
async def list_assessments(page: PublicPage, session: Session) -> Response:
    """The assessments there are."""
    page.title = _("Assess your symptom")
    return page.show("assess/list.html", ListPage(by_topic(await assess.list_assessments(session))))


@router.get("/{assessment}", name="assess_intro", dependencies=[leads_to("omaolo")])
async def introduce(page: PublicPage, session: Session, assessment: Code) -> Response:
    """What this assessment is, and going on with one that was left half-way."""
    unfinished = await unfinished_run(session, page.viewer, assessment)
    found = await assess.find_assessment(session, assessment)
    page.title = found.titles.to(page.language)
    return page.show("assess/intro.html", IntroPage(found, unfinished))


@router.post("/{assessment}", name="assess_start", dependencies=[limited("form")])
async def start(
    page: PublicPage,
    session: Session,
    omaolo: Omaolo,
    assessment: Code,
    form: Submitted,  # noqa: ARG001
) -> Response:
    """Begin: nothing is kept before this."""
    return await _start(page, session, omaolo, assessment, trying=False)


@router.post("/{assessment}/try", name="assess_try", dependencies=[limited("form")])
async def try_out(
    page: PublicPage,
    session: Session,
    omaolo: Omaolo,
    assessment: Code,
    form: Submitted,  # noqa: ARG001
) -> Response:
    """Begin a trial: the same questions, and nothing can be sent or booked from the answers."""
    return await _start(page, session, omaolo, assessment, trying=True)


@router.get("/run/{run_id}", name="assess_run", dependencies=[SURE_OF_RIGHT])
async def current(page: PublicPage, session: Session, run_id: uuid.UUID) -> Response:
    """Where the run stands: the result, else the page that waits for answers."""
    run = await find_run(session, page.viewer, run_id)
    return page.go(_next_path(page, run))


@router.get("/run/{run_id}/result", name="assess_result", dependencies=[SURE_OF_RIGHT])
async def show_result(page: PublicPage, session: Session, omaolo: Omaolo, run_id: uuid.UUID) -> Response:
    """How urgent it is, why, what to do now, and the ways on."""
    run = await find_run(session, page.viewer, run_id)
    result = await assess.result_of_run(session, omaolo, run, page.language)
    if result is None:
        return page.go(_next_path(page, run))
    await note_reading(session, page.viewer, ("assessment_run", run.id), run.register)
    none = run.trying or is_for_another(run)
    offers = [] if none else await offers_for(session, result.bookable_services, result.urgency)
    saving = None if "kanta-phr" in page.settings.not_in_use else await saving_of(session, page.viewer, run)
    page.title = result.headline
    return page.show("assess/result.html", ResultPage(run, result, offers, saving))


@router.get("/run/{run_id}/{page_id}", name="assess_page", dependencies=[SURE_OF_RIGHT])
async def ask(page: PublicPage, session: Session, omaolo: Omaolo, run_id: uuid.UUID, page_id: Code) -> Response:
    """One page of questions, filled in with what was answered before."""
    run = await find_run(session, page.viewer, run_id)
    if page_id not in run.road:
        return page.go(_next_path(page, run))
    asked = await assess.page_of_run(session, omaolo, run, page_id, page.language)
    await note_reading(session, page.viewer, ("assessment_run", run.id), run.register)
    page.title = asked.title
    return page.show("assess/ask.html", _ask_page(page, run, asked), block="main")


@router.post("/run/{run_id}/{page_id}", name="assess_answer", dependencies=[limited("form")])
async def answer(
    page: PublicPage, session: Session, omaolo: Omaolo, run_id: uuid.UUID, page_id: Code, form: Submitted
) -> Response:
    """Take the page's answers; on to the next page, or the same one with what is to be mended."""
    run = await find_run(session, page.viewer, run_id)
    if page_id not in run.road:
        return page.go(_next_path(page, run))
    done = await assess.answer_page(session, omaolo, run, page_id, form.values, page.language, viewer=page.viewer)
    if not done.errors and not done.interrupted:
        return page.go(_next_path(page, run))
    page.title = done.page.title
    errors = {link: _explain(code) for link, code in done.errors.items()}
    context = _ask_page(page, run, done.page, typed=form.values, errors=errors, interrupted=done.interrupted)
    return page.show("assess/ask.html", context, block="main", status=503 if done.interrupted else 422)


async def _start(page: Page, session: Session, omaolo: AssessmentService, assessment: str, *, trying: bool) -> Response:
    found = await assess.find_assessment(session, assessment)
    await before_outside_call(session)
    first = await assess.first_page(omaolo, assessment, page.language, trying=trying)
    viewer = await ensure_session(page, session)
    run = await assess.start_run(session, viewer, found, first, page.language, trying=trying)
    return page.go(page.path("assess_page", run_id=run.id, page_id=first.id))


def _next_path(page: Page, run: AssessmentRun) -> str:
    if run.result is not None:
        return page.path("assess_result", run_id=run.id)
    return page.path("assess_page", run_id=run.id, page_id=run.road[-1])


def _ask_page(
    page: Page,
    run: AssessmentRun,
    asked: QuestionPage,
    *,
    typed: Mapping[str, Sequence[str]] | None = None,
    errors: Mapping[str, str] | None = None,
    interrupted: bool = False,
) -> AskPage:
    place = run.road.index(asked.id)
    back = (
        page.path("assess_page", run_id=run.id, page_id=run.road[place - 1])
        if place
        else page.path("assess_intro", assessment=run.assessment_id)
    )
    values = {
        question.link_id: tuple(typed.get(question.link_id, ())) if typed is not None else _kept(run, question.link_id)
        for question in asked.questions
    }
    wrong = errors or {}
    summary = [FieldError(link, message) for link, message in wrong.items()]
    return AskPage(run, asked, values, wrong, summary, back, interrupted)


def _kept(run: AssessmentRun, link: str) -> tuple[str, ...]:
    value = run.answers.get(link, ())
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else (str(value),)


def _explain(code: str) -> str:
    return {
        "missing": _("Choose the answer that fits best"),
        "not_a_number": _("Write a whole number, such as 38"),
        "out_of_range": _("Check the number: it is outside what we can use"),
        "not_offered": _("Choose one of the answers on this page"),
    }.get(code, _("Check this answer"))
