"""What the product asks of a self-assessment, whoever runs it.

The window keeps the answers; the service keeps nothing. So there is one operation for the whole way, in the manner of
SDC's `$next-question`: `next_step` without answers *starts*, with the answers of the pages before X it gives page X,
and where it gives a `Result` the assessment is *finished*. The same answers always give the same step. An empty tuple
as a value says that the question was submitted unanswered (a required one comes back as `missing`).

Whoever is only `trying` says so in every step: the service leaves it out of its statistics, and nothing of it may be
sent to a professional.

    Unavailable
    Rejected                     404: there is no such assessment, or no such task
    ├── NotOffered               the service takes no tasks for professionals
    └── ConflictingTask          the identifier is another task's
    InvalidAnswers
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol
from uuid import UUID

from app.domain.text import Language
from app.domain.urgency import Urgency
from app.integrations.http import Rejected, Unavailable
from app.integrations.omaolo.p_classes import PClass

__all__ = [
    "AnswerValue",
    "Answers",
    "AssessmentService",
    "AssessmentSummary",
    "ConflictingTask",
    "Contact",
    "Fault",
    "InvalidAnswers",
    "NotOffered",
    "Option",
    "PClass",
    "ProfessionalTask",
    "Question",
    "QuestionKind",
    "QuestionPage",
    "Reason",
    "Rejected",
    "Result",
    "SentAssessment",
    "TaskState",
    "Unavailable",
]

AnswerValue = str | tuple[str, ...] | int
Answers = Mapping[str, AnswerValue]
Fault = Literal["missing", "not_offered", "not_a_number", "out_of_range"]
QuestionKind = Literal["choice", "choices", "number"]
TaskState = Literal["new", "in_handling", "done", "cancelled"]


class NotOffered(Rejected):
    """This service takes no tasks for professionals, as our own does not: what was answered stays with us."""


class ConflictingTask(Rejected):
    """The identifier belongs to something else there. A fault of ours, for operators; repeating can't mend it."""


class InvalidAnswers(Exception):
    """Some answers do not fit; `faults` maps linkIds to what is wrong with them."""

    def __init__(self, faults: Mapping[str, Fault]) -> None:
        super().__init__(", ".join(f"{link_id}: {fault}" for link_id, fault in faults.items()))
        self.faults = faults


@dataclass(frozen=True)
class AssessmentSummary:
    """One assessment on offer; `minutes` is about how long it takes, `topics` are codes of what it is about."""

    id: str
    title: str
    description: str
    minutes: int
    topics: tuple[str, ...] = ()


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

    `p_class` is what the service gives for professionals, `urgency` the same in our words (see `p_classes`).
    `rules` are the ids of all rules that matched, for staff and for review. `bookable_services` and
    `self_care_guide` are codes. It is never a professional's assessment of need.
    """

    assessment_id: str
    version: str
    urgency: Urgency
    p_class: PClass
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


@dataclass(frozen=True)
class Contact:
    """Whom the professional calls: as typed, not necessarily who the answers are about. `reachable`: when, in words."""

    name: str = field(repr=False)
    phone: str = field(repr=False)
    reachable: str = field(default="", repr=False)


@dataclass(frozen=True)
class SentAssessment:
    """A finished assessment on its way to a professional. Never a trial.

    `identifier` is the key by which a repeated sending is the same task. `version` is that of the result that the
    resident read.
    """

    identifier: UUID
    assessment_id: str
    version: str
    language: Language
    answers: Answers = field(repr=False)
    contact: Contact = field(repr=False)


@dataclass(frozen=True)
class ProfessionalTask:
    """What a professional has to do there. `p_class` is the class now, `p_class_given` the assessment's own: a
    professional may change it once the task is in handling."""

    id: str
    state: TaskState
    p_class: PClass
    p_class_given: PClass


class AssessmentService(Protocol):
    """Whoever runs self-assessments."""

    async def close(self) -> None:
        """Let the connections go."""

    async def list_assessments(self, language: Language, topic: str | None = None) -> tuple[AssessmentSummary, ...]:
        """The assessments on offer, all or those about `topic`. Raises Unavailable, Rejected."""
        ...

    async def next_step(
        self, assessment_id: str, language: Language, answers: Answers, *, trying: bool = False
    ) -> QuestionPage | Result:
        """The page to ask next, or the result. Raises Unavailable, Rejected (404: unknown), InvalidAnswers."""
        ...

    async def send_to_professional(self, sent: SentAssessment) -> ProfessionalTask:
        """Hand a finished assessment over; may be repeated. Raises Unavailable, Rejected, NotOffered,
        ConflictingTask."""
        ...

    async def task_status(self, task_id: str) -> ProfessionalTask:
        """How far a task is. Raises Unavailable, Rejected (404: unknown), NotOffered."""
        ...
