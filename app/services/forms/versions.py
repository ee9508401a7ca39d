"""A newer version of a form is published while somebody fills in the earlier one: what they answered goes along."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.forms.answers import Address, Answers, to_data
from app.domain.forms.layout import answerable
from app.domain.forms.responding.carry import Carried, carry_over
from app.domain.forms.values import Value
from app.models import FormResponse, Questionnaire
from app.services.errors import NotFound
from app.services.forms.library import ReadForm, current_version, read_version
from app.services.forms.origins import carried_origins

Given = Mapping[Address, tuple[Value, ...]]


async def version_shown(session: AsyncSession, response: FormResponse, shown_as: uuid.UUID | None) -> ReadForm:
    """The version of the draft's form that a page was shown in; the draft's own where the page doesn't say.

    Raises NotFound for a version of another form.
    """
    wanted = shown_as or response.questionnaire_id
    code = await session.scalar(select(Questionnaire.code).where(Questionnaire.id == wanted))
    if code != response.code:
        raise NotFound
    return await read_version(session, wanted)


def fit(response: FormResponse, read: ReadForm, then: ReadForm, given: Given) -> Given:
    """What was typed on a page of the version `then`, as answers to the version `read`: the page may have been open
    since before the draft moved on.

    An answer that was taken away stays so; one that has no place in the new version, or another meaning there, is kept
    beside. What a resident does not fill in is never taken from a browser.
    """
    if then.id == read.id:
        return given
    carried = carry_over(then.form, Answers({place: values for place, values in given.items() if values}), read.form)
    emptied = {place: () for place, values in given.items() if not values and place.link_id in read.form.by_link}
    response.shown = merged(response.shown, beside_of(then, read, carried))
    fits: Given = {**emptied, **carried.answers.values}
    return {place: values for place, values in fits.items() if answerable(read.form.by_link[place.link_id])}


async def bring_up_to_date(
    session: AsyncSession, response: FormResponse, read: ReadForm, answers: Answers
) -> Answers | None:
    """Move a draft to the version that is filled in today; which of its answers go along. None where it is of that
    version already.

    Answers are kept by linkId, type and code. Those to questions whose meaning has changed, and those that have no
    place any more, are kept beside (`shown`): the resident sees them and loses nothing without knowing.
    """
    current = await _version_of_today(session, response)
    if current is None or current.id == response.questionnaire_id:
        return None
    newer = await read_version(session, current.id)
    carried = carry_over(read.form, answers, newer.form)
    response.questionnaire_id, response.titles = current.id, current.titles
    response.shown = merged(response.shown, beside_of(read, newer, carried)) | carried_origins(response)
    response.page = ""
    return carried.answers


async def _version_of_today(session: AsyncSession, response: FormResponse) -> Questionnaire | None:
    """None where nobody can begin the form any more: it is still finished as it was begun."""
    try:
        return await current_version(session, response.code)
    except NotFound:
        return None


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


def merged(earlier: Mapping[str, Any] | None, later: Mapping[str, Any]) -> dict[str, Any]:
    """What is shown beside, with what was shown there before: nothing is forgotten when a form changes twice."""
    kept = dict(earlier or {})
    renewed = [row[:2] for row in later["beside"]]
    beside = [row for row in kept.get("beside", []) if row[:2] not in renewed] + later["beside"]
    left_out = [row for row in kept.get("left_out", []) if row not in later["left_out"]] + later["left_out"]
    return {**kept, "beside": beside, "left_out": left_out}
