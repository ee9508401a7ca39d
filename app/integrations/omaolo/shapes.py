"""The answers of the assessment service as pydantic models: FHIR R4, and of it only what we read."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from app.domain.fhir import FOCUS


class Extension(BaseModel):
    """A FHIR extension; only the value types that the service sends."""

    url: str
    string: str | None = Field(None, alias="valueString", min_length=1)
    code: str | None = Field(None, alias="valueCode", min_length=1)
    whole: int | None = Field(None, alias="valueInteger")
    positive: int | None = Field(None, alias="valuePositiveInt", ge=1)
    boolean: bool | None = Field(None, alias="valueBoolean")
    extension: list["Extension"] = []


class Extended(BaseModel):
    """Anything that carries extensions."""

    extension: list[Extension] = []

    def all(self, url: str) -> list[Extension]:
        """The extensions with this url."""
        return [entry for entry in self.extension if entry.url == url]

    def one(self, url: str) -> Extension:
        """The extension with this url. Raises ValueError where there is none."""
        found = self.all(url)
        if not found:
            raise ValueError(f"there is no {url}")
        return found[0]


class Coding(BaseModel):
    system: str = ""
    version: str = ""
    code: str = Field(min_length=1)


class Concept(BaseModel):
    coding: list[Coding] = []


class UsageContext(BaseModel):
    """What a form is for; other kinds than `focus` may have other values, which don't concern us."""

    kind: Coding = Field(alias="code")
    value: Concept = Field(Concept(), alias="valueCodeableConcept")


class Header(Extended):
    """A Questionnaire without items."""

    id: str = Field(min_length=1)
    title: str = Field(min_length=1)
    description: str = ""
    contexts: list[UsageContext] = Field([], alias="useContext")

    @property
    def topics(self) -> tuple[str, ...]:
        """Codes of what it is about, each once."""
        about = (context.value.coding for context in self.contexts if context.kind.code == FOCUS)
        return tuple(dict.fromkeys(coding.code for codings in about for coding in codings))


class Entry(BaseModel):
    resource: Header


class Bundle(BaseModel):
    """The list of assessments."""

    kind: Literal["Bundle"] = Field(alias="resourceType")
    entry: list[Entry] = []


class Prediction(BaseModel):
    risk: Concept = Field(alias="qualitativeRisk")


class RiskAssessment(Extended):
    """The result."""

    kind: Literal["RiskAssessment"] = Field(alias="resourceType")
    method: Concept
    prediction: list[Prediction]


class Response(Extended):
    """The QuestionnaireResponse around a page or a result."""

    kind: Literal["QuestionnaireResponse"] = Field(alias="resourceType")
    status: Literal["in-progress", "completed"]
    contained: list[dict[str, Any]] = Field(min_length=1)


class Issue(Extended):
    details: Concept


class OperationOutcome(BaseModel):
    """A refusal that names the answers it is about."""

    issue: list[Issue]
