"""The answers of an assessment, in the words in which the questions were asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.integrations.omaolo.port import QuestionPage
from app.models import AssessmentRun
from app.services.assessing.assess import PAGE


@dataclass(frozen=True)
class Answer:
    """A question as it was asked, and the answers chosen, both in the language of the filling."""

    question: str
    answers: Sequence[str]


def answers_of(run: AssessmentRun) -> list[Answer]:
    """The answers of the pages on the road, in their order."""
    pages = [PAGE.validate_python(run.asked[page_id]["page"]) for page_id in run.road if page_id in run.asked]
    return [answer for asked in pages for answer in _of_page(asked, run.answers)]


def _of_page(asked: QuestionPage, given: dict[str, Any]) -> list[Answer]:
    found = []
    for question in asked.questions:
        value = given.get(question.link_id)
        words = {option.code: option.text for option in question.options}
        chosen = [str(one) for one in (value if isinstance(value, list) else [value]) if one is not None]
        found.append(Answer(question.text, [words.get(one, one) for one in chosen]))
    return found
