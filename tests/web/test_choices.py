"""What residents decide themselves: a number proved by a code, choices that are obeyed, permits given and ended."""

import re
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from app.main import create_app
from app.models import Notice
from app.services.deliveries.carry_out import carry_out
from app.services.reaching.contact_points import TRIES
from app.services.reaching.notices import notice_words
from app.services.reaching.notification_choices import is_name
from app.services.reaching.sms_numbers import sms_number
from app.settings import Settings
from tests.tools.attacker import Attacker
from tests.tools.deliveries import booked_appointment, carrier, change, delivery_of, rows_of, want_notice
from tests.tools.document import Document
from tests.tools.world import FIXED_NOW

NUMBER, WRITTEN = "+358401234567", "040 123 4567"
ADDRESS = "aino@example.fi"
HERE = "/fi/my/contact-details"


@pytest_asyncio.fixture(loop_scope="session")
async def aino(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    """A resident who has asked for nothing yet; no number has had a code."""
    change(settings, "delete from rate_limit")
    async with Attacker.resident(app, settings) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def other(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    async with Attacker.resident(app, settings) as one:
        yield one


def person(one: Attacker) -> uuid.UUID:
    assert one.who is not None
    return one.who.person_id


def points(settings: Settings, one: Attacker) -> list[dict[str, object]]:
    return rows_of(settings, "select * from contact_point where person_id = %s", person(one))


def code_of(app: FastAPI, settings: Settings, one: Attacker) -> str:
    """The code that is to go out; nobody but the phone's owner sees it."""
    sealed = points(settings, one)[0]["code_sealed"]
    assert isinstance(sealed, bytes)
    code: str = app.state.vault.open_bytes(sealed).decode()
    return code


async def ask_code(one: Attacker) -> None:
    answer = await one.post(f"{HERE}/phone", phone=WRITTEN)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HERE}?told=code_sent#code")


async def try_code(one: Attacker, code: str) -> str:
    """Where a code leads: `verified`, `code_over`, or empty where another try is asked for."""
    answer = await one.post(f"{HERE}/code", code=code)
    return answer.headers["location"].partition("told=")[2].partition("#")[0] if answer.status_code == 303 else ""


async def test_a_number_is_proved(aino: Attacker, app: FastAPI, settings: Settings) -> None:
    """The code goes out once and says only itself and the county; typed in, the number is verified and in use."""
    await ask_code(aino)
    code = code_of(app, settings, aino)
    (point,) = points(settings, aino)
    assert (point["value"], point["verified_at"]) == (NUMBER, None)
    assert code.encode() not in (point["code_hash"], point["code_sealed"])
    async with carrier(settings) as ours:
        delivery = delivery_of(settings, uuid.UUID(str(point["id"])), "verification_code")
        assert await carry_out(ours, delivery["id"]) == "done"
    assert points(settings, aino)[0]["code_sealed"] is None
    assert code not in str(rows_of(settings, "select * from delivery")) + str(
        rows_of(settings, "select * from audit_event")
    )
    assert await try_code(aino, f" {code[:3]} {code[3:]} ") == "verified"
    page = Document((await aino.send("GET", HERE.replace("fi", "en", 1))).text)
    assert "confirmed on" in page.text
    assert points(settings, aino)[0]["verified_at"] == FIXED_NOW


async def test_guessing_ends(aino: Attacker, app: FastAPI, settings: Settings) -> None:
    """After five wrong codes the right one is no good either; a new one must be asked for."""
    await ask_code(aino)
    good = code_of(app, settings, aino)
    wrong = f"{(int(good) + 1) % 10**6:06}"
    assert [await try_code(aino, wrong) for _ in range(TRIES)] == [""] * (TRIES - 1) + ["code_over"]
    assert await try_code(aino, good) == "code_over"
    assert points(settings, aino)[0]["verified_at"] is None


async def test_an_old_code(aino: Attacker, app: FastAPI, settings: Settings) -> None:
    """A code is good for ten minutes, and only the newest one; what has run out is not sent any more."""
    await ask_code(aino)
    first = code_of(app, settings, aino)
    await aino.post(f"{HERE}/code/again")
    second = code_of(app, settings, aino)
    if first != second:
        assert await try_code(aino, first) == ""
    change(settings, "update contact_point set code_until = %s", FIXED_NOW - timedelta(seconds=1))
    assert await try_code(aino, second) == "code_over"
    point = uuid.UUID(str(points(settings, aino)[0]["id"]))
    found = rows_of(settings, "select id from delivery where about_id = %s order by number", point)
    async with carrier(settings) as ours:
        assert [await carry_out(ours, row["id"]) for row in found] == ["dropped"] * 2


async def test_another_number_is_not_proved(aino: Attacker, app: FastAPI, settings: Settings) -> None:
    """A number that is changed has to be proved anew; the code for the earlier one proves nothing."""
    await ask_code(aino)
    code = code_of(app, settings, aino)
    await aino.post(f"{HERE}/phone", phone="0457 8903321")
    assert await try_code(aino, code) == ""
    assert points(settings, aino)[0]["verified_at"] is None
    await aino.post(f"{HERE}/phone/remove")
    assert points(settings, aino) == []


@pytest.mark.parametrize("typed", ["", "abc", "015 123 456", "+358"])
async def test_no_mobile_number(aino: Attacker, settings: Settings, typed: str) -> None:
    """What can't get text messages is not kept, and stays on the page."""
    answer = await aino.post(f"{HERE}/phone", phone=typed)
    assert answer.status_code == 422
    assert points(settings, aino) == []


async def ask_email_code(one: Attacker, address: str = ADDRESS) -> None:
    answer = await one.post(f"{HERE}/email", email=address)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HERE}?told=email_code_sent#email_code")


