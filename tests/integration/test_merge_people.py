"""Joining somebody who was registered twice, and a death: nothing is left behind, nothing is lost silently."""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Index, UniqueConstraint, create_engine, select
from sqlalchemy.dialects.postgresql import ExcludeConstraint, Range

from app.database import Database
from app.models import Base, FormerIdentity, Person, PersonMerge
from app.services.identity.carry_out_merge import LEFT_AS_IT_IS, carry_out_merge, columns_of_people
from app.services.identity.merge_conflicts import WAYS_BY_CONSTRAINT
from app.services.identity.settle_death import settle_death
from app.services.identity.vault import IdentityVault
from app.services.reaching.notices import is_still_told
from app.settings import Settings
from tests.tools.deliveries import rows_of
from tests.tools.fill import Filler

TABLES = sorted({column.table.name for column in columns_of_people()} - {"person"})
SOON = datetime.now(UTC) + timedelta(days=3)
NINE = Range(SOON, SOON + timedelta(minutes=30))
QUARTER_PAST = Range(SOON + timedelta(minutes=15), SOON + timedelta(minutes=45))
LATER = Range(SOON + timedelta(hours=5), SOON + timedelta(hours=6))
YEAR = Range(date(2026, 1, 1), date(2027, 1, 1))


class Two:
    """Somebody who is registered twice, with a way to add rows of either; `third` is somebody else."""

    def __init__(self, connection: Connection, vault: IdentityVault) -> None:
        self.connection, self.vault = connection, vault
        self.filler = Filler(connection)
        self.kept, self.merged, self.third = (self._person(name) for name in ("kept", "merged", "third"))
        self.staff = self.filler.add("staff_member")[0]
        self.filler.ties["staff_member"] = self.staff
        self.merge = self.add("person_merge", kept_id=self.kept, merged_id=self.merged)

    def _person(self, name: str) -> uuid.UUID:
        made: uuid.UUID = self.filler.add("person", identity_lookup=self.vault.lookup(name))[0]
        return made

    def add(self, table: str, **known: object) -> Any:
        """A row whose people are `third` where `known` doesn't say otherwise; its key."""
        self.filler.ties["person"] = self.third
        key = self.filler.add(table, **known)
        self.connection.commit()
        return key[0]


@pytest.fixture
def two(settings: Settings) -> Iterator[Two]:
    """The three, in this test's own database."""
    engine = create_engine(settings.worker_database_url, connect_args={"options": "-c search_path=public,jobs"})
    with engine.connect() as connection:
        yield Two(connection, IdentityVault.of(settings))
    engine.dispose()


async def join(settings: Settings, two: Two) -> PersonMerge:
    """The job's work, and the merge after it."""
    database = Database.for_worker(settings)
    async with database.transaction() as session:
        await carry_out_merge(session, two.merge)
    async with database.transaction() as session:
        merge = await session.get_one(PersonMerge, two.merge)
    await database.close()
    return merge


def add_everywhere(two: Two) -> None:
    """A row of the merged person for every column that points to people."""
    for column in columns_of_people():
        for tie in ("browser_session", "case", "appointment"):
            two.filler.ties.pop(tie, None)
        if column.table.name != "person":
            two.add(column.table.name, **{column.name: two.merged})


async def test_nothing_is_left_behind(settings: Settings, two: Two) -> None:
    """Every column of every table that pointed to the merged row points to the kept one, also what comes late."""
    add_everywhere(two)
    earlier = two.add("person", merged_into_id=two.merged)
    merge = await join(settings, two)
    assert (merge.state, merge.set_aside) == ("done", [])
    for column in columns_of_people():
        left = f'select count(*) n from "{column.table.name}" where {column.name} = %s'
        assert rows_of(settings, left, two.merged)[0]["n"] == 0, column
        assert rows_of(settings, left, two.kept)[0]["n"] >= 1, column
    assert rows_of(settings, "select merged_into_id m from person where id = %s", earlier)[0]["m"] == two.kept
    assert {table.name for table in Base.metadata.sorted_tables} >= LEFT_AS_IT_IS
    late = two.add("case", subject_id=two.merged)
    await join(settings, two)
    assert rows_of(settings, 'select subject_id s from "case" where id = %s', late)[0]["s"] == two.kept


async def test_forms_move(settings: Settings, two: Two) -> None:
    """A draft, what was sent and what is asked for go to the kept person; what was sent stays as it was sent."""
    whose = {"subject_id": two.merged, "actor_id": two.merged}
    sent = {"state": "sent", "sent_at": SOON, "response": {"status": "completed"}}
    rows = [two.add("form_response", **whose), two.add("form_response", **whose, **sent), two.add("form_task", **whose)]
    await join(settings, two)
    query = "select subject_id, actor_id from {} where id = %s"
    for table, key in zip(("form_response", "form_response", "form_task"), rows, strict=True):
        (row,) = rows_of(settings, query.format(table), key)
        assert set(row.values()) == {two.kept}
    (row,) = rows_of(settings, "select state, response from form_response where id = %s", rows[1])
    assert row == {"state": "sent", "response": {"status": "completed"}}


