"""States that are met rarely: errors, outages, lost times, alarming words; and the road by keyboard alone."""

from collections.abc import Callable, Iterator

import httpx
import psycopg
import pytest
from playwright.sync_api import expect

from tests.browser.reader import Reader
from tests.browser.test_road import answer_page, sign_in
from tests.tools.live import LiveWindow
from tests.tools.people import sign_in_many

Open = Callable[..., Reader]


@pytest.fixture
def omaolo_down(live: LiveWindow) -> Iterator[None]:
    """The assessment service answers 500 for the time of the test."""
    switch = f"{live.settings.simulators_url}/_faults/omaolo"
    httpx.put(switch, json={"mode": "error"}).raise_for_status()
    yield
    httpx.put(switch, json={"mode": "none"}).raise_for_status()


def signed_in(reader: Reader, live: LiveWindow) -> Reader:
    """The reader with the session of a new resident."""
    one = sign_in_many(live.settings, 1)[0]
    reader.page.context.add_cookies([{"name": "asiointi", "value": one.cookie, "url": live.url}])
    return reader


@pytest.mark.parametrize(
    ("language", "width", "path", "status"),
    [
        ("fi", 320, "/nothing-here", 404),
        ("sv", 1280, "/my/appointments/11111111-2222-3333-4444-555555555555", 404),
        ("en", 390, "/assess/no-such-topic", 404),
    ],
)
def test_error_pages(open_reader: Open, live: LiveWindow, language: str, width: int, path: str, status: int) -> None:
    """A page that is not there says so in the reader's language, with a way on and a number to tell us."""
    reader = signed_in(open_reader(language, width=width), live)
    answer = reader.page.goto(f"{live.url}/{language}{path}")
    assert answer is not None
    assert answer.status == status
    reader.look()
    assert reader.page.locator("html").get_attribute("lang") == language
    expect(reader.page.locator("main a").first).to_be_visible()


@pytest.mark.parametrize(("language", "scripts"), [("fi", True), ("sv", False), ("en", True)])
def test_contact_form_with_errors(open_reader: Open, language: str, scripts: bool) -> None:
    """An empty form comes back with what to mend, the focus on the summary, and what was typed still there."""
    reader = open_reader(language, scripts=scripts)
    reader.open("/contact")
    reader.page.locator("#name").fill("Testi Henkilö")
    reader.page.locator('main form[action*="/contact"] button[type=submit]').click()
    summary = reader.page.locator(".govuk-error-summary")
    expect(summary).to_be_visible()
    if scripts:
        expect(summary).to_be_focused()
    expect(reader.page.locator("#name")).to_have_value("Testi Henkilö")
    reader.look()


def test_alarming_words_in_search(open_reader: Open) -> None:
    """Alarming words bring the emergency card before any result."""
    reader = open_reader("fi")
    reader.open("/search?q=en jaksa enää elää")
    expect(reader.page.locator('main a[href="tel:112"]').first).to_be_visible()


@pytest.mark.parametrize(("language", "scripts"), [("fi", True), ("sv", False)])
def test_outage_in_the_middle(
    open_reader: Open, omaolo_down: None, live: LiveWindow, language: str, scripts: bool
) -> None:
    """When the assessment service goes away the page says so, offers phone and contact, and keeps the answer."""
    switch = f"{live.settings.simulators_url}/_faults/omaolo"
    httpx.put(switch, json={"mode": "none"}).raise_for_status()
    reader = open_reader(language, scripts=scripts)
    reader.open("/assess/urinary")
    reader.click('main form[action$="/assess/urinary"] button')
    httpx.put(switch, json={"mode": "error"}).raise_for_status()
    reader.page.locator('main input[name="who"][value="me"]').check()
    reader.page.locator('main form[action*="/assess/run/"] button[type=submit]').click()
    expect(reader.page.locator('main a[href^="tel:"]').first).to_be_visible()
    expect(reader.page.locator('main a[href*="/contact"]').first).to_be_visible()
    reader.look()
    httpx.put(switch, json={"mode": "none"}).raise_for_status()
    reader.open(reader.page.url)
    expect(reader.page.locator('main input[name="who"][value="me"]')).to_be_checked()
    answer_page(reader)


