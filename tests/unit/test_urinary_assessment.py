"""The urinary assessment: own cases as data, and properties over random paths."""

from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.assessment_service.engine import Assessment, InvalidAnswers, Outcome, PageStep, next_step
from app.assessment_service.library import shipped_assessments
from app.assessment_service.validate import validate_assessment
from app.domain.questionnaire import Question
from app.domain.text import LANGUAGES
from app.domain.urgency import Urgency

Case = Mapping[str, str]
"""Answers by linkId; several ticked options are separated by spaces."""

WELL = {"alarm": "none", "signs": "none", "conditions": "none", "can-tell": "yes"}
MILD = {"symptoms": "burning frequency", "bother": "mild", "duration": "short"}
WOMAN = {**WELL, **MILD, "who": "me", "age": "18-64", "sex": "female", "pregnant": "no"}
MAN = {**WELL, **MILD, "who": "me", "age": "18-64", "sex": "male"}
CHILD = {**WELL, **MILD, "who": "child", "child-age": "3-11", "sex": "female", "pregnant": "no"}
MOTHER = {**WOMAN, "who": "other", "age": "over-75"}

E, I, S, W, R, C = Urgency  # noqa: E741 - the letters of the reviewed case list

CASES: list[tuple[str, Case, Urgency]] = [
    ("mild cystitis since yesterday, healthy woman of 30", WOMAN, C),
    ("only cloudy urine, healthy woman", {**WOMAN, "symptoms": "smell"}, C),
    ("leaking for months, woman of 50", {**WOMAN, "symptoms": "flow", "duration": "weeks"}, R),
    ("cloudy urine for weeks", {**WOMAN, "symptoms": "smell", "duration": "weeks"}, R),
    ("something else, mild", {**WOMAN, "symptoms": "other"}, R),
    ("weak stream, man of 60, mild", {**MAN, "symptoms": "flow"}, R),
    ("cystitis that disturbs sleep, healthy woman", {**WOMAN, "bother": "clear"}, W),
    ("cystitis for five days", {**WOMAN, "duration": "days"}, W),
    ("visible blood", {**WOMAN, "symptoms": "blood"}, W),
    ("discharge", {**WOMAN, "symptoms": "discharge"}, W),
    ("second infection in six months", {**WOMAN, "conditions": "recurrent"}, W),
    ("diabetes", {**WOMAN, "conditions": "diabetes"}, W),
    ("chemotherapy, no fever", {**WOMAN, "conditions": "immunity"}, W),
    ("catheter, no fever", {**WOMAN, "conditions": "catheter"}, W),
    ("burning, healthy man", MAN, W),
    ("girl of 7, burning", CHILD, W),
    ("boy of 7, burning", {**CHILD, "sex": "male"}, W),
    ("girl of 16 for herself", {**WOMAN, "age": "under-18"}, W),
    ("woman of 70", {**WOMAN, "age": "65-75"}, W),
    ("mother of 82, mild, tells herself", MOTHER, W),
    ("age not told", {**WOMAN, "age": "unknown"}, W),
    ("sex not told", {**WOMAN, "sex": "unknown"}, W),
    ("fever, healthy woman", {**WOMAN, "signs": "fever"}, S),
    ("flank pain, man", {**MAN, "signs": "flank"}, S),
    ("fever with a catheter", {**WOMAN, "signs": "fever", "conditions": "catheter"}, S),
    ("girl of 7 with fever", {**CHILD, "signs": "fever"}, S),
    ("child of 2, burning", {**CHILD, "child-age": "1-2"}, S),
    ("pregnant, mild cystitis", {**WOMAN, "pregnant": "yes"}, S),
    ("perhaps pregnant", {**WOMAN, "pregnant": "unknown"}, S),
    ("blood with blood thinner", {**WOMAN, "symptoms": "blood", "conditions": "anticoagulant"}, S),
    ("clots", {**WOMAN, "symptoms": "clots"}, S),
    ("severe pain", {**WOMAN, "bother": "severe"}, S),
    ("mother of 82 who cannot tell", {**MOTHER, "can-tell": "no"}, S),
    ("mother of 82 with fever", {**MOTHER, "signs": "fever"}, S),
    ("fever and pregnant", {**WOMAN, "signs": "fever", "pregnant": "yes"}, I),
    ("fever and unwell", {**WOMAN, "signs": "fever unwell"}, I),
    ("fever and diabetes", {**WOMAN, "signs": "fever", "conditions": "diabetes"}, I),
    ("flank pain and one kidney", {**MAN, "signs": "flank", "conditions": "kidney"}, I),
    ("fever on chemotherapy", {**WOMAN, "signs": "fever", "conditions": "immunity"}, I),
    ("fever, conditions not known", {**WOMAN, "signs": "fever", "conditions": "unknown"}, I),
    ("baby of 2 months with fever", {**CHILD, "child-age": "under-3-months", "signs": "fever"}, I),
    ("catheter and unwell", {**MAN, "signs": "unwell", "conditions": "catheter"}, I),
    ("listless child of 1", {**CHILD, "child-age": "1-2", "signs": "unwell"}, I),
    ("mother of 82, clearly ill", {**MOTHER, "signs": "unwell"}, I),
    ("pregnant with lower belly pain", {**WOMAN, "pregnant": "yes", "symptoms": "belly"}, I),
    ("can't pass urine", {**MAN, "alarm": "cannot-pass"}, I),
    ("boy with pain in a testicle", {**CHILD, "sex": "male", "alarm": "testicle"}, I),
    ("numb between the legs", {**WOMAN, "alarm": "saddle"}, I),
    ("confused", {**MOTHER, "alarm": "confused"}, E),
    ("fast breathing", {**WOMAN, "alarm": "fast-breathing"}, E),
    ("cold blotchy skin, child", {**CHILD, "alarm": "cold-skin"}, E),
    ("ill and no urine", {**MAN, "alarm": "no-urine-ill cannot-pass"}, E),
    ("fainted", {**WOMAN, "alarm": "collapse"}, E),
    ("belly hard as a board", {**WOMAN, "alarm": "severe-belly"}, E),
]


