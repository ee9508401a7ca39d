"""The decision language, the table and the proof that a table is safe."""

from typing import Any

import pytest

from app.domain.decision_check import validate
from app.domain.decision_language import Verdict, judge, read_expression
from app.domain.decision_table import DecisionTable, read_table
from app.domain.phrase import UnreadableContent
from app.domain.questionnaire import Given, UnreadableQuestionnaire, read_questionnaire
from app.domain.urgency import Urgency

Json = dict[str, Any]


def words(text: str) -> Json:
    return {"fi": text, "sv": text, "en": text}


def choice(link_id: str, *codes: str, repeats: bool = False, **more: Any) -> Json:
    options = [{"valueCoding": {"code": code, "display": code}} for code in codes]
    item = {"linkId": link_id, "type": "choice", "text": link_id, "required": True, "answerOption": options}
    return {**item, "repeats": repeats, **more}


def form(*items: Json) -> Json:
    return {"resourceType": "Questionnaire", "id": "sample", "item": list(items)}


def days() -> Json:
    limits = [
        {"url": "http://hl7.org/fhir/StructureDefinition/minValue", "valueInteger": 0},
        {"url": "http://hl7.org/fhir/StructureDefinition/maxValue", "valueInteger": 60},
    ]
    return {"linkId": "days", "type": "integer", "text": "days", "required": True, "extension": limits}


FORM = form(
    choice("who", "me", "other"),
    choice("fever", "no", "yes", "unknown"),
    choice("marks", "rash", "pain", repeats=True),
    days(),
    choice("help", "no", "yes", enableWhen=[{"question": "who", "operator": "=", "answerCoding": {"code": "other"}}]),
)


def rule(name: str, urgency: str, when: Json) -> Json:
    return {"id": name, "urgency": urgency, "when": when, "reason": words(name), "source": "book"}


def decisions(*rules: Json) -> Json:
    return {
        "assessment": "sample",
        "version": "1",
        "default": {"urgency": "self_care", "reason": words("nothing"), "source": "book"},
        "audience": {"question": "who", "own": ["me"]},
        "sources": {"book": words("book")},
        "variables": {
            "who": {"severity": {"me": 0, "other": 0}},
            "fever": {
                "severity": {"no": 0, "yes": 1},
                "unknown": "unknown",
                "unknown_reason": words("fever is not known"),
            },
            "marks": {"severity": {"rash": 1, "pain": 1}},
            "days": {"cuts": [3, 8], "severity": [0, 1, 2]},
            "help": {"severity": {"no": 0, "yes": 1}},
        },
        "rules": list(rules),
    }


SOUND = (
    rule("fever", "same_day", {"=": ["fever", "yes"]}),
    rule("long-rash", "within_days", {"and": [{"=": ["marks", "rash"]}, {"range": ["days", 3, None]}]}),
    rule("long", "routine", {"range": ["days", 8, None]}),
    rule("help", "immediate", {"and": [{"=": ["help", "yes"]}, {"=": ["fever", "yes"]}]}),
)


def table(*rules: Json) -> DecisionTable:
    return read_table(decisions(*rules), read_questionnaire(FORM))


def given(**answers: str | int) -> Given:
    return {link_id: frozenset({answer}) for link_id, answer in answers.items()}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ({"=": ["a", "x"]}, True),
        ({"in": ["a", ["y", "z"]]}, False),
        ({"not": {"=": ["a", "x"]}}, False),
        ({"and": [{"=": ["a", "x"]}, {"range": ["n", 3, 8]}]}, True),
        ({"range": ["n", 5, None]}, True),
        ({"range": ["n", None, 5]}, False),
        ({"or": [{"=": ["a", "y"]}, {"=": ["nobody-asked", "x"]}]}, False),
    ],
)
def test_an_expression_means_what_it_says(expression: Json, expected: bool) -> None:
    """Each operator of the language; a range holds its lower end and not its upper one."""
    assert judge(read_expression(expression, "here"), given(a="x", n=5)) == Verdict(expected)


def test_an_expression_names_only_the_questions_that_still_matter() -> None:
    """Three-valued: a decided part silences the others, an undecided one names what it waits for."""
    both = read_expression({"and": [{"=": ["a", "x"]}, {"=": ["b", "y"]}]}, "here")
    pending = frozenset({"b"})
    assert judge(both, given(a="x"), pending) == Verdict(None, pending)
    assert judge(both, given(a="z"), pending) == Verdict(False)


@pytest.mark.parametrize(
    "expression",
    [{}, [], {"xor": []}, {"=": ["a"]}, {"in": ["a", []]}, {"range": ["a", "1", 2]}, {"and": []}, {"not": 3}],
)
def test_nothing_outside_the_language_can_be_read(expression: Any) -> None:
    """The language is closed, and the error names the place."""
    with pytest.raises(UnreadableContent, match="rule 7"):
        read_expression(expression, "rule 7")


def test_the_most_urgent_matching_rule_wins_over_the_default() -> None:
    """Urgency is a maximum; nothing matching gives the default."""
    sound = table(*SOUND)
    assert sound.urgency(given(fever="no", days=1)) is Urgency.SELF_CARE
    assert sound.urgency(given(fever="no", days=9)) is Urgency.ROUTINE
    assert sound.urgency(given(fever="yes", days=9)) is Urgency.SAME_DAY


