"""Notices of concern, applications and the list of all forms: whole, true to their references, safe for whom they
are about and for who sends them."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from app.domain.fhir import OWN, extension_of, phrase_of
from app.domain.forms.answers import Address, Answers
from app.domain.forms.computing.compute import compute
from app.domain.forms.layout import lay_out
from app.domain.forms.model import Form
from app.domain.forms.reading.questionnaire import read_form
from app.domain.forms.state import Known
from app.domain.forms.values import Coding, Value
from app.domain.phrase import Phrase
from app.domain.text import LANGUAGES

CONTENT = Path(__file__).parents[3] / "app" / "content"
CONCERNS = ("concern-child", "concern-older", "concern-adult", "concern-fire")
APPLICATIONS = ("application-informal-care", "application-mobility")
PLAIN_FILES = ("concerns.json", "applications.json", "forms/catalogue.json")
KINDS = {"pre_visit", "concern", "application", "outcome"}
UNITS = {"mikkeli", "child-welfare", "older-people", "adult-social", "rescue", "disability"}
WORK_ITEMS = {"work-name", "work-profession", "work-employer", "work-phone"}
PRIVATE_ITEMS = {"own-name", "relation", "may-contact", "own-phone"}
FORBIDDEN = re.compile(
    r"\b(vårdcentral\w*|bvc|god man|anhörig\w*|akutmottagning\w*|mikäli|koskien|liittyen|onnistuneesti|please|hen"
    r"|toteutetaan)\b|\bko\.|['\"]",
    re.IGNORECASE,
)
FAULTS = re.compile(r"\b(\w+) \1\b|  | [,.?!:;]|^\s|\s$|\.\.|[,.]{2}", re.IGNORECASE)
ABOUT_SOMEBODY = re.compile(r"laps|barn|child|iäk|äldre|older|aikuis|vux|adult", re.IGNORECASE)
PHONE = re.compile(r"\d[\d ]{5,}\d")
Json = dict[str, Any]
each_form = pytest.mark.parametrize("name", CONCERNS + APPLICATIONS)
each_concern = pytest.mark.parametrize("name", CONCERNS)


@cache
def load(name: str) -> Json:
    return dict(json.loads((CONTENT / name).read_text("utf-8")))


def resource(name: str) -> Json:
    return load(f"forms/{name}.json")


@cache
def form(name: str) -> Form:
    return read_form(resource(name)).form


def items(element: Json) -> Iterator[Json]:
    for item in element.get("item", []):
        yield item
        yield from items(item)


def phrases(name: str) -> Iterator[tuple[str, Phrase]]:
    """Every text of a form that anybody reads, with its place."""
    yield from ((part, phrase_of(resource(name), part)) for part in ("title", "description", "purpose"))
    for item in items(resource(name)):
        yield item["linkId"], phrase_of(item)
        if help_text := extension_of(item, OWN + "help"):
            yield f"{item['linkId']} help", phrase_of(help_text, "valueString")
        for option in item.get("answerOption", []):
            yield f"{item['linkId']} {option['valueCoding']['code']}", phrase_of(option["valueCoding"], "display")


def wordings(name: str) -> Iterator[str]:
    for _, phrase in phrases(name):
        for voice in (phrase.own, phrase.another):
            yield from (voice.to(language) for language in LANGUAGES)


def texts(value: Any) -> Iterator[Mapping[str, str]]:
    """Every {fi, sv, en} of a plain content file."""
    if isinstance(value, dict) and set(value) & set(LANGUAGES):
        yield value
    elif isinstance(value, dict | list):
        for child in value.values() if isinstance(value, dict) else value:
            yield from texts(child)


def is_amiss(words: str) -> bool:
    return not words or any(pattern.search(words) for pattern in (FORBIDDEN, FAULTS, PHONE))


def concerns() -> list[Json]:
    return list(load("concerns.json")["concerns"])


def catalogue() -> list[Json]:
    return list(load("forms/catalogue.json")["forms"])


def numbers() -> set[str]:
    return {number["id"] for number in load("numbers.json")["numbers"]}


def limits() -> set[str]:
    return {rule["id"] for rule in load("time_limits.json")["rules"]}


def asked(name: str, **codes: str) -> set[str]:
    """The linkIds that are asked when these options are chosen; _ in a name stands for - in a linkId."""
    given = {link.replace("_", "-"): code for link, code in codes.items()}
    values = {Address(link): (_chosen(name, link, code),) for link, code in given.items() if link in form(name).by_link}
    state = compute(form(name), Answers(values), Known(datetime(2026, 11, 22, tzinfo=UTC))).state
    return {instance.item.link_id for instance in state.asked_instances()}


def _chosen(name: str, link_id: str, code: str) -> Value:
    values = (option.value for option in form(name).by_link[link_id].options)
    return next(value for value in values if isinstance(value, Coding) and value.code == code)


@each_form
def test_the_engine_does_all_that_the_form_asks(name: str) -> None:
    """Our own forms are read without a single departure, and no page of theirs is torn apart."""
    assert read_form(resource(name)).notes == ()
    assert len(lay_out(form(name))) == len(resource(name)["item"])


@each_form
def test_every_text_is_there_in_three_languages_and_in_our_words(name: str) -> None:
    """Nobody meets another language, officialese, Sweden-Swedish or a phone number that may grow old in a form."""
    assert {place for place, phrase in phrases(name) if not phrase.complete} == set()
    for words in wordings(name):
        assert not is_amiss(words), words


@pytest.mark.parametrize("name", PLAIN_FILES)
def test_plain_texts_are_there_in_three_languages_and_in_our_words(name: str) -> None:
    """The same holds for what stands before and after the forms."""
    found = list(texts(load(name)))
    assert len(found) > 10
    for text in found:
        assert set(text) == set(LANGUAGES), text
        for words in text.values():
            assert not is_amiss(words), words


@each_form
def test_links_are_unique_and_conditions_look_back(name: str) -> None:
    """A condition asks about an offered answer to a question that stands before it."""
    seen: dict[str, set[str]] = {}
    for item in items(resource(name)):
        assert item["linkId"] not in seen
        for condition in item.get("enableWhen", []):
            code = condition.get("answerCoding", {}).get("code")
            assert code in seen[condition["question"]] if code else condition["question"] in seen
        seen[item["linkId"]] = {option["valueCoding"]["code"] for option in item.get("answerOption", [])}


@each_form
def test_no_identity_code_is_asked(name: str) -> None:
    """Nobody has to know, or may leak, somebody else's identity code."""
    assert not re.search(
        r"henkilötunnus|hetu\b|personbeteckning|identity code", " ".join(wordings(name)), re.IGNORECASE
    )