@pytest.fixture(scope="module")
def urinary() -> Assessment:
    return shipped_assessments()["urinary"]


def walk(assessment: Assessment, case: Case) -> tuple[Outcome, list[PageStep]]:
    """Answer page after page from the case, as the web does, until the result."""
    answers: dict[str, tuple[str | int, ...]] = {}
    steps: list[PageStep] = []
    while isinstance(step := next_step(assessment, answers), PageStep):
        steps.append(step)
        answers |= {question.link_id: tuple(case[question.link_id].split()) for question in step.questions}
    return step, steps


@pytest.mark.parametrize(("name", "case", "expected"), CASES, ids=[name for name, _, _ in CASES])
def test_own_case(urinary: Assessment, name: str, case: Case, expected: Urgency) -> None:
    """Each reviewed case gets exactly its urgency, with a reason in three languages."""
    outcome, _ = walk(urinary, case)
    assert outcome.urgency is expected, name
    assert outcome.reasons
    assert all(reason.text.complete for reason in outcome.reasons)


def test_the_cases_cover_all_levels_and_all_rules(urinary: Assessment) -> None:
    """Every level has cases, and every rule fires in at least one of them."""
    outcomes = [walk(urinary, case)[0] for _, case, _ in CASES]
    assert Counter(outcome.urgency for outcome in outcomes).keys() == set(Urgency)
    fired = {rule.id for outcome in outcomes for rule in outcome.rules}
    assert fired == {rule.id for rule in urinary.table.rules}


def test_the_content_is_proved_safe(urinary: Assessment) -> None:
    """The validator finds nothing: monotone, reachable, three languages, advice for every level."""
    report = validate_assessment(urinary)
    assert report.ok, str(report)


