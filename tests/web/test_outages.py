"""When something outside, or the database, is away: pages say so soon, nothing is lost, and it mends by itself."""

import asyncio
import io
import json
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from sqlalchemy import event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError
from starlette.requests import Request

from app.content import load
from app.database import Database
from app.integrations.http import OutsideClient, Unavailable
from app.jobs.app import UntilBack
from app.logs import SafeFormatter, configure_logs, told_without_words
from app.outside.clients import open_ports
from app.settings import Settings
from app.web.errors import broken
from tests.tools.attacker import Attacker
from tests.tools.deliveries import delivery_of, hurry, rows_of
from tests.tools.document import Document, faults_of
from tests.tools.visitor import Visitor
from tests.tools.world import work_off

LONGEST = 3.0  # seconds that a page may take, whatever is away
MODES = ["error", "drop", "malformed", "refuse", "slow"]
ANNA = "Anna Lehtokangas"


@asynccontextmanager
async def fault(settings: Settings, system: str, mode: str) -> AsyncIterator[None]:
    """A simulated system misbehaves meanwhile."""
    address = f"{settings.simulators_url}/_faults/{system}"
    async with httpx.AsyncClient() as client:
        (await client.put(address, json={"mode": mode, "seconds": 5})).raise_for_status()
        try:
            yield
        finally:
            await client.put(address, json={"mode": "none"})


@contextmanager
def soon() -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < LONGEST


def assert_sorry(visitor: Visitor) -> None:
    """The page of an outage: 503, when to try again, the number, and ways on."""
    assert visitor.status == 503
    assert int(visitor.headers["retry-after"]) > 0
    assert visitor.headers["x-request-id"] in visitor.document.text
    assert [href for _text, href in visitor.document.links() if href.startswith("tel:")]


@pytest.mark.parametrize("mode", MODES)
async def test_assessment_service_away(visitor: Visitor, settings: Settings, mode: str) -> None:
    """Whatever Omaolo does, an answer is kept, the page says so within three seconds, and going on works after."""
    await visitor.get("/sv/assess/urinary")
    start = visitor.document.form("/assess/urinary")
    async with fault(settings, "omaolo", mode):
        with soon():
            await visitor.send(start)
        assert_sorry(visitor)
        assert "/contact" in " ".join(href for _text, href in visitor.document.links())
        await visitor.get("/sv/assess")
        assert visitor.status == 200
    await visitor.get("/sv/assess/urinary")
    await visitor.submit("/assess/urinary")
    page, form = visitor.path, next(form for form in visitor.document.forms() if "/assess/run/" in form.action)
    async with fault(settings, "omaolo", mode):
        with soon():
            await visitor.send(form, who="me")
        assert visitor.status == 503
        assert ("who", "me") in visitor.document.form(page).values
    await visitor.get(page)
    assert ("who", "me") in visitor.document.form(page).values
    await visitor.submit(page)
    assert (visitor.status, visitor.path != page) == (200, True)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("system", "door"), [("suomifi-identification", "/en/sign-in"), ("staff-identification", "/en/staff/sign-in")]
)
async def test_identification_away(
    app: FastAPI, visitor: Visitor, settings: Settings, system: str, door: str, mode: str
) -> None:
    """Whatever an identification service does, leaving for it says so within three seconds, and works after."""
    usual = app.state.outside
    watch = usual.watch
    # New ones, which have not asked for the service's metadata yet.
    app.state.outside = replace(usual, ports=open_ports(settings, watch))
    try:
        await visitor.get(door)
        form = visitor.document.form(door)
        async with fault(settings, system, mode):
            with soon():
                await visitor.send(form)
            assert_sorry(visitor)
        await visitor.send(form)
        assert visitor.path.startswith(settings.simulators_url)
    finally:
        for port in app.state.outside.ports.all():
            await port.close()
        app.state.outside = usual


