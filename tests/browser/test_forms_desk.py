"""The desk of content owners in Chromium: what comes from a file may be long, and the page keeps to the screen."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.reader import Reader
from tests.browser.test_road import sign_in

LONG = "a_link_id_that_no_person_would_ever_write_by_hand_without_a_space_in_it_anywhere"
GO_ON = "main form button.govuk-button"


def _file(folder: Path) -> Path:
    """A Questionnaire with a long linkId, and an extension that nobody knows."""
    other = {"url": f"https://example.org/{LONG}", "valueString": "x"}
    item = {"linkId": LONG, "type": "boolean", "text": "Onko kipua?", "extension": [other]}
    content = {"resourceType": "Questionnaire", "language": "fi", "title": "Pitkä", "item": [item]}
    path = folder / "long.json"
    path.write_text(json.dumps(content), "utf-8")
    return path


@pytest.mark.parametrize(("language", "scripts", "width"), [("sv", True, 390), ("fi", False, 1280)])
def test_long_names_from_a_file(
    open_reader: Callable[..., Reader], tmp_path: Path, language: str, scripts: bool, width: int
) -> None:
    """A form is brought in and looked at; the pages with its linkIds, notes and texts never scroll sideways."""
    reader = open_reader(language, scripts=scripts, width=width)
    reader.open("/staff/forms")
    sign_in(reader, "Kaisa Kanerva")
    reader.open("/staff/forms/new")
    reader.page.locator(GO_ON).last.click()
    assert reader.look().page.locator(".govuk-error-summary").count() == 1
    reader.page.locator("input[type=file]").set_input_files(_file(tmp_path))
    reader.click(GO_ON)
    version = reader.page.url.removesuffix("/settings")
    for step in ("", "/preview", "/texts", "/publish", "/retire"):
        reader.open(f"{version}{step}")
