"""Who comes back from identification: people from abroad, levels of assurance, a changed code, a death; and step-up."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws

from app.domain.identity_code import IdentityCode, InvalidIdentityCode
from app.integrations.oidc import SignedIn
from app.integrations.sign_in import SignInRefused
from app.integrations.suomifi.identification.assurance import assurance_of, strong_enough
from app.integrations.suomifi.identification.claims import OP, TELIA, ClaimNames
from app.integrations.suomifi.identification.client import SuomifiIdentification, check_new_proof
from app.integrations.suomifi.identification.port import Identity
from app.integrations.suomifi.identification.reading import read_identity
from tests.contract.ftn_server import parsed, sign_in, walk
from tests.contract.simulator_server import ACR, REDIRECT_URI, SimulatorServer

FINNISH_HIGH = "http://ftn.ficora.fi/2017/loa3"
EIDAS = "http://eidas.europa.eu/LoA/"
ALL_LEVELS = (FINNISH_HIGH, ACR, f"{EIDAS}high", f"{EIDAS}substantial", f"{EIDAS}low")
NAMES = ClaimNames()
TODAY = date(2026, 11, 22)


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


@pytest.fixture
async def open_to_all(simulators: SimulatorServer) -> AsyncIterator[SuomifiIdentification]:
    """A client that takes every level and looks at it itself."""
    client = SuomifiIdentification(replace(simulators.sign_in_config(), acr_values=ALL_LEVELS))
    yield client
    await client.close()


@pytest.fixture
def signed_in_an_hour_ago(simulators: SimulatorServer, mender: httpx.Client) -> Iterator[None]:
    """Whoever comes is remembered by the provider since an hour."""
    record = {"kind": "suomifi-identification/single-sign-on", "key": "seconds", "body": 3600}
    mender.put(f"{simulators.url}/_scenario", json={"records": [record]}).raise_for_status()
    yield
    mender.post(f"{simulators.url}/_reset/suomifi-identification").raise_for_status()


# People


async def test_somebody_from_another_country(browser: httpx.AsyncClient, open_to_all: SuomifiIdentification) -> None:
    """eIDAS tells names, date of birth and the other country's identifier; nothing of it is taken as Finnish."""
    elena = await sign_in(browser, open_to_all, "elena")
    assert (elena.kind, elena.identity_code) == ("eidas", "IT/FI/0000000000")
    assert (elena.given_name, elena.first_names, elena.family_name) == ("Elena", "Elena", "Esempio")
    assert elena.birth_date == date(1990, 2, 3)
    assert (elena.municipality, elena.non_disclosure) == (None, None)
    lars = await sign_in(browser, open_to_all, "lars")
    assert (lars.given_name, lars.first_names, lars.assurance) == ("Lars", "Lars Erik", "high")
    for secret in (elena.identity_code, "Esempio", "1990"):
        assert secret not in repr(elena)


async def test_levels_of_assurance(browser: httpx.AsyncClient, open_to_all: SuomifiIdentification) -> None:
    """Each login is told at its own level, whatever was asked for first; a Finnish one keeps its Finnish level."""
    expected = {"anna": "high", "elena": "substantial", "elena-high": "high", "elena-low": "low"}
    for person, assurance in expected.items():
        assert (await sign_in(browser, open_to_all, person)).assurance == assurance, person
    assert (await sign_in(browser, open_to_all, "anna")).acr == FINNISH_HIGH


async def test_a_level_that_is_not_taken(browser: httpx.AsyncClient, simulators: SimulatorServer) -> None:
    """A window that takes Finnish levels alone, or no low ones, lets nobody in below them."""
    cases = {(ACR,): ("elena", "elena-low"), ALL_LEVELS[:-1]: ("elena-low",)}
    for accepted, people in cases.items():
        client = SuomifiIdentification(replace(simulators.sign_in_config(), acr_values=accepted))
        for person in people:
            with pytest.raises(SignInRefused, match="wrong_acr"):
                await sign_in(browser, client, person)
        await client.close()


async def test_who_can_not_sign_in(browser: httpx.AsyncClient, open_to_all: SuomifiIdentification) -> None:
    """The deceased and the replaced code are not offered and can't be picked; the new code signs in."""
    begun = await open_to_all.begin(redirect_uri=REDIRECT_URI, language="fi")
    page = await browser.get(begun.url, follow_redirects=True)
    offered = {button.get("value") for button in parsed(page).findall(".//li/button")}
    assert {"ilona", "elena", "elena-high", "elena-low"} <= offered
    for person in ("toivo", "ilona-before"):
        assert person not in offered
        assert (await browser.post(page.url, data={"person": person})).headers["location"] == str(page.url)
    assert (await sign_in(browser, open_to_all, "ilona")).identity_code == "080895-9282"


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        "120488-902S",
        "SE/FI/",
        "SE/FI",
        "se/fi/x",
        "/FI/x",
        "SE/FI/a b",
        "SE/FI/ä",
        f"SE/FI/{'x' * 251}",
        " SE/FI/x",
        7,
    ],
)
def test_what_is_no_foreign_identifier(identifier: Any) -> None:
    """Above all a Finnish code in the foreigners' place: it must not open the window of the person it belongs to."""
    with pytest.raises(SignInRefused, match="no_identity_code"):
        read({NAMES.foreign_identifier: identifier})