@each_concern
def test_the_role_comes_first_then_danger(name: str) -> None:
    """The law parts at the role; danger is asked right after, shows 112 and raises the case."""
    first = next(item for item in form(name).by_link.values() if item.is_question)
    assert (first.link_id, first.required) == ("role", True)
    assert form(name).items[1].link_id == "danger"
    danger = form(name).by_link["danger-now"]
    assert danger.required
    raised = {getattr(option.value, "code", ""): option.alarming for option in danger.options if option.alarming}
    assert raised.pop("now") == "life_danger"
    # The cards of people in danger have the number of the emergency social services first: theirs is help today.
    kinds = {"child": "child_in_danger", "adult": "person_in_danger", "older": "person_in_danger"}
    kind = kinds.get(name.removeprefix("concern-"))
    assert raised == ({"today": kind} if kind else {})
    assert "danger-112" in asked(name, role="private", danger_now="now")
    assert "danger-112" not in asked(name, role="private", danger_now="no")


@each_concern
def test_in_ones_work_nobody_is_anonymous(name: str) -> None:
    """A choice to be anonymous made earlier means nothing after the role changes; all four details are required."""
    for earlier in ("anonymous", "named"):
        found = asked(name, role="work", anonymous=earlier, may_contact="yes", kind="child")
        assert found >= WORK_ITEMS
        assert not found & (PRIVATE_ITEMS | {"anonymous", "anonymous-note"})
    assert all(form(name).by_link[link].required for link in WORK_ITEMS)


@each_concern
def test_an_anonymous_private_person_is_asked_nothing_of_themselves(name: str) -> None:
    """Who stays anonymous meets no question about name, phone or workplace; who gives a name does."""
    unknown = asked(name, role="private", anonymous="anonymous", may_contact="yes", kind="child")
    assert "anonymous-note" in unknown
    assert not unknown & (PRIVATE_ITEMS | WORK_ITEMS)
    named = asked(name, role="private", anonymous="named", may_contact="yes", kind="child")
    assert named >= PRIVATE_ITEMS
    assert not named & WORK_ITEMS
    assert "own-phone" not in asked(name, role="private", anonymous="named", may_contact="no", kind="child")


