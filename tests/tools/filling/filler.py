"""Fills in a form from its first page to the receipt: reads what each page asks, answers, mends what it says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urlsplit

from app.domain.forms.answering.problem import Problem
from app.domain.forms.answering.typed import OTHER, RawField, read
from app.domain.forms.answers import Address
from app.domain.forms.layout import answerable, lay_out
from app.domain.forms.model import Form, Item
from app.domain.forms.values import Value
from app.web.forms_view.names import address_of, name_of
from tests.tools.document import Form as PageForm
from tests.tools.document import text_of
from tests.tools.filling.controls import Control, additions_of, controls_of
from tests.tools.filling.files import Sample, sample_for
from tests.tools.filling.plausible import Entry, entries_for
from tests.tools.visitor import Visitor

Fields = dict[str, str | list[str]]
MOST_MENDINGS = 12  # of one page
MOST_ANSWERS = 2  # to a repeating question that wants no more; an empty input stands after every one
MOST_PAGES = 400  # of a form that has fewer itself
WORDS = "Jotain muuta"


class Stuck(Exception):
    """The form can't be filled in to its end; says where and why."""


@dataclass
class Filler:
    """Somebody who fills in `form`. `given`: what was sent last of each question; `pages`: how many were sent."""

    visitor: Visitor
    form: Form
    pages: int = 0
    given: dict[Address, RawField] = field(default_factory=dict)
    tries: dict[Address, int] = field(default_factory=dict)
    mended: dict[str, int] = field(default_factory=dict)
    added: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)

    async def fill(self, code: str) -> None:
        """From the introduction to the receipt. Raises Stuck."""
        await self.begin(code)
        while "/forms/sent/" not in self.visitor.path:
            self._count()
            await (self._check() if self._here.endswith("/check") else self._page())

    async def begin(self, code: str) -> None:
        """From the introduction to the first page."""
        await self.visitor.get(f"/{self.visitor.language}/forms/{code}")
        await self.visitor.submit(f"/forms/{code}")

    @property
    def _here(self) -> str:
        return urlsplit(self.visitor.path).path

    def _count(self) -> None:
        self.pages += 1
        most = max(MOST_PAGES, 3 * len(lay_out(self.form)))
        if self.visitor.status not in (200, 422):
            raise Stuck(f"{self.visitor.status} at {self._here}")
        if self.pages > most:
            raise Stuck(f"no end after {most} pages")

    async def _page(self) -> None:
        """Answer everything that the page asks; add one more of what can be added, once each."""
        page = self.visitor.document.form(self._here)
        fields, files = self.answers(page)
        more = [value for value in additions_of(page) if value not in self.added][:1]
        self.added.update(more)
        await self.visitor.fill_in(page, fields | ({"add": more} if more else {}), files)
        if self.visitor.status == 422:
            self._mend()

    async def _check(self) -> None:
        """Send; where something is to be mended, go to its page."""
        await self.visitor.submit("/check")
        if self.visitor.status != 422:
            return
        row = f"check-{self._mend()}"
        changes = [href for _text, href in self.visitor.document.links() if "change=1" in href]
        leading = [href for href in changes if f"check-{urldefrag(href).fragment}" == row]
        if not leading:
            raise Stuck(self._said())
        await self.visitor.get(leading[0])

    def _mend(self) -> str:
        """Note which questions want another answer; returns the name of the first. Raises Stuck."""
        here = self._here
        self.mended[here] = self.mended.get(here, 0) + 1
        if self.mended[here] > MOST_MENDINGS:
            raise Stuck(self._said())
        anew = [self._try_anew(name) for name in dict.fromkeys(map(_plain, self._wrong()))]
        if not anew:
            raise Stuck(self._said())
        return name_of(self.form, anew[0])

    def _try_anew(self, name: str) -> Address:
        """Another answer to a question; of a group or of the whole form, to one of those that were answered in it."""
        address = address_of(self.form, name) or address_of(self.form, f"{name}.0")
        concerned = list(self._below(address) if address else self._ruled()) or self._asked_later(address)
        if not concerned:
            raise Stuck(self._said())
        one = concerned[sum(self.mended.values()) % len(concerned)]
        self.tries[one] = self.tries.get(one, 0) + 1
        return one

    def _below(self, address: Address) -> Iterator[Address]:
        """The questions answered at this address and below it; those of all repetitions of a group."""
        links = {item.link_id for item in self.form.by_link[address.link_id].walk()}
        repeats = self.form.by_link[address.link_id].type == "group"
        place = address.place[:-1] if repeats else address.place
        return (one for one in self.given if one.link_id in links and one.place[: len(place)] == place)

    def _asked_later(self, address: Address | None) -> list[Address]:
        """The first question of a group that was not asked yet when its page came by."""
        items = self.form.by_link[address.link_id].walk() if address else ()
        return [Address(item.link_id, address.place) for item in items if address and answerable(item)][:1]

    def _ruled(self) -> Iterator[Address]:
        """The questions answered of which the rules of the form itself speak."""
        texts = " ".join(rule.expression.text for rule in self.form.constraints)
        return (one for one in self.given if f"'{one.link_id}'" in texts)

    def _wrong(self) -> Iterator[str]:
        for element in self.visitor.document.all("div"):
            if "govuk-error-summary" in element.get("class", "").split():
                yield from (link.get("href", "").partition("#")[2] for link in element.iter("a"))

    def _said(self) -> str:
        """What the page says is to be mended."""
        for element in self.visitor.document.all("ul"):
            if "govuk-error-summary__list" in element.get("class", ""):
                return f"{self._here.rpartition('/')[2]}: {text_of(element)}"
        return f"{self.visitor.status} at {self._here}"

    def answers(self, page: PageForm) -> tuple[Fields, dict[str, Sample]]:
        """What is typed and chosen on this page, and the files added, by the name of the input."""
        fields: Fields = {}
        files: dict[str, Sample] = {}
        for name, parts in controls_of(page).items():
            address = address_of(self.form, name)
            if address is None:
                raise Stuck(f"the page asks {name}, which this form has not")
            item = self.form.by_link[address.link_id]
            if item.type == "attachment":
                files |= self._file(name, item)
                continue
            typed = answer(item, parts, self.tries.get(address, 0))
            self.given[address] = {part: tuple(values) for part, values in typed.items()}
            fields |= {f"{name}-{part}" if part else name: values for part, values in typed.items()}
        return fields, files

    def _file(self, name: str, item: Item) -> dict[str, Sample]:
        """One file for each question; none where the form takes only kinds that this house does not."""
        sample = sample_for(item)
        if sample is None:
            self.skipped.add(item.link_id)
        if sample is None or name in self.added:
            return {}
        self.added.add(name)
        return {name: sample}


