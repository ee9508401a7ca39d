"""Expressions as forms have them, on a form with everything that they meet: repetitions, children, scores, units."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from app.domain.forms.answers import Address, Answers
from app.domain.forms.computing.narrow import Row
from app.domain.forms.computing.plan import Plan, Task
from app.domain.forms.instances import expand
from app.domain.forms.model import Form, Item
from app.domain.forms.state import Known
from app.domain.forms.values import Coding, Quantity
from tests.tools.forms import NOW, answers, choice, fhirpath, form, group, item, rule

UCUM = "http://unitsofmeasure.org"
PATIENT = {"resourceType": "Patient", "birthDate": "1958-03-14", "name": [{"family": "Testi", "given": ["Aino"]}]}
KNOWN = Known(NOW, {"patient": PATIENT})

OF_THE_FORM = (
    "%resource.item.where(linkId='weight').answer.value",
    "%resource.item.where(linkId='weight').answer.valueDecimal / (%height * %height)",
    "(%resource.item.where(linkId='weight').answer.value / (%height * %height)).round(1)",
    "item.where(linkId='age').answer.value >= 65",
    "QuestionnaireResponse.item.where(linkId='age').answer.value",
    "%resource.item.where(linkId='age').answer.exists()",
    "%resource.item.where(linkId='age').answer.empty()",
    "%resource.item.where(linkId='nothing').answer.value.exists()",
    "%resource.item.where(linkId='symptoms').answer.count()",
    "%resource.item.where(linkId='symptoms').answer.value.code",
    "%resource.item.where(linkId='symptoms').answer.valueCoding.code contains 'fever'",
    "'cough' in %resource.item.where(linkId='symptoms').answer.value.code",
    "%resource.item.where(linkId='symptoms').answer.where(value.code = 'fever').exists()",
    "%resource.item.where(linkId='symptoms').answer.value.where(code != 'none').count() >= 2",
    "%resource.item.where(linkId='symptoms').answer.value.display.join(', ')",
    "%resource.item.where(linkId='mood').answer.value.code | %resource.item.where(linkId='sleep').answer.value.code",
    "%resource.descendants().where(linkId='name').answer.value",
    "%resource.repeat(item).where(linkId='name').answer.value",
    "%resource.repeat(item).where(linkId='dose').answer.value.sum()",
    "%resource.repeat(item).where(linkId='medicine').count()",
    "%resource.repeat(item).where(linkId='smoker').count()",
    "%resource.item.item.where(linkId='dose').answer.value",
    "%resource.item.where(linkId='medicine').item.where(linkId='name').answer.value",
    "%resource.item.where(linkId='medicine').count()",
    "%resource.item.where(linkId='medicine' and item.where(linkId='dose').answer.value > 10).count()",
    "%resource.item.where(linkId='medicine').select(item.where(linkId='dose').answer.value)",
    "%resource.item.where(linkId='medicine').all(item.where(linkId='name').exists())",
    "%resource.item.where(linkId='medicine').where(item.where(linkId='dose').answer.value > 10).item"
    ".where(linkId='name').answer.value",
    "%resource.item.where(linkId='medicine').item.where(linkId='dose').answer.value.aggregate($this + $total, 0)",
    "%resource.item.where(linkId='medicine').first().item.where(linkId='name').answer.value",
    "%resource.item.where(linkId='medicine')[1].item.where(linkId='name').answer.value",
    "%resource.item.where(linkId='medicine').last().item.where(linkId='dose').answer.value",
    "%resource.item.where(linkId='medicine').skip(1).item.where(linkId='dose').answer.value.count()",
    "%resource.item.where(linkId='name' or linkId='age').answer.value",
    "%resource.item[0].answer.value",
    "%resource.item.answer.count()",
    "%resource.item.linkId",
    "%resource.repeat(item).linkId.count()",
    "%resource.item.where(linkId.startsWith('a')).answer.value",
    "%resource.item.where(answer.value = 70).linkId",
    "%resource.item.where(linkId='smoker').answer.item.where(linkId='packs').answer.value",
    "%resource.item.where(linkId='smoker').answer.value and %old",
    "%old implies %resource.item.where(linkId='since').answer.exists()",
    "iif(%old, 'old', 'young')",
    "iif(%resource.item.where(linkId='age').answer.value > 200, 1)",
    "%resource.item.where(linkId='since').answer.value + 1 year",
    "%resource.item.where(linkId='since').answer.value > '2020-01-01'",
    "%resource.item.where(linkId='free').answer.value.toChars()",
    "%resource.item.where(linkId='free').answer.value.upper() & '!'",
    "%resource.item.where(linkId='free').answer.value.length()",
    "%resource.item.where(linkId='free').answer.value.matches('^[a-z]+$')",
    "%resource.item.where(linkId='length').answer.value.value * 2",
    "%resource.item.where(linkId='length').answer.value.unit",
    "%resource.item.where(linkId='length').answer.value > 70 'cm'",
    "%resource.item.where(linkId='length').answer.value < 1 'm'",
    "%patient.name.given.first() & ' ' & %patient.name.family",
    "%patient.birthDate < '1960-01-01'",
    "%questionnaire.item.where(linkId='mood').answerOption.value.code",
    "%questionnaire.item.where(linkId='mood').answerOption.where(valueCoding.code = %resource.item"
    ".where(linkId='mood').answer.value.code).extension.valueDecimal",
    "%names.count() + 1",
    "%medicines.item.where(linkId='dose').answer.value",
    "-%height + %height + 1",
    "-%resource.item.where(linkId='age').answer.value",
    "{}",
    "1 + 2 * 3 - 7 div 2 + 7 mod 4",
    "true and (1 < 2 or false) xor false",
    "'a' ~ 'A' and 'a' != 'b'",
    "(1 | 2 | 2).count()",
    "%resource.item.where(linkId='mood').answer.value.ordinal()",
    "(%resource.item.where(linkId='mood' or linkId='sleep').answer.value).ordinal().sum()",
    "%resource.item.where(linkId='mood').answer.weight() + %resource.item.where(linkId='sleep').answer.weight()",
    "%questionnaire.item.where(linkId='sleep').answerOption.valueCoding.weight()",
    "%resource.item.where(linkId='medicine').item.where(linkId='dose').answer.value.sum()",
    "%resource.item.where(linkId='medicine').item.where(linkId='dose').answer.value.max()",
    "%resource.item.where(linkId='age').answer.value + %resource.item.where(linkId='age').answer.value.min()",
    "today().toString()",
    "%resource.item.where(linkId='since').answer.value <= today()",
)
OF_ITEMS = (
    ("medicine", "item.where(linkId='name').answer.value"),
    ("medicine", "%context.item.where(linkId='dose').answer.value > 10"),
    ("medicine", "item.where(linkId='dose').answer.value = %resource.item.where(linkId='age').answer.value"),
    ("medicine", "$this.item.where(linkId='name').exists()"),
    ("medicine", "item.answer.value.count()"),
    ("dose", "answer.value"),
    ("dose", "%context.answer.value * 2"),
    ("dose", "%twice"),
    ("name", "%resource.item.item.where(linkId='name' and answer.value = %context.answer.value).count()"),
    ("packs", "answer.value > 1 and %resource.item.where(linkId='age').answer.value > 18"),
    ("mood", "%qitem.answerOption.value.code"),
    ("age", "linkId & answer.value.toString()"),
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One expression where it stands, on one row."""

    text: str
    owner: str
    number: int
    row: Row
    position: int


