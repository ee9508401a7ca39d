"""Form controls as typed functions. What the macros would say in English is passed in translated, at call time."""
# ruff: noqa: PLR0913 - every argument is named, and each is one thing that a control can have

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from app.web.govuk import Attributes, Params, as_text, render
from app.web.i18n import gettext as _


@dataclass(frozen=True)
class Choice:
    """One option. An `exclusive` checkbox ("none of these") is parted from the others by an "or"."""

    value: str
    text: str
    hint: str | None = None
    exclusive: bool = False


def _heading(text: str, classes: str | None, *, is_heading: bool) -> Params:
    """A label or legend; the one question of a page is its h1."""
    return {"text": text, "classes": classes, "isPageHeading": is_heading}


def label_of(text: str, *, is_heading: bool) -> Params:
    """The label of one input."""
    return _heading(text, "govuk-label--l" if is_heading else None, is_heading=is_heading)


def fieldset_of(legend: str, *, is_heading: bool) -> Params:
    """The frame of several inputs that make one answer."""
    size = "l" if is_heading else "m"
    return {"legend": _heading(legend, f"govuk-fieldset__legend--{size}", is_heading=is_heading)}


def error_of(message: str | None) -> Params | None:
    """What is to be mended, after the word for screen readers."""
    return as_text(message, visuallyHiddenText=_("Error"))


def _items(choices: Sequence[Choice]) -> list[Params]:
    items: list[Params] = []
    for choice in choices:
        item: Params = {"value": choice.value, "text": choice.text}
        if choice.hint:
            item["hint"] = {"text": choice.hint}
        if choice.exclusive:
            items.append({"divider": _("or")})
            item["behaviour"] = "exclusive"
        items.append(item)
    return items


def radios(
    *,
    name: str,
    legend: str,
    choices: Sequence[Choice],
    value: str | None = None,
    hint: str | None = None,
    error: str | None = None,
    is_heading: bool = False,
    field_id: str | None = None,
) -> Markup:
    """One answer of several. `is_heading` makes the legend the page's h1."""
    return render(
        "radios",
        "govukRadios",
        name=name,
        idPrefix=field_id or name,
        items=_items(choices),
        value=value,
        hint=as_text(hint),
        errorMessage=error_of(error),
        fieldset=fieldset_of(legend, is_heading=is_heading),
    )


def checkboxes(
    *,
    name: str,
    legend: str,
    choices: Sequence[Choice],
    values: Collection[str] = (),
    hint: str | None = None,
    error: str | None = None,
    is_heading: bool = False,
    field_id: str | None = None,
) -> Markup:
    """Any number of answers. Choosing the exclusive one clears the others where scripts run; check it again."""
    return render(
        "checkboxes",
        "govukCheckboxes",
        name=name,
        idPrefix=field_id or name,
        items=_items(choices),
        values=values,
        hint=as_text(hint),
        errorMessage=error_of(error),
        fieldset=fieldset_of(legend, is_heading=is_heading),
    )


def text_input(
    *,
    name: str,
    label: str,
    value: str | None = None,
    hint: str | None = None,
    error: str | None = None,
    is_heading: bool = False,
    field_id: str | None = None,
    kind: str = "text",
    inputmode: str | None = None,
    autocomplete: str | None = None,
    width: int | None = None,
    suffix: str | None = None,
    attributes: Attributes | None = None,
) -> Markup:
    """One line of text. `width` is 2, 3, 4, 5, 10, 20 or 30 characters; `suffix` a unit such as °C."""
    return render(
        "input",
        "govukInput",
        name=name,
        id=field_id or name,
        label=label_of(label, is_heading=is_heading),
        value=value,
        hint=as_text(hint),
        errorMessage=error_of(error),
        type=kind,
        inputmode=inputmode,
        autocomplete=autocomplete,
        classes=width and f"govuk-input--width-{width}",
        suffix=as_text(suffix),
        attributes=attributes,
    )


def _count_messages() -> Params:
    """The counter's sentences. The macro puts the number in place of %{count}."""
    return {
        "textareaDescriptionText": _("You can write up to %{count} characters"),
        "charactersUnderLimitText": {
            "one": _("You have %{count} character left"),
            "other": _("You have %{count} characters left"),
        },
        "charactersAtLimitText": _("You have no characters left"),
        "charactersOverLimitText": {
            "one": _("You have %{count} character too many"),
            "other": _("You have %{count} characters too many"),
        },
    }


def textarea(
    *,
    name: str,
    label: str,
    value: str | None = None,
    hint: str | None = None,
    error: str | None = None,
    is_heading: bool = False,
    field_id: str | None = None,
    rows: int = 5,
    max_length: int | None = None,
    attributes: Attributes | None = None,
) -> Markup:
    """Several lines of text. `max_length`, in characters, adds a counter and never cuts what is typed."""
    field: Params = {
        "name": name,
        "id": field_id or name,
        "label": label_of(label, is_heading=is_heading),
        "value": value or "",
        "hint": as_text(hint),
        "errorMessage": error_of(error),
        "rows": rows,
        "attributes": attributes,
    }
    if max_length is None:
        return render("textarea", "govukTextarea", **field)
    return render(
        "character-count", "govukCharacterCount", **field, **_count_messages(), maxlength=max_length, threshold=75
    )


def select(
    *,
    name: str,
    label: str,
    choices: Sequence[Choice],
    value: str | None = None,
    hint: str | None = None,
    error: str | None = None,
    field_id: str | None = None,
) -> Markup:
    """One of many in a drop-down list; for fewer than ten, radios are easier."""
    return render(
        "select",
        "govukSelect",
        name=name,
        id=field_id or name,
        label=label_of(label, is_heading=False),
        items=[{"value": choice.value, "text": choice.text} for choice in choices],
        value=value,
        hint=as_text(hint),
        errorMessage=error_of(error),
    )
