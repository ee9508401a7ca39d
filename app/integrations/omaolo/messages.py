"""The answers of the assessment service, checked at the border, as the port's values. Raises ValueError."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar, get_args

from app.domain import questionnaire
from app.domain.fhir import OWN
from app.domain.phrase import UnreadableContent
from app.domain.questionnaire import read_questionnaire
from app.domain.text import Language
from app.domain.urgency import Urgency
from app.integrations.omaolo.p_classes import URGENCIES
from app.integrations.omaolo.port import (
    AssessmentSummary,
    Fault,
    Option,
    PClass,
    Question,
    QuestionPage,
    Reason,
    Result,
)
from app.integrations.omaolo.shapes import (
    Bundle,
    Extended,
    Extension,
    OperationOutcome,
    Response,
    RiskAssessment,
)

T = TypeVar("T")


def read_summaries(data: Any) -> tuple[AssessmentSummary, ...]:
    """A searchset Bundle as summaries."""
    headers = (entry.resource for entry in Bundle.model_validate(data).entry)
    return tuple(
        AssessmentSummary(
            id=header.id,
            title=header.title,
            description=header.description,
            minutes=header.one(OWN + "minutes").whole or 0,
            topics=header.topics,
        )
        for header in headers
    )


def read_step(data: Any, assessment_id: str, language: Language) -> QuestionPage | Result:
    """A QuestionnaireResponse as the page it asks or the result it carries."""
    response = Response.model_validate(data)
    contained = response.contained[0]
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
    predicted = _first(risk.prediction, "prediction").risk.coding
    codes = {coding.system.rpartition("/")[2]: coding.code for coding in predicted}
    p_class = read_p_class(codes.get("p-class", ""))
    advice = Extended(extension=risk.one(OWN + "advice").extension)
    guides = advice.all("self-care-guide")
    return Result(
        assessment_id=assessment_id,
        version=_first(risk.method.coding, "method").version,
        urgency=_urgency(p_class, codes),
        p_class=p_class,
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


def read_p_class(code: str) -> PClass:
    """One of P0–P8. Raises ValueError for anything else."""
    found: PClass | None = next((known for known in get_args(PClass) if known == code), None)
    if found is None:
        raise ValueError("there is no such class")
    return found


def _urgency(p_class: PClass, codes: Mapping[str, str]) -> Urgency:
    """As the service says it in our words, else what the class means. Raises ValueError where neither tells."""
    if "urgency" in codes:
        return Urgency(codes["urgency"])
    if p_class not in URGENCIES:
        raise ValueError("the class says nothing of urgency")
    return URGENCIES[p_class]


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
