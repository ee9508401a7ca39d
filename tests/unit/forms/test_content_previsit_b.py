"""The county's forms for mental health, a child's check-up, surgery, driving and a new knee: whole and sound."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from app.domain.fhir import CORE, FOCUS, OWN, extension_of, extensions_of, phrase_of
from app.domain.forms.answers import Address, Answers
from app.domain.forms.computing.compute import compute
from app.domain.forms.reading.questionnaire import read_form
from app.domain.forms.state import Known, State
from app.domain.forms.values import Coding, Value
from app.domain.text import LANGUAGES

Json = dict[str, Any]
FORMS = ("mental-health", "child-check-up", "before-surgery", "driving-licence", "outcome-knee")
VERSIONS = dict.fromkeys(FORMS, "2026.2") | {"child-check-up": "2026.1"}
CONTENT = Path(__file__).parents[3] / "app" / "content" / "forms"
HOME = "https://asiointi-ikkuna.example/fhir/"
LOINC = "http://loinc.org"
CALCULATED = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"
TEXTS = ("title", "description", "purpose", "copyright", "text", "display")
PHQ9 = tuple(f"phq9-{number}" for number in range(1, 10))
GAD7 = tuple(f"gad7-{number}" for number in range(1, 8))
NOON = Known(now=datetime(2026, 11, 23, 10, tzinfo=UTC))
DAYS = ("LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9")
FORBIDDEN = re.compile(
    r"\b(vårdcentral\w*|bvc|god man|mikäli|koskien|liittyen|onnistuneesti|please|successfully)\b|\bko\.|toteutetaan",
    re.IGNORECASE,
)


@cache
def load(name: str) -> Any:
    return json.loads((CONTENT / f"{name}.json").read_text("utf-8"))


def items(element: Json) -> Iterator[Json]:
    """Every item below, in reading order."""
    for item in element.get("item", []):
        yield item
        yield from items(item)


def by_link(name: str) -> dict[str, Json]:
    return {item["linkId"]: item for item in items(load(name))}


def codings(item: Json) -> list[Json]:
    return [option["valueCoding"] for option in item.get("answerOption", [])]


def texts(name: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Every string that somebody reads, as the element that holds it and the name of the string."""
    form = load(name)
    for element in (form, *items(form)):
        yield from ((element, key) for key in TEXTS if key in element)
        yield from ((own, "valueString") for own in [extension_of(element, OWN + "help")] if own)
        yield from ((coding, "display") for coding in codings(element))


def alarms(name: str) -> dict[tuple[str, str], str]:
    """Which emergency card is raised, by question and answer."""
    return {
        (item["linkId"], option["valueCoding"]["code"]): extension_of(option, OWN + "alarming")["valueCode"]
        for item in items(load(name))
        for option in item.get("answerOption", [])
        if extension_of(option, OWN + "alarming")
    }


def score(option: Json) -> object:
    return extension_of(option, CORE + "ordinalValue").get("valueDecimal")


@pytest.mark.parametrize("name", FORMS)
def test_says_what_it_is_and_who_reads_it(name: str) -> None:
    """A form names itself, its version and its topic, and promises no more than demonstration."""
    form = load(name)
    focus = [context for context in form["useContext"] if context["code"]["code"] == FOCUS]
    assert form["url"] == f"{HOME}Questionnaire/{name}"
    assert (form["version"], form["status"], form["language"]) == (VERSIONS[name], "active", "fi")
    assert form["name"].isidentifier()
    assert form["publisher"]
    assert focus[0]["valueCodeableConcept"]["coding"][0]["code"] == name
    assert extension_of(form, OWN + "minutes")["valueInteger"] > 0
    assert "licensed doctor" in phrase_of(form, "purpose").own.to("en")


@pytest.mark.parametrize("name", FORMS)
def test_every_text_in_three_languages(name: str) -> None:
    """Nobody meets a text in a language that they didn't choose, for themselves or for another."""
    missing = [element[key] for element, key in texts(name) if not phrase_of(element, key).complete]
    assert not missing
    assert sum(1 for _ in texts(name)) > 50


@pytest.mark.parametrize("name", FORMS)
def test_speaks_as_the_county_speaks(name: str) -> None:
    """No officialese and no words of Sweden's Swedish."""
    phrases = [phrase_of(element, key) for element, key in texts(name)]
    spoken = [text.to(language) for each in phrases for text in (each.own, each.another) for language in LANGUAGES]
    assert not [text for text in spoken if FORBIDDEN.search(text)]


@pytest.mark.parametrize("name", FORMS)
def test_link_ids_are_unique(name: str) -> None:
    """An answer belongs to one question."""
    links = [item["linkId"] for item in items(load(name))]
    assert len(links) == len(set(links))


@pytest.mark.parametrize("name", FORMS)
def test_top_level_groups_have_titles(name: str) -> None:
    """What the resident passes through is named; only a hidden item stands alone."""
    tops = load(name)["item"]
    assert all(top["type"] == "group" for top in tops if not extension_of(top, CORE + "questionnaire-hidden"))
    assert all(top["text"] for top in tops)


