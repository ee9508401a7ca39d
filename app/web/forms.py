"""What a browser sent: read whole, cleaned, and kept so that a page with errors shows it again."""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

import phonenumbers
from pydantic import BeforeValidator
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

MAX_FIELDS = 5000  # a form of 800 questions on one page, with its dates in three parts and its boxes
READABLE_FIELDS = 4 * MAX_FIELDS  # as many are taken in, so that too many can be told in words
MAX_FILES = 10
# Control characters except tab and line ends: PostgreSQL refuses NUL, and nobody types the others.
_CONTROL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127))


class TooManyFields(Exception):
    """A form with more fields than any page of ours has, or can have."""


@dataclass
class Form:
    """One submitted form: its submission id, the values by field name, and the errors found so far.

    `errors` maps a field name to a sentence in the resident's language; a page with errors is shown again with 422.
    """

    submission: uuid.UUID
    values: Mapping[str, tuple[str, ...]]
    errors: dict[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """The first value of a field, trimmed; an empty string where there is none."""
        return next(iter(self.values.get(name, ())), "").strip()

    def many(self, name: str) -> tuple[str, ...]:
        """All values of a field, as tick boxes send them."""
        return self.values.get(name, ())

    def text(self, name: str, *, longest: int, required: str = "", too_long: str = "") -> str:
        """A text of at most `longest` characters; `required` and `too_long` are the sentences for the errors.

        An over-long text is an error, never cut: what a resident writes must reach the professional whole.
        """
        value = self.value(name)
        if required and not value:
            self.errors[name] = required
        elif len(value) > longest:
            self.errors[name] = too_long
        return value

    def phone(self, name: str, *, message: str) -> str:
        """A phone number in international form; `message` is the sentence for one that cannot be called."""
        try:
            number = phonenumbers.parse(self.value(name), "FI")
        except phonenumbers.NumberParseException:
            self.errors[name] = message
            return self.value(name)
        if not phonenumbers.is_possible_number(number):
            self.errors[name] = message
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def submission_of(token: uuid.UUID, values: Mapping[str, tuple[str, ...]]) -> uuid.UUID:
    """The id of what was sent: the same form with the same content is one submission, however often it comes.

    Somebody who goes back, changes the text or picks another time and sends again means a new one.
    """
    content = {name: value for name, value in values.items() if name != "form_token"}
    return uuid.uuid5(token, json.dumps(content, sort_keys=True))


async def read_values(request: Request) -> dict[str, tuple[str, ...]]:
    """The fields of the request's form; its files are `read_files`'. (How much a page takes in: `BodyLimit`.)

    Raises TooManyFields."""
    form = await _read(request)
    return {name: _clean(_strings(form, name)) for name in form}


async def read_files(request: Request) -> Mapping[str, Sequence[UploadFile]]:
    """The files of the request's form by field; a field that was left empty has none."""
    form = await _read(request)
    found: dict[str, list[UploadFile]] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile) and value.filename:
            found.setdefault(name, []).append(value)
    return found


async def _read(request: Request) -> FormData:
    form = await request.form(max_files=MAX_FILES, max_fields=READABLE_FIELDS)
    if len(form.multi_items()) > MAX_FIELDS:
        raise TooManyFields
    return form


def _strings(form: FormData, name: str) -> Iterable[str]:
    return (value for value in form.getlist(name) if isinstance(value, str))


def _clean(values: Iterable[str]) -> tuple[str, ...]:
    """Line ends become one character each, as the counter beside the field counts them."""
    plain = (value.replace("\r\n", "\n").translate(_CONTROL) for value in values)
    return tuple(value.encode("utf-8", "replace").decode() for value in plain)


def read_id(value: object) -> uuid.UUID | None:
    """The id that a field or parameter holds; None for anything that is none."""
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None


def clean_query(value: object, longest: int = 200) -> str:
    """A query parameter as text to search by or to choose with: cleaned, trimmed, cut to `longest` characters."""
    return _clean([str(value or "")])[0].strip()[:longest]


# Query parameters that only narrow a list: what can't be read narrows nothing.
LenientId = Annotated[uuid.UUID | None, BeforeValidator(read_id)]
LenientText = Annotated[str, BeforeValidator(clean_query)]
