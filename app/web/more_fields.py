"""The date and the file: form controls as typed functions, like those of `fields`."""
# ruff: noqa: PLR0913 - every argument is named, and each is one thing that a control can have

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from app.web.fields import error_of, fieldset_of, label_of
from app.web.govuk import Attributes, Params, as_text, render
from app.web.i18n import gettext as _
from app.web.i18n import pgettext

DATE = ("day", "month", "year")
_WIDTHS = {"day": 2, "month": 2, "year": 4, "time": 4}


def date_input(
    *,
    name: str,
    legend: str,
    values: Mapping[str, str],
    parts: Sequence[str] = DATE,
    hint: str | None = None,
    error: str | None = None,
    is_heading: bool = False,
    field_id: str | None = None,
) -> Markup:
    """A date in small fields, `name-day` and so on; `parts` may leave out the day, or the month too, or add `time`."""
    return render(
        "date-input",
        "govukDateInput",
        id=field_id or name,
        namePrefix=name,
        items=[_date_part(part, values.get(part, ""), is_wrong=error is not None) for part in parts],
        hint=as_text(hint),
        errorMessage=error_of(error),
        fieldset=fieldset_of(legend, is_heading=is_heading),
    )


def _date_part(part: str, value: str, *, is_wrong: bool) -> Params:
    labels = {
        "day": pgettext("part of a date", "Day"),
        "month": pgettext("part of a date", "Month"),
        "year": pgettext("part of a date", "Year"),
        "time": _("Time of day"),
    }
    return {
        "name": part,
        "label": labels[part],
        "value": value,
        "classes": f"govuk-input--width-{_WIDTHS[part]}" + (" govuk-input--error" if is_wrong else ""),
        # A numeric keyboard has no point or colon for a time.
        "inputmode": "text" if part == "time" else "numeric",
    }


def file_upload(
    *,
    name: str,
    label: str,
    hint: str | None = None,
    error: str | None = None,
    is_heading: bool = False,
    field_id: str | None = None,
    accept: str | None = None,
    multiple: bool = False,
    attributes: Attributes | None = None,
) -> Markup:
    """Choosing a file, by the browser's own control. `accept` are types of files with commas between."""
    return render(
        "file-upload",
        "govukFileUpload",
        name=name,
        id=field_id or name,
        label=label_of(label, is_heading=is_heading),
        hint=as_text(hint),
        errorMessage=error_of(error),
        multiple=multiple or None,
        attributes={**(attributes or {}), **({"accept": accept} if accept else {})},
    )
