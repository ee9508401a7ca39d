"""What can be told of a form's expressions and conditions before there are answers; made once for each form."""

import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Any

from app.domain.forms.computing import fhirpath
from app.domain.forms.computing.functions import Scores, scores_of
from app.domain.forms.computing.memo import digest_of
from app.domain.forms.computing.sources import Reading, names_in, sources_of
from app.domain.forms.model import Condition, Expression, Form, Item

Scope = Mapping[str, "Task"]


@dataclass(frozen=True)
class Task:
    """An expression where it belongs: to the item `owner` (empty: the form), which variables it uses by name, which
    other names, and what it reads. `text_digest` changes with its text and with that of its variables."""

    expression: Expression
    owner: str
    variables: Scope
    names: frozenset[str]
    reading: Reading
    text_digest: str


@dataclass(frozen=True)
class Source:
    """A condition with the type of its question, and how many repetitions the two have in common."""

    condition: Condition
    depth: int
    type: str


class Plan:
    """The tasks of a form by the number of their expression, and its items by what there is to do about them."""

    def __init__(self, form: Form) -> None:
        self.form = weakref.proxy(form)
        self.tasks: dict[int, Task] = {}
        self.repeaters: dict[str, tuple[str, ...]] = {}
        self._leaves = frozenset(item.link_id for item in form.by_link.values() if _is_leaf(item))
        scope = self._variables(form.variables, {}, "")
        self._tasks((constraint.expression for constraint in form.constraints), scope, "")
        for item in form.items:
            self._item(item, scope, ())
        items = form.by_link.values()
        self.sources = {item.link_id: tuple(self._sources(item)) for item in items if item.enable_when}
        self.calculated = frozenset(item.link_id for item in items if item.calculated)
        self.grows = any(item.items for item in items if item.calculated)
        self.conditional = frozenset(item.link_id for item in items if item.enable_when or item.enable_expression)
        self.constrained = tuple(item.link_id for item in items if item.constraints)
        self.scores: Scores = scores_of(form)
        self.reads_clock = any(task.reading.clock for task in self.tasks.values())

    @cached_property
    def questionnaire(self) -> Mapping[str, Any]:
        """The Questionnaire as expressions see it."""
        found: dict[str, Any] = fhirpath.exact(dict(self.form.source))
        return found

    @cached_property
    def question_items(self) -> Mapping[str, Mapping[str, Any]]:
        """The items of the Questionnaire by linkId."""
        return {item.get("linkId", ""): item for item in _walk(self.questionnaire)}

    def _item(self, item: Item, scope: Scope, repeaters: tuple[str, ...]) -> None:
        inside = (*repeaters, item.link_id) if item.multiplies else repeaters
        self.repeaters[item.link_id] = inside if item.type == "group" else repeaters
        scope = self._variables(item.variables, scope, item.link_id)
        own = (item.enable_expression, item.calculated, item.initial_expression)
        rules = (constraint.expression for constraint in item.constraints)
        self._tasks((*(one for one in own if one), *rules), scope, item.link_id)
        for child in item.items:
            self._item(child, scope, inside)

    def _variables(self, variables: Iterable[Expression], scope: Scope, owner: str) -> Scope:
        """The scope with these variables in it, each of which may use those before."""
        for variable in variables:
            scope = {**scope, variable.name: self._task(variable, scope, owner)}
        return scope

    def _tasks(self, expressions: Iterable[Expression], scope: Scope, owner: str) -> None:
        for expression in expressions:
            self._task(expression, scope, owner)

    def _task(self, expression: Expression, scope: Scope, owner: str) -> Task:
        names = _names(expression.text)
        used = {name: scope[name] for name in sorted(names) if name in scope}
        readings = {name: task.reading for name, task in used.items()}
        reading = sources_of(expression.text, readings, owner, self._leaves)
        digest = digest_of(self.form.canonical, owner, expression.text, [task.text_digest for task in used.values()])
        task = Task(expression, owner, used, names - set(used), reading, digest)
        self.tasks[expression.number] = task
        return task

    def _sources(self, item: Item) -> Iterable[Source]:
        for condition in item.enable_when:
            question = self.form.by_link.get(condition.question)
            pairs = zip(self.repeaters[item.link_id], self.repeaters.get(condition.question, ()), strict=False)
            depth = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
            yield Source(condition, depth, question.type if question else "string")


_PLANS: dict[int, Plan] = {}


def plan_of(form: Form) -> Plan:
    """The plan of a form, as long as the form lives."""
    plan = _PLANS.get(id(form))
    if plan is None:
        plan = _PLANS[id(form)] = Plan(form)
        weakref.finalize(form, _PLANS.pop, id(form), None)
    return plan


def _is_leaf(item: Item) -> bool:
    """Whether nothing of a response stands below the question; texts to read are no part of it."""
    return item.is_question and all(child.type == "display" for child in item.items)


def _names(text: str) -> frozenset[str]:
    try:
        return frozenset(names_in(fhirpath.parsed(text)))
    except (fhirpath.Unreadable, RecursionError):
        return frozenset()


def _walk(holder: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    for item in holder.get("item", ()):
        yield item
        yield from _walk(item)
