"""What a process keeps of where drafts stand is never out of date."""

import json
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import Database
from app.domain.forms.answers import Address
from app.domain.forms.computing.compute import compute
from app.domain.forms.state import Known, State
from app.models.context import enter
from app.services.forms.drafts import Filling, open_draft, save_answers, start_draft
from app.services.forms.library import current_version
from app.services.forms.standing import Kept, Shelf
from app.services.viewer import Viewer, context_for
from app.settings import Settings
from tests.tools.desk import change
from tests.tools.forms import answers, form, item
from tests.tools.people import sign_in_many
from tests.tools.small_forms import publish, question
from tests.tools.world import FIXED_NOW, World

CALCULATED = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"
NAME = Address("name")


class Stop(Exception):
    """Something goes wrong before the work is committed."""


def calculated(link_id: str, expression: str, kind: str = "string") -> dict[str, Any]:
    value = {"language": "text/fhirpath", "expression": expression}
    return question(link_id, kind, extension=[{"url": CALCULATED, "valueExpression": value}])


@dataclass(frozen=True)
class Writer:
    """A resident with a draft of a form that knows their family name and the day."""

    settings: Settings
    viewer: Viewer
    draft: uuid.UUID | None = None

    @asynccontextmanager
    async def session(self, *, days: int = 0) -> AsyncIterator[AsyncSession]:
        """A request's transaction, so many days later."""
        moment = FIXED_NOW + timedelta(days=days)
        database = Database.for_web(self.settings.model_copy(update={"fixed_now": moment}))
        try:
            async with database.transaction() as session:
                await enter(session, context_for(self.viewer))
                yield session
        finally:
            await database.close()

    async def opened(self, session: AsyncSession, *, change: bool = False) -> Filling:
        assert self.draft is not None
        return await open_draft(session, self.viewer, self.draft, change=change)

    async def state(self, *, days: int = 0) -> State:
        """Where the form stands, as the next request sees it."""
        async with self.session(days=days) as session:
            return (await self.opened(session)).state

    async def write(self, name: str, *, fail: bool = False) -> None:
        async with self.session() as session:
            await save_answers(session, await self.opened(session, change=True), {NAME: (name,)})
            if fail:
                raise Stop


@pytest.fixture(scope="module")
def settings(world: World) -> Iterator[Settings]:
    """A window's settings on a database of these tests' own."""
    with world.database() as name:
        yield world.settings(name)


@pytest.fixture
async def writer(settings: Settings) -> Writer:
    """Somebody who has answered the only question with ”first”."""
    (one,) = sign_in_many(settings, 1)
    family = calculated("family", "%patient.name.family")
    code, _form = publish(settings, question("name"), family, calculated("day", "today()", "date"))
    someone = Writer(settings, Viewer(one.session_id, one.person_id))
    async with someone.session() as session:
        begun = await start_draft(session, someone.viewer, await current_version(session, code), "fi")
    someone = Writer(settings, someone.viewer, begun.id)
    await someone.write("first")
    return someone


def said(state: State, link_id: str = "name") -> list[Any]:
    return list(state.answers.of(Address(link_id)))


async def test_what_was_worked_out_is_taken(writer: Writer) -> None:
    """The next request does not work out again what the last one has: the very same state serves both."""
    assert await writer.state() is await writer.state()


async def test_another_process_writes(writer: Writer) -> None:
    """What somebody else writes to the draft is seen at once, also where they have forgotten to name it anew."""
    assert said(await writer.state()) == ["first"]
    given = json.dumps({"values": [["name", [], [{"valueString": "theirs"}]]], "counts": []})
    change(writer.settings, "update form_response set answers = %s, memo = '[]' where id = %s", given, writer.draft)
    assert said(await writer.state()) == ["theirs"]


async def test_what_was_rolled_back_is_never_seen(writer: Writer) -> None:
    """An answer whose saving failed is not shown as if it were kept."""
    with pytest.raises(Stop):
        await writer.write("lost", fail=True)
    assert said(await writer.state()) == ["first"]


async def test_the_next_writing_goes_on_from_the_last(writer: Writer) -> None:
    """Each writing is kept under a name of its own: the second is seen, not the first."""
    await writer.write("second")
    assert said(await writer.state()) == ["second"]


async def test_the_person_changes(writer: Writer) -> None:
    """A family name that has changed meanwhile comes into what was calculated from it."""
    (before,) = said(await writer.state(), "family")
    change(writer.settings, "update person set family_name = 'Uusi' where id = %s", writer.viewer.person_id)
    assert (before, said(await writer.state(), "family")) == ("Henkilö0", ["Uusi"])


async def test_the_day_changes(writer: Writer) -> None:
    """What was calculated from the day is calculated anew on the next one."""
    assert [said(await writer.state(days=days), "day") for days in (0, 1)] == [["2026-11-24"], ["2026-11-25"]]


def test_the_least_used_make_room() -> None:
    """A process keeps so much and no more: what was looked at longest ago goes first."""
    of = form(item("a"), item("b"))
    computed = compute(of, answers(), Known(FIXED_NOW))
    shelf, names = Shelf(most=6), [uuid.uuid4() for _ in range(4)]
    for name in names[:3]:
        shelf.put(name, Kept(computed, {}, None))
    shelf.find(names[0])
    shelf.put(names[3], Kept(computed, {}, None))
    assert [shelf.find(name) is not None for name in names] == [True, False, True, True]
    shelf.drop(names[0])
    assert shelf.find(names[0]) is None