def corpus_form() -> Form:
    """The form, with every expression of the corpus as a rule of its owner."""
    below: dict[str, list[str]] = {}
    for owner, text in OF_ITEMS:
        below.setdefault(owner, []).append(text)

    def ruled(one: Item) -> Item:
        rules = tuple(rule(text) for text in below.get(one.link_id, ()))
        return replace(one, constraints=rules, items=tuple(ruled(child) for child in one.items))

    twice = fhirpath("item.where(linkId='dose').answer.value * 2", "twice")
    dose, name = item("dose", "integer"), item("name")
    items = (
        item("weight", "decimal"),
        item("height", "decimal"),
        item("age", "integer"),
        item("smoker", "boolean", item("packs", "integer")),
        choice("symptoms", "fever", "cough", "none", repeats=True),
        choice("mood", "low", "fair", scores=(3, 1)),
        choice("sleep", "low", "fair", scores=(0, 5)),
        group("medicine", name, dose, item("note"), repeats=True, variables=(twice,)),
        item("since", "date"),
        item("free"),
        item("length", "quantity"),
        item("other"),
    )
    variables = (
        fhirpath("%resource.item.where(linkId='height').answer.value", "height"),
        fhirpath("%resource.item.where(linkId='age').answer.value >= 65", "old"),
        fhirpath("%resource.item.where(linkId='medicine').item.where(linkId='name').answer.value", "names"),
        fhirpath("%resource.item.where(linkId='medicine')", "medicines"),
    )
    rules = tuple(rule(text) for text in OF_THE_FORM)
    return form(*(ruled(one) for one in items), variables=variables, constraints=rules)


def corpus_answers() -> tuple[Answers, ...]:
    """Nothing; a few; everything, with an empty repetition among full ones; and much beside the sources."""
    cm = Quantity(Decimal("70.5"), "cm", UCUM, "cm")
    fever, cough = Coding("fever", "s", "FEVER"), Coding("cough", "s", "COUGH")
    low, fair = Coding("low", "s", "LOW"), Coding("fair", "s", "FAIR")
    few = answers(age=64, mood=low, weight=Decimal(70))
    medicines = {"name#0": "a", "dose#0": 5, "name#2": "b", "dose#2": 20, "note#3": "later"}
    told = {"weight": Decimal("70.5"), "height": Decimal("1.6"), "age": 70, "smoker": True, "packs": 2, "other": "x"}
    coded = {"symptoms": (fever, cough), "mood": fair, "sleep": fair}
    more = {"since": "2021-02-28", "free": "hei", "length": cm}
    everything: dict[str, Any] = {**told, **coded, **more, **medicines}
    full = answers(*everything.items()).with_count(Address("medicine"), 4)
    sparse = answers(("note#0", "x"), ("other", "y"), ("name#1", "c")).with_count(Address("medicine"), 2)
    return answers(), few, full, sparse


def cases(whole: Form) -> Iterator[Case]:
    """Every expression of the corpus at every place where it stands, for all the answers."""
    for given in corpus_answers():
        row = Row(expand(whole, given), given)
        for constraint in whole.constraints:
            yield Case(constraint.expression.text, "", constraint.expression.number, row, -1)
        for position, instance in enumerate(row.instances):
            for constraint in instance.item.constraints:
                expression = constraint.expression
                yield Case(expression.text, instance.item.link_id, expression.number, row, position)


def unread_plan(whole: Form) -> Plan:
    """A plan that takes no expression apart: each is evaluated on the whole response."""
    plan = Plan(whole)
    plan.tasks = {number: _unread(task) for number, task in plan.tasks.items()}
    return plan


def _unread(task: Task) -> Task:
    variables = {name: _unread(one) for name, one in task.variables.items()}
    return replace(task, variables=variables, reading=replace(task.reading, links=None, inline=True))
