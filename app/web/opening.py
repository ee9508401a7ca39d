"""Opening hours in words."""

from dataclasses import dataclass
from datetime import time

from app.domain.clock import Clock
from app.domain.service_hours import HoursNow, ServiceHours
from app.services.county import PhoneNumber
from app.web.i18n import current_language
from app.web.i18n import gettext as _


@dataclass(frozen=True)
class PhoneLine:
    """A phone number with today's hours, as the footer and result pages show it."""

    number_display: str
    number_href: str
    hours_today: str
    open_now: bool


def phone_line(number: PhoneNumber, clock: Clock) -> PhoneLine:
    """The number with today's hours in the page's language."""
    if number.hours is None:
        return PhoneLine(number.display, number.href, _("24 hours a day"), True)
    state = number.hours.state_at(clock.now)
    return PhoneLine(number.display, number.href, hours_today(state), state.open_now)


def hours_today(state: HoursNow) -> str:
    """ "8–16", "8–12 and 13–16", "closed", in the page's language."""
    if any(start == end for start, end in state.today):
        return _("24 hours a day")
    return _(" and ").join(f"{_hour(start)}–{_hour(end)}" for start, end in state.today) or _("closed")


def place_today(hours: ServiceHours, clock: Clock) -> tuple[str, bool]:
    """Today's hours of a place in words, and whether it is open now."""
    state = hours.state_at(clock.now)
    return hours_today(state), state.open_now


def _hour(at: time) -> str:
    if current_language.get() == "en":
        return f"{at.hour}:{at.minute:02}"
    return f"{at.hour}" if at.minute == 0 else f"{at.hour}.{at.minute:02}"
