"""The county's own pre-visit forms: whole in three languages, true to their references, safe in what comes first."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from app.domain.fhir import OWN, extension_of, extensions_of, phrase_of
from app.domain.forms.answers import Address, Answers
from app.domain.forms.computing.compute import compute
from app.domain.forms.computing.sources import sources_of
from app.domain.forms.layout import MOST_QUESTIONS, answerable, lay_out
from app.domain.forms.model import Form
from app.domain.forms.reading.questionnaire import read_form
from app.domain.forms.state import Known, State
from app.domain.forms.values import Coding, Value
from app.domain.phrase import Phrase
from app.domain.text import LANGUAGES, Text

FORMS = Path(__file__).parents[3] / "app" / "content" / "forms"
NAMES = ("pre-visit", "medicines-allergies", "oral-health", "pain")
VERSIONS = dict.fromkeys(NAMES, "2026.1") | {"pain": "2026.2"}
SYSTEM = "https://asiointi-ikkuna.example/fhir/CodeSystem/"
FORBIDDEN = re.compile(
    r"\b(vårdcentral\w*|bvc|god man|anhörig\w*|akutmottagning\w*|vårdguiden|1177|mikäli|koskien|liittyen|onnistuneesti"
    r"|please|toteutetaan)\b|\bko\.|['\"]",
    re.IGNORECASE,
)
FAULTS = re.compile(r"\b(\w+) \1\b|  | [,.?!:;]|^\s|\s$|\.\.|[,.]{2}", re.IGNORECASE)
ALARMS = {
    "pre-visit": set(),
    "medicines-allergies": {"side-effect-signs"},
    "oral-health": {"alarm"},
    "pain": {"alarm-upper", "alarm-lower", "too-much", "mood"},
}
Json = dict[str, Any]
each_form = pytest.mark.parametrize("name", NAMES)


@cache
def load(name: str) -> Json:
    return dict(json.loads((FORMS / f"{name}.json").read_text("utf-8")))


@cache
def form(name: str) -> Form:
    return read_form(load(name)).form


def items(element: Json) -> Iterator[Json]:
    for item in element.get("item", []):
        yield item
        yield from items(item)


def options(name: str) -> Iterator[tuple[Json, Json]]:
    return ((item, option) for item in items(load(name)) for option in item.get("answerOption", []))


def phrases(name: str) -> Iterator[tuple[str, Phrase]]:
    """Every text that anybody reads, with its place."""
    resource = load(name)
    yield from ((part, phrase_of(resource, part)) for part in ("title", "description", "purpose"))
    for item in items(resource):
        yield item["linkId"], phrase_of(item)
        if help_text := extension_of(item, OWN + "help"):
            yield f"{item['linkId']} help", phrase_of(help_text, "valueString")
    for item, option in options(name):
        yield f"{item['linkId']} {option['valueCoding']['code']}", phrase_of(option["valueCoding"], "display")


def texts(name: str) -> Iterator[tuple[str, Text]]:
    return ((place, voice) for place, phrase in phrases(name) for voice in (phrase.own, phrase.another))


def wordings(name: str) -> Iterator[tuple[str, str]]:
    return ((place, text.values[language]) for place, text in texts(name) for language in LANGUAGES)


@each_form
def test_every_text_is_there_in_three_languages(name: str) -> None:
    """Nobody meets another language, whichever of the three and whomever the form is about."""
    assert {place for place, phrase in phrases(name) if not phrase.complete} == set()


@each_form
def test_a_question_is_a_question_in_all_languages(name: str) -> None:
    """A wording was not taken from another place: question marks stand in all languages or in none."""
    found = {place for place, text in texts(name) if len({text.to(lang).endswith("?") for lang in LANGUAGES}) > 1}
    assert found == set()


@each_form
def test_words_are_ours(name: str) -> None:
    """No officialese, no Sweden-Swedish, no straight quotation marks."""
    assert [(place, words) for place, words in wordings(name) if FORBIDDEN.search(words)] == []


@each_form
def test_sentences_are_whole(name: str) -> None:
    """No word twice in a row, no stray spaces or stops; helps and texts to read end with a full stop."""
    assert [(place, words) for place, words in wordings(name) if FAULTS.search(words)] == []
    read = {item["linkId"] for item in items(load(name)) if item["type"] == "display"}
    ends = [(place, words) for place, words in wordings(name) if place in read or place.endswith(" help")]
    assert [found for found in ends if not found[1].endswith(".")] == []


@each_form
def test_one_who_fills_for_another_is_not_spoken_to_as_the_patient(name: str) -> None:
    """A question that asks about you in Finnish has another wording for somebody one is helping."""
    you = re.compile(r"\b(sinä|sinu\w+|sinua|oletko|onko sinulla|käytätkö|tarvitsetko|voitko olla)\b", re.IGNORECASE)
    assert [place for place, phrase in phrases(name) if you.search(phrase.another.to("fi"))] == []


@each_form
def test_codes_are_stable_and_mean_one_thing(name: str) -> None:
    """Every option has a code of the form's own system, and a code has one wording in the whole form."""
    words: dict[str, set[str]] = {}
    for item, option in options(name):
        coding = option["valueCoding"]
        assert coding["system"] == SYSTEM + name, item["linkId"]
        assert re.fullmatch(r"[a-z][a-z0-9-]*", coding["code"]), item["linkId"]
        words.setdefault(coding["code"], set()).add(str(phrase_of(coding, "display")))
    assert words
    assert {code for code, found in words.items() if len(found) > 1} == set()


