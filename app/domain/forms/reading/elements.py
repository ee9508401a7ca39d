"""Looking into JSON that may hold anything: an element gives what is asked for, or notes what stands there instead."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.domain.fhir import phrase_of, translated
from app.domain.forms.reading.note_codes import Notes
from app.domain.phrase import Phrase
from app.domain.text import Language, Text

# Longer numbers have no use on a form, and an exponent could write a number that fills the memory.
NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?")


@dataclass(eq=False, slots=True)
class Element:
    """One JSON object of the item `link_id`, whose strings are in the language `base`."""

    data: Mapping[str, Any]
    notes: Notes
    base: Language = "fi"
    link_id: str = ""
    _by_url: dict[str, list["Element"]] | None = field(default=None, repr=False)

    def note(self, code: str, detail: object = "") -> None:
        """Note something about the item that this belongs to."""
        self.notes.add(code, self.link_id, detail)

    def inside(self, data: Mapping[str, Any]) -> "Element":
        """An object within this one."""
        return Element(data, self.notes, self.base, self.link_id)

    def string(self, name: str) -> str:
        """The string `name`; empty where there is none."""
        value = self.data.get(name, "")
        if isinstance(value, str):
            return value
        if number_of(value) is not None:
            self.note("text_as_number", name)
            return str(value)
        self._unreadable(name)
        return ""

    def flag(self, name: str) -> bool:
        """The boolean `name`; False where there is none."""
        value = self.data.get(name, False)
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.strip().lower() in ("true", "false"):
            self.note("boolean_as_text", name)
            return value.strip().lower() == "true"
        self._unreadable(name)
        return False

    def number(self, name: str) -> Decimal | None:
        """The number `name`, or None."""
        value = self.data.get(name)
        found = number_of(value)
        if found is None:
            self._unreadable(name)
        elif isinstance(value, str):
            self.note("number_as_text", name)
        return found

    def count(self, name: str) -> int | None:
        """The number `name` as a whole one that is not negative, or None."""
        found = self.number(name)
        if found is None:
            return None
        if found < 0 or found != found.to_integral_value():
            self._unreadable(name)
            return None
        return int(found)

    def text(self, name: str) -> Text:
        """The string `name` in all its languages."""
        return translated(self._worded(name), name, self.base)

    def phrase(self, name: str) -> Phrase:
        """The string `name` in both voices and all its languages."""
        return phrase_of(self._worded(name), name, self.base)

    def object(self, name: str) -> "Element | None":
        """The object `name`, or None."""
        value = self.data.get(name)
        if isinstance(value, Mapping):
            return self.inside(value)
        self._unreadable(name)
        return None

    def objects(self, name: str) -> list["Element"]:
        """The objects in the list `name`; what is none is noted and passed over."""
        value = self.data.get(name)
        if isinstance(value, Mapping):
            self.note("list_expected", name)
            return [self.inside(value)]
        entries = value if isinstance(value, list) else []
        found = [self.inside(entry) for entry in entries if isinstance(entry, Mapping)]
        if len(found) != len(entries) or entries is not value:
            self._unreadable(name)
        return found

    def extensions(self, *urls: str) -> list["Element"]:
        """The extensions with any of these urls."""
        if self._by_url is None:
            self._by_url = {}
            for entry in self.objects("extension") if "extension" in self.data else ():
                self._by_url.setdefault(str(entry.data.get("url")), []).append(entry)
        return [entry for url in urls for entry in self._by_url.get(url, ())] if self._by_url else []

    def extension(self, *urls: str) -> "Element | None":
        """The first extension with one of these urls, or None."""
        return next(iter(self.extensions(*urls)), None)

    def flagged(self, *urls: str) -> bool:
        """Whether the extension is there and true."""
        entry = self.extension(*urls)
        return entry.flag("valueBoolean") if entry else False

    def counted(self, *urls: str) -> int | None:
        """The number that the extension holds, or None."""
        entry = self.extension(*urls)
        if entry is None:
            return None
        kinds = ("valueInteger", "valuePositiveInt", "valueUnsignedInt", "valueDecimal")
        return entry.count(next((kind for kind in kinds if kind in entry.data), kinds[0]))

    def coded(self, url: str) -> str:
        """The first code of the concept that the extension holds; empty where there is none."""
        entry = self.extension(url)
        concept = entry.object("valueCodeableConcept") if entry else None
        codings = concept.objects("coding") if concept and "coding" in concept.data else []
        return next((code for coding in codings if (code := coding.string("code"))), "")

    def _worded(self, name: str) -> Mapping[str, Any]:
        """The object with `name` as a string, whatever stands there."""
        return self.data if isinstance(self.data.get(name), str) else {**self.data, name: self.string(name)}

    def _unreadable(self, name: str) -> None:
        if self.data.get(name) is not None:
            self.note("element_unreadable", name)


def number_of(value: object) -> Decimal | None:
    """A JSON number, or one written as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, int) and abs(value) >= 10**18:
        return None
    written = value.strip() if isinstance(value, str) else format(Decimal(str(value)), "f")
    return Decimal(written) if NUMBER.fullmatch(written) else None
