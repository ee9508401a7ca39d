"""The QuestionnaireResponse that is sent, and reading one back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from app.domain.forms.answers import Address, Answers, from_data, to_data
from app.domain.forms.model import Form, Unit
from app.domain.forms.reading.questionnaire import read_form
from app.domain.forms.responding.read_back import Refusal, answers_of
from app.domain.forms.responding.respond import canonical_of, response_of
from app.domain.forms.responding.valid import check_response
from app.domain.forms.state import State
from app.domain.forms.values import Coding, Quantity
from app.domain.phrase import Phrase
from app.domain.text import Text
from tests.tools.form_strategies import filled_forms, phrase, state_of
from tests.tools.forms import address, answers, choice, form, group, item, when

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
IDENTIFIER = "urn:uuid:8e7a1c6e-3f5b-4f0e-9d0f-6f0c2b8f5a11"


def _sent(state: State, **more: Any) -> dict[str, Any]:
    return response_of(state, identifier=IDENTIFIER, authored=NOW, language="sv", **more)


def _items(of: Form, given_answers: Answers) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _sent(state_of(of, given_answers)).get("item", [])
    return found


def _links(items: list[dict[str, Any]]) -> Iterator[str]:
    for one in items:
        yield one["linkId"]
        yield from _links(one.get("item", []))
        for answer in one.get("answer", []):
            yield from _links(answer.get("item", []))


def test_groups_repetitions_and_items_below_answers_have_their_r4_structure() -> None:
    """A receiver finds repetitions as items beside each other, and follow-up questions under the answer they belong
    to."""
    which = replace(choice("which", "a", "b", repeats=True), items=(item("more"),))
    sent = _items(
        form(group("g", item("name"), repeats=True), which),
        answers(
            ("name#0", "Ada"), ("name#1", "Bo"), ("which", (Coding("a", "s"), Coding("b", "s"))), ("more#1", "x")
        ).with_count(address("g"), 2),
    )
    assert sent == [
        {"linkId": "g", "item": [{"linkId": "name", "answer": [{"valueString": "Ada"}]}]},
        {"linkId": "g", "item": [{"linkId": "name", "answer": [{"valueString": "Bo"}]}]},
        {
            "linkId": "which",
            "answer": [
                {"valueCoding": {"system": "s", "code": "a"}},
                {
                    "valueCoding": {"system": "s", "code": "b"},
                    "item": [{"linkId": "more", "answer": [{"valueString": "x"}]}],
                },
            ],
        },
    ]


def test_what_is_not_asked_is_not_sent_but_what_is_hidden_is() -> None:
    """An answer that was left behind a condition stays in the draft; what the form worked out unseen goes along."""
    of = form(item("a", "boolean"), item("b", enable_when=(when("a"),)), item("score", "integer", hidden=True))
    sent = _items(of, answers(a=False, b="kept in the draft", score=7))
    assert list(_links(sent)) == ["a", "score"]


def test_texts_are_those_the_resident_read() -> None:
    """The professional sees the words that were answered to: in the resident's language and voice."""
    text = Phrase(own=Text({"sv": "Hur mår du?"}), another=Text({"sv": "Hur mår hen?"}))
    state = state_of(form(item("a", text=text)), answers(a="bra"))
    assert _sent(state)["item"][0]["text"] == "Hur mår du?"
    assert _sent(state, for_another=True)["item"][0]["text"] == "Hur mår hen?"


def test_the_head_says_who_when_and_of_which_version() -> None:
    """A response is found, dated and tied to one version of its form without looking inside."""
    sent = _sent(state_of(form(item("a")), Answers()), status="amended", subject="Patient/1", author="Practitioner/2")
    assert sent == {
        "resourceType": "QuestionnaireResponse",
        "language": "sv",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": IDENTIFIER},
        "questionnaire": "urn:form|1",
        "status": "amended",
        "subject": {"reference": "Patient/1"},
        "author": {"reference": "Practitioner/2"},
        "authored": "2026-11-22T10:30:00+00:00",
    }


def test_a_form_without_a_url_is_named_all_the_same() -> None:
    """Responses to one nameless form agree about which form it is, and those to another differ."""
    one, other = (Form("", "2", name, Text(), Text(), ()) for name in ("one", "other"))
    assert canonical_of(one).startswith("urn:uuid:")
    assert canonical_of(one).endswith("|2")
    assert canonical_of(one) == canonical_of(one) != canonical_of(other)


def test_characters_that_fhir_does_not_know_do_not_stop_the_sending() -> None:
    """A text pasted from elsewhere may hold a hard blank or a control character; it is sent without them."""
    sent = _items(form(item("a"), item("b")), answers(a="5\u00a0mg\x07", b="\x00"))
    assert sent == [{"linkId": "a", "answer": [{"valueString": "5 mg"}]}]


@given(filled_forms())
def test_every_response_is_valid_and_holds_only_what_is_asked(filled: tuple[Form, Answers]) -> None:
    """Whatever form and answers: what leaves is valid R4, and without answers to what is not asked."""
    state = state_of(*filled)
    sent = _sent(state)
    check_response(sent)
    asked = {found.link_id for found in state.asked}
    shown = {link_id for link_id in asked if state.form.by_link[link_id].type != "display"}
    assert set(_links(sent.get("item", []))) <= shown


@given(filled_forms())
def test_a_response_read_back_says_the_same(filled: tuple[Form, Answers]) -> None:
    """What was sent can be read into a form again without loss."""
    of, given_answers = filled
    sent = _sent(state_of(of, given_answers))
    again, refusals = answers_of(of, sent)
    assert refusals == ()
    assert _sent(state_of(of, again)) == sent


