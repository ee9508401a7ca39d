"""The worker: tasks by name. A task parses its ids, opens a session and calls one service."""

from app.jobs.app import jobs
from app.jobs.catalogue import rebuild_search_index, refresh_assessments
from app.jobs.housekeeping import retry_stalled, sweep
from app.jobs.notices import send_notice

__all__ = ["jobs", "rebuild_search_index", "refresh_assessments", "retry_stalled", "send_notice", "sweep"]
