"""What staff see and why, in Chromium: a reason given, a verdict, a report gone through, a decision, a search; axe."""

import uuid
from collections.abc import Callable

import pytest

from app.settings import Settings
from tests.browser.reader import Reader
from tests.tools.attacker import sign_in_staff
from tests.tools.desk import insert, make_case, make_person
from tests.tools.live import LiveWindow
from tests.tools.world import FIXED_NOW

Desk = Callable[..., Reader]


def make_matters(settings: Settings) -> tuple[uuid.UUID, uuid.UUID]:
    """A hidden child's case that the mother has sent, and a request for correction."""
    child = make_person(settings, non_disclosure=True)
    mother = make_person(settings, "Annamaria", "1988-04-12")
    case = make_case(settings, child, actor_id=mother, basis="guardian", unit_code="pieksamaki")
    insert(
        settings, "contact_request", case_id=case, name="Annamaria", phone="+358401234567", reachable="", message="?"
    )
    values = {"target_kind": "", "wrong": "Allergia puuttuu", "right": "Pähkinäallergia", "language": "fi"}
    more = {"state": "open", "reasons": "", "created_at": FIXED_NOW, "reference": uuid.uuid4().hex[:9]}
    person = {"person_id": mother, "actor_id": mother, "register": "patient"}
    return case, insert(settings, "correction_request", **person, **values, **more)


@pytest.mark.parametrize(("language", "width", "scripts"), [("fi", 390, True), ("sv", 1280, True), ("sv", 390, False)])
def test_those_who_watch(
    open_reader: Callable[..., Reader], live: LiveWindow, language: str, width: int, scripts: bool
) -> None:
    """Every page of the desk's watchers, with its errors and its way on, on a phone and on a wide screen."""
    case, request = make_matters(live.settings)

    def desk(role: str, *units: str) -> Reader:
        one = sign_in_staff(live.settings, [role], list(units))
        reader = open_reader(language, scripts=scripts, width=width)
        reader.page.context.add_cookies([{"name": "asiointi-staff", "value": one.cookie, "url": live.url}])
        return reader

    open_for_a_reason(desk("triage_nurse", "savonlinna", "mikkeli").open(f"/staff/cases/{case}"))
    judge(desk("specialist", "pieksamaki").open("/staff").open(f"/staff/cases/{case}"))
    go_through(desk("supervisor", "mikkeli").open("/staff/special-access"))
    decide(desk("specialist", "pieksamaki").open("/staff/corrections"), request)
    search(desk("auditor").open("/staff/audit"))


def send(reader: Reader, action: str) -> Reader:
    """Press the button of the form that goes to `action`, and look at what comes."""
    reader.page.locator(f'main form[action$="{action}"] button').first.click()
    return reader.look()


def open_for_a_reason(reader: Reader) -> None:
    send(reader, "/reason")
    assert reader.page.locator(".govuk-error-summary").is_visible()
    reader.page.locator('input[name="reason"][value="urgent_help"]').check()
    reader.page.locator('input[name="unit"][value="mikkeli"]').check()
    send(reader, "/reason")
    assert reader.page.locator(".govuk-notification-banner").first.is_visible()


def judge(reader: Reader) -> None:
    reader.click('main a[href$="/verdict"]')
    send(reader, "/verdict")
    reader.page.locator('input[name="verdict"][value="2"]').check()
    reader.page.locator('textarea[name="grounds"]').fill("Keskustelimme kahden.")
    reader.click('main form[action$="/verdict"] button')
    assert "Keskustelimme kahden." in reader.page.locator("main").inner_text()


def go_through(reader: Reader) -> None:
    send(reader, "/review")
    assert reader.page.locator(".govuk-error-summary").is_visible()
    reader.page.locator(".govuk-input--error").fill("Kävimme läpi.")
    send(reader, "/review")
    assert "Kävimme läpi." in reader.page.locator("main").inner_text()


def decide(reader: Reader, request: uuid.UUID) -> None:
    reader.click(f'main a[href$="/{request}"]')
    reader.page.locator('input[name="decision"][value="refused"]').check()
    send(reader, f"/{request}")
    assert reader.page.locator(".govuk-error-summary").is_visible()
    reader.page.locator('textarea[name="reasons"]').fill("Testi oli negatiivinen.")
    send(reader, f"/{request}")
    assert reader.page.locator(".govuk-inset-text").is_visible()


def search(reader: Reader) -> None:
    send(reader, "/staff/audit")
    assert reader.page.locator(".govuk-error-summary").is_visible()
    reader.page.locator('input[name="staff"]').fill("Testi")
    reader.click('main form[action$="/staff/audit"] button')
    assert reader.page.locator("table.queue tbody tr").count() > 3
