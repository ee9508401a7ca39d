"""What somebody may do for another by what Suomi.fi says, by the county's rules and by the population register.

A refusal is one and the same None: nobody may guess from it whether age, non-disclosure or a missing mandate stood
in the way.
"""

from collections.abc import Collection

from app.domain.mandate_themes import MandateThemes, right_of_mandate
from app.domain.minors import ADULT_YEARS, AgeTable, right_of_guardian
from app.domain.right import Basis, Right

__all__ = ["Basis", "Right", "right_of_roles"]


def right_of_roles(
    *,
    guardian_of_minor: bool,
    themes: Collection[str],
    age: int | None,
    subject_non_disclosure: bool,
    actor_non_disclosure: bool,
    table: AgeTable,
    known_themes: MandateThemes,
) -> tuple[Basis, Right] | None:
    """The basis and the right that Suomi.fi's answer gives over a subject of `age` full years; None: no right.

    `guardian_of_minor` and `themes` are what Suomi.fi listed. For a minor only guardianship counts, and
    non-disclosure of the child or of the guardian blocks it. For an adult, or where the age is not known, only
    mandate themes count: so guardianship that was listed yesterday is worth nothing on the 18th birthday. A
    guardian of interests (edunvalvoja) does not yet get any right through Suomi.fi (THL), so there is no word for it.
    """
    basis: Basis
    if age is not None and age < ADULT_YEARS:
        allowed = guardian_of_minor and not (subject_non_disclosure or actor_non_disclosure)
        basis, right = "guardian", right_of_guardian(age, table) if allowed else Right()
    elif age is None and guardian_of_minor:  # a child whose age nobody knows: no table holds, no mandate is possible
        return None
    else:
        basis, right = "mandate", right_of_mandate(themes, known_themes)
    return (basis, right) if right else None
