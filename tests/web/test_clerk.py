"""The clerk's desk: people found by their code, paper mandates with two clerks, helpers, and who may do what."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date

import pytest
import pytest_asyncio
from fastapi import FastAPI

from app.services.acting.rights import care_roles
from app.settings import Settings
from tests.tools.attacker import Attacker
from tests.tools.deliveries import change, rows_of
from tests.tools.document import Document
from tests.tools.world import work_off

AILI, MARJA, LIISA = "080345-906D", "221070-938K", "030268-952T"
KATRI, EEMELI, ANNA, TIMO = "140691Y9201", "050318A917V", "120488-902S", "060572-9515"
GUNILLA, NOORA, PEKKA, VAINO = "190458-942U", "280899X954U", "240179U9710", "110239-967Y"
NEVER_HERE = "010203-9013"
UNIT = ["mikkeli"]
STATEMENTS = ["principal_identified", "mandatee_identified", "own_will", "explained"]


def mandate(principal: str = AILI, mandatee: str = MARJA, **other: str | list[str]) -> dict[str, str | list[str]]:
    """A whole form of a mandate."""
    return {
        "principal": principal,
        "mandatee": mandatee,
        "registers": ["patient"],
        "competence": "met_here",
        "statements": STATEMENTS,
        "document_type": "county_form",
        "document_place": "Mikkelin arkisto, kansio 12",
        "signed_on": "24.11.2026",
        "valid_from": "24.11.2026",
        "valid_to": "23.11.2027",
        **other,
    }


@pytest_asyncio.fixture(loop_scope="session")
async def clerk(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    """A service guide, who records."""
    async with Attacker.staff(app, settings, ["service_guide"], UNIT) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def second(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    """A nurse, who checks."""
    async with Attacker.staff(app, settings, ["triage_nurse"], UNIT) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def supervisor(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    """A supervisor, who keeps the register of persons right."""
    async with Attacker.staff(app, settings, ["supervisor"], UNIT) as one:
        yield one


async def found(who: Attacker, code: str) -> str:
    """The path of the person's page, found by the code."""
    answer = await who.post("/fi/staff/people/find", code=code)
    assert answer.status_code == 303, Document(answer.text).text
    path: str = answer.headers["location"]
    return path


def count(settings: Settings, table: str) -> int:
    number: int = rows_of(settings, f"select count(*) n from {table}")[0]["n"]
    return number


PAGES = {
    "people": ("GET", ("service_guide", "triage_nurse", "social_worker", "supervisor")),
    "people/find": ("POST", ("service_guide", "triage_nurse", "social_worker", "supervisor")),
    "people/register": ("POST", ("service_guide", "triage_nurse", "social_worker")),
    "people/temporary": ("GET", ("service_guide", "triage_nurse", "social_worker")),
    "mandates": ("GET", ("service_guide", "triage_nurse", "social_worker")),
    "mandates/new": ("GET", ("service_guide", "triage_nurse", "social_worker")),
    "same-person": ("GET", ("supervisor",)),
}
ROLES = ["service_guide", "triage_nurse", "social_worker", "supervisor", "specialist", "auditor", "content_owner"]


@pytest.mark.parametrize("role", [*ROLES, "operator", "unheard-of"])
async def test_who_may_open_what(app: FastAPI, settings: Settings, role: str) -> None:
    """Every page of the desk is there for those with its permission, and for no other staff."""
    async with Attacker.staff(app, settings, [role], UNIT) as one:
        for path, (method, roles) in PAGES.items():
            answer = await (one.post(f"/fi/staff/{path}") if method == "POST" else one.send("GET", f"/fi/staff/{path}"))
            assert (answer.status_code != 404) == (role in roles), (role, path, answer.status_code)


async def test_nobody_and_residents_are_sent_to_sign_in(app: FastAPI, settings: Settings) -> None:
    """Without a staff session there is no desk; a resident's session opens nothing."""
    for one in (Attacker(app, settings), Attacker.resident(app, settings)):
        async with one:
            for path, (method, _roles) in PAGES.items():
                assert (await one.send(method, f"/sv/staff/{path}")).status_code == 303