@pytest.mark.parametrize("name", FORMS)
def test_conditions_speak_of_what_is_asked_before(name: str) -> None:
    """A condition names an earlier question and an answer that it offers."""
    known: dict[str, Json] = {}
    for item in items(load(name)):
        for condition in item.get("enableWhen", []):
            answer = condition["answerCoding"]
            offered = {(coding["system"], coding["code"]) for coding in codings(known[condition["question"]])}
            assert (answer["system"], answer["code"]) in offered, item["linkId"]
        known[item["linkId"]] = item


@pytest.mark.parametrize("name", FORMS)
def test_a_code_means_one_thing(name: str) -> None:
    """Options have codes of a system, each once in a question, and a code never changes its words in a form."""
    meant: dict[tuple[str, str], str] = {}
    for item in items(load(name)):
        offered = codings(item)
        assert bool(offered) == (item["type"] == "choice"), item["linkId"]
        assert len({coding["code"] for coding in offered}) == len(offered), item["linkId"]
        for coding in offered:
            assert coding["system"] in (f"{HOME}CodeSystem/{name}", LOINC)
            assert meant.setdefault((coding["system"], coding["code"]), coding["display"]) == coding["display"]


@pytest.mark.parametrize("name", FORMS)
def test_calculations_name_questions_that_exist(name: str) -> None:
    """What is calculated is the form's own to write, and each path in it goes down the form to an item."""
    links = by_link(name)
    for item in items(load(name)):
        expression = extension_of(item, CALCULATED).get("valueExpression", {}).get("expression", "")
        for path in re.findall(r"%resource((?:\.item\.where\(linkId='[^']+'\))+)", expression):
            steps = re.findall(r"'([^']+)'", path)
            below = [child["linkId"] for child in links[steps[0]]["item"]]
            assert steps[1] in below
        assert not expression or item["readOnly"]


def test_phq_and_gad_are_scored_as_published() -> None:
    """Nine and seven items, each 0–3, with totals that staff see and residents don't."""
    links = by_link("mental-health")
    for link_id in (*PHQ9, *GAD7):
        assert [score(option) for option in links[link_id]["answerOption"]] == [0, 1, 2, 3]
        assert [coding["code"] for coding in codings(links[link_id])] == list(DAYS)
    for total in ("phq9-total", "gad7-total"):
        assert extension_of(links[total], CORE + "questionnaire-hidden")["valueBoolean"] is True
    assert [link for link in links if re.fullmatch(r"phq9-\d+", link)] == list(PHQ9)
    assert [link for link in links if re.fullmatch(r"gad7-\d+", link)] == list(GAD7)


def test_phq_and_gad_name_their_source() -> None:
    """The makers and the permission stand in the form, for staff and residents alike."""
    for where in (phrase_of(load("mental-health"), "copyright"), phrase_of(by_link("mental-health")["sources"])):
        assert all("Spitzer" in where.own.to(language) and "Pfizer" in where.own.to(language) for language in LANGUAGES)


def test_a_thought_of_self_harm_is_alarming() -> None:
    """Every answer to item 9 but ”not at all” raises the card and the case; so does violence that goes on now."""
    thoughts = {("phq9-9", code): "self_harm" for code in DAYS[1:]}
    assert alarms("mental-health") == {**thoughts, ("violence", "now"): "violence"}


def test_help_in_a_crisis_stands_first() -> None:
    """Before the first question one reads whom to call, and that nobody reads the answers at once."""
    first = next(item for item in items(load("mental-health")) if item["type"] != "group")
    words = phrase_of(first).own
    assert all(number in words.to(language) for number in ("112", "09 2525 0111", "116 117") for language in LANGUAGES)


def test_signs_of_a_clot_are_alarming_after_a_knee_replacement() -> None:
    """Breathlessness, a swollen calf and a leg that bears no weight raise the case; each sign has its advice."""
    links = by_link("outcome-knee")
    signs = {coding["code"] for coding in codings(links["danger"])} - {"none"}
    advice = [item for item in links.values() if item["type"] == "display"]
    raised = {"breathless": "life_danger", "calf": "immediate", "bear": "immediate"}
    assert alarms("outcome-knee") == {("danger", sign): kind for sign, kind in raised.items()}
    assert {condition["answerCoding"]["code"] for item in advice for condition in item["enableWhen"]} == signs


def test_the_last_faint_is_within_the_years_that_are_asked_about() -> None:
    """Who fainted in the past 5 years is not offered a last time longer ago."""
    links = by_link("driving-licence")
    assert "5" in links["faint"]["text"]
    assert [coding["code"] for coding in codings(links["faint-last"])][-2:] == ["five-years", "unknown"]


def test_one_who_asks_for_another_is_not_called_themselves() -> None:
    """What follows when nobody is there for the night speaks of the patient, where somebody else fills in the form."""
    words = phrase_of(by_link("before-surgery")["night-help"])
    assert all(words.own.to(language) != words.another.to(language) for language in LANGUAGES)


