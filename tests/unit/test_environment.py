"""The template environment."""

import pytest

from app.domain.text import LANGUAGES, Language
from app.web.environment import TEMPLATES, make_environment
from app.web.i18n import current_language

TEMPLATE = make_environment().from_string("{{ 'fi'|language_name }}")
FINNISH = {"fi": "suomi", "sv": "finska", "en": "Finnish"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_a_constant_are_in_the_language_of_the_page(language: Language) -> None:
    """A template is compiled once for all languages: no filter is worked out beforehand, in that of the first page."""
    token = current_language.set(language)
    try:
        assert TEMPLATE.render() == FINNISH[language]
    finally:
        current_language.reset(token)


def test_every_whole_page_has_its_icon() -> None:
    """A page without one makes the browser ask for /favicon.ico, which is not there."""
    whole = [text for path in TEMPLATES.rglob("*.html") if "<html" in (text := path.read_text("utf-8"))]
    assert len(whole) > 1
    assert [text for text in whole if 'rel="icon"' not in text] == []