@pytest.mark.parametrize("mode", ["error", "refuse", "drop"])
async def test_notices_wait(visitor: Visitor, settings: Settings, mode: str) -> None:
    """A booking is made while Suomi.fi Messages is away; its notice waits and is delivered when the fault is over."""
    await visitor.get("/fi/book/dental-check/times")
    times = visitor.document.form("/hold")
    await visitor.send(times, times.buttons[-1][0])
    await visitor.sign_in(ANNA)
    await visitor.submit("/hold")
    await visitor.submit(visitor.path, phone="040 123 4567")
    await visitor.submit("/confirm")
    assert "/my/appointments/" in visitor.path
    appointment = visitor.path.rpartition("/")[2]
    query = "select id from notice where appointment_id = %s and kind = 'appointment_booked'"
    (notice,) = rows_of(settings, query, appointment)
    async with fault(settings, "suomifi-messages", mode):
        await work_off(settings)
    assert delivery_of(settings, notice["id"])["state"] == "waiting"
    await hurry(settings)
    assert delivery_of(settings, notice["id"])["state"] == "done"
    await visitor.get(f"/fi/my/appointments/{appointment}/cancel")
    await visitor.submit("/cancel")


@pytest.mark.parametrize("error", [Unavailable("x", "y"), OperationalError("select 1", {}, Exception())])
def test_jobs_are_tried_again(error: Exception) -> None:
    """A job whose outside system or database is away is tried again; a fault of ours is not."""
    job = type("Job", (), {"attempts": 0})()
    assert UntilBack().get_retry_decision(exception=error, job=job) is not None
    assert UntilBack().get_retry_decision(exception=KeyError("ours"), job=job) is None


@asynccontextmanager
async def dripping() -> AsyncIterator[str]:
    """A server whose answer comes one byte at a time and never ends."""

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        try:
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_dripping_answer() -> None:
    """An answer that drips in is given up when its time is over, although each byte came soon enough."""
    async with dripping() as url:
        client, started = OutsideClient("omaolo", url, seconds=0.3), time.monotonic()
        with pytest.raises(Unavailable):
            await client.call("GET", "/")
        assert time.monotonic() - started < 1
        await client.close()


def cut_connections(settings: Settings) -> None:
    """As if the database had been restarted: every connection of the application's role is gone."""
    statement = (
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where pid <> pg_backend_pid() and datname = current_database() and application_name = 'asiointi'"
    )
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        assert connection.execute(statement).rowcount > 0


async def test_database_gone_and_back(visitor: Visitor, settings: Settings) -> None:
    """Cut connections cost one page with 503 and Retry-After; the next one works again."""
    await visitor.get("/sv/book")
    cut_connections(settings)
    await visitor.get("/sv/book")
    assert_sorry(visitor)
    await visitor.get("/sv/book")
    assert visitor.status == 200
    await visitor.get("/healthz")
    assert visitor.status == 200


async def test_database_cut_before_the_commit(app: FastAPI, settings: Settings) -> None:
    """A change whose commit fails is answered with 503, not with the page that says it is done."""
    async with Attacker.resident(app, settings) as one:
        session_class = app.state.database._sessions.class_.sync_session_class
        cut = {"left": 1}

        def cut_before_commit(_session: object) -> None:
            if cut["left"]:
                cut["left"] = 0
                cut_connections(settings)

        event.listen(session_class, "before_commit", cut_before_commit)
        try:
            fields = {"form_token": one.token(), "name": "A", "phone": "0401234567", "message": "a", "topic": "health"}
            first = await one.client.post("/fi/contact", data=fields)
            assert first.status_code == 503
            again = await one.client.post("/fi/contact", data=fields)
            assert again.status_code == 303
        finally:
            event.remove(session_class, "before_commit", cut_before_commit)


async def test_database_that_waits(app: FastAPI, visitor: Visitor, settings: Settings) -> None:
    """A table that somebody locks costs a page, not the process: 503 for a reader when the statement's time is over."""
    quick = Database.for_worker(settings, pool=2, fixed_now=settings.fixed_now)

    @event.listens_for(quick.engine.sync_engine, "connect")
    def _impatient(connection: DBAPIConnection, _record: object) -> None:
        connection.cursor().execute("set lock_timeout = '200ms'")
        connection.commit()

    usual, app.state.database = app.state.database, quick
    try:
        with psycopg.connect(settings.migration_database_url) as owner:
            owner.execute("lock table service_location in access exclusive mode")
            await visitor.get("/sv/book")
            assert_sorry(visitor)
    finally:
        app.state.database = usual
        await quick.close()


