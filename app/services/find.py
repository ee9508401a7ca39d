"""What can be found: the names that a results page shows, and the documents that make the index."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.content import load
from app.domain.text import LANGUAGES, Language, Text
from app.integrations.omaolo.port import AssessmentService, AssessmentSummary
from app.models import Assessment, BookableService
from app.services.catalogue import all_services, names_of
from app.services.search_documents import SearchDocument, document_of_service
from app.services.search_index import Hit


@dataclass(frozen=True)
class Result:
    """One result: what it is, its id, and its name and summary in the reader's language."""

    kind: str
    id: str
    title: str
    text: str


async def find(session: AsyncSession, hits: Sequence[Hit], language: Language) -> list[Result]:
    """The hits that still exist, with what to show of each, in the order of the hits."""
    services = await names_of(session, [uuid.UUID(hit.id) for hit in hits if hit.kind == "service"])
    names: dict[tuple[str, str], tuple[Text, Text]] = {("service", str(key)): told for key, told in services.items()}
    if any(hit.kind != "service" for hit in hits):
        names |= {(doc.kind, doc.id): (doc.names, doc.topics[0]) for doc in await _other_documents(session)}
    shown = [(hit, names[hit.kind, hit.id]) for hit in hits if (hit.kind, hit.id) in names]
    return [Result(hit.kind, hit.id, title.to(language), text.to(language)) for hit, (title, text) in shown]


async def documents(session: AsyncSession) -> list[SearchDocument]:
    """Everything that can be found."""
    services = [document_of_service(service) for service in await all_services(session)]
    return [*services, *await _other_documents(session)]


async def _other_documents(session: AsyncSession) -> list[SearchDocument]:
    """Assessments, bookable services and pages; the first topic of each is its summary."""
    assessments = await session.scalars(select(Assessment).order_by(Assessment.id))
    bookable = await session.scalars(select(BookableService).order_by(BookableService.code))
    return [
        *(SearchDocument("assessment", one.id, one.titles, (one.descriptions,)) for one in assessments),
        *(SearchDocument("bookable", one.code, one.names, (one.descriptions,)) for one in bookable),
        *(
            SearchDocument("page", row["id"], Text(row["names"]), (Text(row["summaries"]), Text(row["topics"])))
            for row in load("pages.json")
        ),
    ]


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
) -> dict[str, Text | int]:
    versions = {lang: one for lang, summaries in offered.items() for one in summaries if one.id == assessment_id}
    return {
        "titles": Text({lang: one.title for lang, one in versions.items()}),
        "descriptions": Text({lang: one.description for lang, one in versions.items()}),
        "minutes": max(one.minutes for one in versions.values()),
    }