@given(filled_forms(conditions=False))
def test_everything_answered_comes_back(filled: tuple[Form, Answers]) -> None:
    """Where nothing depends on anything, no answer is lost on the way out and in."""
    of, given_answers = filled
    again, _ = answers_of(of, _sent(state_of(of, given_answers)))
    assert sum(map(len, again.values.values())) == sum(map(len, given_answers.values.values()))


_READ = form(
    group("g", item("text", "text"), item("note", "display")),
    group("two", item("n", "integer"), repeats=True, max_occurs=2),
    choice("c", "a", "b"),
    item("open", "open-choice", options=choice("x", "a").options),
    item("q", "quantity", unit=Unit("kg", Text({"en": "kg"}), "ucum")),
    item("day", "date"),
)


@pytest.mark.parametrize(
    ("found", "code", "link_id"),
    [
        ({"linkId": "nobody", "answer": [{"valueString": "x"}]}, "unknown-item", "nobody"),
        ({"answer": [{"valueString": "x"}]}, "unknown-item", ""),
        ({"linkId": "text", "answer": [{"valueString": "x"}]}, "misplaced", "text"),
        ({"linkId": "c", "answer": [{"valueString": "a"}]}, "not-offered", "c"),
        ({"linkId": "c", "answer": [{"valueCoding": {"system": "s", "code": "z"}}]}, "not-offered", "c"),
        ({"linkId": "c", "answer": [{"valueBoolean": True}]}, "wrong-type", "c"),
        ({"linkId": "open", "answer": [{"valueCoding": {"code": "z"}}]}, "not-offered", "open"),
        ({"linkId": "q", "answer": [{"valueQuantity": {"value": 3, "code": "g"}}]}, "other-unit", "q"),
        ({"linkId": "q", "answer": [{"valueQuantity": {"value": "3"}}]}, "unreadable", "q"),
        ({"linkId": "day", "answer": [{"valueDate": "22.11.2026"}]}, "unreadable", "day"),
        ({"linkId": "day", "answer": [{}]}, "unreadable", "day"),
        ({"linkId": "day", "answer": ["2026-11-22"]}, "unreadable", "day"),
        ({"linkId": "day", "answer": [{"valueString": "2026-11-22"}]}, "wrong-type", "day"),
        ({"linkId": "g", "answer": [{"valueString": "x"}]}, "no-answers-here", "g"),
        ({"linkId": "g", "item": [{"linkId": "note", "answer": [{"valueString": "x"}]}]}, "no-answers-here", "note"),
        ({"linkId": "day", "item": [{"linkId": "n"}]}, "misplaced", "day"),
    ],
)
def test_what_can_not_be_read_is_named_and_the_rest_is_taken(found: dict[str, Any], code: str, link_id: str) -> None:
    """One unreadable item of a response from elsewhere is told, and does not cost the others."""
    fine = {"linkId": "open", "answer": [{"valueString": "free"}]}
    taken, refusals = answers_of(_READ, {"item": [found, fine] if link_id != "open" else [found]})
    assert refusals == (Refusal(code, link_id),)  # type: ignore[arg-type]
    assert taken == (answers(open="free") if link_id != "open" else Answers())


def test_too_many_are_told_and_the_first_are_taken() -> None:
    """More answers or repetitions than the form has room for do not push out those that fit."""
    repetitions = [{"linkId": "two", "item": [{"linkId": "n", "answer": [{"valueInteger": n}]}]} for n in range(3)]
    days = {"linkId": "day", "answer": [{"valueDate": "2026"}, {"valueDate": "2025"}]}
    taken, refusals = answers_of(_READ, {"item": [*repetitions, days, days]})
    assert [refusal.link_id for refusal in refusals] == ["two", "day", "day"]
    assert {refusal.code for refusal in refusals} == {"too-many"}
    assert taken == answers(("n#0", 0), ("n#1", 1), ("day", "2026")).with_count(address("two"), 2)


def test_an_allowed_unit_is_taken_however_it_is_written() -> None:
    """Some name the unit by its code, others only in words."""
    for quantity in ({"value": 3.5, "system": "ucum", "code": "kg"}, {"value": 3.5, "unit": "kg"}):
        taken, refusals = answers_of(_READ, {"item": [{"linkId": "q", "answer": [{"valueQuantity": quantity}]}]})
        assert refusals == ()
        [amount] = taken.of(address("q"))
        assert isinstance(amount, Quantity)
        assert amount.value == Decimal("3.5")


def test_texts_in_two_languages_share_one_structure() -> None:
    """A text that lacks the language is said in the next one, rather than left out."""
    state = state_of(form(item("a", text=phrase("Nimi")), item("b", text=Phrase.neutral(Text({"fi": "Ikä"})))),
                     answers(a="x", b="y"))  # fmt: skip
    assert [one["text"] for one in _sent(state)["item"]] == ["Nimi (sv)", "Ikä"]


@pytest.mark.parametrize(
    ("offered", "key"), [("2026-03-05", "valueDate"), ("09:30:00", "valueTime"), ("2026", "valueString")]
)
def test_an_offered_date_is_sent_as_a_date(offered: str, key: str) -> None:
    """An answer that a choice offers as a date or a time goes out as what it was offered as, also from a draft."""
    option = {key: offered}
    asked = {"linkId": "a", "type": "choice", "text": "Milloin", "answerOption": [option]}
    read = read_form({"resourceType": "Questionnaire", "status": "active", "item": [asked]}).form
    kept = from_data(to_data(Answers({Address("a"): (read.items[0].options[0].value,)}), {"a": "choice"}))
    assert _items(read, kept)[0]["answer"] == [option]
