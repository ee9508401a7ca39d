"""What the browser gets: small, our own, nothing from elsewhere."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.web.assets import BUILD, URL, Assets, AssetsMissing

BUDGETS = {"main.css": 13_000, "main.js": 21_000}  # bytes, gzip
FONT_BUDGET = 30_000  # bytes; woff2 is compressed already
SPRITES = ("icons.svg", "logo.svg")


def _manifest() -> dict[str, str]:
    path = BUILD / "manifest.json"
    if not path.exists():
        pytest.fail("The front end is not built. Run: npm ci --ignore-scripts && npm run build")
    names: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return names


def _built(name: str) -> str:
    return (BUILD / _manifest()[name]).read_text(encoding="utf-8")


def _texts() -> Iterator[tuple[str, str]]:
    yield from ((name, _built(name)) for name in BUDGETS)
    yield from ((name, (BUILD.parent / name).read_text(encoding="utf-8")) for name in SPRITES)


@pytest.mark.parametrize(("name", "budget"), BUDGETS.items())
def test_byte_budget(name: str, budget: int) -> None:
    """The style sheet and the script stay small enough for a first page of 80 kB on a weak connection."""
    assert len(gzip.compress(_built(name).encode(), 9)) <= budget


def test_font_budget() -> None:
    """One font file serves every weight."""
    assert (BUILD / _manifest()["source-sans-3.woff2"]).stat().st_size <= FONT_BUDGET


@pytest.mark.parametrize("mark", ["crest", "crown", "gds transport", "govuk-logo"])
def test_no_sign_of_another_government(mark: str) -> None:
    """The controls are borrowed; the typeface, crest and crown of their country are not."""
    for name, text in _texts():
        assert mark not in text.lower(), f"{mark} in {name}"


def test_no_foreign_host() -> None:
    """Nothing is fetched from another host. Allowed are the names of XML languages and print styles for links."""
    for name, text in _texts():
        left = re.sub(r"https?://www\.w3\.org/[\w/]+", "", text)
        left = re.sub(r'\[href\^="?https?://"?\]', "", left)
        assert not re.findall(r"https?://[\w.-]*", left), name


def test_every_url_of_the_style_sheet_exists() -> None:
    """The style sheet names only files that lie beside it."""
    urls = re.findall(r"url\(\s*[\"']?([^\"')]+)", _built("main.css"))
    assert urls
    for url in urls:
        assert (BUILD / url).is_file(), url


def test_script_needs_no_unsafe_rule() -> None:
    """Our own scripts run no code from text and set no style, so that the content security policy can be strict."""
    sources = [*Path(BUILD.parents[2] / "frontend/js").glob("*.js")]
    assert sources
    for source in sources:
        text = source.read_text(encoding="utf-8")
        assert not re.search(r"\beval\(|new Function|innerHTML|\.style\b", text), source.name


def test_icons_that_templates_use_exist() -> None:
    """Every picture named in a template is in the sprite."""
    templates = BUILD.parents[2] / "templates"
    ids = set(re.findall(r'id="(\w+)"', (BUILD.parent / "icons.svg").read_text(encoding="utf-8")))
    pattern = re.compile(r"(?:icon|task_row)\(\s*\"(\w+)\"")
    used = {name for page in templates.rglob("*.html") for name in pattern.findall(page.read_text(encoding="utf-8"))}
    assert used
    assert used <= ids


def test_lock_file_names_no_address() -> None:
    """Whoever installs chooses the registry."""
    lock = (BUILD.parents[2] / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in lock


def test_assets_have_paths() -> None:
    """Pages find the built files by the paths in the manifest."""
    assets = Assets.load()
    assert assets.css.startswith(URL)
    assert (BUILD / assets.js.removeprefix(URL)).is_file()


def test_missing_build_says_what_to_do(tmp_path: Path) -> None:
    """Without a build the application stops with the command that helps."""
    with pytest.raises(AssetsMissing, match="npm run build"):
        Assets.load(tmp_path)