async def try_email_code(one: Attacker, code: str) -> str:
    answer = await one.post(f"{HERE}/email/code", email_code=code)
    return answer.headers["location"].partition("told=")[2].partition("#")[0] if answer.status_code == 303 else ""


def inbox(settings: Settings, address: str) -> str:
    """What lies in an inbox, newest first, as its owner reads it."""
    page = httpx.get(f"{settings.simulators_url}/email/").text
    return page.partition(f">{address}</h2>")[2].partition("</section>")[0]


async def test_an_address_is_proved(aino: Attacker, settings: Settings) -> None:
    """The code comes by e-mail, and stands only in its text; typed in, the address is verified and can be chosen."""
    address = f"aino-{uuid.uuid4().hex}@example.fi"
    await ask_email_code(aino, address)
    point = uuid.UUID(str(points(settings, aino)[0]["id"]))
    async with carrier(settings) as ours:
        assert await carry_out(ours, delivery_of(settings, point, "verification_email")["id"]) == "done"
    assert points(settings, aino)[0]["code_sealed"] is None
    came = inbox(settings, address)
    (code,) = re.findall(r"\b[0-9]{6}\b", came.partition('class="body"')[2])
    assert code not in came.partition('class="body"')[0]
    assert 'name="email"' not in (await aino.send("GET", "/en/my/choices")).text
    assert await try_email_code(aino, f"{code[:3]} {code[3:]}") == "email_verified"
    assert points(settings, aino)[0]["verified_at"] == FIXED_NOW
    english = HERE.replace("fi", "en", 1)
    assert "confirmed on" in Document((await aino.send("GET", english)).text).text
    assert 'name="email"' in (await aino.send("GET", "/en/my/choices")).text


async def test_guessing_an_address_ends(aino: Attacker, app: FastAPI, settings: Settings) -> None:
    """Five tries for an address too; a code that has run out is no good; the phone's code proves no address."""
    await ask_email_code(aino)
    good = code_of(app, settings, aino)
    wrong = f"{(int(good) + 1) % 10**6:06}"
    assert await try_code(aino, good) == "code_over"
    assert [await try_email_code(aino, wrong) for _ in range(TRIES)] == [""] * (TRIES - 1) + ["code_over"]
    assert await try_email_code(aino, good) == "code_over"
    await aino.post(f"{HERE}/email/code/again")
    newest = code_of(app, settings, aino)
    change(settings, "update contact_point set code_until = %s", FIXED_NOW - timedelta(seconds=1))
    assert await try_email_code(aino, newest) == "code_over"
    assert points(settings, aino)[0]["verified_at"] is None


