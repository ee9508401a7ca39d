"""Fields of forms on a page: their names, their views, their markup, and the words for what is to be mended."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, get_args

import pytest
from markupsafe import Markup

from app.domain.forms.answering.problem import Code, Problem
from app.domain.forms.answers import Address, Answers
from app.domain.forms.instances import expand, walk
from app.domain.forms.layout import lay_out, page_of
from app.domain.forms.model import NOTHING, Bounds, Form, Item, ItemType, Option, Unit
from app.domain.forms.pages import instances_on, lead_on
from app.domain.forms.state import State
from app.domain.forms.values import Coding, File, Quantity
from app.domain.phrase import Phrase
from app.domain.text import LANGUAGES, Language, Text
from app.web import components as c
from app.web.environment import make_environment
from app.web.forms_view.asking import Asking
from app.web.forms_view.fields import page_view
from app.web.forms_view.names import address_of, file_of, group_of, name_of, repetition_of, sort_sent
from app.web.forms_view.steering import steering
from app.web.forms_view.views import FieldView, PageView
from app.web.forms_view.words import answer_text, problem_text
from app.web.i18n import current_language
from tests.tools.dom import dom
from tests.tools.form_answers import shipped
from tests.tools.forms import answers, choice, fhirpath, form, group, item, when

ENVIRONMENT = make_environment()
JPEG = "image/jpeg"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    token = current_language.set("en")
    yield
    current_language.reset(token)


def says(words: str, language: str = "en") -> Phrase:
    return Phrase.neutral(Text({language: words}))


def view_of(of: Form, given: Answers | None = None, **more: Any) -> PageView:
    """The page that holds the whole form."""
    stand = expand(of, given or Answers())
    state = State(of, given or Answers(), stand, frozenset(one.address for one in walk(stand)))
    return page_view(Asking(state, "en", **more), stand)


def one(question: Item, given: Answers | None = None, **more: Any) -> FieldView:
    """The view of a question beside another one."""
    return view_of(form(question, item("beside")), given, **more).fields[0]


def html(view: PageView | FieldView, refresh_url: str = "") -> str:
    macro = "form_fields" if isinstance(view, PageView) else "form_item"
    return ENVIRONMENT.from_string(f"{{{{ {macro}(view, url) }}}}").render(view=view, url=refresh_url)


def flat(text: str) -> str:
    """Markup with its attributes on one line, however the template is broken into lines."""
    return " ".join(text.split())


NESTED = form(group("g", item("a/b c"), group("h", item("y"), repeats=True), repeats=True), item("z", "date"))


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (Address("a/b c", (2,)), "f1.2"),
        (Address("y", (0, 1)), "f3.0.1"),
        (Address("z"), "f4"),
        (Address("g", (3,)), "f0.3"),
    ],
)
def test_names_lead_back(address: Address, name: str) -> None:
    """A field has a name whatever its linkId is, and the name leads back to it."""
    assert name_of(NESTED, address) == name
    assert address_of(NESTED, name) == address


@pytest.mark.parametrize("name", ["", "f", "f99", "f1", "f1.0.0", "f4.0", "f1.-1", "f1.999", "x4", "f4 ", "f٤"])
def test_names_of_nothing(name: str) -> None:
    """A name that the form can't have given names nothing."""
    assert address_of(NESTED, name) is None


def test_names_of_buttons() -> None:
    """Adding names where a group stands, taking away one of its repetitions, or a file of a question."""
    assert group_of(NESTED, "f0") == Address("g")
    assert group_of(NESTED, "f2.1") == Address("h", (1,))
    assert group_of(NESTED, "f4") == Address("z")
    assert group_of(NESTED, "f9") is None
    assert repetition_of(NESTED, "f2.1.0") == (Address("h", (1,)), 0)
    assert repetition_of(NESTED, "f1.0") is None
    assert file_of(NESTED, "f4:abc") == (Address("z"), "abc")
    assert file_of(NESTED, "f4") is None


def test_what_was_sent_is_sorted() -> None:
    """Fields come by question and part; what the form does not ask, or does not leave to the resident, is told."""
    of = form(item("a"), item("b", "date"), item("c", read_only=True), group("g", item("d")))
    sent = {"f0": ("x",), "f1-day": ("5",), "f1-year": ("",), "form_token": ("t",), "add": ("f0",)}
    found = sort_sent(of, sent)
    assert found.fields == {Address("a"): {"": ("x",)}, Address("b"): {"day": ("5",), "year": ("",)}}
    assert found.unknown == ()
    assert sort_sent(of, {"f2": (), "f3": (), "f0-hour": (), "g": ()}).unknown == ("f2", "f3", "f0-hour", "g")


