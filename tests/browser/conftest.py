"""Fixtures of the browser tests: a live window with web workers and a worker, and the system's Chromium."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.reader import Reader
from tests.tools.live import LiveWindow, live_window
from tests.tools.world import World

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)


@pytest.fixture(scope="package")
def live(world: World) -> Iterator[LiveWindow]:
    """The window as it runs for real, at the address that the simulators know."""
    with world.database() as name, live_window(world, name, with_worker=True) as running:
        yield running


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The system's Chromium; its absence is a failure, never a skip. Closed before the asynchronous tests begin:
    playwright keeps a running loop in this thread."""
    assert CHROMIUM, "Chromium is not installed: run `make browser-tools`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        yield browser
        browser.close()


@pytest.fixture
def open_reader(chromium: Browser, live: LiveWindow) -> Iterator["OpenReader"]:
    """Opens readers: each a browser profile of its own, every page of which is checked for accessibility."""
    opener = OpenReader(chromium, live)
    yield opener
    opener.close()


class OpenReader:
    """Makes readers and, at the end, holds each to: no console error, no CSP report."""

    def __init__(self, chromium: Browser, live: LiveWindow) -> None:
        self._chromium, self._live = chromium, live
        self._made: list[tuple[BrowserContext, Reader]] = []

    def __call__(self, language: str = "fi", *, scripts: bool = True, width: int = 390, height: int = 844) -> Reader:
        context = self._chromium.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
            locale={"fi": "fi-FI", "sv": "sv-FI", "en": "en-GB"}[language],
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        reader = Reader(context.new_page(), self._live.url, language, scripts)
        self._made.append((context, reader))
        return reader

    def close(self) -> None:
        complaints = [complaint for _context, reader in self._made for complaint in reader.complaints]
        for context, _reader in self._made:
            context.close()
        assert complaints == []
