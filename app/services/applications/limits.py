"""The time limits of an application: which begin, which stop, and by when the case is due.

While more is asked of the applicant every limit runs on: no act pauses the ones that there are (sosiaalihuoltolaki
1301/2014, 36 and 45 §; vammaispalvelulaki 675/2023), and an applicant who is slow to answer loses nothing by it.
"""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock, local_instant, start_of_day
from app.domain.urgency import Urgency
from app.models import Case, TimeLimit
from app.services.cases.arrivals import ANSWER
from app.services.county_rules import time_limits

TARGET, CARRIED_OUT, CLOSING, REVIEW = (
    *("application-decision", "decision-carried-out"),
    *("application-closing", "review-request"),
)
# Outcomes after which something is to be carried out.
GIVEN = frozenset({"granted", "partly_granted"})


async def running_limits(session: AsyncSession, case_id: uuid.UUID) -> Sequence[TimeLimit]:
    """The limits that run in a case, the one due first first."""
    query = select(TimeLimit).where(TimeLimit.case_id == case_id, TimeLimit.stopped_at.is_(None))
    return (await session.scalars(query.order_by(TimeLimit.due_at, TimeLimit.rule))).all()


async def somebody_handles(session: AsyncSession, case: Case, pending_since: datetime, clock: Clock) -> None:
    """Somebody has taken it: the promise to look at it is kept; the county's own target for the decision runs."""
    await _stop(session, case, clock, (ANSWER[case.register],))
    await _begin(session, case, (TARGET,), pending_since)


async def it_is_decided(session: AsyncSession, case: Case, outcome: str, clock: Clock) -> None:
    """All that ran towards the decision stops. The case stays open until staff close it, and is not late before the
    limits that begin now: what was granted is to be carried out, and the case to be closed."""
    await _stop(session, case, clock)
    await _begin(session, case, (CARRIED_OUT, CLOSING) if outcome in GIVEN else (CLOSING,), clock.now)


async def it_is_withdrawn(session: AsyncSession, case: Case, clock: Clock) -> None:
    """All stops; staff have time to close the case."""
    await _stop(session, case, clock)
    await _begin(session, case, (CLOSING,), clock.now)


def review_limit(case_id: uuid.UUID, received: date, last: date) -> TimeLimit:
    """The applicant's own limit, until the registry closes on the `last` day: it makes nothing late at the staff's
    desk."""
    due = local_instant(last, time_limits().office.closes)
    return TimeLimit(case_id=case_id, rule=REVIEW, kind="statutory", started_at=start_of_day(received), due_at=due)


async def _stop(session: AsyncSession, case: Case, clock: Clock, rules: Sequence[str] = ()) -> None:
    running = update(TimeLimit).where(TimeLimit.case_id == case.id, TimeLimit.stopped_at.is_(None))
    narrowed = running.where(TimeLimit.rule.in_(rules)) if rules else running
    await session.execute(narrowed.values(stopped_at=clock.now).execution_options(synchronize_session=False))


async def _begin(session: AsyncSession, case: Case, rules: Sequence[str], started: datetime) -> None:
    begun = time_limits().begin(rules, started, None, Urgency.ROUTINE)
    session.add_all(
        TimeLimit(case_id=case.id, rule=one.rule, kind=one.kind, started_at=started, due_at=one.due_at) for one in begun
    )
    await session.flush()
    case.due_at = (await running_limits(session, case.id))[0].due_at
    await session.flush()
