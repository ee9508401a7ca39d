"""Deliveries × everything that their receiver can do wrong: nothing lost, nothing sent blindly twice, all seen."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from app.services.deliveries.all_kinds import KINDS
from app.services.deliveries.carry_out import carry_out
from app.services.deliveries.kind import Carrier
from app.services.systems_overview import system_detail
from app.settings import Settings
from tests.faults.table import MODES, Table
from tests.faults.test_pages import TOKENLESS, fault
from tests.faults.wants import WANTS
from tests.tools.deliveries import carrier, change, delivery_of
from tests.tools.world import World

# What a receiver may do with a request whose answer we never saw.
PERHAPS_CARRIED_OUT = {"slow", "drip", "truncated", "malformed"}


@pytest.fixture(scope="module")
def running(world: World) -> Iterator[Settings]:
    """A window whose clock runs: waiting needs one."""
    with world.database() as name:
        yield world.settings(name, fixed_now=None)


@pytest_asyncio.fixture(loop_scope="session")
async def ours(running: Settings) -> AsyncIterator[Carrier]:
    """What deliveries are carried out with, before any breaker has opened."""
    async with carrier(running) as one:
        yield one


def test_every_kind_has_a_want() -> None:
    """The matrix covers exactly the kinds of deliveries that there are."""
    assert set(WANTS) == set(KINDS)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
async def test_a_delivery_while_its_receiver_misbehaves(
    running: Settings, ours: Carrier, table: Table, kind: object, mode: str
) -> None:
    """Under every fault the delivery stays known and shown with its reason; after recovery it arrives by itself, or a
    person decides where sending again could double it."""
    name, system, once = kind.name, kind.system, kind.once  # type: ignore[attr-defined]
    about_id = await WANTS[name](running, ours)
    delivery_id = delivery_of(running, about_id, name)["id"]
    async with fault(running, system, mode) as possible:
        if not possible:
            table.note(name, system, mode, TOKENLESS)
            return
        state = await carry_out(ours, delivery_id)
        async with ours.transactions() as session:
            shown = {row.id: row for row in (await system_detail(session, system)).deliveries}
    if state == "done":
        assert mode in {"expired", "drip", "malformed"}
        table.note(name, system, mode, "arrives")
        return
    assert shown[delivery_id].reason
    if state == "unknown":
        assert once == "at_most_once"
        assert mode != "refuse"
        table.note(name, system, mode, "a person decides")
        return
    assert state == "waiting"
    change(running, "update delivery set next_at = now() where id = %s", delivery_id)
    await asyncio.sleep(running.breaker_rest_seconds)
    after = await carry_out(ours, delivery_id)
    if name == "health_record" and mode in PERHAPS_CARRIED_OUT:
        # The renewal of the resident's own token may have been carried out and its answer lost: Kanta then ends the
        # consent at the next one. Which of the two it is depends on the moment.
        assert after in {"done", "refused"}
        table.note(name, system, mode, "waits, or consent asked again")
        return
    assert after == "done"
    table.note(name, system, mode, "waits, arrives")
