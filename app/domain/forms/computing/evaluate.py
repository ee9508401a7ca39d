"""Evaluates the expressions of a form on a row of instances, or takes what is remembered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from app.domain.clock import HELSINKI
from app.domain.forms.computing import fhirpath
from app.domain.forms.computing.functions import table
from app.domain.forms.computing.memo import MOST_ENTRIES, Entry, Key, Memo, Outcome, digest_of
from app.domain.forms.computing.narrow import Row
from app.domain.forms.computing.plan import Plan, Task
from app.domain.forms.state import Known

FORM = -1  # the position of what belongs to the form itself
_CONSTANTS = {"ucum": fhirpath.UCUM, "sct": "http://snomed.info/sct", "loinc": "http://loinc.org"}
_BUILT_IN = {"resource", "rootResource", "context", "questionnaire", "qitem", *_CONSTANTS}


class Trouble(NamedTuple):
    """An expression that could not do its work; `link_id` carries it (empty: the form). The reason is one of
    `unreadable` (no FHIRPath), `failed` (an error while evaluating), `unfit` (its result is nothing for its place),
    `restless` (it comes to no rest) and `unknown:NAME`. It never holds what somebody answered."""

    expression: int
    link_id: str
    reason: str


@dataclass(frozen=True)
class _View:
    """A response for one expression: what it holds, its items by their position in the row, and what variables that
    stand for items of it gave."""

    response: Mapping[str, Any]
    items: Mapping[int, Mapping[str, Any]]
    found: dict[tuple[int, int], list[Any]] = field(default_factory=dict)


@dataclass
class Evaluator:
    """`evaluations` counts what was not remembered; `memo` is what has been asked for, to be kept."""

    plan: Plan
    known: Known
    remembered: Memo
    memo: dict[Key, tuple[Entry, ...]] = field(default_factory=dict)
    troubles: set[Trouble] = field(default_factory=set)
    evaluations: int = 0

    def __post_init__(self) -> None:
        self._functions = table(self.plan.scores, self.known.now)
        self._today = self.known.now.astimezone(HELSINKI).date().isoformat()
        self._resources = {name: fhirpath.exact(dict(data)) for name, data in self.known.resources.items()}
        self._digests: dict[str, str] = {}
        self._variables: dict[tuple[int, int, str], list[Any]] = {}

    def value(self, number: int, row: Row, position: int) -> list[Any] | None:
        """What an expression gives there; None, and a trouble, where it can't."""
        outcome = self._outcome(self.plan.tasks[number], row, position)
        return None if isinstance(outcome, str) else outcome

    def trouble(self, number: int, reason: str) -> None:
        self.troubles.add(Trouble(number, self.plan.tasks[number].owner, reason))

    def _outcome(self, task: Task, row: Row, position: int) -> Outcome:
        for name in task.reading.names - _BUILT_IN - self._resources.keys():
            self.trouble(task.expression.number, f"unknown:{name}")
        key = (task.expression.number, row.addresses[position].place if position >= 0 else ())
        chosen = row.chosen(task.reading.links)
        digest = self._digest(task, row, position, chosen)
        entries = (*self.memo.get(key, ()), *self.remembered.get(key, ()))
        entry = next((one for one in entries if one.digest == digest), None)
        if entry is None:
            entry = Entry(digest, self._evaluated(task, row, position, chosen))
        if entry not in (kept := self.memo.get(key, ())):
            self.memo[key] = (*kept, entry)[-MOST_ENTRIES:]
        if isinstance(entry.outcome, str):
            self.trouble(task.expression.number, entry.outcome)
        return entry.outcome

    def _digest(self, task: Task, row: Row, position: int, chosen: list[int]) -> str:
        """Of everything that the outcome may depend on."""
        order = {one: number for number, one in enumerate(chosen)}
        tree = [
            (row.addresses[one].link_id, order.get(row.parents[one]), row.branches[one], row.given(one))
            for one in chosen
        ]
        own = [order.get(one) for one in row.line(position)] if task.reading.own else None
        known = [self._digest_of(name) for name in sorted(task.reading.names)]
        return digest_of(task.text_digest, tree, own, known, self._today if task.reading.clock else "")

    def _digest_of(self, name: str) -> str:
        """Of what is known by this name."""
        if name not in self._digests:
            self._digests[name] = digest_of(name, self.known.resources.get(name))
        return self._digests[name]

    def _evaluated(self, task: Task, row: Row, position: int, chosen: list[int]) -> Outcome:
        try:
            return fhirpath.plain(self._fresh(task, row, position, chosen))
        except fhirpath.Unreadable:
            return "unreadable"
        except fhirpath.Failed:
            return "failed"

    def _fresh(self, task: Task, row: Row, position: int, chosen: list[int]) -> list[Any]:
        """The expression on a response of these items only."""
        self.evaluations += 1
        items, by_position = row.response(chosen)
        response = {
            "resourceType": "QuestionnaireResponse",
            "questionnaire": self.plan.form.canonical,
            "status": "in-progress",
        }
        view = _View(response | ({"item": items} if items else {}), by_position)
        return self._run(task, row, position, view)

    def _run(self, task: Task, row: Row, position: int, view: _View) -> list[Any]:
        """The expression on this view, as nodes of the library. Raises Unreadable and Failed."""
        focus = self._focus(task, position, view)
        names: dict[str, Any] = {name: self._resources.get(name, []) for name in task.names} | _CONSTANTS
        names |= {"resource": view.response, "rootResource": view.response, "context": focus}
        names |= {"questionnaire": self.plan.questionnaire, "qitem": self._question_item(task.owner)}
        names |= {name: self._variable(one, row, position, view) for name, one in task.variables.items()}
        return fhirpath.evaluate(task.expression.text, focus, names, self._functions)

    def _focus(self, task: Task, position: int, view: _View) -> Any:
        """Where the expression begins: its item (an empty one where the response has none), or the response."""
        if not task.owner:
            return view.response
        return fhirpath.item_node(view.items.get(position, {"linkId": task.owner}))

    def _question_item(self, owner: str) -> Any:
        item = self.plan.question_items.get(owner)
        return [] if item is None else fhirpath.item_node(item, "Questionnaire")

    def _variable(self, task: Task, row: Row, position: int, view: _View) -> list[Any]:
        """What a variable gives, at the item above that carries it. It is kept for this computing only: as JSON it
        would lose its types and scores."""
        above = (one for one in row.line(position) if row.addresses[one].link_id == task.owner)
        at, number = next(above, FORM), task.expression.number
        if task.reading.inline:
            if (number, at) not in view.found:
                view.found[number, at] = self._run(task, row, at, view)
            return view.found[number, at]
        chosen = row.chosen(task.reading.links)
        key = (number, at, self._digest(task, row, at, chosen))
        if key not in self._variables:
            self._variables[key] = self._fresh(task, row, at, chosen)
        return self._variables[key]