@each_concern
def test_one_hears_that_the_name_may_become_known_before_giving_it(name: str) -> None:
    """What the family may learn is said before the choice, not after the sending."""
    order = list(form(name).by_link)
    assert order.index("name-note") < order.index("anonymous") < order.index("own-name")


@pytest.mark.parametrize(
    ("name", "question", "worries"),
    [
        (
            "concern-child",
            "worry-kinds",
            {"violence": "child_in_danger", "sexual": "child_in_danger", "self-harm": "child_in_danger"},
        ),
        ("concern-child", "worry-kinds-unborn", {"violence": "violence"}),
        ("concern-older", "worry-kinds", {"self-harm": "self_harm"}),
        ("concern-adult", "worry-kinds", {"self-harm": "self_harm", "violence": "violence"}),
    ],
)
def test_violence_and_self_harm_raise_the_notice(name: str, question: str, worries: Mapping[str, str]) -> None:
    """Who only ticks a box is heard as well as who writes the same in words."""
    options = form(name).by_link[question].options
    assert {getattr(option.value, "code", ""): option.alarming for option in options if option.alarming} == worries


def test_a_child_before_birth_has_its_own_questions() -> None:
    """The notice before birth asks about the parent; nobody else meets those questions."""
    child = asked("concern-child", role="private", kind="child")
    unborn = asked("concern-child", role="private", kind="unborn")
    assert {"child-name", "one-child", "worry-kinds", "guardian-name"} <= child - unborn
    assert {"parent-name", "due", "worry-kinds-unborn"} <= unborn - child
    assert "together" in asked("concern-child", role="work") - child


def test_every_notice_knows_its_law_and_its_way() -> None:
    """A notice has its form, law, register, unit and numbers; inside social welfare also a service task."""
    tasks = {task["code"] for task in load("service_tasks.json")["tasks"]}
    assert [concern["form"] for concern in concerns()] == list(CONCERNS)
    for concern in concerns():
        assert concern["law"]
        assert all(law["number"] and law["sections"] for law in concern["law"])
        assert (concern["service_task"] in tasks) == (concern["register"] == "social")
        assert concern["register"] in {"social", "rescue"}
        assert concern["unit"] in UNITS
        assert {concern["number"], *concern["after"]["urgent_numbers"]} <= {*numbers(), None}
        assert set(concern["items"].values()) <= set(form(concern["form"]).by_link)


def test_only_a_private_person_may_be_anonymous() -> None:
    """The roles of the content are those of the form, and who has a duty has a name."""
    for concern in concerns():
        offered = [getattr(option.value, "code", "") for option in form(concern["form"]).by_link["role"].options]
        assert [role["code"] for role in concern["roles"]] == offered == ["private", "work"]
        assert [(role["anonymous"], role["duty"]) for role in concern["roles"]] == [(True, False), (False, True)]


def test_danger_and_the_social_emergency_stand_before_everything_else() -> None:
    """112 is the first thing on the page before every notice, the social emergency the second."""
    for concern in concerns():
        first, second, *rest = concern["before"]
        assert (first["numbers"], second["numbers"][0]) == (["emergency"], "emergency-social")
        assert {"what", "duty", "who-reads", "next", "name-known", "anonymous", "window"} <= {b["code"] for b in rest}
        for block in concern["before"]:
            assert set(block.get("numbers", ())) <= numbers()
            assert set(block.get("roles", ())) <= {"private", "work"}


def test_a_notice_never_shows_to_residents_and_its_title_tells_nothing() -> None:
    """No window, draft or attachment; the title in the queue tells neither who nor what it is about."""
    for concern in concerns():
        assert not (concern["visible_to_residents"])
        assert not (concern["drafts"])
        assert not (concern["attachments"])
        assert not any(ABOUT_SOMEBODY.search(words) for words in concern["queue_title"].values())


def test_another_notice_starts_with_the_senders_details_only() -> None:
    """What is carried to the next child's notice is about the sender, never about the first child."""
    own = {"role", "anonymous", "together"} | WORK_ITEMS | PRIVATE_ITEMS
    for concern in concerns():
        carried = set(concern["after"]["another"]["carry"])
        assert carried <= own & set(form(concern["form"]).by_link)
        assert carried >= WORK_ITEMS