def test_an_unknown_answer_counts_as_the_worst_and_says_so() -> None:
    """”I don't know” is as urgent as the worst answer, and its reason is about not knowing."""
    sound = table(*SOUND)
    unknown = given(fever="unknown")
    (fired,) = sound.matching(unknown)
    assert (fired.id, sound.urgency(unknown)) == ("fever", Urgency.SAME_DAY)
    assert [reason.own.to("en") for reason in sound.reasons(fired, unknown)] == ["fever is not known"]
    assert [reason.own.to("en") for reason in sound.reasons(fired, given(fever="yes"))] == ["fever"]


def test_a_skipped_question_counts_as_everything_ticked_or_the_last_interval() -> None:
    """An empty answer is the worst plausible one also for several answers and for numbers."""
    skipped: Given = {"marks": frozenset(), "days": frozenset()}
    assert [rule.id for rule in table(*SOUND).matching(skipped)] == ["long-rash", "long"]


def test_a_sound_table_is_proved_and_its_combinations_are_counted() -> None:
    """The validator finds nothing in a good table and really goes through combinations."""
    report = validate(table(*SOUND))
    assert report.ok, str(report)
    assert report.combinations > 50
    assert "4 rules" in str(report)


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (rule("calm", "immediate", {"=": ["fever", "no"]}), "a worse answer to 'fever' lowers urgency"),
        (rule("early", "same_day", {"range": ["days", None, 3]}), "a worse answer to 'days' lowers urgency"),
        (rule("clean", "same_day", {"not": {"=": ["marks", "pain"]}}), "a worse answer to 'marks' lowers urgency"),
        (rule("never", "same_day", {"and": [{"=": ["fever", "yes"]}, {"=": ["fever", "no"]}]}), "unreachable"),
        (rule("off", "same_day", {"and": [{"=": ["help", "yes"]}, {"=": ["who", "me"]}]}), "unreachable"),
        (rule("late", "routine", {"=": ["fever", "yes"]}), "a more urgent rule always holds"),
    ],
)
def test_the_validator_finds_what_is_wrong(broken: Json, complaint: str) -> None:
    """Each kind of mistake is found in a table that is otherwise sound: the control of the proof."""
    report = validate(table(*SOUND, broken))
    assert not report.ok
    assert complaint in str(report)


def test_a_rule_may_hand_over_to_another_that_is_as_urgent() -> None:
    """Two rules that together cover the worse answers are monotone though each alone is not."""
    pair = (
        rule("some", "same_day", {"range": ["days", 3, 8]}),
        rule("many", "immediate", {"range": ["days", 8, None]}),
    )
    assert validate(table(*pair)).ok


def test_a_missing_language_or_reason_is_a_problem() -> None:
    """No rule and no unknown answer is without its words in all three languages."""
    data = decisions(*SOUND)
    del data["rules"][0]["reason"]["sv"]
    del data["variables"]["fever"]["unknown_reason"]
    problems = validate(read_table(data, read_questionnaire(FORM))).problems
    assert problems == ("unknown fever: it has no reason", "rule fever: a language is missing")


@pytest.mark.parametrize(
    "when",
    [{"=": ["nobody", "x"]}, {"=": ["fever", "maybe"]}, {"range": ["days", 4, None]}, {"=": ["days", 3]}],
)
def test_a_rule_speaks_only_of_what_the_table_declares(when: Json) -> None:
    """Unknown questions, answers and cut points are refused when the table is read."""
    with pytest.raises(UnreadableContent, match="rule odd"):
        table(rule("odd", "routine", when))


@pytest.mark.parametrize(
    "item",
    [
        {"linkId": "odd", "type": "attachment", "text": "?"},
        {"linkId": "odd", "type": "choice", "text": "?"},
        choice("odd", "a", enableWhen=[{"question": "who", "operator": ">", "answerInteger": 3}]),
        choice("odd", "a", enableWhen=[{"question": "nobody", "operator": "exists", "answerBoolean": True}]),
        {**choice("odd", "a"), "answerOption": [{"valueString": "a"}]},
        {**choice("odd", "a"), "item": "x"},
    ],
)
def test_an_unreadable_question_is_named(item: Json) -> None:
    """What the reader cannot use is an error that carries the linkId."""
    with pytest.raises(UnreadableQuestionnaire) as caught:
        read_questionnaire(form(choice("who", "me"), item))
    assert caught.value.link_id == "odd"


def test_the_reader_takes_groups_help_and_boolean_conditions() -> None:
    """A display child with itemControl help is help, another display the lead; `exists` and booleans work."""
    control = {
        "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl",
        "valueCodeableConcept": {"coding": [{"code": "help"}]},
    }
    helped = {"linkId": "h", "type": "display", "text": "some help", "extension": [control]}
    second = {
        **choice("second", "a"),
        "item": [helped],
        "enableWhen": [{"question": "first", "operator": "=", "answerBoolean": True}],
    }
    group = {"linkId": "g", "type": "group", "text": "Title", "item": [{**helped, "extension": []}, second]}
    read = read_questionnaire(form({"linkId": "first", "type": "boolean", "text": "first?"}, group))
    page = read.pages[1]
    assert (page.title.own.to("fi"), page.lead.own.to("fi")) == ("Title", "some help")
    assert page.questions[0].help.own.to("fi") == "some help"
    assert page.questions[0].enabled(given(first="true"))
    assert not page.questions[0].enabled({})
