"""The forms there are: which version of each is filled in today, and reading it once a process."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from sqlalchemy import BindParameter, ScalarSelect, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.domain.forms.layout import FormPages, lay_out
from app.domain.forms.model import Form
from app.domain.forms.reading.questionnaire import read_form
from app.models import Questionnaire
from app.services.clock import read_clock
from app.services.errors import NotFound

CACHED = 64  # read forms a process keeps; one of 800 items takes some megabytes


@dataclass(frozen=True)
class ReadForm:
    """A version of a form, read and parted into pages."""

    id: uuid.UUID
    form: Form
    pages: FormPages


async def list_forms(session: AsyncSession, kind: str | None = None) -> Sequence[Questionnaire]:
    """The versions that are filled in today, in the order of their codes; without their content."""
    clock = await read_clock(session)
    effective = Questionnaire.effective_from
    newest = (
        select(Questionnaire.code, func.max(effective).label("since"))
        .where(Questionnaire.state == "published", effective <= clock.today)
        .group_by(Questionnaire.code)
        .subquery()
    )
    query = (
        select(Questionnaire)
        .join(newest, (newest.c.code == Questionnaire.code) & (newest.c.since == effective))
        .where(Questionnaire.state == "published", *((Questionnaire.kind == kind,) if kind else ()))
        .order_by(Questionnaire.code, Questionnaire.published_at)
    )
    found = {row.code: row for row in await session.scalars(query)}
    return list(found.values())


async def current_version(session: AsyncSession, code: str) -> Questionnaire:
    """The version of the form `code` that is filled in today: of the published ones, that which took effect last.

    Raises NotFound where there is none.
    """
    wanted = current_id(code, (await read_clock(session)).today)
    found = await session.scalar(select(Questionnaire).where(Questionnaire.id == wanted))
    if found is None:
        raise NotFound
    return found


def current_id(code: str | InstrumentedAttribute[str], today: date | BindParameter[date]) -> ScalarSelect[uuid.UUID]:
    """The id of that version, to be asked for within a query; null where there is none. A form that nobody can begin
    any more is still finished as it was begun."""
    version = aliased(Questionnaire)
    return (
        select(version.id)
        .where(version.code == code, version.state == "published", version.effective_from <= today)
        .order_by(version.effective_from.desc(), version.published_at.desc())
        .limit(1)
        .scalar_subquery()
    )


async def read_version(session: AsyncSession, questionnaire_id: uuid.UUID, digest: str | None = None) -> ReadForm:
    """A version, read. Its content is fetched and read the first time a process needs it; `digest` where it is known
    already. Raises NotFound."""
    if digest is None:
        digest = await session.scalar(select(Questionnaire.digest).where(Questionnaire.id == questionnaire_id))
    if digest is None:
        raise NotFound
    place = _place(digest)
    if not place:
        query = select(Questionnaire.content).where(Questionnaire.id == questionnaire_id)
        form = read_form((await session.scalars(query)).one()).form
        place.append(ReadForm(questionnaire_id, form, lay_out(form)))
    return place[0] if place[0].id == questionnaire_id else replace(place[0], id=questionnaire_id)


@lru_cache(maxsize=CACHED)
def _place(digest: str) -> list[ReadForm]:  # noqa: ARG001 - the key
    """Where a process keeps one read form; the least used one makes room."""
    return []