def test_a_finnish_code_wins() -> None:
    """Where the provider knows the Finnish code of somebody who came by eIDAS, they are that person."""
    both = {NAMES.identity_code: "120488-902S", NAMES.foreign_identifier: "SE/FI/x"}
    assert (read(both).kind, read(both).identity_code) == ("finnish", "120488-902S")


@given(st.from_regex(r"[A-Z]{2}/[A-Z]{2}/[!-~]{1,250}", fullmatch=True))
def test_a_foreign_identifier_is_never_a_finnish_code(identifier: str) -> None:
    """Every identifier that we take is impossible as a Finnish one, so the two never meet in a lookup."""
    assert read({NAMES.foreign_identifier: identifier}).identity_code == identifier
    with pytest.raises(InvalidIdentityCode):
        IdentityCode.parse(identifier, TODAY)


@given(
    st.dictionaries(
        st.sampled_from([NAMES.birth_date, NAMES.municipality, NAMES.family_name, "auth_time", "acr"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.lists(st.text(max_size=3)),
    )
)
def test_odd_claims_are_left_out(odd: dict[str, Any]) -> None:
    """No claim beside the identifier makes reading fail, and an unknown level is low."""
    identity = read({NAMES.identity_code: "120488-902S", **odd})
    assert identity.assurance == "low"
    assert identity.authenticated_at is None or identity.authenticated_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("told", "day"), [("2000-02-29", date(2000, 2, 29)), ("2001-02-29", None), ("20000229", None), ("", None)]
)
def test_birth_dates(told: str, day: date | None) -> None:
    """A day of the calendar as eIDAS writes it, or none."""
    assert read({NAMES.foreign_identifier: "SE/FI/x", NAMES.birth_date: told}).birth_date == day


FINNISH = {NAMES.identity_code: "120488-902S"}
ABROAD = {NAMES.foreign_identifier: "SE/FI/x"}


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        (FINNISH, (None, None)),
        (FINNISH | {NAMES.non_disclosure: ""}, (None, None)),
        (FINNISH | {NAMES.municipality: "491"}, (False, "491")),
        (FINNISH | {NAMES.non_disclosure: "0"}, (False, None)),
        (FINNISH | {NAMES.non_disclosure: False, NAMES.municipality: "491"}, (False, "491")),
        (FINNISH | {NAMES.non_disclosure: "1", NAMES.municipality: "491"}, (True, None)),
        (FINNISH | {NAMES.non_disclosure: "what?", NAMES.municipality: "491"}, (True, None)),
        (ABROAD, (None, None)),
        (ABROAD | {NAMES.non_disclosure: "0"}, (None, None)),
        (ABROAD | {NAMES.non_disclosure: "1"}, (True, None)),
    ],
)
def test_who_knows_of_non_disclosure(claims: dict[str, Any], expected: tuple[bool | None, str | None]) -> None:
    """Only the population register's own answer says that there is none; silence, and another country, say nothing."""
    identity = read(claims)
    assert (identity.non_disclosure, identity.municipality) == expected


@pytest.mark.parametrize("names", [TELIA, OP])
def test_brokers_do_not_know_of_non_disclosure(names: ClaimNames) -> None:
    """A broker's sign-in says nothing of it, whatever else it tells."""
    claims = {names.identity_code: "120488-902S", NAMES.non_disclosure: "0", NAMES.municipality: "491"}
    identity = read_identity(SignedIn(claims, "token"), names)
    assert (identity.non_disclosure, identity.municipality) == (None, None)


@given(st.text())
def test_only_known_levels_are_strong(acr: str) -> None:
    """Whatever a provider calls its levels, an unknown name opens nothing; asking again asks for strong ones only."""
    assert assurance_of(acr) == "low"
    assert strong_enough((acr,)) == (ACR, FINNISH_HIGH)
    assert strong_enough(ALL_LEVELS) == ALL_LEVELS[:-1]


# Proving again who one is


