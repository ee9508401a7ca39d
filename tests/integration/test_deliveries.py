"""Writes to outside systems: wanted with the change they report, sent once, waiting patiently, never forgotten."""

import asyncio
import json
import uuid
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from cryptography.fernet import InvalidToken

from app.database import Database
from app.domain.waits import WAITS
from app.integrations.booking.port import BookingInvalid
from app.integrations.http import Rejected, Unavailable
from app.integrations.suomifi.messages.port import OutgoingNotice
from app.services.deliveries.all_kinds import KINDS as KINDS_BY_NAME
from app.services.deliveries.carry_out import carry_out
from app.services.deliveries.deliver_notice import NoticeToMailbox
from app.services.deliveries.kind import Carrier, Receipt
from app.services.deliveries.operate import hold_back, let_go, send_again, settle_by_hand
from app.services.deliveries.queue import take_up, wake_due
from app.services.viewer import Viewer
from app.settings import Settings
from tests.tools.attacker import sign_in_staff
from tests.tools.deliveries import (
    booked_appointment,
    carrier,
    change,
    delivery_of,
    hurry,
    rows_of,
    want_notice,
)
from tests.tools.world import World, work_off

MESSAGES = "suomifi-messages"


@pytest.fixture
def operator(settings: Settings) -> Viewer:
    """An operator who is signed in."""
    staff = sign_in_staff(settings, ["operator"], [])
    return Viewer(uuid.uuid4(), None, staff.person_id, roles=("operator",))


async def notice(settings: Settings, *, fail: bool = False, person: str = "Aili") -> uuid.UUID:
    """A notice and its delivery in one transaction, which `fail` rolls back."""
    database = Database.for_worker(settings)
    try:
        async with database.transaction() as session:
            notice_id = await want_notice(session, booked_appointment(settings, person))
            if fail:
                raise RuntimeError("the change fails")
    finally:
        await database.close()
    return notice_id


def jobs_waiting(settings: Settings) -> int:
    query = "select count(*) from jobs.procrastinate_jobs where task_name = 'deliver' and status = 'todo'"
    return int(rows_of(settings, query)[0]["count"])


def sent(world: World, notice_id: uuid.UUID) -> int:
    """How many messages with that key have arrived at Suomi.fi Messages."""
    page = httpx.get(f"{world.simulators.url}/suomifi/messages/").text
    return page.count(f"notice-{notice_id}")


async def test_it_arrives(world: World, settings: Settings) -> None:
    """The worker hands the notice to Suomi.fi Messages and keeps its number there."""
    one = await notice(settings)
    await work_off(settings)
    found = delivery_of(settings, one)
    assert (found["state"], found["attempts"]) == ("done", 1)
    assert found["receiver_id"].isdecimal()
    assert sent(world, one) == 1


async def test_no_change_no_delivery(settings: Settings) -> None:
    """When the change is rolled back, delivery and job are gone with it."""
    with pytest.raises(RuntimeError):
        await notice(settings, fail=True)
    assert jobs_waiting(settings) == 0
    assert rows_of(settings, "select 1 from delivery") == []


@pytest.mark.parametrize("mode", ["error", "refuse", "drop", "malformed"])
async def test_it_waits_while_the_receiver_is_away(
    world: World, settings: Settings, fault: Callable[..., None], mode: str
) -> None:
    """Whatever the receiver does, the notice waits with a next time and a reason; after recovery it arrives, once."""
    fault(MESSAGES, mode)
    one = await notice(settings)
    await work_off(settings)
    found = delivery_of(settings, one)
    assert found["state"] == "waiting"
    assert found["reason"]
    assert found["next_at"] > found["created_at"]
    assert jobs_waiting(settings) == 1
    fault(MESSAGES, "none")
    await asyncio.sleep(WAITS[0] + 0.5)
    await work_off(settings)
    assert delivery_of(settings, one)["state"] == "done"
    assert sent(world, one) == 1


async def test_an_answer_that_was_lost(world: World, settings: Settings, fault: Callable[..., None]) -> None:
    """The message arrived but its answer was broken: the repeat is recognised by its key and becomes no second one."""
    before, one = await notice(settings), await notice(settings)
    async with carrier(settings) as ours:
        await carry_out(ours, delivery_of(settings, before)["id"])  # has fetched the access token
        fault(MESSAGES, "malformed")
        assert await carry_out(ours, delivery_of(settings, one)["id"]) == "waiting"
        assert sent(world, one) == 1
        fault(MESSAGES, "none")
        change(settings, "update delivery set next_at = now() where state = 'waiting'")
        assert await carry_out(ours, delivery_of(settings, one)["id"]) == "done"
    assert sent(world, one) == 1