@pytest.mark.parametrize("code", ["", "080345-906E", "310245-9063", "080345-0009", "131099A9999", "x" * 5000, "T-123"])
async def test_wrong_codes_get_a_sentence(clerk: Attacker, settings: Settings, code: str) -> None:
    """A code that is none is told at its field; nobody is found and nothing is kept."""
    before = count(settings, "found_person")
    answer = await clerk.post("/sv/staff/people/find", code=code)
    assert answer.status_code == 422
    assert 'href="#code"' in answer.text
    assert count(settings, "found_person") == before


async def test_finding_a_person(clerk: Attacker, settings: Settings) -> None:
    """The page is addressed by id, masks the code, and is audited with its purpose; nobody else opens it."""
    path = await found(clerk, AILI.lower())
    assert AILI not in path
    page = await clerk.send("GET", path)
    assert "Aili Harjulampi" in page.text
    assert "080345-****" in page.text
    assert AILI not in page.text
    (row,) = rows_of(
        settings,
        "select purpose, subject_id from audit_event where actor_id = %s and action = 'find'",
        clerk.who.person_id if clerk.who else None,
    )
    assert row["purpose"] == "identifying a person at the desk"
    assert str(row["subject_id"]) in path


async def test_found_by_one_is_found_by_one(clerk: Attacker, second: Attacker, settings: Settings) -> None:
    """A person's page opens for who found them, for some hours; for others the address leads nowhere."""
    path = await found(clerk, GUNILLA)
    assert (await second.send("GET", path)).status_code == 404
    assert (await clerk.send("GET", path)).status_code == 200
    change(settings, "update found_person set until = until - interval '5 hours'")
    assert (await clerk.send("GET", path)).status_code == 404


async def test_non_disclosure_hides_where_somebody_is(clerk: Attacker, settings: Settings) -> None:
    """Under non-disclosure the page says so first, and shows no municipality and no helper's number."""
    path = await found(clerk, KATRI)
    change(settings, "update person set municipality_code = '491' where given_name = 'Katri'")
    form = {"role": "supporter", "name": "Tuki", "phone": "0401234567", "first": "24.11.2026", "last": "1.1.2027"}
    assert (await clerk.post(f"{path}/helpers", **form)).status_code == 303
    page = await clerk.send("GET", path)
    assert "govuk-warning-text" in page.text
    assert "Mikkeli" not in page.text
    assert "tel:+358401234567" not in page.text
    change(settings, "update person set municipality_code = null where given_name = 'Katri'")


async def test_registering_somebody_new(clerk: Attacker, settings: Settings) -> None:
    """Who has never been here is registered by the names of a document; the same form twice makes one person."""
    answer = await clerk.post("/fi/staff/people/find", code=NEVER_HERE)
    assert answer.status_code == 200
    assert Document(answer.text).form("/people/register")
    missing = await clerk.post("/fi/staff/people/register", code=NEVER_HERE, given_name="Uuno")
    assert missing.status_code == 422
    names = {"given_name": "Uuno", "family_name": "Uusi", "language": "sv"}
    fields = {"form_token": clerk.token(), "code": NEVER_HERE, **names}
    first = await clerk.send("POST", "/fi/staff/people/register", data=fields)
    again = await clerk.send("POST", "/fi/staff/people/register", data=fields)
    assert first.headers["location"] == again.headers["location"]
    (row,) = rows_of(settings, "select birth_date, language, identity_sealed from person where family_name = 'Uusi'")
    assert (row["birth_date"], row["language"]) == (date(1903, 2, 1), "sv")
    assert NEVER_HERE.encode() not in row["identity_sealed"]


