"""The words of codes that content owners meet: states, kinds, events, what keeps a form from being published."""

from datetime import date

from app.domain.text import Language
from app.web.i18n import gettext as _
from app.web.i18n import pgettext


def state_words(state: str) -> str:
    """Where a version is on its way."""
    return {
        "draft": pgettext("a version of a form", "draft"),
        "in_review": pgettext("a version of a form", "in review"),
        "published": pgettext("a version of a form", "published"),
        "retired": pgettext("a version of a form", "retired"),
    }[state]


def kind_words(kind: str) -> str:
    """What a form is for."""
    return {
        "pre_visit": _("Before a visit"),
        "application": _("Application"),
        "concern": _("Notice of concern"),
        "outcome": _("After treatment"),
        "other": _("Another form"),
    }[kind]


def register_name(register: str) -> str:
    """A register by its name."""
    return {
        "patient": _("Patient register"),
        "social": _("Social welfare client register"),
        "rescue": _("Register of the rescue services' supervision"),
    }[register]


def event_words(event: str) -> str:
    """What was done to a version."""
    return {
        "installed": _("Came with the installation"),
        "imported": _("Imported"),
        "copied": _("Made from an earlier version"),
        "settings": _("Settings changed"),
        "edited": _("Texts or marks changed"),
        "sent_for_review": _("Sent for review"),
        "approved": _("Approved"),
        "returned": _("Returned to be mended"),
        "published": _("Published"),
        "retired": _("Retired"),
    }[event]


def lack_words(lack: str) -> str:
    """What keeps a version from being published, and what to do."""
    return {
        "refused": _("The form can't be read any more. Import it again."),
        "titles": _("Write the name and the summary in all three languages in the settings."),
        "unit": _("Choose the unit to which the form comes in the settings."),
        "limits": _("Choose the time limits again in the settings: one of them is not of this register."),
        "service_task": _(
            "Choose the service task in the settings: social welfare needs one, other registers have none."
        ),
        "who": _("An application is filled in only by somebody who has signed in. Change it in the settings."),
        "kind": _("Applications are decided in social welfare. Change the kind or the register in the settings."),
        "as_before": _(
            "The kind and the register stay as in the versions that have been published. "
            "Change them in the settings, or bring the form in under another code."
        ),
        "approval": _("Another content owner needs to approve it first. Send it for review."),
        "texts": _("Texts are missing in some language. Write them first."),
        "day": _("Choose today or a later day."),
    }[lack]


def alarm_words_of(kind: str) -> str:
    """Which emergency an answer raises."""
    return {
        "": _("No alarm"),
        "life_danger": _("Danger to life"),
        "self_harm": _("Self-harm"),
        "violence": _("Violence"),
        "child_in_danger": _("A child in danger"),
        "person_in_danger": _("An adult who needs help today"),
        "immediate": _("Help is needed at once"),
    }[kind]


def slot_words(kind: str) -> str:
    """What a text is within the form."""
    return {
        "title": pgettext("a text of a form", "Title"),
        "description": pgettext("a text of a form", "Description"),
        "text": pgettext("a text of a form", "Text"),
        "another": _("Text when filling in for somebody else"),
        "help": pgettext("a text of a form", "Help"),
        "prefix": _("Number or letter before the text"),
        "placeholder": _("Example in the field"),
        "option": _("Answer option"),
        "option_another": _("Answer option when filling in for somebody else"),
        "option_prefix": _("Number or letter before the option"),
        "unit": pgettext("of a measured value", "Unit"),
        "rule": _("What is said when a rule is broken"),
    }[kind]


def language_name(language: Language) -> str:
    """A language by its name."""
    return {
        "fi": pgettext("name", "Finnish"),
        "sv": pgettext("name", "Swedish"),
        "en": pgettext("name", "English"),
    }[language]


def iso_day(text: str) -> date:
    """A day as events keep it."""
    return date.fromisoformat(text)


FILTERS = (state_words, kind_words, register_name, event_words, slot_words, language_name, iso_day)