def test_outage_at_the_start(open_reader: Open, omaolo_down: None) -> None:
    """Beginning while the service is away leads to a page with the phone and the contact request."""
    reader = open_reader("en")
    reader.open("/assess/urinary")
    reader.page.locator('main form[action$="/assess/urinary"] button').click()
    reader.page.wait_for_load_state("load")
    reader.look()
    expect(reader.page.locator('main a[href*="/contact"]').first).to_be_visible()


@pytest.mark.parametrize(("language", "scripts"), [("fi", True), ("en", False)])
def test_lost_time(open_reader: Open, live: LiveWindow, language: str, scripts: bool) -> None:
    """Somebody books the time first: a page says so, keeps what was typed, and one of its fresh times can be taken."""
    reader = signed_in(open_reader(language, scripts=scripts), live)
    reader.open("/book/dental-check/times")
    reader.click("main .day:last-of-type button.time")
    reader.page.locator("#note").fill("Kulmahammas")
    reader.page.locator("#phone").fill("0401234567")
    reader.click('main form[action*="/book/held/"] button[type=submit]')
    appointment = reader.page.url.split("/held/")[1].split("/")[0]
    with psycopg.connect(live.settings.worker_database_url) as connection:
        connection.execute("update appointment set status = 'expired' where id = %s", [appointment])
        connection.execute(
            "update allocation set state = 'booked', appointment_id = null, held_until = null"
            " where appointment_id = %s",
            [appointment],
        )
    reader.page.locator('main form[action$="/confirm"] button').click()
    expect(reader.page.locator("main button.time").first).to_be_visible()
    reader.look()
    reader.click("main .day:last-of-type button.time")
    expect(reader.page.locator("#note")).to_have_value("Kulmahammas")


def test_extending_a_hold(open_reader: Open, live: LiveWindow) -> None:
    """One click gives more time, and what is typed meanwhile is kept."""
    reader = signed_in(open_reader("sv"), live)
    reader.open("/book/lab-visit/times")
    reader.click("main button.time")
    reader.page.locator("#note").fill("Fastar")
    extend = reader.page.locator('main button[formaction$="/extend"], main form[action$="/extend"] button').first
    extend.click()
    reader.page.wait_for_load_state("networkidle")
    reader.look()
    expect(reader.page.locator("#note")).to_have_value("Fastar")


def test_road_by_keyboard(open_reader: Open) -> None:
    """From the front page to a held time with Tab, arrows, space and Enter only; the focus is always visible."""
    reader = open_reader("fi", width=1280)
    reader.open("/book/dental-check/times")
    page = reader.page
    page.keyboard.press("Tab")
    expect(page.locator(".govuk-skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('time')"):
            break
    outline = page.evaluate(
        "(() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle + s.boxShadow; })()"
    )
    assert outline != "nonenone"
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in**")
    reader.look()
    sign_in(reader, "Juho Lehtokangas")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.form?.action.endsWith('/hold') ?? false"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/book/held/**")
    reader.look()


def test_search_from_the_front_page(open_reader: Open) -> None:
    """A word typed on the front page and Enter lead to results whose first one opens."""
    reader = open_reader("sv")
    reader.open("/")
    reader.page.locator('input[name="q"]').fill("tandläkare")
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_url("**/search?q=*")
    reader.look()
    reader.click('main a[href*="/services/"], main a[href*="/book/"]')
    expect(reader.page.locator("h1")).to_be_visible()


def test_after_signing_out_back_shows_nothing(open_reader: Open, live: LiveWindow) -> None:
    """On a shared device the back button does not bring a personal page back."""
    reader = signed_in(open_reader("fi"), live)
    reader.open("/my")
    reader.page.locator('form[action$="/sign-out"] button').first.click()
    reader.page.wait_for_load_state("networkidle")
    reader.page.go_back()
    reader.page.wait_for_load_state("networkidle")
    assert "/sign-in" in reader.page.url or "Henkilö" not in reader.page.content()