async def test_temporary_code_is_shown_once(clerk: Attacker, second: Attacker, settings: Settings) -> None:
    """Somebody without a Finnish code gets one of ours: it is told once, kept as a hash only, and finds them."""
    form = {"given_name": "Ivan", "family_name": "Ilman", "language": "en", "born": "5.3.1990"}
    fields = {"form_token": clerk.token(), **form}
    page = await clerk.send("POST", "/fi/staff/people/temporary", data=fields)
    assert page.status_code == 200
    code = next(word for word in Document(page.text).text.split() if word.startswith("T-"))
    assert (await clerk.send("POST", "/fi/staff/people/temporary", data=fields)).status_code == 303
    path = await found(second, code.lower())
    shown = await second.send("GET", path)
    assert "Ivan Ilman" in shown.text
    assert code not in shown.text
    (row,) = rows_of(settings, "select identity_sealed, identity_kind from person where family_name = 'Ilman'")
    assert (row["identity_sealed"], row["identity_kind"]) == (None, "temporary")
    assert (await clerk.post("/fi/staff/people/temporary", **{**form, "born": "31.2.1990"})).status_code == 422
    temporary = {"code": "T-AAAA-BBBB-CCCC", "given_name": "A", "family_name": "B", "language": "fi"}
    assert (await clerk.post("/fi/staff/people/register", **temporary)).status_code == 422


async def test_mandate_with_two_clerks(clerk: Attacker, second: Attacker, settings: Settings) -> None:
    """One records, another checks; the recorder can't check; revoking takes a reason and stops who is acting."""
    recorded = await clerk.post("/fi/staff/mandates", **mandate())
    assert recorded.status_code == 303
    path = recorded.headers["location"]
    state = "select checked_by, revoked_at, document_type, signed_on, registers from local_mandate"
    own = await clerk.post(f"{path}/check", compared="yes")
    assert own.status_code == 422
    assert 'href="#check"' in own.text
    assert rows_of(settings, state)[0]["checked_by"] is None
    assert (await second.post(f"{path}/check")).status_code == 422
    listed = await second.send("GET", "/sv/staff/mandates")
    assert "Aili Harjulampi" in listed.text
    assert (await second.post(f"{path}/check", compared="yes")).status_code == 303
    (row,) = rows_of(settings, state)
    assert second.who
    assert row["checked_by"] == second.who.person_id
    assert (row["document_type"], row["signed_on"], row["registers"]) == (
        "county_form",
        date(2026, 11, 24),
        ["patient"],
    )
    assert (await clerk.post(f"{path}/revoke", reason=" ")).status_code == 422
    acting_by(settings, "local_mandate_id", path.rpartition("/")[2], "Marja", "Aili")
    assert (await clerk.post(f"{path}/revoke", reason="Valtuuttaja perui")).status_code == 303
    assert rows_of(settings, state)[0]["revoked_at"]
    await work_off(settings)
    assert rows_of(settings, "select ended_why from representation")[0]["ended_why"] == "lost"
    assert (await second.post(f"{path}/check", compared="yes")).status_code in {303, 422}
    actions = rows_of(settings, "select action from audit_event where target_kind = 'local_mandate' order by id")
    wanted = ["record_local_mandate", "check_local_mandate", "revoke_local_mandate"]
    assert [row["action"] for row in actions if row["action"] != "read"] == wanted


def acting_by(settings: Settings, column: str, source: str, actor: str, subject: str) -> None:
    """Somebody acts just now by the mandate or care role `source`."""
    change(
        settings,
        "with one as (insert into browser_session (id, token_hash, person_id, created_at, seen_at)"
        " select gen_random_uuid(), gen_random_uuid()::text::bytea, id, now(), now() from person"
        " where given_name = %s and identity_sealed is not null returning id, person_id)"
        " insert into representation (id, session_id, actor_id, subject_id, basis, registers, readable, asked_at,"
        f" request_id, {column}, began_at, ended_why) select gen_random_uuid(), one.id, one.person_id, p.id,"
        " 'local_mandate', '{patient}', '{patient}', now(), '', %s, now(), '' from one, person p"
        " where p.given_name = %s and p.identity_sealed is not null",
        actor,
        source,
        subject,
    )


