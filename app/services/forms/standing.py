"""Where drafts stand, kept by a process from one request to the next.

What a draft's answers and memo say has a name (`FormResponse.standing`), a new one at each writing. So what is kept
here under a name is never out of date, whichever process wrote last and whatever was rolled back; what is not kept is
read and worked out, with the same result.
"""

import uuid
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import HELSINKI
from app.domain.forms.answers import Answers, from_data
from app.domain.forms.computing.compute import Computed
from app.domain.forms.computing.memo import Memo, memo_from_data
from app.domain.forms.computing.plan import plan_of
from app.domain.forms.model import Form
from app.domain.forms.state import Known, State
from app.models import FormResponse

MOST_ASKED = 100_000  # items asked of all kept drafts together: a hundred long ones, thousands of short ones


@dataclass(frozen=True)
class Standing:
    """The answers of a draft and what its expressions gave; `state` where the form stands with them, None where that
    has not been worked out. `name`: see above."""

    name: uuid.UUID
    answers: Answers
    memo: Memo
    state: State | None = None


@dataclass(frozen=True)
class Kept:
    """What was worked out, and what it depends on beside the answers: what is known of the person, and the day where
    an expression speaks of time."""

    computed: Computed
    resources: Mapping[str, Mapping[str, Any]]
    day: date | None

    def fits(self, form: Form, known: Known) -> bool:
        same_form = self.computed.state.form is form
        return same_form and self.resources == known.resources and self.day == _day(form, known)


class Shelf:
    """The drafts that were looked at last, as many as ask no more than `most` items together."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[uuid.UUID, Kept] = OrderedDict()
        self._asked = 0

    def put(self, name: uuid.UUID, kept: Kept) -> None:
        self.drop(name)
        self._kept[name] = kept
        self._asked += len(kept.computed.state.asked)
        while self._asked > self._most:
            self.drop(next(iter(self._kept)))

    def drop(self, name: uuid.UUID) -> None:
        if dropped := self._kept.pop(name, None):
            self._asked -= len(dropped.computed.state.asked)

    def find(self, name: uuid.UUID) -> Kept | None:
        if name in self._kept:
            self._kept.move_to_end(name)
        return self._kept.get(name)


_SHELF = Shelf(MOST_ASKED)


async def read_standing(session: AsyncSession, response: FormResponse, form: Form, known: Known) -> Standing:
    """The answers of a draft, and where the form stands with them where this process knows."""
    kept = _SHELF.find(response.standing)
    if kept and kept.fits(form, known):
        state = kept.computed.state
        return Standing(response.standing, state.answers, kept.computed.memo, state)
    # All three of one look: another tab may have written since the draft was read.
    columns = select(FormResponse.standing, FormResponse.answers, FormResponse.memo)
    name, answers, memo = (await session.execute(columns.where(FormResponse.id == response.id))).one()
    return Standing(name, from_data(answers), memo_from_data(memo))


def remember(name: uuid.UUID, known: Known, computed: Computed) -> Standing:
    """Keep what was worked out for the answers of that name."""
    form = computed.state.form
    _SHELF.put(name, Kept(computed, known.resources, _day(form, known)))
    return Standing(name, computed.state.answers, computed.memo, computed.state)


def forget(name: uuid.UUID) -> None:
    """A draft that was sent or thrown away is not looked at again."""
    _SHELF.drop(name)


def _day(form: Form, known: Known) -> date | None:
    return known.now.astimezone(HELSINKI).date() if plan_of(form).reads_clock else None
