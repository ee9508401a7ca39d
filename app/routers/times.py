"""Free times: choose a service, choose a time, take it for ten minutes; and the page of the one who came second."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query, Request
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.domain.clock import HELSINKI, start_of_day
from app.domain.urgency import Urgency
from app.models import AssessmentRun, BookableService
from app.models.context import enter
from app.services.assessing.runs import find_real_run, find_run, is_for_another, urgency_of
from app.services.booking.bookable import Offer, find_bookable, list_offers, place_names
from app.services.booking.free_times import FreeTime, FreeWeek, Wish, first_free_week, rule_of
from app.services.booking.hold_time import Choice, hold_time
from app.services.booking.own_appointment import find_own
from app.services.catalogue.entries import alphabetical
from app.services.clock import read_clock
from app.services.errors import BookingRefused, SlotTaken, SubjectBusy, TimeLost
from app.services.identity.people import age_of
from app.services.submissions import first_result, remember_result
from app.services.viewer import Viewer, context_for
from app.web.access import Code, PublicPage, Session, Submitted
from app.web.components import Choice as PlaceChoice
from app.web.errors import page_of
from app.web.forms import Form, LenientId, LenientText, read_id
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.page import Page
from app.web.times_view import DayTimes, Slot, UnreadableSlot, by_day, read_slot

router = APIRouter(prefix="/{lang}/book")

FRESH = 12


class TimesQuery(BaseModel):
    """What narrows the list of times. `slot` is the time picked before signing in, `keep` an earlier hold whose
    typed details go along. Anything unreadable narrows nothing."""

    assessment: LenientId = None
    place: LenientText = ""
    since: LenientText = ""
    slot: LenientText = ""
    professional: LenientId = None
    keep: LenientId = None


@dataclass(frozen=True)
class ServicesPage:
    offers: Sequence[Offer]


@dataclass(frozen=True)
class TimesPage:
    """Free times of a service. `chosen`: the time picked before signing in. `later`: where the list goes on;
    `goes_on`: this is such a later page. `narrowing` goes along from page to page and into the hold."""

    service: BookableService
    urgency: Urgency | None
    days: Sequence[DayTimes]
    places: Sequence[PlaceChoice]
    place: uuid.UUID | None
    chosen: Slot | None
    chosen_place: str
    first: FreeTime | None
    later: str | None
    goes_on: bool
    narrowing: Mapping[str, str]
    refusal: str | None


@router.get("", name="book_services")
async def services(page: PublicPage, session: Session) -> Response:
    """What can be booked, with the first free time of each."""
    page.title = _("Book a time")
    offers = sorted(await list_offers(session), key=lambda offer: alphabetical(offer.service.names.to(page.language)))
    return page.show("booking/services.html", ServicesPage(offers))


@router.get("/{service}/times", name="book_times")
async def times(page: PublicPage, session: Session, service: Code, query: Annotated[TimesQuery, Query()]) -> Response:
    """Free times by day and place, only those that are soon enough for the assessment that led here."""
    found = await find_bookable(session, service)
    run = await find_real_run(session, page.viewer, query.assessment) if query.assessment else None
    page.title = _("Choose a time")
    return page.show("booking/times.html", await _times_page(session, page, found, run, query), block="main")


@router.post("/{service}/hold", name="book_hold", dependencies=[limited("form")])
async def hold(page: PublicPage, session: Session, service: Code, form: Submitted) -> Response:
    """Take the chosen time for ten minutes; who has not signed in yet does so first and comes back to it."""
    await find_bookable(session, service)
    try:
        slot = read_slot(form.value("slot"))
    except UnreadableSlot as error:
        raise SlotTaken(service) from error
    if page.viewer is None or page.viewer.subject_id is None:
        return page.go(page.path("sign_in", {"next": _chosen_path(page, service, slot, form)}))
    earlier = await first_result(session, form.submission)
    if earlier:
        return page.go(earlier)
    choice = await _choice(session, page.viewer, service, slot, form)
    age = await age_of(session, page.viewer.subject_id, await read_clock(session))
    appointment = await hold_time(session, page.viewer, choice, age=age, language=page.language)
    path = page.path("book_details", appointment_id=appointment.id)
    await remember_result(session, form.submission, path)
    return page.go(path)


async def _times_page(
    session: AsyncSession, page: Page, service: BookableService, run: AssessmentRun | None, query: TimesQuery
) -> TimesPage:
    clock = await read_clock(session)
    urgency = urgency_of(run)
    places = {place: name.to(page.language) for place, name in (await place_names(session)).items()}
    wanted = read_id(query.place) if read_id(query.place) in places else None
    wish = Wish(service, urgency, wanted, query.professional)
    refusal = "for_another" if is_for_another(run) else rule_of(service).refusal(urgency)
    since = _day(query.since)
    week = FreeWeek((), None) if refusal else await first_free_week(session, wish, clock, since=since)
    chosen = _chosen(query.slot, places)
    return TimesPage(
        service=service,
        urgency=urgency,
        days=by_day(week.times, places, query.professional),
        places=_place_choices(places),
        place=wanted,
        chosen=chosen,
        chosen_place=places[chosen.location] if chosen else "",
        first=week.times[0] if week.times else None,
        later=week.later.start.astimezone(HELSINKI).date().isoformat() if week.later else None,
        goes_on=since is not None,
        narrowing=_narrowing(query, run),
        refusal=refusal,
    )


def _place_choices(places: Mapping[uuid.UUID, str]) -> list[PlaceChoice]:
    by_name = sorted(places.items(), key=lambda item: item[1])
    return [PlaceChoice("", _("All places")), *(PlaceChoice(str(place), name) for place, name in by_name)]


def _narrowing(query: TimesQuery, run: AssessmentRun | None) -> dict[str, str]:
    given = {"assessment": run.id if run else None, "professional": query.professional, "keep": query.keep}
    return {name: str(value) for name, value in given.items() if value}


def _day(value: str) -> datetime | None:
    try:
        day = datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
    return start_of_day(day) if 2000 < day.year < 2200 else None


def _chosen(slot: str, places: Mapping[uuid.UUID, str]) -> Slot | None:
    try:
        chosen = read_slot(slot)
    except UnreadableSlot:
        return None
    return chosen if chosen.location in places else None


def _chosen_path(page: Page, service: str, slot: Slot, form: Form) -> str:
    """The times page with the chosen time on top: where signing in leads back to."""
    query = {"slot": slot.value}
    if read_id(form.value("assessment")):
        query["assessment"] = form.value("assessment")
    return page.path("book_times", query, service=service)


async def _choice(session: AsyncSession, viewer: Viewer, service: str, slot: Slot, form: Form) -> Choice:
    run_id, keep = read_id(form.value("assessment")), read_id(form.value("keep"))
    run = await find_real_run(session, viewer, run_id) if run_id else None
    if is_for_another(run):
        raise BookingRefused(service, "for_another")
    kept = (await find_own(session, viewer, keep)).appointment if keep else None
    return Choice(
        service=service,
        location=slot.location,
        start=slot.start,
        professional=slot.professional,
        run_id=run.id if run else None,
        urgency=urgency_of(run),
        keep=keep,
        note=kept.note if kept else "",
        # A number belongs to whoever typed it: another's is not taken over with what was typed for the lost time.
        phone=kept.phone if kept and kept.actor_id == viewer.person_id else "",
    )


async def time_lost(request: Request, error: Exception) -> Response:
    """The friendly page of the one who lost a race: what happened, and the nearest free times."""
    assert isinstance(error, TimeLost)  # noqa: S101 - registered for it
    page = page_of(request)
    page.title = heading = _why_lost(page, error)
    async with request.app.state.database.transaction() as session:
        await enter(session, context_for(page.viewer))
        service = await find_bookable(session, error.service)
        run = await find_run(session, page.viewer, error.run_id) if error.run_id else None
        context = await _times_page(session, page, service, run, TimesQuery(keep=error.keep))
    page.own_path = page.path("book_times", service=error.service)
    context = replace(context, days=_first_times(context.days))
    return page.show("booking/taken.html", context, heading=heading, block="main", status=409)


def _why_lost(page: Page, error: Exception) -> str:
    """Whoever acts for somebody does not learn that they are busy then: the page of a taken time says no more either,
    or its words would tell the one from the other."""
    if page.viewer and page.viewer.acting:
        return _("This time can't be booked")
    if isinstance(error, SubjectBusy):
        return _("You already have an appointment at that time")
    return _("Somebody booked this time just before you")


def _first_times(days: Sequence[DayTimes]) -> list[DayTimes]:
    """The first days that together have some times to choose from."""
    chosen: list[DayTimes] = []
    for day in days:
        if sum(one.count for one in chosen) >= FRESH:
            break
        chosen.append(day)
    return chosen


def install_errors(app: FastAPI) -> None:
    """The pages of lost times, which need the database for fresh ones."""
    app.add_exception_handler(TimeLost, time_lost)
