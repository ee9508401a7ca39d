"""Signing in and out: the session, its cookie, the way back, and what is left on a shared device."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest
from fastapi import FastAPI, Response

from app.settings import Settings
from app.web.cookies import write_cookie
from app.web.middleware import security_headers
from app.web.tokens import hash_secret
from tests.tools.attacker import Attacker
from tests.tools.visitor import Visitor
from tests.tools.world import FIXED_NOW

ANNA, TIMO = "Anna Lehtokangas", "Timo Kaislavuori"


def cookie_of(visitor: Visitor, name: str = "asiointi") -> str:
    return visitor.client.cookies.get(name) or ""


async def callback_of(visitor: Visitor, person: str = ANNA) -> str:
    """Leave for the identification service, sign in there, and stop before going back: the address of the way back."""
    await visitor.submit("/sign-in")
    form = next(one for one in visitor.document.forms() if any(person in button[0] for button in one.buttons))
    _words, name, value = next(button for button in form.buttons if person in button[0])
    fields = {**dict(form.values), name: value}
    answer = await visitor.client.post(httpx.URL(visitor.here).join(form.action), data=fields)
    while "/sign-in/callback" not in answer.headers["location"]:
        answer = await visitor.client.get(httpx.URL(visitor.here).join(answer.headers["location"]))
    return answer.headers["location"]


async def test_new_session_at_sign_in(visitor: Visitor) -> None:
    """Signing in gives the browser a new session (no fixation), keeps the way back, and drops the sign-in's cookie."""
    await visitor.get("/sv/assess/urinary")
    await visitor.submit("/assess/urinary")
    anonymous, run = cookie_of(visitor), visitor.path
    assert anonymous
    await visitor.get(f"/sv/sign-in?next={run}")
    await visitor.sign_in(ANNA)
    assert visitor.path == run
    assert cookie_of(visitor) not in {"", anonymous}
    assert not cookie_of(visitor, "asiointi-sign-in")
    visitor.client.cookies.set("asiointi", anonymous)
    await visitor.get(run)
    assert visitor.status == 404


async def test_signing_in_as_another_ends_the_first(visitor: Visitor) -> None:
    """Who signs in over somebody else's session ends that session for good."""
    await visitor.get("/fi/sign-in")
    callback = await callback_of(visitor, ANNA)
    await visitor.get(callback)
    first = cookie_of(visitor)
    async with Visitor(visitor.app, visitor.window) as second:
        await second.get("/fi/sign-in")
        back = await callback_of(second, TIMO)
        second.client.cookies.set("asiointi", first)
        await second.get(back)
        assert second.status == 200
    await visitor.get("/fi/my")
    assert "/sign-in" in visitor.path


async def test_cookie_flags(visitor: Visitor) -> None:
    """The session's cookie is out of scripts' reach and goes to this host only; by https it is bound to it."""
    await visitor.get("/fi/sign-in")
    back = await visitor.client.get(await callback_of(visitor))
    cookie = next(one for one in back.headers.get_list("set-cookie") if one.startswith("asiointi="))
    flags = {part.strip().partition("=")[0].lower(): part.strip().partition("=")[2] for part in cookie.split(";")[1:]}
    assert flags == {"httponly": "", "max-age": "43200", "path": "/", "samesite": "lax"}
    secure, answer = Settings(public_url="https://window.example"), Response()
    write_cookie(answer, secure, "asiointi", "a", 60)
    assert answer.headers["set-cookie"].startswith(
        "__Host-asiointi=a; HttpOnly; Max-Age=60; Path=/; SameSite=lax; Secure"
    )
    assert "Strict-Transport-Security" in security_headers(secure)


async def test_signing_out_ends_it(visitor: Visitor, settings: Settings) -> None:
    """After signing out the old cookie opens nothing, and pages seen before were never to be kept."""
    await visitor.get("/fi/sign-in")
    await visitor.get(await callback_of(visitor))
    assert visitor.path == "/fi/my"
    for page in ("/fi/my", "/fi/", "/fi/book"):
        await visitor.get(page)
        assert visitor.headers["cache-control"] == "no-store"
    kept = cookie_of(visitor)
    await visitor.submit("/sign-out")
    assert not cookie_of(visitor)
    visitor.client.cookies.set("asiointi", kept)
    await visitor.get("/fi/my")
    assert "/sign-in" in visitor.path
    with psycopg.connect(settings.worker_database_url) as connection:
        query = "select ended_at is not null from browser_session where token_hash = %s"
        assert connection.execute(query, [hash_secret(kept)]).fetchone() == (True,)