MANY = tuple(f"o{number}" for number in range(12))


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        (item("x"), "line"),
        (item("x", control="text-area"), "area"),
        (item("x", "text"), "area"),
        (item("x", "boolean"), "radios"),
        (item("x", "boolean", control="check-box"), "tick"),
        (item("x", "integer", control="slider"), "number"),
        (item("x", "quantity"), "quantity"),
        (item("x", "dateTime"), "date"),
        (item("x", "attachment"), "files"),
        (choice("x", "a", "b"), "radios"),
        (choice("x", "a", "b", control="drop-down"), "select"),
        (choice("x", *MANY), "select"),
        (choice("x", *MANY, control="radio-button"), "radios"),
        (choice("x", "a", "b", repeats=True), "checkboxes"),
        (choice("x", *MANY, repeats=True, control="autocomplete"), "select"),
        (item("x", "choice"), "line"),
        (item("x", read_only=True), "output"),
        (item("x", "decimal", calculated=fhirpath("1")), "output"),
        (item("x", "display"), "text"),
    ],
)
def test_controls(question: Item, kind: str) -> None:
    """Each question has the control that its type, its options and its itemControl ask for, and it can be rendered."""
    view = one(question)
    assert view.kind == kind
    assert "f0" in html(view) or kind == "text"


def test_the_only_question_is_the_heading() -> None:
    """A page of one question or one group has that as its h1; with more, or a heading of its own, it has none."""
    for kind in get_args(ItemType):
        below = (item("y", text=says("Below")),) if kind == "group" else ()
        view = view_of(form(item("x", kind, *below, text=says("Alone"))))
        assert html(view).count("<h1") == int(kind != "display"), kind
        assert view.heading == ("" if kind == "display" else "Alone")
    assert "<h1" not in html(view_of(form(item("x", text=says("a")), item("y", text=says("b")))))


def test_the_heading_stays_when_more_is_asked() -> None:
    """Whether a question is the heading depends on all that may come to stand on the page, not on what is asked now:
    the page is refreshed below its heading."""
    of = form(item("x", "boolean", text=says("First")), item("y", enable_when=(when("x"),)))
    state = State(of, Answers(), expand(of, Answers()), frozenset({Address("x")}))
    asked = [one for one in state.instances if state.is_asked(one)]
    view = page_view(Asking(state, "en"), asked, of.items)
    assert view.heading == ""
    assert view.fields[0].refresh
    beside = form(item("x", text=says("First")), item("y", "decimal", calculated=fhirpath("1"), text=says("Shown")))
    assert view_of(beside).heading == "First"
    assert html(view_of(beside)).count("<h1") == 1


def test_label_with_number_language_and_what_may_be_left_empty() -> None:
    """A text that is not in the page's language says so; what is not required is marked where something is."""
    of = form(item("x", text=says("Nimi", "fi"), prefix=Text({"en": "1."})), item("y", required=True))
    label = view_of(of).fields[0].label
    assert label == Markup(
        '1. <span lang="fi">Nimi</span> <span class="form-voluntary">(you may leave this empty)</span>'
    )
    assert view_of(form(item("x", text=says("a")))).fields[0].label == "a"


def test_text_of_a_form_is_escaped() -> None:
    """What stands in a form is text, whoever made it."""
    evil = '"><script>alert(1)</script>'
    words = says(evil)
    option = Option(Coding(evil, display=evil), words)
    items = [
        item(f"x{number}", kind, text=words, help=words, placeholder=words.own, unit=Unit(evil, words.own))
        for number, kind in enumerate(get_args(ItemType))
    ]
    choices = [item(f"o{control}", "open-choice", options=(option,), control=control) for control in ("", "drop-down")]
    problems = {Address(one.link_id): Problem("rule", said=words.own) for one in items}
    view = view_of(form(*items, *choices), problems=problems)
    assert "<script" not in html(view)
    assert "<script" not in c.error_summary(view.summary)


