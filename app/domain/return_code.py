"""The code by which somebody who has not signed in comes back to what they sent.

It is all that stands between a stranger and the matter, so it is long: 20 of 27 signs are 95 bits. Letters that look
like a figure (B G I L O S Z) and the figures 0 and 1 are left out, so that it can be copied by hand.
"""

LETTERS = "ACDEFHJKMNPQRTUVWXY23456789"
LENGTH, GROUP = 20, 4
# Signs that look like one of ours are read as it; the others can't have been meant.
_LOOKS_LIKE = str.maketrans("BGSZ", "8652")


def grouped(code: str) -> str:
    """The code as people read and write it: `ACDE-FHJK-…`."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def read_code(text: str) -> str:
    """The code that was typed, however it was parted and in small letters too; empty where it can be none."""
    signs = "".join(sign for sign in text.upper() if sign.isalnum()).translate(_LOOKS_LIKE)
    return signs if len(signs) == LENGTH and set(signs) <= set(LETTERS) else ""
