"""What is to be mended in an answer, as a code and what the sentence about it needs. The words are on the page."""

from dataclasses import dataclass, field
from typing import Literal

from app.domain.forms.values import Value
from app.domain.text import Text

Code = Literal[
    "missing",
    "too_few",
    "too_many",
    "too_long",
    "too_short",
    "below",
    "above",
    "too_many_decimals",
    "too_many_digits",
    "not_a_number",
    "not_whole",
    "not_a_date",
    "impossible_date",
    "not_a_time",
    "not_offered",
    "no_words",
    "exclusive",
    "wrong_format",
    "not_a_url",
    "wrong_unit",
    "wrong_file_type",
    "file_too_large",
    "rule",
]


@dataclass(frozen=True)
class Problem:
    """One thing to mend. `index`: which answer of several; `limit`: what was to be kept to, `count`: how much there is
    instead (characters, answers, bytes); `said`: the form's own words for a broken rule."""

    code: Code
    index: int = 0
    limit: Value | None = None
    count: int = 0
    said: Text = field(default_factory=Text)
