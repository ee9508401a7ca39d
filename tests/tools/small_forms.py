"""Small forms of a test's own, published past the desk: FHIR items in a line each, and versions of them."""

import uuid
from datetime import timedelta
from typing import Any

from psycopg.types.json import Jsonb

from app.domain.forms.model import Form
from app.domain.forms.reading.questionnaire import read_form
from app.services.forms.shipped import digest_of
from app.settings import Settings
from tests.tools.desk import insert
from tests.tools.world import FIXED_NOW

OWN = "https://asiointi-ikkuna.example/fhir/StructureDefinition/"
HIDDEN = {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-hidden", "valueBoolean": True}
CHANGED = {"url": f"{OWN}meaning-changed", "valueBoolean": True}
Json = dict[str, Any]


def question(link_id: str, kind: str = "string", text: str = "", **more: Any) -> Json:
    """One item, by default with its linkId as its text."""
    return {"linkId": link_id, "type": kind, "text": text or link_id, **more}


def choice(link_id: str, *codes: str, **more: Any) -> Json:
    """A choice between codes."""
    options = [{"valueCoding": {"system": "urn:codes", "code": code, "display": code.title()}} for code in codes]
    return question(link_id, "choice", answerOption=options, **more)


def group(link_id: str, *items: Json, **more: Any) -> Json:
    """A group; of at most five questions it is a page."""
    return question(link_id, "group", item=list(items), **more)


def shown_when(link_id: str, code: str) -> list[Json]:
    """The enableWhen that waits for a code."""
    return [{"question": link_id, "operator": "=", "answerCoding": {"system": "urn:codes", "code": code}}]


def publish(settings: Settings, *items: Json, code: str = "", version: int = 1, **more: Any) -> tuple[str, Form]:
    """A version of the form `code` that is filled in from today on; a new form where none is named."""
    code = code or f"form-{uuid.uuid4().hex[:8]}"
    content = {
        "resourceType": "Questionnaire",
        "url": f"urn:form:{code}",
        "version": str(version),
        "language": "en",
        "title": "Small form",
        "status": "active",
        "item": list(items),
    }
    titles = Jsonb({"fi": "Pieni lomake", "sv": "Liten blankett", "en": "Small form"})
    values = {
        "kind": "other",
        "register": "patient",
        "who": "signed_in",
        "unit_code": "mikkeli",
        "state": "published",
        "limit_rules": [],
        "clinical": False,
        "notes": Jsonb([]),
        "revision": 1,
        **more,
    }
    insert(
        settings,
        "questionnaire",
        code=code,
        version=str(version),
        url=content["url"],
        titles=titles,
        summaries=titles,
        content=Jsonb(content),
        digest=digest_of(content),
        effective_from=FIXED_NOW.date(),
        published_at=FIXED_NOW - timedelta(days=1) + timedelta(minutes=version),
        **values,
    )
    return code, read_form(content).form
