"""Holds through time: extended, run out, taken over, tried again; and what a cancelled time leaves."""

import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import Database
from app.models import Allocation, Appointment, AppointmentEvent, BookableService, Notice
from app.services.booking.confirm_appointment import confirm_appointment
from app.services.booking.free_times import FreeTime, Wish, find_free_times, first_free_time
from app.services.booking.hold_time import Choice, hold_again, hold_time
from app.services.booking.lost_holds import expire_lost_holds
from app.services.booking.own_appointment import cancel_appointment, extend_hold, fill_in_details, release_hold
from app.services.clock import read_clock
from app.services.errors import BookingRefused, HoldLost, NotFound, SlotTaken, SubjectBusy, TooLate
from app.services.viewer import Viewer
from app.settings import Settings
from tests.tools.people import sign_in_many
from tests.tools.world import FIXED_NOW, World

SERVICE = "dental-check"
At = Callable[[timedelta], AbstractAsyncContextManager[AsyncSession]]


@pytest.fixture
def settings(world: World) -> Iterator[Settings]:
    """A window's settings on a database of this test's own."""
    with world.database() as name:
        yield world.settings(name)


@pytest.fixture
def at(settings: Settings) -> At:
    """A transaction in which the clock stands so much after the tests' moment."""

    @asynccontextmanager
    async def transaction(later: timedelta) -> AsyncIterator[AsyncSession]:
        database = Database.for_worker(settings, fixed_now=FIXED_NOW + later)
        async with database.transaction() as session:
            yield session
        await database.close()

    return transaction


@pytest.fixture
def residents(settings: Settings) -> list[Viewer]:
    """Three signed-in residents."""
    return [Viewer(one.session_id, one.person_id) for one in sign_in_many(settings, 3)]


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


async def free_time(at: At) -> FreeTime:
    """A free time of the next day."""
    async with at(minutes(0)) as session:
        service = await session.get_one(BookableService, SERVICE)
        tomorrow = FIXED_NOW + timedelta(days=1)
        found = await first_free_time(session, Wish(service), await read_clock(session), since=tomorrow)
    assert found is not None
    return found


def choice_of(time: FreeTime) -> Choice:
    """That time with the first professional who is free then."""
    return Choice(SERVICE, time.location_id, time.start, time.professionals[0])


async def hold(session: AsyncSession, who: Viewer, time: FreeTime) -> uuid.UUID:
    return (await hold_time(session, who, choice_of(time), age=40, language="fi")).id


async def test_hold_keeps_others_out(at: At, residents: list[Viewer]) -> None:
    """While a hold lasts, the time is neither offered to others nor to be had by them."""
    time = await free_time(at)
    async with at(minutes(0)) as session:
        await hold(session, residents[0], time)
    async with at(minutes(9)) as session:
        with pytest.raises(SlotTaken):
            await hold(session, residents[1], time)


async def test_hold_runs_out(at: At, residents: list[Viewer]) -> None:
    """After ten minutes somebody else can take the time; the first one's hold is then expired, not lost silently."""
    time = await free_time(at)
    async with at(minutes(0)) as session:
        first = await hold(session, residents[0], time)
    async with at(minutes(10)) as session:
        await hold(session, residents[1], time)
    async with at(minutes(11)) as session:
        with pytest.raises(HoldLost):
            await confirm_appointment(session, residents[0], first)
        with pytest.raises(SlotTaken):
            await hold_again(session, residents[0], first)
    async with at(minutes(12)) as session:
        assert await expire_lost_holds(session) == 1
    async with at(minutes(13)) as session:
        assert (await session.get_one(Appointment, first)).status == "expired"
        with pytest.raises(HoldLost):
            await confirm_appointment(session, residents[0], first)


async def test_late_confirmation_of_an_untouched_hold(at: At, residents: list[Viewer]) -> None:
    """A hold that ran out while nobody wanted the time can still be confirmed."""
    time = await free_time(at)
    async with at(minutes(0)) as session:
        held = await hold(session, residents[0], time)
    async with at(minutes(45)) as session:
        booking = await confirm_appointment(session, residents[0], held)
    assert booking.appointment.status == "booked"


async def test_lost_hold_is_tried_again_with_what_was_typed(at: At, residents: list[Viewer]) -> None:
    """When the one who took over lets the time go, the first gets it again with note and phone as typed."""
    time = await free_time(at)
    async with at(minutes(0)) as session:
        lost = await hold(session, residents[0], time)
        await fill_in_details(session, residents[0], lost, "Hammas lohkesi", "+358401234567")
    async with at(minutes(11)) as session:
        taken = await hold(session, residents[1], time)
    async with at(minutes(12)) as session:
        await release_hold(session, residents[1], taken)
    async with at(minutes(13)) as session:
        again = await hold_again(session, residents[0], lost)
        assert (again.note, again.phone) == ("Hammas lohkesi", "+358401234567")


