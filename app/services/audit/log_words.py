"""The words in which the log data speaks: what was done, and why. content/log_words.json."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from app.content import load
from app.domain.text import Text


@dataclass(frozen=True)
class LogWords:
    """`actions` by `action` or `action kind`, `purposes` by the audit trail's own word.

    `withheld`: purposes whose rows are not shown, because that could seriously endanger somebody. `years`: how far
    back the log is shown; `answer_months`: within how many months a request on paper is answered.
    """

    actions: Mapping[str, Text]
    purposes: Mapping[str, Text]
    withheld: tuple[str, ...]
    years: int
    answer_months: int

    def action(self, action: str, kind: str = "") -> Text:
        """What was done, to a thing of `kind`. A test holds every action to having words; an old one says less."""
        return self.actions.get(f"{action} {kind}") or self.actions.get(action) or self.actions["other"]

    def purpose(self, purpose: str) -> Text:
        """Why it was done."""
        return self.purposes.get(purpose) or self.purposes["other"]


@cache
def log_words() -> LogWords:
    """The words as the county has written them."""
    data = load("log_words.json")
    return LogWords(
        actions={key: Text(words) for key, words in data["actions"].items()},
        purposes={key: Text(words) for key, words in data["purposes"].items()},
        withheld=tuple(data["withheld_purposes"]),
        years=data["years"],
        answer_months=data["answer_months"],
    )


@cache
def special_reason_words() -> Mapping[str, Text]:
    """The special reasons for opening a record, by their code. content/special_reasons.json."""
    return {row["code"]: Text(row["names"]) for row in load("special_reasons.json")["reasons"]}


@cache
def profession_words() -> Mapping[str, Text]:
    """Professions by their code. content/professions.json."""
    return {row["code"]: Text(row["names"]) for row in load("professions.json")}
