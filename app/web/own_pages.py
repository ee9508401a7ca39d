"""Who may open the pages of own data: the person, and a guardian of a small child who may read.

The log is the person's alone: it would tell a guardian of a case that is closed to them in the child's interest."""

from typing import Annotated

from fastapi import Depends

from app.services.viewer import Viewer
from app.web.access import Resident, own_resident


async def signed_in_resident_or_guardian(resident: Resident) -> Viewer:
    """The resident in their own matters, or acting as a guardian in registers that they may also read.

    Raises SignInNeeded, StepUpNeeded, RightInDoubt, and OwnMattersOnly where they act by another right.
    """
    if resident.acting is not None and resident.acting.basis == "guardian" and resident.can_read:
        return resident
    return await own_resident(resident)


OwnOrChild = Annotated[Viewer, Depends(signed_in_resident_or_guardian)]