async def test_no_connection_left(app: FastAPI, visitor: Visitor, settings: Settings) -> None:
    """With every connection in use a page waits a moment and says 503; with one free again it works."""
    narrow = Database.for_worker(settings)
    usual, app.state.database = app.state.database, narrow
    try:
        async with narrow.transaction() as session:
            await session.execute(text("select 1"))
            await visitor.get("/fi/book")
            assert_sorry(visitor)
        await visitor.get("/fi/book")
        assert visitor.status == 200
    finally:
        app.state.database = usual
        await narrow.close()


async def test_our_own_fault(app: FastAPI, settings: Settings) -> None:
    """A fault that nobody has thought of is a whole page with all headers; what it says stays out of page and log."""
    secret = "120488-902S"

    def failing(words: str, language: str) -> None:
        raise KeyError(secret)

    usual, app.state.search = app.state.search, type("Broken", (), {"find": staticmethod(failing)})()
    inside = httpx.ASGITransport(app, raise_app_exceptions=False)
    try:
        async with httpx.AsyncClient(transport=inside, base_url=settings.public_url) as client:
            answer = await client.get("/sv/search", params={"q": "flunssa"})
    finally:
        app.state.search = usual
    assert answer.status_code == 500
    assert faults_of(Document(answer.text), "sv") == []
    assert answer.headers["x-request-id"] in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert secret not in answer.text


SECRET = "salainen asia 120488-902S"


def test_traces_quote_nobody(settings: Settings) -> None:
    """A logged exception tells its kind, its causes and the places, and not a word of what it says."""
    try:
        try:
            int(SECRET)
        except ValueError as error:
            raise KeyError(SECRET) from error
    except KeyError as error:
        told, caught = told_without_words(error), error
    assert "builtins.ValueError" in told
    assert "builtins.KeyError" in told
    assert "test_traces_quote_nobody" in told
    record = logging.LogRecord("uvicorn.error", logging.ERROR, "", 0, "failed", (), (KeyError, caught, None))
    for line in (told, SafeFormatter("%(message)s").format(record)):
        assert "salainen" not in line
        assert "120488" not in line


async def test_database_errors_quote_nobody(settings: Settings) -> None:
    """A refused statement's error, as it is logged, holds neither its parameters nor the row it was about."""
    database = Database.for_worker(settings)
    with pytest.raises(DBAPIError) as refused:
        async with database.transaction() as session:
            await session.execute(text("select cast(:value as uuid)"), {"value": SECRET})
    await database.close()
    assert "[parameters" not in str(refused.value)
    assert "salainen" not in told_without_words(refused.value)
    assert "22P02" in told_without_words(refused.value)


async def test_logs_of_a_road(app: FastAPI, visitor: Visitor, settings: Settings) -> None:
    """Walking, failing and being refused leaves no code, token, query or written word in the log."""
    log = io.StringIO()
    configure_logs(settings.model_copy(update={"environment": "demo"}), log)
    written = ["salainen-asia", "rintakipu-sana", "Nimi-Niminen", "+358401234567", "0401234567"]
    try:
        await visitor.get("/fi/search?q=salainen-asia")
        await visitor.get("/fi/contact")
        form = visitor.document.form("/contact")
        fields = {"name": "Nimi-Niminen", "phone": "0401234567", "message": "rintakipu-sana", "topic": "health"}
        await visitor.send(form, **fields)
        await visitor.get("/fi/sign-in?next=/fi/my")
        await visitor.sign_in(ANNA)
        cookie = visitor.client.cookies.get("asiointi") or ""
        async with fault(settings, "omaolo", "error"):
            await visitor.get("/fi/assess/urinary")
            await visitor.submit("/assess/urinary")
        cut_connections(settings)
        await visitor.get("/fi/search?q=salainen-asia")
        await visitor.get("/fi/no/salainen-asia")
        request = Request({"type": "http", "method": "GET", "path": "/fi/salainen-asia", "query_string": b"",
                           "headers": [], "app": app, "state": {}, "request_id": "a"})  # fmt: skip
        broken(request, KeyError("salainen-asia"))
    finally:
        logging.getLogger().handlers.clear()
        configure_logs(settings)
    told = log.getvalue()
    assert "request_failed" in told
    assert "outside_unavailable" in told
    token = dict(form.values)["form_token"]
    codes = [row["identity_code"] for row in load("test_persons.json")["residents"]]
    assert codes
    assert cookie
    for secret in (*written, *codes, token, cookie, "q=", "state=", "code="):
        assert secret not in told, secret
    for line in told.splitlines():
        assert json.loads(line)["level"]
