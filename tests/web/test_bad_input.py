"""What no page of ours would send: a page that says what happened comes back, never a stack trace, never a 500."""

import json
import uuid
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from app.domain.staff_roles import STAFF_ROLES
from app.settings import Settings
from app.web.middleware import MAX_BODY, largest_body
from tests.tools.attacker import Attacker
from tests.tools.document import Document
from tests.tools.world import World

SOME_ID = "11111111-2222-3333-4444-555555555555"
HOSTILE = {
    "nothing like it": "no-such-thing",
    "foreign id": SOME_ID,
    "nul": "%00",
    "no utf-8": "%ff%fe%ED%A0%80",
    "dots and strokes": "%2e%2e%2fa",
    "line end": "a%0d%0aSet-Cookie:%20a=b",
    "long": "a" * 5_000,
    "emoji, right to left": "%F0%9F%98%80%D7%A9%E2%80%AE",
    "quotes": "%22%3E%3Cscript%3E'%20or%201=1--%7B%7B7*7%7D%7D",
}
MANY = "x" * 100_000
GOOD = {
    "lang": "sv",
    "system": "omaolo",
    "service": "nurse-visit",
    "assessment": "urinary",
    "code": "urinary-symptoms",
    "page_id": "a",
}


@pytest.fixture(scope="module")
def settings(world: World) -> Iterator[Settings]:
    """Without limits: every route is asked many times, and a 429 would hide what it does with bad input."""
    with world.database() as name:
        yield world.settings(name, limits_factor=0)


