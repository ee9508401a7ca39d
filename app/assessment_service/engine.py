"""The engine: answers in, the next page or the outcome out. It keeps no state, and the same answers always give the
same step.

Pages come in the questionnaire's order. A page is asked only where it is enabled and a rule more urgent than what is
already certain still waits for it; so an emergency sign ends the assessment at once. Answers are taken in page order:
with the answers of the pages before X the step is page X, whatever was answered to later pages. Answers to a page
that would not be asked (somebody went back and changed an earlier one) are left out of account.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.domain.advice import Advice
from app.domain.decision_table import DecisionTable, Rule
from app.domain.phrase import Phrase
from app.domain.questionnaire import Given, Page, Question, Questionnaire, Value
from app.domain.text import Text
from app.domain.urgency import Urgency

Answers = Mapping[str, tuple[Value, ...]]
"""Values by linkId, as received; an empty tuple says that the question was left unanswered on purpose."""

Fault = Literal["missing", "not_offered", "not_a_number", "out_of_range"]


class InvalidAnswers(Exception):
    """Some answers do not fit their questions; `faults` maps linkIds to what is wrong."""

    def __init__(self, faults: Mapping[str, Fault]) -> None:
        super().__init__(", ".join(f"{link_id}: {fault}" for link_id, fault in faults.items()))
        self.faults = faults


@dataclass(frozen=True)
class Topic:
    """What an assessment is about, in words."""

    code: str
    names: Text


@dataclass(frozen=True)
class Assessment:
    """One assessment's content, read and checked to fit together."""

    questionnaire: Questionnaire
    table: DecisionTable
    advice: Mapping[Urgency, Advice]
    p_classes: Mapping[Urgency, str]
    topics: tuple[Topic, ...] = ()


@dataclass(frozen=True)
class PageStep:
    """Ask this page. It is page `number` of at most `at_most`; `questions` are those of it that are enabled."""

    page: Page
    questions: tuple[Question, ...]
    for_another: bool
    number: int
    at_most: int
    answered: Given


@dataclass(frozen=True)
class Reason:
    """One reason with the table's key of its source."""

    rule: str
    text: Phrase
    source: str


@dataclass(frozen=True)
class Outcome:
    """The assessment is over. `rules` are all that matched, `reasons` those of the level that decided."""

    urgency: Urgency
    p_class: str
    for_another: bool
    rules: tuple[Rule, ...]
    reasons: tuple[Reason, ...]
    answered: Given


def next_step(assessment: Assessment, answers: Answers) -> PageStep | Outcome:
    """The page to ask next, or the outcome. Raises InvalidAnswers naming each linkId that does not fit."""
    _check(assessment.questionnaire, answers)
    given: dict[str, frozenset[Value]] = {}
    number = 1
    while ahead := _pages_ahead(assessment, given):
        page, questions = ahead[0]
        if not any(question.link_id in answers for question in questions):
            return PageStep(
                page=page,
                questions=questions,
                for_another=assessment.table.is_for_another(given),
                number=number,
                at_most=number + len(ahead) - 1,
                answered=given,
            )
        given |= _taken(questions, answers)
        number += 1
    return _outcome(assessment, given)


def _taken(questions: tuple[Question, ...], answers: Answers) -> Given:
    faults: dict[str, Fault] = {
        question.link_id: "missing" for question in questions if question.required and not answers.get(question.link_id)
    }
    if faults:
        raise InvalidAnswers(faults)
    return {question.link_id: frozenset(answers.get(question.link_id, ())) for question in questions}


def _pages_ahead(assessment: Assessment, given: Given) -> list[tuple[Page, tuple[Question, ...]]]:
    """The pages that may still be asked, each with the questions now enabled on it; the first one is next."""
    pages = assessment.questionnaire.pages
    wanted = _wanted(assessment, given)
    ahead = [page for page in pages if any(question.link_id in wanted for question in page.questions)]
    return [(page, tuple(q for q in page.questions if q.enabled(given))) for page in ahead]


def _wanted(assessment: Assessment, given: Given) -> frozenset[str]:
    """The open questions that matter: to a rule, to whose symptoms these are, or to asking one that matters."""
    questions, table = assessment.questionnaire.questions, assessment.table
    pending = _pending(assessment.questionnaire, given)
    wanted = table.still_open(given, pending) | ({table.audience} & pending)
    while True:
        sources = frozenset().union(*(questions[link_id].sources for link_id in wanted)) & pending
        if sources <= wanted:
            return wanted
        wanted |= sources


def _pending(questionnaire: Questionnaire, given: Given) -> frozenset[str]:
    """The unanswered questions that are enabled, or may yet be by the answer to another pending one."""
    pending: set[str] = set()
    for link_id, question in questionnaire.questions.items():
        if link_id not in given and question.may_become_enabled(given, pending):
            pending.add(link_id)
    return frozenset(pending)


def _outcome(assessment: Assessment, given: Given) -> Outcome:
    table = assessment.table
    rules = table.matching(given)
    urgency = table.urgency(given)
    deciding = [rule for rule in rules if rule.urgency is urgency]
    classes = [rule.p_class for rule in deciding if rule.p_class]
    return Outcome(
        urgency=urgency,
        p_class=min([assessment.p_classes[urgency], *classes]),
        for_another=table.is_for_another(given),
        rules=rules,
        reasons=_reasons(table, deciding, given),
        answered=given,
    )


def _reasons(table: DecisionTable, deciding: list[Rule], given: Given) -> tuple[Reason, ...]:
    """Each reason once, by its wording."""
    if not deciding:
        return (Reason("default", table.default_reason, table.default_source),)
    reasons = [(rule, text) for rule in deciding for text in table.reasons(rule, given)]
    kept: list[Reason] = []
    for rule, text in reasons:
        if text not in [reason.text for reason in kept]:
            kept.append(Reason(rule.id, text, rule.source))
    return tuple(kept)


def _check(questionnaire: Questionnaire, answers: Answers) -> None:
    faults: dict[str, Fault] = {}
    for link_id, values in answers.items():
        question = questionnaire.questions.get(link_id)
        fault: Fault | None = "not_offered" if question is None else _fault(question, values)
        if fault:
            faults[link_id] = fault
    if faults:
        raise InvalidAnswers(faults)


def _fault(question: Question, values: tuple[Value, ...]) -> Fault | None:
    if question.kind == "number":
        return _number_fault(question, values)
    offered = {option.code: option for option in question.options}
    if any(not isinstance(value, str) or value not in offered for value in values):
        return "not_offered"
    alone = question.kind == "choice" or any(offered[str(value)].exclusive for value in values)
    return "not_offered" if alone and len(set(values)) > 1 else None


def _number_fault(question: Question, values: tuple[Value, ...]) -> Fault | None:
    if len(values) > 1 or any(not isinstance(value, int) for value in values):
        return "not_a_number"
    low, high = question.minimum, question.maximum
    outside = any(
        (low is not None and int(value) < low) or (high is not None and int(value) > high) for value in values
    )
    return "out_of_range" if outside else None
