"""The demo county's content: complete in three languages, true to its own references, in the words we use."""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, time
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import phonenumbers
import pytest

from app.domain.catalogue import read_locations, read_services
from app.domain.service_hours import ServiceHours
from app.domain.text import LANGUAGES
from app.domain.urgency import Urgency

CONTENT = Path(__file__).parents[2] / "app" / "content"
JSON_FILES = (
    "catalogue/services-health.json",
    "catalogue/services-social.json",
    "catalogue/locations.json",
    "municipalities.json",
    "numbers.json",
    "bookable_services.json",
    "professionals.json",
    "professions.json",
    "county.json",
)
GUIDES = ("urinary-symptoms",)
REQUIRED_TEXTS = ("Summary", "Description", "UserInstruction", "ChargeTypeAdditionalInfo")
FORBIDDEN = re.compile(
    r"\b(vårdcentral\w*|bvc|god man|mikäli|koskien|liittyen|onnistuneesti|please|anhörigvård\w*)\b|\bko\.",
    re.IGNORECASE,
)
PHONE = re.compile(r"\b(?:015 000 0\d\d|0800 147 111|080 005 005|09 2525 0111|116 117|112)\b")
ANY_NUMBER = re.compile(r"\b0\d{1,3}(?: \d{3,4}){2}\b")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
Json = dict[str, Any]


@cache
def load(name: str) -> Any:
    return json.loads((CONTENT / name).read_text("utf-8"))


def services() -> list[Json]:
    return [*load("catalogue/services-health.json")["itemList"], *load("catalogue/services-social.json")["itemList"]]


def locations() -> list[Json]:
    return list(load("catalogue/locations.json")["itemList"])


def numbers() -> list[Json]:
    return list(load("numbers.json")["numbers"])


def by_source(items: list[Json]) -> dict[str, Json]:
    return {item["sourceId"]: item for item in items}


def in_language(entries: list[Json], language: str, kind: str | None = None) -> list[str]:
    return [e["value"] for e in entries if e["language"] == language and kind in (None, e.get("type"))]


def nodes(value: Any) -> Iterator[Any]:
    yield value
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from nodes(child)


def every_file() -> list[Path]:
    return [CONTENT / name for name in JSON_FILES] + sorted((CONTENT / "guides").glob("*.md"))


def front_matter(path: Path) -> tuple[dict[str, str], str]:
    _, head, body = path.read_text("utf-8").split("---\n", 2)
    return dict(line.split(": ", 1) for line in head.strip().splitlines()), body


def test_both_registers_are_covered() -> None:
    """The sample catalogue stays large enough to be a fair demonstration of both registers."""
    assert len(load("catalogue/services-health.json")["itemList"]) >= 24
    assert len(load("catalogue/services-social.json")["itemList"]) >= 20
    assert len(services()) >= 46
    assert len(locations()) == 8
    assert len(load("municipalities.json")) == 12
    assert len(load("professionals.json")) == 24


def test_the_catalogue_reads_without_loss() -> None:
    """Our own samples pass through the same reader as the national catalogue, and nothing is skipped."""
    read, places = read_services(services()), read_locations(locations())
    assert read.skipped == places.skipped == ()
    assert len(read.found) == len(services())
    assert all(service.summaries.complete and service.requirements.complete for service in read.found)


