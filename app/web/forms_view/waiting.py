"""A form that waits, in words: who asks for it, for what, and by when."""

from app.domain.text import Language
from app.models import FormTask
from app.services.forms.case_forms import due_day
from app.services.forms.waiting_forms import Purpose
from app.web.i18n import format_date_alone, format_when
from app.web.i18n import gettext as _


def purpose_words(purpose: Purpose, language: Language) -> str:
    """Who asks and for what, in a sentence; empty where the reader may not know."""
    if purpose.unit and purpose.matter:
        unit, matter = purpose.unit.to(language), purpose.matter.to(language)
        return _("%(unit)s asks for it. Matter: %(matter)s.") % {"unit": unit, "matter": matter}
    if purpose.service and purpose.visit_at:
        service, when = purpose.service.to(language), format_when(purpose.visit_at)
        return _("For your booked time: %(service)s, %(when)s.") % {"service": service, "when": when}
    return ""


def due_words(task: FormTask) -> str:
    """By when: the beginning of a visit to the minute, else a whole day."""
    day = due_day(task)
    if task.due_at is None or day is None:
        return _("As soon as you can")
    when = format_when(task.due_at) if task.appointment_id else format_date_alone(day)
    return _("By %(when)s") % {"when": when}
