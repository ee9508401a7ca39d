"""How a visitor comes to each page that calls an outside system. A page without a walk fails the matrix."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urljoin

from joserfc import jws
from joserfc.jwk import RSAKey

from app.integrations.ports import SYSTEMS
from app.settings import Settings
from tests.tools.attacker import sign_in_staff
from tests.tools.deliveries import change
from tests.tools.document import Form
from tests.tools.visitor import Visitor

Act = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Walk:
    """`arrive` brings the visitor before the page and gives what they do next; `again` (where given) is what they do
    once the system is back, else the same. `typed`: a field and what stands in it still. `says` is what the visitor is
    told meanwhile:

    sorry: 503, what happened, that nothing is lost, other ways. form: 503, the same form with what was typed. kept:
    the page works with what is known. left: the window has done its part and the browser is at the system's own page.
    state: the status page tells how the system is. refusal: a machine is told 400.
    """

    page: str
    system: str
    arrive: Callable[[Visitor, Settings], Awaitable[Act]]
    says: str = "sorry"
    again: Callable[[Visitor, Settings], Awaitable[object]] | None = None
    typed: tuple[str, str] = ("who", "me")


async def _start(visitor: Visitor, _settings: Settings) -> Act:
    await visitor.get("/sv/assess/urinary")
    form = visitor.document.form("/assess/urinary")
    return lambda: visitor.send(form)


async def _try(visitor: Visitor, _settings: Settings) -> Act:
    await visitor.get("/fi/assess/urinary")
    form = visitor.document.form("/assess/urinary/try")
    return lambda: visitor.send(form)


async def _begun(visitor: Visitor) -> str:
    await visitor.get("/fi/assess/urinary")
    await visitor.submit("/assess/urinary")
    return visitor.path


async def _answer(visitor: Visitor, _settings: Settings) -> Act:
    await _begun(visitor)
    form = visitor.document.form(visitor.path)
    return lambda: visitor.send(form, who="me")


async def _page_in_another_language(visitor: Visitor, _settings: Settings) -> Act:
    other = (await _begun(visitor)).replace("/fi/", "/sv/")
    return lambda: visitor.get(other)


async def _finished(visitor: Visitor) -> str:
    """An assessment answered to its end by the first choice of each question."""
    await _begun(visitor)
    for _ in range(20):
        if visitor.path.endswith("/result"):
            return visitor.path
        form = visitor.document.form(visitor.path)
        await visitor.send(form, "", **_first_answers(form))
    raise AssertionError("the assessment does not end")


def _first_answers(form: Form) -> dict[str, str | list[str]]:
    """The first choice of each question, and 45 wherever a number is asked for."""
    found: dict[str, str | list[str]] = {}
    for field in form.element.iter("input"):
        name, kind = field.get("name", ""), field.get("type", "text")
        if kind in {"radio", "checkbox"}:
            found.setdefault(name, field.get("value", ""))
        elif kind == "text":
            found[name] = "45"
    return found


async def _result_in_another_language(visitor: Visitor, _settings: Settings) -> Act:
    other = (await _finished(visitor)).replace("/fi/", "/en/")
    return lambda: visitor.get(other)


def _leaving(door: str) -> Callable[[Visitor, Settings], Awaitable[Act]]:
    async def arrive(visitor: Visitor, _settings: Settings) -> Act:
        await visitor.get(door)
        form = visitor.document.form(door)
        return lambda: visitor.depart(form)

    return arrive


def _coming_back(door: str, who: str) -> Callable[[Visitor, Settings], Awaitable[Act]]:
    async def arrive(visitor: Visitor, _settings: Settings) -> Act:
        await visitor.get(door)
        await visitor.submit(door)
        form = next(one for one in visitor.document.forms() if any(who in button[0] for button in one.buttons))
        _, name, value = next(button for button in form.buttons if who in button[0])
        data = {**dict(form.values), **({name: value} if name else {})}
        answer = await visitor.client.post(urljoin(visitor.here, form.action), data=data)
        back = answer.headers["location"]
        return lambda: visitor.get(back)

    return arrive


def _signing_in(door: str, who: str) -> Callable[[Visitor, Settings], Awaitable[object]]:
    """The way back is for one use: once the service is there again, one signs in anew."""

    async def again(visitor: Visitor, _settings: Settings) -> object:
        await visitor.get(door)
        return await visitor.sign_in(who)

    return again


def _leaving_for_good(door: str, who: str, sign_out: str) -> Callable[[Visitor, Settings], Awaitable[Act]]:
    async def arrive(visitor: Visitor, settings: Settings) -> Act:
        await _signing_in(door, who)(visitor, settings)
        form = visitor.document.form(sign_out)
        return lambda: visitor.depart(form)

    return arrive


async def _operator(visitor: Visitor, settings: Settings) -> None:
    signed_in = sign_in_staff(settings, ["operator"], [])
    visitor.client.cookies.set("asiointi-staff", signed_in.cookie)


def _trying(system: str) -> Callable[[Visitor, Settings], Awaitable[Act]]:
    async def arrive(visitor: Visitor, settings: Settings) -> Act:
        await _operator(visitor, settings)
        await visitor.get(f"/fi/staff/systems/{system}")
        form = visitor.document.form(f"/systems/{system}/try")
        return lambda: visitor.send(form)

    return arrive


def _told_of_a_logout(audience: str) -> Callable[[Visitor, Settings], Awaitable[Act]]:
    async def arrive(visitor: Visitor, _settings: Settings) -> Act:
        key = RSAKey.generate_key(2048, parameters={"kid": str(uuid.uuid4())}, private=True)
        header = {"alg": "RS256", "kid": key.kid, "typ": "logout+jwt"}
        token = jws.serialize_compact(header, b"{}", key)
        return lambda: visitor.post(f"/backchannel-logout/{audience}", {"logout_token": token})

    return arrive


async def _at_consents(visitor: Visitor, settings: Settings) -> None:
    """Signed in, without a consent that holds."""
    change(settings, "update health_record_consent set ended_at = now(), ended_by = 'resident' where ended_at is null")
    await visitor.get("/fi/my/consents")
    if "/sign-in" in visitor.path:
        await visitor.sign_in(ANNA)


async def _giving_consent(visitor: Visitor, settings: Settings) -> Act:
    await _at_consents(visitor, settings)
    form = visitor.document.form("/consents/health-record")
    return lambda: visitor.depart(form)


async def _coming_back_with_consent(visitor: Visitor, settings: Settings) -> Act:
    await _at_consents(visitor, settings)
    await visitor.submit("/consents/health-record")
    form = next(one for one in visitor.document.forms() if one.action.startswith("?"))
    _, name, value = form.buttons[0]
    data = {**dict(form.values), "person": "anna", **({name: value} if name else {})}
    answer = await visitor.client.post(urljoin(visitor.here, form.action), data=data)
    back = answer.headers["location"]
    return lambda: visitor.get(back)


async def _consenting(visitor: Visitor, settings: Settings) -> object:
    await _at_consents(visitor, settings)
    await visitor.submit("/consents/health-record")
    return await visitor.consent("anna")


async def _at_acting(visitor: Visitor, _settings: Settings) -> None:
    """Signed in, before choosing for whom to act."""
    await visitor.get("/fi/acting")
    if "/sign-in" in visitor.path:
        await visitor.sign_in(ANNA)


async def _choosing(visitor: Visitor, settings: Settings) -> Act:
    await _at_acting(visitor, settings)
    form = visitor.document.form("/acting/suomifi")
    return lambda: visitor.depart(form)


async def _coming_back_with_a_choice(visitor: Visitor, settings: Settings) -> Act:
    await _at_acting(visitor, settings)
    await visitor.submit("/acting/suomifi")
    form = next(one for one in visitor.document.forms() if any(CHILD in button[0] for button in one.buttons))
    _, name, value = next(button for button in form.buttons if CHILD in button[0])
    data = {**dict(form.values), **({name: value} if name else {})}
    answer = await visitor.client.post(urljoin(visitor.here, form.action), data=data)
    back = answer.headers["location"]
    return lambda: visitor.get(back)


async def _choosing_again(visitor: Visitor, settings: Settings) -> object:
    await _at_acting(visitor, settings)
    await visitor.submit("/acting/suomifi")
    form = next(one for one in visitor.document.forms() if any(CHILD in button[0] for button in one.buttons))
    return await visitor.send(form, CHILD)


SMALL_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
FILE_WORDS = ("f27", "Lausunto tulee liitteenä.")
ANNA, CHILD, SARI = "Anna Lehtokangas", "Eemeli", "Sari Hoitaja"


async def _sending_a_file(visitor: Visitor, settings: Settings) -> Act:
    """A page of an application, with words in a field and a file to look at."""
    await _signing_in("/fi/sign-in", ANNA)(visitor, settings)
    await visitor.get("/fi/forms/application-mobility")
    await visitor.submit("/forms/application-mobility")
    path = f"{visitor.path.partition('/page/')[0]}/page/24"
    await visitor.get(path)
    form, files = visitor.document.form(path), {"f26": ("lausunto.pdf", SMALL_PDF, "application/pdf")}
    return lambda: visitor.fill_in(form, dict((FILE_WORDS,)), files, "Jatka")


async def _fetching(visitor: Visitor, settings: Settings) -> Act:
    """A page of a form that asks for height and weight, with a consent that lets us read them."""
    await _at_consents(visitor, settings)
    await visitor.submit("/consents/health-record")
    await visitor.consent("anna")
    await visitor.get("/fi/forms/pre-visit")
    await visitor.submit("/forms/pre-visit")
    path = f"{visitor.path.partition('/page/')[0]}/page/30"
    await visitor.get(path)
    form = visitor.document.form(path)
    form.action = f"{form.action}/record"
    return lambda: visitor.send(form)


RESIDENTS, STAFF, PHR, MANDATES = "suomifi-identification", "staff-identification", "kanta-phr", "suomifi-mandates"

WALKS: tuple[Walk, ...] = (
    Walk("assess_start", "omaolo", _start),
    Walk("assess_try", "omaolo", _try),
    Walk("assess_page", "omaolo", _page_in_another_language),
    Walk("assess_answer", "omaolo", _answer, "form"),
    Walk("assess_result", "omaolo", _result_in_another_language, "kept"),
    Walk("form_answer", "scanner", _sending_a_file, "form", typed=FILE_WORDS),
    Walk("sign_in_start", RESIDENTS, _leaving("/fi/sign-in")),
    Walk("sign_in_callback", RESIDENTS, _coming_back("/sv/sign-in", ANNA), again=_signing_in("/sv/sign-in", ANNA)),
    Walk(
        "sign_out",
        RESIDENTS,
        _leaving_for_good("/en/sign-in", ANNA, "/sign-out"),
        "left",
        _signing_in("/en/sign-in", ANNA),
    ),
    Walk("backchannel_logout", RESIDENTS, _told_of_a_logout("resident"), "refusal"),
    Walk("staff_sign_in_start", STAFF, _leaving("/fi/staff/sign-in")),
    Walk(
        "staff_sign_in_callback",
        STAFF,
        _coming_back("/sv/staff/sign-in", SARI),
        again=_signing_in("/sv/staff/sign-in", SARI),
    ),
    Walk(
        "staff_sign_out",
        STAFF,
        _leaving_for_good("/fi/staff/sign-in", SARI, "/staff/sign-out"),
        "left",
        _signing_in("/fi/staff/sign-in", SARI),
    ),
    Walk("staff_backchannel_logout", STAFF, _told_of_a_logout("staff"), "refusal"),
    Walk("health_record_give", PHR, _giving_consent, "left"),
    Walk("health_record_callback", PHR, _coming_back_with_consent, again=_consenting),
    Walk("form_record", PHR, _fetching, "kept"),
    Walk("acting_leave", MANDATES, _choosing),
    Walk("acting_callback", MANDATES, _coming_back_with_a_choice, again=_choosing_again),
    *(Walk("system_try", system, _trying(system), "state") for system in SYSTEMS),
)
