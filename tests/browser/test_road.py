"""The main road in Chromium: in three languages, with scripts and without, on a phone."""

from collections.abc import Callable

import pytest

from tests.browser.reader import Reader

RESIDENTS = {
    ("fi", True): "Anna Lehtokangas",
    ("fi", False): "Juho Lehtokangas",
    ("sv", True): "Anna Lehtokangas",
    ("sv", False): "Juho Lehtokangas",
    ("en", True): "Anna Lehtokangas",
    ("en", False): "Juho Lehtokangas",
}
ANSWERS = {
    "who": ["me"],
    "alarm": ["none"],
    "age": ["18-64"],
    "sex": ["female"],
    "pregnant": ["no"],
    "signs": ["none"],
    "conditions": ["none"],
    "symptoms": ["burning", "frequency"],
    "bother": ["clear"],
    "duration": ["days"],
}


def answer_page(reader: Reader) -> None:
    """Answer the question on the page by what ANSWERS says."""
    names = reader.page.locator("main input[type=radio], main input[type=checkbox]").evaluate_all(
        "fields => [...new Set(fields.map(field => field.name))]"
    )
    for name in names:
        for code in ANSWERS[name]:
            reader.page.locator(f'main input[name="{name}"][value="{code}"]').check()
    reader.click('main form[action*="/assess/run/"] button[type=submit]')


def assess(reader: Reader) -> None:
    """From the front page to the result."""
    reader.open("/")
    reader.click('main a[href$="/assess"]')
    reader.click('main a[href$="/assess/urinary"]')
    reader.click('main form[action$="/assess/urinary"] button')
    for _ in range(15):
        if reader.page.url.endswith("/result"):
            return
        answer_page(reader)
    raise AssertionError("no result")


def sign_in(reader: Reader, name: str) -> None:
    """From our sign-in page through the test identification and back."""
    reader.click('main form[action$="/sign-in"] button[type=submit]')
    reader.page.get_by_role("button", name=name).click()
    reader.page.wait_for_load_state("networkidle")
    reader.look()


@pytest.mark.parametrize(("language", "scripts"), RESIDENTS)
def test_road(open_reader: Callable[..., Reader], language: str, scripts: bool) -> None:
    """From a worry to a confirmed time, cancelled again; a nurse opens the case. Every page on the way is checked."""
    reader = open_reader(language, scripts=scripts, width=320 if scripts else 390)
    assess(reader)
    reader.click('main a[href*="/book/nurse-visit/times"]')
    reader.click("main .day:last-of-type button.time")  # some days ahead, so that it may still be cancelled
    assert "/sign-in" in reader.page.url
    sign_in(reader, RESIDENTS[language, scripts])
    assert "/book/nurse-visit/times" in reader.page.url
    reader.click('main form[action$="/hold"] button')
    reader.page.locator("#phone").fill("040 123 4567")
    reader.click('main form[action*="/book/held/"] button[type=submit]')
    assert reader.page.url.endswith("/check")
    reader.click('main form[action$="/confirm"] button')
    assert "/my/appointments/" in reader.page.url
    booked = reader.page.url
    nurse_opens_the_case(open_reader(language, scripts=scripts, width=1280), RESIDENTS[language, scripts])
    reader.open("/my")
    reader.page.goto(booked)
    reader.click('main a[href$="/cancel"]')
    reader.click('main form[action$="/cancel"] button')
    assert reader.page.url == booked


def nurse_opens_the_case(nurse: Reader, resident: str) -> None:
    """The nurse signs in, sees the queue and opens the resident's case."""
    nurse.open("/staff")
    sign_in(nurse, "Sari Hoitaja")
    nurse.page.get_by_role("row").filter(has_text=resident).get_by_role("link").first.click()
    nurse.page.wait_for_load_state("load")
    nurse.look()
    assert "/staff/cases/" in nurse.page.url