@pytest_asyncio.fixture(loop_scope="session")
async def nobody(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    async with Attacker(app, settings) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def resident(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    async with Attacker.resident(app, settings) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def nurse(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    async with Attacker.staff(app, settings, list(STAFF_ROLES), ["mikkeli"]) as one:
        yield one


def routes(app: FastAPI, method: str) -> list[tuple[str, set[str]]]:
    """Path and parameters of every route that takes `method`."""
    found = [
        (route.path_format or "", set(route.param_convertors or {}))
        for route in iter_route_contexts(app.routes)
        if route.methods and method in route.methods
    ]
    assert len(found) > 10
    return found


def addresses(app: FastAPI, method: str, value: str) -> Iterator[str]:
    """Every route with `value` in one of its parameters, the others good."""
    for path, names in routes(app, method):
        for bad in names:
            yield path.format(**{name: value if name == bad else GOOD.get(name, SOME_ID) for name in names})


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
async def test_hostile_addresses(app: FastAPI, resident: Attacker, nurse: Attacker, value: str) -> None:
    """Anything in any part of any address is a page for somebody signed in; what is not there is a 404."""
    for address in addresses(app, "GET", value):
        answer = await (nurse if "/staff" in address else resident).send("GET", address)
        assert answer.status_code in {200, 303, 404}, (address[:100], answer.status_code)
    for address in addresses(app, "POST", value):
        answer = await (nurse if "/staff" in address else resident).post(address)
        assert answer.status_code in {303, 404, 422}, (address[:100], answer.status_code)


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
async def test_hostile_unknown_paths(nobody: Attacker, value: str) -> None:
    """An address that nobody has thought of is a page with 404 in a language that we speak."""
    for path in (f"/{value}", f"/en/{value}", f"/fi/x/{value}/y", f"/static/{value}", f"/{value}/{value}"):
        answer = await nobody.send("GET", path)
        assert answer.status_code == 404


QUERIES = {
    "/fi/search": ["q"],
    "/sv/contact": ["assessment"],
    "/en/sign-in": ["next"],
    "/fi/staff/sign-in": ["next"],
    "/fi/book/nurse-visit/times": ["assessment", "place", "since", "slot", "professional", "keep"],
    "/sign-in/callback": ["state", "code", "error", "iss"],
    "/staff/sign-in/callback": ["state", "code", "error", "iss"],
    "/health-record/callback": ["state", "code", "error"],
    "/sv/my/consents": ["told", "next"],
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
async def test_hostile_queries(nobody: Attacker, resident: Attacker, value: str) -> None:
    """Anything in a query, once, twice or as an array of another framework, is a page."""
    for path, names in QUERIES.items():
        once = "&".join(f"{name}={value}" for name in names)
        arrays = "&".join(f"{name}[]={value}&{name}" for name in names)
        for query in (once, f"{once}&{once}", arrays, value):
            for one in (nobody, resident):
                answer = await one.send("GET", f"{path}?{query}")
                assert answer.status_code in {200, 303, 400, 404}


BODIES = {
    "json": ("application/json", b'{"form_token": ["a"]}'),
    "broken json": ("application/json", b"{"),
    "no kind": ("", b"form_token=a"),
    "nonsense kind": (";;;=", b"form_token=a"),
    "foreign charset": ("application/x-www-form-urlencoded; charset=utf-16", b"form_token=a"),
    "unknown charset": ("multipart/form-data; boundary=b; charset=martian", b"--b\r\n\r\n\r\n--b--"),
    "no utf-8": ("application/x-www-form-urlencoded", b"form_token=\xff\xfe&\xff=%ff&a=%ed%a0%80"),
    "nul": ("application/x-www-form-urlencoded", b"form_token=\x00&\x00=%00"),
    "thousand fields": ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(1000))),
    "no boundary": ("multipart/form-data", b"--b"),
    "half a part": ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="a"'),
    "part without name": (
        "multipart/form-data; boundary=b",
        b"--b\r\nContent-Disposition: form-data\r\n\r\na\r\n--b--",
    ),
    "file": (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="form_token"; filename="a"\r\n\r\na\r\n--b--\r\n',
    ),
    "xml": ("text/xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    "empty": ("application/x-www-form-urlencoded", b""),
}


@pytest.mark.parametrize(("kind", "body"), BODIES.values(), ids=BODIES)
async def test_hostile_bodies(app: FastAPI, resident: Attacker, nurse: Attacker, kind: str, body: bytes) -> None:
    """Whatever comes in the place of a form is refused in words, on every route that takes one."""
    for path, names in routes(app, "POST"):
        address = path.format(**{name: GOOD.get(name, SOME_ID) for name in names})
        for one in (resident, nurse):
            answer = await one.send("POST", address, content=body, headers={"Content-Type": kind})
            assert answer.status_code in ({204} if address == "/csp-report" else {303, 400}), address


async def test_body_too_large(app: FastAPI, resident: Attacker) -> None:
    """A body larger than the page can take is refused with 413 while it comes in, whatever length it claims."""

    async def drops(size: int) -> AsyncIterator[bytes]:
        for _ in range(size // 10_000 + 10):
            yield b"a=" + b"x" * 10_000 + b"&"

    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for path, names in routes(app, "POST"):
        address = path.format(**{name: "fi" if name == "lang" else SOME_ID for name in names})
        answer = await resident.send("POST", address, content=drops(MAX_BODY), headers=kind)
        assert answer.status_code == 413 or "/staff/" in address, (address, answer.status_code)


async def test_files_too_large(app: FastAPI, resident: Attacker) -> None:
    """A page that takes files refuses more than it can take while it comes in."""

    async def drops(size: int) -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="f1"; filename="a.pdf"\r\n\r\n'
        for _ in range(size // 1_000_000 + 2):
            yield b"x" * 1_000_000

    found = [path for path, _names in routes(app, "POST") if path == "/{lang}/forms/fill/{response_id}/page/{page_id}"]
    (address,) = (path.format(lang="fi", response_id=SOME_ID, page_id="3") for path in found)
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    most = largest_body(address, kind["Content-Type"])
    answer = await resident.send("POST", address, content=drops(most), headers=kind)
    assert answer.status_code == 413


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "NONSENSE"])
async def test_other_methods(app: FastAPI, resident: Attacker, method: str) -> None:
    """A method that no page takes gets 405 with the ones it takes, as a page."""
    for path, names in routes(app, "GET"):
        address = path.format(**{name: "sv" if name == "lang" else SOME_ID for name in names})
        answer = await resident.send(method, address)
        assert answer.status_code == 405, address
        assert "GET" in answer.headers["allow"]


async def test_head_is_answered(app: FastAPI, resident: Attacker) -> None:
    """HEAD gets what GET would get: monitors and link checkers ask so."""
    for path, names in routes(app, "GET"):
        address = path.format(**{name: "sv" if name == "lang" else SOME_ID for name in names})
        head, get = [await resident.client.request(method, address) for method in ("HEAD", "GET")]
        assert head.status_code == get.status_code, address


HEADERS = {
    "languages": ("Accept-Language", "ÿþ;;q=x,**,-,en_" + "a" * 5000),
    "host": ("Host", "["),
    "empty host": ("Host", ""),
    "cookie": ("Cookie", 'asiointi="\\377\\000"; =; asiointi=a; ' + "a" * 50_000),
    "cookie of another alphabet": ("Cookie", "asiointi=äö€".encode().decode("latin-1")),
    "long cookie": ("Cookie", "asiointi=" + "a" * 50_000),
    "origin": ("Origin", "http://["),
    "referrer": ("Referer", "http://[::1/fi/\x7f"),
    "encoding": ("Accept-Encoding", "gzip;q=oops, \x7f"),
    "part": ("HX-Request-Type", "partial"),
    "htmx": ("HX-Request", "true"),
    "forwarded": ("X-Forwarded-Host", "evil.example"),
    "request id": ("X-Request-Id", "<script>"),
}


@pytest.mark.parametrize(("name", "value"), HEADERS.values(), ids=HEADERS)
async def test_hostile_headers(app: FastAPI, resident: Attacker, name: str, value: str) -> None:
    """No header breaks a page or is put into one."""
    for path in ("/", "/fi/", "/sv/my", "/en/search?q=a", "/fi/x", "/sv/book/nurse-visit/times", "/sign-in/callback"):
        answer = await resident.send("GET", path, headers={name: value.encode("latin-1")})
        assert answer.status_code in {200, 204, 302, 303, 400, 404}
        assert "evil.example" not in answer.text
    answer = await resident.send("POST", "/fi/contact", data={}, headers={name: value.encode("latin-1")})
    assert answer.status_code in {400, 403}


FIELDS = {
    "nul": "\x00",
    "half a surrogate": "\ud800",
    "emoji": "😀" * 10,
    "right to left": "\u202e\u05e9",
    "control": "".join(map(chr, range(32))),
    "long": "x" * 2500,
    "markup": "<script>alert(1)</script>",
    "empty": "",
}


def encoded(fields: dict[str, list[str]]) -> bytes:
    """A form body, also of texts that are no Unicode."""
    pairs = [(name, one) for name, values in fields.items() for one in values]
    quoted = "&".join(f"{name}=" + "".join(f"%{byte:02x}" for byte in _bytes(one)) for name, one in pairs)
    return quoted.encode()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("value", FIELDS.values(), ids=FIELDS)
async def test_hostile_fields(app: FastAPI, nobody: Attacker, resident: Attacker, value: str) -> None:
    """Anything in any field, also twice, is a page: taken, or shown again with what is to be mended."""
    names = (
        "name",
        "phone",
        "reachable",
        "message",
        "topic",
        "assessment",
        "slot",
        "keep",
        "next",
        "note",
        "where",
        "age",
    )
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for path in ("/sv/contact", "/fi/sign-in", "/en/book/nurse-visit/hold", "/fi/assess/urinary", "/fi/sign-out"):
        for one in (nobody, resident):
            body = encoded({"form_token": [one.token()], **{name: [value, value] for name in names}})
            answer = await one.send("POST", path, content=body, headers=kind)
            assert answer.status_code in {303, 409, 422}, (path, answer.status_code)
            assert "<script>alert" not in answer.text
            if path == "/fi/sign-out":
                one.cookies.clear()


async def test_contact_keeps_what_was_typed(nobody: Attacker) -> None:
    """A form with something to mend comes back with all that was typed, and an over-long text is never cut."""
    text = "Ääkköset ja rivi\r\n" + "pitkä " * 1000
    answer = await nobody.post("/fi/contact", name="", phone="kolme", message=text, topic="martians")
    assert answer.status_code == 422
    kept = next(Document(answer.text).all("textarea")).text or ""
    assert kept.replace("\n", " ").split() == text.split()
    assert answer.headers["cache-control"] == "no-store"


async def test_line_ends_count_once(nobody: Attacker) -> None:
    """A text of just the allowed length is taken although the browser sends two characters for each line end."""
    text = ("x" * 38 + "\r\n") * 102 + "y" * 22  # 4000 characters as the reader counts them, 4102 as sent
    answer = await nobody.post("/fi/contact", name="A", phone="0401234567", message=text, topic="health")
    assert answer.status_code == 303, Document(answer.text).text


def tampered(token: str) -> Iterator[str]:
    """Form tokens that are none."""
    identifier, issued, mac = token.split(".")
    yield ""
    yield "a"
    yield ".."
    yield "." * 1000
    yield token[:-1] + ("0" if token[-1] != "0" else "1")
    yield f"{uuid.uuid4().hex}.{issued}.{mac}"
    yield f"{identifier}.{int(issued) + 1}.{mac}"
    yield f"{identifier}.٣.{mac}"
    yield f"{identifier}.{issued}.ä"
    yield MANY


async def test_tampered_tokens(app: FastAPI, settings: Settings, resident: Attacker, nobody: Attacker) -> None:
    """A form token that is changed, empty, foreign or nobody's is refused in words; a good one beside it helps not."""
    good = resident.token()
    async with Attacker.resident(app, settings) as other:
        foreign = other.token()
    for bad in (*tampered(good), foreign, nobody.token()):
        fields = {
            "form_token": [bad, good],
            "name": ["A"],
            "phone": ["0401234567"],
            "message": ["a"],
            "topic": ["health"],
        }
        answer = await resident.send("POST", "/sv/contact", data=fields)
        assert answer.status_code == 400
        assert 'href="/sv/' in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "nonsense"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
    ],
)
async def test_other_sites(app: FastAPI, resident: Attacker, nurse: Attacker, headers: dict[str, str]) -> None:
    """A form that a page of another site sends is refused on every route, although its token is good."""
    for path, names in routes(app, "POST"):
        address = path.format(**{name: "fi" if name == "lang" else SOME_ID for name in names})
        if address == "/csp-report":
            continue
        one = nurse if "/staff/" in address else resident
        answer = await one.send("POST", address, data={"form_token": one.token()}, headers=headers)
        assert answer.status_code == 403, address


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/%2f%2fevil.example",
        "javascript:alert(1)",
        "/fi/..//evil.example",
        "\thttps://evil.example",
        "/fi/\r\nSet-Cookie: a=b",
        "http:evil.example",
        "///evil",
    ],
)
async def test_no_open_redirects(resident: Attacker, nobody: Attacker, target: str) -> None:
    """`next` leads to a page of this site or nowhere, for htmx too."""
    for htmx in ({}, {"HX-Request": "true"}):
        for path, own in (("/fi/sign-in", "/fi/my"), ("/fi/staff/sign-in", "/fi/staff")):
            answer = await nobody.send("GET", path, params={"next": target}, headers=htmx)
            assert f'value="{own}"' in answer.text
        answer = await resident.send("GET", "/fi/sign-in", params={"next": target}, headers=htmx)
        assert led_to(answer) == "/fi/my"


async def test_odd_but_own_addresses_survive_htmx(resident: Attacker) -> None:
    """An own address with any letters goes into htmx's header without breaking it or adding to it."""
    for own in ("/fi/ä😀", '/fi/","target":"body'):
        answer = await resident.send("GET", "/fi/sign-in", params={"next": own}, headers={"HX-Request": "true"})
        assert json.loads(answer.headers["hx-location"])["path"] == own
        assert json.loads(answer.headers["hx-location"])["target"] == "#main"


def led_to(answer: httpx.Response) -> str:
    """Where a browser, or htmx, is told to go."""
    if "hx-location" in answer.headers:
        return str(json.loads(answer.headers["hx-location"])["path"])
    return answer.headers["location"]
