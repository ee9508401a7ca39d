"""Journeys of acting for another in Chromium: with scripts and without, on a phone, in two languages."""

from collections.abc import Callable

import httpx
import pytest

from tests.browser.reader import Reader
from tests.browser.test_road import sign_in
from tests.tools.live import LiveWindow

Open = Callable[..., Reader]


def act_for(reader: Reader, subject: str) -> None:
    """From my window through Suomi.fi, where `subject` is chosen, and back."""
    reader.open("/acting")
    reader.click('main form[action$="/acting/suomifi"] button')
    reader.page.get_by_role("button", name=subject).first.click()
    reader.page.wait_for_url(f"{reader.url}/**")
    reader.page.wait_for_load_state("networkidle")
    reader.look()


def signed_in(reader: Reader, name: str) -> None:
    reader.open("/my")
    sign_in(reader, name)


def hold(reader: Reader) -> None:
    """Take a time some days ahead."""
    reader.open("/book/dental-check/times")
    reader.click("main .day:last-of-type button.time")
    assert "/book/held/" in reader.page.url


def fill_in(reader: Reader) -> None:
    reader.page.locator("#phone").fill("040 123 4567")
    reader.click('main form[action*="/book/held/"] button[type=submit]')
    assert reader.page.url.endswith("/check")


def banner(reader: Reader) -> str:
    found = reader.page.locator(".acting")
    return found.inner_text() if found.count() else ""


@pytest.mark.parametrize(("language", "scripts", "width"), [("fi", True, 390), ("sv", False, 1280), ("en", True, 320)])
def test_daughter_books_for_her_mother(open_reader: Open, language: str, scripts: bool, width: int) -> None:
    """Every page on the way says for whom; afterwards the time is in the mother's window and not in the daughter's."""
    reader = open_reader(language, scripts=scripts, width=width)
    signed_in(reader, "Marja Harjulampi-Salo")
    act_for(reader, "Aili Harjulampi")
    assert "Aili Harjulampi" in banner(reader)
    hold(reader)
    assert "Aili Harjulampi" in banner(reader)
    fill_in(reader)
    assert "Aili Harjulampi" in reader.page.locator("main").inner_text()
    reader.click('main form[action$="/confirm"] button')
    assert "/my/appointments/" in reader.page.url
    assert "Aili Harjulampi" in reader.page.title()
    booked = reader.page.url
    reader.click(".acting button")
    assert banner(reader) == ""
    assert booked not in [link.get_attribute("href") for link in reader.page.locator("main a").all()]
    mother = open_reader(language, scripts=scripts, width=width)
    signed_in(mother, "Aili Harjulampi")
    assert mother.page.locator(f'main a[href="{booked.removeprefix(mother.url)}"]').count() == 1
    mother.page.goto(f"{booked}/cancel")
    mother.click('main form[action$="/cancel"] button')


def test_mandate_withdrawn_in_the_middle(open_reader: Open, live: LiveWindow) -> None:
    """The time isn't booked, the page says so without a reason, and own matters work at once."""
    reader = open_reader("fi")
    signed_in(reader, "Marja Harjulampi-Salo")
    act_for(reader, "Aili Harjulampi")
    hold(reader)
    fill_in(reader)
    simulators = live.settings.simulators_url
    record = {
        "kind": "suomifi-mandates/withdrawn",
        "key": "aili/marja",
        "body": {"principal": "aili", "mandatee": "marja"},
    }
    httpx.put(f"{simulators}/_scenario", json={"records": [record]}).raise_for_status()
    try:
        reader.page.locator('main form[action$="/confirm"] button').click()
        reader.page.wait_for_load_state("networkidle")
        reader.look()
        assert "Aili" not in reader.page.locator("body").inner_text()
        assert banner(reader) == ""
    finally:
        httpx.post(f"{simulators}/_reset/suomifi-mandates").raise_for_status()
    reader.open("/my")
    assert reader.page.locator("main h1").inner_text() == "Oma ikkuna"


def test_parent_and_fourteen_year_old(open_reader: Open) -> None:
    """The mother books for her daughter; what the daughter has booked herself her mother does not see."""
    daughter = open_reader("fi")
    signed_in(daughter, "Aino Metsäkoivu")
    hold(daughter)
    fill_in(daughter)
    daughter.click('main form[action$="/confirm"] button')
    own = daughter.page.url
    mother = open_reader("sv", scripts=False)
    signed_in(mother, "Heli Metsäkoivu")
    act_for(mother, "Aino Metsäkoivu")
    assert mother.page.locator("main article.box").count() == 0
    response = mother.page.goto(own.replace("/fi/", "/sv/"))
    assert response is not None
    assert response.status == 404
    hold(mother)
    fill_in(mother)
    mother.click('main form[action$="/confirm"] button')
    shared = mother.page.url
    mother.open("/my")
    assert mother.page.locator("main article.box").count() == 1
    daughter.open("/my")
    assert daughter.page.locator("main article.box").count() == 2
    for path in (own, shared.replace("/sv/", "/fi/")):
        daughter.page.goto(f"{path}/cancel")
        daughter.click('main form[action$="/cancel"] button')


def test_by_keyboard(open_reader: Open) -> None:
    """Choosing for whom one acts and stopping works with the keyboard alone; the banner comes before the page."""
    reader = open_reader("en", width=1280)
    signed_in(reader, "Marja Harjulampi-Salo")
    reader.open("/acting")
    button = reader.page.locator('main form[action$="/acting/suomifi"] button')
    for _ in range(30):
        reader.page.keyboard.press("Tab")
        if button.evaluate("element => element === document.activeElement"):
            break
    reader.page.keyboard.press("Enter")
    reader.page.get_by_role("button", name="Aili Harjulampi").first.focus()
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_url(f"{reader.url}/**")
    reader.look()
    stop = reader.page.locator(".acting button")
    for _ in range(30):
        reader.page.keyboard.press("Tab")
        if stop.evaluate("element => element === document.activeElement"):
            break
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_load_state("networkidle")
    assert reader.page.locator(".acting").count() == 0


def test_back_after_signing_out_shows_nothing(open_reader: Open) -> None:
    """On a shared device the back button brings no page of the person back, whoever they acted for."""
    reader = open_reader("fi")
    signed_in(reader, "Marja Harjulampi-Salo")
    act_for(reader, "Aili Harjulampi")
    reader.open("/my")
    reader.page.locator('.header form[action$="/sign-out"] button').click()
    reader.page.wait_for_url(f"{reader.url}/fi/signed-out")
    reader.page.go_back()
    reader.page.wait_for_load_state("networkidle")
    assert "Harjulampi" not in reader.page.locator("body").inner_text()
