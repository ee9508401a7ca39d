"""The answers of the assessment service, checked at the border, as the port's values. Raises ValueError."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, Field

from app.domain import questionnaire
from app.domain.fhir import OWN
from app.domain.phrase import UnreadableContent
from app.domain.questionnaire import read_questionnaire
from app.domain.text import Language
from app.domain.urgency import Urgency
from app.integrations.omaolo.port import AssessmentSummary, Fault, Option, Question, QuestionPage, Reason, Result

T = TypeVar("T")


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
        return _first(self.all(url), url)


class Header(Extended):
    """A Questionnaire without items."""

    id: str = Field(min_length=1)
    title: str = Field(min_length=1)
    description: str = ""


class Entry(BaseModel):
    resource: Header


class Bundle(BaseModel):
    """The list of assessments."""

    kind: Literal["Bundle"] = Field(alias="resourceType")
    entry: list[Entry] = []


class Coding(BaseModel):
    system: str = ""
    version: str = ""
    code: str = Field(min_length=1)


class Concept(BaseModel):
    coding: list[Coding]


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
    contained: list[dict[str, Any]]


class Issue(Extended):
    details: Concept


class OperationOutcome(BaseModel):
    """A refusal that names the answers it is about."""

    issue: list[Issue]


def read_summaries(data: Any) -> tuple[AssessmentSummary, ...]:
    """A searchset Bundle as summaries."""
    headers = (entry.resource for entry in Bundle.model_validate(data).entry)
    return tuple(
        AssessmentSummary(header.id, header.title, header.description, header.one(OWN + "minutes").whole or 0)
        for header in headers
    )


def read_step(data: Any, assessment_id: str, language: Language) -> QuestionPage | Result:
    """A QuestionnaireResponse as the page it asks or the result it carries."""
    response = Response.model_validate(data)
    contained = _first(response.contained, "contained")
    if response.status == "completed":
        for_another = response.one(OWN + "for-another").boolean is True
        return _result(RiskAssessment.model_validate(contained), assessment_id, for_another=for_another)
    return _page(response, contained, language)


def read_faults(data: Any) -> dict[str, Fault]:
    """An OperationOutcome as faults by linkId."""
    faults: dict[str, Fault] = {}
    for issue in OperationOutcome.model_validate(data).issue:
        link_id = issue.one(OWN + "link-id").string or ""
        faults[link_id] = _fault(_first(issue.details.coding, "coding").code)
    return faults


def _fault(code: str) -> Fault:
    match code:
        case "missing" | "not_offered" | "not_a_number" | "out_of_range":
            return code
    raise ValueError(f"unknown fault {code!r}")


def _page(response: Response, contained: dict[str, Any], language: Language) -> QuestionPage:
    try:
        pages = read_questionnaire(contained).pages
    except UnreadableContent as error:
        raise ValueError(str(error)) from error
    page = _first(pages, "page")
    number = response.one(OWN + "page-number").positive or 1
    if not page.questions:
        raise ValueError("a page without questions")
    return QuestionPage(
        id=page.link_id,
        title=page.title.own.to(language),
        lead=page.lead.own.to(language),
        questions=tuple(_question(question, language) for question in page.questions),
        number=number,
        at_most=max(number, response.one(OWN + "page-at-most").positive or 1),
        for_another=response.one(OWN + "for-another").boolean is True,
    )


def _question(question: questionnaire.Question, language: Language) -> Question:
    text = question.text.own.to(language)
    if question.kind == "boolean" or not text:
        raise ValueError(f"{question.link_id} cannot be shown")
    return Question(
        link_id=question.link_id,
        text=text,
        help=question.help.own.to(language),
        kind=question.kind,
        options=tuple(
            Option(option.code, option.text.own.to(language), option.exclusive) for option in question.options
        ),
        unit=question.unit,
        minimum=question.minimum,
        maximum=question.maximum,
        required=question.required,
    )


def _result(risk: RiskAssessment, assessment_id: str, *, for_another: bool) -> Result:
    codes = {coding.system.rpartition("/")[2]: coding.code for coding in _prediction(risk).risk.coding}
    advice = Extended(extension=risk.one(OWN + "advice").extension)
    guides = advice.all("self-care-guide")
    if not {"urgency", "p-class"} <= set(codes):
        raise ValueError("the result has no urgency or no class")
    return Result(
        assessment_id=assessment_id,
        version=_first(risk.method.coding, "method").version,
        urgency=Urgency(codes["urgency"]),
        p_class=codes["p-class"],
        headline=_string(advice.one("headline")),
        by_when=_string(advice.one("by-when")),
        reasons=tuple(_reason(entry) for entry in risk.all(OWN + "reason")),
        do_now=_strings(advice.all("do-now")),
        seek_sooner=_strings(advice.all("seek-sooner")),
        about=_strings(advice.all("about")),
        sources=_strings(advice.all("source")),
        bookable_services=_codes(advice.all("bookable-service")),
        self_care_guide=_codes(guides)[0] if guides else None,
        rules=_codes(risk.all(OWN + "fired-rule")),
        for_another=for_another,
    )


def _prediction(risk: RiskAssessment) -> Prediction:
    return _first(risk.prediction, "prediction")


def _reason(entry: Extension) -> Reason:
    parts = Extended(extension=entry.extension)
    return Reason(_string(parts.one("text")), _string(parts.one("source")))


def _string(entry: Extension) -> str:
    if entry.string is None:
        raise ValueError(f"{entry.url} has no text")
    return entry.string


def _strings(entries: Iterable[Extension]) -> tuple[str, ...]:
    return tuple(_string(entry) for entry in entries)


def _codes(entries: Iterable[Extension]) -> tuple[str, ...]:
    return tuple(entry.code for entry in entries if entry.code)


def _first(entries: Sequence[T], name: str) -> T:
    if not entries:
        raise ValueError(f"there is no {name}")
    return entries[0]
