"""Random forms and answers for properties: groups in groups, repetitions, conditions, options, and every type.

Conditions speak of questions that stand earlier, so that one reading from the top settles what is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from hypothesis import strategies as st

from app.domain.forms.answers import Address, Answers, Place
from app.domain.forms.computing.compute import compute
from app.domain.forms.model import NOTHING, Condition, Form, Item, ItemType, Operator, Option, Unit
from app.domain.forms.state import State
from app.domain.forms.values import Coding, File, Quantity, Reference, Value
from app.domain.phrase import Phrase
from app.domain.text import Text
from tests.tools.forms import KNOWN

QUESTION_TYPES: tuple[ItemType, ...] = (
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
)
UCUM = "http://unitsofmeasure.org"
LETTERS = "http://example.org/letters"
_WORDS = st.text("aåÖ9 –,\n", min_size=1, max_size=8).map(str.strip).filter(bool)
_LINKS = ("{}", "q.{}", "ky/sy {}", "ä?{}#")  # a linkId may hold anything
_MOST_WIDE = 5
_MOST_DEEP = 3


def phrase(words: str) -> Phrase:
    """The same words in Finnish and Swedish, for everybody."""
    return Phrase.neutral(Text({"fi": words, "sv": f"{words} (sv)"}))


_SIMPLE: Mapping[str, st.SearchStrategy[Value]] = {
    "boolean": st.booleans(),
    "decimal": st.decimals(-999, 999, places=2),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "date": st.dates().map(str) | st.sampled_from(("2024", "2024-02")),
    "dateTime": st.sampled_from(("2024-02-29T12:30:00+02:00", "2025-01-01T00:00:00Z", "2024-02")),
    "time": st.times().map(lambda time: time.isoformat("seconds")),
    "string": _WORDS,
    "text": _WORDS,
    "url": st.sampled_from(("https://example.org/a?b=c", "urn:oid:1.2.246")),
    "attachment": st.builds(File, st.just("file-1"), st.just("image/png"), _WORDS, st.integers(0, 9)),
    "reference": st.builds(Reference, st.sampled_from(("Patient/1", "Organization/2")), _WORDS),
}


def values_for(item: Item) -> st.SearchStrategy[Value]:
    """What somebody may answer to one question."""
    if item.type in ("choice", "open-choice"):
        offered = st.sampled_from([option.value for option in item.options])
        return offered | _WORDS if item.type == "open-choice" else offered
    if item.type == "quantity":
        units = [(unit.text.to("fi"), unit.system, unit.code) for unit in item.units]
        return st.builds(lambda value, unit: Quantity(value, *unit), _SIMPLE["decimal"], st.sampled_from(units))
    return _SIMPLE[item.type]


@st.composite
def forms(
    draw: st.DrawFn, *, conditions: bool = True, most_items: int = 20, types: Sequence[ItemType] = QUESTION_TYPES
) -> Form:
    """A form of at least one item and hardly more than `most_items`, without expressions."""
    items = _Maker(draw, conditions, most_items, tuple(types)).level(_MOST_DEEP)
    return Form("http://example.org/Questionnaire/random", "1", "random", Text({"fi": "Satunnainen"}), Text(), items)


@st.composite
def answers_for(draw: st.DrawFn, form: Form) -> Answers:
    """Answers to some of the questions, asked or not, each of a value that the question takes."""
    values: dict[Address, tuple[Value, ...]] = {}
    counts: dict[Address, int] = {}

    def answer_level(items: Sequence[Item], place: Place) -> None:
        for item in items:
            if item.type != "display":
                answer(item, Address(item.link_id, place))

    def answer(item: Item, address: Address) -> None:
        if item.type == "group":
            branches = draw(st.integers(1, 3)) if item.repeats else 1
            if branches > 1:
                counts[address] = branches
        else:
            least = draw(st.sampled_from((0, 1, 1, 1)))
            given = draw(st.lists(values_for(item), min_size=least, max_size=3 if item.repeats else 1, unique=True))
            if given:
                values[address] = tuple(given)
            branches = len(given) if item.multiplies else min(len(given), 1)
        for index in range(branches):
            answer_level(item.items, (*address.place, index) if item.multiplies else address.place)

    answer_level(form.items, ())
    return Answers(values, counts)


@st.composite
def filled_forms(draw: st.DrawFn, *, conditions: bool = True, most_items: int = 20) -> tuple[Form, Answers]:
    """A form with answers to it."""
    form = draw(forms(conditions=conditions, most_items=most_items))
    return form, draw(answers_for(form))


def state_of(form: Form, answers: Answers) -> State:
    """Where a form stands with these answers."""
    return compute(form, answers, KNOWN).state


@dataclass
class _Maker:
    """Makes items in reading order, and remembers the questions that later conditions may speak of."""

    draw: st.DrawFn
    conditions: bool
    most_items: int
    types: tuple[ItemType, ...]
    made: int = 0
    questions: list[Item] = field(default_factory=list)

    def level(self, depth: int) -> tuple[Item, ...]:
        return tuple(self.item(depth) for _ in range(self.draw(st.integers(1, _MOST_WIDE))) if self.has_room())

    def has_room(self) -> bool:
        return self.made < max(1, self.most_items)

    def item(self, depth: int) -> Item:
        number, self.made = self.made + 1, self.made + 1
        link_id = self.draw(st.sampled_from(_LINKS)).format(number)
        kind = self.kind(depth)
        when = self.condition()
        text = phrase(f"Kohta {number}") if kind == "display" or self.chance(9) else NOTHING
        if kind == "display":
            return Item(number, link_id, kind, text, enable_when=when)
        question = self.question(number, link_id, kind, text) if kind != "group" else None
        below = self.level(depth - 1) if self.has_room() and (kind == "group" or (depth and self.chance(1))) else ()
        return Item(
            number,
            link_id,
            kind,
            text,
            repeats=question.repeats if question else self.chance(3),
            required=self.chance(3),
            read_only=kind != "group" and self.chance(1),
            hidden=self.chance(1),
            enable_when=when,
            enable_every=self.chance(5),
            options=question.options if question else (),
            units=question.units if question else (),
            items=below,
        )

    def kind(self, depth: int) -> ItemType:
        kinds = ("question",) * 5 + ("display",) + ("group",) * (2 if depth else 0)
        kind = self.draw(st.sampled_from(kinds))
        if kind == "question":
            return self.draw(st.sampled_from(self.types))
        return "group" if kind == "group" else "display"

    def question(self, number: int, link_id: str, kind: ItemType, text: Phrase) -> Item:
        """What conditions need to know of a question; it may be asked about from below itself."""
        codes = "abcd"[: self.draw(st.integers(1, 4))] if kind in ("choice", "open-choice") else ""
        options = tuple(Option(Coding(code, LETTERS, code.upper()), phrase(code.upper())) for code in codes)
        units = (Unit("kg", Text({"fi": "kg"}), UCUM), Unit("g", Text({"fi": "g"}), UCUM)) if kind == "quantity" else ()
        made = Item(number, link_id, kind, text, repeats=self.chance(3), options=options, units=units)
        self.questions.append(made)
        return made

    def condition(self) -> tuple[Condition, ...]:
        if not (self.conditions and self.questions and self.chance(4)):
            return ()
        asked = self.draw(st.lists(st.sampled_from(self.questions), min_size=1, max_size=2))
        return tuple(self.condition_on(question) for question in asked)

    def condition_on(self, question: Item) -> Condition:
        if self.chance(4):
            return Condition(question.link_id, "exists", self.draw(st.booleans()))
        ordered = question.type in ("decimal", "integer", "date", "time")
        operators: tuple[Operator, ...] = ("=", "!=", ">", "<=") if ordered else ("=", "!=")
        value = Decimal(1) if question.type == "decimal" else self.draw(values_for(question))
        return Condition(question.link_id, self.draw(st.sampled_from(operators)), value)

    def chance(self, tenths: int) -> bool:
        return self.draw(st.integers(0, 9)) >= 10 - tenths
