"""Form tokens: bound to a session, tamper-proof, of limited age, and new each time a form is shown."""

import hashlib
import hmac
import time
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.tokens import FORM_SECONDS, FormExpired, FormTokens, hash_secret, new_secret

TOKENS = FormTokens("a secret of the tests")
HERE = b"this session"


def signed(head: str, binding: bytes = HERE) -> str:
    """A token with any head and a good mac, as only we could make it."""
    mac = hmac.new(TOKENS.secret.encode(), head.encode() + b"\0" + binding, hashlib.sha256).hexdigest()
    return f"{head}.{mac}"


def test_a_token_comes_back() -> None:
    """The same token gives the same submission each time: that makes a double click harmless."""
    token = TOKENS.make(HERE)
    assert TOKENS.read(token, HERE) == TOKENS.read(token, HERE)


def test_each_form_has_its_own() -> None:
    """Two forms never share a token; nothing that stays the same is there to be guessed from a packed page (BREACH)."""
    first, second = TOKENS.make(HERE), TOKENS.make(HERE)
    assert TOKENS.read(first, HERE) != TOKENS.read(second, HERE)
    assert first.split(".")[0] != second.split(".")[0]
    assert first.split(".")[2] != second.split(".")[2]


@given(st.binary(max_size=40))
def test_bound_to_the_session(binding: bytes) -> None:
    """A token is good in the session that it was made for and in no other."""
    token = TOKENS.make(HERE)
    if binding != HERE:
        with pytest.raises(FormExpired):
            TOKENS.read(token, binding)


@given(st.text())
def test_anything_else_is_none(text: str) -> None:
    """Whatever comes as a token, the only failure is FormExpired."""
    with pytest.raises(FormExpired):
        TOKENS.read(text, HERE)


@given(st.integers(min_value=0, max_value=110), st.characters(codec="ascii"))
def test_one_changed_character(place: int, character: str) -> None:
    """Changing any one character of a token spoils it."""
    token = TOKENS.make(HERE)
    at = place % len(token)
    changed = token[:at] + character + token[at + 1 :]
    if changed != token:
        with pytest.raises(FormExpired):
            TOKENS.read(changed, HERE)


def test_another_secret() -> None:
    """A token made with another key is none."""
    with pytest.raises(FormExpired):
        TOKENS.read(FormTokens("another secret").make(HERE), HERE)


@pytest.mark.parametrize(("age", "good"), [(0, True), (FORM_SECONDS - 5, True), (FORM_SECONDS + 5, False)])
def test_age(age: int, good: bool) -> None:
    """A form may stay open for half a day, no longer."""
    token = signed(f"{uuid.uuid4().hex}.{int(time.time()) - age}")
    if good:
        TOKENS.read(token, HERE)
    else:
        with pytest.raises(FormExpired):
            TOKENS.read(token, HERE)


def test_secrets_of_cookies() -> None:
    """A cookie's value can't be guessed, and what is kept of it does not contain it."""
    first, second = new_secret(), new_secret()
    assert first != second
    assert len(first) >= 43
    assert first.encode() not in hash_secret(first)
    assert hash_secret(first) != hash_secret(second)