@pytest.mark.parametrize(
    ("change", "alive"),
    [
        ({"seen_at": timedelta(minutes=14)}, True),
        ({"seen_at": timedelta(minutes=15)}, False),
        ({"created_at": timedelta(hours=11, minutes=59)}, True),
        ({"created_at": timedelta(hours=12)}, False),
    ],
)
async def test_a_session_ends_by_itself(
    app: FastAPI, settings: Settings, change: dict[str, timedelta], alive: bool
) -> None:
    """Fifteen minutes without a sign, or twelve hours in all, end a session."""
    async with Attacker.resident(app, settings) as one:
        assert one.who
        with psycopg.connect(settings.worker_database_url) as connection:
            for column, ago in change.items():
                statement = f"update browser_session set {column} = %s where id = %s"
                connection.execute(statement.encode(), [FIXED_NOW - ago, one.who.session_id])
        answer = await one.send("GET", "/fi/my")
        assert (answer.status_code == 200) == alive
        signed_out = await one.post("/fi/sign-out")
        assert signed_out.status_code == 303  # never "this form is too old" to somebody who wants to leave


async def test_session_ends_half_way(app: FastAPI, settings: Settings) -> None:
    """A form sent after the session ended leads to signing in and back to the page where the form was shown."""
    async with Attacker.resident(app, settings) as one:
        token, shown = one.token(), "/sv/book/held/11111111-2222-3333-4444-555555555555"
        one.client.cookies.clear()
        fields = {"form_token": token, "note": "a", "phone": "0401234567"}
        for referrer, back in (
            (settings.public_url + shown, shown),
            ("", "/sv/my"),
            ("https://evil.example/sv/", "/sv/my"),
            (settings.public_url + ".evil.example/sv/", "/sv/my"),
            (settings.public_url + "//evil.example/", "/sv/my"),
        ):
            answer = await one.send("POST", shown, data=fields, headers={"Referer": referrer})
            location = urlsplit(answer.headers["location"])
            assert (location.path, parse_qs(location.query)["next"]) == ("/sv/sign-in", [back])


async def test_a_form_opened_before_an_anonymous_session(visitor: Visitor) -> None:
    """A contact form stays good when an assessment is begun in another tab of the same browser."""
    await visitor.get("/en/contact")
    form = visitor.document.form("/contact")
    await visitor.get("/en/assess/urinary")
    await visitor.submit("/assess/urinary")
    await visitor.send(form, name="A", phone="0401234567", message="a", topic="health")
    assert "/contact/sent/" in visitor.path


async def test_way_back_by_another_browser(app: FastAPI, settings: Settings, visitor: Visitor) -> None:
    """The way back works once, and only in the browser that left; all others get a page that says so."""
    await visitor.get("/sv/sign-in")
    callback = await callback_of(visitor)
    async with Visitor(app, settings.public_url) as thief:
        await thief.get(callback)
        assert thief.status == 400
        assert not cookie_of(thief)
        await thief.get("/fi/sign-in")
        await callback_of(thief)
        await thief.get(callback)  # with a sign-in of their own under way
        assert thief.status == 400
    await visitor.get(callback)
    assert (visitor.status, visitor.path) == (200, "/sv/my")
    used = cookie_of(visitor)
    await visitor.get(callback)
    assert visitor.status == 400
    assert cookie_of(visitor) == used


@pytest.mark.parametrize("change", ["state=", "state=a", "state=%00", "iss=https://evil.example", "code=", "code=a"])
async def test_changed_ways_back(visitor: Visitor, change: str) -> None:
    """A way back with a changed state, issuer or code signs nobody in."""
    await visitor.get("/en/sign-in")
    callback = urlsplit(await callback_of(visitor))
    name = change.partition("=")[0]
    kept = "&".join(part for part in callback.query.split("&") if not part.startswith(f"{name}="))
    await visitor.get(f"{visitor.window}{callback.path}?{kept}&{change}")
    assert visitor.status == 400
    assert not cookie_of(visitor)


async def test_late_way_back(visitor: Visitor, settings: Settings) -> None:
    """Fifteen minutes after leaving, the way back is closed."""
    await visitor.get("/fi/sign-in")
    callback = await callback_of(visitor)
    with psycopg.connect(settings.worker_database_url) as connection:
        connection.execute("update sign_in_attempt set created_at = created_at - interval '15 minutes'")
    await visitor.get(callback)
    assert visitor.status == 400


async def test_callbacks_of_both_sides_are_separate(visitor: Visitor) -> None:
    """A resident's way back opens nothing on the staff side."""
    await visitor.get("/fi/sign-in")
    await visitor.get((await callback_of(visitor)).replace("/sign-in/", "/staff/sign-in/"))
    assert visitor.status == 400
    assert not cookie_of(visitor, "asiointi-staff")


async def test_cancelled_sign_in(visitor: Visitor) -> None:
    """Who turns back at the identification service is told nothing is wrong, in the language of before."""
    await visitor.get("/sv/sign-in?next=/sv/contact")
    callback = urlsplit(await callback_of(visitor))
    parts = {name: values[0] for name, values in parse_qs(callback.query).items() if name != "code"}
    await visitor.get(str(httpx.URL(visitor.window + callback.path, params={**parts, "error": "access_denied"})))
    assert visitor.status == 200
    assert visitor.document.root.get("lang") == "sv"
    assert dict(visitor.document.form("/sv/sign-in").values)["next"] == "/sv/contact"
