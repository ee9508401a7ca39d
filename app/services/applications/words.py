"""The words of applications (content/applications.json): kinds with their law, steps, outcomes, asking for a review."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from app.content import load
from app.domain.text import Text
from app.services.errors import NotFound


@dataclass(frozen=True)
class Law:
    """An act with its number in the statute book, and the sections that are applied."""

    number: str
    sections: tuple[str, ...]
    names: Text


@dataclass(frozen=True)
class ApplicationKind:
    """What can be applied for with the form `form`; `number` is that of content/numbers.json to ask at."""

    form: str
    names: Text
    law: tuple[Law, ...]
    number: str
    next: Text


@dataclass(frozen=True)
class Outcome:
    """How an application ends; `reasons_required`: never without reasons."""

    code: str
    names: Text
    text: Text
    reasons_required: bool


@dataclass(frozen=True)
class ApplicationWords:
    """Everything by its code. `steps`: name and text; `limits`: what a resident reads of a limit that runs, by its
    rule; `document` and `appeal`: the words of the decision itself."""

    kinds: Mapping[str, ApplicationKind]
    steps: Mapping[str, tuple[Text, Text]]
    outcomes: Mapping[str, Outcome]
    limits: Mapping[str, Text]
    document: Mapping[str, Text]
    appeal: Mapping[str, Text]
    appeal_law: Law
    ombudsperson: str

    @property
    def decisions(self) -> tuple[Outcome, ...]:
        """The outcomes that a professional decides; withdrawing is the applicant's."""
        return tuple(outcome for outcome in self.outcomes.values() if outcome.code != "withdrawn")


@cache
def application_words() -> ApplicationWords:
    """The words, read once a process."""
    data = load("applications.json")
    appeal = data["appeal"]
    return ApplicationWords(
        kinds={row["form"]: _kind(row) for row in data["applications"]},
        steps={row["code"]: (Text(row["names"]), Text(row["text"])) for row in data["steps"]},
        outcomes={row["code"]: _outcome(row) for row in data["outcomes"]},
        limits=_texts(data["limit_words"]),
        document=_texts(data["document"]),
        appeal=_texts({name: text for name, text in appeal.items() if isinstance(text, dict) and "fi" in text}),
        appeal_law=_law(appeal["law"]),
        ombudsperson=appeal["ombudsperson"],
    )


def application_kind(form: str) -> ApplicationKind:
    """What is applied for with that form. Raises NotFound for a form of which the county's content says nothing."""
    found = application_words().kinds.get(form)
    if found is None:
        raise NotFound
    return found


def plain_day(day: date) -> str:
    """24.11.2026, as documents of the county write it in all three languages."""
    return f"{day.day}.{day.month}.{day.year}"


def _texts(rows: Mapping[str, Mapping[str, str]]) -> Mapping[str, Text]:
    return {name: Text(text) for name, text in rows.items()}


def _kind(row: Mapping[str, Any]) -> ApplicationKind:
    law = tuple(_law(one) for one in row["law"])
    return ApplicationKind(row["form"], Text(row["names"]), law, row["number"], Text(row["next"]))


def _law(row: Mapping[str, Any]) -> Law:
    return Law(row["number"], tuple(row["sections"]), Text(row["names"]))


def _outcome(row: Mapping[str, Any]) -> Outcome:
    return Outcome(row["code"], Text(row["names"]), Text(row["text"]), row["reasons_required"])
