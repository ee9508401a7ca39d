"""FHIR Questionnaires: each file of a folder is imported, filled in on the real pages, sent and checked.

A file that this house refuses to import, and says why, is no failure; one that was imported must come through.
"""

from collections.abc import Sequence
from pathlib import Path

from tests.tools.filling.trial import Outcome, opened_trials
from tests.tools.world import World

HEAD = ("file", "items", "imported", "notes", "pages", "sent", "valid", "seconds", "remark")
LONGEST_REMARK = 160  # characters


async def try_forms(world: World, files: Sequence[Path]) -> list[str]:
    """Try every file in a fresh window, and print what became of it; returns what failed."""
    outcomes: list[Outcome] = []
    with world.database() as name:
        async with opened_trials(world.settings(name, limits_factor=0)) as trials:
            print(_line(HEAD), _line(["---"] * len(HEAD)), sep="\n")
            for file in files:
                outcomes.append(await trials.attempt(file.stem, file.read_bytes()))
                print(_line(_cells(outcomes[-1])), flush=True)
    print(_summary(outcomes))
    return [f"{outcome.name}: {'; '.join(outcome.faults)}" for outcome in outcomes if not outcome.good]


def _cells(one: Outcome) -> Sequence[str]:
    remark = "; ".join(part for part in (*one.faults, one.remark) if part)
    notes = f"{one.notes} / {one.unsupported} unsupported"
    came = (str(one.pages), _yes(one.sent), _yes(one.valid)) if one.imported else ("", "", "")
    head = (one.name, str(one.items), "yes", notes) if one.imported else (one.name, "", "refused", "")
    return (*head, *came, f"{one.seconds:.1f}", remark[:LONGEST_REMARK])


def _yes(what: bool) -> str:
    return "yes" if what else "**no**"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _summary(outcomes: Sequence[Outcome]) -> str:
    imported = [one for one in outcomes if one.imported]
    sent = sum(one.sent and one.valid for one in imported)
    pages = sum(one.pages for one in imported)
    return (
        f"forms: {len(outcomes)} files, {len(imported)} imported, {len(outcomes) - len(imported)} refused;"
        f" {sent} sent and valid, {pages} pages sent"
    )
