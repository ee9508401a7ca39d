"""The inputs of a question with what stands in them, and where a link to a problem leads."""

from markupsafe import Markup, escape

from app.domain.forms.answering.problem import Problem
from app.domain.forms.answering.typed import OTHER, RawField, entries, own_words
from app.domain.forms.model import Item
from app.web.forms_view.views import InputView, Kind
from app.web.i18n import gettext as _

WITHOUT_INPUTS: tuple[Kind, ...] = ("radios", "checkboxes", "tick", "files", "output")
_OF_ALL = ("missing", "too_few", "too_many", "exclusive", "rule", "no_words", "not_offered")


def inputs_of(item: Item, raw: RawField, name: str, label: Markup) -> tuple[InputView, ...]:
    """One input for each answer; in a repeating question an empty one more, while there may be more answers."""
    rows = _rows(item, raw)
    if not item.repeats:
        whole = {part: "".join(values[:1]) for part, values in raw.items()}  # a unit without its number too
        return (InputView(name, label, rows[0] if rows else whole),)
    rows += [{}] * (_many(item, len(rows)) - len(rows))
    return tuple(InputView(_id(name, index), _numbered(index), row) for index, row in enumerate(rows))


def _rows(item: Item, raw: RawField) -> list[dict[str, str]]:
    """What stands in each input; options of a drop-down list come one by one."""
    kept = {part: tuple(filter(None, values)) if item.options else values for part, values in raw.items()}
    return [dict(entry) for entry in entries({part: values for part, values in kept.items() if part != OTHER})]


def _many(item: Item, filled: int) -> int:
    wanted = max(filled + 1 if filled else 1, item.min_occurs)
    return max(filled, min(wanted, item.max_occurs or wanted))


def _id(name: str, index: int) -> str:
    return f"{name}-{index + 1}" if index else name


def _numbered(index: int) -> Markup:
    return escape(_("Answer %(number)s") % {"number": index + 1})


def others_of(item: Item, raw: RawField, name: str) -> tuple[InputView, ...]:
    """The inputs for words of one's own beside the options; usually one."""
    if item.type != "open-choice" or not item.options:
        return ()
    label = escape(_("Something else: write it here"))
    return tuple(
        InputView(_id(f"{name}-{OTHER}", index), label, {"": words})
        for index, words in enumerate(own_words(raw) or [""])
    )


def wrong_input(problem: Problem, inputs: tuple[InputView, ...]) -> int | None:
    """Which of several inputs the problem is in; None where it is one of them all."""
    if len(inputs) < 2 or problem.code in _OF_ALL or problem.index >= len(inputs):
        return None
    return problem.index


def anchor_of(name: str, problem: Problem | None, inputs: tuple[InputView, ...], parts: tuple[str, ...]) -> str:
    """Where the link to a problem leads: the first input that a resident can mend it in."""
    if problem and problem.code == "no_words":
        return f"{name}-{OTHER}"
    wrong = wrong_input(problem, inputs) if problem else None
    start = inputs[wrong].id if wrong is not None else name
    return f"{start}-{parts[0]}" if parts else start