def test_an_application_knows_its_law_and_its_limits() -> None:
    """Each application belongs to a service task and to limits that exist; the review request has its 30 days."""
    data = load("applications.json")
    tasks = {task["code"] for task in load("service_tasks.json")["tasks"]}
    assert [application["form"] for application in data["applications"]] == list(APPLICATIONS)
    for application in data["applications"]:
        assert set(application["limits"]) <= limits()
        assert application["service_task"] in tasks
        assert application["unit"] in UNITS
        assert application["number"] in numbers()
    assert (data["appeal"]["limit"], data["appeal"]["ombudsperson"] in numbers()) == ("review-request", True)
    assert all(re.search(r"\b30\b", words) for words in data["appeal"]["when"].values())


def test_a_decision_against_the_applicant_has_reasons() -> None:
    """Each outcome belongs to a step, and what was not granted is always reasoned."""
    data = load("applications.json")
    steps = [step["code"] for step in data["steps"]]
    assert steps == ["received", "pending", "more-asked", "more-given", "in-handling", "decided", "closed"]
    reasons = {outcome["code"]: outcome["reasons_required"] for outcome in data["outcomes"]}
    assert {code for code, required in reasons.items() if not required} == {"granted", "withdrawn"}
    assert {outcome["step"] for outcome in data["outcomes"]} <= set(steps)


@pytest.mark.parametrize("name", APPLICATIONS)
def test_one_who_applies_for_another_is_not_spoken_to_as_the_applicant(name: str) -> None:
    """A question about you in Finnish has another wording where the application is somebody else's."""
    you = re.compile(r"\b(sinua|sinulle|oletko|onko sinulla|tarvitset|saatko|voitko)\b", re.IGNORECASE)
    assert [place for place, phrase in phrases(name) if you.search(phrase.another.to("fi"))] == []


@pytest.mark.parametrize("name", APPLICATIONS)
def test_one_who_does_not_know_can_go_on(name: str) -> None:
    """A choice that must be made has an answer for whom none of the others fits."""
    way_out = {"unknown", "other", "varies", "friend"}
    required = (item for item in form(name).by_link.values() if item.required and item.options)
    codes = {item.link_id: {getattr(option.value, "code", "") for option in item.options} for item in required}
    assert codes
    assert [link for link, offered in codes.items() if not offered & way_out] == []


@pytest.mark.parametrize(("answer", "told"), [("yes", False), ("no", True), ("not-asked", True)])
def test_a_carer_who_has_not_agreed_stops_no_application(answer: str, told: bool) -> None:
    """An application can be sent all the same, and one reads what then follows."""
    assert ("carer-agrees-note" in asked("application-informal-care", carer_agrees=answer)) is told


def test_attachments_are_checked_and_never_needed() -> None:
    """Three kinds of files of at most ten megabytes, and no application waits for one."""
    for name in APPLICATIONS:
        attachment = form(name).by_link["attachment"]
        assert attachment.bounds.file_types == ("application/pdf", "image/jpeg", "image/png")
        assert (attachment.bounds.largest_file, attachment.max_occurs) == (10_000_000, 5)
        assert not attachment.required


def test_the_list_of_forms_leads_to_forms() -> None:
    """Fifteen forms, each with its file, kind, register, unit and topics that the search knows."""
    topics = {concept["id"] for concept in load("vocabulary.json")["concepts"]}
    assert len({entry["code"] for entry in catalogue()}) == len(catalogue()) == 15
    for entry in catalogue():
        assert resource(entry["code"])["url"].endswith(f"/{entry['code']}"), entry["file"]
        assert entry["file"] == f"{entry['code']}.json"
        assert entry["kind"] in KINDS
        assert entry["unit"] in UNITS
        assert entry["who"] in {"anyone", "signed_in"}
        assert set(entry["topic"]) <= topics
        assert set(entry["limits"]) <= limits()
        assert (entry["who"] == "anyone") == (entry["kind"] == "concern")


def test_the_list_says_what_the_notices_and_applications_say() -> None:
    """Titles and ways are written in several files and stay the same."""
    listed = {entry["code"]: entry for entry in catalogue()}
    for matter in [*concerns(), *load("applications.json")["applications"]]:
        entry = listed[matter["form"]]
        assert entry["title"] == dict(form(matter["form"]).title.values)
        assert entry["summary"] == matter["summary"]
        for key in ("register", "service_task", "unit"):
            assert entry[key] == matter[key]


def test_kinds_stand_together_in_the_list() -> None:
    """The list goes from visits by way of notices to applications, without jumping back."""
    order = ["pre_visit", "outcome", "concern", "application"]
    places = [order.index(entry["kind"]) for entry in catalogue()]
    assert all(one <= two for one, two in pairwise(places))
