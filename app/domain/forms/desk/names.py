"""Names and numbers for a form that has none yet."""

import re
import unicodedata
from collections.abc import Collection

LONGEST_CODE = 60  # characters
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-]{0,59}")
_END = re.compile(r"([0-9]{1,9})$")
_ROOM = 50  # characters: what is added must fit too


def code_from(*names: str) -> str:
    """A code made of the first of these names that has a letter or a digit: `Äidin kysely` → `aidin-kysely`."""
    for name in names:
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        code = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_CODE].strip("-")
        if code:
            return code
    return "form"


def free_code(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, or the same with the first number that is free."""
    number, found = 2, wanted
    while found in taken:
        found = f"{wanted[: LONGEST_CODE - 4]}-{number}"
        number += 1
    return found


def free_version(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, or the version after it that is free: 1 → 2, 1.9 → 1.10, draft → draft.2."""
    found = wanted
    while found in taken:
        end = _END.search(found)
        head, number = (found[: end.start()], end[1]) if end else (f"{found[:_ROOM]}.", "1")
        found = f"{head}{str(int(number) + 1).zfill(len(number))}"
    return found