@each_form
def test_references_hold(name: str) -> None:
    """linkIds are unique, and a condition speaks of an option that an earlier question offers."""
    seen: dict[str, set[str]] = {}
    for item in items(load(name)):
        for condition in item.get("enableWhen", []):
            assert condition["question"] in seen, item["linkId"]
            code = condition.get("answerCoding", {}).get("code")
            assert code is None or code in seen[condition["question"]], item["linkId"]
        assert item["linkId"] not in seen
        seen[item["linkId"]] = {option["valueCoding"]["code"] for option in item.get("answerOption", [])}


@each_form
def test_the_head_says_what_it_is(name: str) -> None:
    """Url, version, topic and length are there; so is that a doctor must review it, and nobody has approved it."""
    resource = load(name)
    assert resource["url"] == f"https://asiointi-ikkuna.example/fhir/Questionnaire/{name}"
    assert (resource["version"], resource["status"], resource["experimental"]) == (VERSIONS[name], "active", True)
    assert resource["useContext"][0]["code"]["code"] == "focus"
    assert "licensed doctor" in phrase_of(resource, "purpose").own.to("en")
    assert "approvalDate" not in resource
    assert f"{form(name).minutes} min" in form(name).description.to("fi")


@each_form
def test_the_reader_has_nothing_to_say(name: str) -> None:
    """Our own forms need no leniency: not even a small note."""
    assert read_form(load(name)).notes == ()


@each_form
def test_a_page_is_a_top_group(name: str) -> None:
    """Every top group fits on one page, so that its title stands above all of its questions."""
    assert all(item["type"] == "group" for item in load(name)["item"])
    assert len(lay_out(form(name))) == len(form(name).items)
    assert all(sum(map(answerable, top.walk())) <= MOST_QUESTIONS for top in form(name).items)


@each_form
def test_alarming_answers_are_where_they_belong(name: str) -> None:
    """The emergency card comes from these questions; where there are several signs one can say: none of these."""
    assert {item["linkId"] for item, option in options(name) if extension_of(option, OWN + "alarming")} == ALARMS[name]
    for item in items(load(name)):
        if item["linkId"] in ALARMS[name] and item.get("repeats"):
            last = item["answerOption"][-1]
            assert last["valueCoding"]["code"] == "none"
            assert any(entry.get("valueBoolean") is True for entry in extensions_of(last))


@pytest.mark.parametrize(("name", "first"), [("oral-health", "alarm"), ("pain", "alarm-upper")])
def test_serious_signs_come_first(name: str, first: str) -> None:
    """Nobody in danger has to answer anything before the signs of it, and nobody passes them by unawares."""
    question = next(item for item in items(load(name)) if item["type"] not in ("group", "display"))
    assert (question["linkId"], question["required"]) == (first, True)


