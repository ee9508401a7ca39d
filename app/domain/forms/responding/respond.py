"""The QuestionnaireResponse that is sent: answers to what is asked, in the order and the structure of the form."""

import uuid
from collections.abc import Callable, Container, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Literal

from app.domain.forms.answers import Address, Answers
from app.domain.forms.instances import Instance
from app.domain.forms.model import Form, Item
from app.domain.forms.state import State
from app.domain.forms.values import Value, cleaned, to_fhir
from app.domain.text import Language

Status = Literal["in-progress", "completed", "amended", "entered-in-error", "stopped"]
Wording = Callable[[Item], str]
_SPOKEN = ("display", "unit", "title")


def response_of(
    state: State,
    *,
    identifier: str,
    authored: datetime,
    language: Language,
    subject: str = "",
    author: str = "",
    status: Status = "completed",
    for_another: bool = False,
) -> dict[str, Any]:
    """The response as FHIR R4 JSON. `identifier` is a URI (`urn:uuid:…`), `authored` knows its zone; `subject` and
    `author` are references. Texts are those that were read: in `language`, and in the voice `for_another`."""
    wording = partial(_wording, language=language, for_another=for_another)
    items = items_of(state.instances, state.answers, state.asked, wording)
    people = {"subject": subject, "author": author}
    return {
        "resourceType": "QuestionnaireResponse",
        "language": language,
        "identifier": {"system": "urn:ietf:rfc:3986", "value": identifier},
        "questionnaire": canonical_of(state.form),
        "status": status,
        **{name: {"reference": reference} for name, reference in people.items() if reference},
        "authored": authored.isoformat(timespec="seconds"),
        **({"item": items} if items else {}),
    }


def _wording(item: Item, *, language: Language, for_another: bool) -> str:
    return cleaned(item.text.voice(for_another=for_another).to(language)).strip()


def canonical_of(form: Form) -> str:
    """How the response names the form. One that came without a url gets a URN that only its name decides."""
    if form.url:
        return form.canonical
    urn = uuid.uuid5(uuid.NAMESPACE_OID, form.name).urn
    return f"{urn}|{form.version}" if form.version else urn


def items_of(
    instances: Sequence[Instance], answers: Answers, asked: Container[Address], wording: Wording | None = None
) -> list[dict[str, Any]]:
    """The items of a response: those that are asked and have an answer, each with its text where `wording` is given.
    Also what expressions see as `%resource`."""
    items = []
    for instance in instances:
        if instance.item.type == "display" or instance.address not in asked:
            continue
        key, content = _content(instance, answers, asked, wording)
        if content:
            text = wording(instance.item) if wording else ""
            items.append({"linkId": instance.item.link_id, **({"text": text} if text else {}), key: content})
    return items


def _content(
    instance: Instance, answers: Answers, asked: Container[Address], wording: Wording | None
) -> tuple[str, list[dict[str, Any]]]:
    """What an item holds, by the name of the element: the items of a group, the answers to a question."""
    if instance.item.type == "group":
        return "item", items_of(instance.branches[0], answers, asked, wording)
    given = []
    for index, value in enumerate(answers.of(instance.address)):
        answer = value_of(value, instance.item.type)
        if answer and index < len(instance.branches):
            below = items_of(instance.branches[index], answers, asked, wording)
            answer |= {"item": below} if below else {}
        given.append(answer)
    return "answer", [answer for answer in given if answer]


def value_of(value: Value, item_type: str) -> dict[str, Any]:
    """The `value[x]` of an answer as it is sent; empty where nothing of a text is left after cleaning."""
    if isinstance(value, str):
        value = cleaned(value)
        return to_fhir(value, item_type) if value.strip() else {}
    data = to_fhir(value, item_type)
    for content in data.values():
        if isinstance(content, dict):
            content |= {name: cleaned(content[name]) for name in _SPOKEN if name in content}
    return data
