"""Every control and box that a template may use, as typed functions that return Markup.

All text is escaped; only a `body` that is already Markup is taken as HTML.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from app.web.fields import Choice, checkboxes, radios, select, text_input, textarea
from app.web.govuk import Attributes, Params, as_body, render
from app.web.i18n import gettext as _
from app.web.more_fields import date_input, file_upload

__all__ = [
    "Choice",
    "FieldError",
    "Row",
    "back_link",
    "button",
    "checkboxes",
    "date_input",
    "details",
    "error_summary",
    "file_upload",
    "inset_text",
    "link_button",
    "notification_banner",
    "panel",
    "radios",
    "select",
    "summary_list",
    "tag",
    "text_input",
    "textarea",
    "warning_text",
]


@dataclass(frozen=True)
class Row:
    """One line of a summary. `change_label` completes the link for screen readers: "Change *date of birth*"."""

    key: str
    value: str
    change_href: str | None = None
    change_label: str | None = None


@dataclass(frozen=True)
class FieldError:
    """What is wrong in a field and how to mend it; `field_id` is where the summary's link leads."""

    field_id: str
    message: str


def button(
    text: str,
    *,
    name: str | None = None,
    value: str | None = None,
    kind: str | None = None,
    attributes: Attributes | None = None,
) -> Markup:
    """A submit button that ignores a double click. `kind` is None, "secondary" or "warning"."""
    return render(
        "button",
        "govukButton",
        text=text,
        name=name,
        value=value,
        classes=kind and f"govuk-button--{kind}",
        preventDoubleClick=True,
        attributes=attributes,
    )


def link_button(text: str, *, href: str, kind: str | None = None, attributes: Attributes | None = None) -> Markup:
    """A link that looks like a button and stays a link: unlike the macro's, no role that promises the space key."""
    classes = "govuk-button" + (f" govuk-button--{kind}" if kind else "")
    more = Markup("").join(Markup(' {}="{}"').format(key, value) for key, value in (attributes or {}).items())
    return Markup('<a href="{}" class="{}" draggable="false"{}>{}</a>').format(href, classes, more, text)


def error_summary(errors: Sequence[FieldError], *, title: str | None = None) -> Markup:
    """The list of what to mend, each a link to its field. It takes the focus; empty where there are no errors."""
    if not errors:
        return Markup("")
    return render(
        "error-summary",
        "govukErrorSummary",
        titleText=title or _("Check these answers"),
        errorList=[{"href": f"#{error.field_id}", "text": error.message} for error in errors],
        attributes={"data-focus": ""},
    )


def _summary_row(row: Row) -> Params:
    shown: Params = {"key": {"text": row.key}, "value": as_body(row.value)}
    if row.change_href:
        change = {"href": row.change_href, "text": _("Change"), "visuallyHiddenText": row.change_label or row.key}
        shown["actions"] = {"items": [change]}
    return shown


def summary_list(rows: Sequence[Row]) -> Markup:
    """Answers to check, each with its way back."""
    return render("summary-list", "govukSummaryList", rows=[_summary_row(row) for row in rows])


def details(summary: str, body: str | Markup, *, is_open: bool = False) -> Markup:
    """Help that opens on demand; works without scripts."""
    return render("details", "govukDetails", summaryText=summary, open=is_open, html=_paragraph(body))


def _paragraph(body: str | Markup) -> Markup:
    return body if isinstance(body, Markup) else Markup("<p>{}</p>").format(body)


def inset_text(body: str | Markup) -> Markup:
    """A passage set apart from the rest."""
    return render("inset-text", "govukInsetText", **as_body(body))


def warning_text(text: str) -> Markup:
    """What has consequences, with an exclamation mark."""
    return render("warning-text", "govukWarningText", text=text, iconFallbackText=_("Warning"))


def notification_banner(
    body: str | Markup, *, title: str | None = None, success: bool = False, banner_id: str = "notice"
) -> Markup:
    """News about the page. A `success` banner takes the focus and is read at once."""
    return render(
        "notification-banner",
        "govukNotificationBanner",
        **as_body(body),
        type="success" if success else None,
        titleText=title or (_("Done") if success else _("Note")),
        titleId=f"{banner_id}-title",
    )


def panel(title: str, body: str | Markup | None = None) -> Markup:
    """The end of a road: what is now agreed. Its title is the page's h1."""
    return render("panel", "govukPanel", titleText=title, **({} if body is None else as_body(body)))


def tag(text: str, *, colour: str | None = None) -> Markup:
    """A short state in words. `colour` is one of govuk's tag colours (grey, green, red, …) and says nothing alone."""
    return render("tag", "govukTag", text=text, classes=colour and f"govuk-tag--{colour}")


def back_link(href: str, text: str | None = None) -> Markup:
    """The way back, above the heading."""
    return render("back-link", "govukBackLink", href=href, text=text or _("Back"))