async def test_a_new_proof_is_asked_for(simulators: SimulatorServer, open_to_all: SuomifiIdentification) -> None:
    """A forced sign-in asks for a login, its time, and levels that open personal data; an ordinary one asks for none
    of that. A window that signs its requests says it inside the signature."""
    plain = await open_to_all.begin(redirect_uri=REDIRECT_URI, language="sv")
    assert plain.pending.forced_at is None
    assert not {"prompt", "max_age"} & dict(parse_qsl(urlsplit(plain.url).query)).keys()
    begun = await open_to_all.begin(redirect_uri=REDIRECT_URI, language="sv", force=True)
    query = dict(parse_qsl(urlsplit(begun.url).query))
    wanted = {"prompt": "login", "max_age": "0", "ui_locales": "sv", "acr_values": " ".join(ALL_LEVELS[:-1])}
    assert {name: query[name] for name in wanted} == wanted
    assert begun.pending.forced_at
    assert abs(datetime.now(UTC) - begun.pending.forced_at) < timedelta(seconds=10)
    signing = SuomifiIdentification(replace(simulators.sign_in_config(), acr_values=ALL_LEVELS, signs_requests=True))
    signed = await signing.begin(redirect_uri=REDIRECT_URI, language="sv", force=True)
    await signing.close()
    outside = dict(parse_qsl(urlsplit(signed.url).query))
    assert set(outside) == {"client_id", "response_type", "scope", "request"}
    inside = json.loads(jws.extract_compact(outside["request"].encode()).payload)
    assert {name: inside[name] for name in wanted} == wanted


@pytest.mark.usefixtures("signed_in_an_hour_ago")
async def test_a_remembered_login_does_for_an_ordinary_sign_in(
    browser: httpx.AsyncClient, open_to_all: SuomifiIdentification
) -> None:
    """The provider may remember people; when they proved who they are is told."""
    proved_at = (await sign_in(browser, open_to_all, "anna")).authenticated_at
    assert proved_at
    assert timedelta(minutes=59) < datetime.now(UTC) - proved_at < timedelta(minutes=61)


@pytest.mark.usefixtures("signed_in_an_hour_ago")
async def test_a_forced_sign_in_takes_a_new_proof_only(
    browser: httpx.AsyncClient, open_to_all: SuomifiIdentification
) -> None:
    """A provider that is asked makes the person prove it anew; taking the demand out of the address doesn't help."""
    begun = await open_to_all.begin(redirect_uri=REDIRECT_URI, language="fi", force=True)
    identity = await open_to_all.finish(begun.pending, await walk(browser, begun.url, {"person": "anna"}))
    assert identity.authenticated_at
    assert datetime.now(UTC) - identity.authenticated_at < timedelta(seconds=30)
    begun = await open_to_all.begin(redirect_uri=REDIRECT_URI, language="fi", force=True)
    address = httpx.URL(begun.url).copy_remove_param("prompt").copy_remove_param("max_age")
    callback = await walk(browser, str(address), {"person": "anna"})
    with pytest.raises(SignInRefused, match="not_fresh"):
        await open_to_all.finish(begun.pending, callback)


async def test_a_step_up_needs_the_level(browser: httpx.AsyncClient, open_to_all: SuomifiIdentification) -> None:
    """Who came at a low level goes up with a better login of the same identifier, not with the same one again."""
    low = await sign_in(browser, open_to_all, "elena-low")
    begun = await open_to_all.begin(redirect_uri=REDIRECT_URI, language="en", force=True)
    callback = await walk(browser, begun.url, {"person": "elena-low"})
    with pytest.raises(SignInRefused, match="wrong_acr"):
        await open_to_all.finish(begun.pending, callback)
    begun = await open_to_all.begin(redirect_uri=REDIRECT_URI, language="en", force=True)
    up = await open_to_all.finish(begun.pending, await walk(browser, begun.url, {"person": "elena"}))
    assert (low.assurance, up.assurance) == ("low", "substantial")
    assert (low.kind, low.identity_code) == (up.kind, up.identity_code)


def test_a_proof_of_unknown_age_is_none() -> None:
    """A provider that doesn't tell when the person proved it, or tells rubbish, is not believed; seconds between the
    clocks are."""
    begun = datetime(2026, 11, 22, 12, tzinfo=UTC)
    good = begun.timestamp() - 20
    check_new_proof(read({NAMES.identity_code: "x", "acr": ACR, "auth_time": good}), begun)
    for told in (None, "now", True, 1e300, good - 60):
        with pytest.raises(SignInRefused, match="not_fresh"):
            check_new_proof(read({NAMES.identity_code: "x", "acr": ACR, "auth_time": told}), begun)


def read(claims: dict[str, Any]) -> Identity:
    return read_identity(SignedIn(claims, "token"), NAMES)
