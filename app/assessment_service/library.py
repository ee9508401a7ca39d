"""The assessments that ship with the product, read from `app/content/assessments/`."""

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from app.assessment_service.engine import Assessment, Topic
from app.domain.advice import read_advice
from app.domain.decision_table import read_table
from app.domain.phrase import UnreadableContent
from app.domain.questionnaire import read_questionnaire
from app.domain.text import Text
from app.domain.urgency import Urgency


@lru_cache(maxsize=1)
def shipped_assessments() -> Mapping[str, Assessment]:
    """Every assessment by its id. Raises UnreadableContent where content does not fit together."""
    root = files("app.content") / "assessments"
    p_classes = _json(root / "p_classes.json")["p_classes"]
    topics = {row["code"]: row["names"] for row in _json(root / "topics.json")["topics"]}
    folders = sorted((entry for entry in root.iterdir() if _is_assessment(entry)), key=lambda entry: entry.name)
    found = (
        read_assessment(
            _json(folder / "questionnaire.json"),
            _json(folder / "decisions.json"),
            _json(folder / "advice.json"),
            p_classes,
            topics,
        )
        for folder in folders
    )
    return {assessment.questionnaire.id: assessment for assessment in found}


def read_assessment(
    questionnaire: Mapping[str, Any],
    decisions: Mapping[str, Any],
    advice: Mapping[str, Any],
    p_classes: Mapping[str, str],
    topics: Mapping[str, Mapping[str, str]],
) -> Assessment:
    """One assessment from its parsed files. Raises UnreadableContent naming what does not fit.

    `topics` has the words, in each language, of all topics that an assessment may name.
    """
    form = read_questionnaire(questionnaire)
    return Assessment(
        questionnaire=form,
        table=read_table(decisions, form),
        advice=read_advice(advice),
        p_classes={level: p_classes[level] for level in Urgency},
        topics=tuple(_topic(code, topics, form.id) for code in form.topics),
    )


def _topic(code: str, topics: Mapping[str, Mapping[str, str]], assessment: str) -> Topic:
    if code not in topics:
        raise UnreadableContent(assessment, f"there are no words for its topic {code!r}")
    return Topic(code, Text(topics[code]))


def _is_assessment(entry: Traversable) -> bool:
    return entry.is_dir() and (entry / "decisions.json").is_file()


def _json(entry: Traversable) -> Any:
    return json.loads(entry.read_text(encoding="utf-8"))
