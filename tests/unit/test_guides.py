"""Self-care guides: complete, safe to show, and every one that advice names exists."""

import json
from importlib.resources import files

import pytest

from app import content
from app.domain.text import LANGUAGES
from app.services.assessing.guides import find_guide, guide_codes, read_guide
from app.services.errors import NotFound
from app.web.filters import markdown


@pytest.mark.parametrize("code", sorted(guide_codes()))
def test_every_guide_reads_in_every_language(code: str) -> None:
    """Each guide has a title, an owner, sources and a text in all three languages."""
    for language in LANGUAGES:
        guide = find_guide(code, language)
        assert guide.title
        assert guide.owner
        assert guide.sources
        assert guide.text


def test_advice_names_only_guides_there_are() -> None:
    """A self-care link on a result page always leads somewhere."""
    advice = sorted(files(content).joinpath("assessments").rglob("advice.json"))  # type: ignore[attr-defined]
    levels = [level for file in advice for level in json.loads(file.read_text("utf-8"))["levels"].values()]
    named = {level["guide"] for level in levels} - {None}
    assert named
    assert named <= guide_codes()


@pytest.mark.parametrize("code", ["nothing", "", "..", "../county", "urinary-symptoms.fi"])
def test_unknown_code_is_not_found(code: str) -> None:
    """Only codes of our own files are looked up, so no code becomes a path."""
    with pytest.raises(NotFound):
        find_guide(code, "fi")


def test_head_is_required() -> None:
    """A file without its head is a mistake that shows at once."""
    with pytest.raises(ValueError, match="unpack"):
        read_guide("# Only text")


def test_html_in_markdown_is_text() -> None:
    """Markdown can't bring a script or an unsafe link into a page."""
    html = markdown("<script>alert(1)</script>\n\n[x](javascript:alert(1))")
    assert "<script" not in html
    assert "href" not in html
