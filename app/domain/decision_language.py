"""The closed language of decisions: what a rule may say about finite answers, and nothing more.

    {"=": ["sex", "male"]}                     that answer was given (or is among the ticked ones)
    {"in": ["signs", ["fever", "flank"]]}      any of these was given
    {"range": ["days", 3, 8]}                  a number from 3 up to, not including, 8; null leaves an end open
    {"and": [...]}  {"or": [...]}  {"not": ...}

Range ends must be declared cut points of their question: between two cut points all numbers mean the same, so a
table over numbers is as finite, and as provable, as one over choices.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from app.domain.phrase import UnreadableContent
from app.domain.questionnaire import Given, Value


@dataclass(frozen=True)
class Is:
    """True where any given answer of `question` is among `values`."""

    question: str
    values: frozenset[Value]

    def test(self, answer: Value) -> bool:
        return answer in self.values


@dataclass(frozen=True)
class Between:
    """True where the number answered is in [low, high); None leaves an end open."""

    question: str
    low: int | None
    high: int | None

    def test(self, answer: Value) -> bool:
        return (
            isinstance(answer, int)
            and (self.low is None or answer >= self.low)
            and (self.high is None or answer < self.high)
        )


@dataclass(frozen=True)
class Not:
    """True where `part` is false."""

    part: "Expression"


@dataclass(frozen=True)
class Junction:
    """True where all (`and`) or any (`or`) of the parts are."""

    kind: Literal["and", "or"]
    parts: "tuple[Expression, ...]"


Atom = Is | Between
Expression = Atom | Not | Junction


@dataclass(frozen=True)
class Verdict:
    """What is known of an expression: True, False or not yet (None), and the questions that still decide it."""

    value: bool | None
    waits_for: frozenset[str] = frozenset()


def judge(expression: Expression, given: Given, pending: frozenset[str] = frozenset()) -> Verdict:
    """Evaluate with the answers so far. A question in neither `given` nor `pending` counts as nothing answered."""
    if isinstance(expression, Junction):
        return _judge_junction(expression, given, pending)
    if isinstance(expression, Not):
        part = judge(expression.part, given, pending)
        return Verdict(None if part.value is None else not part.value, part.waits_for)
    if expression.question in given:
        return Verdict(any(expression.test(answer) for answer in given[expression.question]))
    if expression.question in pending:
        return Verdict(None, frozenset({expression.question}))
    return Verdict(False)


def _judge_junction(junction: Junction, given: Given, pending: frozenset[str]) -> Verdict:
    verdicts = [judge(part, given, pending) for part in junction.parts]
    decisive = junction.kind == "or"
    if any(verdict.value is decisive for verdict in verdicts):
        return Verdict(decisive)
    waits_for = frozenset().union(*(verdict.waits_for for verdict in verdicts))
    return Verdict(None if waits_for else not decisive, waits_for)


def atoms(expression: Expression) -> tuple[Atom, ...]:
    """Every comparison in the expression, left to right."""
    if isinstance(expression, Junction):
        return tuple(atom for part in expression.parts for atom in atoms(part))
    return atoms(expression.part) if isinstance(expression, Not) else (expression,)


def questions_of(expression: Expression) -> frozenset[str]:
    """The questions that the expression speaks of."""
    return frozenset(atom.question for atom in atoms(expression))


def read_expression(data: Any, where: str) -> Expression:
    """Read the JSON form. Raises UnreadableContent naming `where` for anything outside the language."""
    if not isinstance(data, Mapping) or len(data) != 1:
        raise UnreadableContent(where, "an expression is an object with one operator")
    ((operator, operand),) = data.items()
    if operator not in _READERS:
        raise UnreadableContent(where, f"unknown operator {operator!r}")
    return _READERS[operator](operand, where)


def _junction(kind: Literal["and", "or"]) -> "Callable[[Any, str], Expression]":
    def read(data: Any, where: str) -> Expression:
        if not isinstance(data, list) or not data:
            raise UnreadableContent(where, f"{kind!r} needs a list of expressions")
        return Junction(kind, tuple(read_expression(part, where) for part in data))

    return read


def _not(data: Any, where: str) -> Expression:
    return Not(read_expression(data, where))


def _equals(data: Any, where: str) -> Expression:
    match data:
        case [str(question), str() | int() as value]:
            return Is(question, frozenset({value}))
    raise UnreadableContent(where, "'=' needs a question and a value")


def _in(data: Any, where: str) -> Expression:
    match data:
        case [str(question), [*values]] if values and all(isinstance(value, str | int) for value in values):
            return Is(question, frozenset(values))
    raise UnreadableContent(where, "'in' needs a question and a list of values")


def _range(data: Any, where: str) -> Expression:
    match data:
        case [str(question), (int() | None) as low, (int() | None) as high]:
            return Between(question, low, high)
    raise UnreadableContent(where, "'range' needs a question and two ends")


_READERS: Mapping[str, Callable[[Any, str], Expression]] = {
    "and": _junction("and"),
    "or": _junction("or"),
    "not": _not,
    "=": _equals,
    "in": _in,
    "range": _range,
}
