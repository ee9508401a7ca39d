"""Answers to the forms that come with the installation, as a draft keeps them: by linkId, choices by their code."""

import json
import uuid
from collections.abc import Mapping
from functools import cache
from typing import Any

import psycopg

from app.content import load
from app.domain.forms.answers import Address, Answers, to_data
from app.domain.forms.model import Form, Item
from app.domain.forms.reading.questionnaire import read_form
from app.domain.forms.values import Value
from app.settings import Settings
from tests.tools.desk import insert
from tests.tools.world import FIXED_NOW

REASON = {"reason": "Polvi on kipeä"}
# A notice of concern about an older person, by somebody who does not say their name.
NOTICE = {
    "role": "private",
    "anonymous": "anonymous",
    "danger-now": "no",
    "address": "Koekatu 1",
    "municipality": "Mikkeli",
    "worry-words": "Naapuri on jäänyt yksin",
}


@cache
def shipped(code: str) -> Form:
    """A form of content/forms, read."""
    return read_form(load(f"forms/{code}.json")).form


def answers_to(code: str, given: Mapping[str, str]) -> dict[str, Any]:
    """The answers as JSON, for the form `code`; texts as they are."""
    form = shipped(code)
    values = {Address(link): (_value(form.by_link[link], word),) for link, word in given.items()}
    return to_data(Answers(values), {link: item.type for link, item in form.by_link.items()})


def _value(item: Item, word: str) -> Value:
    return next((option.value for option in item.options if getattr(option.value, "code", "") == word), word)


def name_of_field(code: str, link_id: str) -> str:
    """What the field of a question is called on its page."""
    return f"f{shipped(code).by_link[link_id].number}"


def fill_form(
    settings: Settings,
    subject: uuid.UUID | None,
    *,
    actor: uuid.UUID | None = None,
    case: uuid.UUID | None = None,
    code: str = "pre-visit",
    given: Mapping[str, str] = REASON,
    **more: Any,
) -> uuid.UUID:
    """A filling of the form `code`, by `actor` or the subject: sent where there is a case, else a draft."""
    with psycopg.connect(settings.worker_database_url) as connection:
        query = "select id, register, service_task, titles from questionnaire where code = %s"
        form = connection.execute(query, [code]).fetchone()
    assert form is not None
    sent = {"state": "sent", "sent_at": FIXED_NOW, "response": "{}", "case_id": case} if case else {"state": "draft"}
    values = {"questionnaire_id": form[0], "register": form[1], "service_task": form[2], "titles": json.dumps(form[3])}
    whose = {"subject_id": subject, "actor_id": (actor or subject) if subject else None}
    kept = {"answers": json.dumps(answers_to(code, given)), "memo": "[]", "shown": "{}", "page": "", "alarmed": False}
    times = {"started_at": FIXED_NOW, "changed_at": FIXED_NOW, "revision": 1, "language": "fi"}
    return insert(settings, "form_response", code=code, **values, **whose, **kept, **times, **sent, **more)
