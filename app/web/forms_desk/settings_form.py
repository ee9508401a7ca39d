"""The settings of a form as they are shown, typed and read."""

from collections.abc import Mapping, Sequence
from functools import cache

from app.content import load
from app.domain.forms.desk.names import CODE
from app.domain.staff_roles import SERVICE_TASKS
from app.domain.text import LANGUAGES, Language, Text
from app.models import Questionnaire, Unit
from app.services.forms.desk.edit import FormSettings
from app.web.components import Choice
from app.web.forms import Form
from app.web.forms_desk.words import kind_words, register_name
from app.web.i18n import gettext as _

KINDS = ("pre_visit", "application", "concern", "outcome", "other")
REGISTERS = ("patient", "social", "rescue")
WHO = ("signed_in", "anyone")
TITLE_LENGTH, SUMMARY_LENGTH = 200, 500
# What a form may begin. What the county promises about all that arrives begins by itself.
START = "pending"
FIELDS = (
    *("code", "kind", "register", "service_task", "unit", "who", "clinical", "limits"),
    *(f"title_{code}" for code in LANGUAGES),
    *(f"summary_{code}" for code in LANGUAGES),
)


def settings_values(form: Questionnaire) -> Mapping[str, str]:
    """What stands in the fields (but those with several values). Of a form that has just been brought in nothing is
    chosen beforehand: whoever knows it says where it belongs."""
    undecided = {"kind": "", "register": "", "unit": "", "who": ""} if not form.summaries.values else {}
    return {
        "code": form.code,
        "kind": form.kind,
        "register": form.register,
        "service_task": form.service_task or "",
        "unit": form.unit_code,
        "who": form.who,
        "clinical": "yes" if form.clinical else "",
        **{f"title_{code}": form.titles.values.get(code, "") for code in LANGUAGES},
        **{f"summary_{code}": form.summaries.values.get(code, "") for code in LANGUAGES},
        **undecided,
    }


def read_settings(form: Form, units: Sequence[Unit]) -> FormSettings:
    """What was typed. What can't be kept is said in the form's errors: look there before using it."""
    code = form.value("code")
    if not CODE.fullmatch(code):
        form.errors["code"] = _("Write the code in small letters a–z, digits and hyphens, at most 60 characters")
    tasks = ("", *SERVICE_TASKS)
    return FormSettings(
        code=code,
        kind=_one(form, "kind", KINDS, _("Choose what the form is for")),
        register=_one(form, "register", REGISTERS, _("Choose the register")),
        service_task=_one(form, "service_task", tasks, _("Choose one of the service tasks")) or None,
        unit_code=_one(form, "unit", tuple(one.code for one in units), _("Choose the unit to which the form comes")),
        who=_one(form, "who", WHO, _("Choose who fills the form in")),
        clinical=form.value("clinical") == "yes",
        limit_rules=[one for one in form.many("limits") if one in _limits()],
        titles=_texts(form, "title", TITLE_LENGTH),
        summaries=_texts(form, "summary", SUMMARY_LENGTH),
    )


def kind_choices() -> list[Choice]:
    """What a form may be for."""
    return [Choice(kind, kind_words(kind)) for kind in KINDS]


def register_choices() -> list[Choice]:
    """The registers to which forms come."""
    return [Choice(register, register_name(register)) for register in REGISTERS]


def who_choices() -> list[Choice]:
    """Who may fill a form in."""
    return [
        Choice("signed_in", _("Only whoever has signed in")),
        Choice("anyone", _("Anybody, also without signing in")),
    ]


def task_choices(language: Language) -> list[Choice]:
    """The service tasks of social welfare."""
    tasks = load("service_tasks.json")["tasks"]
    return [
        Choice("", _("No service task")),
        *(Choice(task["code"], Text(task["names"]).to(language)) for task in tasks),
    ]


def limit_choices(language: Language) -> list[Choice]:
    """The time limits that may begin to run when a form arrives, each with its register."""
    limits = _limits().items()
    return [Choice(code, limit_name(code, language), hint=register_name(register)) for code, register in limits]


def limit_name(code: str, language: Language) -> str:
    """What a time limit is called; its code where content/time_limits.json gives it no name."""
    names = load("time_limits.json")["names"].get(code)
    return Text(names).to(language) if names else code


@cache
def _limits() -> Mapping[str, str]:
    rows = load("time_limits.json")["rules"]
    return {row["id"]: row["register"] for row in rows if row["start_event"] == START}


def _one(form: Form, name: str, known: Sequence[str], wanted: str) -> str:
    value = form.value(name)
    if value not in known:
        form.errors[name] = wanted
    return value


def _texts(form: Form, name: str, longest: int) -> Text:
    too_long = _("Shorten the text to at most %(num)s characters") % {"num": longest}
    words = {code: form.text(f"{name}_{code}", longest=longest, too_long=too_long) for code in LANGUAGES}
    return Text({code: text for code, text in words.items() if text})
