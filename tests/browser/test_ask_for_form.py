"""A form is asked for at the desk and filled in by the resident, in Chromium: the professional by keyboard alone."""

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reader import Reader
from tests.tools.attacker import sign_in_staff
from tests.tools.deliveries import rows_of
from tests.tools.desk import make_case
from tests.tools.live import LiveWindow
from tests.tools.people import SignedIn, sign_in_many

FORM, DUE = "pre-visit", "8.12.2026"
PHONE, DESK = 390, 1280
OpenReader = Callable[..., Reader]


def as_somebody(reader: Reader, live: LiveWindow, cookie: str, who: SignedIn) -> Reader:
    reader.page.context.add_cookies([{"name": cookie, "value": who.cookie, "url": live.url}])
    return reader


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there."""
    wanted = page.locator(selector).first
    for _ in range(60):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {selector}")


def press_on(reader: Reader, selector: str) -> Reader:
    """Reach something by Tab, press Enter on it and look at the page that comes."""
    tab_to(reader.page, selector)
    with reader.page.expect_navigation():
        reader.page.keyboard.press("Enter")
    return reader.look()


def choose(page: Page, code: str) -> None:
    """Choose a form of the list with the arrow keys."""
    tab_to(page, "#form")
    for _ in range(40):
        if page.locator("#form").input_value() == code:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"no {code} in the list")


@pytest.mark.parametrize(
    ("language", "scripts", "width"), [("fi", True, DESK), ("sv", False, PHONE), ("en", True, PHONE)]
)
def test_asked_for_and_taken_back(
    open_reader: OpenReader, live: LiveWindow, language: str, scripts: bool, width: int
) -> None:
    """What is forgotten is mended, the form waits in the resident's window, and is gone once it was taken back."""
    (resident,) = sign_in_many(live.settings, 1)
    case = make_case(live.settings, resident.person_id)
    nurse = sign_in_staff(live.settings, ["triage_nurse"], ["mikkeli"])
    desk = as_somebody(open_reader(language, scripts=scripts, width=width), live, "asiointi-staff", nurse)
    desk.open(f"/staff/cases/{case}")
    press_on(desk, 'main a[href$="/forms"]')
    press_on(desk, "main form button")
    expect(desk.page.locator(".govuk-error-summary a")).to_have_count(1)
    choose(desk.page, FORM)
    tab_to(desk.page, "#due")
    desk.page.keyboard.type(DUE)
    press_on(desk, "main form button")
    expect(desk.page.locator("#forms .govuk-tag--yellow")).to_have_count(1)
    (task,) = rows_of(live.settings, "select id from form_task where case_id = %s", case)
    home = as_somebody(open_reader(language, scripts=scripts, width=PHONE), live, "asiointi", resident)
    _find(home, task["id"])
    press_on(desk, '#forms a[href$="/withdraw"]')
    press_on(desk, "main form button")
    expect(desk.page.locator("#forms .govuk-tag--grey")).to_have_count(1)
    home.open("/my/forms")
    expect(home.page.locator(f'main a[href*="task={task["id"]}"]')).to_have_count(0)


def _find(home: Reader, task: uuid.UUID) -> None:
    """The resident opens what waits, from the front page of their window."""
    home.open("/my").click('main a[href$="/my/forms"]')
    assert DUE in home.page.locator("main").inner_text() or home.language == "en"
    home.click(f'main a[href*="task={task}"]')
    expect(home.page.locator("main .govuk-inset-text")).to_be_visible()