def answer(item: Item, parts: Mapping[str, Control], attempt: int) -> Fields:
    """What is sent of one question, by part: the likeliest answer, and another at each further attempt."""
    main = parts.get("")
    if main and main.kind in ("radio", "checkbox", "select"):
        return _chosen(item, parts, main, attempt)
    entries = entries_for(item)
    rows = [entries[(attempt + row) % len(entries)] for row in range(max(1, item.min_occurs, MOST_ANSWERS))]
    return {part: [_part(part, control, row) for row in rows[: control.count]] for part, control in parts.items()}


def _part(part: str, control: Control, row: Entry) -> str:
    """What one input takes of an answer; the unit is chosen, the rest typed."""
    return control.offered[0] if control.kind == "select" else row.get(part, "")


def _chosen(item: Item, parts: Mapping[str, Control], main: Control, attempt: int) -> Fields:
    offered = [value for value in main.offered if not _rules_out(item, value)] or list(main.offered)
    many = _many(item, main) if main.kind == "checkbox" else main.count
    chosen = [offered[(attempt + index) % len(offered)] for index in range(min(many, len(offered)))]
    before = [] if main.kind == "select" else [""]  # the hidden field beside the boxes
    fields: Fields = {"": [*before, *dict.fromkeys(chosen)]}
    words = [WORDS if OTHER in chosen else ""] * parts[OTHER].count if OTHER in parts else []
    return fields | ({OTHER: words} if words else {})


def _many(item: Item, control: Control) -> int:
    """How many boxes are ticked: two where several may be, and what the form wants at least."""
    if not item.repeats:
        return 1
    return min(max(2, item.min_occurs), item.max_occurs or len(control.offered), len(control.offered))


def _rules_out(item: Item, value: str) -> bool:
    """Whether the option rules out all others."""
    return value.isdecimal() and item.options[int(value)].exclusive if item.options else False


def _plain(anchor: str) -> str:
    """The name of the field that a link to a problem leads to; empty for the page itself."""
    name = anchor.removeprefix("check-").partition("-")[0]
    return name if name != "main" else ""


def likely(item: Item) -> tuple[Value, ...]:
    """The likeliest answer to a question that stands by itself; none to one that takes files."""
    if item.options:
        return (item.options[0].value,)
    if item.type in ("attachment", "boolean"):
        return (True,) if item.type == "boolean" else ()
    found = read(item, {part: (text,) for part, text in entries_for(item)[0].items()}, "fi")
    return () if isinstance(found, Problem) else found
