"""What can be found: services, assessments, bookable services, forms and pages, as plain documents for the index."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from app.domain.catalogue import CatalogueService
from app.domain.ptv import Code, Words
from app.domain.text import Text

Kind = Literal["service", "assessment", "bookable", "form", "page"]


@dataclass(frozen=True)
class SearchDocument:
    """One thing that can be found. Each text may have any of the languages; a query in one language finds it by the
    words of another.

    `names` weigh most, then `summary` and `topics` (other names, keywords, classes), then `body`. `id` is unique within
    its kind. Names and summary are what a result shows; the index keeps them, so that a search asks no database.
    """

    kind: Kind
    id: str
    names: Text
    summary: Text = field(default_factory=Text)
    topics: tuple[Text, ...] = field(default=())
    body: tuple[Text, ...] = field(default=())


def document_of_service(service: CatalogueService) -> SearchDocument:
    """A catalogue service as a document; its id is the service's."""
    return SearchDocument(
        kind="service",
        id=str(service.id),
        names=service.names,
        summary=service.summaries,
        topics=(
            _all(service.alternative_names),
            _all(service.keywords),
            *_names(service.service_classes),
            *_names(service.ontology_terms),
            *_names(service.target_groups),
            *_names(service.life_events),
        ),
        body=(service.descriptions, service.user_instructions, service.requirements),
    )


def _all(words: Words) -> Text:
    return Text({language: " \n".join(values) for language, values in words.items()})


def _names(codes: Iterable[Code]) -> tuple[Text, ...]:
    return tuple(code.names for code in codes)