async def test_the_code_leads_to_the_kept_person(settings: Settings, two: Two) -> None:
    """The merged row keeps no code; its code is a former one of the kept person; sessions and acting have ended."""
    one = two.add("browser_session", person_id=two.merged)
    two.filler.ties["browser_session"] = two.add("browser_session", person_id=two.third)
    acting = two.add("representation", subject_id=two.merged)
    await join(settings, two)
    database = Database.for_worker(settings)
    async with database.transaction() as session:
        merged, former = await session.get_one(Person, two.merged), await session.scalar(select(FormerIdentity))
    await database.close()
    assert (merged.merged_into_id, merged.identity_lookup, merged.identity_sealed) == (two.kept, None, None)
    assert former
    assert (former.lookup, former.person_id, former.why) == (two.vault.lookup("merged"), two.kept, "merged")
    for table, key in (("browser_session", one), ("representation", acting)):
        (row,) = rows_of(settings, f"select ended_at, ended_why from {table} where id = %s", key)
        assert row["ended_at"]
        assert row["ended_why"] == "merged"


def _constraints() -> set[str]:
    """Every unique or exclusion constraint, and every primary key, that a person's id is a part of."""
    found = set()
    for column in columns_of_people():
        table = column.table
        parts: list[Any] = [*table.constraints, *table.indexes]
        for part in parts:
            unique = isinstance(part, UniqueConstraint | ExcludeConstraint) or (isinstance(part, Index) and part.unique)
            if (unique or part is table.primary_key) and column.name in part.columns:
                found.add(str(part.name or f"pk_{table.name}"))
    return found


def test_every_constraint_has_its_way() -> None:
    """A new table whose rows can collide when two people become one must say what becomes of them."""
    assert _constraints() == set(WAYS_BY_CONSTRAINT)


CONFLICTS: dict[str, tuple[dict[str, object], dict[str, object], str]] = {
    "contact_point": ({"value": "+358401"}, {"value": "+358402"}, "person_id"),
    "notification_choice": ({}, {}, "person_id"),
    "permit": ({"scope": "s"}, {"scope": "s"}, "person_id"),
    "health_record_consent": ({}, {}, "person_id"),
    "care_role": (
        {"role": "supporter", "helper_name": "Tuki", "during": YEAR},
        {"role": "supporter", "helper_name": "Tuki", "during": YEAR},
        "subject_id",
    ),
    "appointment": ({"during": NINE}, {"during": QUARTER_PAST}, "subject_id"),
}


@pytest.mark.parametrize("table", CONFLICTS)
async def test_what_can_not_stand_beside(settings: Settings, two: Two, table: str) -> None:
    """Where both have a row that only one may have, the kept person's stands and the other is told, not lost."""
    ours, theirs, column = CONFLICTS[table]
    two.add(table, **ours, **{column: two.kept})
    two.add(table, **theirs, **{column: two.merged})
    merge = await join(settings, two)
    assert merge.state == "done"
    assert [aside["table"] for aside in merge.set_aside] == [table]
    assert not rows_of(settings, f'select 1 from "{table}" where {column} = %s', two.merged)


@pytest.mark.parametrize("side", ["principal_id", "mandatee_id"])
async def test_two_mandates_at_one_time(settings: Settings, two: Two, side: str) -> None:
    """Of two mandates between the same two one stands; the other is revoked, with the reason that pages show."""
    other = {"principal_id", "mandatee_id"} - {side}
    people = dict.fromkeys(other, two.third)
    stands = two.add("local_mandate", during=YEAR, **people, **{side: two.kept})
    goes = two.add("local_mandate", during=YEAR, **people, **{side: two.merged})
    merge = await join(settings, two)
    assert [aside["id"] for aside in merge.set_aside] == [str(goes)]
    rows = {row["id"]: row["revoke_reason"] for row in rows_of(settings, "select id, revoke_reason from local_mandate")}
    assert rows == {stands: rows[stands], goes: "merged"}
    assert rows[stands] != "merged"


async def test_a_confirmed_number_wins(settings: Settings, two: Two) -> None:
    """A number that the person has confirmed is kept before one that they have not; the other's value is told."""
    two.add("contact_point", person_id=two.kept, value="+358401")
    two.add("contact_point", person_id=two.merged, value="+358402", verified_at=datetime.now(UTC))
    merge = await join(settings, two)
    (row,) = rows_of(settings, "select person_id, value from contact_point")
    assert (row["person_id"], row["value"]) == (two.kept, "+358402")
    assert merge.set_aside[0]["value"] == "+358401"


