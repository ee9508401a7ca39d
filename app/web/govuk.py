"""The macros of govuk-frontend, in the environment they need.

They take one loose dictionary and lenient undefined values, so they run apart from our strict templates.
"""

from collections.abc import Mapping
from functools import cache

from jinja2 import ChainableUndefined, Environment, PackageLoader, PrefixLoader
from markupsafe import Markup

Attributes = Mapping[str, str]
Params = dict[str, object]


@cache
def _environment() -> Environment:
    loader = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    return Environment(loader=loader, undefined=ChainableUndefined, autoescape=True)


@cache
def _module(component: str) -> object:
    return _environment().get_template(f"govuk_frontend_jinja/components/{component}/macro.html").module


def render(component: str, macro: str, /, **params: object) -> Markup:
    """Calls a macro with the parameters that are not None (it would print the word None)."""
    given = {name: value for name, value in params.items() if value is not None}
    return Markup(str(getattr(_module(component), macro)(given)).strip())  # noqa: S704 - macros escape their text


def as_text(value: str | None, **more: object) -> Params | None:
    return None if value is None else {"text": value, **more}


def as_body(body: str | Markup) -> Params:
    """HTML where the caller gives Markup, else text."""
    return {"html": body} if isinstance(body, Markup) else {"text": body}
