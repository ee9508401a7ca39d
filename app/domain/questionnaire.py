"""A FHIR R4 Questionnaire as plain frozen values, and the lenient reader that makes them.

Real-world forms break strict models, so this reads only what we use and names the linkId of what it cannot use.
A page is a top-level group; a lone top-level question is a page of its own; groups inside a page are flattened and
hand their conditions down. Display items become the page's lead, or help where their itemControl says so.
A text without a translation extension is taken as Finnish. Own extensions (below `OWN`): `minutes` on the resource,
`help` on an item, and `text-for-another` on any string: its wording where the form is about another person.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Literal

from app.domain.fhir import (
    EXCLUSIVE,
    FOCUS,
    ITEM_CONTROL,
    MAXIMUM,
    MINIMUM,
    OWN,
    UNIT,
    extension_of,
    phrase_of,
    translated,
)
from app.domain.phrase import Phrase, UnreadableContent
from app.domain.text import Text

Kind = Literal["choice", "choices", "boolean", "number"]
Value = str | int
Given = Mapping[str, frozenset[Value]]
"""Answers by linkId; booleans are the codes `true` and `false`."""

_KINDS: Mapping[str, Kind] = {"choice": "choice", "boolean": "boolean", "integer": "number"}


class UnreadableQuestionnaire(UnreadableContent):
    """The Questionnaire has an item that cannot be read; `link_id` names it (empty: the resource itself)."""

    def __init__(self, link_id: str, reason: str) -> None:
        super().__init__(f"item {link_id!r}" if link_id else "Questionnaire", reason)
        self.link_id = link_id


@dataclass(frozen=True)
class Option:
    """One answer offered; an exclusive one (”none of these”) rules out all others."""

    code: str
    text: Phrase
    exclusive: bool = False


@dataclass(frozen=True)
class Condition:
    """One FHIR enableWhen: with several answers it holds where any of them matches."""

    question: str
    operator: Literal["=", "!=", "exists"]
    value: Value

    def holds(self, given: Given) -> bool:
        """Whether it holds; a question without an answer only satisfies `exists = false`."""
        values = given.get(self.question, frozenset())
        if self.operator == "exists":
            return bool(values) == (self.value == "true")
        if self.operator == "=":
            return self.value in values
        return any(value != self.value for value in values)


@dataclass(frozen=True)
class Enabling:
    """The conditions of one item: all of them, or any, must hold."""

    conditions: tuple[Condition, ...]
    every: bool = False

    @property
    def sources(self) -> frozenset[str]:
        """The questions the conditions speak of."""
        return frozenset(condition.question for condition in self.conditions)

    def holds(self, given: Given) -> bool:
        """Whether the item is enabled by these answers."""
        results = (condition.holds(given) for condition in self.conditions)
        return all(results) if self.every else any(results)


@dataclass(frozen=True)
class Question:
    """One question. `enabling` holds its own conditions and those of its groups: all must hold."""

    link_id: str
    text: Phrase
    kind: Kind
    help: Phrase
    options: tuple[Option, ...] = ()
    required: bool = False
    unit: str = ""
    minimum: int | None = None
    maximum: int | None = None
    enabling: tuple[Enabling, ...] = ()

    def enabled(self, given: Given) -> bool:
        """Whether these answers let the question be asked."""
        return all(part.holds(given) for part in self.enabling)

    def may_become_enabled(self, given: Given, pending: AbstractSet[str]) -> bool:
        """Whether it is enabled, or could be by answers to the `pending` questions."""
        return all(part.holds(given) or part.sources & pending for part in self.enabling)

    @property
    def sources(self) -> frozenset[str]:
        """The questions whose answers decide whether this one is asked."""
        return frozenset().union(*(part.sources for part in self.enabling))


@dataclass(frozen=True)
class Page:
    """What is shown at one time."""

    link_id: str
    title: Phrase
    lead: Phrase
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Questionnaire:
    """A whole form. `minutes` is about how long it takes; `topics` are codes of what it is about."""

    id: str
    url: str
    name: str
    version: str
    publisher: str
    title: Text
    description: Text
    minutes: int
    topics: tuple[str, ...]
    pages: tuple[Page, ...]
    questions: Mapping[str, Question] = field(repr=False)


def read_questionnaire(data: Mapping[str, Any]) -> Questionnaire:
    """Read a Questionnaire resource. Raises UnreadableQuestionnaire naming the linkId of what is wrong."""
    if data.get("resourceType") != "Questionnaire":
        raise UnreadableQuestionnaire("", "this is not a Questionnaire")
    pages = tuple(_page(item) for item in _items(data, "") if item.get("type") != "display")
    questions = [question for page in pages for question in page.questions]
    by_id = {question.link_id: question for question in questions}
    _check_ids(questions, by_id)
    return Questionnaire(
        id=str(data.get("id", "")),
        url=str(data.get("url", "")),
        name=str(data.get("name", "")),
        version=str(data.get("version", "")),
        publisher=str(data.get("publisher", "")),
        title=translated(data, "title"),
        description=translated(data, "description"),
        minutes=_integer(data, OWN + "minutes", "") or 0,
        topics=tuple(_topics(data)),
        pages=pages,
        questions=by_id,
    )


def _topics(data: Mapping[str, Any]) -> Iterator[str]:
    """The codes of the usage contexts of kind `focus`. (`code` names the form itself, as LOINC does: no topic.)"""
    for context in _objects(data, "useContext", ""):
        kind, concept = context.get("code"), context.get("valueCodeableConcept")
        if isinstance(kind, Mapping) and kind.get("code") == FOCUS and isinstance(concept, Mapping):
            yield from (str(coding["code"]) for coding in _objects(concept, "coding", "") if "code" in coding)


def _check_ids(questions: Iterable[Question], by_id: Mapping[str, Question]) -> None:
    seen: set[str] = set()
    for question in questions:
        if question.link_id in seen:
            raise UnreadableQuestionnaire(question.link_id, "the linkId is used twice")
        seen.add(question.link_id)
        if not question.sources <= set(by_id):
            raise UnreadableQuestionnaire(question.link_id, "enableWhen names a question that does not exist")


def _page(item: Mapping[str, Any]) -> Page:
    link_id = _link_id(item)
    if item.get("type") != "group":
        question = _question(item, ())
        return Page(link_id, Phrase.neutral(Text()), Phrase.neutral(Text()), (question,))
    leads = [child for child in _items(item, link_id) if _is_display(child) and not _is_help(child)]
    return Page(
        link_id=link_id,
        title=phrase_of(item),
        lead=phrase_of(leads[0]) if leads else Phrase.neutral(Text()),
        questions=tuple(_questions(item, ())),
    )


def _questions(group: Mapping[str, Any], above: tuple[Enabling, ...]) -> Iterator[Question]:
    link_id = _link_id(group)
    enabling = above + _enabling(group, link_id)
    for child in _items(group, link_id):
        if child.get("type") == "group":
            yield from _questions(child, enabling)
        elif not _is_display(child):
            yield _question(child, enabling)


def _question(item: Mapping[str, Any], above: tuple[Enabling, ...]) -> Question:
    link_id = _link_id(item)
    kind = _KINDS.get(str(item.get("type")))
    if kind is None:
        raise UnreadableQuestionnaire(link_id, f"type {item.get('type')!r} is not supported")
    if kind == "choice" and item.get("repeats") is True:
        kind = "choices"
    options = tuple(_option(entry, link_id) for entry in _objects(item, "answerOption", link_id))
    if kind in ("choice", "choices") and not options:
        raise UnreadableQuestionnaire(link_id, "a choice needs answerOptions")
    return Question(
        link_id=link_id,
        text=phrase_of(item),
        kind=kind,
        help=_help(item, link_id),
        options=options,
        required=item.get("required") is True,
        unit=_unit(item),
        minimum=_integer(item, MINIMUM, link_id),
        maximum=_integer(item, MAXIMUM, link_id),
        enabling=above + _enabling(item, link_id),
    )


def _option(entry: Mapping[str, Any], link_id: str) -> Option:
    coding = entry.get("valueCoding")
    if not isinstance(coding, Mapping) or not isinstance(coding.get("code"), str):
        raise UnreadableQuestionnaire(link_id, "an answerOption needs a valueCoding with a code")
    exclusive = extension_of(entry, EXCLUSIVE).get("valueBoolean") is True
    return Option(code=coding["code"], text=phrase_of(coding, "display"), exclusive=exclusive)


def _enabling(item: Mapping[str, Any], link_id: str) -> tuple[Enabling, ...]:
    conditions = tuple(_condition(entry, link_id) for entry in _objects(item, "enableWhen", link_id))
    return (Enabling(conditions, item.get("enableBehavior") == "all"),) if conditions else ()


def _condition(entry: Mapping[str, Any], link_id: str) -> Condition:
    operator, question = entry.get("operator"), entry.get("question")
    if operator not in ("=", "!=", "exists") or not isinstance(question, str):
        raise UnreadableQuestionnaire(link_id, f"enableWhen with operator {operator!r} is not supported")
    if isinstance(entry.get("answerBoolean"), bool):
        return Condition(question, operator, "true" if entry["answerBoolean"] else "false")
    coding, number = entry.get("answerCoding"), entry.get("answerInteger")
    value = coding.get("code") if isinstance(coding, Mapping) else number
    if not isinstance(value, str | int):
        raise UnreadableQuestionnaire(link_id, "enableWhen needs answerCoding, answerBoolean or answerInteger")
    return Condition(question, operator, value)


def _help(item: Mapping[str, Any], link_id: str) -> Phrase:
    own = extension_of(item, OWN + "help")
    if own:
        return phrase_of(own, "valueString")
    helps = [child for child in _items(item, link_id) if _is_help(child)]
    return phrase_of(helps[0]) if helps else Phrase.neutral(Text())


def _is_display(item: Mapping[str, Any]) -> bool:
    return item.get("type") == "display"


def _is_help(item: Mapping[str, Any]) -> bool:
    concept = extension_of(item, ITEM_CONTROL).get("valueCodeableConcept")
    codings = concept.get("coding") if isinstance(concept, Mapping) else None
    entries = codings if isinstance(codings, list) else []
    return _is_display(item) and any(isinstance(entry, Mapping) and entry.get("code") == "help" for entry in entries)


def _integer(element: Mapping[str, Any], url: str, link_id: str) -> int | None:
    value = extension_of(element, url).get("valueInteger")
    if value is not None and not isinstance(value, int):
        raise UnreadableQuestionnaire(link_id, f"{url} is not a whole number")
    return value


def _unit(item: Mapping[str, Any]) -> str:
    coding = extension_of(item, UNIT).get("valueCoding")
    return str(coding.get("display") or coding.get("code") or "") if isinstance(coding, Mapping) else ""


def _link_id(item: Mapping[str, Any]) -> str:
    link_id = item.get("linkId")
    if not isinstance(link_id, str) or not link_id:
        raise UnreadableQuestionnaire("", "an item has no linkId")
    return link_id


def _items(element: Mapping[str, Any], link_id: str) -> tuple[Mapping[str, Any], ...]:
    return _objects(element, "item", link_id)


def _objects(element: Mapping[str, Any], name: str, link_id: str) -> tuple[Mapping[str, Any], ...]:
    entries = element.get(name, [])
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise UnreadableQuestionnaire(link_id, f"{name} is not a list of objects")
    return tuple(entries)
