"""What is deleted when: rows that serve nobody any more, after the days of content/retention.json.

Records of care are not among them. Which rows of a table a rule means is said here, and how long they stay there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, CursorResult, Delete, Update, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.content import load
from app.models import AssessmentRun, Base, BrowserSession, ContactPoint, Delivery, FormResponse, Questionnaire
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.identity.end_sessions import end_acting_run_out


@dataclass(frozen=True)
class Rule:
    """Rows of `table` go when `start`, a column of theirs, is over `days` ago. `source`: why then; `owner`: who
    answers for it."""

    id: str
    table: str
    start: str
    days: int
    source: str
    owner: str


@cache
def retention_rules() -> tuple[Rule, ...]:
    """The rules in the order in which they are carried out."""
    return tuple(Rule(**row) for row in load("retention.json")["rules"])


async def sweep_old(session: AsyncSession) -> dict[str, int]:
    """Delete what is past its limit, and end the acting whose session has run out; returns how many rows by each rule,
    and audits the run."""
    clock = await read_clock(session)
    counts = {"acting_run_out": await end_acting_run_out(session, clock)}
    for rule in retention_rules():
        result = await session.execute(_statement(rule, clock.now))
        counts[rule.id] = result.rowcount if isinstance(result, CursorResult) else 0
    await trail.record_run(session, clock, "sweep", counts)
    return counts


def _statement(rule: Rule, now: datetime) -> Delete | Update:
    """What carries out `rule`. Raises KeyError for a table or column that there is not."""
    table = Base.metadata.tables[rule.table]
    past = table.c[rule.start] < now - timedelta(days=rule.days)
    if rule.id in ERASED:
        return update(table).where(past).values(ERASED[rule.id])
    return delete(table).where(past, *ONLY.get(rule.id, ()))


_IN_RUNS = select(AssessmentRun.session_id).where(AssessmentRun.session_id.is_not(None))
_CONCERNS = select(Questionnaire.id).where(Questionnaire.kind == "concern")
# What else holds of the rows that a rule means.
ONLY: Mapping[str, tuple[ColumnElement[bool], ...]] = {
    "assessment_run": (AssessmentRun.subject_id.is_(None), AssessmentRun.case_id.is_(None)),
    "assessment_run_unfinished": (
        AssessmentRun.subject_id.is_not(None),
        AssessmentRun.case_id.is_(None),
        AssessmentRun.finished_at.is_(None),
    ),
    "form_draft_anonymous": (FormResponse.state == "draft", FormResponse.subject_id.is_(None)),
    "form_draft_concern": (FormResponse.state == "draft", FormResponse.questionnaire_id.in_(_CONCERNS)),
    "form_draft": (FormResponse.state == "draft", FormResponse.subject_id.is_not(None)),
    "delivery": (Delivery.state.in_(("done", "dropped")),),
    "browser_session": (BrowserSession.id.not_in(_IN_RUNS),),
}
# Rules that empty columns and leave the row.
ERASED: Mapping[str, Mapping[str, object]] = {
    "contact_point": {
        ContactPoint.code_hash.key: None,
        ContactPoint.code_sealed.key: None,
        ContactPoint.code_until.key: None,
        ContactPoint.code_tries.key: 0,
    },
}
