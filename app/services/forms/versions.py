"""A newer version of a form is published while somebody fills in the earlier one: what they answered goes along."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.forms.answers import Address, Answers, from_data, to_data
from app.domain.forms.carry import Carried, carry_over
from app.domain.forms.values import Value
from app.models import FormResponse
from app.services.errors import NotFound
from app.services.forms.library import ReadForm, current_version, read_version
from app.services.forms.origins import carried_origins


async def is_current(session: AsyncSession, response: FormResponse) -> bool:
    """Whether the draft is of the version that is filled in today. A form that nobody can begin any more is still
    finished as it was begun."""
    try:
        return (await current_version(session, response.code)).id == response.questionnaire_id
    except NotFound:
        return True


async def fitting(
    session: AsyncSession, read: ReadForm, shown_as: uuid.UUID, given: Mapping[Address, tuple[Value, ...]]
) -> Mapping[Address, tuple[Value, ...]]:
    """What was typed on a page of the version `shown_as`, as answers to the version `read`: the page may have been open
    since before the draft moved on. An answer that was taken away stays so."""
    if shown_as == read.id:
        return given
    then = await read_version(session, shown_as)
    carried = carry_over(
        then.form, Answers({address: values for address, values in given.items() if values}), read.form
    )
    return carried.answers.values


async def bring_up_to_date(session: AsyncSession, response: FormResponse, read: ReadForm) -> bool:
    """Move a draft to the version that is filled in today; True where it was of another one.

    Answers are kept by linkId, type and code. Those to questions whose meaning has changed, and those that have no
    place any more, are kept beside (`shown`): the resident sees them and loses nothing without knowing.
    """
    if await is_current(session, response):
        return False
    current = await current_version(session, response.code)
    newer = await read_version(session, current.id)
    carried = carry_over(read.form, from_data(response.answers), newer.form)
    response.questionnaire_id, response.titles = current.id, current.titles
    response.answers = to_data(carried.answers, _types(newer))
    response.shown = beside_of(read, newer, carried) | carried_origins(response)
    response.memo, response.page = [], ""
    return True


def _types(read: ReadForm) -> dict[str, str]:
    return {link: item.type for link, item in read.form.by_link.items()}


def beside_of(read: ReadForm, newer: ReadForm, carried: Carried) -> dict[str, Any]:
    """What the resident had answered and is not filled in: beside its question, or left out with the question."""
    beside = to_data(Answers(carried.shown), _types(newer))["values"]
    left_out = [
        {
            "text": dict(one.text.own.values),
            "values": to_data(Answers({one.address: one.values}), _types(read))["values"],
        }
        for one in carried.lost
    ]
    return {"beside": beside, "left_out": left_out}
