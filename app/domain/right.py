"""A right to act for somebody: in which registers, and where the others' writings may be read too."""

from dataclasses import dataclass
from typing import Literal

# The rescue services' register has nobody's own matters in it, so nobody acts for another there.
REGISTERS = frozenset({"patient", "social"})
Basis = Literal["guardian", "mandate", "local_mandate", "foster_carer"]


@dataclass(frozen=True)
class Right:
    """In `registers` the actor may act (book, write, see what they themselves did there); in `readable` they may
    also read what others have written. False where it gives nothing.

    Raises ValueError for an unknown register and for reading without acting, which no basis gives.
    """

    registers: frozenset[str] = frozenset()
    readable: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.readable <= self.registers <= REGISTERS:
            raise ValueError("a right reads where it acts, in the registers that there are")

    def __bool__(self) -> bool:
        return bool(self.registers)

    def within(self, register: str) -> "Right":
        """What of this right holds in `register`."""
        only = frozenset({register})
        return Right(self.registers & only, self.readable & only)


NO_RIGHT = Right()


def whole_right(registers: frozenset[str]) -> Right:
    """Acting and reading in `registers`."""
    return Right(registers, registers)