async def test_another_address_is_not_proved(aino: Attacker, app: FastAPI, settings: Settings) -> None:
    """An address that is changed has to be proved anew; the code for the earlier one proves nothing."""
    await ask_email_code(aino)
    code = code_of(app, settings, aino)
    await ask_email_code(aino, "toinen@example.fi")
    if code != code_of(app, settings, aino):
        assert await try_email_code(aino, code) == ""
    assert points(settings, aino)[0]["verified_at"] is None
    await aino.post(f"{HERE}/email/remove")
    assert points(settings, aino) == []


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "aino(at)example",
        "aino@example",
        "a@b@example.fi",
        "aino@example.fi\r\nBcc: all@example.fi",
        "aino@example.fi\nx",
        "aino@example.fi,all@example.fi",
        "<aino@example.fi>",
        "ai no@example.fi",
        "aino@exam\u200bple.fi",
        "aino@exa\uff20mple.fi",
        f"{'a' * 65}@example.fi",
        f"aino@{'a' * 250}.fi",
    ],
)
async def test_no_address(aino: Attacker, settings: Settings, typed: str) -> None:
    """What could end a header or begin another address is not kept; nothing goes out."""
    assert (await aino.post(f"{HERE}/email", email=typed)).status_code == 422
    assert points(settings, aino) == []


async def test_where_a_county_sends_no_email(settings: Settings) -> None:
    """Without a mail server an address is kept and never verified, no code goes out, and the page says so."""
    without = settings.model_copy(update={"email_url": ""})
    change(settings, "delete from rate_limit")
    app = create_app(without)
    async with app.router.lifespan_context(app), Attacker.resident(app, without) as one:
        assert (await one.post(f"{HERE}/email", email=ADDRESS)).headers["location"] == f"{HERE}?told=email_kept"
        assert (await one.post(f"{HERE}/email/code/again")).status_code == 404
        (point,) = points(settings, one)
        assert (point["verified_at"], point["code_hash"]) == (None, None)
        assert "not confirmed, not used" in Document((await one.send("GET", HERE.replace("fi", "en", 1))).text).text


async def notice_for(settings: Settings, one: Attacker) -> uuid.UUID:
    """A notice about a time of theirs that is to go out."""
    appointment, owner = booked_appointment(settings), person(one)
    change(
        settings, "update appointment set subject_id = %s, actor_id = %s where id = %s", owner, owner, appointment.id
    )
    async with carrier(settings) as ours, ours.transactions() as session:
        return await want_notice(session, appointment)


async def test_notices_go_by_email_only_when_chosen(aino: Attacker, settings: Settings) -> None:
    """Beside the mailbox, once, in neutral words: only to a proved address, only after choosing so, and not to
    somebody who has died meanwhile."""
    address = f"aino-{uuid.uuid4().hex}@example.fi"
    await ask_email_code(aino, address)
    choices = {"sms": "no", "reminders": "yes", "language": "fi", "name": ""}
    await aino.post("/fi/my/choices", email="yes", **choices)  # not asked before the address is proved
    assert not rows_of(settings, "select 1 from notification_choice where person_id = %s and email", person(aino))
    change(settings, "update contact_point set verified_at = now() where person_id = %s", person(aino))
    kinds = "select state from delivery where kind = 'notice_email' and about_id = %s"
    async with carrier(settings) as ours:
        unchosen = await notice_for(settings, aino)
        await carry_out(ours, delivery_of(settings, unchosen)["id"])
        assert rows_of(settings, kinds, unchosen) == []
        assert (await aino.post("/fi/my/choices", **choices)).status_code == 422  # now it is asked
        await aino.post("/fi/my/choices", email="yes", **choices)
        chosen = await notice_for(settings, aino)
        for _ in range(2):
            await carry_out(ours, delivery_of(settings, chosen)["id"])
            change(settings, "update delivery set state = 'waiting', next_at = now() where about_id = %s", chosen)
        assert await carry_out(ours, delivery_of(settings, chosen, "notice_email")["id"]) == "done"
        assert inbox(settings, address).count(notice_words("appointment_booked")["body"].to("fi")) == 1
        late = await notice_for(settings, aino)
        await carry_out(ours, delivery_of(settings, late)["id"])
        change(settings, "update person set deceased_on = current_date where id = %s", person(aino))
        assert await carry_out(ours, delivery_of(settings, late, "notice_email")["id"]) == "dropped"


async def test_choices_are_kept(aino: Attacker, other: Attacker, settings: Settings) -> None:
    """Choices hold from the next page on: language, name, text messages; nobody else's change."""
    answer = await aino.post("/fi/my/choices", sms="no", reminders="no", language="sv", name="Ada-Maria")
    assert answer.headers["location"] == "/sv/my/choices?told=saved"
    (kept,) = rows_of(settings, "select * from person where id = %s", person(aino))
    assert (kept["chosen_name"], kept["language"], kept["given_name"]) == ("Ada-Maria", "sv", "Testi")
    assert "Ada-Maria" in (await aino.send("GET", "/sv/my")).text
    (untouched,) = rows_of(settings, "select * from person where id = %s", person(other))
    assert (untouched["chosen_name"], untouched["language"]) == ("", "fi")


