"""The simulators' memory: what is written together, how much traffic is kept, and that no secret is readable there."""

from pathlib import Path

import pytest

from app.simulators.discretion import shortened_headers, shortened_text
from app.simulators.store import Store
from app.simulators.traffic import RING, Exchange, Payload, Traffic, Wanted


def exchange(system: str, number: int) -> Exchange:
    nothing = Payload({}, "", 0)
    return Exchange(system, 0.0, 1.0, None, "GET", f"/{number}", nothing, 200, True, nothing, None, 200)


def test_the_ring_keeps_the_newest_of_each_system(tmp_path: Path) -> None:
    """A busy system loses its oldest exchanges and takes none from a quiet one whose name begins alike."""
    store = Store(tmp_path / "ring.sqlite")
    try:
        traffic = Traffic(store)
        traffic.add(exchange("busy-not", 0))
        for number in range(RING + 60):
            traffic.add(exchange("busy", number))
        kept = traffic.newest(Wanted("busy", limit=10 * RING))
        assert RING <= len(kept) <= RING + 50
        assert kept[0].path == f"/{RING + 59}"
        assert len(traffic.newest(Wanted("busy-not"))) == 1
    finally:
        store.close()


def fail_after_writing(store: Store, key: str) -> None:
    with store.together():
        store.put("a", key, 1)
        raise KeyError(key)


def test_what_is_written_together_is_undone_together(tmp_path: Path) -> None:
    """An error undoes its own part; one that goes on undoes everything."""
    store = Store(tmp_path / "together.sqlite")
    try:
        with store.together():
            store.put("a", "outer", 1)
            with pytest.raises(KeyError):
                fail_after_writing(store, "inner")
        assert [record.key for record in store.records("a")] == ["outer"]
        with pytest.raises(KeyError), store.together():
            fail_after_writing(store, "lost")
        assert store.get("a", "lost") is None
    finally:
        store.close()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ('{"access_token": "abcdefgh", "n": 1}', '{"access_token": "abcd…", "n": 1}'),
        ('{"password":"a\\"bcdefgh"}', '{"password":"a…"}'),
        ("grant_type=x&client_assertion=abcdefgh&code=ABCDEFGH", "grant_type=x&client_assertion=abcd…&code=ABCD…"),
        ("?code=ABCDEFGH&state=s", "?code=ABCD…&state=s"),
        ('{"code": "home-visit", "token_type": "Bearer"}', '{"code": "home-visit", "token_type": "Bearer"}'),
    ],
)
def test_secrets_in_bodies_only_begin(given: str, shown: str) -> None:
    """Fields that carry secrets are shortened in JSON, forms and queries; codes of FHIR are none."""
    assert shortened_text(given) == shown


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        (b"Authorization", b"Bearer abcdefgh", "Bearer abcd…"),
        (b"Authorization", b"abcdefgh", "abcd…"),
        (b"Cookie", b"session=abcdefgh; b=c", "session=abcd…"),
        (b"X-AsiointivaltuudetAuthorization", b"client 2026-01-01T00:00:00Z sum", "client 2026…"),
        (b"Content-Type", b"application/json", "application/json"),
    ],
)
def test_secrets_in_headers_only_begin(name: bytes, value: bytes, shown: str) -> None:
    """Of credentials the scheme and a few characters are shown, enough to tell two apart."""
    assert shortened_headers([(name, value)]) == {name.decode().lower(): shown}
