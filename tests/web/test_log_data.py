"""Who has read my data: in plain words, one's own only, within the law's limits, and the look itself is recorded."""

import uuid
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock
from app.services.audit import trail
from app.services.audit.log_data import ROWS_A_PAGE
from app.services.viewer import Acting, Viewer
from app.settings import Settings
from tests.tools.attacker import Attacker, sign_in_staff
from tests.tools.deliveries import change, rows_of
from tests.tools.document import Document
from tests.tools.people import SignedIn, sign_in_many
from tests.tools.world import FIXED_NOW


@pytest_asyncio.fixture(loop_scope="session")
async def aino(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    """A resident whose log each test begins with nothing in."""
    async with Attacker.resident(app, settings) as one:
        yield one


def person(one: Attacker) -> uuid.UUID:
    assert one.who is not None
    return one.who.person_id


async def page(one: Attacker, query: str = "", language: str = "fi") -> Document:
    answer = await one.send("GET", f"/{language}/my/log{query}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return Document(answer.text)


async def note(
    session: AsyncSession,
    subject: uuid.UUID,
    viewer: Viewer | None,
    action: str = "read",
    *,
    purpose: str = "handling the case",
    at: datetime = FIXED_NOW,
    register: str | None = "patient",
    reason: str | None = None,
) -> None:
    """One row of the trail, committed."""
    await trail.record(
        session,
        Clock(at),
        viewer,
        action,
        ("case", uuid.uuid4()),
        subject_id=subject,
        register=register,
        purpose=purpose,
        reason=reason,
    )
    await session.commit()


def nurse(settings: Settings) -> Viewer:
    staff = sign_in_staff(settings, ["triage_nurse"], ["mikkeli"])
    return Viewer(staff.session_id, staff_id=staff.person_id)


def acting(one: SignedIn, subject: uuid.UUID) -> Viewer:
    right = frozenset({"patient"})
    acts = Acting(uuid.uuid4(), subject, "", "guardian", right, right, FIXED_NOW)
    return Viewer(one.session_id, one.person_id, acting=acts)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fi", ("Asian tiedot luettiin", "sairaanhoitaja", "Mikkelin vastaanottotiimi", "Asian hoitaminen")),
        ("sv", ("Uppgifterna i ärendet lästes", "sjukskötare", "Mottagningsteamet i S:t Michel")),
        ("en", ("The matter was opened and read", "nurse", "Mikkeli reception team", "Handling the matter")),
    ],
)
async def test_a_professionals_reading(
    aino: Attacker, session: AsyncSession, settings: Settings, language: str, words: tuple[str, ...]
) -> None:
    """What a nurse did is told with her name, profession and unit, what she did and why."""
    await note(session, person(aino), nurse(settings))
    text = (await page(aino, language=language)).text
    assert not [word for word in ("Testi Hoitaja", *words) if word not in text]


async def test_special_reason_is_told(aino: Attacker, session: AsyncSession, settings: Settings) -> None:
    """A record opened for a special reason says which."""
    await note(
        session, person(aino), nurse(settings), "open_with_reason", purpose="special reason", reason="urgent_help"
    )
    assert "Henkilö tarvitsee apua heti" in (await page(aino)).text


async def test_a_guardian_is_named(aino: Attacker, session: AsyncSession, settings: Settings) -> None:
    """Who acted for me is told by name and right; somebody else's name would not be seen."""
    (guardian,) = sign_in_many(settings, 1)
    await note(session, person(aino), acting(guardian, person(aino)), "book", purpose="own matters")
    text = (await page(aino)).text
    assert "Henkilö0" in text
    assert "Aika varattiin" in text


async def test_only_ones_own(aino: Attacker, session: AsyncSession, settings: Settings) -> None:
    """Nobody reads another's log."""
    (other,) = sign_in_many(settings, 1)
    await note(session, other.person_id, nurse(settings))
    text = (await page(aino)).text
    assert "Asian tiedot luettiin" not in text
    assert "Testi Hoitaja" not in text