FAULTY = {
    "same_person": (mandate(mandatee=AILI), "mandatee"),
    "principal_not_adult": (mandate(principal=EEMELI), "principal"),
    "mandatee_not_adult": (mandate(mandatee=EEMELI), "mandatee"),
    "competence_missing": (mandate(competence=""), "competence"),
    "principal_not_met": (mandate(competence="not_met"), "competence"),
    "principal_unable": (mandate(competence="unable"), "competence"),
    "statements_missing": (mandate(statements=STATEMENTS[:3]), "statements"),
    "document_type": (mandate(document_type="napkin"), "document_type"),
    "document_place": (mandate(document_place=" "), "document_place"),
    "signed_in_future": (mandate(signed_on="25.11.2026", valid_from="26.11.2026"), "signed_on"),
    "registers": (mandate(registers=["everything"]), "registers"),
    "validity_backwards": (mandate(valid_from="2.1.2027", valid_to="1.1.2027"), "valid_to"),
    "validity_before_signing": (mandate(valid_from="23.11.2026"), "valid_from"),
    "validity_over": (mandate(signed_on="1.1.2026", valid_from="1.1.2026", valid_to="2.1.2026"), "valid_to"),
    "validity_too_long": (mandate(valid_to="25.11.2028"), "valid_to"),
    "no day": (mandate(valid_to="30.2.2027"), "valid_to"),
    "wrong code": (mandate(principal="080345-906E"), "principal"),
    "nobody": (mandate(mandatee="010203-9046"), "mandatee"),
    "long": (mandate(document_place="x" * 301), "document_place"),
}


@pytest.mark.parametrize("name", FAULTY)
async def test_faulty_mandates(clerk: Attacker, settings: Settings, name: str) -> None:
    """Each fault is told at its field and in the summary; what was typed stays, and nothing is recorded."""
    before = count(settings, "local_mandate")
    form, field = FAULTY[name]
    answer = await clerk.post("/fi/staff/mandates", **form)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}-error"' in answer.text
    assert str(form["principal"]) in answer.text
    assert count(settings, "local_mandate") == before


async def test_two_clerks_record_at_once(clerk: Attacker, second: Attacker, settings: Settings) -> None:
    """The constraint lets one of two mandates for the same days through; the other clerk reads why."""
    form = mandate(LIISA, ANNA)
    answers = await asyncio.gather(*(who.post("/fi/staff/mandates", **form) for who in (clerk, second)))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert 'href="#valid_from"' in refused.text
    query = "select count(*) n from local_mandate m join person p on p.id = principal_id where given_name = 'Liisa'"
    assert rows_of(settings, query)[0]["n"] == 1


async def test_helpers(clerk: Attacker, settings: Settings) -> None:
    """A helper is recorded once for the same days, shown on the page, and ended; who acts by it is stopped."""
    path = await found(clerk, EEMELI)
    form = {"role": "foster_carer", "helper": TIMO, "first": "24.11.2026", "last": "24.11.2027"}
    assert (await clerk.post(f"{path}/helpers", **form, phone="040 123 4567")).status_code == 303
    overlapping = await clerk.post(f"{path}/helpers", **{**form, "first": "1.1.2027"})
    assert overlapping.status_code == 409
    assert 'href="#first"' in overlapping.text
    page = await clerk.send("GET", path)
    assert "040\xa0123\xa04567" in page.text or "040&nbsp;123" in page.text
    (row,) = rows_of(settings, "select id, helper_name from care_role where role = 'foster_carer'")
    assert row["helper_name"].startswith("Timo")
    change(settings, "update representation set ended_at = now() where ended_at is null")
    acting_by(settings, "care_role_id", str(row["id"]), "Timo", "Eemeli")
    assert (await clerk.post(f"/fi/staff/helpers/{row['id']}/end")).status_code == 303
    await work_off(settings)
    assert not rows_of(settings, "select 1 from representation where ended_at is null")
    assert (await clerk.post(f"{path}/helpers", **form)).status_code == 303


