"""What every answer says to the browser about safety: pages, errors, redirects, files, machines' addresses alike."""

import uuid
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.requests import Request

from app.domain.staff_roles import STAFF_ROLES
from app.settings import Settings
from app.web.errors import last_resort
from app.web.middleware import FORGET, NOT_NEEDED, security_headers
from tests.tools.attacker import Attacker
from tests.tools.world import World

SOME_ID = "11111111-2222-3333-4444-555555555555"
KNOWN = {"lang": "sv", "system": "omaolo", "service": "nurse-visit", "assessment": "urinary", "page_id": "a"}
# Told by its default alone, in no directive that a browser falls back from: form-action, base-uri, frame-ancestors.
POLICY = {
    "default-src": {"'none'"},
    "script-src": {"'self'"},
    "style-src": {"'self'"},
    "img-src": {"'self'"},
    "font-src": {"'self'"},
    "connect-src": {"'self'"},
    "manifest-src": {"'self'"},
    "base-uri": {"'none'"},
    "frame-ancestors": {"'none'"},
    "report-uri": {"/csp-report"},
}
EXACT = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-permitted-cross-domain-policies": "none",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
# What would tell which programs, in which versions, answer here; and what is known to do harm (X-XSS-Protection).
NEVER = ("server", "x-powered-by", "x-aspnet-version", "x-xss-protection", "public-key-pins", "expect-ct")
FILES = ("/static/logo.svg", "/static/build/manifest.json")


