"""Who hears that something waits, where somebody acted for another.

A notice names no matter, but already its coming tells that there is one: a minor's own affairs must not reach the
guardians by it (potilaslaki 785/1992, 9 §; asiakaslaki 812/2000, 11 §), and an adult who gave a mandate hears what is
done in their name.
"""

from enum import StrEnum

from app.domain.right import Basis

# Younger children have no mailbox of their own to speak of: what their guardian does is told to the guardian.
OWN_MAILBOX_AGE = 12


class Told(StrEnum):
    """Who of the two."""

    SUBJECT = "subject"
    ACTOR = "actor"


def who_is_told(basis: Basis | None, subject_age: int | None) -> frozenset[Told]:
    """Who is told of what is done now by the right `basis` (None: in one's own matters) for somebody of `subject_age`.

    The actor is who does it now: somebody who acted earlier, for one by a right that has ended since, is told nothing.
    """
    if basis is None:
        return frozenset({Told.SUBJECT})
    if basis in ("guardian", "foster_carer") and subject_age is not None and subject_age < OWN_MAILBOX_AGE:
        return frozenset({Told.ACTOR})
    return frozenset({Told.SUBJECT, Told.ACTOR})


def may_still_be_told(*, is_subject: bool, guardian_access: str | None) -> bool:
    """False for a guardian's notice once a professional has found the minor capable and the minor forbids it."""
    return is_subject or guardian_access != "closed"
