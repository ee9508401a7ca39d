"""How each kind of delivery comes to be wanted. A kind without a want fails the matrix."""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
from sqlalchemy import delete

from app.models import AssessmentRun, Delivery
from app.services.booking.external import cancel_booking, request_booking
from app.services.deliveries.carry_out import carry_out
from app.services.deliveries.kind import Carrier
from app.services.deliveries.queue import want_delivery
from app.services.health_record.consent import keep_consent, withdraw_consent
from app.services.health_record.save import save_run_to_health_record
from app.services.reaching.contact_points import keep_contact, send_code
from app.services.reaching.notification_choices import own_choices, save_choices
from app.services.viewer import Viewer
from app.settings import Settings
from tests.tools.cases import finished_run, send_request, sent_form, signed_in
from tests.tools.deliveries import booked_appointment, change, delivery_of, rows_of, want_notice
from tests.tools.document import Document

AILI = "080345-906D"
Want = Callable[[Settings, Carrier], Awaitable[uuid.UUID]]


async def wanted(ours: Carrier, system: str, kind: str, about_id: uuid.UUID) -> uuid.UUID:
    async with ours.transactions() as session:
        await want_delivery(session, system, kind, about_id)
    return about_id


async def notice(settings: Settings, ours: Carrier) -> uuid.UUID:
    async with ours.transactions() as session:
        return await want_notice(session, booked_appointment(settings))


async def notice_sms(settings: Settings, ours: Carrier) -> uuid.UUID:
    return await wanted(ours, "sms", "notice_sms", await notice(settings, ours))


async def verification_code(settings: Settings, ours: Carrier) -> uuid.UUID:
    viewer = signed_in(settings)
    async with ours.transactions() as session:
        point = await keep_contact(session, viewer, "phone", "+358401234567")
        await session.execute(delete(Delivery).where(Delivery.about_id == point.id))  # one a test is what is looked at
        await send_code(session, viewer, "phone", ours.vault)
        return point.id


async def verification_email(settings: Settings, ours: Carrier) -> uuid.UUID:
    await ours.ports.email.probe()  # type: ignore[attr-defined]  # the account is known: the fault hits the sending
    viewer = signed_in(settings)
    async with ours.transactions() as session:
        point = await keep_contact(session, viewer, "email", "aili@example.fi")
        await session.execute(delete(Delivery).where(Delivery.about_id == point.id))
        await send_code(session, viewer, "email", ours.vault)
        return point.id


async def notice_email(settings: Settings, ours: Carrier) -> uuid.UUID:
    await ours.ports.email.probe()  # type: ignore[attr-defined]
    viewer = signed_in(settings)
    async with ours.transactions() as session:
        point = await keep_contact(session, viewer, "email", "aili@example.fi")
        point.verified_at = datetime.now(UTC)
        await save_choices(session, viewer, replace(await own_choices(session, viewer), email=True))
    return await wanted(ours, "email", "notice_email", await notice(settings, ours))


async def appointment_register(settings: Settings, ours: Carrier) -> uuid.UUID:
    made = booked_appointment(settings)
    return await wanted(ours, "kanta-appointments", "appointment_register", made.id)


async def appointment_cancel(settings: Settings, ours: Carrier) -> uuid.UUID:
    made = await appointment_register(settings, ours)
    assert await carry_out(ours, delivery_of(settings, made, "appointment_register")["id"]) == "done"
    change(settings, "update appointment set status = 'cancelled' where id = %s", made)
    return await wanted(ours, "kanta-appointments", "appointment_cancel", made)


async def video_room(settings: Settings, ours: Carrier) -> uuid.UUID:
    made = booked_appointment(settings)
    return await wanted(ours, "video", "video_room", made.id)


async def video_room_close(settings: Settings, ours: Carrier) -> uuid.UUID:
    made = await video_room(settings, ours)
    assert await carry_out(ours, delivery_of(settings, made, "video_room")["id"]) == "done"
    return await wanted(ours, "video", "video_room_close", made)


