"""The personal identity code: who is let in, and that it never leaks."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.identity_code import IdentityCode, InvalidIdentityCode, check_character

TODAY = date(2026, 11, 22)
VALID = [
    "010594Y9032",
    "010594Y9021",
    "020594X903P",
    "020594X902N",
    "030594W903B",
    "030694W9024",
    "040594V9030",
    "040594V902Y",
    "050594U903M",
    "050594U902L",
    "010516B903X",
    "010516B902W",
    "020516C903K",
    "020516C902J",
    "030516D9037",
    "030516D9026",
    "010501E9032",
    "020502E902X",
    "020503F9037",
    "020504A902E",
    "020504B904H",
    "210281-9988",
    "010280-952L",
    "300111A9001",
    "311080-999X",
    "100871-998D",
    "010403A998U",
    "091099-998L",
    "241198-998U",
    "010190-999W",
    "010180-9026",
    "010100-969P",
    "220750-999Y",
    "141002A909X",
]
SIGNS = {1800: "+", 1900: "-YXWVU", 2000: "ABCDEF"}
EVERY_SIGN = {sign: century for century, signs in SIGNS.items() for sign in signs}


def make(born: date, sign: str, number: int) -> str:
    digits, tail = born.strftime("%d%m%y"), f"{number:03}"
    return digits + sign + tail + check_character(digits, tail)


@st.composite
def codes(draw: st.DrawFn) -> tuple[str, date]:
    born = draw(st.dates(date(1800, 1, 1), TODAY))
    sign = draw(st.sampled_from(SIGNS[born.year // 100 * 100]))
    return make(born, sign, draw(st.integers(900, 999))), born


@pytest.mark.parametrize("code", VALID)
def test_published_test_codes(code: str) -> None:
    """The published test persons are let in and known as test persons."""
    parsed = IdentityCode.parse(code, TODAY)
    assert (parsed.value, parsed.is_test) == (code, True)


def test_the_authority_s_own_example() -> None:
    """The example by which the authority explains the code is valid, and is no test person's."""
    parsed = IdentityCode.parse("131052-308T", TODAY)
    assert (parsed.birth_date, parsed.is_test) == (date(1952, 10, 13), False)


@pytest.mark.parametrize(("sign", "century"), EVERY_SIGN.items())
def test_every_century_sign(sign: str, century: int) -> None:
    """Each of the thirteen signs tells its century, those of 2023 as well as the old ones."""
    born = date(century + 12, 2, 29)  # a leap year in every century
    assert IdentityCode.parse(make(born, sign, 903), TODAY).birth_date == born


@given(codes(), st.characters(exclude_characters="+-YXWVUABCDEF"))
def test_no_other_sign_is_one(made: tuple[str, date], sign: str) -> None:
    """A letter that the reform keeps free, a dash from a word processor, any other mark: refused, never guessed."""
    code, _ = made
    if sign.upper() not in EVERY_SIGN:
        with pytest.raises(InvalidIdentityCode):
            IdentityCode.parse(code[:6] + sign + code[7:], TODAY)


def test_there_are_thirteen_signs() -> None:
    """One for the 1800s, six for the 1900s, six for the 2000s: the list above is whole."""
    assert sorted(map(len, SIGNS.values())) == [1, 6, 6]


@given(st.sampled_from(VALID), st.sampled_from([0, 1, 2, 3, 4, 5, 7, 8, 9]), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_noticed(code: str, place: int, digit: str) -> None:
    """A slip of the finger in any digit of a published code never becomes somebody else's code."""
    if code[place] != digit:
        with pytest.raises(InvalidIdentityCode):
            IdentityCode.parse(code[:place] + digit + code[place + 1 :], TODAY)


@pytest.mark.parametrize("code", ["010190-999X", "010190-999Y", "300180-9026", "111190-123A"])
def test_published_wrong_codes(code: str) -> None:
    """Wrong codes that circulate in published material are refused by their check character."""
    with pytest.raises(InvalidIdentityCode) as caught:
        IdentityCode.parse(code, TODAY)
    assert caught.value.fault == "check"


@given(codes())
def test_round_trip(made: tuple[str, date]) -> None:
    """Any well-made code is read back whole, with its birth date in the right century."""
    code, born = made
    parsed = IdentityCode.parse(f" {code.lower()} ", TODAY)
    assert (parsed.value, parsed.birth_date) == (code, born)


@given(codes(), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ+- "))
def test_every_other_check_character_is_refused(made: tuple[str, date], other: str) -> None:
    """One wrong check character is always noticed."""
    code, _ = made
    if other != code[-1]:
        with pytest.raises(InvalidIdentityCode):
            IdentityCode.parse(code[:-1] + other, TODAY)


@given(st.text(max_size=15))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing that can be typed breaks the reader."""
    with suppress(InvalidIdentityCode):
        assert IdentityCode.parse(text, TODAY).value.isascii()


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("", "shape"), ("010594Y903", "shape"), ("010594Y90321", "shape"), ("010594G9032", "shape"),
        ("010594Y9032\n0", "shape"), ("٠١٠٥٩٤Y9032", "shape"), ("010594Y903ſ", "shape"),
        ("300294-9039", "date"), ("290201A9035", "date"), ("001390-9001", "date"),
        (make(date(2026, 11, 23), "A", 900), "future"), (make(date(1990, 1, 1), "-", 1), "number"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(code: str, fault: str) -> None:
    """The page can say what to mend: the shape, the date or the check character."""
    with pytest.raises(InvalidIdentityCode) as caught:
        IdentityCode.parse(code, TODAY)
    assert caught.value.fault == fault


def test_signs_of_one_century_are_different_people() -> None:
    """The century sign is identity: the same numbers with - and Y are never equal."""
    born = date(1990, 1, 1)
    assert IdentityCode.parse(make(born, "-", 999), TODAY) != IdentityCode.parse(make(born, "Y", 999), TODAY)


def test_real_people_are_not_test_people() -> None:
    """A number under 900 belongs to somebody real."""
    assert not IdentityCode.parse(make(date(1958, 5, 21), "-", 12), TODAY).is_test


def test_never_shown_whole() -> None:
    """Logs and pages get the masked form, whichever way the value is printed."""
    code = IdentityCode.parse("010594Y9032", TODAY)
    assert "9032" not in f"{code} {code!r} {[code]} {code.masked}"
    assert code.masked == "010594Y****"


def test_age() -> None:
    """Age is counted in whole birthdays; 29 February is followed by 1 March in common years."""
    code = IdentityCode.parse(make(date(2008, 2, 29), "A", 900), TODAY)
    assert [code.age_on(date(2026, *day)) for day in ((2, 28), (3, 1))] == [17, 18]