@pytest.mark.parametrize("typed", [{"name": "<b>"}, {"name": "x" * 51}, {"language": "de"}, {"sms": ""}])
async def test_bad_choices(aino: Attacker, settings: Settings, typed: dict[str, str]) -> None:
    """What can't be chosen is said at its field, and nothing changes."""
    answer = await aino.post(
        "/fi/my/choices", **{"sms": "no", "reminders": "no", "language": "fi", "name": "", **typed}
    )
    assert answer.status_code == 422
    assert rows_of(settings, "select 1 from notification_choice where person_id = %s", person(aino)) == []


def test_names() -> None:
    """Names of people everywhere, and nothing that could be more than a name."""
    assert all(map(is_name, ("Åke", "Anna-Liisa", "O'Brien", "Nguyễn Văn", "مريم", "J. P.", "Łucja")))
    assert not any(map(is_name, ("", " ", "-", "A1", "<i>", "a\nb", "a  b", "x" * 51, "@", "%s", "{}")))


async def number_for(session: AsyncSession, settings: Settings, one: Attacker, phone: str) -> str:
    """Where a text message about a time of theirs goes, where `phone` was given for it."""
    appointment = booked_appointment(settings)
    owner = person(one)
    change(
        settings,
        "update appointment set subject_id = %s, actor_id = %s, phone = %s where id = %s",
        owner,
        owner,
        phone,
        appointment.id,
    )
    notice = Notice(id=uuid.uuid4(), person_id=owner, appointment_id=appointment.id, kind="appointment_booked")
    session.add(notice)
    await session.flush()
    return await sms_number(session, notice.id)


async def test_where_text_messages_go(aino: Attacker, session: AsyncSession, settings: Settings) -> None:
    """To the number given for the time, else to the proved one, never to an unproved one; nowhere if not wanted."""
    await ask_code(aino)
    assert await number_for(session, settings, aino, "") == ""
    change(settings, "update contact_point set verified_at = now() where person_id = %s", person(aino))
    assert await number_for(session, settings, aino, "") == NUMBER
    assert await number_for(session, settings, aino, "+358457890332") == "+358457890332"
    await aino.post("/fi/my/choices", sms="no", reminders="yes", language="fi", name="")
    assert await number_for(session, settings, aino, "+358457890332") == ""


async def test_permits(aino: Attacker, other: Attacker, settings: Settings) -> None:
    """Given twice it holds once; ended, it stays in the history; nobody ends another's; each step is recorded."""
    for _ in range(2):
        assert (await aino.post("/fi/my/permits", scope="research-contact")).status_code == 303
    (held,) = rows_of(settings, "select * from permit where person_id = %s", person(aino))
    assert (held["kind"], held["ended_at"]) == ("consent", None)
    assert (await other.post(f"/fi/my/permits/{held['id']}/end")).status_code == 404
    assert (await aino.post(f"/fi/my/permits/{held['id']}/end")).status_code == 303
    assert (await aino.post("/fi/my/permits", scope="research-contact")).status_code == 303
    found = rows_of(settings, "select ended_at from permit where person_id = %s order by given_at, id", person(aino))
    assert sorted(row["ended_at"] is None for row in found) == [False, True]
    events = rows_of(
        settings, "select action from audit_event where subject_id = %s and target_kind = 'permit'", person(aino)
    )
    assert [row["action"] for row in events] == ["give_permit", "end_permit", "give_permit"]
    assert (await aino.post("/fi/my/permits", scope="everything")).status_code == 404


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_the_pages_stand(aino: Attacker, language: str) -> None:
    """Every page of one's own data and choices is whole in each language, and leads on from the window."""
    window = Document((await aino.send("GET", f"/{language}/my")).text)
    for name in ("log", "data", "corrections", "permits", "contact-details", "choices"):
        path = f"/{language}/my/{name}"
        assert path in [href for _text, href in window.links()]
        assert (await aino.send("GET", path)).status_code == 200
    assert (await aino.send("GET", f"/{language}/my/corrections/new")).status_code == 200