async def case_initiation(settings: Settings, ours: Carrier) -> uuid.UUID:
    return (await send_request(ours, signed_in(settings))).id


async def response_document(settings: Settings, ours: Carrier) -> uuid.UUID:
    viewer = signed_in(settings)
    run = await finished_run(ours, viewer)
    case = await send_request(ours, viewer, run=run)
    assert await carry_out(ours, delivery_of(settings, case.id, "case_initiation")["id"]) == "done"
    return run


async def form_document(settings: Settings, ours: Carrier) -> uuid.UUID:
    response, case = await sent_form(ours, signed_in(settings))
    assert await carry_out(ours, delivery_of(settings, case.id, "case_initiation")["id"]) == "done"
    return response


async def assessment_task(settings: Settings, ours: Carrier) -> uuid.UUID:
    viewer = signed_in(settings)
    run = await finished_run(ours, viewer)
    await send_request(ours, viewer, run=run)
    return run


async def consented(settings: Settings, ours: Carrier, viewer: Viewer) -> None:
    """Aili's consent, given at Kanta's page; nothing else of hers waits."""
    change(settings, "update health_record_consent set ended_at = now(), ended_by = 'resident' where ended_at is null")
    change(settings, "update delivery set state = 'dropped' where kind = 'health_record' and state <> 'done'")
    phr = ours.ports.phr
    request = await phr.begin_consent(f"{settings.public_url}/health-record/callback", "fi")
    async with httpx.AsyncClient() as browser:
        page = await browser.get(request.url, follow_redirects=True)
        form = next(form for form in Document(page.text).forms() if form.action.startswith("?"))
        _, name, value = form.buttons[0]
        data = {**dict(form.values), "person": "aili", **({name: value} if name else {})}
        back = (await browser.post(urljoin(str(page.url), form.action), data=data)).headers["location"]
    query = {key: values[0] for key, values in parse_qs(urlsplit(back).query).items()}
    grant = await phr.finish_consent(request.pending, query)
    async with ours.transactions() as session:
        await keep_consent(session, viewer, grant, AILI, ours.vault)


async def health_record(settings: Settings, ours: Carrier) -> uuid.UUID:
    viewer = signed_in(settings)
    run_id = await finished_run(ours, viewer)
    await consented(settings, ours, viewer)
    async with ours.transactions() as session:
        await save_run_to_health_record(session, viewer, await session.get_one(AssessmentRun, run_id))
    return run_id


async def health_record_withdrawal(settings: Settings, ours: Carrier) -> uuid.UUID:
    viewer = signed_in(settings)
    await consented(settings, ours, viewer)
    async with ours.transactions() as session:
        await withdraw_consent(session, viewer)
    query = "select id from health_record_consent where person_id = %s order by given_at desc, ended_at desc limit 1"
    consent: uuid.UUID = rows_of(settings, query, viewer.person_id)[0]["id"]
    return consent


async def external_booking(settings: Settings, ours: Carrier) -> uuid.UUID:
    soon = datetime.now(UTC) + timedelta(days=1)
    slots = await ours.ports.booking.free_slots("nurse-visit", soon, soon + timedelta(days=20))
    async with ours.transactions() as session:
        return (await request_booking(session, signed_in(settings), slots[0])).about_id


async def external_booking_cancel(settings: Settings, ours: Carrier) -> uuid.UUID:
    booking = await external_booking(settings, ours)
    assert await carry_out(ours, delivery_of(settings, booking, "external_booking")["id"]) == "done"
    async with ours.transactions() as session:
        assert await cancel_booking(session, signed_in(settings), booking) is not None
    return booking


WANTS: Mapping[str, Want] = {
    want.__name__: want
    for want in (
        notice,
        notice_sms,
        verification_code,
        notice_email,
        verification_email,
        appointment_register,
        appointment_cancel,
        video_room,
        video_room_close,
        case_initiation,
        response_document,
        form_document,
        assessment_task,
        health_record,
        health_record_withdrawal,
        external_booking,
        external_booking_cancel,
    )
}