async def test_both_times_stand(settings: Settings, two: Two) -> None:
    """Of two booked times that overlap none is cancelled: the unit has the later row in its queue. Holds are let go."""
    two.add("appointment", subject_id=two.kept, during=NINE)
    double = two.add("appointment", subject_id=two.merged, during=QUARTER_PAST)
    two.add("appointment", subject_id=two.merged, during=LATER)
    held = two.add("appointment", subject_id=two.merged, status="held", during=Range(SOON - timedelta(hours=2), SOON))
    await join(settings, two)
    rows = rows_of(settings, "select id, status, subject_id, double_booked, case_id from appointment order by during")
    assert {row["subject_id"] for row in rows} == {two.kept}
    assert [row["status"] for row in rows if row["id"] == held] == ["released"]
    assert [row["id"] for row in rows if row["double_booked"]] == [double]
    (case,) = [row["case_id"] for row in rows if row["id"] == double]
    events = rows_of(settings, "select event from case_event where case_id = %s", case)
    assert "double_booked" in {row["event"] for row in events}
    (queue,) = rows_of(settings, 'select state, subject_id, urgency from "case" where id = %s', case)
    assert (queue["state"], queue["subject_id"]) == ("open", two.kept)


@pytest.mark.parametrize(
    ("table", "one", "other"),
    [
        ("local_mandate", "principal_id", "mandatee_id"),
        ("care_role", "subject_id", "helper_id"),
        ("representation", "actor_id", "subject_id"),
    ],
)
async def test_two_people_are_not_joined(settings: Settings, two: Two, table: str, one: str, other: str) -> None:
    """Who has acted for the other, or helped them, is somebody else: nothing is moved, and the page tells so."""
    two.add(table, **{one: two.merged, other: two.kept})
    case = two.add("case", subject_id=two.merged)
    merge = await join(settings, two)
    assert merge.state == "refused"
    assert rows_of(settings, 'select subject_id s from "case" where id = %s', case)[0]["s"] == two.merged
    assert not rows_of(settings, "select 1 from person where merged_into_id is not null")


async def test_what_protects_is_kept(settings: Settings, two: Two) -> None:
    """Non-disclosure of either row protects the person, and a death that is known stays known."""
    day = date(2026, 5, 1)
    two.connection.execute(
        Base.metadata.tables["person"].update().where(Person.id == two.merged),
        {"non_disclosure": True, "deceased_on": day},
    )
    two.connection.commit()
    await join(settings, two)
    query = "select non_disclosure, deceased_on, municipality_code from person where id = %s"
    (row,) = rows_of(settings, query, two.kept)
    assert row == {"non_disclosure": True, "deceased_on": day, "municipality_code": None}


async def test_a_death_is_settled(settings: Settings, two: Two) -> None:
    """Sessions, acting, mandates and helpers end; coming times are the unit's to cancel; no notice goes out."""
    case = two.add("case", subject_id=two.kept, state="open", urgency="routine", urgency_rank=4)
    coming = two.add("appointment", subject_id=two.kept, during=NINE)
    notice = two.add("notice", person_id=two.kept, appointment_id=coming)
    two.add("local_mandate", principal_id=two.kept, during=YEAR)
    two.add("care_role", subject_id=two.kept, during=YEAR)
    two.add("browser_session", person_id=two.kept)
    database = Database.for_worker(settings)
    async with database.transaction() as session:
        assert await is_still_told(session, notice)
        await settle_death(session, two.kept, two.staff)  # nobody has died: nothing happens
    assert not rows_of(settings, "select 1 from browser_session where ended_at is not null")
    two.connection.execute(
        Base.metadata.tables["person"].update().where(Person.id == two.kept),
        {"deceased_on": SOON.date() - timedelta(days=5)},
    )
    two.connection.commit()
    async with database.transaction() as session:
        await settle_death(session, two.kept, two.staff)
        assert not await is_still_told(session, notice)
    await database.close()
    for open_row in ("browser_session where ended_at", "local_mandate where revoked_at", "care_role where ended_at"):
        assert not rows_of(settings, f"select 1 from {open_row} is null"), open_row
    (row,) = rows_of(settings, "select status, case_id from appointment where id = %s", coming)
    assert row["status"] == "booked"
    events = rows_of(settings, "select case_id, event from case_event where event like %s", "deceased%")
    assert {(one["case_id"], one["event"]) for one in events} >= {
        (row["case_id"], "deceased_appointment"),
        (case, "deceased"),
    }


@pytest.mark.parametrize("dead", ["kept", "merged"])
async def test_a_death_known_of_one_row_is_settled_for_both(settings: Settings, two: Two, dead: str) -> None:
    """Whichever row told of the death: after the joining a job ends what the other one had running."""
    two.connection.execute(
        Base.metadata.tables["person"].update().where(Person.id == getattr(two, dead)),
        {"deceased_on": SOON.date() - timedelta(days=5)},
    )
    alive = two.merged if dead == "kept" else two.kept
    two.add("local_mandate", principal_id=alive, during=YEAR)
    await join(settings, two)
    jobs = rows_of(settings, "select args from jobs.procrastinate_jobs where task_name = 'settle_death'")
    assert [job["args"] for job in jobs] == [{"person_id": str(two.kept), "staff_id": str(two.staff)}]
    database = Database.for_worker(settings)
    async with database.transaction() as session:
        await settle_death(session, two.kept, two.staff)
    await database.close()
    assert not rows_of(settings, "select 1 from local_mandate where revoked_at is null")
