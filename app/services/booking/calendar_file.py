"""A booked time as an iCalendar file (RFC 5545). Calendars are shared and synced: nothing about health goes in."""

from urllib.parse import urlsplit

from icalendar import Calendar, Event, vText

from app.domain.clock import Clock
from app.services.booking.own_appointment import Booking


def calendar_file(booking: Booking, *, title: str, place: str | None, host: str, clock: Clock) -> bytes:
    """The file's bytes. UID stays the same for life and SEQUENCE grows, so that importing again updates the entry.

    `place` is None where it must not be told (non-disclosure).
    """
    event = Event()
    event.add("uid", f"{booking.appointment.id}@{urlsplit(host).hostname}")
    event.add("sequence", booking.appointment.sequence)
    event.add("dtstamp", clock.now)
    event.add("dtstart", booking.start)
    event.add("dtend", booking.end)
    event.add("summary", title)
    event.add("status", "CANCELLED" if booking.appointment.status == "cancelled" else "CONFIRMED")
    event.add("class", "PRIVATE")
    if place:
        event["location"] = vText(place)
    calendar = Calendar()
    calendar.add("prodid", "-//asiointi-ikkuna//fi")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content
