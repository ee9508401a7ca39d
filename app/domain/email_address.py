"""E-mail addresses."""

import re
import unicodedata

LONGEST = 254  # RFC 5321, as corrected by erratum 1690
_LONGEST_LOCAL = 64
_SHAPE = re.compile(r"[^@]+@[^@.]+(\.[^@.]+)+")
_OF_HEADERS = set('<>()[]\\,;:"')  # what means something in a header: a quoted local part is nobody's in practice


def is_email_address(text: str) -> bool:
    """Whether a message may be sent to `text`; only one that arrives proves that it is somebody's.

    One @, a dot behind it, and nothing that could end a header or begin another address: no space, no control or
    invisible character. Letters of any alphabet stay as they were typed (RFC 6531).
    """
    return (
        len(text.encode("utf-8", "replace")) <= LONGEST
        and len(text.partition("@")[0].encode("utf-8", "replace")) <= _LONGEST_LOCAL
        and _SHAPE.fullmatch(text) is not None
        and _SHAPE.fullmatch(unicodedata.normalize("NFKC", text)) is not None
        and not any(character in _OF_HEADERS or unicodedata.category(character)[0] in "CZ" for character in text)
    )
