"""What can be found: the names that a results page shows, and the documents that make the index."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
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
    names: dict[tuple[str, str], tuple[Text, Text]] = {
        ("service", str(key)): (service.names, service.summaries) for key, service in services.items()
    }
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


async def keep_assessments(
    session: AsyncSession, offered: Mapping[Language, Sequence[AssessmentSummary]]
) -> Sequence[str]:
    """Keep what is offered, forget what is not any more; returns the ids on offer now."""
    kept = {row.id: row for row in await session.scalars(select(Assessment))}
    by_id = {
        one.id: {lang: {a.id: a for a in offered[lang]}.get(one.id) for lang in LANGUAGES} for one in offered["fi"]
    }
    for gone in kept.keys() - by_id.keys():
        await session.delete(kept[gone])
    for assessment_id, versions in by_id.items():
        row = kept.get(assessment_id) or Assessment(id=assessment_id)
        row.titles = Text({lang: one.title for lang, one in versions.items() if one})
        row.descriptions = Text({lang: one.description for lang, one in versions.items() if one})
        row.minutes = max(one.minutes for one in versions.values() if one)
        session.add(row)
    await session.flush()
    return sorted(by_id)
