"""What an imported Questionnaire departs from, said to the content owner; the words are on the page."""

from dataclasses import dataclass
from typing import Literal

# note: read all the same · unsupported: shown and filled without this · refused: would change the meaning
Weight = Literal["note", "unsupported", "refused"]


@dataclass(frozen=True)
class Note:
    """One departure from R4, or something that this engine does not do. `code` is a key of the words on the page,
    `link_id` the item (empty: the Questionnaire itself), `detail` what was found, as it stands in the file."""

    weight: Weight
    code: str
    link_id: str = ""
    detail: str = ""


class FormRefused(Exception):
    """The Questionnaire can't become a form: at least one of `notes` is a refusal."""

    def __init__(self, notes: tuple[Note, ...]) -> None:
        super().__init__("; ".join(f"{note.code} {note.link_id}" for note in notes if note.weight == "refused"))
        self.notes = notes