@pytest_asyncio.fixture(loop_scope="session")
async def nobody(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    async with Attacker(app, settings) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def resident(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    async with Attacker.resident(app, settings) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def staff(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    async with Attacker.staff(app, settings, list(STAFF_ROLES), ["mikkeli"]) as one:
        yield one


def policy_of(answer: httpx.Response) -> dict[str, set[str]]:
    """The content security policy: directive → sources."""
    parts = answer.headers["content-security-policy"].split(";")
    return {name: set(sources) for name, *sources in (part.split() for part in parts)}


def origin_of(url: str) -> str:
    return "/".join(url.split("/")[:3])


def hold_to_the_set(answer: httpx.Response, settings: Settings) -> None:
    """The headers that every answer must have, and those that none may."""
    told = f"{answer.request.method} {answer.request.url.path}: {answer.status_code}"
    policy = policy_of(answer)
    leads_to = {settings.identification_issuer, settings.staff_issuer, settings.phr_url, settings.mandates_url}
    assert policy.pop("form-action") == {"'self'", *map(origin_of, leads_to)}, told
    assert policy == POLICY, told
    assert {name: answer.headers.get(name) for name in EXACT} == EXACT, told
    assert answer.headers["permissions-policy"] == ", ".join(f"{feature}=()" for feature in NOT_NEEDED), told
    assert answer.headers.get("cache-control"), told
    assert len(answer.headers.get_list("content-security-policy")) == 1, told
    assert not [name for name in NEVER if name in answer.headers], told
    assert "access-control-allow-origin" not in answer.headers, told
    _hold_content_type(answer, told)


def _hold_content_type(answer: httpx.Response, told: str) -> None:
    """With `nosniff` a wrong type breaks a page, and a text without its alphabet may be read as another."""
    if answer.content:
        kind = answer.headers["content-type"]
        assert "charset=utf-8" in kind or not kind.startswith("text/html"), told


def routes(app: FastAPI) -> list[tuple[str, str]]:
    """Every method and address of the window, with ids of nothing."""
    found = [
        (method, (route.path_format or "").format(**{n: KNOWN.get(n, SOME_ID) for n in route.param_convertors or {}}))
        for route in iter_route_contexts(app.routes)
        for method in route.methods or ()
    ]
    assert len(found) > 60
    return found


async def test_every_route(
    app: FastAPI, settings: Settings, nobody: Attacker, resident: Attacker, staff: Attacker
) -> None:
    """Every route answers with the whole set, whoever asks, whether it shows, refuses, redirects or finds nothing."""
    seen = set()
    for method, address in routes(app):
        for one in (nobody, resident, staff):
            answer = await one.client.request(method, address)
            hold_to_the_set(answer, settings)
            seen.add(answer.status_code)
    assert {200, 204, 303, 400, 404} <= seen


async def test_files(settings: Settings, nobody: Attacker) -> None:
    """Our files have the set too, and may be kept; a file that is not there must not be kept as missing."""
    for path in FILES:
        answer = await nobody.client.get(path)
        hold_to_the_set(answer, settings)
        assert answer.status_code == 200
        assert answer.headers["cache-control"].startswith("public, max-age=")
    missing = await nobody.client.get("/static/none.css")
    hold_to_the_set(missing, settings)
    assert missing.headers["cache-control"] == "no-store"


async def test_refusals(settings: Settings, resident: Attacker) -> None:
    """What no route takes (a method, an address, a body too large, a foreign page) is answered with the set."""
    tries: list[tuple[str, str, dict[str, str], bytes]] = [
        ("PUT", "/fi/", {}, b""),
        ("NONSENSE", "/fi/search", {}, b""),
        ("OPTIONS", "/fi/contact", {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}, b""),
        ("GET", "/no/such/page", {}, b""),
        ("GET", "/%ff", {}, b""),
        ("POST", "/fi/contact", {}, b"a=" + b"x" * 300_000),
        ("POST", "/fi/contact", {"Sec-Fetch-Site": "cross-site"}, b""),
    ]
    for method, address, headers, body in tries:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await resident.client.request(method, address, headers={**kind, **headers}, content=body)
        assert answer.status_code >= 400, address
        hold_to_the_set(answer, settings)
        assert answer.headers["cache-control"] == "no-store", address


async def test_what_nobody_thought_of(app: FastAPI, settings: Settings) -> None:
    """The page of our own fault, which is answered outside all middleware, has the set too."""
    scope = {"type": "http", "method": "GET", "path": "/fi/", "query_string": b"", "headers": [], "app": app}
    made = last_resort(Request({**scope, "request_id": "1", "language": "fi"}), ZeroDivisionError())
    answer = httpx.Response(
        made.status_code,
        headers=dict(made.headers),
        content=bytes(made.body),
        request=httpx.Request("GET", "http://localhost/fi/"),
    )
    hold_to_the_set(answer, settings)
    assert answer.headers["cache-control"] == "no-store"


PUBLIC_PAGES = ("/fi/", "/sv/search?q=a", "/en/contact", "/fi/services", "/fi/book", "/sv/assess", "/en/privacy")


async def test_pages_of_a_person_are_kept_nowhere(nobody: Attacker, resident: Attacker, staff: Attacker) -> None:
    """Whatever is shown to somebody who has a session is `no-store`; to others it is at least not shared."""
    for path in PUBLIC_PAGES:
        assert (await nobody.client.get(path)).headers["cache-control"] == "private, no-cache", path
        assert (await resident.client.get(path)).headers["cache-control"] == "no-store", path
    for one, path in ((resident, "/fi/my"), (staff, "/fi/staff"), (staff, "/fi/staff/systems")):
        assert (await one.client.get(path)).headers["cache-control"] == "no-store", path


async def test_redirects_are_kept_nowhere(nobody: Attacker) -> None:
    """Where a redirect leads depends on who asks and when."""
    for path in ("/", "/fi/my", "/fi/staff", f"/fi/my/appointments/{uuid.uuid4()}"):
        answer = await nobody.client.get(path)
        if answer.has_redirect_location:
            assert "public" not in answer.headers["cache-control"], path
            assert "max-age" not in answer.headers["cache-control"], path


@pytest.mark.parametrize(("who", "path"), [("resident", "/fi/sign-out"), ("staff", "/fi/staff/sign-out")])
async def test_signing_out_forgets(app: FastAPI, settings: Settings, who: str, path: str) -> None:
    """The answer to signing out tells the browser to forget what it has kept; cookies go one by one, not the domain's.

    It leads on all the same, also where the session had ended before.
    """
    made = Attacker.resident(app, settings) if who == "resident" else Attacker.staff(app, settings, [], [])
    async with made as one:
        for answer in (await one.post(path), await one.post(path)):
            assert answer.status_code == 303
            assert answer.headers["clear-site-data"] == FORGET
        assert "cookies" not in FORGET


async def test_only_signing_out_forgets(nobody: Attacker, resident: Attacker) -> None:
    """A page that somebody reads does not empty their browser."""
    for one, path in ((nobody, "/fi/"), (resident, "/fi/my"), (nobody, "/fi/signed-out")):
        assert "clear-site-data" not in (await one.client.get(path)).headers


def test_https(world: World) -> None:
    """Where people come by https, browsers are told to come by nothing else for two years, under-domains too."""
    secure = world.settings("none", public_url="https://asiointi.example")
    assert security_headers(secure)["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    assert "Strict-Transport-Security" not in security_headers(world.settings("none"))


def test_nothing_unsafe_or_foreign(world: World) -> None:
    """No `unsafe-`, no wildcard, no scheme alone; other hosts only as targets of forms."""
    policy = security_headers(world.settings("none"))["Content-Security-Policy"]
    for directive in policy.split("; "):
        name, *sources = directive.split()
        assert not [one for one in sources if "unsafe" in one or "*" in one or one.endswith(":")], directive
        assert name == "form-action" or not [one for one in sources if "//" in one], directive
