"""What a browser sent: cleaned, whole, checked, and one submission however often it comes."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from app.web.forms import Form, clean_query, read_id, read_values, submission_of

TOKEN = uuid.UUID(int=7)


def form(**values: str) -> Form:
    return Form(TOKEN, {name: (value,) for name, value in values.items()})


async def sent(body: bytes, kind: str = "application/x-www-form-urlencoded") -> dict[str, tuple[str, ...]]:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", kind.encode())]
    return await read_values(Request({"type": "http", "method": "POST", "headers": headers}, receive))


async def test_values_are_cleaned() -> None:
    """Control characters go, what is no Unicode is replaced, line ends become one character, repeats are kept."""
    values = await sent(b"a=%00x%0d%0ay%0az%09&b=%ff&b=%ed%a0%80&c=")
    assert values["a"] == ("x\ny\nz\t",)
    assert len(values["b"]) == 2
    assert values["c"] == ("",)
    for one in values["b"]:
        one.encode()


@given(st.text())
def test_a_query_is_always_text(text: str) -> None:
    """Whatever stands in a query: text that the database takes, at most as long as asked."""
    cleaned = clean_query(text, 50)
    cleaned.encode()
    assert "\x00" not in cleaned
    assert len(cleaned) <= 50


@given(st.one_of(st.text(), st.none(), st.integers()))
def test_an_id_or_none(value: object) -> None:
    """What is no id is None, never an error."""
    found = read_id(value)
    assert found is None or isinstance(found, uuid.UUID)


def test_over_long_text_is_an_error_and_whole() -> None:
    """A text that is too long is never cut: an error is noted and the whole text stays."""
    one = form(note="x" * 11)
    assert one.text("note", longest=10, too_long="liikaa") == "x" * 11
    assert one.errors == {"note": "liikaa"}
    other = form(note="x" * 10)
    other.text("note", longest=10, too_long="liikaa")
    assert other.errors == {}


def test_required() -> None:
    """Blanks alone are nothing."""
    one = form(name=" \n\t ")
    one.text("name", longest=10, required="pakollinen")
    assert one.errors == {"name": "pakollinen"}


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("040 123 4567", "+358401234567"),
        ("+46 70 123 45 67", "+46701234567"),
        ("(015) 123-4567", "+358151234567"),
        ("０４０１２３４５６７", "+358401234567"),
    ],
)
def test_phone_numbers(typed: str, number: str) -> None:
    """Numbers as people write them are kept as they are dialled."""
    one = form(phone=typed)
    assert one.phone("phone", message="numero") == number
    assert one.errors == {}


@pytest.mark.parametrize("typed", ["", "kotona", "12", "040" * 10, "+", "+999 1234567", "0" * 5000, "tel:javascript:1"])
def test_no_phone_numbers(typed: str) -> None:
    """What can't be called is an error."""
    one = form(phone=typed)
    one.phone("phone", message="numero")
    assert one.errors == {"phone": "numero"}


def test_submissions() -> None:
    """The same content by the same token is one submission, in any order; other content or another token is not."""
    first = {"form_token": ("t",), "a": ("1", "2"), "b": ("3",)}
    assert submission_of(TOKEN, first) == submission_of(TOKEN, dict(reversed(first.items())))
    for other in ({**first, "b": ("4",)}, {**first, "a": ("2", "1")}, {**first, "c": ("",)}, {"a": ("1", "2")}):
        assert submission_of(TOKEN, other) != submission_of(TOKEN, first)
    assert submission_of(uuid.UUID(int=8), first) != submission_of(TOKEN, first)


def test_fields_in_and_out() -> None:
    """A field that was not sent is empty, a repeated one gives its first value, or all."""
    one = Form(TOKEN, {"a": (" x ", "y")})
    assert (one.value("a"), one.many("a"), one.value("b"), one.many("b")) == ("x", (" x ", "y"), "", ())
