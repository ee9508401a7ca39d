"""What templates turn values of the domain into: paragraphs, choices, numbers to call, times in words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import phonenumbers
from markdown_it import MarkdownIt
from markupsafe import Markup

from app.domain.catalogue import Phone
from app.domain.clock import HELSINKI
from app.domain.text import Language
from app.integrations.omaolo.port import Question
from app.services.assessing.guides import guide_codes
from app.services.booking.free_times import FreeTime
from app.services.county_rules import ContactTopic
from app.web.components import Choice
from app.web.forms_desk import words as desk_words
from app.web.i18n import current_language, format_short_day, format_time
from app.web.i18n import gettext as _
from app.web.needs_form import needs_rows
from app.web.times_view import Slot

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_NO_BREAK = "\N{NO-BREAK SPACE}"
_INSIDE_NUMBER = re.compile(r"(?<=\d) (?=\d)")
_INSIDE_RANGE = re.compile(r"(?<=\d)–(?=\d)")
_UNBROKEN_DASH = "\N{WORD JOINER}–\N{WORD JOINER}"


def unbroken(text: str) -> str:
    """`text` whose numbers stay on one line: "116 117", "015 000 000", "1–3"."""
    return _INSIDE_RANGE.sub(_UNBROKEN_DASH, _INSIDE_NUMBER.sub(_NO_BREAK, text))


def paragraphs(text: str) -> Markup:
    """Plain text as paragraphs: an empty line parts them. The text is escaped."""
    parts = (part.strip() for part in re.split(r"\n\s*\n", unbroken(text)))
    return Markup("").join(Markup("<p>{}</p>").format(part) for part in parts if part)


def markdown(text: str) -> Markup:
    """The county's own Markdown as HTML; HTML inside it is shown as text."""
    return Markup(_MARKDOWN.render(unbroken(text)))  # noqa: S704 - the renderer escapes HTML and refuses unsafe links


def capitalize_first(text: str) -> str:
    """`text` with a capital at its start; unlike `capitalize`, the rest stays as it is."""
    return text[:1].upper() + text[1:]


def format_soon(instant: datetime, today: date) -> str:
    """A near time as people say it: "today at 13:20", "tomorrow at 9:40", "Mon 23 Nov at 9:40", in Helsinki."""
    day, time = instant.astimezone(HELSINKI).date(), format_time(instant)
    if day == today:
        return _("today at %(time)s") % {"time": time}
    if day == today + timedelta(days=1):
        return _("tomorrow at %(time)s") % {"time": time}
    return _("%(day)s at %(time)s") % {"day": format_short_day(day), "time": time}


def slot_value(time: FreeTime) -> str:
    """A free time as it travels in an address: any professional who is free then."""
    return Slot(time.start, time.location_id).value


def answer_choices(question: Question) -> list[Choice]:
    """The options of an assessment's question as choices of a field."""
    return [Choice(option.code, option.text, exclusive=option.exclusive) for option in question.options]


def topic_choices(topics: Sequence[ContactTopic]) -> list[Choice]:
    """What a contact can be about, in the page's language."""
    return [Choice(topic.code, topic.names.to(current_language.get())) for topic in topics]


@dataclass(frozen=True)
class NumberToCall:
    """A phone number of a place: as it is written, as a `tel:` address, and in what matters to call it."""

    display: str
    href: str
    info: str


def numbers_to_call(phones: Sequence[Phone], language: Language) -> list[NumberToCall]:
    """The numbers given for readers of `language`; all of them where the catalogue gives none for it."""
    own = [phone for phone in phones if phone.language in (None, language)]
    return [NumberToCall(_written(phone), f"tel:{_dialled(phone)}", phone.info or "") for phone in own or phones]


def _dialled(phone: Phone) -> str:
    return re.sub(r"[^+\d]", "", f"{phone.prefix or ''}{phone.number}")


def _written(phone: Phone) -> str:
    """As `phone_number`; a number without a prefix (116117) as the catalogue writes it."""
    return phone_number(_dialled(phone)) if phone.prefix else phone.number


def phone_number(number: str) -> str:
    """A number in international form as Finns write it, 040 123 4567; a foreign one keeps its country code.

    What is no number is given back as it is.
    """
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    if parsed.country_code != 358:
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return _in_threes(f"0{parsed.national_number}")


def _in_threes(digits: str) -> str:
    """Groups of three; a digit that would be left alone joins the last of them."""
    return _NO_BREAK.join(re.findall(r"\d{4}$|\d{1,3}", digits))


def is_guide(code: str | None) -> bool:
    """Whether there is a self-care guide called `code` to link to; the assessment service may name others."""
    return code in guide_codes()


FILTERS = (
    unbroken,
    paragraphs,
    capitalize_first,
    format_soon,
    slot_value,
    answer_choices,
    topic_choices,
    needs_rows,
    numbers_to_call,
    phone_number,
    *desk_words.FILTERS,
)
TESTS = {"guide": is_guide}
