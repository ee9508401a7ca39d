"""What an expression reads, told from its text; whatever is not proven reads everything."""

import pytest

from app.domain.forms.computing.plan import plan_of
from app.domain.forms.computing.sources import Reading, sources_of
from tests.tools.forms import fhirpath, form, item

R = "%resource.item"
VARIABLES = {
    "v": Reading(frozenset({"b"}), clock=True),
    "items": Reading(frozenset({"g"}), inline=True, kind="items"),
    "any": Reading(None),
}


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("1 + 2", ""),
        (f"{R}.where(linkId='a').answer.value", "a"),
        (f"{R}.where('a' = linkId).answer.value", "a"),
        (f"{R}.where($this.linkId = 'a').answer.value", "a"),
        (f"{R}.item.answer.item.where(linkId='a').answer.value", "a"),
        (f"{R}.where(linkId='a' or linkId='b').answer.value", "a b"),
        (f"{R}.where(linkId='a' and answer.exists()).count()", "a"),
        (f"{R}.where((linkId='a')).first().answer[0].value", "a"),
        (f"{R}.exists(linkId='a')", "a"),
        ("%resource.descendants().where(linkId='a').answer.value", "a"),
        ("QuestionnaireResponse.item.where(linkId='a').answer.value", "a"),
        (f"{R}.where(linkId='a').item.where(linkId='b').answer.value.sum()", "a b"),
        (f"{R}.where(linkId='a').select(item.where(linkId='b').answer.value)", "a b"),
        (f"iif({R}.where(linkId='a').exists(), {R}.where(linkId='b').answer.value, 0)", "a b"),
        (f"{R}.where(linkId='a').answer.value + %v", "a b"),
        ("%items.item.where(linkId='a').answer.value", "a g"),
        ("%questionnaire.item.answerOption.where(valueCoding.code = 'x').extension.valueDecimal", ""),
        (f"%patient.name.where(given = {R}.where(linkId='a').answer.value).family", "a"),
    ],
)
def test_sources_are_told_from_the_text(text: str, links: str) -> None:
    """An expression is evaluated again only when one of these changes."""
    assert sources_of(text, VARIABLES).links == frozenset(links.split())


@pytest.mark.parametrize(("leaves", "links"), [({"a", "b"}, {"a"}), ({"b"}, None), (set(), None)])
def test_repeat_is_read_where_equal_items_stay_equal(leaves: set[str], links: set[str] | None) -> None:
    """repeat(item) leaves out an item that equals an earlier one; questions with items below may only seem to."""
    text = "%resource.repeat(item).where(linkId='a').answer.value"
    assert sources_of(text, VARIABLES, leaves=frozenset(leaves)).links == links


def test_a_text_below_a_question_is_no_item_of_the_response() -> None:
    """A slider with words at its ends is read by itself: what reads everything is slow in a large form."""
    slider = item("a", "integer", item("low", "display"), item("high", "display"))
    high = fhirpath("%resource.repeat(item).where(linkId='a').answer.value")
    whole = form(slider, item("b", "integer", calculated=high))
    assert plan_of(whole).tasks[high.number].reading.links == frozenset({"a"})


@pytest.mark.parametrize(
    "text",
    [
        f"{R}[0].answer.value",
        f"{R}.answer.value",
        f"{R}.first().answer.value",
        f"{R}.count()",
        f"{R}.linkId",
        "%resource",
        "%resource.exists()",
        "%resource.descendants().count()",
        "%resource.repeat(item).where(linkId='a').answer.value",
        "%resource.children().where(linkId='a')",
        f"{R}.where(linkId.startsWith('a')).answer.value",
        f"{R}.where(linkId != 'a').answer.value",
        f"{R}.where(linkId = %v).answer.value",
        f"{R}.where(linkId='a' or answer.exists()).count()",
        f"{R}.where(linkId='a' and %any).count()",
        f"{R}.where(linkId='a').item.answer.value",
        f"{R}.where(linkId='a') = {R}.where(linkId='b')",
        f"({R} | {R}).where(linkId='a').answer.value",
        f"{R}.where(linkId='a').children()",
        f"{R}.select(iif(item.where(linkId='a').exists(), 1, 0)).sum()",
        f"iif(true, {R}, {{}}).where(linkId='a').answer.value",
        "%any + 1",
    ],
)
def test_what_is_not_proven_reads_everything(text: str) -> None:
    """A position, a comparison of whole items or an unknown function sees the whole response."""
    reading = sources_of(text, VARIABLES)
    assert reading.links is None or reading.kind == "response"


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("answer.value", "own"),
        ("%context.answer.value", "own"),
        ("$this.answer.value", "own"),
        ("item.where(linkId='a').answer.value", "own a"),
        (f"{R}.where(linkId='a').answer.value", "a"),
        (f"{R}.where(linkId='a' and answer.value = %context.answer.value).count()", "a own"),
    ],
)
def test_the_item_itself_is_a_source_only_where_it_is_read(text: str, links: str) -> None:
    """What is calculated does not depend on itself, unless its text says so."""
    reading = sources_of(text, {}, "own")
    assert reading.links == frozenset(links.split())
    assert reading.own is ("own" in links)


@pytest.mark.parametrize(
    "text", ["today()", "now() > @2020-01-01", "%v + 1", "%resource.item[0].answer.value < today()"]
)
def test_the_clock_is_a_source(text: str) -> None:
    """An expression about today is evaluated anew tomorrow."""
    assert sources_of(text, VARIABLES).clock


def test_names_are_sources() -> None:
    """What is known of the person is read by its name, also through variables."""
    variables = {"born": sources_of("%patient.birthDate", {})}
    assert sources_of("%born < today()", variables).names == {"patient"}
    assert sources_of("%resource.item[0].answer.value = %born", variables).names >= {"patient"}
    assert not sources_of(f"{R}.where(linkId='a').answer.value", {}).names


@pytest.mark.parametrize("text", ["1 +", " + ".join(["1"] * 600)])
def test_no_text_breaks_the_reading(text: str) -> None:
    """An expression that can't be read, or goes too deep, is told as a trouble when it is evaluated."""
    assert not sources_of(text, {}).clock