async def test_two_workers_at_one_delivery(world: World, settings: Settings) -> None:
    """While one worker is at a delivery another one lets it be; without the lease both would send it."""
    one = await notice(settings)
    delivery_id = delivery_of(settings, one)["id"]
    async with carrier(settings) as ours:
        async with ours.transactions() as first:
            assert await take_up(first, delivery_id) is not None
        assert await carry_out(ours, delivery_id) == ""
        # The control: a lease that is over at once. Both send, and only the key keeps it one message.
        change(settings, "update delivery set lease_until = null")
        async with ours.transactions() as first:
            taken = await take_up(first, delivery_id, timedelta(0))
            assert taken is not None
            prepared = await NoticeToMailbox().prepare(first, taken, ours.vault)
            assert prepared is not None
        assert await carry_out(ours, delivery_id) == "done"
        await NoticeToMailbox().send(ours, prepared)
    assert sent(world, one) == 1


async def test_a_lost_job(settings: Settings) -> None:
    """A delivery whose job has vanished is found by housekeeping and woken."""
    one = await notice(settings)
    change(settings, "delete from jobs.procrastinate_jobs")
    await work_off(settings)
    assert delivery_of(settings, one)["state"] == "waiting"
    database = Database.for_worker(settings)
    async with database.transaction() as session:
        assert await wake_due(session, timedelta(0)) == 1
    await database.close()
    await work_off(settings)
    assert delivery_of(settings, one)["state"] == "done"


async def test_a_long_queue_is_not_doubled(settings: Settings) -> None:
    """A delivery whose job still waits in a long queue is not woken again and again."""
    await notice(settings)
    change(settings, "update delivery set next_at = now() - interval '1 hour'")
    database = Database.for_worker(settings)
    async with database.transaction() as session:
        assert await wake_due(session, timedelta(0)) == 0
    await database.close()
    assert jobs_waiting(settings) == 1


async def test_a_worker_that_died(settings: Settings) -> None:
    """A delivery that a dead worker had taken up is left alone until its lease is over, then taken up again."""
    one = await notice(settings)
    change(settings, "update delivery set state = 'sending', lease_until = now() + interval '1 hour'")
    await work_off(settings)
    assert delivery_of(settings, one)["state"] == "sending"
    change(settings, "update delivery set lease_until = now() - interval '1 second'")
    async with carrier(settings) as ours:
        assert await carry_out(ours, delivery_of(settings, one)["id"]) == "done"


async def test_one_lane_keeps_its_order(settings: Settings, fault: Callable[..., None]) -> None:
    """What belongs together goes out in its order: the second waits while the first can't go, and follows by itself."""
    fault(MESSAGES, "error")
    first, second = await notice(settings), await notice(settings)
    change(settings, "update delivery set lane = %s", first)
    await work_off(settings)
    assert delivery_of(settings, first)["attempts"] == 1
    assert delivery_of(settings, second)["attempts"] == 0
    fault(MESSAGES, "none")
    await hurry(settings)
    settled = [delivery_of(settings, one)["settled_at"] for one in (first, second)]
    assert None not in settled
    assert settled == sorted(settled)


async def test_days_of_patience_then_an_operator(
    settings: Settings, fault: Callable[..., None], operator: Viewer
) -> None:
    """Together the waits are at least three days; then the delivery is an operator's, who can send it again."""
    assert sum(WAITS) >= 3 * 24 * 3600
    fault(MESSAGES, "error")
    one = await notice(settings)
    change(settings, "update delivery set attempts = %s", len(WAITS))
    await work_off(settings)
    found = delivery_of(settings, one)
    assert found["state"] == "given_up"
    fault(MESSAGES, "none")
    database = Database.for_worker(settings)
    async with database.transaction() as session:
        await send_again(session, operator, found["id"])
    await database.close()
    await work_off(settings)
    assert delivery_of(settings, one)["state"] == "done"
    actions = [
        row["action"] for row in rows_of(settings, "select action from audit_event where target_kind = 'delivery'")
    ]
    assert actions == ["send_again"]


async def test_a_queue_held_back(settings: Settings, operator: Viewer) -> None:
    """What is written to a system that is held back waits without being tried, and goes out when it is let go."""
    database = Database.for_worker(settings)
    async with database.transaction() as session:
        await hold_back(session, operator, "suomifi-messages", "they move to a new address")
    one = await notice(settings)
    await work_off(settings)
    assert delivery_of(settings, one)["attempts"] == 0
    async with database.transaction() as session:
        assert await wake_due(session, timedelta(0)) == 0
        await let_go(session, operator, "suomifi-messages")
    await database.close()
    await work_off(settings)
    assert delivery_of(settings, one)["state"] == "done"


