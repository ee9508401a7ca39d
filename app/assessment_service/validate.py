"""`python -m app.assessment_service.validate`: prove every shipped assessment safe, or exit with 1."""

import sys
from collections.abc import Iterator
from dataclasses import replace

from app.assessment_service.engine import Assessment
from app.assessment_service.library import shipped_assessments
from app.domain.decision_check import Report, validate
from app.domain.phrase import Phrase
from app.domain.urgency import Urgency


def validate_assessment(assessment: Assessment) -> Report:
    """The table's proof, and that every page and every advice text is there in three languages."""
    report = validate(assessment.table)
    untranslated = [f"{name}: a language is missing" for name, text in _shown(assessment) if not text.complete]
    levels = [f"advice {level}: incomplete" for level in Urgency if not assessment.advice[level].complete]
    return replace(report, problems=(*report.problems, *untranslated, *levels))


def _shown(assessment: Assessment) -> Iterator[tuple[str, Phrase]]:
    questionnaire = assessment.questionnaire
    yield "title", Phrase.neutral(questionnaire.title)
    yield "description", Phrase.neutral(questionnaire.description)
    yield from ((f"topic {topic.code}", Phrase.neutral(topic.names)) for topic in assessment.topics)
    for page in questionnaire.pages:
        yield page.link_id, page.title
        if page.lead.own.values:
            yield f"{page.link_id} lead", page.lead
        for question in page.questions:
            yield question.link_id, question.text
            if question.help.own.values:
                yield f"{question.link_id} help", question.help
            yield from ((f"{question.link_id} {option.code}", option.text) for option in question.options)


def main() -> int:
    """Print each report; 0 where all is proved."""
    reports = [validate_assessment(assessment) for assessment in shipped_assessments().values()]
    sys.stdout.write("".join(f"{report}\n" for report in reports))
    return 0 if reports and all(report.ok for report in reports) else 1


if __name__ == "__main__":
    sys.exit(main())
