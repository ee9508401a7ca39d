"""What `make conformance FORMS=` does with outside material, on questionnaires of our own: imported, filled in on the
real pages, sent, read back."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.tools.filling.large import large_form
from tests.tools.filling.trial import Trials, opened_trials
from tests.tools.world import World
from tests.unit.forms.reader_samples import CORE, SDC, codings, control, expression, extension, form, item

TYPES = ("boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text", "url", "reference", "quantity")
OPTIONS = codings("a", "b", "c")


def occurs(least: int, most: int) -> dict[str, Any]:
    """minOccurs and maxOccurs."""
    ends = (("min", least), ("max", most))
    return {"extension": [extension(f"{CORE}questionnaire-{end}Occurs", "Integer", value) for end, value in ends]}


def when(question: str, operator: str, kind: str, answer: Any) -> dict[str, Any]:
    """One enableWhen."""
    return {"enableWhen": [{"question": question, "operator": operator, f"answer{kind}": answer}]}


def rule(text: str) -> dict[str, Any]:
    """A constraint."""
    parts = (
        ("key", "Id", "k"),
        ("severity", "Code", "error"),
        ("expression", "String", text),
        ("human", "String", "!"),
    )
    inner = [extension(url, kind, value) for url, kind, value in parts]
    return {"extension": [{"url": f"{CORE}questionnaire-constraint", "extension": inner}]}


def every_type(**more: Any) -> list[dict[str, Any]]:
    """A question of every type."""
    choices = [item(kind, kind, answerOption=OPTIONS, **more) for kind in ("choice", "open-choice")]
    return [*(item(kind, kind, **more) for kind in TYPES), *choices, item("attachment", "attachment", **more)]


def operators() -> list[dict[str, Any]]:
    """A number and, for every operator, a question that depends on it."""
    signs = (("=", 1), ("!=", 1), (">", 0), ("<", 1), (">=", 1), ("<=", 0))
    asked = [item(f"n {sign}", required=True, **when("n", sign, "Integer", value)) for sign, value in signs]
    exists = [item(f"n {yes}", **when("n", "exists", "Boolean", yes)) for yes in (True, False)]
    return [item("n", "integer"), *asked, *exists]


CALCULATED = expression(
    f"{SDC}calculatedExpression", "%resource.repeat(item).where(linkId='a' or linkId='b').answer.value.sum()"
)
SAMPLES: dict[str, dict[str, Any]] = {
    "every type": form(*every_type()),
    "every type required": form(*every_type(required=True)),
    "every type repeating in a repeating group": form(
        item("g", "group", repeats=True, item=every_type(repeats=True, required=True))
    ),
    "one page": form(item("g", "group", extension=[control("page")], item=every_type(required=True))),
    "operators": form(*operators()),
    "nested repetitions": form(
        item(
            "outer",
            "group",
            repeats=True,
            item=[
                item(
                    "inner",
                    "group",
                    repeats=True,
                    item=[item("q"), item("then", **when("q", "exists", "Boolean", True))],
                )
            ],
        ),
        item("after"),
    ),
    "questions below answers": form(
        item("q", "boolean", item=[item("r", repeats=True, item=[item("s", "integer", required=True)])])
    ),
    "calculated": form(
        item("g", "group", item=[item("a", "integer"), item("b", "decimal")]),
        item("sum", "decimal", readOnly=True, extension=[CALCULATED]),
        item("more", required=True, **when("sum", ">", "Decimal", 1)),
    ),
    "calculated before all questions": form(
        item("first", "integer", readOnly=True, extension=[expression(f"{SDC}calculatedExpression", "1 + 1")]),
        item("then"),
    ),
    "loop": form(
        item("x", **when("z", "exists", "Boolean", False)),
        item("y", **when("x", "exists", "Boolean", True)),
        item("z", **when("y", "exists", "Boolean", True)),
        item("end"),
    ),
    "occurs": form(
        item("group", "group", repeats=True, item=[item("in", required=True)], **occurs(2, 3)),
        item("words", repeats=True, **occurs(2, 3)),
        item("boxes", "choice", repeats=True, answerOption=OPTIONS, **occurs(2, 2)),
    ),
    "rules": form(
        item("a", "integer", required=True),
        item("b", "integer", required=True),
        **rule("%resource.item.where(linkId='a').answer.value > %resource.item.where(linkId='b').answer.value"),
    ),
    "words that look like slips": form(item("q", "choice", answerOption=[{"valueString": "None"}, *OPTIONS])),
    "sixty items": large_form(60, 8),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def trials(world: World) -> AsyncIterator[Trials]:
    """A window with somebody who fills in whatever is asked, without limits on how fast."""
    with world.database() as name:
        async with opened_trials(world.settings(name, limits_factor=0)) as opened:
            yield opened


@pytest.mark.parametrize("name", SAMPLES)
async def test_what_is_imported_can_be_sent(trials: Trials, name: str) -> None:
    """A form that was imported is filled in to its end by whoever answers what the pages ask and mends what they say;
    what arrives is valid, holds every answer to what is asked and nothing else, and both sides can read it."""
    outcome = await trials.attempt(name, json.dumps(SAMPLES[name]).encode())
    assert outcome.imported
    assert outcome.faults == ()
    assert outcome.valid


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{no json", "not_json"),
        (b"[]", "not_an_object"),
        (json.dumps({"resourceType": "Patient"}).encode(), "not_a_questionnaire"),
        (json.dumps(form(item("a"), item("a"))).encode(), "link_id_twice 'a'"),
        (json.dumps(form(item("a", **when("b", "=", "String", "x")))).encode(), "condition_question_missing 'a'"),
        (b'{"resourceType": "Questionnaire", "item": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too_deep"),
    ],
)
async def test_what_is_broken_is_refused_by_its_name(trials: Trials, content: bytes, said: str) -> None:
    """A broken file is no fault of ours: it is turned down with the reason and the item."""
    outcome = await trials.attempt("broken", content)
    assert not outcome.imported
    assert outcome.good
    assert said in outcome.remark
