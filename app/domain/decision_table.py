"""Decisions as data: urgency is the most urgent of all matching rules over a default.

An answer that says nothing (”I don't know”, or skipped) counts as the worst plausible answer of its own question,
and the reason says so. A question that was not asked counts as nothing. See `decision_language` for what a rule may
say and `decision_check` for what is proved of a table before it is used.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from app.domain.decision_language import Between, Expression, Is, atoms, judge, questions_of, read_expression
from app.domain.phrase import Phrase, UnreadableContent, read_phrase
from app.domain.questionnaire import Given, Question, Questionnaire, Value
from app.domain.text import Text
from app.domain.urgency import Urgency


@dataclass(frozen=True, eq=False)
class Variable:
    """One question as the table sees it.

    `severity` orders the answers, larger is worse, equal is not compared. `unknown` is the code of ”I don't know”;
    it and a skipped question count as `counts_as`. `cuts` divide the numbers of a number question.
    """

    question: Question
    severity: Mapping[Value, int]
    unknown: str | None
    counts_as: frozenset[Value]
    cuts: tuple[int, ...]
    unknown_reason: Phrase | None

    @property
    def values(self) -> tuple[Value, ...]:
        """The answers that differ from each other: codes, or one number of each interval between cut points."""
        return tuple(self.severity)

    @property
    def can_be_unknown(self) -> bool:
        """Whether a resident may leave it open."""
        return self.unknown is not None or not self.question.required


@dataclass(frozen=True)
class Rule:
    """`urgency` where `when` holds. `source` is a key of the table's sources; `p_class` refines the common map."""

    id: str
    urgency: Urgency
    when: Expression
    reason: Phrase
    source: str
    p_class: str | None = None


@dataclass(frozen=True)
class DecisionTable:
    """All rules of one assessment. `audience` is the question that tells whose symptoms these are."""

    assessment: str
    version: str
    default: Urgency
    default_reason: Phrase
    default_source: str
    audience: str
    own: frozenset[str]
    variables: Mapping[str, Variable]
    rules: tuple[Rule, ...]
    sources: Mapping[str, Text]

    def is_for_another(self, given: Given) -> bool:
        """True where the audience question was answered with somebody else."""
        answers = given.get(self.audience, frozenset())
        return bool(answers) and not answers <= self.own

    def counted(self, given: Given) -> Given:
        """The answers as the rules see them: unknown and skipped ones as the worst plausible."""
        return {link_id: self._counted(link_id, values) for link_id, values in given.items()}

    def _counted(self, link_id: str, values: frozenset[Value]) -> frozenset[Value]:
        variable = self.variables.get(link_id)
        return variable.counts_as if variable and is_unknown(variable, values) else values

    def unknowns(self, given: Given) -> frozenset[str]:
        """The questions answered with nothing or ”I don't know”."""
        variables = ((link_id, self.variables.get(link_id)) for link_id in given)
        return frozenset(name for name, variable in variables if variable and is_unknown(variable, given[name]))

    def matching(self, given: Given) -> tuple[Rule, ...]:
        """The rules that hold for these answers, the most urgent first, then in the table's order."""
        counted = self.counted(given)
        held = [rule for rule in self.rules if judge(rule.when, counted).value]
        return tuple(sorted(held, key=lambda rule: rule.urgency.rank))

    def urgency(self, given: Given) -> Urgency:
        """The urgency of a person who gave these answers."""
        return Urgency.most_urgent([self.default, *(rule.urgency for rule in self.matching(given))])

    def still_open(self, given: Given, pending: frozenset[str]) -> frozenset[str]:
        """The `pending` questions that can still make the outcome more urgent than it already is."""
        counted, so_far = self.counted(given), self.urgency(given)
        verdicts = (judge(rule.when, counted, pending) for rule in self.rules if rule.urgency.rank < so_far.rank)
        return frozenset().union(*(verdict.waits_for for verdict in verdicts if verdict.value is None))

    def reasons(self, rule: Rule, given: Given) -> tuple[Phrase, ...]:
        """Why `rule` holds: its own reason, or those of the unknown answers without which it would not hold.

        The latter bring along what is known of the same matter: a fever is told beside an unknown illness.
        """
        unknown = self.unknowns(given)
        known = {link_id: values for link_id, values in self.counted(given).items() if link_id not in unknown}
        if judge(rule.when, known).value:
            return (rule.reason,)
        about = questions_of(rule.when)
        blamed = (variable for link_id, variable in self.variables.items() if link_id in unknown & about)
        certain = (
            other.reason
            for other in self.matching(given)
            if questions_of(other.when) < about and judge(other.when, known).value
        )
        reasons = tuple(variable.unknown_reason for variable in blamed if variable.unknown_reason)
        return (*reasons, *islice(certain, 1))


def is_unknown(variable: Variable, values: frozenset[Value]) -> bool:
    """True for a skipped question and for ”I don't know”; ”none of these” is an answer."""
    return not values or variable.unknown in values


