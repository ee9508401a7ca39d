"""From where a form stands to what a page shows."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup, escape

from app.domain.forms.instances import Instance, walk
from app.domain.forms.layout import answerable
from app.domain.forms.model import Item
from app.web.components import FieldError
from app.web.forms_view.asking import Asking
from app.web.forms_view.groups import GroupViews
from app.web.forms_view.questions import QuestionViews
from app.web.forms_view.steering import steering
from app.web.forms_view.views import FieldView, PageView
from app.web.i18n import gettext as _


def page_view(
    asking: Asking,
    instances: Sequence[Instance],
    items: Sequence[Item] = (),
    *,
    own_heading: bool = False,
    lead: Sequence[FieldView] = (),
) -> PageView:
    """The fields of a page. `instances` are the trees of what stands on it, without what is not asked or hidden;
    `items` all that may come to stand on it (without them: what stands there), `lead` what is read before it.

    Where one question or group is all that there is to answer, it is the page's heading, unless that has its
    `own_heading`. What is only read may stand beside it.
    """
    tops = items or list({one.item.link_id: one.item for one in instances}.values())
    heading = None if own_heading else _heading(asking, instances, tops)
    questions = [one.item for one in walk(instances) if answerable(one.item)]
    required = any(item.required or item.min_occurs for item in questions)
    makers = GroupViews(asking, QuestionViews(asking, steering(asking.state.form, tops), required), heading)
    views = tuple(makers.views(instances, 2))
    voluntary = bool(questions) and not required and not _says_voluntary((*lead, *views))
    return PageView(views, _heading_text(views), tuple(_summary(views)), voluntary)


def _heading(asking: Asking, instances: Sequence[Instance], tops: Sequence[Item]) -> Item | None:
    """The one question or group of the page, if it stands there now and has a title."""
    to_answer = [item for item in tops if answerable(item) or (item.type == "group" and not item.hidden)]
    if len(to_answer) != 1 or not asking.title(to_answer[0]):
        return None
    return next((one.item for one in instances if one.item.link_id == to_answer[0].link_id), None)


def _heading_text(views: Sequence[FieldView]) -> str:
    """The text of the page's h1, as it is read: with what says that the answer is voluntary."""
    return next((view.label.striptags() for view in views if view.is_heading), "")


def _says_voluntary(views: Sequence[FieldView]) -> bool:
    """Whether a text of the form says itself, in the sentence of ours, that the page may be left empty."""
    ours = str(escape(_("You may leave these empty.")))
    return any(ours in view.label for top in views for view in top.walk())


def _summary(views: Sequence[FieldView]) -> Iterator[FieldError]:
    """What is to be mended, with the name of the question where the page has several."""
    every = [view for top in views for view in top.walk()]
    several = sum(view.is_filled_in for view in every) > 1
    for view in every:
        if view.error:
            yield FieldError(view.anchor, named(view.title, view.error) if several and view.title else view.error)


def named(title: str, error: str) -> Markup:
    """A problem with the name of its question first; a question mark parts the two as well as a colon."""
    pattern = Markup("{} {}") if title.endswith(("?", ".", "!", ":")) else Markup("{}: {}")
    return pattern.format(title, error)
