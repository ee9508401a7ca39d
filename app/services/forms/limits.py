"""Which time limits begin to run when a form arrives."""

from app.models import Questionnaire
from app.services.cases.arrivals import ANSWER

# A form that tells more for a visit is no contact by which the law's limits begin (terveydenhuoltolaki 51 §).
REVIEW = {"patient": "form-review", "social": "form-review-social"}


def limits_of(form: Questionnaire) -> tuple[str, ...]:
    """The form's own limits, and by when somebody looks at it at the latest."""
    asks = form.kind in ("application", "concern")
    promise = ANSWER[form.register] if asks else REVIEW.get(form.register, ANSWER[form.register])
    return (promise, *form.limit_rules)
