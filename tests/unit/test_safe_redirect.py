"""Going back after signing in never leads to somebody else's site."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.safe_redirect import safe_path

HOME = "/fi/"


@pytest.mark.parametrize(
    "path",
    ["/", "/fi/", "/sv/boka?plats=1&dag=2026-11-23#tider", "/en/search?q=a%2Fb%20c", "/fi/haku?q=h%C3%A4t%C3%A4"],
)
def test_own_paths_are_kept(path: str) -> None:
    """A path of this site comes back as it was, query and fragment included."""
    assert safe_path(path, HOME) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "fi/",
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%5Cevil.example",
        "/%2F/evil.example",
        "/%2fevil.example",
        "/%252Fevil.example",
        "/fi/..//evil.example",
        "/fi/%2e%2e/x",
        "/fi/\r\nSet-Cookie:a=b",
        "/fi/?q=%0d%0aSet-Cookie:a",
        "/\t/evil.example",
        "/fi/\u202egpj",
        "javascript:alert(1)",
        "/fi/ x",
        "/" + "a" * 1000,
        "http:/fi/",
        "/\x00",
        "/fi/%00",
        "//[::1",
    ],
)
def test_everything_else_goes_home(path: str | None) -> None:
    """Other hosts, hidden slashes, control characters and overlong text lead to the default."""
    assert safe_path(path, HOME) == HOME


@given(st.text(max_size=60) | st.text("/\\.:@%25fcea \t\n?#", max_size=30).map("/".__add__))
def test_the_host_never_changes(value: str) -> None:
    """Whatever is given, a browser that follows it stays on this site."""
    target = urlsplit(urljoin("https://county.example/fi/", safe_path(value, HOME)))
    assert (target.scheme, target.netloc) == ("https", "county.example")
    assert "//" not in target.path
