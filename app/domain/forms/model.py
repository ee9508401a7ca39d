"""A form as frozen values: a FHIR R4 Questionnaire with what SDC adds to it, read once and then only looked at.

Names are those of the standard. A text is a `Phrase`: the wording for oneself and for somebody one is helping.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from app.domain.alarm_words import AlarmKind
from app.domain.forms.values import Coding, Value
from app.domain.phrase import Phrase
from app.domain.text import Text

ItemType = Literal[
    "group",
    "display",
    "boolean",
    "decimal",
    "integer",
    "date",
    "dateTime",
    "time",
    "string",
    "text",
    "url",
    "choice",
    "open-choice",
    "attachment",
    "reference",
    "quantity",
]
Operator = Literal["exists", "=", "!=", ">", "<", ">=", "<="]
NOTHING = Phrase.neutral(Text())


@dataclass(frozen=True)
class Expression:
    """A FHIRPath expression. `number` tells it from the others of its form; `name`: that of a variable, without `%`."""

    number: int
    text: str
    name: str = ""


@dataclass(frozen=True)
class Constraint:
    """A rule between answers (SDC targetConstraint): `human` is said where `expression` is false. A warning lets the
    resident go on."""

    key: str
    human: Text
    expression: Expression
    severity: Literal["error", "warning"] = "error"


@dataclass(frozen=True)
class Option:
    """One answer offered. `exclusive` (”none of these”) rules out all others; `score` is its ordinal or weight; one
    that is `alarming` (a kind of app/domain/alarm_words.py) raises the emergency card and the case."""

    value: Value
    text: Phrase
    exclusive: bool = False
    initial: bool = False
    score: Decimal | None = None
    prefix: Text = field(default_factory=Text)
    alarming: AlarmKind | Literal[""] = ""


@dataclass(frozen=True)
class Condition:
    """One FHIR enableWhen. `answer` is True or False for `exists`."""

    question: str
    operator: Operator
    answer: Value


@dataclass(frozen=True)
class Bounds:
    """What a value must keep to. Lengths in characters, `largest_file` in bytes; None: no limit."""

    min_length: int | None = None
    max_length: int | None = None
    minimum: Value | None = None
    maximum: Value | None = None
    decimals: int | None = None
    regex: str = ""
    file_types: tuple[str, ...] = ()
    largest_file: int | None = None


@dataclass(frozen=True)
class Unit:
    """A unit that a quantity may be given in."""

    code: str
    text: Text
    system: str = ""


@dataclass(frozen=True)
class Item:
    """One item: a group, a question, or a text to read (display).

    `number` is its place in the form in reading order. `min_occurs` and `max_occurs` count answers, or the repetitions
    of a group; they speak of items that are asked. `control` is the code of its itemControl, empty where it has none.
    `fresh`: the author marked that the meaning changed, so that an answer to an earlier version is only shown beside.
    `codes` say what is asked, whichever form asks it; `remember_as`: which need of the person the answer tells.
    """

    number: int
    link_id: str
    type: ItemType
    text: Phrase = NOTHING
    prefix: Text = field(default_factory=Text)
    help: Phrase = NOTHING
    placeholder: Text = field(default_factory=Text)
    control: str = ""
    required: bool = False
    repeats: bool = False
    read_only: bool = False
    hidden: bool = False
    min_occurs: int = 0
    max_occurs: int | None = None
    enable_when: tuple[Condition, ...] = ()
    enable_every: bool = False
    enable_expression: Expression | None = None
    options: tuple[Option, ...] = ()
    bounds: Bounds = Bounds()
    unit: Unit | None = None
    units: tuple[Unit, ...] = ()
    initial: tuple[Value, ...] = ()
    initial_expression: Expression | None = None
    calculated: Expression | None = None
    variables: tuple[Expression, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    fresh: bool = False
    codes: tuple[Coding, ...] = ()
    remember_as: Literal["interpreter", "accessibility", ""] = ""
    items: tuple["Item", ...] = ()

    @property
    def is_question(self) -> bool:
        return self.type not in ("group", "display")

    @property
    def multiplies(self) -> bool:
        """Whether what lies below has an index of this item in its address: a repeating group, or a repeating question
        with items of its own, which belong to one answer each."""
        return self.repeats and (self.type == "group" or any(child.type != "display" for child in self.items))

    def walk(self) -> Iterator["Item"]:
        """This item and all below it, in reading order."""
        yield self
        for child in self.items:
            yield from child.walk()


@dataclass(frozen=True)
class Form:
    """A whole form. `source` is the Questionnaire as it came, which expressions see as `%questionnaire`; `one_page`:
    the author wants it on a single page; `minutes` is about how long it takes, 0 where nobody has said."""

    url: str
    version: str
    name: str
    title: Text
    description: Text
    items: tuple[Item, ...]
    variables: tuple[Expression, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    one_page: bool = False
    minutes: int = 0
    source: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def by_link(self) -> Mapping[str, Item]:
        """Every item by its linkId."""
        return {item.link_id: item for top in self.items for item in top.walk()}

    @cached_property
    def by_number(self) -> Mapping[int, Item]:
        """Every item by its number."""
        return {item.number: item for item in self.by_link.values()}

    @cached_property
    def parents(self) -> Mapping[str, str]:
        """The linkId of the item above, by linkId; those at the top have none."""
        return {child.link_id: item.link_id for item in self.by_link.values() for child in item.items}

    @property
    def canonical(self) -> str:
        """How a response names the form: its url with the version."""
        return f"{self.url}|{self.version}" if self.version else self.url
