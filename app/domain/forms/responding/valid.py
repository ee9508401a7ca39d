"""The last check of a QuestionnaireResponse before it leaves: the strict R4 model, and what that model lets through.

`fhir.resources` coerces ("2" becomes 2) and knows neither code values nor the rules between elements, so the JSON
itself is looked at as well, and it is the JSON that is sent. Reasons name places and rules, never what was answered.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from pydantic import ValidationError

from app.domain.forms.responding.respond import Status

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_NUMBERS = {"valueBoolean": (bool,), "valueInteger": (int,), "valueDecimal": (int, float)}
_COMPLEX = frozenset({"valueCoding", "valueQuantity", "valueAttachment", "valueReference"})


class InvalidResponse(ValueError):
    """What was to be sent is no valid QuestionnaireResponse; `reason` holds nothing personal."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def check_response(data: Mapping[str, Any]) -> None:
    """Raises InvalidResponse where the response is not valid FHIR R4."""
    try:
        json.dumps(data, allow_nan=False)
        QuestionnaireResponse.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        raise InvalidResponse("; ".join(f"{_place(one['loc'])}: {one['type']}" for one in found)) from None
    except (TypeError, ValueError, RecursionError):  # a Decimal, a number that is none, a ring
        raise InvalidResponse("not JSON") from None
    reasons = [*_of_whole(data), *_of_empty(data, ""), *_of_items(data.get("item", ()), "item")]
    if reasons:
        raise InvalidResponse("; ".join(reasons))


def _of_whole(data: Mapping[str, Any]) -> Iterator[str]:
    if data.get("resourceType") != "QuestionnaireResponse":
        yield "resourceType"
    if data.get("status") not in get_args(Status):
        yield "status: not one of R4"
    for name in ("questionnaire", "authored"):
        if not data.get(name):
            yield f"{name}: missing"


def _of_empty(data: object, place: str) -> Iterator[str]:
    """Empty arrays, objects and strings, and control characters: there are none in FHIR."""
    if data in ("", [], {}, None):
        yield f"{place}: empty"
    elif isinstance(data, str) and _CONTROL.search(data):
        yield f"{place}: control characters"
    elif isinstance(data, Mapping):
        for name, part in data.items():
            yield from _of_empty(part, _place((place, name)))
    elif isinstance(data, list):
        for index, part in enumerate(data):
            yield from _of_empty(part, _place((place, index)))


def _of_items(items: Sequence[Mapping[str, Any]], place: str) -> Iterator[str]:
    """The rules of one level: a question stands there once, and holds answers or (a group) items, not both."""
    times = Counter(item["linkId"] for item in items)
    for index, item in enumerate(items):
        here = _place((place, index))
        if "answer" in item and times[item["linkId"]] > 1:
            yield f"{here}: linkId twice"
        if "answer" in item and "item" in item:
            yield f"{here}: qrs-1, answer and item"
        yield from _of_items(item.get("item", ()), f"{here}.item")
        for number, answer in enumerate(item.get("answer", ())):
            yield from _of_answer(answer, f"{here}.answer.{number}")


def _of_answer(answer: Mapping[str, Any], place: str) -> Iterator[str]:
    """One value of its own JSON type, and what lies below it."""
    values = [name for name in answer if name.startswith("value")]
    if len(values) != 1:
        yield f"{place}: not one value"
    for name in values:
        if not _is_typed(name, answer[name]):
            yield _place((place, name)) + ": JSON type"
    amount = answer.get("valueQuantity", {}).get("value", 0)
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        yield f"{place}.valueQuantity.value: JSON type"
    yield from _of_items(answer.get("item", ()), f"{place}.item")


def _is_typed(name: str, value: object) -> bool:
    if name in _COMPLEX:
        return isinstance(value, Mapping)
    allowed = _NUMBERS.get(name, (str,))
    return isinstance(value, allowed) and (bool in allowed or not isinstance(value, bool))


def _place(parts: Sequence[str | int]) -> str:
    return ".".join(str(part) for part in parts if part != "")
