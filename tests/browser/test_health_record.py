"""Consent at Kanta and saving a result there, in Chromium: what the content security policy lets through, and axe."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.reader import Reader
from tests.browser.test_road import assess, sign_in

# One browser each: who gives consent, by the key that Kanta's page knows.
RESIDENTS = {
    ("fi", True, 390): ("Anna Lehtokangas", "anna"),
    ("sv", False, 1280): ("Juho Lehtokangas", "juho"),
}


def answer_kanta(reader: Reader, person: str, answer: str) -> None:
    """On Kanta's page: choose who one is, say yes or no, and come back."""
    reader.page.locator("#person").select_option(person)
    reader.page.locator(f'button[name=answer][value="{answer}"]').click()
    reader.page.wait_for_url(f"{reader.url}/**")
    reader.look()


@pytest.mark.parametrize(("language", "scripts", "width"), RESIDENTS)
def test_consent_and_saving(open_reader: Callable[..., Reader], language: str, scripts: bool, width: int) -> None:
    """From a result to Kanta and back, saved, and the consent withdrawn; every page on the way is checked."""
    name, key = RESIDENTS[language, scripts, width]
    reader = open_reader(language, scripts=scripts, width=width)
    reader.open("/my/consents")
    sign_in(reader, name)
    give = 'main form[action$="/consents/health-record"] button'
    reader.page.locator(give).click()
    answer_kanta(reader, key, "refuse")
    expect(reader.page.locator(".govuk-notification-banner")).to_be_visible()
    assess(reader)
    save = 'main form[action*="/my/health-record/runs/"] button'
    reader.click(save)
    reader.page.locator(give).click()
    answer_kanta(reader, key, "accept")
    assert reader.page.url.endswith("/result")
    reader.page.locator(save).click()
    reader.page.wait_for_url("**/result#health-record")
    expect(reader.page.locator("main #health-record strong")).to_be_visible()
    reader.look()
    reader.click('main #health-record a[href$="/my/consents"]')
    reader.click('main form[action$="/withdraw"] button')
    expect(reader.page.locator(".govuk-notification-banner--success")).to_be_visible()
