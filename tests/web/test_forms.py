"""Filling a form on real pages: saved at every step, checked, sent once; nobody else's is ever seen."""

import json
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from fastapi import FastAPI

from app.settings import Settings
from tests.tools.people import SignedIn, sign_in_many
from tests.tools.visitor import Visitor


@pytest.fixture
def resident(settings: Settings) -> SignedIn:
    """A resident with a session."""
    return sign_in_many(settings, 1)[0]


@pytest_asyncio.fixture(loop_scope="session")
async def signed_in(app: FastAPI, settings: Settings, resident: SignedIn) -> AsyncIterator[Visitor]:
    """The resident's browser."""
    async with Visitor(app, settings.public_url) as one:
        one.client.cookies.set("asiointi", resident.cookie)
        yield one


async def test_walk(signed_in: Visitor) -> None:
    """x"""
    await signed_in.get("/en/forms")
    print(signed_in.document.text[:1500])
    await signed_in.get("/en/forms/pre-visit")
    print(signed_in.status, signed_in.document.text[:1500])
    await signed_in.submit("/forms/pre-visit")
    for _ in range(30):
        print(signed_in.status, signed_in.path, signed_in.document.text[:300].replace("\n", " "))
        if signed_in.path.endswith("/check"):
            break
        form = signed_in.document.form(signed_in.path)
        print([v for v in form.values if v[0] not in ("form_token","form_version")][:12], form.buttons)
        fields = {"f3": "Polvi kipeä"} if signed_in.path.endswith("/page/1") else {}
        await signed_in.send(form, "Continue", **fields)
    await signed_in.submit("/check")
    print(signed_in.status, signed_in.path, signed_in.document.text[:900])
    await signed_in.follow("Read, print or correct")
    print(signed_in.status, signed_in.path, signed_in.document.text[:900])
