"""The page on which the texts of a draft are edited: parts of a sound length, fields named by number and language."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.domain.alarm_words import KINDS
from app.domain.forms.desk.edit import Edits
from app.domain.forms.desk.texts import Entry, Slot
from app.domain.text import LANGUAGES, Language
from app.web.forms import Form
from app.web.forms_desk.words import language_name, slot_words
from app.web.i18n import gettext as _

MOST_TEXTS = 45  # on a page, each in three languages
LONGEST = 4000  # characters


@dataclass(frozen=True)
class WordField:
    """The field for a text in one language. `now`: what is kept, where it is not what was typed; `missing`: the text
    has words in another language."""

    name: str
    label: str
    lang: Language
    value: str
    now: str | None = None
    missing: bool = False
    error: str | None = None


@dataclass(frozen=True)
class TextFields:
    """A text with its fields. `alarm`: the name of the field for the alarm of an option, empty where there is none."""

    label: str
    fields: Sequence[WordField]
    alarm: str = ""
    alarming: str = ""


@dataclass(frozen=True)
class EntryFields:
    """All fields of an item. `rare`: the texts that most items do without, as long as they have none. `changed`: the
    name of the tick box ”the meaning has changed”, empty where nothing is asked."""

    entry: Entry
    texts: Sequence[TextFields]
    rare: Sequence[TextFields]
    changed: str
    is_changed: bool


def parts_of(entries: Sequence[Entry]) -> Sequence[Sequence[Entry]]:
    """The entries in parts: as many on a page as can be looked over."""
    parts: list[list[Entry]] = [[]]
    for entry in entries:
        if parts[-1] and sum(len(one.slots) for one in (*parts[-1], entry)) > MOST_TEXTS:
            parts.append([])
        parts[-1].append(entry)
    return parts


def part_with(parts: Sequence[Sequence[Entry]], slot: Slot) -> int:
    """The number of the part on which a text stands, from 1."""
    return next(n for n, part in enumerate(parts, 1) if any(slot in entry.slots for entry in part))


def read_edits(form: Form, part: Sequence[Entry]) -> Edits:
    """What was typed on a part; what is too long is said in the form's errors."""
    words: dict[int, Mapping[Language, str]] = {}
    alarming: dict[int, str] = {}
    for slot in _slots(part):
        names = {code: _name(slot, code) for code in LANGUAGES}
        if all(name in form.values for name in names.values()):
            words[slot.number] = {code: _typed(form, name) for code, name in names.items()}
        if slot.alarming is not None and form.value(_alarm(slot)) in ("", *KINDS) and _alarm(slot) in form.values:
            alarming[slot.number] = form.value(_alarm(slot))
    changed = {entry.number: bool(form.value(_changed(entry))) for entry in part if entry.is_question}
    return Edits(words, alarming, changed)


def fields_of(part: Sequence[Entry], form: Form | None = None) -> Sequence[EntryFields]:
    """The fields of a part, as they are kept or (`form`) as they were typed."""
    return [_entry_fields(entry, form) for entry in part]


def say_wordless(form: Form, numbers: Sequence[int], base: Language) -> None:
    """Say at the fields of these texts that they need words in the language of the form."""
    for number in numbers:
        form.errors[f"t{number}-{base}"] = _("Write the text in the language of the form first: %(language)s") % {
            "language": language_name(base)
        }


def _entry_fields(entry: Entry, form: Form | None) -> EntryFields:
    made = [(slot, _text_fields(slot, form)) for slot in entry.slots]
    rare = [fields for slot, fields in made if _is_rare(slot, fields)]
    return EntryFields(
        entry=entry,
        texts=[fields for _slot, fields in made if fields not in rare],
        rare=rare,
        changed=_changed(entry) if entry.is_question else "",
        is_changed=bool(form.value(_changed(entry))) if form else entry.changed,
    )


def _is_rare(slot: Slot, fields: TextFields) -> bool:
    return slot.kind in ("another", "help") and not any(field.value or field.now for field in fields.fields)


def _text_fields(slot: Slot, form: Form | None) -> TextFields:
    label = slot_words(slot.kind)
    fields = [_field(slot, label, code, form) for code in LANGUAGES]
    if slot.alarming is None:
        return TextFields(label, fields)
    alarming = form.value(_alarm(slot)) if form else slot.alarming
    return TextFields(label, fields, _alarm(slot), alarming)


def _field(slot: Slot, label: str, code: Language, form: Form | None) -> WordField:
    name, kept = _name(slot, code), slot.text.values.get(code, "")
    typed = _typed(form, name) if form and name in form.values else kept
    return WordField(
        name=name,
        label=f"{label}, {language_name(code)}",
        lang=code,
        value=typed,
        now=kept if typed != kept else None,
        missing=code in slot.missing,
        error=form.errors.get(name) if form else None,
    )


def _typed(form: Form, name: str) -> str:
    return form.text(name, longest=LONGEST, too_long=_("Shorten the text to at most 4,000 characters"))


def _slots(part: Sequence[Entry]) -> Iterator[Slot]:
    return (slot for entry in part for slot in entry.slots)


def _name(slot: Slot, code: Language) -> str:
    return f"t{slot.number}-{code}"


def _alarm(slot: Slot) -> str:
    return f"alarm{slot.number}"


def _changed(entry: Entry) -> str:
    return f"changed{entry.number}"
