"""What must not be readable on an inspection page, even of a test system: tokens, cookies, passwords, assertions."""

import re
from collections.abc import Iterable

_SHOWN = 4  # characters: enough to tell two tokens apart
_SECRET_HEADER = re.compile(r"authori[sz]ation|cookie|assertion|token|secret|api-?key", re.IGNORECASE)
_NAMES = (
    "access_?token|refresh_?token|id_?token|id_token_hint|logout_token|client_assertion|assertion|client_secret"
    "|code_verifier|password|current_?password|new_?password"
)
_IN_JSON = re.compile(rf'("(?:{_NAMES})"\s*:\s*"[^"\\]{{0,{_SHOWN}}})(?:[^"\\]|\\.)*', re.IGNORECASE)
_IN_FORM = re.compile(rf"((?:^|[?&])(?:{_NAMES}|code|token)=[^&\s]{{0,{_SHOWN}}})[^&\s]*", re.IGNORECASE)


def shortened_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by their names in lower case, repeated ones joined; those that carry secrets only begun."""
    found: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        shown = _begun(value) if _SECRET_HEADER.search(name) else value
        found[name] = f"{found[name]}, {shown}" if name in found else shown
    return found


def shortened_text(text: str) -> str:
    """A body or a query with the values of secret fields, JSON or form, only begun."""
    return _IN_FORM.sub(r"\1…", _IN_JSON.sub(r"\1…", text))


def _begun(value: str) -> str:
    """`Bearer abcdefgh` → `Bearer abcd…`, `name=abcdefgh; …` → `name=abcd…`, `abcdefgh` → `abcd…`."""
    begin = re.match(r"(?:[A-Za-z]+ |[^=;\s]+=)?", value)
    kept = begin.end() if begin else 0
    return f"{value[: kept + _SHOWN]}…"
