"""The view of one question."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from app.domain.forms.answers import Address
from app.domain.forms.layout import answerable
from app.domain.forms.model import Item
from app.domain.forms.values import File, Value
from app.web.forms_view import controls, inputs
from app.web.forms_view.asking import Asking
from app.web.forms_view.names import file_name, name_of
from app.web.forms_view.origin_words import measured_words, offer_words, origin_words
from app.web.forms_view.views import FieldView, FileView
from app.web.forms_view.words import answer_text
from app.web.i18n import gettext as _

_WIDTHS = {"integer": 5, "decimal": 10, "quantity": 10, "time": 5}


@dataclass(frozen=True)
class QuestionViews:
    """Makes the views of questions. `steering` are the linkIds of those after which the page is shown anew;
    `marks_voluntary`: on a page where something is required, what is not is marked; elsewhere it is said once."""

    asking: Asking
    steering: frozenset[str]
    marks_voluntary: bool

    def view(self, item: Item, address: Address, level: int) -> FieldView:
        """The question at this address."""
        shown = FieldView(
            controls.kind_of(item),
            name_of(self.asking.state.form, address),
            self._label(item),
            title=self.asking.title(item),
            level=level,
            hint=self._hint(item, address),
            warning=self.asking.warning(address),
            offer=address in self.asking.offers,
        )
        if not answerable(item):
            return replace(shown, answer=self._answers(item, self.asking.state.answers.of(address)))
        return self._with_problem(self._with_control(shown, item, address), item, address)

    def _label(self, item: Item) -> Markup:
        label = self.asking.heading(item) or escape(_("Your answer"))
        if not answerable(item) or item.required or item.min_occurs or not self.marks_voluntary:
            return label
        voluntary = _("(you may leave this empty)")
        return Markup('{} <span class="form-voluntary">{}</span>').format(label, voluntary)

    def _hint(self, item: Item, address: Address) -> Markup | None:
        """The form's help, how the answer is written, and what is told beside."""
        format_hint = controls.format_hint(self.asking, item) if answerable(item) else ""
        parts = [part for part in (self.asking.said(item.help), escape(format_hint)) if part]
        beside = Markup('<span class="form-earlier">{}</span>')
        return Markup(" ").join([*parts, *(beside.format(words) for words in self._beside(item, address))]) or None

    def _beside(self, item: Item, address: Address) -> Iterator[str]:
        """The answer to an earlier version, where the answer comes from, and one that may be used."""
        asking = self.asking
        if earlier := asking.earlier.get(address):
            yield _("Your earlier answer: %(answer)s") % {"answer": self._answers(item, earlier)}
        if origin := asking.origins.get(address):
            yield origin_words(origin, asking.language)
        if measured := asking.measured.get(address):
            yield measured_words(measured, asking.language)
        if offer := asking.offers.get(address):
            yield offer_words(offer, self._answers(item, offer.values), asking.language)

    def _answers(self, item: Item, values: Sequence[Value]) -> str:
        asking = self.asking
        return ", ".join(answer_text(item, one, asking.language, for_another=asking.for_another) for one in values)

    def _with_control(self, view: FieldView, item: Item, address: Address) -> FieldView:
        raw, name = self.asking.raw(item, address), view.name
        standing = () if view.kind in inputs.WITHOUT_INPUTS else inputs.inputs_of(item, raw, name, view.label)
        files = self._files(item, address, name)
        return replace(
            view,
            inputs=standing,
            repeats=item.repeats and bool(standing),
            others=inputs.others_of(item, raw, name),
            options=controls.options_of(self.asking, item, raw),
            units=controls.units_of(self.asking, item),
            suffix=controls.suffix_of(self.asking, item),
            parts=controls.parts_of(item),
            inputmode=controls.inputmode_of(item),
            longest=controls.longest_of(item),
            width=_WIDTHS.get(item.type),
            accept=",".join(item.bounds.file_types),
            files=files,
            multiple=item.type == "attachment" and item.repeats,
            more=controls.may_add(item, view.kind, len(files or standing)),
            refresh=item.link_id in self.steering,
        )

    def _files(self, item: Item, address: Address, name: str) -> tuple[FileView, ...]:
        given = self.asking.state.answers.of(address)
        files = [value for value in given if isinstance(value, File)]
        return tuple(FileView(answer_text(item, one, self.asking.language), file_name(name, one.id)) for one in files)

    def _with_problem(self, view: FieldView, item: Item, address: Address) -> FieldView:
        problem = self.asking.problems.get(address)
        anchor = inputs.anchor_of(view.name, problem, view.inputs, view.parts)
        if not problem:
            return replace(view, anchor=anchor)
        error = self.asking.error(problem, item)
        wrong = inputs.wrong_input(problem, view.inputs)
        marked = tuple(replace(one, error=error) if index == wrong else one for index, one in enumerate(view.inputs))
        return replace(view, anchor=anchor, error=error, inputs=marked)
