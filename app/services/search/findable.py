"""What can be found: the documents that make the search index, and the assessments that are on offer."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.content import load
from app.domain.text import LANGUAGES, Language, Text
from app.integrations.omaolo.port import AssessmentService, AssessmentSummary
from app.models import Assessment, BookableService
from app.services.assessing.topics import topic_names
from app.services.catalogue.entries import all_services
from app.services.forms.library import list_forms
from app.services.search.documents import SearchDocument, document_of_service


async def documents(session: AsyncSession) -> list[SearchDocument]:
    """Everything that can be found."""
    services = [document_of_service(service) for service in await all_services(session)]
    return [*services, *await _other_documents(session)]


async def _other_documents(session: AsyncSession) -> list[SearchDocument]:
    """Assessments, bookable services, forms and pages."""
    assessments = await session.scalars(select(Assessment).order_by(Assessment.id))
    bookable = await session.scalars(select(BookableService).order_by(BookableService.code))
    return [
        *(SearchDocument("assessment", one.id, one.titles, one.descriptions, _topics_of(one)) for one in assessments),
        *(SearchDocument("bookable", one.code, one.names, one.descriptions) for one in bookable),
        *(SearchDocument("form", one.code, one.titles, one.summaries) for one in await list_forms(session)),
        *(
            SearchDocument("page", row["id"], Text(row["names"]), Text(row["summaries"]), (Text(row["topics"]),))
            for row in load("pages.json")
        ),
    ]


def _topics_of(assessment: Assessment) -> tuple[Text, ...]:
    return tuple(topic_names()[code] for code in assessment.topics if code in topic_names())


async def ask_assessments(service: AssessmentService) -> Mapping[Language, Sequence[AssessmentSummary]]:
    """What the assessment service offers, in each language. Raises Unavailable."""
    return {language: await service.list_assessments(language) for language in LANGUAGES}


async def keep_assessments(session: AsyncSession, offered: Mapping[Language, Sequence[AssessmentSummary]]) -> None:
    """Keep what is offered, forget what is not any more. Two workers may do so at once."""
    ids = {one.id for summaries in offered.values() for one in summaries}
    await session.execute(delete(Assessment).where(Assessment.id.not_in(ids)))
    for assessment_id in sorted(ids):
        values = _assessment_row(assessment_id, offered)
        statement = insert(Assessment).values(id=assessment_id, **values)
        await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


def _assessment_row(
    assessment_id: str, offered: Mapping[Language, Sequence[AssessmentSummary]]
) -> dict[str, Text | int | list[str]]:
    versions = {lang: one for lang, summaries in offered.items() for one in summaries if one.id == assessment_id}
    return {
        "titles": Text({lang: one.title for lang, one in versions.items()}),
        "descriptions": Text({lang: one.description for lang, one in versions.items()}),
        "minutes": max(one.minutes for one in versions.values()),
        "topics": list(dict.fromkeys(code for one in versions.values() for code in one.topics)),
    }
