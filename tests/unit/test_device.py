"""What a browser calls itself, in plain words."""

import pytest

from app.domain.device import device_of

LIKE = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) {}"


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (LIKE.format("Linux; Android 14; K", "Chrome/130.0.0.0 Mobile Safari/537.36"), "Chrome, Android"),
        (LIKE.format("Linux; Android 14", "SamsungBrowser/26.0 Chrome/122 Safari/537"), "Samsung Internet, Android"),
        (LIKE.format("iPhone; CPU iPhone OS 18_0 like Mac OS X", "Version/18.0 Mobile Safari/604.1"), "Safari, iPhone"),
        (LIKE.format("Windows NT 10.0; Win64; x64", "Chrome/130.0.0.0 Safari/537.36 Edg/130.0"), "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox, Linux"),
        (LIKE.format("Macintosh; Intel Mac OS X 10_15_7", "Version/18.1 Safari/605.1.15"), "Safari, Mac"),
        ("curl/8.5.0", ""),
        ("", ""),
    ],
)
def test_devices(user_agent: str, expected: str) -> None:
    """Common browsers and systems are named; what we don't know is not guessed, and no name outgrows its column."""
    assert device_of(user_agent) == expected
    assert len(expected) <= 60
