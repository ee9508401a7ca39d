"""The worker: tasks by name. A task parses its ids, opens a session and calls one service."""

from app.jobs.app import jobs
from app.jobs.applications import tell_application_decided, tell_more_asked
from app.jobs.audit import seal_audit
from app.jobs.catalogue import rebuild_search_index, refresh_assessments
from app.jobs.corrections import tell_correction_decided
from app.jobs.deliveries import deliver, wake_deliveries
from app.jobs.forms import tell_form_asked
from app.jobs.housekeeping import retry_stalled, sweep
from app.jobs.people import end_acting, merge_people, settle_death
from app.jobs.records import fetch_case_changes

__all__ = [
    "deliver",
    "end_acting",
    "fetch_case_changes",
    "jobs",
    "merge_people",
    "rebuild_search_index",
    "refresh_assessments",
    "retry_stalled",
    "seal_audit",
    "settle_death",
    "sweep",
    "tell_application_decided",
    "tell_correction_decided",
    "tell_form_asked",
    "tell_more_asked",
    "wake_deliveries",
]
