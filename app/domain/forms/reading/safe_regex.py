"""Whether a regular expression that came with a form can be used: Python reads it, and it ends in reasonable time.

A backtracking matcher may try every way to share a text between the parts of a pattern that vary: their choices
multiply. So each part is counted by its choices, as powers of two, and a pattern may have `_MOST_CHOICES` in all. A
repetition that can only end in one place (`[^@]+@`, or the last one) is no choice. Where a repetition repeats
(`(a+)+`), or repeats alternatives, and where repetitions of the same follow each other, nothing is counted: it is
turned down by its shape. That also turns down a few that would do no harm.
"""

import re
import warnings
from functools import lru_cache
from math import ceil, log2
from typing import Literal

Fault = Literal["", "regex_unusable", "regex_too_long", "regex_slow"]  # as notes have it

LONGEST = 500  # characters of a pattern
LONGEST_MATCHED = 200  # characters of a text that a pattern with an endless repetition is tried on
_MOST_CHOICES = 16  # as a power of two: with the longest text, some million steps at the very most
_ENDLESS_CHOICES = 7  # two of them share 200 characters in about 2**14 ways

_ATOM = r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[^\\\[\](){}|^$*+?]"
_REPEATED = re.compile(
    rf"(?P<atom>{_ATOM})(?P<times>(?:[*+?]|\{{\d*,\d*\}})[?+]?"
    r"(?=(?P<next>\$?\Z|(?:\\\W|[^\\\[\](){}|^$*+?.])(?![*?{]))))?",
    re.DOTALL,
)
_FILLERS = (
    (re.compile(r"\\."), "x"),  # escaped
    (re.compile(r"\[\^?\]?[^\]]*\]"), "x"),  # one of a class
    (re.compile(r"\(\?(?:[:=!>]|<[=!]|P<\w+>)"), "("),
    (re.compile(r"([*+?}])[?+]"), r"\1"),  # lazy or possessive: as many choices, in another order
)
_INNERMOST = re.compile(r"\(([^()]*)\)(\*|\+|\?|\{\d*,?\d*\})?")
_VARIES = re.compile(r"[*+?|]|\{\d*,\d*\}")
_ENDLESS = re.compile(r"[*+]|\{\d*,\}")
_LONG = re.compile(r"[*+]|\{\d*,\}|\{\d*,?\d{3}\}")
_OPTIONS = re.compile(r"[*+?]|\{(\d*),(\d*)\}")
_ANYTHING = re.compile(r"(?<!\\)\.(?:[*+]|\{\d*,\})")
_SAME_AGAIN = re.compile(r"(\\?[^()]|\[[^\]]*\])(?:[*+]|\{\d*,(?:\d\d+)?\})\1(?:[*+]|\{\d*,(?:\d\d+)?\})")
_FEW = 5  # repetitions that a variable part stands
_MOST_ANYTHING = 2  # ”any number of anything” in one pattern: each more multiplies the time by the length of the answer


@lru_cache(maxsize=1024)
def fault_of(pattern: str, *, anywhere: bool = False) -> Fault:
    """Why the pattern can't be used: it does not compile, or shows a repetition within a repetition or too many
    choices; with `anywhere`, also where it may begin at any character of the text. Empty where it can."""
    if len(pattern) > LONGEST:
        return "regex_too_long"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern)
            slow = _explodes(pattern, _ENDLESS_CHOICES if anywhere and not _begins(pattern) else 0)
    except (re.error, Warning, OverflowError, RecursionError):
        return "regex_unusable"
    return "regex_slow" if slow else ""


def usable(pattern: str, *, anywhere: bool = False) -> bool:
    """Whether nothing is against the pattern."""
    return not fault_of(pattern, anywhere=anywhere)


def short_enough(pattern: str, text: str) -> bool:
    """Whether a usable pattern may be tried on so long a text."""
    return len(text) <= LONGEST_MATCHED or not _LONG.search(_filled(pattern))


def _begins(pattern: str) -> bool:
    """Whether it is tried at the beginning only."""
    return pattern.startswith("^") and "|" not in pattern


def _explodes(pattern: str, choices: int) -> bool:
    if re.search(r"\{\d{4,}|,\d{4,}\}", pattern) or _SAME_AGAIN.search(pattern):
        return True
    if len(_ANYTHING.findall(pattern)) > _MOST_ANYTHING:
        return True
    pattern = _filled(_REPEATED.sub(_without_choice, pattern))
    while group := _INNERMOST.search(pattern):
        body, times = group[1], group[2] or ""
        if _risky(body, times):
            return True
        pattern = pattern[: group.start()] + _shown(body, times) + pattern[group.end() :]
    return choices + _choices(pattern) > _MOST_CHOICES


def _filled(pattern: str) -> str:
    """The pattern with nothing but letters, groups and repetitions."""
    for found, filler in _FILLERS:
        pattern = found.sub(filler, pattern)
    return pattern


def _without_choice(found: re.Match[str]) -> str:
    """One character for a repetition that ends where the next character stands, since it can't hold that one."""
    if found["times"] is None:
        return found[0]
    last = found["next"] in ("", "$")
    holds_next = not last and re.fullmatch(found["atom"], found["next"][-1], re.IGNORECASE | re.DOTALL)
    return found[0] if holds_next else found["atom"]


def _shown(body: str, times: str) -> str:
    """A group as a letter and its choices, which stay visible to the groups around it."""
    most = 1 if times in ("", "?") or _ENDLESS.fullmatch(times) else _most(times)
    choices = _choices(body) * most + _choices(times)
    if _ENDLESS.search(body + times):
        return "xx+" + "x?" * (choices - _ENDLESS_CHOICES)
    return "x" + "x?" * min(choices, _MOST_CHOICES + 1)


def _choices(text: str) -> int:
    """How many ways there are through a text without groups, as a power of two that is not less."""
    alternatives = ceil(log2(1 + text.count("|")))
    return alternatives + sum(_of_repetition(found) for found in _OPTIONS.finditer(text))


def _of_repetition(found: re.Match[str]) -> int:
    if _ENDLESS.fullmatch(found[0]):
        return _ENDLESS_CHOICES
    if found[0] == "?":
        return 1
    return min(_ENDLESS_CHOICES, ceil(log2(max(1, 1 + int(found[2]) - int(found[1] or 0)))))


def _risky(body: str, times: str) -> bool:
    if times in ("", "?"):
        return False
    if _ENDLESS.fullmatch(times):
        return bool(_VARIES.search(body))
    return bool(_ENDLESS.search(body)) or (_most(times) > _FEW and bool(_VARIES.search(body)))


def _most(times: str) -> int:
    return int(times.strip("{}").split(",")[-1] or 0)
