"""Some text that a regular expression takes: its shortest branches, its first letters."""

import re
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_OF_CATEGORY = {
    code.CATEGORY_DIGIT: "1",
    code.CATEGORY_SPACE: " ",
    code.CATEGORY_WORD: "a",
    code.CATEGORY_NOT_DIGIT: "a",
    code.CATEGORY_NOT_SPACE: "a",
    code.CATEGORY_NOT_WORD: " ",
}
_ANY = "a1 -.A@"


def matching(pattern: str) -> str:
    """A text for `pattern`; where it looks ahead or back, perhaps one that does not match after all."""
    try:
        return "".join(_one(operation, about) for operation, about in parser.parse(pattern))
    except re.error:
        return ""


def _one(operation: Any, about: Any) -> str:
    if operation is code.LITERAL:
        return chr(about)
    if operation in (code.ANY, code.NOT_LITERAL):
        return next(letter for letter in _ANY if operation is code.ANY or ord(letter) != about)
    if operation is code.IN:
        return _of_class(about)
    if operation in (code.MAX_REPEAT, code.MIN_REPEAT):
        least, most, inside = about
        return "".join(_all(inside) for _ in range(min(max(least, 1), most)))
    if operation is code.SUBPATTERN:
        return _all(about[-1])
    return _all(about[1][0]) if operation is code.BRANCH else ""


def _all(parts: Any) -> str:
    return "".join(_one(operation, about) for operation, about in parts)


def _of_class(members: Any) -> str:
    if members[0][0] is code.NEGATE:
        written = re.compile("[" + "".join(_written(member) for member in members[1:]) + "]")
        return next((letter for letter in _ANY if not written.match(letter)), "~")
    operation, about = members[0]
    if operation is code.RANGE:
        return chr(about[0])
    return _OF_CATEGORY.get(about, "a") if operation is code.CATEGORY else chr(about)


def _written(member: tuple[Any, Any]) -> str:
    operation, about = member
    if operation is code.RANGE:
        return f"{re.escape(chr(about[0]))}-{re.escape(chr(about[1]))}"
    if operation is code.CATEGORY:
        return {"1": r"\d", " ": r"\s"}.get(_OF_CATEGORY.get(about, "a"), r"\w")
    return re.escape(chr(about))
