"""Forms in Chromium: languages, scripts on and off, phone and desk; each journey takes other pairs of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from app.domain.forms.layout import lay_out, page_of
from app.domain.forms.model import Form
from tests.browser.reader import Reader
from tests.tools.form_answers import shipped
from tests.tools.live import LiveWindow
from tests.tools.people import sign_in_many

GO_ON = "main form button.govuk-button:not(.govuk-button--secondary)"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
WORDS = "Polvi on kipeä portaissa"
PHONE, DESK = 390, 1280
OpenReader = Callable[..., Reader]
over = pytest.mark.parametrize


@dataclass
class Walk:
    """Somebody on their way through one form, page by page."""

    reader: Reader
    form: Form

    @property
    def path(self) -> str:
        return self.reader.page.url.partition("?")[0].partition("#")[0]

    def field(self, link: str, value: str = "", place: str = "") -> Locator:
        """The field of a question; of a choice that of the option with this code."""
        item = self.form.by_link[link]
        name = f"f{item.number}{place}"
        codes = [getattr(option.value, "code", "") for option in item.options]
        if item.options:
            return self.reader.page.locator(f'main input[name="{name}"][value="{codes.index(value)}"]')
        return self.reader.page.locator(f'main [name="{name}"]')

    def put(self, link: str, value: str, place: str = "") -> None:
        """Answer a question. One that an answer brings up is waited for; without scripts by going on first."""
        one = self.field(link, value, place)
        if not self.reader.scripts and one.count() == 0:
            self.go_on()
        expect(one).to_be_visible()
        if self.form.by_link[link].options:
            one.check()
        else:
            one.fill(value)

    def fill(self, **answers: str) -> None:
        for link, value in answers.items():
            self.put(link.replace("_", "-"), value)

    def go_on(self) -> None:
        self.reader.page.wait_for_load_state("networkidle")
        self.reader.click(GO_ON)

    def fail(self) -> None:
        """Go on with what is not in order: the page comes again, with the summary in focus."""
        self.reader.page.locator(GO_ON).first.click()
        box = self.reader.page.locator(".govuk-error-summary")
        expect(box).to_be_visible()
        if self.reader.scripts:
            expect(box).to_be_focused()
        self.reader.look()

    def open(self, link: str) -> None:
        found = page_of(lay_out(self.form), link)
        assert found
        self.reader.open(f"{self.draft}/page/{found.id}")

    @property
    def draft(self) -> str:
        return self.path.partition("/page/")[0].removesuffix("/check")

    def to_check(self) -> None:
        for _ in range(40):
            if self.path.endswith("/check"):
                return
            self.go_on()
        raise AssertionError("no check")

    def send(self) -> None:
        self.go_on()
        assert "/forms/sent/" in self.path or "/forms/received" in self.path


@pytest.fixture
def walk(open_reader: OpenReader, live: LiveWindow) -> Callable[..., Walk]:
    """Begins a form in a browser of a new resident, or of nobody."""

    def begin(code: str, language: str, scripts: bool, width: int, *, signed_in: bool = True) -> Walk:
        reader = open_reader(language, scripts=scripts, width=width)
        if signed_in:
            cookie = sign_in_many(live.settings, 1)[0].cookie
            reader.page.context.add_cookies([{"name": "asiointi", "value": cookie, "url": live.url}])
        reader.open(f"/forms/{code}")
        made = Walk(reader, shipped(code))
        reader.click(GO_ON)
        return made

    return begin


@over(("language", "scripts", "width"), [("fi", True, PHONE), ("sv", False, DESK)])
def test_before_a_visit(walk: Callable[..., Walk], language: str, scripts: bool, width: int) -> None:
    """From my window through the whole general form to its receipt, and the page where it is read and printed."""
    one = walk("pre-visit", language, scripts, width)
    one.fail()
    one.fill(reason=WORDS, since="weeks")
    one.go_on()
    one.to_check()
    assert WORDS in one.reader.page.locator("main").inner_text()
    one.send()
    one.reader.open("/my").click('main a[href$="/my/forms"]')
    one.reader.click('main a[href*="/my/forms/"]')
    assert WORDS in one.reader.page.locator("main").inner_text()
    one.reader.page.goto(f"{one.path}/print")
    assert WORDS in one.reader.page.locator("main").inner_text()


@over(("language", "scripts", "width"), [("fi", True, DESK), ("sv", True, PHONE), ("en", False, PHONE)])
def test_thoughts_of_death(walk: Callable[..., Walk], language: str, scripts: bool, width: int) -> None:
    """With scripts the numbers to call are there as soon as the answer is chosen, without them on the next page."""
    one = walk("mental-health", language, scripts, width)
    one.open("phq9-9")
    card = one.reader.page.locator(".care-card--emergency")
    expect(card).to_have_count(0)
    options = one.form.by_link["phq9-9"].options
    one.put("phq9-9", next(getattr(option.value, "code", "") for option in options if option.alarming))
    if scripts:
        expect(card).to_be_visible()
        expect(one.reader.page.locator("#form-alarm[aria-live]")).to_have_count(1)
        one.reader.look()
        one.put("phq9-9", next(getattr(option.value, "code", "") for option in options if not option.alarming))
        expect(card).to_have_count(0)
        one.put("phq9-9", next(getattr(option.value, "code", "") for option in options if option.alarming))
        expect(card).to_be_visible()
    one.go_on()
    expect(card).to_be_visible()
    expect(card.locator('a[href="tel:112"]')).to_be_visible()


@over(("language", "scripts", "width"), [("sv", True, PHONE), ("fi", False, DESK)])
def test_a_notice_by_nobody(walk: Callable[..., Walk], language: str, scripts: bool, width: int) -> None:
    """A child welfare notice without a name, with what was forgotten mended on the way, to its receipt."""
    one = walk("concern-child", language, scripts, width, signed_in=False)
    one.fail()
    one.fill(role="private", kind="child", anonymous="anonymous")
    one.go_on()
    one.put("danger-now", "no")
    one.go_on()
    one.open("address")
    one.fail()
    one.fill(address="Koekatu 1", municipality="Mikkeli")
    one.go_on()
    one.open("worry-words")
    one.put("worry-words", "Lapsi on usein yksin.")
    one.go_on()
    one.to_check()
    one.send()
    expect(one.reader.page.locator("main .govuk-panel")).to_be_visible()


@over(("language", "scripts", "width"), [("fi", True, DESK), ("en", False, PHONE)])
def test_an_application_with_a_file(
    walk: Callable[..., Walk], tmp_path: Path, language: str, scripts: bool, width: int
) -> None:
    """A file is added, one that can't be taken is refused in words, and the application goes out with the first."""
    good, bad = tmp_path / "lausunto.pdf", tmp_path / "ohjelma.pdf"
    good.write_bytes(PDF)
    bad.write_bytes(b"MZ" + bytes(200))
    one = walk("application-informal-care", language, scripts, width)
    must: dict[str, str | int] = {
        "carer-name": "Testi Hoitaja",
        "carer-phone": "040 123 4567",
        "carer-relation": 0,
        "times": 0,
        "alone": 0,
        "day-words": "Apua aamulla ja illalla.",
        "carer-coping": 0,
        "conditions": "Muistisairaus",
    }
    answer_all(one, must)
    one.open("attachment")
    page = one.reader.page
    page.locator("main input[type=file]").set_input_files(good)
    page.locator("main button[name=attach]").click()
    expect(page.locator(".form-files li")).to_have_count(1)
    one.reader.look()
    page.locator("main input[type=file]").set_input_files(bad)
    one.fail()
    expect(page.locator(".form-files li")).to_have_count(1)
    one.go_on()
    one.to_check()
    assert "lausunto.pdf" in page.locator("main").inner_text()
    one.send()


