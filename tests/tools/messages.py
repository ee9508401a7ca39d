"""The texts of code and templates, as gettext messages."""

from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

ROOT = Path(__file__).parents[2]
LOCALES = ROOT / "locales"

Key = tuple[str | None, str]
MessageId = str | tuple[str, ...]

# Where in each function's arguments the text stands; c marks the context.
KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def extracted() -> dict[Key, MessageId]:
    """Every message that code or a template asks for, by context and (singular) text."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    rows = extract_from_dir(ROOT, methods, options, keywords=KEYWORDS, directory_filter=_ours)
    found: dict[Key, MessageId] = {}
    for _file, _line, message, _comments, context in rows:
        found[context, message if isinstance(message, str) else message[0]] = message
    return found


def _ours(folder: str | Path) -> bool:
    return Path(folder).name not in {".venv", "node_modules", "var", "tests", "frontend", "static"}


def key_of(message: Message) -> Key:
    """A catalogue message's context and (singular) text."""
    return message.context, message.id if isinstance(message.id, str) else message.id[0]
