"""What is measured while the window runs, for Prometheus. Labels are names of ours: never a path, id or person.

With several processes each writes into the folder `PROMETHEUS_MULTIPROC_DIR` (set by the command line before this
module is imported), and `/metrics` of any of them tells for all.
"""

import os
from collections.abc import Iterable

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess

FOLDER = "PROMETHEUS_MULTIPROC_DIR"

CALLS = Counter("asiointi_outside_calls", "Calls to outside systems by how they ended.", ["system", "outcome"])
CALL_SECONDS = Histogram(
    "asiointi_outside_call_seconds",
    "How long calls to outside systems took.",
    ["system"],
    buckets=(0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0),
)
BREAKER = Gauge(
    "asiointi_outside_breaker_open",
    "1 where the breaker of a system is open in some process.",
    ["system"],
    multiprocess_mode="livemax",
)
PAGES = Counter("asiointi_pages", "Answers by page and status class.", ["page", "status"])
PAGE_SECONDS = Histogram(
    "asiointi_page_seconds", "How long pages took.", ["page"], buckets=(0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
)
DELIVERIES = Counter("asiointi_deliveries", "Attempts to deliver by how they ended.", ["system", "state"])


def exposition(waiting: Iterable[tuple[str, str, int, float]]) -> bytes:
    """Everything in Prometheus' text format. `waiting`: per system and state of delivery, how many there are and the
    age of the oldest in seconds; asked from the database just now.
    """
    if os.environ.get(FOLDER):
        counted = CollectorRegistry()
        multiprocess.MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    else:
        counted = REGISTRY
    asked = CollectorRegistry()
    amount = Gauge("asiointi_deliveries_open", "Deliveries that are not settled.", ["system", "state"], registry=asked)
    age = Gauge("asiointi_deliveries_oldest_seconds", "Age of the oldest of them.", ["system", "state"], registry=asked)
    for system, state, count, seconds in waiting:
        amount.labels(system, state).set(count)
        age.labels(system, state).set(seconds)
    return generate_latest(counted) + generate_latest(asked)
