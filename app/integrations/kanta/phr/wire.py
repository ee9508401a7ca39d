"""Our values as the record's FHIR R4 resources."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.integrations.kanta.fhir import spoken
from app.integrations.kanta.phr.constants import (
    CREATING_APPLICATION,
    DISPLAY,
    LOINC,
    OBSERVATION_CATEGORY,
    UCUM,
    URI_SYSTEM,
)
from app.integrations.kanta.phr.measures import Part, measures
from app.integrations.kanta.phr.narrative import narrative
from app.integrations.kanta.phr.port import (
    AnsweredItem,
    AnswerValue,
    Choice,
    Entry,
    FilledQuestionnaire,
    Measurement,
    SelfCarePlan,
)

Json = dict[str, Any]


def resource_of(entry: Entry, patient_id: str, profile_of: Callable[[Entry], str], application: str = "") -> Json:
    """The resource with everything that the record insists on: profile, language, narrative, identifier."""
    common: Json = {
        "meta": {"profile": [profile_of(entry)]},
        "language": entry.language,
        "text": narrative(entry),
        "subject": {"reference": f"Patient/{patient_id}"},
    }
    if application:
        common["extension"] = [{"url": CREATING_APPLICATION, "valueString": application}]
    match entry:
        case Measurement():
            return common | _observation(entry)
        case FilledQuestionnaire():
            return common | _questionnaire_response(entry, common["subject"])
        case SelfCarePlan():
            return common | _care_plan(entry)


def resource_type(kind: type[Entry]) -> str:
    """The FHIR name of a kind of entry."""
    return {Measurement: "Observation", FilledQuestionnaire: "QuestionnaireResponse", SelfCarePlan: "CarePlan"}[kind]


def identifier_of(entry: Entry) -> Json:
    return {"system": URI_SYSTEM, "value": entry.identifier.urn}


def _observation(entry: Measurement) -> Json:
    measure = measures()[entry.measure]
    quantities = [_quantity(part, amount) for part, amount in zip(measure.parts, entry.amounts, strict=True)]
    observation: Json = {
        "resourceType": "Observation",
        "identifier": [identifier_of(entry)],
        "status": "final",
        "category": [{"coding": [{"system": OBSERVATION_CATEGORY, "code": measure.category}]}],
        "code": _code(measure.code, measure.name.to(entry.language)),
        "effectiveDateTime": _instant(entry.measured_at),
    }
    if len(quantities) == 1:
        return {**observation, "valueQuantity": quantities[0]}
    named = zip(measure.parts, quantities, strict=True)
    components = [{"code": _code(p.code, p.name.to(entry.language)), "valueQuantity": q} for p, q in named]
    return {**observation, "component": components}


def _questionnaire_response(entry: FilledQuestionnaire, patient: Json) -> Json:
    return {
        "resourceType": "QuestionnaireResponse",
        "identifier": identifier_of(entry),
        "questionnaire": entry.questionnaire,
        **_title(entry.title),
        "status": "completed",
        "authored": _instant(entry.filled_at),
        "author": patient,
        "source": patient,
        **_items(entry.items),
    }


def _care_plan(entry: SelfCarePlan) -> Json:
    return {
        "resourceType": "CarePlan",
        "identifier": [identifier_of(entry)],
        "status": "completed",
        "intent": "plan",
        **spoken(title=entry.title, description=entry.description),
        "created": _instant(entry.made_at),
        **_unless_empty("note", (spoken(text=line) for line in entry.advice)),
    }


def _title(title: str) -> Json:
    """The form's name beside its address, by FHIR's extension for references that people read."""
    named = spoken(valueString=title)
    return {"_questionnaire": {"extension": [{"url": DISPLAY, **named}]}} if named else {}


def _items(items: Iterable[AnsweredItem]) -> Json:
    return _unless_empty("item", map(_item, items))


def _item(item: AnsweredItem) -> Json:
    answers = _unless_empty("answer", map(_answer, item.answers))
    return {"linkId": item.link_id, **spoken(text=item.text), **answers, **_items(item.items)}


def _unless_empty(name: str, members: Iterable[Json]) -> Json:
    """A list as a member of a resource: FHIR has neither empty lists nor empty elements."""
    found = [member for member in members if member]
    return {name: found} if found else {}


def _answer(value: AnswerValue) -> Json:
    answer: Json
    match value:
        case bool():
            answer = {"valueBoolean": value}
        case int():
            answer = {"valueInteger": value}
        case Decimal():
            answer = {"valueDecimal": float(value)}
        case datetime():
            answer = {"valueDateTime": _instant(value)}
        case date():
            answer = {"valueDate": value.isoformat()}
        case Choice():
            system = {"system": value.system} if value.system else {}
            answer = {"valueCoding": {**system, "code": value.code, **spoken(display=value.display)}}
        case str():
            answer = {**spoken(valueString=value)}
    return answer


def _quantity(part: Part, amount: Decimal) -> Json:
    return {"value": float(amount), "unit": part.shown, "system": UCUM, "code": part.unit}


def _code(code: str, name: str) -> Json:
    return {"coding": [{"system": LOINC, "code": code}], "text": name}


def _instant(value: datetime) -> str:
    return value.isoformat(timespec="seconds")
