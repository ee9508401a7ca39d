"""Where a form may send the reader back to: paths of this site, nothing else."""

import re
import unicodedata
from urllib.parse import unquote

MAX_LENGTH = 1000
_DECODINGS = 3  # a proxy and a framework may each decode once; one more to be sure


def safe_path(value: str | None, default: str) -> str:
    """`value` where it is an absolute path of this site (with query and fragment), else `default`.

    Refused: another scheme or host, `//`, `..`, backslashes, white space and control characters, also when they
    are hidden by percent encoding, and anything over 1000 characters.
    """
    return value if value and _is_safe(value) else default


def _is_safe(value: str) -> bool:
    if len(value) > MAX_LENGTH or not value.startswith("/") or _has_trick_characters(value):
        return False
    path, *rest = re.split(r"[?#]", value, maxsplit=1)
    return all(_is_plain_path(text) for text in _decodings(path)) and not any(
        _has_control(text) for part in rest for text in _decodings(part)
    )


def _decodings(text: str) -> list[str]:
    seen = [text]
    for _ in range(_DECODINGS):
        seen.append(unquote(seen[-1]))
    return seen


def _is_plain_path(path: str) -> bool:
    return (
        path.startswith("/")
        and "//" not in path
        and "\\" not in path
        and ".." not in path.split("/")
        and not _has_control(path)
    )


def _has_trick_characters(text: str) -> bool:
    return "\\" in text or any(char.isspace() for char in text) or _has_control(text)


def _has_control(text: str) -> bool:
    """True where `text` has control, format (direction marks), surrogate or line-separator characters."""
    return any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in text)
