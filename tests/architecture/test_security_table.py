"""docs/security.md says nothing that is not so: its rows are whole, its files exist, its numbers are the code's."""

import re
from collections import Counter
from pathlib import Path

from app.services.rate_limits import RULES

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "security.md").read_text()
STATES = ("met", "county", "n/a: ", "issue ")
PATHS = re.compile(r"`((?:app|tests|docs|migrations|templates|frontend)/[\w/.-]+|[\w-]+\.(?:toml|txt|json))`")


def requirements() -> list[tuple[str, str, str, str]]:
    """Number, place, test and state of every row of the chapters."""
    rows = []
    for line in TEXT.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.match(r"\|\s*\d+\.\d+\.\d+", line):
            assert len(cells) == 5, line
            rows.append((cells[0], cells[2], cells[3], cells[4]))
    assert len(rows) > 150
    return rows


def test_every_row_has_its_say() -> None:
    """Each requirement stands once, in order, with a state that we know."""
    rows = requirements()
    numbers = [number.partition("–")[0] for number, *_rest in rows]
    assert len(set(numbers)) == len(numbers)
    assert numbers == sorted(numbers, key=lambda number: [int(part) for part in number.split(".")])
    for number, place, _test, state in rows:
        assert state.startswith(STATES), number
        assert place != "—" or not state.startswith(("met", "county")), number
    assert {int(number.split(".")[0]) for number in numbers} == set(range(1, 18))


def test_what_is_met_is_there() -> None:
    """The files that a met requirement names exist; what is to come may name places that are not there yet."""
    for number, place, test, state in requirements():
        if state == "met":
            missing = [path for path in PATHS.findall(f"{place} {test}") if not (ROOT / path).exists()]
            assert missing == [], number
    states = Counter(state.partition(":")[0].split(" ")[0] for *_rest, state in requirements())
    assert states["met"] > 100


def test_limits_are_told_as_they_are() -> None:
    """The numbers of the limits' table are the code's."""
    told = [tuple(cell.strip() for cell in line.split("|")[3:5]) for line in TEXT.splitlines() if "process, sl" in line]
    told += [
        tuple(cell.strip() for cell in line.split("|")[3:5]) for line in TEXT.splitlines() if "| everywhere" in line
    ]
    expected = [tuple(_words(one.count, one.seconds) for one in (rule.own, rule.address)) for rule in RULES.values()]
    assert told == expected


def _words(count: int, seconds: int) -> str:
    span = {60: "a minute", 3600: "an hour"}.get(seconds, f"in {seconds // 60} minutes")
    return f"{count:,} {span}"


def test_scripts_keep_nothing_in_the_browser() -> None:
    """Nothing that somebody did stays in the storage of a browser that others use too."""
    scripts = list((ROOT / "frontend" / "js").glob("*.js"))
    assert scripts
    for script in scripts:
        assert not re.search(r"(local|session)Storage|indexedDB|caches\.|document\.cookie", script.read_text()), (
            script.name
        )