async def test_the_laws_limits(aino: Attacker, session: AsyncSession, settings: Settings) -> None:
    """Older than two years is not shown, nor what could endanger somebody; the page says that this can be."""
    await note(session, person(aino), nurse(settings), at=FIXED_NOW - timedelta(days=800))
    await note(session, person(aino), nurse(settings), purpose="protecting somebody")
    found = await page(aino)
    assert "Testi Hoitaja" not in found.text
    assert "015 000 000" in found.text.replace("\N{NO-BREAK SPACE}", " ")


async def test_register_and_year_narrow_it(aino: Attacker, session: AsyncSession, settings: Settings) -> None:
    """One register or one year; what can't be read narrows nothing."""
    staff = nurse(settings)
    await note(session, person(aino), staff, register="social")
    await note(session, person(aino), staff, "book", at=FIXED_NOW - timedelta(days=400))
    for query, seen in (
        ("?register=social", (True, False)),
        (f"?year={FIXED_NOW.year}", (True, False)),
        ("?register=patient", (False, True)),
        ("?register=%00&year=abc&number=-4", (True, True)),
        ("?year=99999999&number=9999999999", (True, True)),
    ):
        text = (await page(aino, query)).text
        assert ("Asian tiedot luettiin" in text, "Aika varattiin" in text) == seen, query


async def test_paging(aino: Attacker, session: AsyncSession, settings: Settings) -> None:
    """A long log goes on by links, and comes back; no row is left out or doubled."""
    staff = nurse(settings)
    for number in range(ROWS_A_PAGE + 3):
        await note(session, person(aino), staff, at=FIXED_NOW - timedelta(minutes=number + 1))
    first = await page(aino)
    older = next(href for _text, href in first.links() if "number=2" in href)
    second = Document((await aino.send("GET", older)).text)
    assert first.text.count("Asian tiedot luettiin") + second.text.count("Asian tiedot luettiin") >= ROWS_A_PAGE + 3
    assert any("number=1" in href for _text, href in second.links())


async def test_the_look_is_recorded(aino: Attacker, settings: Settings) -> None:
    """Looking at the log is a reading of data too."""
    await page(aino)
    events = rows_of(settings, "select * from audit_event where subject_id = %s and action = 'read_log'", person(aino))
    assert [event["actor_id"] for event in events] == [person(aino)]
    assert "Lokitiedot katsottiin" in (await page(aino)).text


async def test_signing_in_comes_first(app: FastAPI, settings: Settings) -> None:
    """Somebody who has not signed in is asked to."""
    async with Attacker(app, settings) as nobody:
        answer = await nobody.send("GET", "/fi/my/log")
        assert (answer.status_code, "/sign-in" in answer.headers["location"]) == (303, True)


def act(settings: Settings, one: Attacker, child: uuid.UUID, basis: str) -> None:
    """From here on `one` acts for `child`, whose patient register they may read, as Suomi.fi has just said."""
    assert one.who is not None
    change(settings, "update representation set ended_at = now() where session_id = %s", one.who.session_id)
    change(
        settings,
        "insert into representation (id, session_id, actor_id, subject_id, basis, registers, readable, asked_at,"
        " request_id, began_at, ended_why) values (gen_random_uuid(), %s, %s, %s, %s, '{patient,social}', '{patient}',"
        " %s, '', %s, '')",
        one.who.session_id,
        person(one),
        child,
        basis,
        FIXED_NOW,
        FIXED_NOW,
    )


async def test_a_small_childs_log(aino: Attacker, settings: Settings) -> None:
    """A guardian who may read sees the child's data but not the log, which could tell of a case that is closed to them;
    by a mandate nobody sees another's data, and one's own choices wait until one is back."""
    (child,) = sign_in_many(settings, 1)
    act(settings, aino, child.person_id, "guardian")
    assert (await aino.client.get("/fi/my/log")).status_code == 403
    data = await aino.send("GET", "/fi/my/data.json")
    assert data.json()["person"][0]["family_name"] == "Henkilö0"
    assert (await aino.client.get("/fi/my/choices")).status_code == 403
    act(settings, aino, child.person_id, "mandate")
    for path in ("log", "data", "data.json", "permits", "contact-details", "corrections"):
        assert (await aino.client.get(f"/fi/my/{path}")).status_code == 403, path
