"""`make screenshots`: the pictures of README and docs, taken from a running window with the tests' fixed clock."""

import asyncio
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from app.operations.local_server import local_server
from tests.browser.conftest import CHROMIUM
from tests.tools.live import live_window
from tests.tools.world import World, free_port, make_template

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
PAGES = {
    "home": "/fi/",
    "search": "/fi/search?q=hammaslääkäriin",
    "times": "/fi/book/dental-check/times",
}


def take(page: Page, url: str) -> None:
    """The pictures of the front page, a search and free times, as a phone shows them."""
    for name, path in PAGES.items():
        page.goto(url + path)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PICTURES / f"{name}.png")


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, local_server(Path(folder) / "postgres") as server:
        window = f"http://localhost:{free_port()}"
        world = World(server, ROOT / "var" / "dictionaries", Path(folder), window=window)
        world.simulators.start()
        asyncio.run(make_template(world))
        with world.database() as name, live_window(world, name, with_worker=True) as live, sync_playwright() as tool:
            chromium = tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            take(chromium.new_page(viewport={"width": 390, "height": 844}), live.url)
            chromium.close()
        world.simulators.stop()


if __name__ == "__main__":
    main()
