"""Somebody who reads pages in Chromium: every page met is checked by axe and for sideways scrolling."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page, Response

from tests.tools.document import Document, faults_of

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RUN_AXE = """
async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map(
  v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 150)).join(" | ")}`)
"""


@cache
def axe_source() -> str:
    assert AXE.exists(), f"{AXE.name} is missing: run `make install`"
    return AXE.read_text()


@dataclass
class Reader:
    """A reader of the window in one language. Without scripts axe can't run in the page; the rest is the same."""

    page: Page
    url: str
    language: str
    scripts: bool
    complaints: list[str] = field(default_factory=list)
    checked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))
        self.page.on("response", self._watch)

    def _listen(self, message: ConsoleMessage) -> None:
        # Chromium logs every 4xx and 5xx answer as an error; those statuses are asked for by the tests themselves.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _watch(self, response: Response) -> None:
        if response.url.endswith("/csp-report"):
            self.complaints.append(f"CSP report from {self.page.url}")

    def open(self, path: str) -> "Reader":
        """Go to a page; `path` is after the language (`/book`), or a whole one."""
        whole = path if path.startswith(("/fi", "/sv", "/en", "http")) else f"/{self.language}{path}"
        self.page.goto(whole if whole.startswith("http") else f"{self.url}{whole}")
        return self.look()

    def look(self) -> "Reader":
        """Check the page as it is now."""
        self.page.wait_for_load_state("load")
        if self.page.url.startswith(self.url):
            self._check_width()
            self._check_rules()
            if self.scripts:
                self._check_axe()
        return self

    def click(self, selector: str) -> "Reader":
        """Press something that leads to another address, by a new page or by a swap of this one's main part."""
        before = self.page.url
        self.page.locator(selector).first.click()
        self.page.wait_for_url(lambda url: url != before)
        self.page.wait_for_load_state("networkidle")
        return self.look()

    def _check_width(self) -> None:
        # evaluate() works with scripts off too: it is the tool's, not the page's.
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{self.page.url} scrolls sideways by {wide} px"

    def _check_rules(self) -> None:
        """The rules that every page keeps; libraries may add inline state, which the content security policy judges."""
        faults = [fault for fault in faults_of(Document(self.page.content()), self.language) if "inline" not in fault]
        assert faults == [], f"{self.page.url}: {faults}"

    def _check_axe(self) -> None:
        self.page.evaluate(axe_source())
        violations = self.page.evaluate(RUN_AXE)
        assert violations == [], f"{self.page.url}: {violations}"
        self.checked.add(self.page.url)
