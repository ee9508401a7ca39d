"""The end of a session in Chromium: the notice and its one click, nothing lost, nothing left on the screen."""

from collections.abc import Callable

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.browser.reader import Reader
from tests.browser.test_road import answer_page, sign_in
from tests.tools.live import LiveWindow

ANNA, JUHO = "Anna Lehtokangas", "Juho Lehtokangas"
WORDS = "Selkä on kipeä, enkä saa nukuttua."


def pass_time(page: Page, time: str) -> None:
    """The browser's clock goes on, and its timers go off."""
    page.clock.fast_forward(time)


def end_sessions(live: LiveWindow) -> None:
    """All sessions run out at the server."""
    with psycopg.connect(live.settings.worker_database_url) as connection:
        connection.execute("update browser_session set seen_at = seen_at - interval '16 minutes'")


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_notice(open_reader: Callable[..., Reader], language: str) -> None:
    """Two minutes before the end a notice takes the focus; one click goes on, and what is typed stays."""
    reader = open_reader(language)
    reader.page.clock.install()
    reader.open("/sign-in?next=/" + language + "/contact")
    sign_in(reader, ANNA)
    field, notice = reader.page.locator("#message"), reader.page.locator("#session-notice")
    before = reader.page.locator(".session-end__time time").inner_text()
    field.fill(WORDS)
    pass_time(reader.page, "12:50")
    expect(notice).to_be_hidden()
    pass_time(reader.page, "00:20")
    expect(notice).to_be_visible()
    expect(notice.locator("[data-session=extend] button")).to_be_focused()
    reader.look()
    with reader.page.expect_response("**/session/extend") as answer:
        notice.locator("[data-session=extend] button").click()
    assert answer.value.status == 204
    expect(notice).to_be_hidden()
    expect(field).to_be_focused()
    assert field.input_value() == WORDS
    assert reader.page.locator(".session-end__time time").inner_text() != before
    pass_time(reader.page, "05:00")
    expect(notice).to_be_hidden()


def test_escape_goes_on_and_the_other_tab_knows(open_reader: Callable[..., Reader]) -> None:
    """Escape is a sign of life too; a page in another tab that goes on takes the notice away here."""
    reader = open_reader("fi")
    reader.page.clock.install()
    reader.open("/sign-in")
    sign_in(reader, ANNA)
    notice = reader.page.locator("#session-notice")
    pass_time(reader.page, "13:10")
    expect(notice).to_be_visible()
    with reader.page.expect_response("**/session/extend"):
        reader.page.keyboard.press("Escape")
    expect(notice).to_be_hidden()
    pass_time(reader.page, "12:10")
    expect(notice).to_be_visible()
    reader.page.evaluate("new BroadcastChannel('session-resident').postMessage(Date.now() + 14 * 60 * 1000)")
    expect(notice).to_be_hidden()


def test_after_the_end_nothing_shows_and_nothing_is_lost(open_reader: Callable[..., Reader], live: LiveWindow) -> None:
    """When the time is up the page is gone, what was typed is kept, and comes back after signing in again."""
    reader = open_reader("fi")
    reader.page.clock.install()
    reader.open("/sign-in?next=/fi/contact")
    sign_in(reader, JUHO)
    reader.page.locator("#message").fill(WORDS)
    with reader.page.expect_response("**/session/set-aside"):
        pass_time(reader.page, "15:10")
    expect(reader.page.locator("h1")).to_be_focused()
    assert WORDS not in reader.page.content()
    assert JUHO not in reader.page.content()
    reader.look()
    reader.page.locator("main a.govuk-button").first.click()
    reader.page.wait_for_url("**/sign-in?*")
    sign_in(reader, JUHO)
    assert "/session/kept/" in reader.page.url
    assert WORDS in reader.page.inner_text("main")
    reader.page.locator("main form").last.locator("button").click()
    reader.page.wait_for_url("**/fi/my")


@pytest.mark.parametrize("scripts", [True, False])
def test_ends_in_an_assessment(open_reader: Callable[..., Reader], live: LiveWindow, scripts: bool) -> None:
    """The session ends in the middle of an assessment: signing in again leads on with the very answer that was sent."""
    reader = open_reader("fi", scripts=scripts)
    reader.open("/sign-in?next=/fi/assess/urinary")
    sign_in(reader, ANNA)
    reader.click('main form[action$="/assess/urinary"] button')
    answer_page(reader)
    stopped = reader.page.url
    end_sessions(live)
    answer_page(reader)
    assert "/sign-in" in reader.page.url
    assert "kept=1" in reader.page.url
    sign_in(reader, ANNA)
    assert "/session/kept/" in reader.page.url
    reader.page.locator("main form button").first.click()
    reader.page.wait_for_url("**/assess/run/**")
    reader.look()
    assert reader.page.url != stopped
    assert reader.page.url.split("/run/")[1].split("/")[0] == stopped.split("/run/")[1].split("/")[0]


@pytest.mark.parametrize("scripts", [True, False])
def test_back_after_signing_out(open_reader: Callable[..., Reader], scripts: bool) -> None:
    """The back button after signing out shows nothing of the person."""
    reader = open_reader("fi", scripts=scripts)
    reader.open("/sign-in")
    sign_in(reader, ANNA)
    reader.open("/my/sessions")
    reader.open("/my")
    assert "Lehtokangas" in reader.page.content()
    reader.page.locator('header form[action$="/sign-out"] button').click()
    reader.page.wait_for_url("**/signed-out")
    reader.look()
    for _ in range(3):
        reader.page.go_back()
        reader.page.wait_for_load_state("load")
        assert "Lehtokangas" not in reader.page.content(), reader.page.url
        assert "/my" not in reader.page.url.split("?")[0]


def test_staff_notice(open_reader: Callable[..., Reader]) -> None:
    """The desk warns and goes on in the same way."""
    reader = open_reader("fi", width=1280)
    reader.page.clock.install()
    reader.open("/staff/sign-in")
    sign_in(reader, "Sari Hoitaja")
    pass_time(reader.page, "13:10")
    notice = reader.page.locator("#session-notice")
    expect(notice).to_be_visible()
    reader.look()
    with reader.page.expect_response("**/staff/session/extend") as answer:
        notice.locator("[data-session=extend] button").click()
    assert answer.value.status == 204
    expect(notice).to_be_hidden()
