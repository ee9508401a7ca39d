"""What an expression may cost, so that one made elsewhere can't hold up or fill the server.

The library calls every function and operator by a table, and gives them the context: ours in that table spend from the
budget that lies in the context. Paths (`item.answer`) are not in it, so the library's evaluator of them is wrapped. The
cost is counted and not timed: the same answers give the same result on a busy server, too.
"""

# mypy: allow-untyped-calls

from collections import deque
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import wraps
from typing import Any, cast

from fhirpathpy.engine.evaluators import evaluators
from fhirpathpy.engine.invocations import invocation_registry
from fhirpathpy.engine.invocations.strings import ensure_string_singleton

from app.domain.forms.reading.safe_regex import short_enough, usable

LONGEST_EXPRESSION = 5_000  # characters; the longest of ours has about 800
MOST_SPENT = 200_000  # calls and what goes in and out of them; `repeat(item).where(linkId='x')` spends 20 for an item
MOST_NODES = 10_000  # in one collection
MOST_CHARACTERS = 100_000  # in one string
_A_NODE = 100  # characters count as one node
_MOST_BITS = 1_000  # of a whole number
_MOST_DIGITS = 300  # before or after the decimal point: what a float can hold, too


class TooMuch(Exception):
    """The expression would cost more than is allowed."""


class Budget:
    """What is left for one evaluation."""

    def __init__(self) -> None:
        self.left = MOST_SPENT

    def spend(self, one: Any) -> None:
        """Raises TooMuch."""
        self.pay(1 + _weight(one))

    def pay(self, cost: int) -> None:
        """Raises TooMuch."""
        self.left -= cost
        if self.left < 0:
            raise TooMuch


def _weight(one: Any) -> int:
    """How many nodes something counts as. Raises TooMuch where it alone is too large."""
    match one:
        case list():
            _limit(len(one), MOST_NODES)
            return sum(map(_weight, one))
        case str():
            _limit(len(one), MOST_CHARACTERS)
            return 1 + len(one) // _A_NODE
        case int():
            _limit(one.bit_length(), _MOST_BITS)
        case Decimal():
            _limit(abs(one.adjusted()), _MOST_DIGITS)
    return 1


def _limit(size: int, most: int) -> None:
    if size > most:
        raise TooMuch


def metered(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """A function or operator of the library's table that spends for what goes in and what comes out."""
    function: Callable[..., Any] = entry["fn"]

    @wraps(function)  # the library looks at the name of one
    def run(context: Any, *given: Any) -> Any:
        budget: Budget = context["budget"]
        budget.spend(list(given))
        found = function(context, *given)
        budget.spend(found)
        return found

    return {**entry, "fn": run}


def _metered_path(context: Any, data: Any, node: Any) -> Any:
    found = _PATH(context, data, node)
    if "budget" in context:
        context["budget"].pay(1 + len(data) + len(found))
    return found


_PATH = evaluators["MemberInvocation"]
evaluators["MemberInvocation"] = _metered_path


def _matches(context: Any, data: list[Any], pattern: Any) -> Any:
    if pattern:
        _check_pattern(pattern, ensure_string_singleton(data))
    return _LIBRARY["matches"]["fn"](context, data, pattern)


def _replace_matches(context: Any, data: list[Any], pattern: Any, by: Any) -> Any:
    if isinstance(pattern, str) and isinstance(by, str):
        text = ensure_string_singleton(data)
        _check_pattern(pattern, text)
        # a group (`$1`) puts in at most the whole text
        _limit((1 + len(text)) * (1 + len(by) + by.count("$") * len(text)), MOST_CHARACTERS * _A_NODE)
    return _LIBRARY["replaceMatches"]["fn"](context, data, pattern, by)


def _check_pattern(pattern: str, text: str) -> None:
    if not usable(pattern, anywhere=True) or not short_enough(pattern, text):
        raise TooMuch


def _replace(context: Any, data: list[Any], what: Any, by: Any) -> Any:
    if isinstance(what, str) and isinstance(by, str):
        text = ensure_string_singleton(data)
        _limit(len(text) + (1 + text.count(what)) * len(by), MOST_CHARACTERS)
    return _LIBRARY["replace"]["fn"](context, data, what, by)


def _join(context: Any, data: list[Any], separator: str = "") -> Any:
    _limit(len(data) * len(separator), MOST_CHARACTERS)
    return _LIBRARY["join"]["fn"](context, data, separator)


def _repeat(_: Any, data: list[Any], step: Callable[[Any], list[Any]]) -> list[Any]:
    """As the library's, which copies all that it has found at every step."""
    found: list[Any] = []
    seen: set[Any] = set()
    waiting = deque(data)
    while waiting:
        new = [one for one in step(waiting.popleft()) if one not in seen]
        seen.update(new)
        found.extend(new)
        waiting.extend(new)
        _limit(len(found), MOST_NODES)
    return found


def _each_with_each(name: str) -> Mapping[str, Any]:
    """A function that compares each of one collection with each of the other."""
    entry = _LIBRARY[name]

    def run(context: Any, left: list[Any], right: list[Any]) -> Any:
        context["budget"].pay(len(left) * len(right) // 10)
        return entry["fn"](context, left, right)

    return {**entry, "fn": run}


_LIBRARY = cast(dict[str, Mapping[str, Any]], invocation_registry)
_OURS: Mapping[str, Callable[..., Any]] = {
    "matches": _matches,
    "replaceMatches": _replace_matches,
    "replace": _replace,
    "join": _join,
    "repeat": _repeat,
}
_SQUARE = ("intersect", "exclude", "subsetOf", "supersetOf")
LIMITED: dict[str, Mapping[str, Any]] = {
    **_LIBRARY,
    **{name: {**_LIBRARY[name], "fn": function} for name, function in _OURS.items()},
    **{name: _each_with_each(name) for name in _SQUARE},
}


def can_run(tree: Mapping[str, Any]) -> bool:
    """Whether every pattern that is written out in a parsed expression can be used."""
    nodes = [tree]
    while nodes:
        node = nodes.pop()
        nodes.extend(node.get("children", ()))
        if node["type"] == "Functn" and not all(usable(one, anywhere=True) for one in _patterns(node)):
            return False
    return True


def _patterns(call: Mapping[str, Any]) -> list[str]:
    """The pattern that a call names, where it is a plain string."""
    name, *rest = call["children"]
    if name["text"] not in ("matches", "replaceMatches") or not rest:
        return []
    first = rest[0]["children"][0]
    literal = first["children"][0] if first["type"] == "TermExpression" else first
    if literal["type"] != "LiteralTerm" or literal["children"][0]["type"] != "StringLiteral":
        return []
    found: list[str] = evaluators["StringLiteral"]({}, [], literal["children"][0])
    return found