WRONG_HELPERS = {
    "role": ({"role": "boss"}, "role"),
    "not_minor": ({"role": "foster_carer", "helper": TIMO}, "role"),
    "same_person": ({"helper": NOORA}, "helper"),
    "backwards": ({"last": "1.1.2026"}, "last"),
    "no name": ({"name": ""}, "name"),
    "phone": ({"phone": "ring"}, "phone"),
    "wrong code": ({"helper": "080345-906E"}, "helper"),
}


@pytest.mark.parametrize("name", WRONG_HELPERS)
async def test_wrong_helpers(clerk: Attacker, settings: Settings, name: str) -> None:
    """Each fault of a helper is told at its field, and nothing is recorded."""
    path = await found(clerk, NOORA)
    before = count(settings, "care_role")
    other, field = WRONG_HELPERS[name]
    form = {"role": "interpreter", "name": "Tulkki", "first": "24.11.2026", "last": "1.1.2027", **other}
    answer = await clerk.post(f"{path}/helpers", **form)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert count(settings, "care_role") == before


def test_every_role_can_be_chosen() -> None:
    """The roles of the content are those that the database and the form know."""
    assert {row.code for row in care_roles().rows} == {"supporter", "interpreter", "foster_carer"}


async def test_joining_is_decided_by_who_may(app: FastAPI, settings: Settings, supervisor: Attacker) -> None:
    """The two are compared before they are joined; a reason and a choice are needed; others have no such page."""
    answer = await supervisor.post("/fi/staff/same-person", one=GUNILLA, other=PEKKA)
    path = answer.headers["location"]
    assert (await supervisor.send("GET", path)).status_code == 200
    one, other = path.split("/")[-3], path.split("/")[-1]
    refused = [
        {},
        {"keep": one},
        {"reason": "x"},
        {"keep": "another", "reason": "x"},
        {"keep": one, "reason": "x" * 600},
    ]
    for form in refused:
        assert (await supervisor.post(path, **form)).status_code == 422
    assert count(settings, "person_merge") == 0
    async with Attacker.staff(app, settings, ["service_guide"], UNIT) as clerk:
        for method, where in (("GET", path), ("POST", path), ("GET", f"/fi/staff/people/{one}/code")):
            assert (await clerk.send(method, where)).status_code == 404
    assert (await supervisor.post(path, keep=one, reason="Sama ihminen")).status_code == 303
    assert (await supervisor.post(path, keep=other, reason="Sama ihminen")).status_code == 422
    assert (await supervisor.post("/fi/staff/same-person", one=GUNILLA, other=GUNILLA)).status_code == 422
    assert (await supervisor.post("/fi/staff/same-person", one="x", other=AILI)).status_code == 422
    await work_off(settings)
    joined = await supervisor.send("GET", f"/fi/staff/people/{other}")
    assert "Gunilla" in joined.text
    assert await found(supervisor, PEKKA) == f"/fi/staff/people/{one}"


async def test_a_changed_code(supervisor: Attacker, settings: Settings) -> None:
    """The new code becomes the person's; the old one finds them still; somebody else's code leads to comparing."""
    path = await found(supervisor, NOORA)
    assert (await supervisor.post(f"{path}/code", code=NOORA)).status_code == 422
    assert (await supervisor.post(f"{path}/code", code="280899X954A")).status_code == 422
    taken = await supervisor.post(f"{path}/code", code=ANNA)
    assert taken.status_code == 303
    assert taken.headers["location"].endswith(f"/same/{path.rpartition('/')[2]}")
    assert (await supervisor.send("GET", taken.headers["location"])).status_code == 200
    new = "280899-911E"
    assert (await supervisor.post(f"{path}/code", code=new)).status_code == 303
    assert await found(supervisor, new) == await found(supervisor, NOORA) == path
    assert "280899-****" in (await supervisor.send("GET", path)).text
    assert rows_of(settings, "select why from former_identity where why = 'changed'")
    assert (await supervisor.post(f"{path}/code", code=NOORA)).status_code == 303  # it was a mistake
    assert await found(supervisor, NOORA) == await found(supervisor, new) == path


