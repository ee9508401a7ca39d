"""FHIR R4 in and out of the assessment service; this module writes steps, `wire_in` reads, `offer` tells what there is.

One language at a time: the one that was asked for.

In: a QuestionnaireResponse, status `in-progress`, with the answers so far; groups may be there or not. An item
without an answer says that the question was left unanswered on purpose. Own extension `trying` (true): somebody is
only trying; it comes back in the answer, and whoever counts leaves it out.

Out, in the manner of SDC `$next-question`: a QuestionnaireResponse whose own extension `for-another` tells whose
symptoms these are, and

- `in-progress`, with a contained Questionnaire that holds the next page as one group (display item = lead, own
  extension `help` = help) and own extensions `page-number` and `page-at-most`; or
- `completed`, with a contained RiskAssessment: `prediction.qualitativeRisk` has two codings, our urgency and the
  professional class; own extensions `fired-rule` (valueCode, repeated), `reason` (`rule`, `text`, `source`; repeated)
  and `advice` (`headline`, `by-when`, `do-now`*, `seek-sooner`*, `about`*, `source`*, `bookable-service`*,
  `self-care-guide`).

Errors are OperationOutcomes; one issue for each wrong answer, its `details` coded and its linkId in the own
extension `link-id`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from app.assessment_service.engine import Assessment, Outcome, PageStep, Reason
from app.assessment_service.wire_in import TRYING
from app.domain.fhir import EXCLUSIVE, MAXIMUM, MINIMUM, OWN, UNIT
from app.domain.phrase import Phrase
from app.domain.questionnaire import Given, Page, Question, Value
from app.domain.text import Language

SYSTEM = "https://asiointi-ikkuna.example/fhir/CodeSystem/"
_SAFE_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_TYPES = {"choice": "choice", "choices": "choice", "number": "integer", "boolean": "boolean"}
Json = dict[str, Any]


def page_response(assessment: Assessment, step: PageStep, language: Language) -> Json:
    """The response that asks the next page."""
    form = assessment.questionnaire
    contained = {
        "resourceType": "Questionnaire",
        "id": "next",
        "language": language,
        "derivedFrom": [f"{form.url}|{form.version}"],
        "title": form.title.to(language),
        "status": "active",
        "item": [_group(step, language)],
    }
    extensions = [
        {"url": OWN + "page-number", "valuePositiveInt": step.number},
        {"url": OWN + "page-at-most", "valuePositiveInt": step.at_most},
    ]
    response = _response(assessment, contained, step.answered, language, for_another=step.for_another)
    response["extension"] += extensions
    return {**response, "questionnaire": "#next", "status": "in-progress"}


def as_trial(response: Json) -> Json:
    """The response, saying that it answers a trial."""
    return {**response, "extension": [*response["extension"], {"url": TRYING, "valueBoolean": True}]}


def _response(assessment: Assessment, contained: Json, given: Given, language: Language, *, for_another: bool) -> Json:
    answered = [page for page in assessment.questionnaire.pages if _asked(page, given)]
    response: Json = {
        "resourceType": "QuestionnaireResponse",
        "language": language,
        "contained": [contained],
        "extension": [{"url": OWN + "for-another", "valueBoolean": for_another}],
    }
    items = [_answered_group(page, given) for page in answered]
    return {**response, "item": items} if items else response


def _asked(page: Page, given: Given) -> list[Question]:
    return [question for question in page.questions if question.link_id in given]


def _answered_group(page: Page, given: Given) -> Json:
    items = [_answered_item(question, given[question.link_id]) for question in _asked(page, given)]
    return {"linkId": page.link_id, "item": items}


def _answered_item(question: Question, values: frozenset[Value]) -> Json:
    name = "valueInteger" if question.kind == "number" else "valueCoding"
    shaped = [value if question.kind == "number" else {"code": value} for value in sorted(values, key=str)]
    item: Json = {"linkId": question.link_id}
    return {**item, "answer": [{name: value} for value in shaped]} if shaped else item


def _group(step: PageStep, language: Language) -> Json:
    def say(phrase: Phrase) -> str:
        return phrase.voice(for_another=step.for_another).to(language)

    lead = say(step.page.lead)
    items = [{"linkId": f"{step.page.link_id}-lead", "type": "display", "text": lead}] if lead else []
    items += [_item(question, say) for question in step.questions]
    return {"linkId": step.page.link_id, "type": "group", "text": say(step.page.title), "item": items}


def _item(question: Question, say: Callable[[Phrase], str]) -> Json:
    item: Json = {"linkId": question.link_id, "text": say(question.text), "type": _TYPES[question.kind]}
    item |= {"required": question.required, "repeats": question.kind == "choices"}
    if extensions := list(_item_extensions(question, say(question.help))):
        item["extension"] = extensions
    if question.options:
        item["answerOption"] = [
            {
                "valueCoding": {"code": option.code, "display": say(option.text)},
                **({"extension": [{"url": EXCLUSIVE, "valueBoolean": True}]} if option.exclusive else {}),
            }
            for option in question.options
        ]
    return item


def _item_extensions(question: Question, help_text: str) -> Iterator[Json]:
    if help_text:
        yield {"url": OWN + "help", "valueString": help_text}
    if question.unit:
        yield {"url": UNIT, "valueCoding": {"display": question.unit}}
    if question.minimum is not None:
        yield {"url": MINIMUM, "valueInteger": question.minimum}
    if question.maximum is not None:
        yield {"url": MAXIMUM, "valueInteger": question.maximum}


def outcome_response(assessment: Assessment, outcome: Outcome, language: Language) -> Json:
    """The response that ends the assessment."""
    form = assessment.questionnaire
    codings = [
        {"system": SYSTEM + "urgency", "code": outcome.urgency.value},
        {"system": SYSTEM + "p-class", "code": outcome.p_class},
    ]
    contained = {
        "resourceType": "RiskAssessment",
        "id": "result",
        "language": language,
        "extension": [
            *_fired(outcome),
            *_reasons(assessment, outcome, language),
            _advice(assessment, outcome, language),
        ],
        "status": "final",
        "method": {"coding": [{"system": form.url, "version": form.version, "code": form.id}]},
        # FHIR wants a subject; nobody is known here, and nobody should be.
        "subject": {"type": "Patient", "identifier": {"system": SYSTEM + "subject", "value": "anonymous"}},
        "basis": [{"reference": "#"}],
        "prediction": [{"qualitativeRisk": {"coding": codings}}],
    }
    response = _response(assessment, contained, outcome.answered, language, for_another=outcome.for_another)
    return {**response, "questionnaire": f"{form.url}|{form.version}", "status": "completed"}


def _fired(outcome: Outcome) -> list[Json]:
    return [{"url": OWN + "fired-rule", "valueCode": rule.id} for rule in outcome.rules]


def _reasons(assessment: Assessment, outcome: Outcome, language: Language) -> list[Json]:
    def parts(reason: Reason) -> Iterator[Json]:
        text = reason.text.voice(for_another=outcome.for_another).to(language)
        yield {"url": "rule", "valueCode": reason.rule}
        yield {"url": "text", "valueString": text}
        yield {"url": "source", "valueString": assessment.table.sources[reason.source].to(language)}

    return [{"url": OWN + "reason", "extension": list(parts(reason))} for reason in outcome.reasons]


def _advice(assessment: Assessment, outcome: Outcome, language: Language) -> Json:
    advice = assessment.advice[outcome.urgency]

    def strings(url: str, phrases: Iterable[Phrase]) -> list[Json]:
        voices = (phrase.voice(for_another=outcome.for_another).to(language) for phrase in phrases)
        return [{"url": url, "valueString": text} for text in voices]

    sources = dict.fromkeys(reason.source for reason in outcome.reasons)
    names = [Phrase.neutral(assessment.table.sources[key]) for key in sources]
    parts = [
        *strings("headline", [advice.headline]),
        *strings("by-when", [advice.by_when]),
        *strings("do-now", advice.do_now),
        *strings("seek-sooner", advice.seek_sooner),
        *strings("about", advice.about),
        *strings("source", names),
        *({"url": "bookable-service", "valueCode": code} for code in advice.bookable),
        *([{"url": "self-care-guide", "valueCode": advice.guide}] if advice.guide else []),
    ]
    return {"url": OWN + "advice", "extension": parts}


def failure(code: str, diagnostics: str) -> Json:
    """An OperationOutcome with one issue; `code` is a FHIR issue type."""
    return _operation_outcome([{"severity": "error", "code": code, "diagnostics": diagnostics}])


def invalid_answers(faults: Mapping[str, str]) -> Json:
    """An OperationOutcome with an issue for each linkId; a linkId that nobody could mean is not repeated."""
    issues = [_issue(link_id if _SAFE_ID.fullmatch(link_id) else "?", fault) for link_id, fault in faults.items()]
    return _operation_outcome(issues)


def _issue(link_id: str, fault: str) -> Json:
    return {
        "extension": [{"url": OWN + "link-id", "valueString": link_id}],
        "severity": "error",
        "code": "required" if fault == "missing" else "value",
        "details": {"coding": [{"system": SYSTEM + "answer-fault", "code": fault}]},
        "diagnostics": f"{link_id}: {fault}",
    }


def _operation_outcome(issues: list[Json]) -> Json:
    return {"resourceType": "OperationOutcome", "issue": issues}
