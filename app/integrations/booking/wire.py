"""FHIR bodies of booking: what is sent, and the little that is read of what comes."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Discriminator, Field, Tag

from app.integrations.booking.port import FreeSlot, Participant

_IN_BUNDLES = frozenset({"Slot", "Schedule", "Location", "Practitioner"})
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9\-.]{1,64}$")]  # FHIR's own rule; ids become parts of addresses
Status = Literal[
    "proposed", "pending", "booked", "arrived", "fulfilled", "cancelled", "noshow", "entered-in-error", "checked-in",
    "waitlist",
]  # fmt: skip


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True)


class Coding(_Body):
    system: str = ""
    code: str = ""


class Concept(_Body):
    coding: tuple[Coding, ...] = ()


class Identifier(_Body):
    system: str = ""
    value: str = ""


class Reference(_Body):
    reference: str = ""
    identifier: Identifier = Identifier()

    @property
    def id(self) -> str:
        return self.reference.rpartition("/")[2]


class Meta(_Body):
    version: Annotated[str, Field(alias="versionId")]


class SlotBody(_Body):
    id: Id
    schedule: Reference
    start: AwareDatetime
    end: AwareDatetime
    status: str
    service_type: Annotated[tuple[Concept, ...], Field(alias="serviceType")] = ()


class ScheduleBody(_Body):
    id: Id
    actor: tuple[Reference, ...] = ()


class LocationBody(_Body):
    id: Id
    name: str = ""

    @property
    def shown(self) -> str:
        return self.name


class HumanName(_Body):
    text: str = ""
    given: tuple[str, ...] = ()
    family: str = ""


class PractitionerBody(_Body):
    id: Id
    name: tuple[HumanName, ...] = ()

    @property
    def shown(self) -> str:
        first = self.name[0] if self.name else HumanName()
        return first.text or " ".join([*first.given, first.family]).strip()


class OtherBody(_Body):
    """Something that came along and is not used."""


class Participation(_Body):
    actor: Reference = Reference()


class AppointmentBody(_Body):
    kind: Annotated[Literal["Appointment"], Field(alias="resourceType")]
    id: Id
    meta: Meta
    status: Status
    identifier: tuple[Identifier, ...] = ()
    slot: tuple[Reference, ...] = ()
    start: AwareDatetime
    end: AwareDatetime
    participant: tuple[Participation, ...] = ()
    instructions: Annotated[str, Field(alias="patientInstruction")] = ""

    @property
    def slot_ids(self) -> tuple[str, ...]:
        return tuple(slot.id for slot in self.slot)

    def identified_in(self, system: str) -> UUID | None:
        """The window's identifier, None where it carries none."""
        values = (one.value.removeprefix("urn:uuid:") for one in self.identifier if one.system == system)
        return next((UUID(value) for value in values if _is_uuid(value)), None)

    def is_of(self, identity_code: str) -> bool:
        """False where it is told that this is somebody else's."""
        named = {one.actor.identifier.value for one in self.participant} - {""}
        return not named or identity_code in named


class Link(_Body):
    relation: str
    url: str


def _kind(resource: Any) -> str:
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    return kind if kind in _IN_BUNDLES else "Other"


class SlotEntry(_Body):
    resource: Annotated[
        Annotated[SlotBody, Tag("Slot")]
        | Annotated[ScheduleBody, Tag("Schedule")]
        | Annotated[LocationBody, Tag("Location")]
        | Annotated[PractitionerBody, Tag("Practitioner")]
        | Annotated[OtherBody, Tag("Other")],
        Discriminator(_kind),
    ]


class SlotBundle(_Body):
    kind: Annotated[Literal["Bundle"], Field(alias="resourceType")]
    link: tuple[Link, ...] = ()
    entry: tuple[SlotEntry, ...] = ()


class AppointmentEntry(_Body):
    resource: AppointmentBody


class AppointmentBundle(_Body):
    kind: Annotated[Literal["Bundle"], Field(alias="resourceType")]
    entry: tuple[AppointmentEntry, ...] = ()


class Issue(_Body):
    code: str = ""
    details: Concept = Concept()


class Outcome(_Body):
    issue: Annotated[tuple[Issue, ...], Field(min_length=1)]


def free_slots_of(bundle: SlotBundle, service: str) -> list[FreeSlot]:
    """The free slots of a page, with the names of who and where that came along."""
    resources = [entry.resource for entry in bundle.entry]
    schedules = {one.id: one for one in resources if isinstance(one, ScheduleBody)}
    names = {f"Location/{one.id}": one.shown for one in resources if isinstance(one, LocationBody)}
    names |= {f"Practitioner/{one.id}": one.shown for one in resources if isinstance(one, PractitionerBody)}
    found = []
    for slot in resources:
        if isinstance(slot, SlotBody) and slot.status == "free":
            schedule = schedules.get(slot.schedule.id)
            actors = {one.reference.partition("/")[0]: one.reference for one in schedule.actor} if schedule else {}
            where, who = (_participant(actors.get(kind), names) for kind in ("Location", "Practitioner"))
            found.append(FreeSlot(slot.id, slot.start, slot.end, service, where, who))
    return found


def expires(header: str | None) -> datetime | None:
    """The moment of an `Expires` header, None where there is none or it says nothing."""
    try:
        return parsedate_to_datetime(header).astimezone(UTC) if header else None
    except ValueError:
        return None


def _participant(reference: str | None, names: dict[str, str]) -> Participant | None:
    return Participant(reference, names.get(reference, "")) if reference else None


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
