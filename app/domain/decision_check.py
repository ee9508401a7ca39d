"""Proof, by going through every combination of answers, that a decision table is safe to use.

What is proved: every combination has an outcome; no rule is unreachable (each decides the outcome somewhere); a
worse answer never lowers urgency, and ”I don't know” never gives less than any answer it may stand for; every text
is there in three languages.

How it stays small: urgency is a maximum over rules, so each rule is looked at with its own variables, and with those
of the rules that could take over from it where it stops holding. A question with several answers is split into one
yes-or-no axis for each option the rules name. Answers are compared only where both lead to the same questions being
asked (an unknown one always).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod

from app.domain.decision_language import Is, atoms, judge, questions_of
from app.domain.decision_table import DecisionTable, Rule, Variable, enabled_answers
from app.domain.questionnaire import Given, Value
from app.domain.urgency import Urgency

MAXIMUM_COMBINATIONS = 2**20
_NOTHING_TICKED = ""  # a question with several answers that was answered, with none of the options the rules name


@dataclass(frozen=True)
class Report:
    """What was gone through and what was found; an empty `problems` is the proof."""

    assessment: str
    rules: Mapping[Urgency, int]
    questions: int
    combinations: int
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """True where nothing was found wrong."""
        return not self.problems

    def __str__(self) -> str:
        levels = ", ".join(f"{level} {count}" for level, count in self.rules.items())
        head = (
            f"{self.assessment}: {sum(self.rules.values())} rules ({levels}), {self.questions} questions, "
            f"{self.combinations} combinations, {len(self.problems)} problems"
        )
        return "\n".join([head, *(f"  {problem}" for problem in self.problems)])


@dataclass(frozen=True)
class _Axis:
    """One thing that varies: the answer of a question, or whether one of its options is ticked."""

    variable: Variable
    option: Value | None = None

    @property
    def values(self) -> tuple[Value | bool, ...]:
        if self.option is not None:
            return (False, True)
        unknown = (self.variable.unknown,) if self.variable.unknown else ()
        return (*self.variable.values, *unknown)

    def is_worse(self, worse: Value | bool, better: Value | bool) -> bool:
        severity = self.variable.severity
        if self.option is not None:
            return bool(worse) and not better and severity[self.option] > 0
        if worse == self.variable.unknown:
            return better != worse
        return better != self.variable.unknown and severity[worse] > severity[better]


_Point = Mapping[_Axis, Value | bool]


class _Checker:
    def __init__(self, table: DecisionTable) -> None:
        self.table = table
        self.combinations = 0
        self.problems: list[str] = []

    def run(self) -> Report:
        self._texts()
        for rule in self.table.rules:
            self._reachable(rule)
            self._monotone(rule)
        levels = {level: sum(rule.urgency is level for rule in self.table.rules) for level in Urgency}
        return Report(self.table.assessment, levels, len(self.table.variables), self.combinations, tuple(self.problems))

    def _texts(self) -> None:
        phrases = {"default": self.table.default_reason}
        phrases |= {f"rule {rule.id}": rule.reason for rule in self.table.rules}
        used = frozenset().union(*(questions_of(rule.when) for rule in self.table.rules))
        for link_id, variable in self.table.variables.items():
            if variable.unknown_reason:
                phrases[f"unknown {link_id}"] = variable.unknown_reason
            elif variable.can_be_unknown and link_id in used:
                self.problems.append(f"unknown {link_id}: it has no reason")
        texts = {name: phrase.complete for name, phrase in phrases.items()}
        texts |= {f"source {key}": text.complete for key, text in self.table.sources.items()}
        self.problems += [f"{name}: a language is missing" for name, complete in texts.items() if not complete]

    def _reachable(self, rule: Rule) -> None:
        """Somewhere the rule holds and nothing more urgent does."""
        given = (self._given(point) for point in self._points(self._axes([rule]), rule))
        if not any(rule in self.table.matching(g) and self.table.urgency(g) is rule.urgency for g in given):
            self.problems.append(f"rule {rule.id}: it is unreachable, or a more urgent rule always holds too")

    def _monotone(self, rule: Rule) -> None:
        for axis in self._named([rule]):
            if self._fall(rule, axis, [rule]) is None:
                continue
            others = [r for r in self.table.rules if r.urgency.at_least(rule.urgency) and _names(r, axis)]
            fall = self._fall(rule, axis, others)
            if fall is not None:
                better, worse = fall
                name = axis.variable.question.link_id
                self.problems.append(f"rule {rule.id}: a worse answer to {name!r} lowers urgency ({better} → {worse})")

    def _fall(self, rule: Rule, axis: _Axis, rules: list[Rule]) -> tuple[object, object] | None:
        """A pair of answers where the worse one loses the urgency of `rule` though `rules` could hold it up."""
        rest = [other for other in self._axes(rules) if other != axis]
        for point in self._points(rest, rule, times=len(axis.values)):
            given = {value: self._given({**point, axis: value}) for value in axis.values}
            held = {value: self._any_holds(rules, answers) for value, answers in given.items()}
            for better, worse in product(axis.values, repeat=2):
                if not axis.is_worse(worse, better) or not self._holds(rule, given[better]) or held[worse]:
                    continue
                if worse == axis.variable.unknown or set(given[better]) == set(given[worse]):
                    return (axis.option or better, f"not {axis.option}" if axis.option else worse)
        return None

    def _any_holds(self, rules: Iterable[Rule], given: Given) -> bool:
        return any(self._holds(rule, given) for rule in rules)

    def _holds(self, rule: Rule, given: Given) -> bool:
        return judge(rule.when, self.table.counted(given)).value is True

    def _points(self, axes: list[_Axis], rule: Rule, *, times: int = 1) -> Iterator[_Point]:
        size = prod(len(axis.values) for axis in axes) * times
        if size > MAXIMUM_COMBINATIONS:
            self.problems.append(f"rule {rule.id}: {size} combinations are too many to go through; split it")
            return
        for values in product(*(axis.values for axis in axes)):
            self.combinations += times
            yield dict(zip(axes, values, strict=True))

    def _axes(self, rules: Iterable[Rule]) -> list[_Axis]:
        """The axes of these rules and of the questions that decide whether theirs are asked, in asking order."""
        axes = set(self._named(rules))
        waiting = [axis.variable for axis in axes]
        while waiting:
            for part in waiting.pop().question.enabling:
                for condition in part.conditions:
                    variable = self.table.variables[condition.question]
                    axis = _Axis(variable, condition.value if _is_multiple(variable) else None)
                    if axis not in axes:
                        axes.add(axis)
                        waiting.append(variable)
        order = list(self.table.variables)
        return sorted(axes, key=lambda axis: (order.index(axis.variable.question.link_id), str(axis.option)))

    def _given(self, point: _Point) -> Given:
        """The answers of one combination, those of questions that would not be asked left out."""
        answers: dict[str, frozenset[Value]] = {}
        for axis, value in point.items():
            link_id = axis.variable.question.link_id
            ticked = axis.option if value else _NOTHING_TICKED
            one = frozenset({value if axis.option is None or ticked is None else ticked})
            answers[link_id] = answers.get(link_id, frozenset()) | one
        return enabled_answers((variable.question for variable in self.table.variables.values()), answers)

    def _named(self, rules: Iterable[Rule]) -> list[_Axis]:
        axes: dict[_Axis, None] = {}
        for atom in (atom for rule in rules for atom in atoms(rule.when)):
            variable = self.table.variables[atom.question]
            codes = atom.values if isinstance(atom, Is) and _is_multiple(variable) else (None,)
            axes |= dict.fromkeys(_Axis(variable, code) for code in codes)
        return list(axes)


def _is_multiple(variable: Variable) -> bool:
    return variable.question.kind == "choices"


def _names(rule: Rule, axis: _Axis) -> bool:
    mine = (atom for atom in atoms(rule.when) if atom.question == axis.variable.question.link_id)
    return any(axis.option is None or atom.test(axis.option) for atom in mine)


def validate(table: DecisionTable) -> Report:
    """Go through the table and report; never raises for a table that could be read."""
    return _Checker(table).run()
