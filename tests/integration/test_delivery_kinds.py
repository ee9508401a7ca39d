"""Each kind of delivery in real wire formats: what arrives, in which order, and what must never arrive twice."""

import asyncio
import socket
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn

from app.integrations.records.port import PatientRegister, SocialRegister
from app.main import create_app
from app.models import Appointment, AssessmentRun, BookableService, Case
from app.services.booking.own_appointment import cancel_appointment, find_own
from app.services.booking.tell_appointment import tell_booked, tell_cancelled
from app.services.booking.video_visit import VideoDoor, resident_door
from app.services.deliveries.carry_out import carry_out
from app.services.deliveries.deliver_case import result_id
from app.services.deliveries.queue import wake_due
from app.services.reaching.notices import notice_words
from app.services.systems_overview import system_detail
from app.services.viewer import Viewer
from app.settings import Settings
from tests.tools.cases import finished_run, send_request, signed_in
from tests.tools.deliveries import booked_appointment, carrier, change, delivery_of, rows_of, want_notice
from tests.tools.world import World

Fault = Callable[..., None]
NO_MAILBOX = "Väinö"
KANTA, RECORDS = "kanta-appointments", "records"


async def deliver(settings: Settings, rounds: int = 3) -> None:
    """Carry out all that waits, as often as it takes for what follows from it to go too."""
    async with carrier(settings) as ours:
        for _ in range(rounds):
            change(settings, "update delivery set next_at = least(next_at, now()) where state = 'waiting'")
            for row in rows_of(settings, "select id from delivery where state = 'waiting' order by number"):
                await carry_out(ours, row["id"])


def arrived(settings: Settings, system: str, text: object, *methods: str) -> list[dict[str, Any]]:
    """The requests with `text` that the system has carried out, oldest first; only of `methods` where there are any."""
    address = f"{settings.simulators_url}/_traffic/{system}"
    headers = {"Accept": "application/json"}
    answer = httpx.get(address, params={"text": str(text), "limit": 200}, headers=headers)
    found: list[dict[str, Any]] = answer.raise_for_status().json()["exchanges"]
    return [one for one in reversed(found) if one["carried_out"] and (not methods or one["method"] in methods)]


def booked(
    settings: Settings, service: str, person: str = "Aili", *, minutes: int = 3 * 24 * 60, phone: str = "+358401234567"
) -> uuid.UUID:
    """A stored appointment of a test person that begins in `minutes`; nobody has been told of it."""
    appointment = booked_appointment(settings, person)
    change(
        settings,
        "update appointment set service_code = %s, phone = %s, during = tstzrange("
        "now() + %s * interval '1 minute', now() + (%s + 20) * interval '1 minute') where id = %s",
        service,
        phone,
        minutes,
        minutes,
        appointment.id,
    )
    return appointment.id


async def tell(settings: Settings, appointment_id: uuid.UUID, how: Callable[..., Any]) -> None:
    async with carrier(settings) as ours, ours.transactions() as session:
        appointment = await session.get_one(Appointment, appointment_id)
        await how(session, appointment, await session.get_one(BookableService, appointment.service_code))


async def cancel(settings: Settings, appointment_id: uuid.UUID) -> None:
    """The resident cancels."""
    (row,) = rows_of(settings, "select subject_id from appointment where id = %s", appointment_id)
    async with carrier(settings) as ours, ours.transactions() as session:
        await cancel_appointment(session, Viewer(uuid.uuid4(), row["subject_id"]), appointment_id)


async def notice(settings: Settings, person: str = NO_MAILBOX, phone: str = "+358401234567") -> uuid.UUID:
    """A notice to a test person who gave `phone`."""
    appointment_id = booked(settings, "nurse-visit", person, phone=phone)
    async with carrier(settings) as ours, ours.transactions() as session:
        return await want_notice(session, await session.get_one(Appointment, appointment_id))


async def sms_wanted(settings: Settings, phone: str = "+358401234567") -> tuple[uuid.UUID, uuid.UUID]:
    """A notice that is to go as a text message now, and the delivery of that."""
    one = await notice(settings, phone=phone)
    async with carrier(settings) as ours:
        assert await carry_out(ours, delivery_of(settings, one)["id"]) == "dropped"
    return one, delivery_of(settings, one, "notice_sms")["id"]