async def test_a_death(supervisor: Attacker, second: Attacker, settings: Settings) -> None:
    """The day must be possible; a marked death ends mandates and shows on the page; a mistake can be taken back."""
    path = await found(supervisor, VAINO)
    for day in ("", "25.11.2026", "1.1.1900", "30.2.2026"):
        assert (await supervisor.post(f"{path}/deceased", day=day)).status_code == 422
    recorded = await second.post("/fi/staff/mandates", **mandate(VAINO, MARJA))
    assert (await supervisor.post(f"{path}/deceased", day="20.11.2026")).status_code == 303
    await work_off(settings)
    (row,) = rows_of(
        settings,
        "select revoke_reason from local_mandate where id = %s",
        recorded.headers["location"].rpartition("/")[2],
    )
    assert row["revoke_reason"] == "deceased"
    assert (await second.post("/fi/staff/mandates", **mandate(VAINO, ANNA))).status_code == 422
    assert (await supervisor.post(f"{path}/deceased", mistake="yes")).status_code == 303
    assert rows_of(settings, "select deceased_on from person where given_name = 'Väinö'")[0]["deceased_on"] is None


async def test_addresses_of_others_lead_nowhere(clerk: Attacker, supervisor: Attacker, settings: Settings) -> None:
    """Ids that one has not found, unknown ids and odd ones are pages that we don't have; nothing changes."""
    (tauno,) = rows_of(settings, "select id from person where given_name = 'Tauno'")
    other = (await found(supervisor, AILI)).rpartition("/")[2]
    before = [count(settings, table) for table in ("person_merge", "care_role", "local_mandate", "former_identity")]
    for wanted in (tauno["id"], "00000000-0000-4000-8000-000000000000", "odd"):
        for path in (f"people/{wanted}/helpers", f"mandates/{wanted}/check", f"helpers/{wanted}/end"):
            form = {"compared": "yes", "role": "supporter", "name": "x", "first": "1.1.2027", "last": "2.1.2027"}
            assert (await clerk.post(f"/fi/staff/{path}", **form)).status_code == 404, path
        for path in (f"people/{wanted}/same/{other}", f"people/{wanted}/code", f"people/{wanted}/deceased"):
            form = {"keep": str(wanted), "reason": "x", "code": NEVER_HERE, "day": "20.11.2026"}
            answer = await supervisor.post(f"/fi/staff/{path}", **form)
            assert answer.status_code == 404, path
    assert before == [
        count(settings, table) for table in ("person_merge", "care_role", "local_mandate", "former_identity")
    ]


async def test_the_list_tells_no_more_than_the_work_needs(
    app: FastAPI, clerk: Attacker, second: Attacker, settings: Settings
) -> None:
    """Another clerk's settled mandate is not in the list, one's own and the waiting ones are; the look is a row."""
    days = {"signed_on": "24.11.2026", "valid_from": "24.11.2027", "valid_to": "1.12.2027"}
    recorded = await clerk.post("/fi/staff/mandates", **mandate(**days))
    path = recorded.headers["location"]
    async with Attacker.staff(app, settings, ["service_guide"], UNIT) as third:
        assert path in (await third.send("GET", "/fi/staff/mandates")).text
        assert (await second.post(f"{path}/check", compared="yes")).status_code == 303
        assert path not in (await third.send("GET", "/fi/staff/mandates")).text
        for one in (clerk, second):
            assert path in (await one.send("GET", "/fi/staff/mandates")).text
        assert third.who
        query = "select action, target_kind, subject_id, purpose from audit_event where actor_id = %s"
        looks = [tuple(row.values()) for row in rows_of(settings, query, third.who.person_id)]
    assert looks == [("read", "local_mandates", None, "a paper mandate")] * 2
