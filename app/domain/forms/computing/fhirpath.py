"""FHIRPath, by the library `fhirpathpy`: with `fhirpath_limits` the only module that knows it.

An expression is parsed once. What the library lacks for SDC is put in here: a syntax error is an error, an item keeps
its type (`answer.value` finds `valueInteger`), a sign may stand before an answer, amounts are compared, the clock is
the caller's, and `functions` stand beside its own. Numbers that are not whole go in as Decimal, since the library finds
no float equal to a literal.
"""

# mypy: allow-untyped-calls

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from operator import ge, gt, le, lt
from typing import Any, Literal, cast

from antlr4 import CommonTokenStream, InputStream, ParseTreeWalker  # type: ignore[import-untyped]
from antlr4.error.ErrorListener import ErrorListener  # type: ignore[import-untyped]
from fhirpathpy.engine import do_eval
from fhirpathpy.engine.invocations import equality
from fhirpathpy.engine.nodes import FP_DateTime, FP_Quantity, FP_Time, FP_Type, ResourceNode, TypeInfo
from fhirpathpy.engine.util import get_data, process_user_invocation_table
from fhirpathpy.models import models
from fhirpathpy.parser.ASTPathListener import ASTPathListener
from fhirpathpy.parser.generated.FHIRPathLexer import FHIRPathLexer
from fhirpathpy.parser.generated.FHIRPathParser import FHIRPathParser

from app.domain.forms.computing.fhirpath_limits import LIMITED, LONGEST_EXPRESSION, Budget, can_run, metered

Tree = Mapping[str, Any]  # a node: `type`, `children`, `text`, `terminalNodeText`
Function = Callable[..., Any]  # of ours: on what it is called on, a sequence

_MODEL: Any = models["r4"]
_TYPES: Any = TypeInfo
_TYPES.model = _MODEL  # else `ofType` knows no types before the first `is`
Fault = Literal["", "unparsed", "too_long", "pattern"]
UCUM = "http://unitsofmeasure.org"


class Unreadable(ValueError):
    """The text is no FHIRPath expression."""


class Failed(Exception):
    """The expression can't be evaluated on what it was given."""


class _Strict(ErrorListener):  # type: ignore[misc]
    """The library recovers from what it can't read, and evaluates the rest."""

    def syntaxError(self, *_: object) -> None:  # noqa: N802 - antlr's name
        raise Unreadable


@lru_cache(maxsize=4096)
def parsed(text: str) -> Tree:
    """The tree of an expression. Raises Unreadable, also for one that is longer than LONGEST_EXPRESSION."""
    if len(text) > LONGEST_EXPRESSION:
        raise Unreadable
    try:
        return _parse(text)
    except Exception as error:  # the parser raises what it likes, mostly bare exceptions
        raise Unreadable(type(error).__name__) from error


def fault_of(text: str) -> Fault:
    """Why an expression could never run; empty where it can."""
    if len(text) > LONGEST_EXPRESSION:
        return "too_long"
    try:
        return "" if can_run(parsed(text)) else "pattern"
    except Unreadable:
        return "unparsed"


def _parse(text: str) -> Tree:
    lexer = FHIRPathLexer(InputStream(text))
    parser = FHIRPathParser(CommonTokenStream(lexer))
    for part in (lexer, parser):
        part.removeErrorListeners()
        part.addErrorListener(_Strict())
    whole = parser.entireExpression()
    listener = ASTPathListener()
    ParseTreeWalker().walk(listener, whole)
    tree: dict[str, Any] = listener.parentStack[0]["children"][0]["children"][0]
    _sign_by_product(tree)
    return tree


def _sign_by_product(tree: dict[str, Any]) -> None:
    """`-x` becomes `-1 * x`: the library would refuse an answer there, and change a variable in its place."""
    nodes = [tree]
    while nodes:
        node = nodes.pop()
        if node["type"] == "PolarityExpression":
            minus = node["terminalNodeText"] == ["-"]
            node["type"] = "MultiplicativeExpression"
            node["terminalNodeText"] = ["*"]
            node["children"] = [_number_node("-1" if minus else "1"), *node["children"]]
        nodes.extend(node.get("children", ()))


def _number_node(text: str) -> dict[str, Any]:
    number = {"type": "NumberLiteral", "text": text, "terminalNodeText": [text]}
    literal = {"type": "LiteralTerm", "text": text, "terminalNodeText": [], "children": [number]}
    return {"type": "TermExpression", "text": text, "terminalNodeText": [], "children": [literal]}


