"""Assessments by what they are about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from app.content import load
from app.domain.text import Text
from app.models import Assessment

OTHER = "general"  # where an assessment goes that names no topic for which there are words


@dataclass(frozen=True)
class TopicGroup:
    """A topic in words, and the assessments about it."""

    names: Text
    assessments: Sequence[Assessment]


@cache
def topic_names() -> Mapping[str, Text]:
    """The words of every topic by its code, in the order in which lists show them."""
    return {row["code"]: Text(row["names"]) for row in load("assessments/topics.json")["topics"]}


def by_topic(assessments: Sequence[Assessment]) -> list[TopicGroup]:
    """Every assessment once, under the first of its topics that has words."""
    groups = (
        TopicGroup(names, [one for one in assessments if _place(one) == code]) for code, names in topic_names().items()
    )
    return [group for group in groups if group.assessments]


def _place(assessment: Assessment) -> str:
    return next((code for code in assessment.topics if code in topic_names()), OTHER)