@each_form
def test_little_is_required(name: str) -> None:
    """A resident may leave nearly everything out: required are the reason, the signs and what a list is about."""
    required = Counter(item["linkId"] for item in items(load(name)) if item.get("required"))
    assert set(required) <= {
        *("reason", "uses-any", "medicine-name", "allergies-has", "allergy-to"),
        *("alarm", "alarm-upper", "alarm-lower", "where"),
    }


@pytest.mark.parametrize("link_id", ["pain-now", "pain-worst"])
def test_pain_is_told_from_nought_to_ten(link_id: str) -> None:
    """The numeric scale is a slider with whole numbers from 0 to 10."""
    item = form("pain").by_link[link_id]
    assert (item.type, item.control, item.bounds.minimum, item.bounds.maximum) == ("integer", "slider", 0, 10)


def test_body_mass_index_reads_height_and_weight_only() -> None:
    """The one calculated value is read-only, and follows from these two answers whatever else is said."""
    item = form("pre-visit").by_link["bmi"]
    assert item.read_only
    assert item.calculated
    assert sources_of(item.calculated.text, {}, "bmi").links == frozenset({"page-body", "height", "weight"})


def asked(name: str, given: Mapping[str, Value]) -> State:
    """Where the form stands with these answers, by linkId at the top of their repetition."""
    answers = Answers({_address(name, link_id): (value,) for link_id, value in given.items()})
    return compute(form(name), answers, Known(datetime(2026, 11, 22, 12, tzinfo=UTC))).state


def _address(name: str, link_id: str) -> Address:
    parent = form(name).by_link.get(form(name).parents[link_id])
    return Address(link_id, (0,) if parent and parent.multiplies else ())


def test_body_mass_index_is_calculated() -> None:
    """70.5 kg and 172.5 cm make 23.7; without the height there is none, and nothing breaks."""
    both = asked("pre-visit", {"height": Decimal("172.5"), "weight": Decimal("70.5")})
    assert both.answers.of(Address("bmi")) == (Decimal("23.7"),)
    assert asked("pre-visit", {"weight": Decimal("70.5")}).answers.of(Address("bmi")) == ()


@pytest.mark.parametrize(
    ("name", "question", "brings", "does_not", "follows"),
    [
        ("pre-visit", "since", "days", "no-problem", "course"),
        ("pre-visit", "illnesses", "other", "none", "illnesses-other"),
        ("pre-visit", "medicines-use", "yes", "no", "medicine-name"),
        ("pre-visit", "pregnant", "pregnant", "no", "pregnancy-week"),
        ("pre-visit", "interpreter", "spoken", "no", "interpreter-language"),
        ("medicines-allergies", "uses-any", "yes", "no", "medicine-name"),
        ("medicines-allergies", "allergies-has", "yes", "no", "allergy-to"),
        ("medicines-allergies", "side-effects", "now", "no", "side-effects-text"),
        ("oral-health", "alarm", "knocked-out", "none", "knocked-out-advice"),
        ("oral-health", "symptoms", "toothache", "none", "strength"),
        ("oral-health", "fear", "avoid", "not-afraid", "fear-help"),
        ("pain", "alarm-lower", "back-fever", "none", "back-fever-advice"),
        ("pain", "alarm-lower", "calf", "none", "back-fever-advice"),
        ("pain", "tried", "paracetamol", "no-medicine", "too-much"),
    ],
)
def test_what_follows_is_asked_only_then(name: str, question: str, brings: str, does_not: str, follows: str) -> None:
    """A follow-up comes up with the answer that it follows from, and with no other."""
    address = _address(name, follows)
    assert address in asked(name, {question: Coding(brings, SYSTEM + name)}).asked
    assert address not in asked(name, {question: Coding(does_not, SYSTEM + name)}).asked


def test_life_threatening_allergy_tells_to_carry_it_and_call() -> None:
    """Who has had anaphylaxis reads what to carry and that adrenaline comes at once, then 112."""
    item = form("medicines-allergies").by_link["allergy-wear"]
    assert [condition.question for condition in item.enable_when] == ["allergy-severity"]
    assert all("112" in text.to(language) for text in (item.text.own, item.text.another) for language in LANGUAGES)
