"""Rules and lists that the county keeps as content, read once a process."""

from dataclasses import dataclass
from functools import cache

from app.content import load
from app.domain.alarm_words import AlarmWords
from app.domain.local_mandates import LocalMandateRules
from app.domain.text import Text
from app.domain.time_limits import TimeLimits
from app.services.errors import NotFound


@dataclass(frozen=True)
class ContactTopic:
    """What a contact is about, and the register and team that answer it."""

    code: str
    names: Text
    register: str
    unit: str


@cache
def contact_topics() -> tuple[ContactTopic, ...]:
    """The topics of content/contact_topics.json, in their order on the page."""
    return tuple(
        ContactTopic(row["code"], Text(row["names"]), row["register"], row["unit"])
        for row in load("contact_topics.json")
    )


@cache
def alarm_words() -> AlarmWords:
    """The words that show the emergency card wherever a resident writes them."""
    return AlarmWords.from_data(load("alarm_words.json"))


@cache
def time_limits() -> TimeLimits:
    """The limits of content/time_limits.json."""
    return TimeLimits.from_data(load("time_limits.json"))


def contact_topic(code: str) -> ContactTopic:
    """The topic called `code`. Raises NotFound."""
    found = next((topic for topic in contact_topics() if topic.code == code), None)
    if found is None:
        raise NotFound
    return found


@cache
def local_mandate_rules() -> LocalMandateRules:
    """What the county wants of a paper mandate: content/local_mandates.json."""
    return LocalMandateRules.from_data(load("local_mandates.json"))
