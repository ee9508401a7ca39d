"""Pieces that the record's resources share, as they are read."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from app.domain.clock import start_of_day
from app.domain.text import as_language
from app.integrations.kanta.phr.constants import LOINC, URI_SYSTEM

Moment = AwareDatetime | date  # a FHIR dateTime may be a day only


class Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


class Identifier(Body):
    system: str | None = None
    value: str | None = None


class Meta(Body):
    version_id: str


class ResourceBody(Body):
    id: Annotated[str, Field(min_length=1)]
    meta: Meta
    language: str = ""
    status: str

    @property
    def withdrawn(self) -> bool:
        return self.status == "entered-in-error"

    def common(self, identifiers: Iterable[Identifier]) -> dict[str, Any]:
        urn = next((found.value for found in identifiers if found.system == URI_SYSTEM), None)
        return {"identifier": UUID(urn or ""), "language": as_language(self.language.partition("-")[0])}


class Coding(Body):
    system: str | None = None
    code: str | None = None
    display: str | None = None


class Concept(Body):
    coding: tuple[Coding, ...] = ()

    def loinc(self) -> str | None:
        return next((found.code for found in self.coding if found.system == LOINC), None)


def instant(value: datetime | date) -> datetime:
    return value if isinstance(value, datetime) else start_of_day(value)
