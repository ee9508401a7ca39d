"""What the assessment service offers, as FHIR R4: its CapabilityStatement and the list of its assessments.

The list is a searchset Bundle of Questionnaires without items, in one language. `?topic=` takes the code of a topic;
the topics of an assessment are its usage contexts of kind `focus`. (`Questionnaire.code` would name the form itself.)
"""

from collections.abc import Iterable
from typing import Any

from app.assessment_service.engine import Assessment, Topic
from app.domain.fhir import FOCUS, OWN, USAGE_CONTEXT
from app.domain.text import Language

TOPIC_SYSTEM = "https://asiointi-ikkuna.example/fhir/CodeSystem/topic"
NEXT_QUESTION = "http://hl7.org/fhir/uv/sdc/OperationDefinition/Questionnaire-next-question"
RELEASED = "2026-11-22"
Json = dict[str, Any]


def capability() -> Json:
    """A CapabilityStatement: questionnaires are listed and asked; there are no tasks."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": RELEASED,
        "kind": "instance",
        "implementation": {"description": "Assessment service"},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [{"mode": "server", "resource": [questionnaires()]}],
    }


def questionnaires() -> Json:
    """What a CapabilityStatement says of questionnaires here."""
    return {
        "type": "Questionnaire",
        "interaction": [{"code": "search-type"}],
        "searchParam": [
            {"name": "language", "type": "token", "documentation": "fi, sv or en: the language of all texts"},
            {"name": "topic", "type": "token", "documentation": "code of a usage context of kind focus"},
        ],
        "operation": [{"name": "next-question", "definition": NEXT_QUESTION}],
    }


def headers(assessments: Iterable[Assessment], language: Language, topic: str | None) -> Json:
    """A searchset Bundle of the questionnaires, without their items; only those about `topic` where one is given."""
    found = [one for one in assessments if not topic or topic in one.questionnaire.topics]
    entries = [_header_entry(assessment, language) for assessment in found]
    bundle: Json = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return {**bundle, "entry": entries} if entries else bundle  # FHIR knows no empty lists


def _header_entry(assessment: Assessment, language: Language) -> Json:
    form = assessment.questionnaire
    resource = {
        "resourceType": "Questionnaire",
        "id": form.id,
        "language": language,
        "extension": [{"url": OWN + "minutes", "valueInteger": form.minutes}],
        "url": form.url,
        "version": form.version,
        "name": form.name,
        "title": form.title.to(language),
        "status": "active",
        "experimental": True,
        "subjectType": ["Patient"],
        "publisher": form.publisher,
        "description": form.description.to(language),
    }
    if assessment.topics:
        resource["useContext"] = [_focus(topic, language) for topic in assessment.topics]
    return {"fullUrl": form.url, "resource": resource, "search": {"mode": "match"}}


def _focus(topic: Topic, language: Language) -> Json:
    coding = {"system": TOPIC_SYSTEM, "code": topic.code, "display": topic.names.to(language)}
    return {
        "code": {"system": USAGE_CONTEXT, "code": FOCUS},
        "valueCodeableConcept": {"coding": [coding]},
    }
