"""When the reader's session ends, as a page tells it."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.clock import Clock
from app.services.identity.sessions import IDLE, SEEN_STEP
from app.services.viewer import Viewer


@dataclass(frozen=True)
class SessionEnd:
    """`at`: when the session ends if nothing is done, in `seconds` from now; `last_seconds`: in how many it ends
    whatever is done. The browser counts by these: its own clock may be wrong.

    `again_seconds`: how long it lasts at least after each sign of life, as the server writes one down.
    """

    at: datetime
    seconds: int
    last_seconds: int
    again_seconds: int

    @property
    def is_last(self) -> bool:
        """Whether going on doesn't help any more: the longest time is nearly up."""
        return self.seconds >= self.last_seconds


def session_end_of(viewer: Viewer | None, clock: Clock) -> SessionEnd | None:
    """When the viewer's session ends; None where nobody is signed in."""
    if viewer is None or viewer.idle_until is None or viewer.ends_at is None:
        return None
    return SessionEnd(
        at=viewer.idle_until,
        seconds=_seconds(viewer.idle_until, clock),
        last_seconds=_seconds(viewer.ends_at, clock),
        again_seconds=int((IDLE - SEEN_STEP).total_seconds()),
    )


def _seconds(moment: datetime, clock: Clock) -> int:
    return max(0, int((moment - clock.now).total_seconds()))
