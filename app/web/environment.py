"""The template environment: strict, translated, with the components as globals.

Components and macros are globals, not imports: rendering one block of a template alone (for a partial update) skips
the imports at its top.
"""

from collections.abc import Callable
from functools import wraps
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context, Macro

from app.web import components, filters, i18n

TEMPLATES = Path(__file__).parents[2] / "templates"

_DATES = (
    *(i18n.format_date_alone, i18n.format_day, i18n.format_near),
    *(i18n.format_short_day, i18n.format_time, i18n.format_when),
)


def make_environment(templates: Path = TEMPLATES, *, auto_reload: bool = False) -> Environment:
    """An environment for the pages in `templates`: undefined names raise, text is escaped, `_()` translates.

    `auto_reload` looks for changed templates at every page: for whoever writes them.
    """
    environment = Environment(
        loader=FileSystemLoader(templates),
        undefined=StrictUndefined,
        autoescape=True,
        auto_reload=auto_reload,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    _translate(environment)
    environment.globals.update({name: getattr(components, name) for name in components.__all__})
    environment.filters.update({item.__name__: _each_time(item) for item in (*_DATES, *filters.FILTERS)})
    environment.tests.update(filters.TESTS)
    environment.globals.update(_macros(environment))
    return environment


def _each_time(words: Callable[..., object]) -> Callable[..., object]:
    """A filter that the compiler does not work out beforehand, not even of a constant: what it gives depends on the
    language of the page."""

    @pass_context
    @wraps(words)
    def shown(_context: Context, *given: object, **named: object) -> object:
        return words(*given, **named)

    return shown


def _translate(environment: Environment) -> None:
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by the i18n extension
        i18n.gettext, i18n.ngettext, newstyle=True, pgettext=i18n.pgettext, npgettext=i18n.npgettext
    )


def _macros(environment: Environment) -> dict[str, Macro]:
    """The macros of `templates/components/`, by name. Raises ValueError where two files define the same one."""
    found: dict[str, Macro] = {}
    for name in environment.list_templates(filter_func=lambda name: name.startswith("components/")):
        for key, value in vars(environment.get_template(name).module).items():
            if not isinstance(value, Macro):
                continue
            if key in found:
                raise ValueError(f"two macros are called {key}")
            found[key] = value
    return found
