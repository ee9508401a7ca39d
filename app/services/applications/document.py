"""The decision as a document: written once in the applicant's language, and kept as it was.

What the content says of the law or of asking for a review may change later; a decision that has been made does not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from typing import Any

from app.content import load
from app.domain.clock import Clock
from app.domain.text import Language, Text
from app.models import Case, Person, StaffMember
from app.services.applications.words import Law, application_kind, application_words, plain_day
from app.services.audit.log_words import profession_words
from app.services.county import read_county


@dataclass(frozen=True)
class Part:
    """A heading with paragraphs."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """A decision to read, print and keep: all in `language`. `facts`: what stands at its top, each with its name."""

    language: Language
    county: str
    title: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]

    def to_data(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Document":
        """As it was kept."""
        parts = tuple(Part(part["heading"], tuple(part["lines"])) for part in data["parts"])
        facts = tuple((name, value) for name, value in data["facts"])
        return cls(data["language"], data["county"], data["title"], facts, parts)


@dataclass(frozen=True)
class Draft:
    """What a professional decides. `law`: places in the list of the kind's acts, those that were applied."""

    outcome: str
    decided: str
    reasons: str
    law: tuple[int, ...]
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True)
class Making:
    """What a decision is made from: in whose matter, on which application (`form`), by whom, and when."""

    case: Case
    form: str
    subject: Person
    maker: StaffMember
    language: Language
    clock: Clock


def document_of(making: Making, draft: Draft, reference: str = "") -> Document:
    """The whole document; without a `reference` as it is looked at before it is made."""
    words, language = application_words(), making.language
    return Document(
        language=language,
        county=read_county().names.to(language),
        title=words.document["title"].to(language),
        facts=tuple(_facts(making, reference)),
        parts=tuple(part for part in _parts(making, draft) if part.lines),
    )


def _facts(making: Making, reference: str) -> Iterator[tuple[str, str]]:
    def word(name: str) -> str:
        return application_words().document[name].to(making.language)

    if reference:
        yield word("reference"), reference
    yield word("case"), making.case.reference
    yield word("day"), plain_day(making.clock.today)
    yield word("subject"), making.subject.name


def _parts(making: Making, draft: Draft) -> Iterator[Part]:
    words, language = application_words(), making.language

    def part(name: str, *lines: str) -> Part:
        return Part(words.document[name].to(language), tuple(line for line in lines if line))

    kind, outcome = application_kind(making.form), words.outcomes[draft.outcome]
    arrived = Clock(making.case.arrived_at).today
    yield part("applied", kind.names.to(language), _filled(words.document["arrived"], language, date=arrived))
    yield part("decided", outcome.text.to(language), draft.decided, _validity(draft, language))
    yield part("reasons", draft.reasons)
    yield part("law", *(law_words(kind.law[place], language) for place in draft.law))
    yield part("maker", f"{making.maker.name}, {_title(making.maker, language)}")
    yield part("questions", _number(kind.number, language))
    yield from _appeal(language)


def _appeal(language: Language) -> Iterator[Part]:
    """How to ask for a review: what, by when, how, where (hallintolaki 434/2003, 46, 47 and 49 b–e §)."""
    words = application_words()
    appeal, send_to = words.appeal, words.document["send_to"].to(language)
    lines = [appeal[name].to(language) for name in ("what", "when", "received", "how", "where")]
    yield Part(appeal["title"].to(language), (*lines, law_words(words.appeal_law, language)))
    body = words.document["body"].to(language).format(body=appeal["body"].to(language))
    yield Part(send_to, (appeal["registry"].to(language), _address(language), appeal["open"].to(language), body))
    help_words = f"{appeal['help'].to(language)} {_number(words.ombudsperson, language)}"
    yield Part(read_county().numbers[words.ombudsperson].names.to(language), (help_words,))


def law_words(law: Law, language: Language) -> str:
    """Sosiaalihuoltolaki (1301/2014), 23 §, 36 §."""
    return ", ".join((f"{law.names.to(language)} ({law.number})", *law.sections))


def _validity(draft: Draft, language: Language) -> str:
    words = application_words().document
    if draft.valid_from is None:
        return ""
    if draft.valid_to is None:
        return _filled(words["valid_on"], language, first=draft.valid_from)
    return _filled(words["valid"], language, first=draft.valid_from, last=draft.valid_to)


def _filled(words: Text, language: Language, **days: date) -> str:
    return words.to(language).format(**{name: plain_day(day) for name, day in days.items()})


def _title(maker: StaffMember, language: Language) -> str:
    """The decision maker's title in words: the staff's sign-in names a profession, or the same as a role."""
    known = profession_words().get(maker.profession) or _role_words().get(maker.profession)
    return known.to(language) if known else maker.profession


@cache
def _role_words() -> Mapping[str, Text]:
    return {row["code"]: Text(row["names"]) for row in load("staff_roles.json")["roles"]}


def _number(code: str, language: Language) -> str:
    number = read_county().numbers[code]
    return f"{number.names.to(language)}, {number.display}"


def _address(language: Language) -> str:
    address = load("county.json")["address"]
    return f"{address['street']}, {address['postal_code']} {Text(address['post_office']).to(language)}"


def places_of(chosen: Sequence[str], form: str) -> tuple[int, ...]:
    """The acts that a form has ticked, by their place in the list of that kind; what is no such place is left out."""
    known = range(len(application_kind(form).law))
    return tuple(place for place in known if str(place) in chosen)
