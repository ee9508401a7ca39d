"""The pages of a form as a resident would see them, all of them, in any of the languages and in both voices."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from markupsafe import Markup

from app.domain.forms.desk.preview import conditional, everything
from app.domain.forms.layout import FormPage, lay_out
from app.domain.forms.model import Form
from app.domain.forms.pages import instances_on, lead_on
from app.domain.forms.state import State
from app.domain.text import Language
from app.web.forms_view.asking import Asking
from app.web.forms_view.fields import page_view
from app.web.forms_view.views import FieldView
from app.web.i18n import current_language
from app.web.i18n import gettext as _

Draw = Callable[[FieldView], Markup]


@dataclass(frozen=True)
class PreviewPage:
    """One page. `sometimes`: the titles of what is asked only by a condition; `go_on`: the words of its button."""

    section: str
    body: Markup
    sometimes: Sequence[str]
    go_on: str


def preview_pages(form: Form, language: Language, draw: Draw, *, for_another: bool) -> Sequence[PreviewPage]:
    """All pages, in the order of the form; `draw` makes the HTML of one field."""
    state = everything(form)
    with _speaking(language):
        asking = Asking(state, language, for_another)
        return [_page(page, asking, state, draw) for page in lay_out(form)]


def _page(page: FormPage, asking: Asking, state: State, draw: Draw) -> PreviewPage:
    lead = page_view(asking, lead_on(page, state), own_heading=True)
    view = page_view(asking, instances_on(page, state), own_heading=True)
    sometimes = (asking.title(item) or item.link_id for item in conditional(page))
    body = Markup("").join(draw(field) for field in (*lead.fields, *view.fields))
    return PreviewPage(asking.words(page.section), body, list(sometimes), _("Continue"))


@contextmanager
def _speaking(language: Language) -> Iterator[None]:
    """What the window itself says within a form is in the language of the form, not in that of the reader."""
    token = current_language.set(language)
    try:
        yield
    finally:
        current_language.reset(token)