async def attempt(settings: Settings, delivery_id: uuid.UUID) -> str:
    async with carrier(settings) as ours:
        return await carry_out(ours, delivery_id)


async def test_no_mailbox_a_text_message(settings: Settings) -> None:
    """Who has no official mailbox gets the notice's neutral words as one text message, however often we look."""
    one, sms = await sms_wanted(settings)
    await deliver(settings)
    found = delivery_of(settings, one, "notice_sms")
    assert found["state"] == "done"
    assert found["receiver_id"]
    (message,) = arrived(settings, "sms", sms, "POST")
    body = httpx.Response(200, text=message["request"]["body"]).json()
    assert (body["to"], body["text"]) == ("+358401234567", notice_words("appointment_booked")["body"].to("fi"))
    async with carrier(settings) as ours:
        async with ours.transactions() as session:
            assert await wake_due(session) == 0
        for delivery_id in (delivery_of(settings, one)["id"], sms):
            assert await carry_out(ours, delivery_id) == ""
    assert len(arrived(settings, "sms", sms, "POST")) == 1


async def test_a_mailbox_and_no_text_message(settings: Settings) -> None:
    """Who has a mailbox gets the notice there, and no text message."""
    one = await notice(settings, "Aili")
    await deliver(settings)
    assert delivery_of(settings, one)["state"] == "done"
    assert rows_of(settings, "select 1 from delivery where kind = 'notice_sms'") == []


@pytest.mark.parametrize("phone", ["", "+358151234567"])
async def test_no_way_to_reach_somebody(settings: Settings, phone: str) -> None:
    """Without mailbox and without a number that takes text messages, operators see that somebody was not told."""
    one = await notice(settings, phone=phone)
    await deliver(settings)
    found = delivery_of(settings, one)
    assert (found["state"], bool(found["reason"])) == ("refused", True)
    assert rows_of(settings, "select 1 from delivery where kind = 'notice_sms'") == []
    async with carrier(settings) as ours, ours.transactions() as session:
        shown = await system_detail(session, "suomifi-messages")
    assert (shown.line.troubled, [row.id for row in shown.deliveries]) == (1, [found["id"]])


async def test_an_interrupted_text_message(settings: Settings) -> None:
    """A worker died while sending: nobody knows whether it went, so it is shown and not sent again by itself."""
    _one, sms = await sms_wanted(settings)
    change(
        settings,
        "update delivery set state = 'sending', attempts = 1, next_at = now() - interval '1 hour',"
        " lease_until = now() - interval '1 second' where id = %s",
        sms,
    )
    assert await attempt(settings, sms) == "unknown"
    assert await attempt(settings, sms) == ""
    async with carrier(settings) as ours, ours.transactions() as session:
        assert await wake_due(session) == 0
    assert arrived(settings, "sms", sms) == []


@pytest.mark.parametrize(
    ("mode", "more", "messages"),
    [
        ("drop", {"carried_out": True}, 1),
        ("error", {"carried_out": True}, 1),
        ("slow", {"carried_out": True, "seconds": 3}, 1),
        ("malformed", {}, 1),
        ("truncated", {}, 1),
        ("drop", {}, 0),
        ("error", {}, 0),
    ],
)
async def test_an_unclear_answer(
    settings: Settings, fault: Fault, mode: str, more: dict[str, Any], messages: int
) -> None:
    """Where the answer does not tell whether the message went, it is in doubt, and at most one has gone for ever."""
    one, sms = await sms_wanted(settings)
    fault("sms", mode, **more)
    assert await attempt(settings, sms) == "unknown"
    fault("sms", "none")
    await deliver(settings)
    assert delivery_of(settings, one, "notice_sms")["state"] == "unknown"
    if mode == "slow":
        await asyncio.sleep(2)  # an exchange is written down when its answer ends
    assert len(arrived(settings, "sms", sms, "POST")) == messages


