"""The arithmetic of the audit trail: one form for each row and none for two, MACs that need the key, a chain."""

import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from app.domain.audit_chain import NOTHING_BEFORE, Values, canonical, chained, key_name, mac_of
from app.services.audit.keys import AuditKeys
from app.settings import Settings

PLAIN = st.none() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]))
MANDATES = st.none() | st.dictionaries(st.text(max_size=3), PLAIN | st.lists(PLAIN, max_size=3), max_size=3)
FIRST, LAST = datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2100-01-01")
MOMENTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
TEXTS = st.sampled_from(["", "a", "b", "ab", '"', '","', "null", "\\", "ä"])
ROWS = st.fixed_dictionaries(
    {
        "id": st.integers(1, 3),
        "at": MOMENTS,
        "actor_id": st.none() | st.uuids(),
        "mandate": MANDATES,
        "register": st.none() | st.sampled_from(["patient", "social"]),
        "purpose": TEXTS,
        "action": TEXTS,
        "target_id": TEXTS,
    }
)


@given(ROWS, ROWS)
def test_different_rows_have_different_forms(one: Values, other: Values) -> None:
    """Two rows are written down the same way only where they are the same row."""
    assert (canonical(one) == canonical(other)) == (one == other)


@given(ROWS, st.data())
def test_one_column_makes_a_difference(row: Values, data: st.DataObject) -> None:
    """A row with one other value in one column, or with two neighbours' words moved, has another form."""
    name = data.draw(st.sampled_from(["purpose", "action", "target_id"]))
    other = {**row, name: data.draw(TEXTS)}
    assert (canonical(row) == canonical(other)) == (row[name] == other[name])


@given(MOMENTS, st.integers(-12, 12))
def test_a_moment_has_one_form(moment: datetime, hours: int) -> None:
    """The zone in which a moment is told makes no difference; a microsecond does."""
    elsewhere = moment.astimezone(timezone(timedelta(hours=hours)))
    assert canonical({"at": moment}) == canonical({"at": elsewhere})
    assert canonical({"at": moment}) != canonical({"at": moment + timedelta(microseconds=1)})


def test_a_new_column_leaves_old_rows_as_they_were() -> None:
    """A column that is NULL is not written down: the table can grow without a new MAC for every row."""
    assert canonical({"a": 1, "later": None}) == canonical({"a": 1})
    assert canonical({"a": {"b": None}}) != canonical({"a": {}})


@pytest.mark.parametrize("value", [1.5, FIRST, b"x", {1: "x"}, {"x": {2.5}}])
def test_no_form_for_what_changes_on_its_way(value: object) -> None:
    """What a database may give back in another form than it got is refused when it is written."""
    with pytest.raises(TypeError, match="no canonical form"):
        canonical({"mandate": value})


def test_a_mac_needs_the_key_and_the_kind() -> None:
    """Another key, another kind of row or another value gives another MAC; the key's name doesn't give it away."""
    row = {"id": 1, "who": uuid.UUID(int=1)}
    macs = {
        mac_of(b"key", "event", row),
        mac_of(b"key2", "event", row),
        mac_of(b"key", "seal", row),
        mac_of(b"key", "event", {**row, "id": 2}),
    }
    assert len(macs) == 4
    assert key_name(b"key") != key_name(b"key2")


ENTRIES = st.lists(st.tuples(st.integers(0, 2**62), st.binary(max_size=4)), max_size=5)


@given(ENTRIES, ENTRIES)
def test_the_chain_tells_what_was_in_it(one: list[tuple[int, bytes]], other: list[tuple[int, bytes]]) -> None:
    """Only the same rows in the same order lead to the same end; in batches or at once makes no difference."""
    assert (chained(NOTHING_BEFORE, one) == chained(NOTHING_BEFORE, other)) == (one == other)
    assert chained(chained(NOTHING_BEFORE, one), other) == chained(NOTHING_BEFORE, one + other)


def test_rotated_keys() -> None:
    """The newest key signs, and what an older one signed is still proved; without that one it isn't."""
    old, new = SecretStr("o" * 32), SecretStr("n" * 32)
    before, after = (AuditKeys.of(Settings(audit_keys=keys)) for keys in ((old,), (new, old)))
    row = {"id": 1, "mac_key": before.newest}
    mac = before.sign("event", row)
    assert after.newest != before.newest
    assert after.proves("event", row, mac)
    assert not AuditKeys.of(Settings(audit_keys=(new,))).proves("event", row, mac)


@pytest.mark.parametrize("keys", [(), (SecretStr(""),)])
def test_no_key_no_trail(keys: tuple[SecretStr, ...]) -> None:
    """Without a key, or with an empty one, nothing is signed at all."""
    with pytest.raises(ValueError, match="ASIOINTI_AUDIT_KEYS"):
        AuditKeys.of(Settings(audit_keys=keys))


def test_keys_are_not_shown() -> None:
    """What is logged or shown of the keys holds no secret."""
    assert "secret" not in repr(AuditKeys.of(Settings(audit_keys=(SecretStr("secret" * 6),)))).lower()
