"""What a use case may refuse. Routers turn each into a page that says what happened and what to do."""

import uuid


class DomainError(Exception):
    """A use case could not do what was asked; nothing was changed."""


class NotFound(DomainError):
    """There is no such thing, or it is somebody else's: nobody is told which."""


class NoRight(DomainError):
    """The right by which the resident acts for another does not cover this. Nobody is told what is missing."""


class ReasonNeeded(DomainError):
    """The case is of another unit; whoever asks may open it, for a special reason that is reported."""


class AlreadyDecided(DomainError):
    """Somebody has decided on it already: that decision stands."""


class TimeLost(DomainError):
    """The chosen time can't be had. Where to look for others: `service`, the assessment `run_id` that led there, and
    `keep`, the earlier hold whose typed details go along."""

    def __init__(self, service: str, run_id: uuid.UUID | None = None, keep: uuid.UUID | None = None) -> None:
        super().__init__(service)
        self.service = service
        self.run_id = run_id
        self.keep = keep


class SlotTaken(TimeLost):
    """Somebody else took the time first, or it is not offered any more."""


class SubjectBusy(TimeLost):
    """The person already has another appointment at that time."""


class BookingRefused(DomainError):
    """The service's booking rule says no; `reason` is the rule's word for why."""

    def __init__(self, service: str, reason: str) -> None:
        super().__init__(f"{service}: {reason}")
        self.service = service
        self.reason = reason


class TryingOnly(DomainError):
    """The assessment was a trial: nothing can be sent or booked on its ground. `assessment` may be done for real."""

    def __init__(self, assessment: str) -> None:
        super().__init__(assessment)
        self.assessment = assessment


class TooLate(DomainError):
    """The appointment has begun or its cancelling limit has passed: the way on is the phone."""


class AlreadySettled(DomainError):
    """The time has been booked or cancelled, perhaps in another tab: its details can't be changed any more."""


class HoldLost(DomainError):
    """The held time went to somebody else after it ran out; `appointment_id` still keeps what was typed."""

    def __init__(self, appointment_id: uuid.UUID) -> None:
        super().__init__(str(appointment_id))
        self.appointment_id = appointment_id