@pytest.mark.parametrize("phone", ["+358401239402", "+358401239429"])
async def test_what_says_nothing_of_the_message(settings: Settings, phone: str) -> None:
    """Used-up credit and too many at a time: certainly not sent, so it waits, and goes when that has passed."""
    one, sms = await sms_wanted(settings, phone)
    assert await attempt(settings, sms) == "waiting"
    assert delivery_of(settings, one, "notice_sms")["reason"]
    assert arrived(settings, "sms", sms, "POST") == []
    change(settings, "update appointment set phone = '+358401234567'")
    await deliver(settings)
    assert delivery_of(settings, one, "notice_sms")["state"] == "done"
    assert len(arrived(settings, "sms", sms, "POST")) == 1


async def test_a_wrong_key_at_the_gateway(settings: Settings, fault: Fault) -> None:
    """A refusal of our account says nothing of the message: it waits for an operator who mends the settings."""
    one, sms = await sms_wanted(settings)
    fault("sms", "refuse")
    assert await attempt(settings, sms) == "waiting"
    fault("sms", "none")
    await deliver(settings)
    assert delivery_of(settings, one, "notice_sms")["state"] == "done"


@asynccontextmanager
async def window_at(world: World, settings: Settings) -> AsyncIterator[None]:
    """The window answers at the address under which the outside knows it."""
    listener = socket.create_server(("127.0.0.1", int(world.window.rpartition(":")[2])))
    server = uvicorn.Server(uvicorn.Config(create_app(settings), log_config=None, ws="none"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    yield
    server.should_exit = True
    await task


async def test_the_gateway_reports(world: World, settings: Settings) -> None:
    """A phone that can't be reached: the gateway's report makes of the sent message one that somebody must look at."""
    one, sms = await sms_wanted(settings, "+358401239001")
    async with window_at(world, settings):
        assert await attempt(settings, sms) == "done"
        for _ in range(80):
            found = delivery_of(settings, one, "notice_sms")
            if found["state"] != "done":
                break
            await asyncio.sleep(0.1)
    assert (found["state"], found["reason"]) == ("refused", "not delivered: number_not_reachable")


async def chosen(settings: Settings, person: str, address: str) -> None:
    """The person has proved the address and chosen e-mail."""
    change(settings, "delete from contact_point")
    change(
        settings,
        "insert into contact_point (id, person_id, kind, value, verified_at, code_tries, changed_at)"
        " select gen_random_uuid(), id, 'email', %s, now(), 0, now() from person where given_name = %s",
        address,
        person,
    )
    change(
        settings,
        "insert into notification_choice (person_id, sms, email, reminders, changed_at)"
        " select id, true, true, true, now() from person where given_name = %s",
        person,
    )


def submitted(settings: Settings, delivery_id: uuid.UUID) -> list[dict[str, Any]]:
    """The requests that sent an e-mail; looking up the account is no sending."""
    found = arrived(settings, "email", delivery_id, "POST")
    return [one for one in found if "EmailSubmission/set" in one["request"]["body"]]


@pytest.mark.parametrize(("person", "mailbox"), [("Aili", "done"), (NO_MAILBOX, "dropped")])
async def test_email_beside_the_mailbox(settings: Settings, person: str, mailbox: str) -> None:
    """Who has chosen e-mail gets one with neutral words, with or without a mailbox; then nobody need look."""
    await chosen(settings, person, "asukas@example.fi")
    one = await notice(settings, person, phone="")
    await deliver(settings)
    assert delivery_of(settings, one)["state"] == mailbox
    found = delivery_of(settings, one, "notice_email")
    assert (found["state"], bool(found["receiver_id"])) == ("done", True)
    (message,) = submitted(settings, found["id"])
    sent = httpx.Response(200, text=message["request"]["body"]).json()["methodCalls"][0][1]["create"]["draft"]
    words = notice_words("appointment_booked")
    assert (sent["to"], sent["subject"]) == ([{"email": "asukas@example.fi"}], words["title"].to("fi"))
    assert sent["bodyValues"]["text"]["value"].startswith(words["body"].to("fi"))


async def test_email_to_nobody(settings: Settings) -> None:
    """An address that is gone: operators see that the notice did not arrive there; the mailbox has it all the same."""
    await chosen(settings, "Aili", "unknown-user@example.fi")
    one = await notice(settings, "Aili")
    await deliver(settings)
    states = [delivery_of(settings, one, kind)["state"] for kind in ("notice", "notice_email")]
    assert states == ["done", "refused"]


@pytest.mark.parametrize(("mode", "more"), [("drop", {"carried_out": True}), ("malformed", {})])
async def test_an_unclear_email(settings: Settings, fault: Fault, mode: str, more: dict[str, Any]) -> None:
    """Where the answer to the sending is lost the e-mail is in doubt, and never a second one goes by itself."""
    await chosen(settings, "Aili", "asukas@example.fi")
    one = await notice(settings, "Aili")
    await attempt(settings, delivery_of(settings, one)["id"])
    email = delivery_of(settings, one, "notice_email")["id"]
    async with carrier(settings) as ours:
        await ours.ports.email.probe()  # type: ignore[attr-defined]  # the account is known: the fault hits the sending
        fault("email", mode, **more)
        assert await carry_out(ours, email) == "unknown"
    fault("email", "none")
    await deliver(settings)
    assert delivery_of(settings, one, "notice_email")["state"] == "unknown"
    assert len(submitted(settings, email)) == 1


async def test_a_cancelled_time_at_kanta(settings: Settings, fault: Fault) -> None:
    """Booked, then cancelled while Kanta is away: the cancelling waits behind, arrives, and the time is cancelled."""
    appointment = booked(settings, "nurse-visit")
    await tell(settings, appointment, tell_booked)
    await deliver(settings)
    assert delivery_of(settings, appointment, "appointment_register")["state"] == "done"
    fault(KANTA, "error")
    await cancel(settings, appointment)
    await deliver(settings)
    assert delivery_of(settings, appointment, "appointment_cancel")["state"] == "waiting"
    assert await at_kanta(settings, appointment) == "booked"
    fault(KANTA, "none")
    await deliver(settings)
    assert delivery_of(settings, appointment, "appointment_cancel")["state"] == "done"
    assert await at_kanta(settings, appointment) == "cancelled"


async def at_kanta(settings: Settings, appointment: uuid.UUID) -> str | None:
    """The status of a time as Kanta keeps it; asked past the faults."""
    url, token = settings.kanta_appointments_url, settings.kanta_appointments_token.get_secret_value()
    faults = f"{settings.simulators_url}/_faults/{KANTA}"
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client:
        usual = (await client.get(f"{settings.simulators_url}/_faults")).json()[KANTA]
        await client.put(faults, json={"mode": "none"})
        answer = await client.get(
            f"{url}/Appointment", params={"identifier": f"urn:ietf:rfc:3986|urn:uuid:{appointment}"}
        )
        await client.put(faults, json={"mode": usual["mode"]})
    entries = answer.raise_for_status().json().get("entry", [])
    assert len(entries) <= 1
    return entries[0]["resource"]["status"] if entries else None


async def test_a_lost_answer_of_kanta_and_a_cancelling(settings: Settings, fault: Fault) -> None:
    """Kanta has the time though its answer was lost; cancelled in the meantime, it is cancelled there too."""
    appointment = booked(settings, "nurse-visit")
    await tell(settings, appointment, tell_booked)
    fault(KANTA, "drop", carried_out=True)
    await deliver(settings, rounds=1)
    assert delivery_of(settings, appointment, "appointment_register")["state"] == "waiting"
    fault(KANTA, "none")
    assert await at_kanta(settings, appointment) == "booked"
    await cancel(settings, appointment)
    await deliver(settings)
    assert delivery_of(settings, appointment, "appointment_register")["state"] == "dropped"
    assert delivery_of(settings, appointment, "appointment_cancel")["state"] == "done"
    assert await at_kanta(settings, appointment) == "cancelled"


async def test_cancelled_before_kanta_heard_of_it(settings: Settings) -> None:
    """Booked and cancelled before anybody tried to tell Kanta: it is told of neither."""
    appointment = booked(settings, "nurse-visit")
    await tell(settings, appointment, tell_booked)
    await cancel(settings, appointment)
    await deliver(settings)
    assert rows_of(settings, "select 1 from delivery where system = %s and settled_at is null", KANTA) == []
    assert arrived(settings, KANTA, appointment, "POST", "PUT") == []
    assert await at_kanta(settings, appointment) is None


@pytest.mark.parametrize("carried_out", [True, False])
async def test_cancelled_while_nobody_knew(settings: Settings, fault: Fault, carried_out: bool) -> None:
    """Cancelled after an attempt of which nobody knows whether it arrived, or still will: Kanta ends with a cancelled
    time, which a late arrival can't bring back to life."""
    fault(KANTA, "drop", carried_out=carried_out)
    appointment = booked(settings, "nurse-visit")
    await tell(settings, appointment, tell_booked)
    await deliver(settings, rounds=1)
    await cancel(settings, appointment)
    fault(KANTA, "none")
    await deliver(settings)
    assert rows_of(settings, "select 1 from delivery where system = %s and settled_at is null", KANTA) == []
    assert await at_kanta(settings, appointment) == "cancelled"


async def test_a_social_time_is_not_for_kanta(settings: Settings) -> None:
    """A time of social welfare is no patient's appointment: nothing of it is told to Kanta."""
    appointment = booked(settings, "service-guidance")
    await tell(settings, appointment, tell_booked)
    await deliver(settings)
    assert rows_of(settings, "select 1 from delivery where system = %s", KANTA) == []


async def door(settings: Settings, appointment: uuid.UUID) -> VideoDoor | None:
    (row,) = rows_of(settings, "select subject_id from appointment where id = %s", appointment)
    async with carrier(settings) as ours, ours.transactions() as session:
        booking = await find_own(session, Viewer(uuid.uuid4(), row["subject_id"]), appointment)
        return await resident_door(session, booking, ours.vault)


async def get(url: str) -> int:
    async with httpx.AsyncClient() as client:
        return (await client.get(url)).status_code


async def test_a_video_room_opens_and_closes(settings: Settings, fault: Fault) -> None:
    """A booked video visit gets its room, also after an outage; the link works around the visit, and no more after
    cancelling. In our database it stands in no readable form."""
    appointment = booked(settings, "doctor-video", minutes=10)
    await tell(settings, appointment, tell_booked)
    fault("video", "drop", carried_out=True)
    await deliver(settings, rounds=1)
    waiting = await door(settings, appointment)
    assert waiting is not None
    assert (waiting.phase, waiting.link) == ("waiting", "")
    fault("video", "none")
    await deliver(settings)
    opened = await door(settings, appointment)
    assert opened is not None
    assert (opened.phase, await get(opened.link)) == ("open", 200)
    (room,) = rows_of(settings, "select video_room::text as told from video_room")
    assert opened.link.rpartition("/")[2] not in room["told"]
    assert [one["own_status"] for one in arrived(settings, "video", appointment, "POST")].count(201) == 1
    change(settings, "update appointment set status = 'cancelled' where id = %s", appointment)
    await tell(settings, appointment, tell_cancelled)
    await deliver(settings)
    assert (await door(settings, appointment), await get(opened.link)) == (None, 410)


async def test_a_video_room_before_its_time(settings: Settings) -> None:
    """Days before the visit the resident has no link, only the time at which it comes: 15 minutes before."""
    appointment = booked(settings, "doctor-video")
    await tell(settings, appointment, tell_booked)
    early = [await door(settings, appointment)]
    await deliver(settings)
    early.append(await door(settings, appointment))
    assert [(one.phase, one.link, one.minutes_before) for one in early if one] == [("early", "", 15)] * 2


async def test_a_visit_cancelled_before_its_room_was_there(settings: Settings) -> None:
    """Cancelled before anybody tried to open its room: no room is opened any more."""
    appointment = booked(settings, "doctor-video")
    await tell(settings, appointment, tell_booked)
    await cancel(settings, appointment)
    await deliver(settings)
    states = [delivery_of(settings, appointment, kind)["state"] for kind in ("video_room", "video_room_close")]
    assert states == ["dropped", "dropped"]
    assert arrived(settings, "video", appointment) == []


async def test_a_room_that_nobody_knew_of(settings: Settings, fault: Fault) -> None:
    """The room was opened and its answer lost, then the visit cancelled: the room is found by its key and closed."""
    fault("video", "drop", carried_out=True)
    appointment = booked(settings, "doctor-video")
    await tell(settings, appointment, tell_booked)
    await deliver(settings, rounds=1)
    await cancel(settings, appointment)
    fault("video", "none")
    await deliver(settings)
    states = [delivery_of(settings, appointment, kind)["state"] for kind in ("video_room", "video_room_close")]
    assert states == ["dropped", "done"]
    room = delivery_of(settings, appointment, "video_room_close")["receiver_id"]
    assert arrived(settings, "video", room, "DELETE")


async def contact(settings: Settings, viewer: Viewer | None, topic: str, run: uuid.UUID | None = None) -> Case:
    """A contact request, with the answers of a run where there is one."""
    async with carrier(settings) as ours:
        return await send_request(ours, viewer, topic, run)


async def in_registers(settings: Settings, case: uuid.UUID) -> list[bool]:
    """Whether the patient register and the social register know the case."""
    async with carrier(settings) as ours:
        records = ours.ports.records
        found = [await records.case_status(one, str(case)) for one in (PatientRegister(), SocialRegister())]
    return [one is not None for one in found]


def result_id_of(settings: Settings, run: uuid.UUID) -> uuid.UUID:
    """By what the record systems know the answers of a run as they stand now."""
    (row,) = rows_of(settings, "select finished_at from assessment_run where id = %s", run)
    return result_id(AssessmentRun(id=run, finished_at=row["finished_at"]))


async def test_a_case_and_its_answers(settings: Settings, fault: Fault) -> None:
    """A matter of health goes to the patient register only, its answers after it, also when the system was away."""
    viewer = signed_in(settings)
    async with carrier(settings) as ours:
        run = await finished_run(ours, viewer)
    fault(RECORDS, "error")
    case = await contact(settings, viewer, "health", run)
    await deliver(settings, rounds=1)
    assert delivery_of(settings, case.id, "case_initiation")["state"] == "waiting"
    assert delivery_of(settings, run, "response_document")["attempts"] == 0
    fault(RECORDS, "none")
    await deliver(settings)
    sent = [delivery_of(settings, case.id, "case_initiation"), delivery_of(settings, run, "response_document")]
    assert [one["state"] for one in sent] == ["done", "done"]
    assert sent[0]["settled_at"] < sent[1]["settled_at"]
    assert await in_registers(settings, case.id) == [True, False]
    posted = arrived(settings, RECORDS, case.id, "POST")
    (document,) = [one for one in posted if one["path"].startswith("/records/patient/DocumentReference")]
    assert str(result_id_of(settings, run)) in document["request"]["body"]


async def test_a_social_case(settings: Settings) -> None:
    """A matter of social welfare goes to the social register, and the patient register never hears of it."""
    case = await contact(settings, signed_in(settings), "social")
    await deliver(settings)
    assert delivery_of(settings, case.id, "case_initiation")["state"] == "done"
    assert await in_registers(settings, case.id) == [False, True]
    assert {one["path"].split("?")[0] for one in arrived(settings, RECORDS, case.id, "POST")} == {
        "/records/social/Task"
    }


async def test_a_case_whose_answer_was_lost(settings: Settings, fault: Fault) -> None:
    """The record system has the case though its answer was lost: sent again, it is the same one."""
    fault(RECORDS, "drop", carried_out=True)
    case = await contact(settings, signed_in(settings), "health")
    await deliver(settings, rounds=2)
    assert delivery_of(settings, case.id, "case_initiation")["state"] == "waiting"
    fault(RECORDS, "none")
    await deliver(settings)
    found = delivery_of(settings, case.id, "case_initiation")
    sent = arrived(settings, RECORDS, case.id, "POST")
    assert found["state"] == "done"
    assert len(sent) > 1
    assert [one["own_status"] for one in sent].count(201) == 1
    assert found["receiver_id"] in sent[-1]["answer"]["body"]


async def test_an_anonymous_wish_makes_nobody_a_client(settings: Settings) -> None:
    """A contact request of somebody who did not sign in is in our queue and in no record system."""
    case = await contact(settings, None, "health")
    await deliver(settings)
    assert rows_of(settings, "select 1 from delivery") == []
    assert arrived(settings, RECORDS, case.id) == []
    assert await in_registers(settings, case.id) == [False, False]
