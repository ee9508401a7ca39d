"""FHIRPath as the reference engine evaluates it (npm `fhirpath`): our wrapper gives the same on the whole corpus."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain.forms.computing.evaluate import Evaluator
from app.domain.forms.computing.memo import EMPTY
from app.domain.forms.computing.plan import Plan
from tests.tools.fhirpath_corpus import KNOWN, PATIENT, Case, cases, corpus_form

ITEM = "QuestionnaireResponse.item"
SCRIPT = Path(__file__).parent / "node" / "fhirpath.mjs"
# Where the two differ, and why; each of these must still differ somewhere, else its line goes.
_STRICT = "theirs refuses to compare a date with a word; our library keeps dates as words and compares them"
_SIGN = "theirs fails on the sign of nothing; of nothing, FHIRPath says elsewhere, comes nothing"
EXCEPTIONS: Mapping[str, str] = {
    "%patient.birthDate < '1960-01-01'": _STRICT,
    "%resource.item.where(linkId='since').answer.value > '2020-01-01'": _STRICT,
    "%questionnaire.item.where(linkId='sleep').answerOption.valueCoding.weight()": "theirs asks a terminology server",
    "%qitem.answerOption.value.code": "what is handed to theirs by a name has no type; ours is the item of a form",
    "-%height + %height + 1": _SIGN,
    "-%resource.item.where(linkId='age').answer.value": _SIGN,
    "%resource.item.where(linkId='length').answer.value < 1 'm'": "theirs converts units; ours does not decide",
    "today().toString()": "its clock can't be set",
}


def request(case: Case, plan: Plan) -> dict[str, Any]:
    """The case as the script takes it: on the whole response, with the variables in reach to be evaluated there."""
    items, made = case.row.response(case.row.chosen(None))
    response = {"resourceType": "QuestionnaireResponse", "status": "in-progress", "item": items}
    names = {"resource": response, "questionnaire": plan.questionnaire, "patient": PATIENT}
    names |= {"qitem": plan.question_items.get(case.owner, {})}
    variables = [{"name": one.name, "text": one.text, "base": "", "focus": response} for one in plan.form.variables]
    for position in reversed(list(case.row.line(case.position))):
        item = case.row.instances[position].item
        here = {"base": ITEM, "focus": made.get(position, {"linkId": item.link_id})}
        variables += [{"name": one.name, "text": one.text, **here} for one in item.variables]
    at = {"base": ITEM, "focus": made.get(case.position, {"linkId": case.owner})}
    return {"text": case.text, "names": names, "variables": variables} | (
        at if case.owner else {"base": "", "focus": response}
    )


def theirs(requests: Sequence[Mapping[str, Any]]) -> list[Any]:
    """What the reference engine gives, all in one process."""
    node = shutil.which("node")
    assert node, "Node.js is needed to try the software of others"
    told = json.dumps(requests, default=_number)
    run = subprocess.run([node, str(SCRIPT)], input=told, capture_output=True, text=True, check=True, timeout=120)
    found: list[Any] = json.loads(run.stdout)
    return found


def _number(value: object) -> float:
    assert isinstance(value, Decimal)
    return float(value)


def test_the_corpus_gives_what_the_reference_engine_gives() -> None:
    """A form made elsewhere, tried with the engine most use, behaves the same here; differences are named."""
    form = corpus_form()
    plan = Plan(form)
    evaluator = Evaluator(plan, KNOWN, EMPTY)
    all_cases = list(cases(form))
    differing: set[str] = set()
    for case, found in zip(all_cases, theirs([request(case, plan) for case in all_cases]), strict=True):
        ours = evaluator.value(case.number, case.row, case.position)
        if not same(ours, found):
            differing.add(case.text)
            assert case.text in EXCEPTIONS, (case.text, ours, found)
    assert differing == set(EXCEPTIONS)


def same(ours: Any, found: Any) -> bool:
    """Equal; two failures are, and numbers as far as a float tells."""
    if ours is None:
        return isinstance(found, Mapping) and "error" in found
    if isinstance(ours, list):
        return isinstance(found, list) and len(ours) == len(found) and all(map(same, ours, found))
    if isinstance(ours, int | float) and isinstance(found, int | float):
        return type(ours) is bool or type(found) is bool or ours == pytest.approx(found)
    return bool(ours == found)
