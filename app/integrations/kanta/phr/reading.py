"""The record's answers as our values. What doesn't validate raises, and is never half read."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator

from app.integrations.kanta.phr.constants import UCUM
from app.integrations.kanta.phr.elements import Body, Concept, Identifier, Moment, ResourceBody, instant
from app.integrations.kanta.phr.filled_questionnaire import QuestionnaireResponseBody
from app.integrations.kanta.phr.measures import Part, measures_by_code
from app.integrations.kanta.phr.port import FilledQuestionnaire, Kept, Measurement, SelfCarePlan


class PatientBody(Body):
    """The resident's own Patient, of which only the identifiers are read."""

    resource_type: Literal["Patient"]
    identifier: tuple[Identifier, ...] = ()

    def value_of(self, system: str) -> str | None:
        return next((found.value for found in self.identifier if found.system == system), None)


class _Quantity(Body):
    value: Decimal
    system: str | None = None
    code: str | None = None

    def amount(self, part: Part) -> Decimal:
        """The number in the unit of the part. Another unit would be another number, so it is an error."""
        if (self.system, self.code) != (UCUM, part.unit):
            raise ValueError("another unit than the measure's")
        return self.value


class _Component(Body):
    code: Concept
    value_quantity: _Quantity


class ObservationBody(ResourceBody):
    resource_type: Literal["Observation"]
    identifier: tuple[Identifier, ...]
    code: Concept
    effective_date_time: Moment
    value_quantity: _Quantity | None = None
    component: tuple[_Component, ...] = ()

    def kept(self) -> Kept[Measurement]:
        measure = measures_by_code()[self.code.loinc() or ""]
        found = {component.code.loinc(): component.value_quantity for component in self.component}
        if self.value_quantity:
            found[measure.code] = self.value_quantity
        measurement = Measurement(
            **self.common(self.identifier),
            measure=measure.key,
            amounts=tuple(found[part.code].amount(part) for part in measure.parts),
            measured_at=instant(self.effective_date_time),
        )
        return Kept(self.id, self.meta.version_id, measurement)


class _Note(Body):
    text: str


class CarePlanBody(ResourceBody):
    resource_type: Literal["CarePlan"]
    identifier: tuple[Identifier, ...]
    title: str = ""
    description: str = ""
    created: Moment
    note: tuple[_Note, ...] = ()

    def kept(self) -> Kept[SelfCarePlan]:
        plan = SelfCarePlan(
            **self.common(self.identifier),
            title=self.title,
            description=self.description,
            advice=tuple(note.text for note in self.note),
            made_at=instant(self.created),
        )
        return Kept(self.id, self.meta.version_id, plan)


def _kept(body: Any) -> Any:
    """Reading goes all the way inside the validation, so that what can't be read is an invalid answer."""
    try:
        return None if body.withdrawn else body.kept()
    except KeyError as error:
        raise ValueError("a code that is not known here") from error


ResourceT = TypeVar("ResourceT")


class _Search(Body):
    mode: str = "match"


class _Entry(Body, Generic[ResourceT]):
    resource: ResourceT
    search: _Search = _Search()


class _Link(Body):
    relation: str
    url: str


class Page(Body, Generic[ResourceT]):
    """One page of a search."""

    resource_type: Literal["Bundle"]
    type: Literal["searchset"]
    link: tuple[_Link, ...] = ()
    entry: tuple[_Entry[ResourceT], ...] = ()

    def following(self) -> str | None:
        return next((link.url for link in self.link if link.relation == "next"), None)

    def found(self) -> Iterator[ResourceT]:
        """What matches; None for what has been withdrawn."""
        return (entry.resource for entry in self.entry)


MeasurementPage = Page[Annotated[ObservationBody, AfterValidator(_kept)]]
QuestionnairePage = Page[Annotated[QuestionnaireResponseBody, AfterValidator(_kept)]]
CarePlanPage = Page[Annotated[CarePlanBody, AfterValidator(_kept)]]
PAGES: Mapping[type, type[Page[Any]]] = {
    Measurement: MeasurementPage,
    FilledQuestionnaire: QuestionnairePage,
    SelfCarePlan: CarePlanPage,
}