def read_table(data: Mapping[str, Any], questionnaire: Questionnaire) -> DecisionTable:
    """Read decisions about `questionnaire`. Raises UnreadableContent naming what does not fit together."""
    declared = {
        link_id: _variable(entry, _question(questionnaire, link_id)) for link_id, entry in data["variables"].items()
    }
    variables = {link_id: declared[link_id] for link_id in questionnaire.questions if link_id in declared}
    rules = tuple(_rule(entry, variables) for entry in data["rules"])
    table = DecisionTable(
        assessment=data["assessment"],
        version=data["version"],
        default=Urgency(data["default"]["urgency"]),
        default_reason=read_phrase(data["default"]["reason"], "default"),
        default_source=data["default"]["source"],
        audience=data["audience"]["question"],
        own=frozenset(data["audience"]["own"]),
        variables=variables,
        rules=rules,
        sources={key: read_phrase(text, f"source {key}").own for key, text in data["sources"].items()},
    )
    _check_names(table)
    _check_order(questionnaire)
    return table


def _question(questionnaire: Questionnaire, link_id: str) -> Question:
    question = questionnaire.questions.get(link_id)
    if question is None:
        raise UnreadableContent(f"variable {link_id}", "the questionnaire has no such question")
    if question.kind == "boolean":
        raise UnreadableContent(f"variable {link_id}", "ask a choice: a boolean has no room for ”I don't know”")
    return question


def _variable(data: Mapping[str, Any], question: Question) -> Variable:
    where, unknown = f"variable {question.link_id}", data.get("unknown")
    severity = _severity(data, question)
    offered = {option.code for option in question.options} - {unknown}
    if question.kind != "number" and set(severity) != offered:
        raise UnreadableContent(where, f"severity must order exactly {sorted(offered)}")
    reason = data.get("unknown_reason")
    return Variable(
        question=question,
        severity=severity,
        unknown=unknown,
        counts_as=frozenset(data.get("counts_as") or _worst(question, severity)),
        cuts=tuple(data.get("cuts", ())),
        unknown_reason=read_phrase(reason, where) if reason else None,
    )


def _severity(data: Mapping[str, Any], question: Question) -> Mapping[Value, int]:
    """By code; for numbers a list, one entry for each interval, kept under the interval's first number."""
    declared, cuts = data["severity"], data.get("cuts", [])
    if question.kind != "number":
        return dict(declared)
    if len(declared) != len(cuts) + 1 or sorted(set(cuts)) != cuts:
        raise UnreadableContent(f"variable {question.link_id}", "cuts must ascend, severity needs one entry more")
    first = question.minimum if question.minimum is not None else (cuts[0] - 1 if cuts else 0)
    return dict(zip([first, *cuts], declared, strict=True))


def _worst(question: Question, severity: Mapping[Value, int]) -> frozenset[Value]:
    """The worst plausible answer: the most severe one, or everything ticked at once."""
    if question.kind == "choices":
        exclusive = {option.code for option in question.options if option.exclusive}
        return frozenset(severity) - exclusive
    return frozenset({max(severity, key=lambda value: severity[value])})


def _rule(data: Mapping[str, Any], variables: Mapping[str, Variable]) -> Rule:
    where = f"rule {data.get('id')}"
    when = read_expression(data.get("when"), where)
    for atom in atoms(when):
        _check_atom(atom, variables.get(atom.question), where)
    return Rule(
        id=data["id"],
        urgency=Urgency(data["urgency"]),
        when=when,
        reason=read_phrase(data.get("reason"), where),
        source=data["source"],
        p_class=data.get("p_class"),
    )


def _check_atom(atom: Is | Between, variable: Variable | None, where: str) -> None:
    if variable is None:
        raise UnreadableContent(where, f"{atom.question!r} is no variable of the table")
    if isinstance(atom, Between):
        if not {atom.low, atom.high} - {None} <= set(variable.cuts):
            raise UnreadableContent(where, f"a range of {atom.question!r} must end at declared cut points")
    elif variable.cuts or not atom.values <= set(variable.severity):
        raise UnreadableContent(where, f"{atom.question!r} has no such answers")


def _check_names(table: DecisionTable) -> None:
    ids = [rule.id for rule in table.rules]
    if len(set(ids)) != len(ids):
        raise UnreadableContent("rules", "an id is used twice")
    missing = {table.default_source, *(rule.source for rule in table.rules)} - set(table.sources)
    if missing:
        raise UnreadableContent("sources", f"not declared: {sorted(missing)}")
    needed = {table.audience}.union(*(variable.question.sources for variable in table.variables.values()))
    if needed - set(table.variables):
        raise UnreadableContent("variables", f"also needed: {sorted(needed - set(table.variables))}")


def _check_order(questionnaire: Questionnaire) -> None:
    """A question may depend on earlier pages only: then asking in order always knows what to ask."""
    seen: set[str] = set()
    for page in questionnaire.pages:
        for question in page.questions:
            if not question.sources <= seen:
                raise UnreadableContent(f"question {question.link_id}", "its enableWhen needs an earlier page")
        seen |= {question.link_id for question in page.questions}


def enabled_answers(questions: Iterable[Question], given: Given) -> Given:
    """The answers of enabled questions only; a disabled question has no answer, also as a source of others."""
    kept: dict[str, frozenset[Value]] = {}
    for question in questions:
        if question.link_id in given and question.enabled(kept):
            kept[question.link_id] = given[question.link_id]
    return kept
