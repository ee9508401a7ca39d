"""`make translations`: bring locales/*.po in line with the texts of code and templates.

Existing translations are kept, dead ones go, new ones come in empty and are listed; a test fails until
they are filled.
"""

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from app.domain.text import LANGUAGES
from tests.tools.messages import LOCALES, Key, extracted, key_of

NAMES = {"fi": "Finnish", "sv": "Swedish (as used in Finland)", "en": "English"}
HEAD = """# {name} texts of the service window.
msgid ""
msgstr ""
"Language: {code}\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""


def main() -> int:
    """Rewrite the three catalogues; returns how many texts still lack a translation."""
    wanted = extracted()
    missing = 0
    for code in LANGUAGES:
        path = LOCALES / code / "LC_MESSAGES" / "messages.po"
        known = _known(path)
        catalogue = Catalog(locale=code)
        for key, message_id in sorted(wanted.items(), key=lambda item: (item[0][1], item[0][0] or "")):
            string = known.get(key) or (message_id if code == "en" else "")
            if not string:
                print(f"{code}: no translation of {message_id!r}")
                missing += 1
            catalogue.add(message_id, string, context=key[0])
        path.write_text(HEAD.format(name=NAMES[code], code=code) + _written(catalogue))
    return missing


def _known(path: Path) -> dict[Key, str | list[str] | tuple[str, ...]]:
    with path.open("rb") as file:
        messages: list[Message] = [message for message in read_po(file) if message.id]
    return {key_of(message): message.string for message in messages if message.string}


def _written(catalogue: Catalog) -> str:
    out = io.BytesIO()
    write_po(out, catalogue, width=0, no_location=True, omit_header=True)
    return out.getvalue().decode().strip() + "\n"


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
