"""The return code of an anonymous contact: long, easy to copy, and a hash of its own."""

import math

from hypothesis import given
from hypothesis import strategies as st

from app.domain.return_code import GROUP, LENGTH, LETTERS, grouped, read_code
from app.services.cases.return_codes import new_return_code
from app.services.identity.vault import IdentityVault
from app.settings import Settings

VAULT = IdentityVault.of(Settings(_env_file=None))
CODES = st.text(alphabet=LETTERS, min_size=LENGTH, max_size=LENGTH)


def test_a_code_is_long_enough() -> None:
    """Nobody guesses it: at least 95 bits, from signs that are all different and not taken for one another."""
    assert len(set(LETTERS)) == len(LETTERS)
    assert LENGTH * math.log2(len(LETTERS)) >= 95
    assert not set(LETTERS) & set("01OILBSZG")


def test_codes_differ() -> None:
    """Each is new, of our signs, and uses all of them in the long run."""
    made = [new_return_code(VAULT).code for _ in range(200)]
    assert len(set(made)) == len(made)
    assert {sign for code in made for sign in code} == set(LETTERS)
    assert {len(code) for code in made} == {LENGTH}


@given(CODES, st.sampled_from(["", " ", "-", "–", "\t"]))
def test_a_code_is_read_as_people_write_it(code: str, between: str) -> None:
    """In groups or not, in small letters, with whatever between them: it is the same code."""
    assert grouped(code).count("-") == LENGTH // GROUP - 1
    written = between.join(grouped(code).split("-"))
    assert read_code(written) == read_code(written.lower()) == code


@given(CODES)
def test_a_sign_that_looks_like_another_is_read_as_it(code: str) -> None:
    """A B in place of an 8 and its like are mended: no code holds a B."""
    assert read_code(code.translate(str.maketrans("8652", "BGSZ"))) == code


@given(st.text(max_size=60))
def test_nothing_else_is_a_code(text: str) -> None:
    """Anything at all may be typed; what is read is a code or nothing."""
    assert read_code(text) == "" or set(read_code(text)) <= set(LETTERS)


@given(CODES)
def test_the_hash_is_its_own(code: str) -> None:
    """The same word as an identity code is found by another hash, and another installation's by another still."""
    assert VAULT.lookup_return_code(code) != VAULT.lookup(code)
    other = IdentityVault(
        "another key of another county, long enough", ["ZGVtby1lbmNyeXB0aW9uLWtleS1ub3QtZm9yLXByb2Q="]
    )
    assert VAULT.lookup_return_code(code) != other.lookup_return_code(code)
    assert code not in repr(new_return_code(VAULT))