def test_voice_of_the_page() -> None:
    """About another person the form speaks of them."""
    words = Phrase(Text({"en": "Do you smoke?"}), Text({"en": "Do they smoke?"}))
    assert one(item("x", text=words), for_another=True).label == "Do they smoke?"


def test_one_input_more_than_answers() -> None:
    """A repeating question has an input for each answer and an empty one, until there can be no more."""
    question = item("x", repeats=True, max_occurs=3)
    assert [one_.value() for one_ in one(question).inputs] == [""]
    view = one(question, answers(x=("a", "b")))
    assert [one_.value() for one_ in view.inputs] == ["a", "b", ""]
    assert [one_.id for one_ in view.inputs] == ["f0", "f0-2", "f0-3"]
    assert not view.more
    assert len(one(question, answers(x=("a", "b", "c"))).inputs) == 3
    assert len(one(item("x", repeats=True, min_occurs=2)).inputs) == 2


def test_repetitions_of_a_group() -> None:
    """A repeating group has its title once, each repetition its number, and buttons while they make sense."""
    of = form(group("g", item("a", text=says("Name")), text=says("Child"), repeats=True, max_occurs=2))
    alone, two = view_of(of), view_of(of, Answers(counts={Address("g"): 2}))
    assert (alone.fields[0].kind, alone.fields[0].name, alone.fields[0].more) == ("repeated", "f0", True)
    assert [child.removable for child in alone.fields[0].children] == [False]
    assert [(child.label, child.name) for child in two.fields[0].children] == [("Child 1", "f0.0"), ("Child 2", "f0.1")]
    assert 'name="remove" value="f0.1"' in flat(html(two))
    assert 'name="add"' not in html(two)
    assert 'name="add" value="f0"' in flat(html(alone))


def test_a_group_with_nothing_to_answer_is_not_repeated_by_hand() -> None:
    """It may be read before the questions, where a button of its own would be the first one: Enter would press it."""
    of = form(group("g", item("a", read_only=True), repeats=True), item("b"))
    shown = view_of(of, Answers(counts={Address("g"): 2})).fields[0]
    assert not shown.more
    assert [child.removable for child in shown.children] == [False, False]


def test_a_question_is_shown_as_it_was_typed() -> None:
    """What can't be read stands in the field again, with what to do; the summary leads to the field."""
    of = form(item("x", "date", text=says("When?")), item("y", "integer", text=says("Height"), repeats=True))
    typed = {Address("x"): {"day": ("31",), "month": ("2",), "year": ("20",)}, Address("y"): {"": ("1", "", "a")}}
    problems = {Address("x"): Problem("not_a_date"), Address("y"): Problem("not_a_number", 1)}
    view = view_of(of, typed=typed, problems=problems)
    assert [error.field_id for error in view.summary] == ["f0-day", "f1-2"]
    assert view.summary[0].message.startswith("When? Write the day, month and year")
    assert view.summary[1].message == "Height: Write a whole number, such as 38"
    shown = html(view)
    assert 'value="31"' in shown
    assert shown.count("Write a whole number") == 1
    for error in view.summary:
        assert f'id="{error.field_id}"' in shown


def test_every_problem_leads_to_something() -> None:
    """Whatever is to be mended, the link in the summary has somewhere to lead, also in groups and open choices."""
    open_choice = item("o", "open-choice", options=(Option("a", NOTHING),))
    items = [item(kind, kind, text=says(kind)) for kind in get_args(ItemType) if kind not in ("display", "group")]
    of = form(*items, open_choice, group("g", item("a"), repeats=True), group("h", item("b"), text=says("b")))
    addresses = [*(Address(one.link_id) for one in items), Address("g", (0,)), Address("h")]
    problems = {address: Problem("missing") for address in addresses} | {Address("o"): Problem("no_words")}
    view = view_of(of, problems=problems)
    assert len(view.summary) == len(problems)
    shown = html(view)
    for error in view.summary:
        assert f'id="{error.field_id}"' in shown


def test_ids_are_unique() -> None:
    """No two elements of a page have the same id, however a group repeats."""
    items = [item(kind, kind, repeats=True) for kind in get_args(ItemType) if kind not in ("display", "group")]
    of = form(group("g", *items, repeats=True), item("u", "quantity", units=(Unit("a", Text()), Unit("b", Text()))))
    shown = html(view_of(of, Answers(counts={Address("g"): 2})))
    ids = re.findall(r' id="([^"]*)"', shown)
    assert len(ids) == len(set(ids))


