"""What the product asks of a symptom assessment, whoever runs it.

The web keeps the answers; the service keeps nothing. `next_step` with the answers of the pages before X gives page
X; with X's answers too it gives what follows. The same answers always give the same step. An empty tuple as a value
says that the question was submitted unanswered (a required one comes back as `missing`).

Errors: `Unavailable` and `Rejected` of `app.integrations.http`, and `InvalidAnswers`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from app.domain.text import Language
from app.domain.urgency import Urgency

AnswerValue = str | tuple[str, ...] | int
Answers = Mapping[str, AnswerValue]
Fault = Literal["missing", "not_offered", "not_a_number", "out_of_range"]
QuestionKind = Literal["choice", "choices", "number"]


class InvalidAnswers(Exception):
    """Some answers do not fit; `faults` maps linkIds to what is wrong with them."""

    def __init__(self, faults: Mapping[str, Fault]) -> None:
        super().__init__(", ".join(f"{link_id}: {fault}" for link_id, fault in faults.items()))
        self.faults = faults


@dataclass(frozen=True)
class AssessmentSummary:
    """One assessment on offer; `minutes` is about how long it takes."""

    id: str
    title: str
    description: str
    minutes: int


@dataclass(frozen=True)
class Option:
    """One answer offered; an exclusive one rules out all others."""

    code: str
    text: str
    exclusive: bool


@dataclass(frozen=True)
class Question:
    """One question; `unit`, `minimum` and `maximum` belong to numbers, `options` to choices."""

    link_id: str
    text: str
    help: str
    kind: QuestionKind
    options: tuple[Option, ...]
    unit: str
    minimum: int | None
    maximum: int | None
    required: bool = True


@dataclass(frozen=True)
class QuestionPage:
    """One page to ask: page `number` of at most `at_most`, about the reader or (`for_another`) somebody else."""

    id: str
    title: str
    lead: str
    questions: tuple[Question, ...]
    number: int
    at_most: int
    for_another: bool


@dataclass(frozen=True)
class Reason:
    """”Because you answered …”, and the guideline behind it."""

    text: str
    source: str


@dataclass(frozen=True)
class Result:
    """The outcome in the reader's language.

    `rules` are the ids of all rules that matched, for staff and for review. `bookable_services` and
    `self_care_guide` are codes. It is never a professional's assessment of need.
    """

    assessment_id: str
    version: str
    urgency: Urgency
    p_class: str
    headline: str
    by_when: str
    reasons: tuple[Reason, ...]
    do_now: tuple[str, ...]
    seek_sooner: tuple[str, ...]
    about: tuple[str, ...]
    sources: tuple[str, ...]
    bookable_services: tuple[str, ...]
    self_care_guide: str | None
    rules: tuple[str, ...]
    for_another: bool


class AssessmentService(Protocol):
    """Whoever runs symptom assessments."""

    async def list_assessments(self, language: Language) -> tuple[AssessmentSummary, ...]:
        """All assessments on offer. Raises Unavailable, Rejected."""
        ...

    async def next_step(self, assessment_id: str, language: Language, answers: Answers) -> QuestionPage | Result:
        """The page to ask next, or the result. Raises Unavailable, Rejected (404: unknown), InvalidAnswers."""
        ...
