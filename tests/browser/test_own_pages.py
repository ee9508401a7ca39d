"""One's own data and choices, in Chromium: number and address proved by codes, permits, a correction; and axe."""

import re
import time
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.reader import Reader
from tests.browser.test_road import sign_in
from tests.tools.live import LiveWindow

# One browser each, with a number of its own.
RESIDENTS = {
    ("fi", True, 390): ("Katri Suvantola", "0407651001"),
    ("sv", False, 1280): ("Gunilla Ekstrandell", "0407651002"),
}
PAGES = ("log", "data", "corrections", "permits", "contact-details", "choices")


def code_on_phone(live: LiveWindow, number: str) -> str:
    """The code in the text message, as the phone's owner sees it; the worker sends it within seconds."""
    address = f"{live.settings.simulators_url}/_traffic/sms?limit=50"
    for _ in range(100):
        sent = httpx.get(address, headers={"Accept": "application/json"}).json()["exchanges"]
        texts = [str(one["request"]["body"]) for one in sent if f"+358{number[1:]}" in str(one["request"]["body"])]
        found = re.search(r"\b\d{6}\b", texts[0].partition("text")[2]) if texts else None
        if found:
            return found[0]
        time.sleep(0.1)
    raise AssertionError("no message came")


def code_in_inbox(live: LiveWindow, address: str) -> str:
    """The code in the e-mail, as the simulator shows it to whoever tests."""
    for _ in range(100):
        page = httpx.get(f"{live.settings.simulators_url}/email/").text
        text = page.partition(f">{address}</h2>")[2].partition('class="body"')[2]
        found = re.search(r"\b\d{6}\b", text)
        if found:
            return found[0]
        time.sleep(0.1)
    raise AssertionError("no message came")


@pytest.mark.parametrize(("language", "scripts", "width"), RESIDENTS)
def test_own_pages(
    open_reader: Callable[..., Reader], live: LiveWindow, language: str, scripts: bool, width: int
) -> None:
    """From my window to each page of one's own data and choices, by links and forms; every page is checked."""
    name, number = RESIDENTS[language, scripts, width]
    reader = open_reader(language, scripts=scripts, width=width)
    reader.open("/my")
    sign_in(reader, name)
    for page in PAGES:
        reader.open("/my").click(f'main a[href$="/my/{page}"]')
    done = reader.page.locator(".govuk-notification-banner--success")
    reader.page.locator("#name").fill("Nimi-Nimi")
    reader.click('main form[action$="/choices"] button')
    expect(done).to_be_visible()
    reader.open("/my/permits").click('main form[action$="/permits"] button')
    expect(done).to_be_visible()
    reader.click('main form[action$="/end"] button')
    reader.open("/my/corrections/new")
    reader.page.locator("#register").check()
    reader.page.locator("#wrong").fill("Päivä on väärä.")
    reader.page.locator("#right").fill("Se oli tiistai.")
    reader.click('main form[action$="/corrections"] button')
    expect(done).to_be_visible()
    reader.open("/my/contact-details")
    reader.page.locator("#phone").fill(number)
    reader.page.keyboard.press("Tab")
    expect(reader.page.locator('form[action$="/phone"] button')).to_be_focused()
    reader.click('main form[action$="/phone"] button')
    reader.page.locator("#code").fill(code_on_phone(live, number))
    reader.click('main form[action$="/code"] button')
    assert reader.page.url.endswith("told=verified")
    address = f"asukas-{number}@example.fi"
    reader.page.locator("#email").fill(address)
    reader.click('main form[action$="/email"] button')
    reader.page.locator("#email_code").fill(code_in_inbox(live, address))
    reader.click('main form[action$="/email/code"] button')
    assert reader.page.url.endswith("told=email_verified")
    reader.open("/my/choices")
    reader.page.locator('input[name="email"][value="yes"]').check()
    reader.click('main form[action$="/choices"] button')
    expect(done).to_be_visible()
    reader.open("/my/log?register=&year=2026")
    assert reader.page.locator("main .entries > li").count() > 5
