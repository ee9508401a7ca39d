"""FHIRPath, by the library `fhirpathpy`: the only module that knows it.

An expression is parsed once. What the library lacks for SDC is put in here: a syntax error is an error, an item keeps
its type (`answer.value` finds `valueInteger`), the clock is the caller's, and `functions` stand beside its own. Numbers
that are not whole go in as Decimal, since the library compares a float with no literal.
"""

# mypy: allow-untyped-calls

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

from antlr4 import CommonTokenStream, InputStream, ParseTreeWalker  # type: ignore[import-untyped]
from antlr4.error.ErrorListener import ErrorListener  # type: ignore[import-untyped]
from fhirpathpy.engine import do_eval
from fhirpathpy.engine.nodes import FP_DateTime, FP_Quantity, FP_Time, FP_Type, ResourceNode, TypeInfo
from fhirpathpy.engine.util import process_user_invocation_table
from fhirpathpy.models import models
from fhirpathpy.parser.ASTPathListener import ASTPathListener
from fhirpathpy.parser.generated.FHIRPathLexer import FHIRPathLexer
from fhirpathpy.parser.generated.FHIRPathParser import FHIRPathParser

Tree = Mapping[str, Any]  # a node: `type`, `children`, `text`, `terminalNodeText`
Function = Callable[[Sequence[Any]], Any]

_MODEL: Any = models["r4"]
_TYPES: Any = TypeInfo
_TYPES.model = _MODEL  # else `ofType` knows no types before the first `is`
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
    """The tree of an expression. Raises Unreadable."""
    try:
        return _parse(text)
    except Exception as error:  # the parser raises what it likes, mostly bare exceptions
        raise Unreadable(type(error).__name__) from error


def _parse(text: str) -> Tree:
    lexer = FHIRPathLexer(InputStream(text))
    parser = FHIRPathParser(CommonTokenStream(lexer))
    for part in (lexer, parser):
        part.removeErrorListeners()
        part.addErrorListener(_Strict())
    whole = parser.entireExpression()
    listener = ASTPathListener()
    ParseTreeWalker().walk(listener, whole)
    return cast(Tree, listener.parentStack[0]["children"][0]["children"][0])  # below the whole


def evaluate(
    text: str, focus: Any, names: Mapping[str, Any], functions: Mapping[str, Function] | None = None
) -> list[Any]:
    """What the expression gives on `focus`, as nodes of the library, which may go into another evaluation by a name.

    Raises Unreadable and Failed.
    """
    table = {name: {"fn": function} for name, function in (functions or {}).items()}
    root = focus if isinstance(focus, list) else [focus]
    context = {
        "dataRoot": root,
        "$this": root,  # the library itself knows `$this` only within a function
        "vars": dict(names),
        "model": _MODEL,
        "traceFn": lambda *_: None,  # else `trace()` prints answers
        "userInvocationTable": process_user_invocation_table(table),
    }
    tree = parsed(text)
    try:
        return cast(list[Any], do_eval(context, root, tree))
    except Exception as error:  # the library raises bare exceptions; what they say may hold answers
        raise Failed(type(error).__name__) from error


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
