"""A finished assessment as entries of the resident's own Kanta record: the form as it was answered, and the advice."""

import uuid
from collections.abc import Iterator

from app.domain.text import as_language
from app.integrations.kanta.phr.port import (
    AnsweredItem,
    AnswerValue,
    Choice,
    Entry,
    FilledQuestionnaire,
    SelfCarePlan,
)
from app.integrations.omaolo.port import Question, Result
from app.models import AssessmentRun
from app.services.assessing.assess import PAGE, RESULT
from app.services.assessing.runs import version_of

# The canonical address of an assessment: a name, which need not lead anywhere.
CANONICAL = "https://asiointi-ikkuna.example/fhir/Questionnaire/"


def entries_of(run: AssessmentRun) -> tuple[Entry, ...]:
    """What is saved of a finished run, in its language. A repeated saving has the same identifiers; a result after
    changed answers has new ones, because nothing in the record is rewritten from here."""
    result: Result = RESULT.validate_python(run.result)
    language, finished = as_language(run.language), run.finished_at or run.changed_at
    form = FilledQuestionnaire(
        identifier=uuid.uuid5(run.id, f"form {version_of(run)}"),
        language=language,
        questionnaire=f"{CANONICAL}{run.assessment_id}|{result.version}",
        title=run.titles.to(language),
        filled_at=finished,
        items=tuple(_answered(run)),
    )
    plan = SelfCarePlan(
        identifier=uuid.uuid5(run.id, f"plan {version_of(run)}"),
        language=language,
        title=result.headline,
        description=result.by_when,
        advice=(*result.do_now, *result.seek_sooner, *result.about),
        made_at=finished,
    )
    return form, plan


def _answered(run: AssessmentRun) -> Iterator[AnsweredItem]:
    """Questions and answers in the words that were shown; a question left out has no answers."""
    for page_id in run.road:
        page = PAGE.validate_python(run.asked[page_id]["page"])
        for question in page.questions:
            given = run.answers.get(question.link_id, [])
            values = given if isinstance(given, list) else [given]
            answers = tuple(_value(question, value) for value in values)
            yield AnsweredItem(question.link_id, question.text, answers)


def _value(question: Question, given: str | int) -> AnswerValue:
    if isinstance(given, int):
        return given
    words = {option.code: option.text for option in question.options}
    return Choice(None, given, words.get(given, given))
