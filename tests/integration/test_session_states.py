"""Sessions as a state machine on real rows: whatever is done in whatever order, what must never happen doesn't."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import Database
from app.domain.clock import Clock
from app.integrations.suomifi.identification.port import LoggedOut
from app.models import BrowserSession, Person
from app.models.context import Context, enter
from app.services.identity.anonymous_work import take_over_anonymous_work
from app.services.identity.sessions import (
    IDLE,
    LONGEST,
    AtProvider,
    SessionGone,
    Viewer,
    end_session,
    find_viewer,
    renew_session,
    start_session,
)
from app.services.identity.sign_in import end_sessions
from app.settings import Settings
from app.web.tokens import hash_secret, new_secret
from tests.tools.world import FIXED_NOW, World

ISSUER = "https://identification.example"
LONG_TIMES = (timedelta(minutes=1), timedelta(minutes=7), timedelta(minutes=14, seconds=59), IDLE, timedelta(hours=4))


@dataclass
class Known:
    """What the test itself believes of a browser's newest session."""

    token: str
    person_id: uuid.UUID | None
    begun: datetime
    seen: datetime
    sid: str | None = None


@dataclass
class Desk:
    """The way to the database of a run: `runner` keeps one loop for all steps."""

    database: Database
    runner: asyncio.Runner = field(default_factory=asyncio.Runner)

    def do(self, work: Callable[[AsyncSession], Awaitable[Any]]) -> Any:
        async def inside() -> Any:
            async with self.database.transaction() as session:
                return await work(session)

        return self.runner.run(inside())


class Sessions(RuleBasedStateMachine):
    """One browser, and everything that can happen to its session."""

    desk: ClassVar[Desk]
    people: ClassVar[list[uuid.UUID]]

    def __init__(self) -> None:
        super().__init__()
        self.now = FIXED_NOW
        self.alive: Known | None = None
        self.dead: list[str] = []
        self.ids: set[uuid.UUID] = set()

    @property
    def clock(self) -> Clock:
        return Clock(self.now)

    def see(self, token: str) -> Viewer | None:
        found: Viewer | None = self.desk.do(lambda session: find_viewer(session, hash_secret(token), self.clock))
        return found

    def expected(self) -> bool:
        """Whether the newest session must be alive now."""
        one = self.alive
        if one is None or one.person_id is None:
            return one is not None
        return self.now - one.seen < IDLE and self.now - one.begun < LONGEST

    def retire(self) -> None:
        if self.alive is not None:
            self.dead.append(self.alive.token)
        self.alive = None

    @precondition(lambda self: self.alive is None)
    @rule()
    def begin_anonymously(self) -> None:
        token = new_secret()
        new = self.desk.do(lambda session: start_session(session, hash_secret(token), self.clock))
        self.alive = Known(token, None, self.now, self.now)
        self.fresh(new.id)

    @rule(who=st.integers(0, 1))
    def sign_in(self, who: int) -> None:
        """Also over a session that runs, and as a step-up."""
        token, sid = new_secret(), new_secret()
        earlier = self.see(self.alive.token) if self.alive else None

        async def work(session: AsyncSession) -> BrowserSession:
            await enter(session, Context("door", actor=self.people[who]))
            person = await session.get_one(Person, self.people[who])
            at = AtProvider(ISSUER, sid, "somebody", b"", assurance="high")
            new = await start_session(session, hash_secret(token), self.clock, person=person, at_provider=at)
            if earlier is not None:
                await take_over_anonymous_work(session, earlier, new, self.clock)
            return new

        new = self.desk.do(work)
        self.retire()
        self.alive = Known(token, self.people[who], self.now, self.now, sid)
        self.fresh(new.id)

    @precondition(lambda self: self.alive is not None and self.alive.person_id is not None)
    @rule()
    def switch(self) -> None:
        """Begin or stop acting for another."""
        viewer = self.see(self.alive.token) if self.alive else None
        if viewer is None or self.alive is None:
            return
        before, token = self.alive, new_secret()

        async def work(session: AsyncSession) -> BrowserSession:
            await find_viewer(session, hash_secret(before.token), self.clock)
            return await renew_session(session, viewer.session_id, hash_secret(token), self.clock)

        new = self.desk.do(work)
        assert new.created_at == before.begun  # the sign-in's moment never moves
        self.retire()
        self.alive = Known(token, before.person_id, before.begun, self.now, before.sid)
        self.fresh(new.id)

    @precondition(lambda self: self.alive is not None)
    @rule()
    def come_again(self) -> None:
        """A page, or one click to go on."""
        assert self.alive is not None
        must = self.expected()
        viewer = self.see(self.alive.token)
        assert (viewer is not None) == must
        if viewer is not None and self.now - self.alive.seen >= timedelta(minutes=1):
            self.alive.seen = self.now
        if not must:
            self.retire()

    @rule(length=st.sampled_from(LONG_TIMES))
    def time_passes(self, length: timedelta) -> None:
        self.now += length

    @precondition(lambda self: self.alive is not None)
    @rule()
    def sign_out(self) -> None:
        assert self.alive is not None
        viewer = self.see(self.alive.token)
        if viewer is not None:

            async def work(session: AsyncSession) -> None:
                await enter(session, Context("door"))
                await end_session(session, viewer.session_id, self.clock)

            self.desk.do(work)
        self.retire()

    @precondition(lambda self: self.alive is not None and self.alive.sid is not None)
    @rule()
    def provider_signs_out(self) -> None:
        assert self.alive is not None
        told = LoggedOut(ISSUER, self.alive.sid, None, uuid.uuid4().hex)

        async def work(session: AsyncSession) -> int:
            await enter(session, Context("door"))
            return await end_sessions(session, told)

        assert self.desk.do(work) == 1
        self.retire()

    @invariant()
    def the_dead_stay_dead(self) -> None:
        """A cookie opens nothing once its session has ended, however much or little time has passed."""
        for token in self.dead[-3:]:
            assert self.see(token) is None

    @invariant()
    def nobody_becomes_somebody(self) -> None:
        """A session is its person's from the first moment; an anonymous one never becomes anybody's."""
        if self.alive is None:
            return
        query = "select person_id, created_at from browser_session where token_hash = :token"
        row = self.desk.do(lambda session: _row(session, query, self.alive.token if self.alive else ""))
        assert row == (self.alive.person_id, self.alive.begun)

    def fresh(self, session_id: uuid.UUID) -> None:
        assert session_id not in self.ids
        self.ids.add(session_id)


