"""The fields about what somebody needs to be served well: an interpreter, and what else matters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.models import ContactRequest
from app.services.own_data.needs import (
    LONGEST_ACCESSIBILITY,
    LONGEST_LANGUAGE,
    Needs,
    interpreter_languages,
    language_name,
)
from app.web.components import Row
from app.web.fields import Choice
from app.web.forms import Form
from app.web.i18n import current_language
from app.web.i18n import gettext as _

OTHER = "other"
FIELDS = ("interpreter", "interpreter_other", "accessibility")


@dataclass(frozen=True)
class NeedsFields:
    """The fields as they stand on a page, by name. `saved`: something is remembered already; `can_remember`: the
    reader is offered that we remember what they write."""

    values: Mapping[str, str]
    errors: Mapping[str, str]
    saved: bool = False
    can_remember: bool = False

    @property
    def choices(self) -> Sequence[Choice]:
        """The languages in the order of the page's language, before them none, after them any other."""
        language = current_language.get()
        names = sorted(
            ((code, name.to(language)) for code, name in interpreter_languages().items()), key=lambda it: it[1]
        )
        offered = [Choice(code, name) for code, name in names]
        return [Choice("", _("No interpreter")), *offered, Choice(OTHER, _("Another language"))]

    @property
    def is_open(self) -> bool:
        """Whether there is something to see in them at once."""
        return any(self.values.get(name) or name in self.errors for name in FIELDS)


def needs_values(needs: Needs) -> dict[str, str]:
    """What is known, as the fields show it."""
    offered = needs.interpreter in {"", *interpreter_languages()}
    return {
        "interpreter": needs.interpreter if offered else OTHER,
        "interpreter_other": "" if offered else needs.interpreter,
        "accessibility": needs.accessibility,
    }


def needs_rows(needs: Needs | ContactRequest) -> list[Row]:
    """What is needed as lines of a summary, in the page's language; nothing for what isn't."""
    told = [
        (_("Interpreter"), language_name(needs.interpreter, current_language.get())),
        (_("What else to take into account"), needs.accessibility),
    ]
    return [Row(key, value) for key, value in told if value]


def read_needs(form: Form) -> Needs:
    """What was chosen and written; what is to be mended is told in the form's errors."""
    too_long = _("Shorten the text to at most %(longest)s characters")
    accessibility = form.text("accessibility", longest=LONGEST_ACCESSIBILITY, too_long=too_long % {"longest": "1000"})
    return Needs(_interpreter(form, too_long % {"longest": LONGEST_LANGUAGE}), accessibility)


def _interpreter(form: Form, too_long: str) -> str:
    """The code of a language, or one that was written, with or without choosing that it is another."""
    chosen, other = (
        form.value("interpreter"),
        form.text("interpreter_other", longest=LONGEST_LANGUAGE, too_long=too_long),
    )
    if chosen in interpreter_languages():
        if other:
            form.errors["interpreter_other"] = _("Choose a language or write another one, not both")
        return chosen
    if chosen == OTHER and not other:
        form.errors["interpreter_other"] = _("Write the language in which you need an interpreter")
    elif chosen not in {"", OTHER}:
        form.errors["interpreter"] = _("Choose a language from the list, or write another one")
    return other
