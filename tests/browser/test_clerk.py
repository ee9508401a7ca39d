"""The clerk's desk in Chromium on a narrow screen: two clerks and a paper mandate, helpers, one person twice."""

from collections.abc import Callable

import pytest

from tests.browser.reader import Reader
from tests.tools.attacker import sign_in_staff
from tests.tools.live import LiveWindow

Open = Callable[..., Reader]
# Language → giver, receiver, and two who are joined: each language has people of its own.
PEOPLE = {
    "fi": ("080345-906D", "221070-938K", "250590-938M", "090974-954X"),
    "sv": ("190458-942U", "030268-952T", "240179U9710", "161256-928C"),
}


def sign_in(reader: Reader, live: LiveWindow, role: str) -> Reader:
    """A member of staff, signed in."""
    staff = sign_in_staff(live.settings, [role], ["mikkeli"])
    reader.page.context.add_cookies([{"name": "asiointi-staff", "value": staff.cookie, "url": live.url}])
    return reader


def send(reader: Reader, ending: str) -> Reader:
    """Send the form whose address ends so, and look at what comes: the same page again, or another."""
    with reader.page.expect_navigation():
        reader.page.locator(f'main form[action$="{ending}"] button').first.click()
    return reader.look()


def find(reader: Reader, code: str) -> Reader:
    reader.open("/staff/people")
    reader.page.locator("#code").fill(code)
    return send(reader, "/people/find")


@pytest.mark.parametrize("language", PEOPLE)
def test_paper_mandate(open_reader: Open, live: LiveWindow, language: str) -> None:
    """One clerk records after mending the form, another checks; the person's page shows it, and a helper beside."""
    principal, mandatee, _one, _other = PEOPLE[language]
    reader = sign_in(open_reader(language), live, "service_guide")
    reader.open("/staff/people")
    find(reader, "080345-906E")
    find(reader, "010203-9013")
    reader.open("/staff/people/temporary")
    send(reader, "/people/temporary")
    reader.open("/staff/mandates/new")
    send(reader, "/staff/mandates")
    assert reader.page.locator(".govuk-error-summary a").count() >= 6
    reader.page.locator("#principal").fill(principal)
    reader.page.locator("#mandatee").fill(mandatee)
    for name in ("registers", "statements"):
        for box in reader.page.locator(f'input[name="{name}"]').all():
            box.check()
    reader.page.locator("#competence").check()
    reader.page.locator("#document_type").check()
    reader.page.locator("#document_place").fill("A 12")
    send(reader, "/staff/mandates")
    where = reader.page.url
    second = sign_in(open_reader(language), live, "triage_nurse")
    second.open("/staff/mandates")
    second.open(where)
    send(second, "/check")
    second.page.locator("#check").check()
    send(second, "/check")
    assert second.page.locator(".govuk-tag--green").count() == 1
    find(second, principal)
    second.click('main a[href$="/helpers/new"]')
    send(second, "/helpers")
    second.page.locator("#role").check()
    second.page.locator("#name").fill("Tuki Henkilö")
    second.page.locator("#phone").fill("0401234567")
    second.page.locator("#last").fill("1.1.2027")
    send(second, "/helpers")
    assert second.page.get_by_text("Tuki Henkilö").first.is_visible()


@pytest.mark.parametrize("language", PEOPLE)
def test_one_person_twice(open_reader: Open, live: LiveWindow, language: str) -> None:
    """A supervisor compares two and joins them; the pages of a changed code and of a death are checked too."""
    _principal, _mandatee, one, other = PEOPLE[language]
    reader = sign_in(open_reader(language), live, "supervisor")
    reader.open("/staff/same-person")
    send(reader, "/same-person")
    reader.page.locator("#one").fill(one)
    reader.page.locator("#other").fill(other)
    send(reader, "/same-person")
    compare = reader.page.url.rpartition("/staff")[2]
    send(reader, compare)
    reader.page.locator("#keep").check()
    reader.page.locator("#reason").fill("Todistus nähty")
    send(reader, compare)
    person = reader.page.url
    for ending in ("/code", "/deceased"):
        reader.open(f"{person}{ending}")
        send(reader, ending)
