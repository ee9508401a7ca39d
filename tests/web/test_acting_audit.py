"""What is read and answered in somebody else's name is in their log; looking at one's own matters is not."""

import uuid
from typing import Any

from app.settings import Settings
from tests.tools.deliveries import rows_of
from tests.tools.visitor import Visitor
from tests.web.test_acting import act_for, book, choose, id_in, person
from tests.web.test_road import answer_until_result


def rows_since(settings: Settings, last: int, *, action: str = "read") -> list[dict[str, Any]]:
    query = "select * from audit_event where action = %s and id > %s order by id"
    return rows_of(settings, query, action, last)


def last_row(settings: Settings) -> int:
    (row,) = rows_of(settings, "select coalesce(max(id), 0) as last from audit_event")
    return int(row["last"])


async def test_each_page_read_for_another_is_one_row(visitor: Visitor, settings: Settings) -> None:
    """The daughter looks at her mother's window, a time and its calendar file: three rows that say who, whose, by which
    right and in which register. Looking at her own leaves none."""
    await act_for(visitor, "Marja", "Aili")
    path = await book(visitor)
    last, marja, aili = last_row(settings), person(settings, "Marja"), person(settings, "Aili")
    for page in ("/fi/my", path, f"{path}/calendar.ics", f"{path}/cancel"):
        assert (await visitor.client.get(page)).status_code == 200
    read = rows_since(settings, last)
    time = ("appointment", str(id_in(path)))
    told = [(row["target_kind"], row["target_id"]) for row in read]
    assert told == [("appointments", "list"), time, time, time]
    for row in read:
        assert (row["actor_id"], row["subject_id"], row["purpose"]) == (marja, aili, "acting for another")
        assert row["mandate"]["basis"] == "mandate"
        assert row["register"] == "patient"
    await visitor.get("/fi/my")
    await visitor.submit("/acting/stop")
    last = last_row(settings)
    await visitor.get("/fi/my")
    assert rows_since(settings, last) == []
    await choose(visitor, "Aili")


async def test_each_answered_page_is_a_row(visitor: Visitor, settings: Settings) -> None:
    """Beginning, every page of answers, and each look at them are rows about whose answers they are; a trial is
    nobody's."""
    last = last_row(settings)
    await act_for(visitor, "Marja", "Aili")
    await visitor.get("/fi/assess/urinary")
    await visitor.submit("/assess/urinary")
    await answer_until_result(visitor)
    (begun,) = rows_since(settings, last, action="begin")
    answered = rows_since(settings, last, action="answer")
    assert len(answered) > 1
    aili = person(settings, "Aili")
    assert {(row["subject_id"], row["target_id"]) for row in (begun, *answered)} == {(aili, begun["target_id"])}
    (run,) = rows_of(settings, "select road from assessment_run where id = %s", uuid.UUID(begun["target_id"]))
    assert len(answered) == len(run["road"])
    assert {row["actor_id"] for row in (begun, *answered)} == {person(settings, "Marja")}
    last = last_row(settings)
    path = f"/fi/assess/run/{begun['target_id']}"
    for page in (f"{path}/result", f"{path}/{run['road'][0]}"):
        await visitor.get(page)
    looks = [(row["subject_id"], row["target_id"], row["register"]) for row in rows_since(settings, last)]
    assert looks == [(aili, begun["target_id"], "patient")] * 2
    last = last_row(settings)
    await visitor.get("/fi/assess/urinary")
    await visitor.submit("/try")
    await answer_until_result(visitor)
    assert rows_since(settings, last, action="begin") + rows_since(settings, last, action="answer") == []


async def test_joining_what_was_done_before_signing_in(visitor: Visitor, settings: Settings) -> None:
    """Answers given without signing in become the person's by a row of their own."""
    last = last_row(settings)
    await visitor.get("/fi/assess/urinary")
    await visitor.submit("/assess/urinary")
    await answer_until_result(visitor)
    assert {row["subject_id"] for row in rows_since(settings, last, action="answer")} == {None}
    await visitor.get("/fi/my")
    await visitor.sign_in("Marja")
    (claimed,) = rows_since(settings, last, action="claim")
    marja = person(settings, "Marja")
    assert (claimed["actor_id"], claimed["subject_id"], claimed["register"]) == (marja, marja, "patient")
