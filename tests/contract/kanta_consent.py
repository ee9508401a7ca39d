"""A person at the consent page of the Kanta PHR, for tests."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

import httpx


async def answered(url: str, *, person: str = "aili", answer: str = "accept") -> Mapping[str, str]:
    """Open the page that `url` leads to, answer it, and return the query by which the browser comes back."""
    async with httpx.AsyncClient() as browser:
        page = await browser.get(url)
        assert page.status_code == 303, page.text
        place = page.headers["location"]
        back = await browser.post(place, data={"person": person, "answer": answer})
        assert back.status_code == 303, back.text
    return query_of(back.headers["location"])


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))
