"""Small Questionnaires for the tests of the reader, and short ways to read them."""

from typing import Any

from app.domain.forms.model import Item
from app.domain.forms.notes import FormRefused, Note
from app.domain.forms.reading.questionnaire import Reading, read_form

CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
OWN = "https://asiointi-ikkuna.example/fhir/StructureDefinition/"


def item(link_id: str, item_type: str = "string", **more: Any) -> dict[str, Any]:
    """An item with a text."""
    return {"linkId": link_id, "type": item_type, "text": f"Text of {link_id}", **more}


def form(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A Questionnaire that departs from nothing."""
    about = {"url": "https://example.org/q", "version": "1", "title": "Lomake", "status": "active"}
    return {"resourceType": "Questionnaire", **about, "item": list(items), **more}


def extension(url: str, kind: str, value: Any) -> dict[str, Any]:
    """An extension with one value."""
    return {"url": url, f"value{kind}": value}


def expression(url: str, text: str, **more: Any) -> dict[str, Any]:
    """An extension that holds a FHIRPath expression."""
    return extension(url, "Expression", {"language": "text/fhirpath", "expression": text, **more})


def control(code: str) -> dict[str, Any]:
    """An itemControl."""
    return extension(CORE + "questionnaire-itemControl", "CodeableConcept", {"coding": [{"code": code}]})


def codings(*codes: str) -> list[dict[str, Any]]:
    """Answer options by code."""
    return [{"valueCoding": {"system": "s", "code": code, "display": code.upper()}} for code in codes]


def when(question: str, operator: str = "=", **answer: Any) -> dict[str, Any]:
    """One enableWhen."""
    return {"question": question, "operator": operator, **answer}


def read(*items: dict[str, Any], **more: Any) -> Reading:
    """The form of these items."""
    return read_form(form(*items, **more))


def read_one(item_type: str, **more: Any) -> Item:
    """One item, read."""
    return read(item("q", item_type, **more)).form.by_link["q"]


def codes_of(reading: Reading) -> list[str]:
    """What was noted."""
    return [note.code for note in reading.notes]


def refusals(*items: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    """Why these items are refused: code and linkId; empty where they are not."""
    try:
        read(*items, **more)
    except FormRefused as refused:
        return [_pair(note) for note in refused.notes if note.weight == "refused"]
    return []


def _pair(note: Note) -> tuple[str, str]:
    return note.code, note.link_id
