"""The views of groups, repetitions and texts, with the questions in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from markupsafe import Markup, escape

from app.domain.forms.instances import Instance
from app.domain.forms.layout import answerable
from app.domain.forms.model import Item
from app.web.forms_view.asking import Asking
from app.web.forms_view.names import name_of
from app.web.forms_view.questions import QuestionViews
from app.web.forms_view.views import FieldView
from app.web.i18n import gettext as _

DEEPEST = 4  # level of a heading


@dataclass(frozen=True)
class GroupViews:
    """Makes the views of what stands side by side. `heading` is the item that is the page's h1."""

    asking: Asking
    questions: QuestionViews
    heading: Item | None = None

    def views(self, instances: Sequence[Instance], level: int) -> Iterator[FieldView]:
        """One view for each instance; repetitions of one group come together in one."""
        for link, same in groupby(instances, key=lambda instance: instance.item.link_id):
            is_heading = self.heading is not None and link == self.heading.link_id
            yield self._view(list(same), 1 if is_heading else min(level, DEEPEST))

    def _view(self, same: Sequence[Instance], level: int) -> FieldView:
        first = same[0]
        if first.item.type == "display":
            return FieldView("text", self._name(first), self.asking.heading(first.item), level=level)
        if first.item.type != "group":
            return self._question(first, level)
        return self._repeated(same, level) if first.item.repeats else self._group(first, level)

    def _name(self, instance: Instance) -> str:
        return name_of(self.asking.state.form, instance.address)

    def _question(self, instance: Instance, level: int) -> FieldView:
        """A question with what is asked below its answer; what all of its answers share stands there once."""
        below = instance.branches if instance.item.multiplies else instance.branches[:1]
        children = tuple(view for branch in below for view in self.views(branch, max(level, 2)))
        return replace(self.questions.view(instance.item, instance.address, level), children=children)

    def _group(self, group: Instance, level: int) -> FieldView:
        view = self._titled(group, level)
        inside = level + 1 if view.label else max(level, 2)
        return replace(view, children=tuple(self.views(group.branches[0], inside)))

    def _titled(self, group: Instance, level: int) -> FieldView:
        item, name = group.item, self._name(group)
        problem = self.asking.problems.get(group.address)
        return FieldView(
            "group",
            name,
            self.asking.heading(item),
            title=self.asking.title(item),
            level=level,
            hint=self.asking.said(item.help) or None,
            error=self.asking.error(problem, item) if problem else None,
            warning=self.asking.warning(group.address),
            anchor=name,
        )

    def _repeated(self, same: Sequence[Instance], level: int) -> FieldView:
        """A repeating group: its title once, each repetition by its number. Its name, that of the ”Add another”
        button, says where the group stands, without the number of a repetition. One with nothing to answer in it stays
        as often as it stands."""
        item, whole = same[0].item, self._titled(same[0], level)
        name = whole.name.rpartition(".")[0]
        fillable = not item.read_only and any(map(answerable, item.walk()))
        removable = fillable and len(same) > max(1, item.min_occurs)
        return replace(
            whole,
            kind="repeated",
            name=name,
            anchor=name,
            more=fillable and (item.max_occurs is None or len(same) < item.max_occurs),
            children=tuple(self._repetition(one, level + 1, removable=removable) for one in same),
        )

    def _repetition(self, group: Instance, level: int, *, removable: bool) -> FieldView:
        view, number = self._group(group, min(level, DEEPEST)), group.index + 1
        label = view.label or escape(_("Answer"))
        return replace(
            view,
            label=Markup("{} {}").format(label, number),
            title=f"{view.title} {number}".strip(),
            hint=None,
            error=None,  # said once, above all repetitions
            removable=removable,
        )
