"""The Finnish personal identity code (henkilötunnus): reading it, checking it, showing it safely.

Source: the Digital and Population Data Services Agency's rules for the code and its reform of 2023 (new century
signs). The century sign is part of the identity: 010190-999K and 010190Y999K are two people, so it is never
replaced by another sign of the same century.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, Self

from app.domain.clock import full_years

_SHAPE = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})([-+A-FU-Y])([0-9]{3})([0-9A-Y])")
_CHECK_CHARACTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_CENTURIES = {"+": 1800} | dict.fromkeys("-YXWVU", 1900) | dict.fromkeys("ABCDEF", 2000)
_FIRST_NUMBER = 2  # 000 and 001 are not given to anybody
_FIRST_TEST_NUMBER = 900

Fault = Literal["shape", "date", "future", "number", "check"]


class InvalidIdentityCode(ValueError):
    """What was typed is no personal identity code; `fault` says what is wrong. The message never repeats it."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"not a personal identity code: {fault}")
        self.fault = fault


@dataclass(frozen=True, repr=False)
class IdentityCode:
    """A valid code. Make it with `parse`; `value` is the whole code, everything else shows it masked."""

    value: str

    @classmethod
    def parse(cls, text: str, today: date) -> Self:
        """The code in `text` (spaces around it and small letters are forgiven).

        Raises InvalidIdentityCode where the shape, the calendar date, the number or the check character is wrong,
        or the birth date lies after `today`.
        """
        typed = text.strip()
        code = typed.upper() if typed.isascii() else ""  # non-ASCII letters may turn into ASCII by upper()
        match = _SHAPE.fullmatch(code)
        if match is None:
            raise InvalidIdentityCode("shape")
        if _birth_date(code) > today:
            raise InvalidIdentityCode("future")
        if int(match[5]) < _FIRST_NUMBER:
            raise InvalidIdentityCode("number")
        if check_character(code[:6], match[5]) != match[6]:
            raise InvalidIdentityCode("check")
        return cls(code)

    @property
    def birth_date(self) -> date:
        """The date of birth that the code tells."""
        return _birth_date(self.value)

    def age_on(self, day: date) -> int:
        """Age on `day` in full years."""
        return full_years(self.birth_date, day)

    @property
    def is_test(self) -> bool:
        """True for artificial persons (numbers 900–999)."""
        return int(self.value[7:10]) >= _FIRST_TEST_NUMBER

    @property
    def masked(self) -> str:
        """The birth date and century sign, the rest as stars: 010594Y****."""
        return self.value[:7] + "****"

    def __str__(self) -> str:
        return self.masked

    def __repr__(self) -> str:
        return f"IdentityCode({self.masked})"


def check_character(birth_digits: str, number: str) -> str:
    """The check character for the six digits of the birth date and the three of the number."""
    return _CHECK_CHARACTERS[int(birth_digits + number) % 31]


def _birth_date(code: str) -> date:
    try:
        return date(_CENTURIES[code[6]] + int(code[4:6]), int(code[2:4]), int(code[:2]))
    except ValueError:
        raise InvalidIdentityCode("date") from None