def evaluate(
    text: str, focus: Any, names: Mapping[str, Any], functions: Mapping[str, Function] | None = None
) -> list[Any]:
    """What the expression gives on `focus`, as nodes of the library, which may go into another evaluation by a name.

    Raises Unreadable and Failed; Failed also where it costs too much (`fhirpath_limits`).
    """
    table = process_user_invocation_table({name: {"fn": function} for name, function in (functions or {}).items()})
    budget = Budget()
    root = focus if isinstance(focus, list) else [focus]
    context = {
        "dataRoot": root,
        "$this": root,  # the library itself knows `$this` only within a function
        "vars": dict(names),
        "model": _MODEL,
        "traceFn": lambda *_: None,  # else `trace()` prints answers
        "budget": budget,
        "userInvocationTable": _TABLE | {name: metered(entry) for name, entry in table.items()},
    }
    tree = parsed(text)
    try:
        found = cast(list[Any], do_eval(context, root, tree))
        budget.spend(found)
    except Exception as error:  # the library raises bare exceptions; what they say may hold answers
        raise Failed(type(error).__name__) from error
    return found


def _comparison(ordinary: Function, fits: Callable[[Decimal, Decimal], bool]) -> Mapping[str, Any]:
    """An operator that compares amounts, too; of different units it says nothing."""

    def compare(context: Any, left: list[Any], right: list[Any]) -> Any:
        one, other = _amount(left), _amount(right)
        if one is None or other is None:
            return ordinary(context, left, right)
        return fits(one[0], other[0]) if one[1] == other[1] else []

    return {"fn": compare, "arity": {2: ["Any", "Any"]}, "nullable": True}


def _amount(nodes: list[Any]) -> tuple[Decimal, str] | None:
    """The value and unit of a literal like `2 'kg'`, or of an answer."""
    data = get_data(nodes[0]) if len(nodes) == 1 else None
    if isinstance(data, FP_Quantity):
        return Decimal(data.value), _unit(data.unit)["code"]
    if isinstance(data, Mapping) and "value" in data:
        return Decimal(data["value"]), data.get("code") or data.get("unit") or "1"
    return None


_COMPARISONS = {
    "<": _comparison(equality.lt, lt),
    ">": _comparison(equality.gt, gt),
    "<=": _comparison(equality.lte, le),
    ">=": _comparison(equality.gte, ge),
}
_TABLE = {name: metered(entry) for name, entry in {**LIMITED, **_COMPARISONS}.items()}


def item_node(data: Mapping[str, Any], of: str = "QuestionnaireResponse") -> Any:
    """An item that knows its type, so that `answer.value` finds the answer whatever it is."""
    return ResourceNode.create_node(data, f"{of}.item")


def moment(text: str) -> Any:
    """A date or a moment as the library's own type, which compares by precision and not as a string."""
    return FP_DateTime(text)


def clock_time(text: str) -> Any:
    return FP_Time(text)


def plain(found: Sequence[Any]) -> list[Any]:
    """What an evaluation gave, as JSON."""
    return [_plain(one) for one in found]


def _plain(one: Any) -> Any:
    if isinstance(one, ResourceNode):
        one = one.data
    if isinstance(one, FP_Quantity):
        return {"value": _number(Decimal(one.value)), **_unit(one.unit)}
    if isinstance(one, FP_Type):
        return one.asStr  # type: ignore[attr-defined]
    if isinstance(one, Decimal):
        return _number(one)
    if isinstance(one, Mapping):
        return {name: _plain(value) for name, value in one.items()}
    return [_plain(value) for value in one] if isinstance(one, list) else one


def _unit(unit: str | None) -> dict[str, str]:
    """`'kg'` in quotes is a code of UCUM; `days` without them is FHIRPath's own word."""
    code = FP_Quantity.timeUnitsToUCUM.get(unit or "'1'", unit or "'1'").strip("'")
    return {"unit": code, "system": UCUM, "code": code}


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def exact(data: Any) -> Any:
    """JSON with its broken numbers as the decimals that were written."""
    if isinstance(data, float):
        return Decimal(str(data))
    if isinstance(data, Mapping):
        return {name: exact(value) for name, value in data.items()}
    return [exact(value) for value in data] if isinstance(data, list | tuple) else data
