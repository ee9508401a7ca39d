"""Side channels of acting for another: who is told of it, whose number a text goes to, what a lost time tells."""

import uuid

import pytest
from fastapi import FastAPI

from app.services.reaching.notices import phone_for
from app.settings import Settings
from tests.tools.deliveries import carrier
from tests.tools.visitor import Visitor
from tests.web.test_acting import SERVICE, act_for, book, hold, id_in, person, rows


def told_of(settings: Settings, path: str, kind: str) -> list[uuid.UUID]:
    """Who has a notice of that kind about the appointment at `path`."""
    query = "select person_id from notice where appointment_id = %s and kind like %s"
    return [one["person_id"] for one in rows(settings, query, id_in(path), f"{kind}%")]


@pytest.mark.parametrize(("actor", "subject"), [("Marja", "Aili"), ("Heli", "Aino")])
async def test_who_acted_earlier_is_not_told(
    visitor: Visitor, app: FastAPI, settings: Settings, actor: str, subject: str
) -> None:
    """What somebody cancels themselves is told to them alone, though another booked it: the right may have ended."""
    await act_for(visitor, actor, subject)
    path = await book(visitor)
    async with Visitor(app, settings.public_url) as own:
        await own.get("/fi/my")
        await own.sign_in(subject)
        await own.get(f"{path}/cancel")
        await own.submit("/cancel")
    assert told_of(settings, path, "appointment_cancelled") == [person(settings, subject)]


async def test_who_acts_now_is_told(visitor: Visitor, app: FastAPI, settings: Settings) -> None:
    """The one guardian cancels what the other has booked for a small child: told to the one who cancels alone."""
    await act_for(visitor, "Anna", "Eemeli")
    path = await book(visitor)
    async with Visitor(app, settings.public_url) as juho:
        await act_for(juho, "Juho", "Eemeli")
        await juho.get(f"{path}/cancel")
        await juho.submit("/cancel")
    assert told_of(settings, path, "appointment_cancelled") == [person(settings, "Juho")]


async def test_a_number_is_of_the_one_who_typed_it(visitor: Visitor, app: FastAPI, settings: Settings) -> None:
    """The daughter fills in the time that her mother holds: her number is hers, and no text to the mother goes there;
    the other way round the mother's words become her own."""
    marja, aili = person(settings, "Marja"), person(settings, "Aili")
    query = "select actor_id, basis, phone from appointment where id = %s"
    async with Visitor(app, settings.public_url) as mother:
        await mother.get("/fi/my")
        await mother.sign_in("Aili")
        held = await hold(mother)
        await act_for(visitor, "Marja", "Aili")
        await visitor.get(held)
        await visitor.submit(held, phone="040 765 4321", note="Asia")
        (row,) = rows(settings, query, id_in(held))
        assert (row["actor_id"], row["basis"]) == (marja, "mandate")
        await visitor.submit("/confirm")
        async with carrier(settings) as ours, ours.transactions() as session:
            found = rows(settings, "select id, person_id from notice where appointment_id = %s", id_in(held))
            phones = {one["person_id"]: await phone_for(session, one["id"]) for one in found}
        assert phones == {aili: "", marja: row["phone"]}
        daughters = await hold(visitor)
        await mother.get(daughters)
        await mother.submit(daughters, phone="040 123 4567", note="Oma asia")
        assert (rows(settings, query, id_in(daughters))[0]["actor_id"]) == aili
    events = rows(settings, "select event, by_id from appointment_event where appointment_id = %s", id_in(held))
    assert ("taken_over", marja) in {(one["event"], one["by_id"]) for one in events}


async def test_busy_looks_like_taken(visitor: Visitor, settings: Settings) -> None:
    """While acting, a time that somebody else has and one at which the person is busy get the very same page."""
    await act_for(visitor, "Marja", "Aili")
    await visitor.get(f"/fi/book/{SERVICE}/times")
    wanted = [form for form in visitor.document.forms() if form.action.endswith("/hold")][-1]
    (_words, name, slot) = wanted.buttons[-1]
    held = id_in(await hold(visitor))
    rows(settings, "update appointment set status = 'booked' where id = %s", held)
    rows(settings, "update allocation set state = 'released' where appointment_id = %s", held)
    pages = []
    for value in (slot, "not offered"):
        await visitor.get(f"/fi/book/{SERVICE}/times")
        fresh = [form for form in visitor.document.forms() if form.action.endswith("/hold")][-1]
        await visitor.post(fresh.action, {**dict(fresh.values), name: value})
        pages.append((visitor.status, visitor.document.title, visitor.document.text))
    assert pages[0] == pages[1]
    assert pages[0][0] == 409
    assert rows(settings, "select 1 from appointment where id = %s and status = 'booked'", held)
