"""FHIRPath functions of our own: scores of answers (SDC `ordinal` and `weight`), and numbers over several answers.

`fhirpathpy` has no scores, and its `sum`, `min`, `max` and `avg` fail on answers.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from app.domain.clock import HELSINKI
from app.domain.forms.computing import fhirpath
from app.domain.forms.computing.fhirpath import Function
from app.domain.forms.model import Form, Item
from app.domain.forms.values import Coding, Value

Scores = Mapping[tuple[str, str], Decimal]
_SCORE_URLS = (
    "http://hl7.org/fhir/StructureDefinition/itemWeight",
    "http://hl7.org/fhir/StructureDefinition/ordinalValue",
)


class Scored(dict[str, Any]):
    """The code of an answer with its score. Expressions see the code alone; the same code may count differently in
    another question, so the score goes with the answer."""

    def __init__(self, coding: Mapping[str, Any], score: Decimal) -> None:
        super().__init__(coding)
        self.score = score


def table(scores: Scores, now: datetime) -> Mapping[str, Function]:
    """Every function of ours, with this form's scores and this moment, in Helsinki."""
    local = now.astimezone(HELSINKI)
    weigh = partial(_weights, scores)
    clock: dict[str, Function] = {
        "today": lambda _: fhirpath.moment(local.date().isoformat()),
        "now": lambda _: fhirpath.moment(local.isoformat(timespec="milliseconds")),
        "timeOfDay": lambda _: fhirpath.clock_time(local.time().isoformat(timespec="milliseconds")),
    }
    return clock | {"ordinal": weigh, "weight": weigh, "sum": _sum, "avg": _average, "min": _least, "max": _greatest}


def scores_of(form: Form) -> Scores:
    """Scores by system and code, for a code that has come a longer way than from an answer; one that different
    questions score differently has none."""
    found: dict[tuple[str, str], set[Decimal]] = {}
    for item in form.by_link.values():
        for option in item.options:
            if option.score is not None and isinstance(option.value, Coding):
                found.setdefault((option.value.system, option.value.code), set()).add(option.score)
    return {key: scores.pop() for key, scores in found.items() if len(scores) == 1}


def score_of(item: Item, value: Value) -> Decimal | None:
    """What this answer to this question counts."""
    return next((option.score for option in item.options if option.value == value), None)


def _weights(scores: Scores, inputs: Sequence[Any]) -> list[Decimal]:
    found = (_weight(scores, one) for one in inputs)
    return [score for score in found if score is not None]


def _weight(scores: Scores, data: Any) -> Decimal | None:
    if not isinstance(data, Mapping):
        return None
    coding = data.get("valueCoding", data)
    if isinstance(coding, Scored):
        return coding.score
    extended = (extension for extension in (*data.get("extension", ()), *coding.get("extension", ())))
    told = [extension.get("valueDecimal") for extension in extended if extension.get("url") in _SCORE_URLS]
    if told and told[0] is not None:
        return Decimal(str(told[0]))
    return scores.get((coding.get("system", ""), coding.get("code", "")))


def _numbers(inputs: Sequence[Any]) -> list[Decimal]:
    if any(isinstance(one, bool) or not isinstance(one, int | Decimal) for one in inputs):
        raise ValueError("numbers are needed")
    return [Decimal(one) for one in inputs]


def _sum(inputs: Sequence[Any]) -> Decimal | list[Any]:
    """Nothing of nothing, so that a total is not 0 before there is an answer."""
    return sum(_numbers(inputs), Decimal(0)) if inputs else []


def _average(inputs: Sequence[Any]) -> Decimal | list[Any]:
    return sum(_numbers(inputs), Decimal(0)) / len(inputs) if inputs else []


def _least(inputs: Sequence[Any]) -> Any:
    return min(_alike(inputs)) if inputs else []


def _greatest(inputs: Sequence[Any]) -> Any:
    return max(_alike(inputs)) if inputs else []


def _alike(inputs: Sequence[Any]) -> Sequence[Any]:
    """Words (or dates, which the library keeps as words) among themselves, else numbers."""
    return inputs if all(isinstance(one, str) for one in inputs) else _numbers(inputs)