def answer_all(one: Walk, must: Mapping[str, str | int]) -> None:
    """Answer these questions, each on its page; an option by its place."""
    for page in lay_out(one.form):
        here = [item.link_id for item in page.seen if item.link_id in must]
        if not here:
            continue
        one.open(here[0])
        for link in here:
            given = must[link]
            options = one.form.by_link[link].options
            one.put(link, getattr(options[given].value, "code", "") if isinstance(given, int) else given)
        one.go_on()


@over(("language", "scripts", "width"), [("en", True, PHONE), ("fi", False, DESK)])
def test_medicines(walk: Callable[..., Walk], language: str, scripts: bool, width: int) -> None:
    """Medicines one after another: added, one removed again, the others stay and are read back."""
    one = walk("medicines-allergies", language, scripts, width)
    uses = one.form.by_link["uses-any"].options[0]
    one.put("uses-any", getattr(uses.value, "code", ""))
    one.go_on()
    page = one.reader.page
    for at, name in enumerate(("Marevan", "Burana", "Panadol")):
        if at:
            page.locator("main button[name=add]").last.click()
            expect(one.field("medicine-name", place=f".{at}")).to_be_visible()
        one.put("medicine-name", name, f".{at}")
    one.reader.look()
    page.locator("main button[name=remove]").nth(1).click()
    expect(one.field("medicine-name", place=".2")).to_have_count(0)
    expect(one.field("medicine-name", place=".1")).to_have_value("Panadol")
    one.reader.look()
    one.go_on()
    one.reader.open(f"{one.draft}/check")
    told = page.locator("main").inner_text()
    assert "Marevan" in told
    assert "Panadol" in told
    assert "Burana" not in told