async def _row(session: AsyncSession, query: str, token: str) -> tuple[Any, ...]:
    await enter(session, Context("door", token=hash_secret(token)))
    return tuple((await session.execute(text(query), {"token": hash_secret(token)})).one())


@pytest.fixture
def desk(world: World) -> Iterator[Desk]:
    with world.database() as name:
        chosen: Settings = world.settings(name)
        made = Desk(Database.for_web(chosen))
        yield made
        made.runner.run(made.database.close())
        made.runner.close()


def test_sessions_whatever_happens(desk: Desk, world: World) -> None:
    """No token works after its session's end, no id comes twice, nothing outlives 12 hours, and nobody who is anonymous
    becomes a person without a new token."""

    async def two(session: AsyncSession) -> list[uuid.UUID]:
        await enter(session, Context("door"))
        ids = []
        for name in ("Yksi", "Kaksi"):
            person = Person(id=uuid.uuid4(), given_name=name, family_name="Testi", language="fi")
            await enter(session, Context("door", actor=person.id))
            session.add(person)
            await session.flush()
            ids.append(person.id)
        return ids

    Sessions.desk, Sessions.people = desk, desk.do(two)
    limits = settings(max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Sessions, settings=limits)


async def signed_in(database: Database, clock: Clock) -> tuple[str, uuid.UUID]:
    """The cookie and the person of a new session."""
    token = new_secret()
    async with database.transaction() as session:
        person = Person(id=uuid.uuid4(), given_name="Yksi", family_name="Testi", language="fi")
        await enter(session, Context("door", actor=person.id))
        session.add(person)
        await session.flush()
        at = AtProvider(ISSUER, new_secret(), "somebody", b"", assurance="high")
        await start_session(session, hash_secret(token), clock, person=person, at_provider=at)
        return token, person.id


async def alive_of(database: Database, person_id: uuid.UUID) -> int:
    async with database.transaction() as session:
        await enter(session, Context("door"))
        query = "select count(*) from browser_session where person_id = :person and ended_at is null"
        return int((await session.execute(text(query), {"person": person_id})).scalar_one())


def test_two_switches_at_once(desk: Desk) -> None:
    """Of two tabs that change for whom one acts at the same time one is refused: a single session is left."""
    clock = Clock(FIXED_NOW)

    async def switch(token: str, met: asyncio.Barrier) -> bool:
        try:
            async with desk.database.transaction() as session:
                viewer = await find_viewer(session, hash_secret(token), clock)
                assert viewer is not None
                await met.wait()
                await renew_session(session, viewer.session_id, hash_secret(new_secret()), clock)
        except SessionGone:
            return False
        return True

    async def both() -> None:
        token, person_id = await signed_in(desk.database, clock)
        met = asyncio.Barrier(2)
        done = await asyncio.gather(switch(token, met), switch(token, met))
        assert sorted(done) == [False, True]
        assert await alive_of(desk.database, person_id) == 1

    desk.runner.run(both())


@pytest.mark.parametrize("first", ["end", "renew"])
def test_ending_and_switching_meet(desk: Desk, first: str) -> None:
    """A session that was ended elsewhere is not brought back by a switch, nor does a switch save it from its end."""
    clock = Clock(FIXED_NOW)

    async def meet() -> None:
        token, person_id = await signed_in(desk.database, clock)
        async with desk.database.transaction() as here, desk.database.transaction() as there:
            viewer = await find_viewer(here, hash_secret(token), clock)
            assert await find_viewer(there, hash_secret(token), clock) == viewer
            assert viewer is not None
            if first == "end":
                await end_session(there, viewer.session_id, clock)
                await there.commit()
                with pytest.raises(SessionGone):
                    await renew_session(here, viewer.session_id, hash_secret(new_secret()), clock)
            else:
                await renew_session(here, viewer.session_id, hash_secret(new_secret()), clock)
                await here.commit()
                await end_session(there, viewer.session_id, clock)
        assert await alive_of(desk.database, person_id) == 0

    desk.runner.run(meet())
