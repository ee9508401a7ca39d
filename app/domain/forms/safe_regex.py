"""Whether a regular expression that came with a form can be used: Python reads it, and it ends in reasonable time.

A backtracking matcher may need time that doubles with each character where a repetition repeats (`(a+)+`), or repeats
alternatives, and far too much where repetitions of the same follow each other (`.*.*.*`). Such patterns are turned down
by their shape; that also turns down a few that would do no harm.
"""

import re
import warnings

LONGEST = 500  # characters of a pattern

_FILLERS = (
    (re.compile(r"\\."), "x"),  # escaped
    (re.compile(r"\[\^?\]?[^\]]*\]"), "x"),  # one of a class
    (re.compile(r"\(\?(?:[:=!>]|<[=!]|P<\w+>)"), "("),
)
_INNERMOST = re.compile(r"\(([^()]*)\)(\*|\+|\?|\{\d*,?\d*\})?")
_VARIES = re.compile(r"[*+?|]|\{\d*,\d*\}")
_ENDLESS = re.compile(r"[*+]|\{\d*,\}")
_ANYTHING = re.compile(r"(?<!\\)\.(?:[*+]|\{\d*,\})")
_SAME_AGAIN = re.compile(r"(\\?[^()]|\[[^\]]*\])[*+]\1[*+]")
_FEW = 5  # repetitions that a variable part stands
_MOST_ANYTHING = 2  # ”any number of anything” in one pattern: each more multiplies the time by the length of the answer


def usable(pattern: str) -> bool:
    """Whether the pattern compiles and shows no repetition within a repetition."""
    if len(pattern) > LONGEST:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern)
    except (re.error, Warning, OverflowError, RecursionError):
        return False
    return not _explodes(pattern)


def _explodes(pattern: str) -> bool:
    if re.search(r"\{\d{4,}|,\d{4,}\}", pattern) or _SAME_AGAIN.search(pattern):
        return True
    if len(_ANYTHING.findall(pattern)) > _MOST_ANYTHING:
        return True
    for found, filler in _FILLERS:
        pattern = found.sub(filler, pattern)
    while group := _INNERMOST.search(pattern):
        body, times = group[1], group[2] or ""
        if _risky(body, times):
            return True
        # what varies inside stays visible to the groups around it
        shown = "x" + ("+" if _ENDLESS.search(body + times) else "?" if _VARIES.search(body + times) else "")
        pattern = pattern[: group.start()] + shown + pattern[group.end() :]
    return False


def _risky(body: str, times: str) -> bool:
    if times in ("", "?"):
        return False
    if _ENDLESS.fullmatch(times):
        return bool(_VARIES.search(body))
    most = int(times.strip("{}").split(",")[-1] or 0)
    return bool(_ENDLESS.search(body)) or (most > _FEW and bool(_VARIES.search(body)))