def test_choices_as_the_original() -> None:
    """Our own markup of radio buttons, checkboxes and lists is that of govuk-frontend, but for the empty field that
    says that the question was there."""
    offered = [
        c.Choice("0", "A"),
        c.Choice("1", "B"),
        c.Choice("2", "C", exclusive=True),
    ]
    options = tuple(Option(Coding(one.text), says(one.text), exclusive=one.exclusive) for one in offered)
    more = {"text": says("Which?"), "help": says("Help."), "options": options}
    problems = {Address("x"): Problem("not_offered")}
    error = "Choose one of the answers on this page"
    given = answers(x=Coding("B"))
    boxes = one(item("x", "choice", repeats=True, **more), given, problems=problems)
    theirs = c.checkboxes(name="f0", legend="Which?", choices=offered, values=["1"], hint="Help.", error=error).replace(
        "f0-4", "f0-3"
    )  # the original counts the ”or” as well
    ours = re.sub(r'<div class="form-(question|choice)">|<input type="hidden"[^>]*>|<div>', "", html(boxes))
    assert dom(f"<main>{ours}")[2] == dom(f"<main>{theirs}")[2]
    listed = one(item("x", "choice", control="drop-down", **more), given, problems=problems)
    select = c.select(
        name="f0",
        label="Which?",
        choices=[c.Choice("", "Choose"), *offered],
        value="1",
        hint="Help.",
        error=error,
    )
    assert dom(f"<main>{re.sub('<div( class=.form-question.)?>', '', html(listed))}")[2] == dom(f"<main>{select}")[2]


def test_words_of_ones_own_have_a_field() -> None:
    """”Something else” comes before what excludes everything, with a field for one's own words."""
    options = (Option(Coding("a"), says("A")), Option(Coding("n"), says("None"), exclusive=True))
    view = one(item("x", "open-choice", options=options, repeats=True), answers(x="own words"))
    assert [option.text for option in view.options] == ["A", "Something else", "None"]
    assert [option.chosen for option in view.options] == [False, True, False]
    assert 'name="f0-other"' in html(view)
    assert 'value="own words"' in html(view)


def test_what_is_only_shown() -> None:
    """A calculated answer is text with its unit, and nothing that could be typed into."""
    view = one(
        item("x", "decimal", calculated=fhirpath("1"), unit=Unit("cm", Text({"en": "cm"}))), answers(x=Decimal("1.5"))
    )
    assert view.answer == "1.5 cm"
    assert "<input" not in html(view)


def test_files() -> None:
    """Attached files can be taken away one by one; the page's form must carry files, and which types."""
    question = item("x", "attachment", repeats=True, max_occurs=1, bounds=Bounds(file_types=("image/jpeg",)))
    assert view_of(form(question)).takes_files
    empty = html(one(question))
    assert 'accept="image/jpeg"' in empty
    assert 'name="attach" value="f0"' in flat(empty)
    full = html(one(question, answers(x=File("id-1", "image/jpeg", "a.jpg", 1000))))
    assert 'name="detach" value="f0:id-1"' in flat(full)
    assert 'type="file"' not in full


def test_earlier_answer_stands_beside() -> None:
    """An answer to an earlier version is told with the question, and is not in the field."""
    view = one(item("x"), earlier={Address("x"): ("before",)})
    assert "Your earlier answer: before" in (view.hint or "")
    assert view.inputs[0].value() == ""


def test_the_page_is_shown_anew_after_a_steering_answer() -> None:
    """Conditions, calculations and questions below an answer make the page refresh itself; other pages' do not."""
    of = form(
        item("a", "boolean"),
        item("b", enable_when=(when("a"),)),
        item("c", "integer"),
        item("d", "integer", calculated=fhirpath("%resource.item.where(linkId = 'c').answer.value + 1")),
        item("e", "string", item("below")),
        item("f", enable_when=(when("elsewhere"),)),
        item("g"),
    )
    assert steering(of, of.items) == {"a", "c", "e"}
    with_variable = form(
        item("a"),
        item("b", enable_expression=fhirpath("%v > 1")),
        variables=(fhirpath("item.where(linkId='a').answer.value", "v"),),
    )
    assert steering(with_variable, with_variable.items) == {"a"}
    view = view_of(of)
    assert html(view, "/refresh").count('hx-post="/refresh"') == 3
    assert "hx-post" not in html(view)


