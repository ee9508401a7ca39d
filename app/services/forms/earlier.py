"""Answers that were sent before, offered again: never more than whoever fills the form may read, and never silently.

What a minor has sent alone is not their guardian's to read (the row-level policy of `form_response`), so it is not
offered to the guardian either.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import HELSINKI
from app.domain.forms.answers import Address, Answers, from_data
from app.domain.forms.layout import answerable
from app.domain.forms.model import Form
from app.domain.forms.responding.carry import carry_over
from app.domain.forms.shared import answer_for, is_lasting, told_by_code
from app.domain.forms.values import Value
from app.models import FormResponse, Questionnaire
from app.services.acting.note_reading import note_reading
from app.services.clock import read_clock
from app.services.errors import NotFound
from app.services.forms.drafts import CONCERN, Earlier, Filling, save
from app.services.forms.library import read_version
from app.services.forms.origins import Kind, Origin, note_origins
from app.services.forms.sent import open_sent
from app.services.forms.versions import beside_of
from app.services.viewer import Viewer

FRESH = timedelta(days=365)  # an answer to another form is not offered after that
MOST_LOOKED_AT = 20  # responses: nobody's health a year ago is told by their twenty-first form


@dataclass(frozen=True)
class Offer:
    """An answer that may be used here, and where it was given."""

    values: tuple[Value, ...]
    origin: Origin


async def latest_sent(session: AsyncSession, viewer: Viewer | None, form: Questionnaire) -> FormResponse | None:
    """The newest response to this form that was sent for the same subject and that the viewer may read."""
    if viewer is None or viewer.person_id is None or form.kind == CONCERN:
        return None
    query = select(FormResponse).where(_readable(viewer), FormResponse.code == form.code)
    return await session.scalar(query.order_by(FormResponse.sent_at.desc()).limit(1))


async def begin_with(session: AsyncSession, viewer: Viewer, form: Questionnaire, sent_id: uuid.UUID) -> Earlier:
    """The answers of what was sent, as far as they fit the form of today. Files stay where they were sent; what is
    scored or may raise an alarm is asked anew. Reading it is audited. Raises NotFound."""
    sent = await open_sent(session, viewer, sent_id)
    if sent.response.code != form.code or sent.response.subject_id is None or form.kind == CONCERN:
        raise NotFound
    now = await read_version(session, form.id)
    carried = carry_over(sent.read.form, _lasting(sent.read.form, from_data(sent.response.answers)), now.form)
    return Earlier(carried.answers, _origin(sent.response, "form"), beside_of(sent.read, now, carried))


def _lasting(form: Form, answers: Answers) -> Answers:
    kept = {
        address: values
        for address, values in answers.values.items()
        if answerable(item := form.by_link[address.link_id]) and is_lasting(item) and item.type != "attachment"
    }
    return replace(answers, values=kept)


async def offers_for(
    session: AsyncSession, viewer: Viewer | None, filling: Filling, addresses: Iterable[Address]
) -> Mapping[Address, Offer]:
    """Answers of the last year to the same questions (by their codes) of other forms of the register, for those of
    `addresses` that have none."""
    form, answers = filling.read.form, filling.state.answers
    open_ = [one for one in addresses if not one.place and form.by_link[one.link_id].codes and not answers.of(one)]
    if not open_ or viewer is None or viewer.person_id is None or filling.response.subject_id is None:
        return {}
    found: dict[Address, Offer] = {}
    for sent in await _sent_lately(session, viewer, filling.response):
        read = await read_version(session, sent.questionnaire_id)
        told = told_by_code(read.form, from_data(sent.answers))
        fits = {one: answer_for(form.by_link[one.link_id], told) for one in open_ if one not in found}
        new = {address: Offer(values, _origin(sent, "other_form")) for address, values in fits.items() if values}
        if new:
            await note_reading(session, viewer, ("form_response", sent.id), sent.register)
        found |= new
    return found


async def use_offer(session: AsyncSession, viewer: Viewer | None, filling: Filling, address: Address) -> Filling:
    """Fill in what is offered there, with where it is from; where nothing is offered (any more) the draft stays."""
    offer = (await offers_for(session, viewer, filling, [address])).get(address)
    if offer is None:
        return filling
    filled = await save(session, filling, filling.state.answers.with_values({address: offer.values}))
    note_origins(filled.response, filled.read.form, filled.state.answers, {address: offer.origin})
    return filled


async def _sent_lately(session: AsyncSession, viewer: Viewer, draft: FormResponse) -> Iterable[FormResponse]:
    """To other forms of the same register: nothing of health care comes into social welfare, nor the other way."""
    since = (await read_clock(session)).now - FRESH
    other = and_(FormResponse.code != draft.code, FormResponse.register == draft.register)
    query = select(FormResponse).where(_readable(viewer), other, FormResponse.sent_at >= since)
    return (await session.scalars(query.order_by(FormResponse.sent_at.desc()).limit(MOST_LOOKED_AT))).all()


def _readable(viewer: Viewer) -> ColumnElement[bool]:
    """Of the subject, and sent: the row-level policy leaves those that the viewer may read."""
    return and_(FormResponse.subject_id == viewer.subject_id, FormResponse.state == "sent")


def _origin(sent: FormResponse, kind: Kind) -> Origin:
    assert sent.sent_at is not None  # noqa: S101 - it was sent
    return Origin(kind, sent.sent_at.astimezone(HELSINKI).date(), sent.titles)
