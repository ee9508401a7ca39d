"""Who looks at a page, for whom they act, and what the database therefore shows them."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from app.domain.representation import Basis
from app.domain.staff_roles import Permission, may, permissions_of, registers_of
from app.models.context import Context
from app.services.errors import NoRight

# Suomi.fi doesn't answer, or doesn't know the session any more.
Doubt = Literal["", "unreachable", "session_ended"]
OWN_REGISTERS = frozenset({"patient", "social"})


@dataclass(frozen=True)
class Acting:
    """The viewer acts for `subject_id` by the right `basis`.

    `registers`: where they may act; `readable`: where they may also read what others have written. `asked_at`: when
    the source of the right was last asked. `doubt`: why nobody can say whether it still holds; both sets are empty
    then, so that nothing of the other person is read or changed.
    """

    representation_id: uuid.UUID
    subject_id: uuid.UUID
    subject_name: str
    basis: Basis
    registers: frozenset[str]
    readable: frozenset[str]
    asked_at: datetime
    doubt: Doubt = ""


@dataclass(frozen=True)
class Viewer:
    """The one who looks at a page: an anonymous browser session, a resident, or a member of staff.

    `person_id` is the resident who is here and acts; `subject_id` is whose matters they look at. `ends_at`: when the
    session ends whatever is done; `idle_until`: when it ends if nothing is done. Both only where somebody is signed in.
    """

    session_id: uuid.UUID
    person_id: uuid.UUID | None = None
    staff_id: uuid.UUID | None = None
    name: str = ""
    roles: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    acting: Acting | None = None
    assurance: str = ""
    idle_until: datetime | None = None
    ends_at: datetime | None = None

    @property
    def signed_in(self) -> bool:
        return self.person_id is not None or self.staff_id is not None

    @property
    def subject_id(self) -> uuid.UUID | None:
        """Whose matters a resident looks at: the other person's while acting for them, else their own."""
        return self.acting.subject_id if self.acting else self.person_id

    @property
    def is_sure(self) -> bool:
        """Whether it is sure enough who this is: personal data needs more than a low level of assurance."""
        return self.assurance != "low"

    @property
    def _own_registers(self) -> frozenset[str]:
        return OWN_REGISTERS if self.is_sure else frozenset()

    @property
    def can_act(self) -> frozenset[str]:
        """The registers in which the viewer may book and write."""
        return self.acting.registers if self.acting else self._own_registers

    @property
    def can_read(self) -> frozenset[str]:
        """The registers in which the viewer may read what others have written."""
        return self.acting.readable if self.acting else self._own_registers

    @property
    def basis(self) -> str | None:
        """By which right the viewer acts for another; None in own matters."""
        return self.acting.basis if self.acting else None

    @property
    def mandate(self) -> dict[str, Any] | None:
        """The right to act for another, as the audit trail keeps it."""
        if self.acting is None:
            return None
        return {"basis": self.acting.basis, "representation": str(self.acting.representation_id)}

    def may(self, permission: Permission, register: str | None = None) -> bool:
        """Whether a member of staff may do this, as app/domain/staff_roles.py tells; residents never."""
        return may(self.roles, permission, register)

    def can_act_in(self, register: str) -> bool:
        """Whether the viewer may book and write in `register`: in own matters always."""
        return register in self.can_act

    def reads(self, register: str) -> bool:
        """Whether the viewer may read in `register` what others have written."""
        return register in self.can_read


def refuse_without_right(viewer: Viewer | None, register: str) -> None:
    """Raises NoRight where the viewer acts for another and may not do so in `register`."""
    if viewer is not None and not viewer.can_act_in(register):
        raise NoRight


def context_for(viewer: Viewer | None, token: bytes = b"") -> Context:
    """What the database shows to `viewer`, whose cookie hashes to `token`."""
    if viewer is None or not viewer.signed_in:
        return Context("browser", session=viewer.session_id if viewer else None, token=token)
    if viewer.staff_id is not None:
        return Context(
            "staff",
            actor=viewer.staff_id,
            session=viewer.session_id,
            token=token,
            registers=registers_of(viewer.roles),
            tasks=frozenset(viewer.tasks),
            units=frozenset(viewer.units),
            powers=permissions_of(viewer.roles),
        )
    return Context(
        "resident",
        actor=viewer.person_id,
        subject=viewer.subject_id,
        session=viewer.session_id,
        token=token,
        basis=viewer.acting.basis if viewer.acting and not viewer.acting.doubt else "",
        registers=viewer.can_act,
        readable=viewer.can_read,
    )
