"""A window in this process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asgi_lifespan import LifespanManager
from fastapi import FastAPI

from app.main import create_app
from app.settings import Settings


@asynccontextmanager
async def opened_window(settings: Settings) -> AsyncIterator[FastAPI]:
    """The window, started."""
    application = create_app(settings)
    async with LifespanManager(application):
        yield application
