"""Controls and boxes: the same markup as govuk-frontend's own fixtures, in the reader's language, with text escaped."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup

from app.web import components as c
from app.web.i18n import current_language
from tests.tools.dom import dom

COMPONENTS = Path(__file__).parents[2] / "node_modules/govuk-frontend/dist/govuk/components"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    token = current_language.set("en")
    yield
    current_language.reset(token)


def _fixture(component: str, name: str) -> dict[str, Any]:
    path = COMPONENTS / component / "fixtures.json"
    if not path.exists():
        pytest.fail(f"govuk-frontend is not installed ({path}). Run: npm ci --ignore-scripts")
    fixtures = json.loads(path.read_text(encoding="utf-8"))["fixtures"]
    return next(fixture for fixture in fixtures if fixture["name"] == name)


def _choices(options: dict[str, Any]) -> list[c.Choice]:
    return [
        c.Choice(
            str(item["value"]),
            item["text"],
            hint=item.get("hint", {}).get("text"),
            exclusive=item.get("behaviour") == "exclusive",
        )
        for item in options["items"]
        if "divider" not in item
    ]


def _field(options: dict[str, Any]) -> dict[str, Any]:
    """What all controls have: name, id, hint and error."""
    return {
        "name": options["name"],
        "field_id": options.get("idPrefix") or options.get("id"),
        "hint": options.get("hint", {}).get("text"),
        "error": options.get("errorMessage", {}).get("text"),
    }


def _group(options: dict[str, Any]) -> dict[str, Any]:
    legend = options["fieldset"]["legend"]
    heading = legend.get("isPageHeading", False)
    return {**_field(options), "choices": _choices(options), "legend": legend["text"], "is_heading": heading}


def _labelled(options: dict[str, Any]) -> dict[str, Any]:
    return {**_field(options), "label": options["label"]["text"]}


SAME_AS_FIXTURE: list[tuple[str, str, Callable[[dict[str, Any]], Markup]]] = [
    ("back-link", "default", lambda o: c.back_link(o.get("href", "#"))),
    ("button", "prevent double click", lambda o: c.button(o["text"])),
    ("details", "default", lambda o: c.details(o["summaryText"], Markup(o["text"]))),
    ("inset-text", "default", lambda o: c.inset_text(o["text"])),
    ("tag", "grey", lambda o: c.tag(o["text"], colour="grey")),
    ("warning-text", "default", lambda o: c.warning_text(o["text"])),
    ("panel", "default", lambda o: c.panel(o["titleHtml"], o["text"])),
    ("radios", "with hint", lambda o: c.radios(**_group(o))),
    ("radios", "with hints on parent and items", lambda o: c.radios(**_group(o))),
    ("radios", "with hint and error message", lambda o: c.radios(**_group(o))),
    ("radios", "with fieldset and error message", lambda o: c.radios(**_group(o), value="no")),
    ("checkboxes", "default", lambda o: c.checkboxes(**_group(o))),
    ("checkboxes", "with divider and None", lambda o: c.checkboxes(**_group(o))),
    ("checkboxes", "with legend as a page heading", lambda o: c.checkboxes(**_group(o))),
    ("checkboxes", "with error message and hint", lambda o: c.checkboxes(**_group(o))),
    ("input", "with error and hint", lambda o: c.text_input(**_labelled(o))),
    ("input", "with width-10 class", lambda o: c.text_input(**_labelled(o), width=10)),
    ("textarea", "with error message", lambda o: c.textarea(**_labelled(o))),
    ("textarea", "with default value", lambda o: c.textarea(**_labelled(o), value=o["value"])),
    ("select", "with hint text and error message", lambda o: c.select(**_labelled(o), choices=_choices(o))),
    ("select", "with selected value", lambda o: c.select(**_labelled(o), choices=_choices(o), value="2")),
    ("file-upload", "with hint text", lambda o: c.file_upload(**_labelled(o))),
    ("file-upload", "with error message and hint", lambda o: c.file_upload(**_labelled(o))),
    (
        "error-summary",
        "default",
        lambda o: c.error_summary(
            [c.FieldError(error["href"][1:], error["text"]) for error in o["errorList"]], title=o["titleText"]
        ),
    ),
    (
        "notification-banner",
        "default",
        lambda o: c.notification_banner(o["text"], title="Important", banner_id="govuk-notification-banner"),
    ),
]


def _ours(html: str) -> str:
    """Takes away what we add on purpose: the size of a legend and the mark for the keyboard focus."""
    return html.replace(" govuk-fieldset__legend--m", "").replace(' data-focus=""', "")


@pytest.mark.parametrize(("component", "name", "make"), SAME_AS_FIXTURE)
def test_same_markup_as_the_original(component: str, name: str, make: Callable[[dict[str, Any]], Markup]) -> None:
    """A component gives the document that govuk-frontend was tested with for accessibility."""
    fixture = _fixture(component, name)
    expected = _ours(fixture["html"]).replace(" disabled", "")
    assert dom(_ours(make(fixture["options"]))) == dom(expected)


def test_macros_speak_the_readers_language() -> None:
    """Words that the macros would say in English are said in the language of the page."""
    current_language.set("fi")
    field = c.textarea(name="more", label="Lisää", error="Kirjoita jotain.", max_length=200)
    boxes = c.checkboxes(name="a", legend="b", choices=[c.Choice("n", "Ei mitään", exclusive=True)])
    summary = c.error_summary([c.FieldError("more", "Kirjoita jotain.")])
    shown = f"{field}{boxes}{summary}{c.back_link('/')}{c.warning_text('x')}{c.notification_banner('x')}"
    for english in ("Error", "characters left", "problem", ">or<", "Back", "Warning", "Important"):
        assert english not in shown
    assert "Voit kirjoittaa enintään 200 merkkiä" in field
    assert 'data-i18n.characters-under-limit.other="Jäljellä %{count} merkkiä"' in field


@pytest.mark.parametrize(
    "make",
    [
        lambda text: c.button(text, value=text, name=text),
        lambda text: c.link_button(text, href=text, attributes={"title": text}),
        lambda text: c.radios(name="a", legend=text, hint=text, error=text, choices=[c.Choice(text, text, text)]),
        lambda text: c.checkboxes(name="a", legend=text, error=text, choices=[c.Choice(text, text)], values=[text]),
        lambda text: c.text_input(name="a", label=text, value=text, error=text, suffix=text),
        lambda text: c.textarea(name="a", label=text, value=text, hint=text, max_length=9),
        lambda text: c.textarea(name="a", label=text, value=text),
        lambda text: c.date_input(name="a", legend=text, values={"day": text}, hint=text, error=text),
        lambda text: c.file_upload(name="a", label=text, hint=text, error=text, accept=text),
        lambda text: c.select(name="a", label=text, choices=[c.Choice(text, text)], value=text),
        lambda text: c.summary_list([c.Row(text, text, text, text)]),
        lambda text: c.details(text, text),
        c.inset_text,
        c.warning_text,
        lambda text: c.notification_banner(text, title=text),
        lambda text: c.panel(text, text),
        c.tag,
        lambda text: c.back_link(text, text),
        lambda text: c.error_summary([c.FieldError(text, text)], title=text),
    ],
)
def test_text_is_escaped(make: Callable[[str], Markup]) -> None:
    """What a person typed can never become markup or leave its attribute."""
    html = make('"><script>alert(1)</script>')
    assert "<script" not in html
    assert "alert(1)" in html


def test_long_text_keeps_its_lines() -> None:
    """Text with line breaks comes back exactly as it was typed, in both kinds of text area."""
    typed = "first\n  second\n\nthird"
    assert f">{typed}</textarea>" in c.textarea(name="a", label="b", value=typed)
    assert f">{typed}</textarea>" in c.textarea(name="a", label="b", value=typed, max_length=100)


def test_no_errors_no_summary() -> None:
    """A page without errors has no empty summary."""
    assert c.error_summary([]) == ""


def test_only_given_markup_is_html() -> None:
    """A body that is Markup is taken as it is, so that a box can hold a link."""
    assert '<a href="/x">x</a>' in c.inset_text(Markup('<a href="/x">x</a>'))


def test_button_link_stays_a_link() -> None:
    """A link that looks like a button promises only what a link can do."""
    assert "role=" not in c.link_button("Go", href="/go")