def test_the_median_case_asks_at_most_nine_pages(urinary: Assessment) -> None:
    """Questions that can't change the result are not asked."""
    lengths = sorted(len(walk(urinary, case)[1]) for _, case, _ in CASES)
    assert lengths[len(lengths) // 2] <= 9
    assert lengths[-1] <= 10


def test_an_emergency_answer_stops_at_once(urinary: Assessment) -> None:
    """After whose symptoms and the red flags there is nothing left to ask; the class is P0."""
    outcome, steps = walk(urinary, {**WOMAN, "alarm": "confused"})
    assert [step.page.link_id for step in steps] == ["page-who", "page-alarm"]
    assert outcome.p_class == "P0"


def test_pages_follow_the_asked_person(urinary: Assessment) -> None:
    """A page about a child speaks of the child, and the adult's questions are not asked."""
    outcome, steps = walk(urinary, CHILD)
    assert outcome.for_another
    asked = [step.page.link_id for step in steps]
    assert "page-child-age" in asked
    assert not {"page-age", "page-pregnant", "page-sex"} & set(asked)
    alarm = steps[1]
    assert alarm.questions[0].text.voice(for_another=alarm.for_another).to("en").startswith("Does the person")


def test_same_day_is_p2_with_fever_and_p3_without(urinary: Assessment) -> None:
    """Within one level the map lets a rule say the sharper class."""
    assert walk(urinary, {**WOMAN, "signs": "fever"})[0].p_class == "P2"
    assert walk(urinary, {**WOMAN, "pregnant": "yes"})[0].p_class == "P3"


def test_not_knowing_is_said_in_the_reason(urinary: Assessment) -> None:
    """The reason of an unknown answer speaks of not knowing, not of being pregnant."""
    (reason,) = walk(urinary, {**WOMAN, "pregnant": "unknown"})[0].reasons
    assert reason.text.own.to("en").startswith("Pregnancy is possible")


def test_an_unknown_answer_brings_along_what_is_known(urinary: Assessment) -> None:
    """A fever with unknown illnesses tells both, in that order: what was not known, and the fever."""
    outcome, _ = walk(urinary, {**WOMAN, "signs": "fever", "conditions": "unknown"})
    first, second = (reason.text.own.to("en") for reason in outcome.reasons)
    assert first.startswith("You couldn’t say about illnesses")
    assert second == "You answered that you have a fever or shivering."


def test_answers_to_pages_that_are_no_longer_asked_are_left_out(urinary: Assessment) -> None:
    """Somebody who goes back and changes sex keeps no hidden pregnancy."""
    stale = {name: tuple(value.split()) for name, value in {**MAN, "pregnant": "yes"}.items()}
    outcome = next_step(urinary, stale)
    assert isinstance(outcome, Outcome)
    assert outcome.urgency is W
    assert "pregnant" not in outcome.answered


def test_the_answers_before_a_page_give_that_page_again(urinary: Assessment) -> None:
    """Later answers do not matter: with those before X the step is X."""
    _, steps = walk(urinary, WOMAN)
    for index, step in enumerate(steps):
        before = {q.link_id: tuple(WOMAN[q.link_id].split()) for s in steps[:index] for q in s.questions}
        later = {q.link_id: tuple(WOMAN[q.link_id].split()) for s in steps[index + 1 :] for q in s.questions}
        assert next_step(urinary, before) == step
        assert next_step(urinary, before | later) == step


@pytest.mark.parametrize(
    ("answers", "faults"),
    [
        ({"who": ()}, {"who": "missing"}),
        ({"who": ("cat",)}, {"who": "not_offered"}),
        ({"who": ("me", "child")}, {"who": "not_offered"}),
        ({"who": (3,)}, {"who": "not_offered"}),
        ({"who": ("me",), "alarm": ("none", "confused")}, {"alarm": "not_offered"}),
        ({"nobody": ("x",), "age": ("old",)}, {"nobody": "not_offered", "age": "not_offered"}),
    ],
)
def test_wrong_answers_are_named(
    urinary: Assessment, answers: dict[str, tuple[str | int, ...]], faults: dict[str, str]
) -> None:
    """Each wrong answer is named by its linkId."""
    with pytest.raises(InvalidAnswers) as caught:
        next_step(urinary, answers)
    assert caught.value.faults == faults


def picks(question: Question) -> st.SearchStrategy[tuple[str, ...]]:
    """Any answer a page would let through."""
    plain = [option.code for option in question.options if not option.exclusive]
    alone = st.sampled_from([(option.code,) for option in question.options])
    if question.kind == "choice":
        return alone
    return alone | st.lists(st.sampled_from(plain), min_size=1, unique=True).map(tuple)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_random_paths_end_and_the_counter_is_honest(data: st.DataObject) -> None:
    """Every path ends in a result; the page number rises by one and ”at most” never grows."""
    assessment = shipped_assessments()["urinary"]
    answers: dict[str, tuple[str | int, ...]] = {}
    last = (0, len(assessment.questionnaire.pages))
    while isinstance(step := next_step(assessment, answers), PageStep):
        assert step.number == last[0] + 1
        assert step.number <= step.at_most <= last[1]
        last = (step.number, step.at_most)
        answers |= {question.link_id: data.draw(picks(question)) for question in step.questions}
    assert step.p_class in {"P0", "P1", "P2", "P3", "P4", "P5", "P8"}
    assert all(reason.text.own.to(language) for reason in step.reasons for language in LANGUAGES)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_asking_less_never_changes_the_urgency(data: st.DataObject) -> None:
    """The pages left out could not have mattered: with all enabled questions answered, urgency is the same."""
    assessment = shipped_assessments()["urinary"]
    full = {name: data.draw(picks(question)) for name, question in assessment.questionnaire.questions.items()}
    outcome, _ = walk(assessment, {name: " ".join(values) for name, values in full.items()})
    kept: dict[str, frozenset[str | int]] = {}
    for name, question in assessment.questionnaire.questions.items():
        if question.enabled(kept):
            kept[name] = frozenset(full[name])
    assert outcome.urgency is assessment.table.urgency(kept)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_worse_answer_never_lowers_the_urgency(data: st.DataObject) -> None:
    """Through the engine too: one answer made worse gives the same urgency or a more urgent one."""
    assessment = shipped_assessments()["urinary"]
    full = {name: data.draw(picks(question)) for name, question in assessment.questionnaire.questions.items()}
    name = data.draw(st.sampled_from(["signs", "conditions", "bother", "duration", "can-tell", "pregnant"]))
    worst = " ".join(str(value) for value in assessment.table.variables[name].counts_as)
    before = {key: " ".join(values) for key, values in full.items()}
    milder, _ = walk(assessment, before)
    worse, _ = walk(assessment, {**before, name: worst})
    assert worse.urgency.at_least(milder.urgency)
