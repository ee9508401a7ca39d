"""What an expression reads, told from its text: the linkIds of its sources, or everything where that can't be shown.

The proof: every step to an item goes on to a `where` that lets through only linkIds written in the text, or on to the
items below. Then what else the response holds makes no difference, and the expression may be evaluated on a response
with only those items and what they lie in. Whatever this reading does not know is no proof.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.domain.forms.computing.fhirpath import Tree, Unreadable, parsed

# What a part of an expression may stand for. pending: items or answers that no `where` has restricted yet; own: the
# item that carries the expression
Kind = Literal["response", "own", "pending", "pending-answers", "items", "answers", "value"]
_PATH: Mapping[tuple[Kind, str], Kind] = {
    ("response", "item"): "pending",
    ("pending", "item"): "pending",
    ("pending", "answer"): "pending-answers",
    ("pending-answers", "item"): "pending",
    ("own", "item"): "pending",
    ("own", "answer"): "answers",
    ("items", "item"): "pending",
    ("items", "answer"): "answers",
    ("answers", "item"): "pending",
}
_WHOLE_SET = {"exists", "empty", "count", "all", "not", "ordinal", "weight", "aggregate"}  # give a value
_PARTS = {"where", "first", "last", "tail", "skip", "take", "single", "trace"}  # give some of what they are called on
_PER_ELEMENT = {"where", "exists", "all", "select", "aggregate", "repeat"}  # parameters speak of each element
_TYPED = {"ofType", "is", "as"}  # their parameter is the name of a type
_CLOCK = {"today", "now", "timeOfDay"}


@dataclass(frozen=True)
class Reading:
    """What an expression reads, itself and through variables. `links` None: anything in the response; `names`: what
    else is known, by its name; `own`: the item that carries it (or a variable); `inline`: it stands for items rather
    than for values, and means something only inside another expression."""

    links: frozenset[str] | None = frozenset()
    names: frozenset[str] = frozenset()
    own: bool = False
    clock: bool = False
    inline: bool = False
    kind: Kind = "value"


@dataclass
class _Found:
    """What was met on the way through one expression."""

    links: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    own: bool = False
    clock: bool = False
    repeated: bool = False


class _Unsure(Exception):
    """The text does not show what is read here."""


def sources_of(
    text: str, variables: Mapping[str, Reading], owner: str = "", leaves: frozenset[str] = frozenset()
) -> Reading:
    """What the expression of the item `owner` (empty: of the form itself) reads; `variables` in reach are read
    already, `leaves` are the questions with nothing below them. What can't be parsed reads nothing: it fails whatever
    the answers are."""
    try:
        tree = parsed(text)
    except Unreadable:
        return Reading()
    found = _Found()
    try:
        kind = _Reader(found, variables, owner, leaves).whole(tree)
    except (_Unsure, RecursionError):
        return _everything(tree, variables)
    links = frozenset(found.links)
    return Reading(links, frozenset(found.names), found.own, found.clock, kind != "value", kind)


def names_in(tree: Tree) -> Iterator[str]:
    """Every `%name` of an expression."""
    if tree["type"] == "ExternalConstantTerm":
        yield _name(tree["children"][0]["children"][0])
    for child in tree.get("children", ()):
        yield from names_in(child)


def _everything(tree: Tree, variables: Mapping[str, Reading]) -> Reading:
    try:
        names, clock = frozenset(names_in(tree)), any(_calls(tree, name) for name in _CLOCK)
    except RecursionError:  # the library will not get through it either
        return Reading(None, own=True, inline=True)
    through = [variables[name] for name in names if name in variables]
    clock = clock or any(reading.clock for reading in through)
    known = (names - variables.keys()).union(*(reading.names for reading in through))
    return Reading(None, known, own=True, clock=clock, inline=True)


def _calls(tree: Tree, name: str) -> bool:
    if tree["type"] == "Functn" and _name(tree["children"][0]) == name:
        return True
    return any(_calls(child, name) for child in tree.get("children", ()))


def _name(identifier: Tree) -> str:
    return str(identifier["text"]).strip('`"')


@dataclass
class _Reader:
    """Goes through a tree and tells what each part stands for. Raises _Unsure."""

    found: _Found
    variables: Mapping[str, Reading]
    owner: str
    leaves: frozenset[str]

    def whole(self, tree: Tree) -> Kind:
        """What the whole expression stands for."""
        kind = self.kind(tree, "own" if self.owner else "response")
        if kind.startswith("pending"):
            raise _Unsure
        # repeat() gives equal items once; that of its sources only what holds nothing else is equal either way
        if self.found.repeated and not self.found.links <= self.leaves:
            raise _Unsure
        return "items" if kind == "own" else kind

    def kind(self, tree: Tree, focus: Kind | None) -> Kind:
        """What `tree` stands for, evaluated on `focus`; None: on what, the library decides."""
        read = _READERS.get(tree["type"], _Reader._operator)
        return read(self, tree, focus)

    def _inner(self, tree: Tree, focus: Kind | None) -> Kind:
        return self.kind(tree["children"][0], focus)

    def _value(self, _tree: Tree, _focus: Kind | None) -> Kind:
        return "value"

    def _path(self, tree: Tree, focus: Kind | None) -> Kind:
        return self.kind(tree["children"][1], self.kind(tree["children"][0], focus))

    def _this(self, _tree: Tree, focus: Kind | None) -> Kind:
        return self._at(focus)

    def _at(self, focus: Kind | None) -> Kind:
        if focus is None:
            raise _Unsure
        if focus == "own":
            self.found.own = True
            self.found.links.add(self.owner)
        return focus

    def _member(self, tree: Tree, focus: Kind | None) -> Kind:
        focus, name = self._at(focus), _name(tree["children"][0])
        if name == "QuestionnaireResponse" and focus == "response":
            return "response"
        if focus.startswith("pending") and (focus, name) not in _PATH:
            raise _Unsure
        return _PATH.get((focus, name), "value")

    def _constant(self, tree: Tree, _focus: Kind | None) -> Kind:
        name = _name(tree["children"][0]["children"][0])
        if name in ("resource", "rootResource"):
            return "response"
        if name == "context":
            return self._at("own" if self.owner else "response")
        if name in self.variables:
            return self._variable(self.variables[name])
        self.found.names.add(name)
        return "value"

    def _variable(self, reading: Reading) -> Kind:
        if reading.links is None:
            raise _Unsure
        self.found.links |= reading.links
        self.found.names |= reading.names
        self.found.own |= reading.own
        self.found.clock |= reading.clock
        return reading.kind

    def _indexed(self, tree: Tree, focus: Kind | None) -> Kind:
        collection, index = tree["children"]
        kind = self.kind(collection, focus)
        if kind not in ("own", "items", "answers", "value") or self.kind(index, focus) != "value":
            raise _Unsure
        return kind

    def _operator(self, tree: Tree, focus: Kind | None) -> Kind:
        """Both sides of an operator are values; what items hold besides the sources would count in a comparison."""
        return self._operands([child for child in tree.get("children", ()) if child["type"] != "TypeSpecifier"], focus)

    def _operands(self, trees: Sequence[Tree], focus: Kind | None) -> Kind:
        if any(self.kind(child, focus) != "value" for child in trees):
            raise _Unsure
        return "value"

    def _call(self, tree: Tree, focus: Kind | None) -> Kind:
        tree = tree["children"][0]
        name = _name(tree["children"][0])
        parameters = tree["children"][1].get("children", ()) if len(tree["children"]) > 1 else ()
        if name in _CLOCK:
            self.found.clock = True
            return "value"
        if name == "iif":
            return self._operands(parameters, focus)
        focus = self._at(focus)
        if focus in ("response", "own", "items", "pending") and _goes_down(name, parameters):
            self.found.repeated |= name == "repeat"
            return "pending"
        if focus == "pending" and name in ("where", "exists"):
            return self._restricted(name, parameters)
        if focus.startswith("pending") or focus == "response":
            raise _Unsure
        return self._harmless(name, parameters, focus)

    def _harmless(self, name: str, parameters: Sequence[Tree], focus: Kind) -> Kind:
        """A function on what is restricted already."""
        asked = () if name in _TYPED else parameters
        kinds = [self.kind(one, focus if name in _PER_ELEMENT else None) for one in asked]
        if name == "select":
            return kinds[0] if kinds[0] in ("value", "items", "answers") else self._unsure()
        if any(kind != "value" for kind in kinds):
            raise _Unsure
        if focus == "value" or name in _WHOLE_SET:
            return "value"
        return focus if name in _PARTS else self._unsure()

    def _restricted(self, name: str, parameters: Sequence[Tree]) -> Kind:
        links = linked(parameters[0]) if parameters else None
        if links is None:
            raise _Unsure
        self.found.links |= links
        self._operands(parameters, "items")  # it speaks of an item that is one of the sources or falls out
        return "items" if name == "where" else "value"

    def _unsure(self) -> Kind:
        raise _Unsure


_READERS: Mapping[str, Callable[[_Reader, Tree, Kind | None], Kind]] = {
    "TermExpression": _Reader._inner,
    "InvocationTerm": _Reader._inner,
    "ParenthesizedTerm": _Reader._inner,
    "LiteralTerm": _Reader._value,
    "IndexInvocation": _Reader._value,
    "TotalInvocation": _Reader._value,
    "InvocationExpression": _Reader._path,
    "MemberInvocation": _Reader._member,
    "FunctionInvocation": _Reader._call,
    "ExternalConstantTerm": _Reader._constant,
    "ThisInvocation": _Reader._this,
    "IndexerExpression": _Reader._indexed,
}


def _goes_down(name: str, parameters: Sequence[Tree]) -> bool:
    """`descendants()`, and `repeat(item)`: to the items below, level by level."""
    return name == "descendants" or (name == "repeat" and [one.get("text") for one in parameters] == ["item"])


def linked(tree: Tree) -> frozenset[str] | None:
    """The only linkIds for which a condition may hold, None where its text does not show them."""
    children = tree.get("children", ())
    match tree["type"]:
        case "TermExpression" | "InvocationTerm" | "ParenthesizedTerm":
            return linked(children[0])
        case "EqualityExpression" if tree["terminalNodeText"][0] == "=":
            return _named(*children) or _named(*reversed(children))
        case "AndExpression":
            one, other = linked(children[0]), linked(children[1])
            return other if one is None else one
        case "OrExpression" if tree["terminalNodeText"][0] == "or":
            one, other = linked(children[0]), linked(children[1])
            return None if one is None or other is None else one | other
    return None


def _named(path: Tree, literal: Tree) -> frozenset[str] | None:
    """`linkId = 'x'`, with or without `$this`."""
    text = literal.get("text", "")
    is_text = literal["type"] == "TermExpression" and text.startswith("'") and text.endswith("'") and "\\" not in text
    return frozenset({text[1:-1]}) if path.get("text") in ("linkId", "$this.linkId") and is_text else None
