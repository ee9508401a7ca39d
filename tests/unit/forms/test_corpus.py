"""Narrowing a response and remembering results make no difference to any expression of the corpus."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.forms.computing.evaluate import Evaluator
from app.domain.forms.computing.memo import EMPTY, memo_from_data, memo_to_data
from app.domain.forms.computing.plan import Plan
from app.domain.forms.model import Form
from tests.tools.fhirpath_corpus import KNOWN, OF_ITEMS, OF_THE_FORM, cases, corpus_form, unread_plan
from tests.tools.forms import fhirpath, form, group, item, rule


def test_a_narrowed_response_gives_what_the_whole_one_gives() -> None:
    """What is left out of a response for the sake of speed is never read."""
    form = corpus_form()
    narrowed, whole = Evaluator(Plan(form), KNOWN, EMPTY), Evaluator(unread_plan(form), KNOWN, EMPTY)
    tried = 0
    for case in cases(form):
        found = narrowed.value(case.number, case.row, case.position)
        assert found == whole.value(case.number, case.row, case.position), case.text
        tried += found is not None
    assert tried > 2 * (len(OF_THE_FORM) + len(OF_ITEMS))


def test_what_is_remembered_is_what_would_be_evaluated() -> None:
    """A memo kept with a draft gives the same results, without evaluating anything."""
    form = corpus_form()
    plan = Plan(form)
    for case in cases(form):
        first = Evaluator(plan, KNOWN, EMPTY)
        found = first.value(case.number, case.row, case.position)
        again = Evaluator(plan, KNOWN, memo_from_data(memo_to_data(first.memo)))
        assert again.value(case.number, case.row, case.position) == found
        assert again.evaluations == 0


def test_one_memo_serves_all_answers() -> None:
    """A memo of other answers, places and repetitions is never mistaken for one of these."""
    form = corpus_form()
    plan = Plan(form)
    kept = Evaluator(plan, KNOWN, EMPTY)
    for case in cases(form):
        fresh = Evaluator(plan, KNOWN, EMPTY).value(case.number, case.row, case.position)
        assert kept.value(case.number, case.row, case.position) == fresh, case.text


STARTS = (
    "%resource",
    "%resource.item",
    "%context",
    "item",
    "answer",
    "$this",
    "%value",
    "%items",
    "QuestionnaireResponse",
)
STEPS = (
    *(
        "item",
        "answer",
        "value",
        "linkId",
        "answer.value",
        "first()",
        "last()",
        "tail()",
        "exists()",
        "count()",
        "not()",
    ),
    *("where(linkId='age')", "where(linkId='medicine')", "item.where(linkId='dose')", "item.where(linkId='medicine')"),
    *("where(linkId='dose' or linkId='age')", "where(linkId='dose' and answer.value > 10)", "where(answer.exists())"),
    *("where(linkId=%value)", "where(linkId='name' and answer.value = %context.answer.value)", "all(answer.exists())"),
    *("select(item.where(linkId='dose').answer.value)", "exists(linkId='age')", "descendants()", "repeat(item)"),
    *(
        "children()",
        "distinct()",
        "skip(1)",
        "combine(%value)",
        "union(%items)",
        "where($index=0)",
        "iif(count()>1, 1)",
    ),
    *("aggregate($total + 1, 0)", "where(item.exists())", "sum()", "isDistinct()", "toString()", "select($index)"),
)
PATHS = st.builds(lambda start, steps: ".".join((start, *steps)), st.sampled_from(STARTS),
                  st.lists(st.sampled_from(STEPS), max_size=4))  # fmt: skip
TEXTS = PATHS | st.builds(lambda a, sign, b: f"{a} {sign} {b}", PATHS, st.sampled_from(("+", "=", "|", "and")), PATHS)


def of_everything(text: str, items: str) -> Form:
    """A form whose items all carry this expression, each with a number of its own."""

    def ruled() -> dict[str, Any]:
        return {"constraints": (rule(text),)}

    medicine = (item("name", **ruled()), item("dose", "integer", **ruled()), item("note"))
    smoker = item("smoker", "boolean", item("packs", "integer", **ruled()), **ruled())
    variables = (fhirpath("%resource.item.where(linkId='age').answer.value", "value"), fhirpath(items, "items"))
    repeated = group("medicine", *medicine, repeats=True, **ruled())
    return form(item("age", "integer", **ruled()), smoker, repeated, item("other"), variables=variables, **ruled())


@settings(max_examples=60, deadline=None)
@given(TEXTS, PATHS)
def test_no_expression_reads_more_than_its_text_shows(text: str, items: str) -> None:
    """Whatever path an author writes: where its sources are told from the text, nothing else matters to it."""
    whole = of_everything(text, items)
    narrowed, full = Evaluator(Plan(whole), KNOWN, EMPTY), Evaluator(unread_plan(whole), KNOWN, EMPTY)
    for case in cases(whole):
        reading = narrowed.plan.tasks[case.number].reading
        expected = full.value(case.number, case.row, case.position)
        # an error about an item that is no source may go away; items themselves are nothing that anybody gets
        if expected is not None and reading.kind == "value":
            assert narrowed.value(case.number, case.row, case.position) == expected