def test_questions_on_the_page_are_named() -> None:
    """The page tells which questions stood on it: what is sent of none of them was left empty."""
    of = form(item("a"), item("b", read_only=True), group("g", item("c")), item("d", "display"))
    assert view_of(of).asked == "f0 f3"


CODES = {"rule": "Keep to it", "too_long": "10", "exclusive": "None"}


@pytest.mark.parametrize("code", get_args(Code))
@pytest.mark.parametrize("kind", ["group", *(one for one in get_args(ItemType) if one not in ("group", "display"))])
def test_every_problem_has_a_sentence(code: Code, kind: ItemType) -> None:
    """Every code is a whole sentence with its numbers in place."""
    bounds = Bounds(file_types=("application/pdf", "image/*"))
    question = item("x", kind, bounds=bounds)
    limit = "2026-03-05" if kind in ("date", "dateTime") else 10
    said = problem_text(Problem(code, limit=limit, count=12, said=Text({"en": "Keep to it"})), question, "en")
    assert said[0].isupper()
    assert "%" not in said


def test_limits_in_sentences() -> None:
    """A limit is written as an answer would be."""
    assert problem_text(Problem("below", limit="2026-03-05"), item("x", "date"), "fi").endswith(
        "5.3.2026 or a later day"
    )
    heavy = Problem("above", limit=Quantity(Decimal("1.5"), "kg"))
    assert problem_text(heavy, item("x", "quantity"), "fi") == "Write 1,5 kg or less"
    assert problem_text(Problem("too_many", limit=1), item("x"), "en") == "Give only 1 answer"
    files = item("x", bounds=Bounds(file_types=("application/pdf", "image/*")))
    assert problem_text(Problem("wrong_file_type"), files, "en") == "Add a file of this type: PDF, pictures"


def test_yes_and_no_are_words_of_the_page() -> None:
    """A boolean is read back in the page's words."""
    assert [answer_text(item("x", "boolean"), value, "en") for value in (True, False)] == ["Yes", "No"]


@pytest.mark.parametrize(
    ("question", "hint"),
    [
        (item("x", "integer", bounds=Bounds(minimum=0, maximum=10), help=says("0 = none, 10 = the worst.")), False),
        (item("x", "integer", bounds=Bounds(minimum=0, maximum=10), help=says("From 10 on we call you.")), True),
        (item("x", "decimal", bounds=Bounds(minimum=1, maximum=10), help=says("Like 1.5 or 10.")), True),
        (
            item("x", "attachment", bounds=Bounds(file_types=("image/jpeg",)), help=says("A JPEG, at most 10 MB.")),
            False,
        ),
        (item("x", "attachment", bounds=Bounds(file_types=("image/jpeg",)), help=says("At most five.")), True),
        (item("x", "attachment", bounds=Bounds(file_types=("image/jpeg", "image/png")), help=says("A JPEG.")), True),
    ],
)
def test_what_the_help_says_is_not_said_again(question: Item, hint: bool) -> None:
    """Our own hint stands beside the form's help only where it tells more than that."""
    helped, said = question.help, str(one(question).hint)
    assert isinstance(helped, Phrase)
    assert (len(said) > len(helped.voice(for_another=False).to("en"))) is hint


@pytest.mark.parametrize(("text", "told"), [("You may leave these empty. They help.", True), ("They help.", False)])
def test_voluntary_is_said_once(text: str, told: bool) -> None:
    """A page that says itself that it may be left empty does not say so twice."""
    page = view_of(form(item("lead", "display", text=says(text)), item("x"), item("y")))
    assert page.voluntary is not told


@pytest.mark.parametrize("language", LANGUAGES)
def test_height_and_weight_are_voluntary_once(language: Language) -> None:
    """The page of the shipped form says so in its own words, before its title, in the sentence that we would use."""
    current_language.set(language)
    whole = shipped("pre-visit")
    stand = expand(whole, Answers())
    state = State(whole, Answers(), stand, frozenset(one.address for one in walk(stand)))
    page = page_of(lay_out(whole), "height")
    assert page
    asking = Asking(state, language)
    lead = page_view(asking, lead_on(page, state), own_heading=True).fields
    assert not page_view(asking, instances_on(page, state), page.items, lead=lead).voluntary
    assert page_view(asking, instances_on(page, state), page.items).voluntary
