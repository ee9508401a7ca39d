"""Kanta's answers as our values."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from app.domain.finnish_scheduling import AppointmentStatus
from app.integrations.kanta.appointments.constants import URI_SYSTEM
from app.integrations.kanta.appointments.port import KnownAppointment, Registered

FhirId = Annotated[str, Field(pattern=r"^[A-Za-z0-9.\-]{1,64}$")]


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


class _Meta(_Body):
    version_id: FhirId


class _Identifier(_Body):
    system: str | None = None
    value: str = ""


class _Concept(_Body):
    text: str = ""


class _Actor(_Body):
    type: str = ""
    display: str = ""


class _Participant(_Body):
    actor: _Actor = _Actor()


class AppointmentBody(_Body):
    """An Appointment, as far as it is read here."""

    resource_type: Literal["Appointment"]
    id: FhirId
    meta: _Meta
    identifier: list[_Identifier] = []
    status: AppointmentStatus
    service_type: list[_Concept] = []
    start: AwareDatetime | None = None  # not yet there in what is only wished for (FHIR R4, app-3)
    end: AwareDatetime | None = None
    participant: list[_Participant] = []
    patient_instruction: str = ""

    def registered(self, identifier: UUID) -> Registered:
        return Registered(self.id, self.meta.version_id, identifier, self.status)

    def known(self) -> KnownAppointment | None:
        """The appointment, or None where it has no time yet."""
        if self.start is None or self.end is None:
            return None
        places = (found.actor.display for found in self.participant if found.actor.type == "Location")
        return KnownAppointment(
            id=self.id,
            version=self.meta.version_id,
            identifier=next((UUID(found.value) for found in self.identifier if _is_ours(found)), None),
            status=self.status,
            starts_at=self.start,
            ends_at=self.end,
            service_name=next((found.text for found in self.service_type if found.text), ""),
            unit_name=next(places, ""),
            instructions=self.patient_instruction,
        )


class _Entry(_Body):
    resource: AppointmentBody


class AppointmentPage(_Body):
    """A search's answer."""

    resource_type: Literal["Bundle"]
    type: Literal["searchset"]
    total: Annotated[int, Field(ge=0)]
    entry: list[_Entry] = []


def _is_ours(identifier: _Identifier) -> bool:
    if identifier.system != URI_SYSTEM:
        return False
    try:
        return UUID(identifier.value).urn == identifier.value
    except ValueError:
        return False
