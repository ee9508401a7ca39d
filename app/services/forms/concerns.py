"""The four notices of concern, each by its own law: what stands before and after them (content/concerns.json)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.content import load
from app.domain.text import Text


@dataclass(frozen=True)
class Block:
    """A passage to read, with the numbers to call (ids of content/numbers.json). `code` says what it is about: danger
    comes first."""

    code: str
    title: Text
    text: Text
    numbers: Sequence[str]


@dataclass(frozen=True)
class Concern:
    """A notice of concern. `queue_title` is what staff see in a list: neither name nor child is in it. `after` are the
    passages of the receipt by their code, `{time}` in one is when the notice arrived; `urgent_numbers` are to be called
    where help is needed sooner."""

    code: str
    form: str
    queue_title: Text
    before: Sequence[Block]
    after: Mapping[str, Text]
    urgent_numbers: Sequence[str]


def concern_of(form: str) -> Concern | None:
    """The notice that the form `form` makes; None where it is none."""
    return _by_form().get(form)


@cache
def _by_form() -> Mapping[str, Concern]:
    found = (_concern(row) for row in load("concerns.json")["concerns"])
    return {concern.form: concern for concern in found}


def _concern(row: Mapping[str, Any]) -> Concern:
    before = tuple(_block(one) for one in row["before"])
    after = {code: Text(texts) for code, texts in row["after"].items() if isinstance(texts, dict)}
    return Concern(row["code"], row["form"], Text(row["queue_title"]), before, after, row["after"]["urgent_numbers"])


def _block(row: Mapping[str, Any]) -> Block:
    return Block(row["code"], Text(row["title"]), Text(row["text"]), tuple(row.get("numbers", ())))