def test_a_none_of_these_rules_out_the_others() -> None:
    """”None of these” and ”I don't know” can't be chosen beside an answer where several may be."""
    for name in FORMS:
        for item in items(load(name)):
            for option in item.get("answerOption", []) if item.get("repeats") else []:
                if option["valueCoding"]["code"] in ("none", "unknown", "nobody", "skip"):
                    assert extension_of(option, CORE + "questionnaire-optionExclusive"), item["linkId"]


def test_extensions_are_ours_or_the_standards() -> None:
    """No extension is misspelt: ours are those that the document names."""
    own = {OWN + name for name in ("minutes", "help", "alarming", "text-for-another", "remember-as")}
    for name in FORMS:
        elements = [load(name), *items(load(name)), *(o for i in items(load(name)) for o in i.get("answerOption", []))]
        urls = {str(entry["url"]) for element in elements for entry in extensions_of(element)}
        assert {url for url in urls if url.startswith(HOME)} <= own


def answered(name: str, answers: Mapping[str, str | int | Decimal]) -> State:
    """Where the form stands with these answers; the code of an option stands for the option."""
    form = read_form(load(name)).form
    given: dict[Address, tuple[Value, ...]] = {}
    for link_id, answer in answers.items():
        offered = {o.value.code: o.value for o in form.by_link[link_id].options if isinstance(o.value, Coding)}
        chosen: Value = offered[answer] if isinstance(answer, str) else answer
        given[Address(link_id)] = (chosen,)
    computed = compute(form, Answers(given), NOON)
    assert not computed.troubles
    return computed.state


def value(state: State, link_id: str) -> object:
    return next(iter(state.answers.of(Address(link_id))), None)


def asked(state: State, link_id: str) -> bool:
    return Address(link_id) in state.asked


@pytest.mark.parametrize("name", FORMS)
def test_our_own_reader_has_nothing_to_say(name: str) -> None:
    """Our forms keep to the standard and to what the engine does."""
    assert read_form(load(name)).notes == ()


@pytest.mark.parametrize(
    ("days", "total"),
    [((0,) * 9, 0), ((3,) * 9, 27), ((1, 1, 2, 0, 3, 0, 1, 0, 0), 8), ((2, 3, 1, 2, 0, 1, 0, 2, 1), 12)],
)
def test_the_phq9_total_adds_up(days: tuple[int, ...], total: int) -> None:
    """The total is the sum of the nine answers; how much it hinders is asked where anything troubles."""
    state = answered("mental-health", {link: DAYS[day] for link, day in zip(PHQ9, days, strict=True)})
    assert value(state, "phq9-total") == total
    assert asked(state, "phq9-difficulty") == (total > 0)


@pytest.mark.parametrize(("days", "total"), [((0,) * 7, 0), ((3,) * 7, 21), ((1, 2, 0, 3, 1, 0, 2), 9)])
def test_the_gad7_total_adds_up(days: tuple[int, ...], total: int) -> None:
    """The total is the sum of the seven answers."""
    state = answered("mental-health", {link: DAYS[day] for link, day in zip(GAD7, days, strict=True)})
    assert value(state, "gad7-total") == total
    assert value(state, "phq9-total") is None


def test_a_skipped_item_leaves_no_total() -> None:
    """A total over fewer items would look milder than it is, so there is none."""
    state = answered("mental-health", dict.fromkeys(PHQ9[:-1], DAYS[3]))
    assert value(state, "phq9-total") is None


@pytest.mark.parametrize(("answer", "helped"), [("no", False), ("skip", False), ("before", True), ("now", True)])
def test_violence_brings_help(answer: str, helped: bool) -> None:
    """Who tells of violence, now or earlier, gets a page with Nollalinja."""
    assert asked(answered("mental-health", {"violence": answer}), "violence-help") is helped


@pytest.mark.parametrize(
    ("ease", "pain", "result"), [("easy", 0, 100), ("unable", 10, 0), ("moderate", 5, 50), ("easy", 10, 50)]
)
def test_the_knee_result_goes_from_0_to_100(ease: str, pain: int, result: int) -> None:
    """Function and pain count half each: 100 is a knee without either trouble."""
    answers = dict.fromkeys((f"function-{n}" for n in range(1, 7)), ease)
    state = answered("outcome-knee", {**answers, "pain-rest": pain, "pain-move": pain})
    assert value(state, "knee-score") == result


def test_body_mass_index_from_height_and_weight() -> None:
    """81 kg and 180 cm make 25.0 kg/m²; without one of them there is no index."""
    assert value(answered("before-surgery", {"height": 180, "weight": Decimal("81")}), "bmi") == 25
    assert value(answered("before-surgery", {"weight": Decimal("81")}), "bmi") is None


def test_the_other_parent_answers_where_they_say_so() -> None:
    """The part of the other parent is asked only when they answer on the same form."""
    here = {"who": "guardian", "other-parent": "here"}
    assert asked(answered("child-check-up", here), "parent-2")
    assert not asked(answered("child-check-up", {**here, "other-parent": "own-form"}), "parent-2")
    assert not asked(answered("child-check-up", {**here, "who": "only"}), "parent-2")
