"""What would make a detector run, out of the reason why it did not: which files, with which columns."""

from __future__ import annotations

from reports.words import word
from schemas.card import Text

_MISSING = "missing "


def would_make_it_run(reason: str | None) -> Text | None:
    """The files and columns to deliver, in words; None where the reason is not that something is missing.

    Args:
        reason: ``missing exam_order.performed_at, consent or exam_result``: needs joined by commas, alternatives by or.
    """
    if reason is None or not reason.startswith(_MISSING):
        return None
    needs = [need.split(" or ") for need in reason.removeprefix(_MISSING).split(", ")]
    sides = {
        side: getattr(word("need.and"), side).join(
            getattr(word("need.or"), side).join(_file(one, side) for one in alternatives) for alternatives in needs
        )
        for side in ("en", "zh")
    }
    return Text(**sides)


def _file(need: str, side: str) -> str:
    """``table`` or ``table.column`` as a file to deliver."""
    table, _, column = need.strip().partition(".")
    key = "need.column" if column else "need.file"
    return str(getattr(word(key), side)).format(table=table, column=column)
