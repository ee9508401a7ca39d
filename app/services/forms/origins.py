"""Where an answer that the resident did not give here comes from, kept with the draft until they change it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, get_args

from app.domain.forms.answers import Address, Answers, from_data, to_data
from app.domain.forms.model import Form
from app.domain.text import Text
from app.models import FormResponse

# known: of the person · form: an earlier response to the same form · other_form: to another · record: the Kanta record
Kind = Literal["known", "form", "other_form", "record"]
KEY = "from"


@dataclass(frozen=True)
class Origin:
    """`at`: when it was given or measured, in Helsinki; `titles` those of the form that it was answered in."""

    kind: Kind
    at: date | None = None
    titles: Text = field(default_factory=Text)


def note_origins(response: FormResponse, form: Form, answers: Answers, origins: Mapping[Address, Origin]) -> None:
    """Keep where these `answers` of the draft come from, beside what is kept already."""
    types = {link: item.type for link, item in form.by_link.items()}
    known = [row for row in _rows(response) if _address(row) not in origins]
    for address, origin in origins.items():
        if values := answers.of(address):
            (row,) = to_data(Answers({address: values}), types)["values"]
            known.append([*row, _kept(origin)])
    response.shown = {**(response.shown or {}), KEY: known}


def origins_of(response: FormResponse) -> Mapping[Address, Origin]:
    """Where the draft's answers come from, as far as they have not been changed."""
    return {_address(row): _origin(row[3]) for row in _rows(response)}


def forget_changed(response: FormResponse, answers: Answers) -> None:
    """What the resident has changed is their own from now on."""
    rows = _rows(response)
    if not rows:
        return
    kept = [row for row in rows if answers.of(_address(row)) == from_data({"values": [row[:3]]}).of(_address(row))]
    if len(kept) != len(rows):
        response.shown = {**response.shown, KEY: kept}


def carried_origins(response: FormResponse) -> dict[str, Any]:
    """What a draft that moves on to another version of its form keeps of this; what changes on the way is forgotten."""
    rows = _rows(response)
    return {KEY: rows} if rows else {}


def _rows(response: FormResponse) -> list[list[Any]]:
    rows: list[list[Any]] = (response.shown or {}).get(KEY, [])
    return rows


def _address(row: list[Any]) -> Address:
    return Address(row[0], tuple(row[1]))


def _kept(origin: Origin) -> dict[str, Any]:
    at = {"at": origin.at.isoformat()} if origin.at else {}
    return {"kind": origin.kind, **at, "titles": dict(origin.titles.values)}


def _origin(kept: Mapping[str, Any]) -> Origin:
    kind: Kind = kept["kind"] if kept["kind"] in get_args(Kind) else "known"
    return Origin(kind, date.fromisoformat(kept["at"]) if "at" in kept else None, Text(kept["titles"]))
