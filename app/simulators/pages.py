"""The simulators' own pages: plain HTML in three languages, no script, one stylesheet."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from urllib.parse import urlencode

from babel.dates import format_datetime
from babel.numbers import format_decimal
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from app.content import load
from app.domain.clock import HELSINKI
from app.domain.text import LANGUAGES, Language, Text

_LANGUAGE_NAMES = {"fi": "Suomi", "sv": "Svenska", "en": "English"}


@cache
def _texts() -> Mapping[str, Text]:
    return {key: Text(values) for key, values in load("simulator_texts.json")["texts"].items()}


class Pages:
    """Renders templates. Every word comes from `app/content/simulator_texts.json`."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=PackageLoader("app.simulators"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._environment.globals["language_names"] = _LANGUAGE_NAMES
        self._environment.globals["languages"] = LANGUAGES

    def show(self, template: str, language: Language, context: Mapping[str, object], *, status: int = 200) -> Response:
        """The page, with `t` (a text by key), `moment` and `number` in the page's language, and `link`: an address
        of ours that keeps the language.
        """
        html = self._environment.get_template(template).render(
            lang=language,
            t=lambda key: _texts()[key].to(language),
            moment=lambda value: _moment(value, language),
            link=lambda path, **query: f"{path}?{urlencode({**query, 'lang': language})}",
            number=lambda value: format_decimal(value, locale=_locale(language)),
            **context,
        )
        return HTMLResponse(html, status_code=status)

    def notice(self, key: str, language: Language, *, status: int = 200) -> Response:
        """A page that only says something: the texts `{key}.title` and `{key}.body`."""
        return self.show("notice.html", language, {"key": key}, status=status)


def _moment(value: float, language: Language) -> str:
    at = datetime.fromtimestamp(value, UTC)
    return format_datetime(at, format="medium", tzinfo=HELSINKI, locale=_locale(language))


def _locale(language: Language) -> str:
    return {"fi": "fi_FI", "sv": "sv_FI", "en": "en_GB"}[language]
