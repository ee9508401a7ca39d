"""The record's answers as our values. What doesn't validate raises, and is never half read."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StrictBool, StrictInt
from pydantic.alias_generators import to_camel

from app.domain.clock import start_of_day
from app.domain.text import as_language
from app.integrations.kanta.phr.constants import LOINC, UCUM, URI_SYSTEM
from app.integrations.kanta.phr.measures import Part, measures_by_code
from app.integrations.kanta.phr.port import (
    AnsweredItem,
    AnswerValue,
    Choice,
    FilledQuestionnaire,
    Kept,
    Measurement,
    SelfCarePlan,
)

Moment = AwareDatetime | date  # a FHIR dateTime may be a day only


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


class TokenAnswer(BaseModel):
    """The answer of the token endpoint (RFC 6749, 5.1), with the patient of SMART App Launch."""

    access_token: Annotated[str, Field(min_length=1)]
    token_type: Annotated[str, Field(pattern="(?i)^bearer$")]
    expires_in: Annotated[int, Field(gt=0)]
    refresh_token: str = ""
    patient: Annotated[str, Field(pattern=r"^[A-Za-z0-9.\-]{1,64}$")]
    scope: str


class OAuthError(BaseModel):
    """The error answer of the token endpoint (RFC 6749, 5.2)."""

    error: Annotated[str, Field(pattern="^[a-z_]{1,60}$")]


class _Identifier(_Body):
    system: str | None = None
    value: str | None = None


class PatientBody(_Body):
    """The resident's own Patient, of which only the identifiers are read."""

    resource_type: Literal["Patient"]
    identifier: list[_Identifier] = []

    def value_of(self, system: str) -> str | None:
        return next((found.value for found in self.identifier if found.system == system), None)


class _Meta(_Body):
    version_id: str


class _Resource(_Body):
    id: Annotated[str, Field(min_length=1)]
    meta: _Meta
    language: str = ""
    status: str

    @property
    def withdrawn(self) -> bool:
        return self.status == "entered-in-error"

    def _common(self, identifiers: list[_Identifier]) -> dict[str, Any]:
        urn = next((found.value for found in identifiers if found.system == URI_SYSTEM), None)
        return {"identifier": UUID(urn or ""), "language": as_language(self.language.partition("-")[0])}


class _Coding(_Body):
    system: str | None = None
    code: str | None = None
    display: str | None = None


class _Concept(_Body):
    coding: list[_Coding] = []

    def loinc(self) -> str | None:
        return next((found.code for found in self.coding if found.system == LOINC), None)


class _Quantity(_Body):
    value: Decimal
    system: str | None = None
    code: str | None = None

    def amount(self, part: Part) -> Decimal:
        """The number in the unit of the part. Another unit would be another number, so it is an error."""
        if (self.system, self.code) != (UCUM, part.unit):
            raise ValueError("another unit than the measure's")
        return self.value


class _Component(_Body):
    code: _Concept
    value_quantity: _Quantity


class ObservationBody(_Resource):
    resource_type: Literal["Observation"]
    identifier: list[_Identifier]
    code: _Concept
    effective_date_time: Moment
    value_quantity: _Quantity | None = None
    component: list[_Component] = []

    def kept(self) -> Kept[Measurement]:
        measure = measures_by_code()[self.code.loinc() or ""]
        found = {component.code.loinc(): component.value_quantity for component in self.component}
        if self.value_quantity:
            found[measure.code] = self.value_quantity
        measurement = Measurement(
            **self._common(self.identifier),
            measure=measure.key,
            amounts=tuple(found[part.code].amount(part) for part in measure.parts),
            measured_at=_instant(self.effective_date_time),
        )
        return Kept(self.id, self.meta.version_id, measurement)


class _Answer(_Body):
    value_boolean: StrictBool | None = None
    value_integer: StrictInt | None = None
    value_decimal: Decimal | None = None
    value_date: date | None = None
    value_date_time: Moment | None = None
    value_string: str | None = None
    value_uri: str | None = None
    value_coding: _Coding | None = None
    item: list["_Item"] = []

    def value(self) -> AnswerValue:
        if self.value_coding:
            code = self.value_coding.code or ""
            return Choice(self.value_coding.system, code, self.value_coding.display or code)
        if self.value_date_time:
            return _instant(self.value_date_time)
        simple: tuple[AnswerValue | None, ...] = (
            self.value_boolean,
            self.value_integer,
            self.value_decimal,
            self.value_date,
            self.value_string,
            self.value_uri,
        )
        found = next((value for value in simple if value is not None), None)
        if found is None:
            raise ValueError("an answer of a type that is not known here")
        return found


class _Item(_Body):
    link_id: str
    text: str = ""
    answer: list[_Answer] = []
    item: list["_Item"] = []

    def answered(self) -> AnsweredItem:
        """Items under an answer come beside those under the item: for reading, that is the same."""
        inner = [*self.item, *(item for answer in self.answer for item in answer.item)]
        return AnsweredItem(
            link_id=self.link_id,
            text=self.text,
            answers=tuple(answer.value() for answer in self.answer),
            items=tuple(item.answered() for item in inner),
        )


class QuestionnaireResponseBody(_Resource):
    resource_type: Literal["QuestionnaireResponse"]
    identifier: _Identifier
    questionnaire: str
    shown: Annotated[Mapping[str, Any], Field(alias="_questionnaire")] = {}
    authored: Moment
    item: list[_Item] = []

    def kept(self) -> Kept[FilledQuestionnaire]:
        filled = FilledQuestionnaire(
            **self._common([self.identifier]),
            questionnaire=self.questionnaire,
            title=next(_strings(self.shown), ""),
            filled_at=_instant(self.authored),
            items=tuple(item.answered() for item in self.item),
        )
        return Kept(self.id, self.meta.version_id, filled)


class _Note(_Body):
    text: str


class CarePlanBody(_Resource):
    resource_type: Literal["CarePlan"]
    identifier: list[_Identifier]
    title: str = ""
    description: str = ""
    created: Moment
    note: list[_Note] = []

    def kept(self) -> Kept[SelfCarePlan]:
        plan = SelfCarePlan(
            **self._common(self.identifier),
            title=self.title,
            description=self.description,
            advice=tuple(note.text for note in self.note),
            made_at=_instant(self.created),
        )
        return Kept(self.id, self.meta.version_id, plan)


def _kept(body: Any) -> Any:
    """Reading goes all the way inside the validation, so that what can't be read is an invalid answer."""
    try:
        return None if body.withdrawn else body.kept()
    except KeyError as error:
        raise ValueError("a code that is not known here") from error


ResourceT = TypeVar("ResourceT")


class _Search(_Body):
    mode: str = "match"


class _Entry(_Body, Generic[ResourceT]):
    resource: ResourceT
    search: _Search = _Search()


class _Link(_Body):
    relation: str
    url: str


class Page(_Body, Generic[ResourceT]):
    """One page of a search."""

    resource_type: Literal["Bundle"]
    type: Literal["searchset"]
    link: list[_Link] = []
    entry: list[_Entry[ResourceT]] = []

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


def _instant(value: datetime | date) -> datetime:
    return value if isinstance(value, datetime) else start_of_day(value)


def _strings(shadow: Mapping[str, Any]) -> Iterator[str]:
    extensions = shadow.get("extension")
    for extension in extensions if isinstance(extensions, list) else []:
        value = extension.get("valueString") if isinstance(extension, dict) else None
        if isinstance(value, str):
            yield value
