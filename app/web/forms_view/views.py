"""What one question, group or text is on a page: all that its macro needs, and nothing to decide."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup, escape

from app.web.components import FieldError

Kind = Literal[
    "repeated",
    "group",
    "text",
    "output",
    "radios",
    "checkboxes",
    "tick",
    "select",
    "line",
    "number",
    "area",
    "date",
    "quantity",
    "files",
]


@dataclass(frozen=True)
class OptionView:
    """One option. `lang` is set where its text is not in the language of the page."""

    value: str
    text: str
    chosen: bool = False
    exclusive: bool = False
    lang: str | None = None


@dataclass(frozen=True)
class InputView:
    """The input for one answer; a repeating question has several. `values` are by part."""

    id: str
    label: Markup
    values: dict[str, str]
    error: str | None = None

    def value(self, part: str = "") -> str:
        return self.values.get(part, "")

    def part(self, part: str, label: str) -> "InputView":
        """The input of another part of the same answer."""
        return InputView(f"{self.id}-{part}", escape(label), {"": self.value(part)})


@dataclass(frozen=True)
class FileView:
    """A file that is attached. `name` is the value of the button that takes it away."""

    title: str
    name: str


@dataclass(frozen=True)
class FieldView:
    """A question, a group (`repeated` holds the repetitions of one) or a text to read.

    `label` is its text, `title` the same in plain; `level` is that of its heading, 1 where it is the page's; `error`
    what is to be mended in it or in one of its inputs, and `anchor` where a link to that leads; `others` are the inputs
    for words of one's own in an open choice; `answer` is what is only shown; `refresh`: its answer changes what else
    stands on the page; `more`: another answer, file or repetition may be added; `multiple`:
    several files at once; `offer`: an answer that was given elsewhere, told in the hint, may be used.
    """

    kind: Kind
    name: str
    label: Markup
    title: str = ""
    level: int = 2
    hint: Markup | None = None
    error: str | None = None
    warning: Markup | None = None
    answer: str = ""
    options: tuple[OptionView, ...] = ()
    inputs: tuple[InputView, ...] = ()
    others: tuple[InputView, ...] = ()
    units: tuple[OptionView, ...] = ()
    files: tuple[FileView, ...] = ()
    parts: tuple[str, ...] = ()
    suffix: Markup | None = None
    inputmode: str | None = None
    longest: int | None = None
    width: int | None = None
    accept: str = ""
    repeats: bool = False
    multiple: bool = False
    refresh: bool = False
    more: bool = False
    removable: bool = False
    offer: bool = False
    anchor: str = ""
    children: tuple["FieldView", ...] = ()

    @property
    def is_heading(self) -> bool:
        return self.level == 1

    @property
    def own_error(self) -> str | None:
        """The problem of the whole field: one that is in one of several inputs stands by that input."""
        return None if any(one.error for one in self.inputs) else self.error

    @property
    def described_by(self) -> str:
        """The ids of what stands between the title and the inputs, for screen readers."""
        parts = {"hint": self.hint, "error": self.own_error}
        return " ".join(f"{self.name}-{part}" for part, said in parts.items() if said)

    @property
    def is_filled_in(self) -> bool:
        """Whether there is something to answer here."""
        return self.kind not in ("repeated", "group", "text", "output")

    def walk(self) -> Iterator["FieldView"]:
        """This view and all below it, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class PageView:
    """The fields of a page. `heading` is the text of the one view that is the page's h1 (empty: the page has its own);
    `summary` leads to what is to be mended; `takes_files`: the page's form must be sent as
    multipart/form-data. `voluntary`: nothing on the page must be answered, and no text of the form
    says so."""

    fields: tuple[FieldView, ...]
    heading: str = ""
    summary: tuple[FieldError, ...] = ()
    voluntary: bool = False

    @property
    def takes_files(self) -> bool:
        return any(view.kind == "files" for view in self.walk())

    @property
    def asked(self) -> str:
        """The names of the questions on the page: what is sent of none of them was left empty."""
        return " ".join(view.name for view in self.walk() if view.is_filled_in)

    def walk(self) -> Iterator[FieldView]:
        """Every view of the page, in reading order."""
        for top in self.fields:
            yield from top.walk()
