"""Text that a spreadsheet must not run: what starts like a formula is quoted with a leading apostrophe."""

from __future__ import annotations

import re

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
"""First characters that make spreadsheet programs read a cell as a formula; the wide forms are read so by some."""

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Control characters that no XML file may hold, and that break readers of CSV."""


def safe_text(text: str) -> str:
    """The text with ``'`` in front where it starts like a formula, and control characters shown as U+FFFD."""
    quoted = f"'{text}" if text.startswith(STARTS_A_FORMULA) else text
    return _UNWRITABLE.sub("\ufffd", quoted)
