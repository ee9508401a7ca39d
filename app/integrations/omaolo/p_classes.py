"""The professional classes P0–P8, and the urgency that each means here.

That there are nine, that P0 is the most urgent, that P6 and P7 are the organisation's own and that an assessment
gives P0–P5 or P8, is said in Omaolo's guide for professionals (digifinland.fi/omaolohelp). The time limits behind the
classes are not published, so the urgencies are our own reading, and the county's chief physician owns them; a service
that says our urgency beside the class is believed.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from app.domain.urgency import Urgency

PClass = Literal["P0", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8"]
GIVEN: tuple[PClass, ...] = ("P0", "P1", "P2", "P3", "P4", "P5", "P8")

URGENCIES: Mapping[str, Urgency] = MappingProxyType(
    {
        "P0": Urgency.EMERGENCY,
        "P1": Urgency.IMMEDIATE,
        "P2": Urgency.SAME_DAY,
        "P3": Urgency.SAME_DAY,
        "P4": Urgency.WITHIN_DAYS,
        "P5": Urgency.ROUTINE,
        "P8": Urgency.SELF_CARE,
    }
)
