"""Which time limits begin to run when a form arrives, and how much room forms take that have not been sent."""

from app.domain.forms.answers import Answers
from app.models import Questionnaire
from app.services.cases.arrivals import ANSWER
from app.services.errors import DomainError

# A form that tells more for a visit is no contact by which the law's limits begin (terveydenhuoltolaki 51 §).
REVIEW = {"patient": "form-review", "social": "form-review-social"}

# What anybody may leave behind without being known is kept for a day or a week (content/retention.json); a computer
# that many use, as in a library, has room for a whole day's. How often one is begun: "draft" in rate_limits.py.
OPEN_HERE = 30  # drafts of one browser session that belong to nobody
# A form is read by a person: this is a book of 250 pages, and every page that is saved writes the row anew.
WRITTEN = 500_000  # characters of all answers of one form
ANSWER_TAKES = 40  # characters that an answer takes beside its words: where it stands, its code
# A statement of a doctor is some hundred kilobytes, a photograph of a telephone up to eight megabytes.
FILES = 50 * 1024 * 1024  # bytes of all files of one form
FILES_HERE = 20 * 1024 * 1024  # bytes of all files of one browser session's drafts that belong to nobody


class TooManyDrafts(DomainError):
    """So many forms have been begun in this browser and not sent that there is no room for another; they stay."""


class TooMuchWritten(DomainError):
    """The answers of a page would make the form too long to be kept; those that it has stay."""


def limits_of(form: Questionnaire) -> tuple[str, ...]:
    """The form's own limits, and by when somebody looks at it at the latest."""
    asks = form.kind in ("application", "concern")
    promise = ANSWER[form.register] if asks else REVIEW.get(form.register, ANSWER[form.register])
    return (promise, *form.limit_rules)


def refuse_too_much(before: Answers, after: Answers) -> None:
    """Raises TooMuchWritten where the answers have become too long; making them shorter is always taken."""
    if written(after) > max(WRITTEN, written(before)):
        raise TooMuchWritten


def written(answers: Answers) -> int:
    """About how much room the answers take, in characters."""
    every = (value for values in answers.values.values() for value in values)
    return sum(ANSWER_TAKES + (len(value) if isinstance(value, str) else 0) for value in every)