@over(("language", "scripts", "width"), [("sv", False, PHONE), ("en", True, DESK)])
def test_after_an_operation(walk: Callable[..., Walk], language: str, scripts: bool, width: int) -> None:
    """How the knee is: a danger sign leads to what to do now, before the rest is asked."""
    one = walk("outcome-knee", language, scripts, width)
    codes = {
        link: [getattr(option.value, "code", "") for option in one.form.by_link[link].options]
        for link in ("time-point", "side", "danger")
    }
    one.put("time-point", codes["time-point"][0])
    one.put("side", codes["side"][0])
    one.go_on()
    one.put("danger", codes["danger"][0])
    one.go_on()
    expect(one.reader.page.locator("main a[href^='tel:'], main p").first).to_be_visible()
    one.go_on()
    one.fill(pain_rest="12", pain_move="4")
    one.fail()
    one.fill(pain_rest="2")
    one.go_on()
    one.to_check()
    one.send()


@over(("language", "scripts", "width"), [("fi", True, PHONE), ("sv", True, DESK)])
def test_stopped_and_resumed(walk: Callable[..., Walk], language: str, scripts: bool, width: int) -> None:
    """Found again in my forms, mended, changed from the check, thrown away in the end."""
    one = walk("pre-visit", language, scripts, width)
    one.put("reason", WORDS)
    one.go_on()
    stopped = one.path
    one.reader.open("/my/forms").click('main a[href*="/forms/fill/"]')
    assert one.path == stopped
    one.open("height")
    one.fill(height="abc", weight="70")
    one.fail()
    one.reader.page.locator(".govuk-error-summary a").first.click()
    expect(one.field("height")).to_be_focused()
    one.put("height", "172,5")
    one.go_on()
    one.open("height")
    expect(one.reader.page.locator("main output")).to_contain_text("23")
    one.reader.open(f"{one.draft}/check").click(f'main a[href$="#f{one.form.by_link["reason"].number}"]')
    one.put("reason", "Lonkka on kipeä")
    one.go_on()
    assert one.path.endswith("/check")
    assert "Lonkka" in one.reader.page.locator("main").inner_text()
    one.reader.open("/my/forms").click('main a[href$="/delete"]')
    one.reader.click('main form[action$="/delete"] button')
    expect(one.reader.page.locator('main a[href*="/forms/fill/"]')).to_have_count(0)


@over(("language", "scripts", "width"), [("fi", True, DESK), ("sv", False, PHONE)])
def test_by_keyboard_alone(walk: Callable[..., Walk], language: str, scripts: bool, width: int) -> None:
    """A page is answered and left by Tab, Space and Enter; Enter in a text field goes on and removes nothing."""
    one = walk("concern-fire", language, scripts, width, signed_in=False)
    _reach(one, one.field("role", "private"), "Tab")
    one.reader.page.keyboard.press("Space")
    if not scripts:
        one.go_on()
    expect(one.field("anonymous", "anonymous")).to_be_visible()
    expect(one.field("role", "private")).to_be_checked()
    if scripts:  # the focus stays where it was while more of the page came
        expect(one.field("role", "private")).to_be_focused()
    _reach(one, one.field("anonymous", "named"), "Tab")
    one.reader.page.keyboard.press("ArrowDown")
    expect(one.field("anonymous", "anonymous")).to_be_checked()
    before = one.path
    one.reader.page.keyboard.press("Enter")
    one.reader.page.wait_for_url(lambda url: before not in url)
    one.put("danger-now", "no")
    one.go_on()
    one.put("address", "Koekatu 1")
    one.put("municipality", "Mikkeli")
    before = one.path
    one.reader.page.keyboard.press("Enter")
    one.reader.page.wait_for_url(lambda url: before not in url)
    one.reader.look()


def _reach(one: Walk, wanted: Locator, key: str) -> None:
    """Press the key until the field has the focus."""
    for _ in range(40):
        if wanted.evaluate("field => document.activeElement === field"):
            return
        one.reader.page.keyboard.press(key)
    raise AssertionError("never reached")
