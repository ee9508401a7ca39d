"""From where a form stands to what a page shows."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from app.domain.forms.instances import Instance
from app.web.components import FieldError
from app.web.forms_view.asking import Asking
from app.web.forms_view.groups import GroupViews
from app.web.forms_view.questions import QuestionViews
from app.web.forms_view.steering import steering
from app.web.forms_view.views import FieldView, PageView


def page_view(asking: Asking, instances: Sequence[Instance], *, own_heading: bool = False) -> PageView:
    """The fields of a page. `instances` are the trees of what stands on it, without what is not asked or hidden.

    Where one question or group is all that the page has, it is the page's heading, unless that has its `own_heading`.
    """
    makers = GroupViews(asking, QuestionViews(asking, steering(asking.state.form, [one.item for one in instances])))
    alone = not own_heading and _stands_alone(asking, instances)
    views = tuple(makers.views(instances, 1 if alone else 2))
    return PageView(views, asking.title(instances[0].item) if alone else "", tuple(_summary(views)))


def _stands_alone(asking: Asking, instances: Sequence[Instance]) -> bool:
    items = {instance.item.link_id: instance.item for instance in instances}
    return len(items) == 1 and all(item.type != "display" and asking.title(item) for item in items.values())


def _summary(views: Sequence[FieldView]) -> Iterator[FieldError]:
    """What is to be mended, with the name of the question where the page has several."""
    every = [view for top in views for view in top.walk()]
    several = sum(view.is_filled_in for view in every) > 1
    for view in every:
        if view.error:
            yield FieldError(view.anchor, _named(view.title, view.error) if several and view.title else view.error)


def _named(title: str, error: str) -> Markup:
    """The name first; a question mark parts the two as well as a colon."""
    pattern = Markup("{} {}") if title.endswith(("?", ".", "!", ":")) else Markup("{}: {}")
    return pattern.format(title, error)
