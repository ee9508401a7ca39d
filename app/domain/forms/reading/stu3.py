"""What FHIR STU3 calls otherwise, said as R4 says it: the older standard means the same by it."""

from collections.abc import Iterator
from typing import Any

_PROPOSED = "initial"


def to_r4(data: dict[str, Any]) -> bool:
    """Rewrite the items of a Questionnaire where it is one of STU3; returns whether it was.

    (STU3, Questionnaire: `option`, `options`, `initial[x]`, `enableWhen.hasAnswer`; a condition that does not compare
    asks for the same answer, and one of several is enough.)
    """
    items = list(_items(data))
    if not any(map(_is_older, items)):
        return False
    for item in items:
        _rewrite(item)
    return True


def _items(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All items; a stack, for they may lie deep."""
    waiting = [data]
    while waiting:
        below = waiting.pop().get("item")
        found = [item for item in (below if isinstance(below, list) else [below]) if isinstance(item, dict)]
        yield from found
        waiting += found


def _is_older(item: dict[str, Any]) -> bool:
    return "option" in item or "options" in item or any("hasAnswer" in one for one in _conditions(item))


def _conditions(item: dict[str, Any]) -> list[dict[str, Any]]:
    found = item.get("enableWhen")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _rewrite(item: dict[str, Any]) -> None:
    if "option" in item:
        item["answerOption"] = item.pop("option")
    if isinstance(item.get("options"), dict):
        item["answerValueSet"] = item.pop("options").get("reference")
    for name in [name for name in item if name.startswith(_PROPOSED) and name != _PROPOSED]:
        item[_PROPOSED] = [{f"value{name.removeprefix(_PROPOSED)}": item.pop(name)}]
    conditions = _conditions(item)
    for one in conditions:
        if "hasAnswer" in one:
            one |= {"operator": "exists", "answerBoolean": one.pop("hasAnswer")}
        one.setdefault("operator", "=")
    if len(conditions) > 1:
        item.setdefault("enableBehavior", "any")