async def test_settled_by_hand(world: World, settings: Settings, operator: Viewer) -> None:
    """What an operator has settled is never sent, and who settled it and why is kept."""
    one = await notice(settings)
    database = Database.for_worker(settings)
    async with database.transaction() as session:
        await settle_by_hand(session, operator, delivery_of(settings, one)["id"], "told by phone")
    await database.close()
    await work_off(settings)
    found = delivery_of(settings, one)
    assert (found["state"], found["reason"], found["settled_by"]) == ("dropped", "told by phone", operator.staff_id)
    assert sent(world, one) == 0


async def test_a_lane_that_waits_starves_nobody(settings: Settings, fault: Callable[..., None]) -> None:
    """Housekeeping wakes only what could go: what stands behind another one of its lane takes nobody's turn."""
    first, second = await notice(settings), await notice(settings)
    change(settings, "update delivery set lane = %s", first)
    fault(MESSAGES, "error")
    await work_off(settings)
    change(settings, "delete from jobs.procrastinate_jobs")
    database = Database.for_worker(settings)
    async with database.transaction() as session:
        assert await wake_due(session, timedelta(0)) == 0
    await database.close()
    assert delivery_of(settings, second)["attempts"] == 0


async def test_a_worker_that_comes_too_late(settings: Settings) -> None:
    """A worker whose lease ran out while it was sending writes nothing down: whoever took over does."""
    one = await notice(settings)
    delivery_id = delivery_of(settings, one)["id"]

    class Stalling(NoticeToMailbox):
        async def send(self, carrier: Carrier, prepared: OutgoingNotice) -> Receipt:
            change(settings, "update delivery set attempts = attempts + 1, lease_until = now() + interval '1 minute'")
            raise Unavailable("suomifi-messages", "too slow")

    usual, KINDS_BY_NAME["notice"] = KINDS_BY_NAME["notice"], Stalling()
    try:
        async with carrier(settings) as ours:
            assert await carry_out(ours, delivery_id) == "sending"
    finally:
        KINDS_BY_NAME["notice"] = usual
    found = delivery_of(settings, one)
    assert found["lease_until"] is not None
    assert (found["state"], found["reason"]) == ("sending", "")


async def test_a_refusal_with_a_meaning(settings: Settings) -> None:
    """A refusal of what was sent ends the delivery whatever its status; only a plain 401, 403, 404 is our account's."""
    ends = {}
    for refusal in (BookingInvalid("booking", "x", status=403), Rejected("booking", "x", status=403)):
        one = await notice(settings)

        class Refusing(NoticeToMailbox):
            error = refusal

            async def send(self, carrier: Carrier, prepared: OutgoingNotice) -> Receipt:
                raise self.error

        usual, KINDS_BY_NAME["notice"] = KINDS_BY_NAME["notice"], Refusing()
        try:
            async with carrier(settings) as ours:
                ends[type(refusal)] = await carry_out(ours, delivery_of(settings, one)["id"])
        finally:
            KINDS_BY_NAME["notice"] = usual
    assert ends == {BookingInvalid: "refused", Rejected: "waiting"}


async def test_a_fault_of_ours(settings: Settings) -> None:
    """What we trip over ourselves waits too, with its kind of error for operators, and not one word of what it said."""
    one = await notice(settings)
    change(settings, "update person set identity_sealed = 'nonsense' where given_name = 'Aili'")
    async with carrier(settings) as ours:
        with pytest.raises(InvalidToken):
            await carry_out(ours, delivery_of(settings, one)["id"])
    found = delivery_of(settings, one)
    assert (found["state"], found["attempts"]) == ("waiting", 1)
    assert found["reason"] == "a fault of ours: InvalidToken"
    assert found["next_at"] > found["created_at"]


async def test_no_person_in_the_queue(settings: Settings) -> None:
    """A job's arguments are ids only, and a delivery holds no identity code, name or word."""
    await notice(settings)
    (job,) = rows_of(settings, "select args::text from jobs.procrastinate_jobs where task_name = 'deliver'")
    assert set(json.loads(job["args"])) == {"delivery_id"}
    (row,) = rows_of(settings, "select delivery::text as told from delivery")
    assert "080345-906D" not in row["told"]
    assert "Aili" not in row["told"]