async def test_extending_ends_at_thirty_minutes(at: At, residents: list[Viewer]) -> None:
    """One click gives ten more minutes, but never more than thirty in all."""
    time = await free_time(at)
    async with at(minutes(0)) as session:
        held = await hold(session, residents[0], time)
    for after, until in ((8, 18), (16, 26), (24, 30), (29, 30)):
        async with at(minutes(after)) as session:
            booking = await extend_hold(session, residents[0], held)
            assert booking.appointment.held_until == FIXED_NOW + minutes(until)
    async with at(minutes(29)) as session:
        with pytest.raises(SlotTaken):
            await hold(session, residents[1], time)


async def test_choosing_another_time_lets_the_first_go(at: At, residents: list[Viewer]) -> None:
    """A resident holds one time at a time: nobody can keep a day's times to themselves."""
    async with at(minutes(0)) as session:
        service = await session.get_one(BookableService, SERVICE)
        clock = await read_clock(session)
        times = await find_free_times(session, Wish(service), clock, since=FIXED_NOW + timedelta(days=1), most=2)
        first = await hold(session, residents[0], times[0])
        await hold(session, residents[0], times[1])
    async with at(minutes(1)) as session:
        assert (await session.get_one(Appointment, first)).status == "released"
        await hold(session, residents[1], times[0])


async def test_one_place_at_a_time(at: At, residents: list[Viewer]) -> None:
    """A resident who has booked a time can't hold an overlapping one."""
    time = await free_time(at)
    async with at(minutes(0)) as session:
        await confirm_appointment(session, residents[0], await hold(session, residents[0], time))
    async with at(minutes(1)) as session:
        service = await session.get_one(BookableService, SERVICE)
        wish = Wish(service)
        clock = await read_clock(session)
        others = await find_free_times(session, wish, clock, since=time.start, until=time.start + minutes(1))
        with pytest.raises(SubjectBusy):
            await hold_time(session, residents[0], choice_of(others[0]), age=40, language="fi")


async def test_cancelled_time_is_free_at_once(at: At, residents: list[Viewer]) -> None:
    """Cancelling frees the time, keeps its history, tells the person once, and doing it twice changes nothing."""
    time = await free_time(at)
    async with at(minutes(0)) as session:
        booked = (
            await confirm_appointment(session, residents[0], await hold(session, residents[0], time))
        ).appointment.id
    for _ in range(2):
        async with at(minutes(5)) as session:
            await cancel_appointment(session, residents[0], booked)
    async with at(minutes(6)) as session:
        await hold(session, residents[1], time)
        events = await session.scalars(
            select(AppointmentEvent.event)
            .where(AppointmentEvent.appointment_id == booked)
            .order_by(AppointmentEvent.at, AppointmentEvent.event.desc())
        )
        assert sorted(events) == ["booked", "cancelled", "held"]
        kinds = await session.scalars(select(Notice.kind).where(Notice.appointment_id == booked))
        assert sorted(kinds) == ["appointment_booked", "appointment_cancelled"]


async def test_cancelling_ends_before_the_visit(at: At, residents: list[Viewer]) -> None:
    """After the service's own limit the way is the phone, and the booking stays."""
    time = await free_time(at)
    async with at(minutes(0)) as session:
        booked = (
            await confirm_appointment(session, residents[0], await hold(session, residents[0], time))
        ).appointment.id
        limit = (await session.get_one(BookableService, SERVICE)).cancel_limit_hours
    too_late = time.start - FIXED_NOW - timedelta(hours=limit) + minutes(1)
    async with at(too_late) as session:
        with pytest.raises(TooLate):
            await cancel_appointment(session, residents[0], booked)
    async with at(too_late) as session:
        assert (await session.get_one(Appointment, booked)).status == "booked"


async def test_foreign_appointments_do_not_exist(at: At, residents: list[Viewer]) -> None:
    """Nobody can confirm, extend, release or cancel somebody else's time: it is not there for them."""
    time = await free_time(at)
    async with at(minutes(0)) as session:
        held = await hold(session, residents[0], time)
    for act in (confirm_appointment, extend_hold, release_hold, cancel_appointment):
        async with at(minutes(1)) as session:
            with pytest.raises(NotFound):
                await act(session, residents[1], held)


@pytest.mark.parametrize(("service", "age"), [("nurse-visit", 40), ("doctor-visit", 40), ("physio-visit", 12)])
async def test_rules_refuse(at: At, residents: list[Viewer], service: str, age: int) -> None:
    """A permit without an assessment, a service that staff book, an age outside the rule: refused before any row."""
    time = await free_time(at)
    async with at(minutes(0)) as session:
        with pytest.raises(BookingRefused):
            await hold_time(
                session, residents[0], Choice(service, time.location_id, time.start), age=age, language="fi"
            )
    async with at(minutes(0)) as session:
        assert (await session.scalars(select(Allocation))).all() == []


@pytest.mark.parametrize("shift", [timedelta(days=-2), timedelta(days=400), minutes(7)])
async def test_times_that_were_never_offered(at: At, residents: list[Viewer], shift: timedelta) -> None:
    """A past time, one beyond the horizon, one between two starts: none can be held, whatever a form says."""
    time = await free_time(at)
    wrong = Choice(SERVICE, time.location_id, time.start + shift)
    async with at(minutes(0)) as session:
        with pytest.raises(SlotTaken):
            await hold_time(session, residents[0], wrong, age=40, language="fi")
