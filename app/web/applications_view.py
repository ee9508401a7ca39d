"""How far an application is, in the words of content/applications.json."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.clock import Clock
from app.domain.text import Language
from app.services.applications.read import OpenedApplication, Step
from app.services.applications.words import application_words
from app.web.i18n import format_date_alone, format_when
from app.web.i18n import gettext as _

# The step that a state is shown as.
OF_STATE: Mapping[str, str] = {
    "pending": "pending",
    "more_asked": "more-asked",
    "in_handling": "in-handling",
    "decided": "decided",
    "withdrawn": "closed",
}


@dataclass(frozen=True)
class Told:
    """A step by its name and when it was taken."""

    name: str
    at: datetime


@dataclass(frozen=True)
class Standing:
    """Where an application stands: its state by name, and what that means for the applicant, a paragraph each."""

    name: str
    lines: Sequence[str]


def state_name(state: str, language: Language) -> str:
    """The name of an application's state."""
    return application_words().steps[OF_STATE[state]][0].to(language)


def steps_told(steps: Sequence[Step], language: Language) -> list[Told]:
    """The steps that were taken, the earliest first."""
    return [Told(application_words().steps[step.code][0].to(language), step.at) for step in steps]


def standing(opened: OpenedApplication, language: Language, subject: str) -> Standing:
    """Where it stands. `subject`: the name of whom the reader acts for, for what only that person may read."""
    code = OF_STATE[opened.application.state]
    name, text = application_words().steps[code]
    told = text.to(language).format(time=format_when(_at(opened, code)), date=_day(opened, code))
    hidden = "" if opened.reads else _hidden(code, subject)
    more = [application_words().outcomes["withdrawn"].text.to(language)] if code == "closed" else []
    return Standing(name.to(language), [hidden or told, *more, *limits_told(opened, language)])


def limits_told(opened: OpenedApplication, language: Language) -> list[str]:
    """By when the county does what is left to do."""
    words = application_words().limits
    return [
        words[one.rule].to(language).format(date=format_date_alone(Clock(one.due_at).today)) for one in opened.limits
    ]


def _hidden(code: str, subject: str) -> str:
    """What stands in place of what whoever may act but not read does not see."""
    if code == "more-asked":
        return _("We have asked for more information. %(name)s sees the question after signing in.") % {"name": subject}
    if code == "decided":
        return _("There is a decision. %(name)s can read it after signing in.") % {"name": subject}
    return ""


def _at(opened: OpenedApplication, code: str) -> datetime:
    """When the step was last taken; when it became pending, where the timeline doesn't tell."""
    return next((step.at for step in reversed(opened.steps) if step.code == code), opened.application.pending_since)


def _day(opened: OpenedApplication, code: str) -> str:
    """The day that the step speaks of: by when to answer, else when it was taken."""
    waiting = [one.answer_by for one in opened.waiting]
    return (
        format_date_alone(min(waiting))
        if code == "more-asked" and waiting
        else format_date_alone(Clock(_at(opened, code)).today)
    )