def test_ids_are_unique_and_follow_from_the_source_id() -> None:
    """A second import, on any machine, meets the same ids."""
    items = [*services(), *locations(), *load("professionals.json"), load("county.json")]
    assert len({item["sourceId"] for item in items}) == len({item["id"] for item in items}) == len(items)
    for item in items:
        assert item["id"] == str(uuid5(NAMESPACE_URL, f"urn:asiointi-ikkuna:{item['sourceId']}"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_service_answers_the_four_questions(language: str) -> None:
    """What is it, who gets it, what does it cost, how do I get it: in each language, within PTV's lengths."""
    for service in services():
        names, texts = service["serviceNames"], service["serviceDescriptions"]
        assert len(in_language(names, language, "Name")) == 1, service["sourceId"]
        assert in_language(names, language, "AlternativeName"), service["sourceId"]
        for kind in REQUIRED_TEXTS:
            assert len(in_language(texts, language, kind)) == 1, (service["sourceId"], kind)
        assert len(in_language(texts, language, "Summary")[0]) <= 150, service["sourceId"]
        assert 2 <= len(in_language(texts, language, "Description")[0].split("\n\n")) <= 4, service["sourceId"]
        assert in_language(service["requirements"], language), service["sourceId"]
        assert in_language(service["keywords"], language), service["sourceId"]


def test_a_text_in_one_language_is_there_in_all() -> None:
    """Processing times, class names and all other lists of wordings never miss a language."""
    for service in services():
        kinds = [(e["type"], e["language"]) for e in service["serviceDescriptions"]]
        for kind in {kind for kind, _ in kinds}:
            assert [lang for k, lang in kinds if k == kind] == list(LANGUAGES), (service["sourceId"], kind)
        for code in chain(service["serviceClasses"], service["targetGroups"], service["lifeEvents"]):
            assert {e["language"] for e in code["name"]} == set(LANGUAGES), code["code"]


def test_own_texts_are_complete() -> None:
    """Every {fi, sv, en} object of our own files has three wordings, and names beyond municipalities are such."""
    for name in JSON_FILES:
        for node in nodes(load(name)):
            if isinstance(node, dict) and "fi" in node and name != "municipalities.json":
                assert set(node) == set(LANGUAGES), (name, node)
                assert all(isinstance(text, str) and text.strip() for text in node.values()), (name, node)
    assert all(set(m["names"]) == {"fi", "sv"} for m in load("municipalities.json"))


def test_locations_can_be_found_and_entered() -> None:
    """A location has its name, description with accessibility, place on the map in the county, and hours."""
    municipalities = {m["code"] for m in load("municipalities.json")}
    for location in locations():
        address = location["addresses"][0]["streetAddress"]
        assert address["municipality"]["code"] in municipalities
        assert re.fullmatch(r"\d{5}", address["postalCode"])
        assert 6_780_000 < int(address["latitude"]) < 6_960_000
        assert 440_000 < int(address["longitude"]) < 640_000
        for language, word in zip(LANGUAGES, ("Esteettömyys:", "Tillgänglighet:", "Accessibility:"), strict=True):
            texts = location["serviceChannelDescriptions"]
            assert len(in_language(texts, language, "Summary")[0]) <= 150
            assert word in in_language(texts, language, "Description")[0]
            assert in_language(location["serviceChannelNames"], language, "Name")
        assert ServiceHours.from_ptv(location["serviceHours"]).entries


def test_all_kinds_of_hours_are_shown() -> None:
    """The demo shows an ordinary week, an exception and hours over midnight, and is closed at Christmas."""
    kinds = {hours["serviceHourType"] for location in locations() for hours in location["serviceHours"]}
    assert kinds == {"DaysOfTheWeek", "Exceptional", "OverMidnight"}
    for source_id, location in by_source(locations()).items():
        hours = ServiceHours.from_ptv(location["serviceHours"])
        assert bool(hours.openings_on(date(2026, 12, 25))) == (source_id == "ESH-L-02"), source_id


def test_services_and_locations_point_at_each_other() -> None:
    """No link of the catalogue leads nowhere, in either direction."""
    channels = {location["id"]: location for location in locations()}
    links = {(s["id"], c["serviceChannel"]["id"]) for s in services() for c in s["serviceChannels"]}
    back = {(s["service"]["id"], location["id"]) for location in locations() for s in location["services"]}
    assert links == back
    assert {channel for _, channel in links} == set(channels)
    assert all(service["serviceChannels"] for service in services())


def test_bookable_services_belong_to_the_catalogue() -> None:
    """A bookable service names services of its own register, and its rule is complete."""
    letters = {"patient": "H", "social": "S"}
    for item in load("bookable_services.json"):
        assert item["source_ids"], item["code"]
        assert set(item["source_ids"]) <= set(by_source(services())), item["code"]
        assert all(s.startswith(f"ESH-{letters[item['register']]}-") for s in item["source_ids"]), item["code"]
        assert item["way"] in {"visit", "phone", "video"}
        assert bool(item["permit_urgencies"]) == (item["rule"] == "permit")
        assert {Urgency(u) for u in item["permit_urgencies"]} <= {*Urgency} - {Urgency.EMERGENCY, Urgency.IMMEDIATE}
        assert item["lead_minutes"] < item["horizon_days"] * 24 * 60


def test_professionals_work_where_their_services_are() -> None:
    """A booked time is always at a place that offers the service, by a known profession of the same register."""
    bookable = {item["code"]: item for item in load("bookable_services.json")}
    professions = {item["code"]: item for item in load("professions.json")}
    catalogue, places = by_source(services()), by_source(locations())
    for person in load("professionals.json"):
        profession = professions[person["profession"]]
        assert person["titles"] == profession["names"]
        for code in person["services"]:
            sold = [catalogue[source_id] for source_id in bookable[code]["source_ids"]]
            offered = {link["serviceChannel"]["id"] for service in sold for link in service["serviceChannels"]}
            assert places[person["location"]]["id"] in offered, (person["sourceId"], code)
            assert bookable[code]["register"] == profession["register"]
    assert {code for p in load("professionals.json") for code in p["services"]} == set(bookable)


def test_weekly_templates_fit_opening_hours() -> None:
    """Nobody is given a time when the house is closed, and nobody's own times overlap."""
    week = {name: date(2026, 11, 16 + offset) for offset, name in enumerate(WEEKDAYS)}
    for person in load("professionals.json"):
        hours = ServiceHours.from_ptv(by_source(locations())[person["location"]]["serviceHours"])
        busy: dict[str, time] = {}
        for row in person["week"]:
            start, end = time.fromisoformat(row["from"]), time.fromisoformat(row["to"])
            open_spans = hours.state_at(datetime.fromisoformat(f"{week[row['weekday']]}T00:00:00+02:00")).today
            assert any(opens <= start < end <= closes for opens, closes in open_spans), (person["sourceId"], row)
            assert busy.get(row["weekday"], time.min) <= start, (person["sourceId"], row)
            busy[row["weekday"]] = end


def test_nurse_times_exist_on_each_weekday_in_several_places() -> None:
    """A resident finds a nurse's time near home on any weekday, and one evening and one Saturday in the week."""
    rows = [
        (row, p["location"]) for p in load("professionals.json") if "nurse-visit" in p["services"] for row in p["week"]
    ]
    for weekday in WEEKDAYS[:5]:
        assert len({place for row, place in rows if row["weekday"] == weekday}) >= 5, weekday
    assert any(row["weekday"] == "Saturday" for row, _ in rows)
    assert any(row["to"] > "16:00" for row, _ in rows)


def test_numbers_can_be_dialled() -> None:
    """Real numbers are valid Finnish numbers; a demo number is dialable text but can belong to nobody."""
    for number in numbers():
        digits = number["display"].replace(" ", "")
        if number["kind"] == "short_code":
            assert number["href"] == f"tel:{digits}"
            continue
        parsed = phonenumbers.parse(number["display"], "FI")
        written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        assert number["href"] == f"tel:{written}", number["id"]
        assert phonenumbers.is_possible_number(parsed), number["id"]
        assert phonenumbers.is_valid_number(parsed) == (number["kind"] == "national"), number["id"]


def test_numbers_have_an_owner_and_dates() -> None:
    """Somebody answers for every number, and it is looked at again in time."""
    for number in numbers():
        assert number["owner"], number["id"]
        assert number["source"], number["id"]
        assert date.fromisoformat(number["reviewed"]) < date.fromisoformat(number["review_due"]), number["id"]
        round_the_clock = number["hours"]["en"].startswith("Around the clock")
        assert bool(ServiceHours.from_ptv(number["serviceHours"]).entries) != round_the_clock, number["id"]
    ids = [number["id"] for number in numbers()]
    assert len(set(ids)) == len(ids)


def test_the_phone_line_follows_its_exception() -> None:
    """The main line is closed on Christmas Eve and closes at noon on New Year's Eve."""
    county, lines = load("county.json"), {number["id"]: number for number in numbers()}
    line = ServiceHours.from_ptv(lines[county["main_phone"]]["serviceHours"])
    assert line.openings_on(date(2026, 12, 24)) == []
    assert line.state_at(datetime.fromisoformat("2026-12-31T09:00:00+02:00")).today == ((time(8), time(12)),)
    named = {*county["emergency_strip"], county["patient_ombudsperson"], county["social_ombudsperson"]}
    assert named <= set(lines)


def test_numbers_in_texts_are_known_numbers() -> None:
    """A number written in a text has an owner in numbers.json, so that it can be corrected everywhere."""
    known = {number["display"] for number in numbers()}
    for path in every_file():
        text = path.read_text("utf-8")
        assert set(PHONE.findall(text)) | set(ANY_NUMBER.findall(text)) <= known, path.name


def test_words_that_we_do_not_use_are_absent() -> None:
    """Sweden-Swedish, officialese and empty politeness stay out of every text."""
    for path in every_file():
        found = FORBIDDEN.search(path.read_text("utf-8"))
        assert found is None, f"{path.name}: {found and found.group()}"


def test_dates_are_iso_dates() -> None:
    """Every date field of every file can be read by a machine."""
    keys = {"modified", "reviewed", "review_due", "validFrom", "validTo"}
    for name in JSON_FILES:
        for node in nodes(load(name)):
            for key in keys & set(node if isinstance(node, dict) else ()):
                assert node[key] is None or datetime.fromisoformat(node[key]), (name, key)


@pytest.mark.parametrize("guide", GUIDES)
def test_guides_are_complete_in_three_languages(guide: str) -> None:
    """A guide says the same in each language: same parts, same dates, an owner, its sources by name."""
    pages = [front_matter(CONTENT / "guides" / f"{guide}.{language}.md") for language in LANGUAGES]
    assert len({body.count("\n## ") for _, body in pages}) == 1
    assert len({body.count("\n- ") for _, body in pages}) == 1
    assert len({(head["reviewed"], head["review_due"]) for head, _ in pages}) == 1
    for head, body in pages:
        assert head["title"]
        assert head["owner"]
        assert date.fromisoformat(head["reviewed"]) < date.fromisoformat(head["review_due"])
        assert "Käypä hoito" in body
        assert "Terveyskirjasto" in body.replace("Terveyskirjastoa", "Terveyskirjasto")
