"""How numbers and dates are written on a page: thin separators, ISO dates, units apart from figures."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from markupsafe import Markup, escape

THIN = "\u202f"
"""Thin space that does not break, between groups of three digits."""

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

NOTHING = "–"
"""Stands where there is no value."""


def yuan(amount: Decimal | float | None) -> str:
    """``¥1 234.00`` with thin separators; a dash for None. Two decimals, minus sign in front."""
    if amount is None:
        return NOTHING
    sign = "−" if amount < 0 else ""
    return f"{sign}¥{abs(amount):,.2f}".replace(",", THIN)


def money(amount: Decimal | float | None) -> str:
    """``1 234.00`` for a column whose header holds the unit."""
    return yuan(amount).replace("¥", "")


def count(number: float | None) -> str:
    """A whole number with thin separators; a dash for None."""
    return NOTHING if number is None else f"{round(number):,}".replace(",", THIN)


def signed(difference: float | None) -> str:
    """``+3``, ``−2`` or ``0``; a dash where there is nothing to compare."""
    if difference is None:
        return NOTHING
    return count(difference) if not difference else f"{'+' if difference > 0 else '−'}{count(abs(difference))}"


def number(value: float | None, places: int = 2) -> str:
    """A number with at most ``places`` decimals, trailing zeros dropped."""
    if value is None:
        return NOTHING
    text = f"{value:,.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(",", THIN).replace("-", "−")


def scientific(value: float) -> str:
    """``3.1 × 10⁻⁴`` for numbers too small to be written out."""
    digits, _, power = f"{value:.1e}".partition("e")
    return f"{digits}{THIN}×{THIN}10{str(int(power)).translate(_RAISED)}".replace("-", "−")


def fixed(value: float | None, places: int = 2) -> str:
    """A number with exactly ``places`` decimals, for a column that lines up."""
    return NOTHING if value is None else f"{value:,.{places}f}".replace(",", THIN).replace("-", "−")


def share(part: float | None, whole: float | None) -> str:
    """``0.5 %``; a dash where there is nothing to divide by."""
    if part is None or not whole:
        return NOTHING
    percent = 100 * part / whole
    return f"{percent:.1f}{THIN}%" if percent >= 0.1 or percent == 0 else f"<0.1{THIN}%"


def moment(at: datetime | None, has_time: bool = True) -> str:
    """``2025-03-04 10:20``; only the date where the hour is unknown; a dash for None."""
    if at is None:
        return NOTHING
    return at.strftime("%Y-%m-%d %H:%M") if has_time else at.strftime("%Y-%m-%d")


def day(at: date | datetime | None) -> str:
    """``2025-03-04``; a dash for None."""
    return NOTHING if at is None else at.strftime("%Y-%m-%d")


def days(first: date | datetime | None, last: date | datetime | None) -> str:
    """``2025-03-04 – 2025-03-06``; one date where both are the same day; open where there is no first or last."""
    told = dict.fromkeys("" if at is None else day(at) for at in (first, last))
    return " – ".join(told).strip() or NOTHING


def short(digest: str | None, length: int = 12) -> str:
    """The head of a long hash, with an ellipsis where something was cut."""
    if not digest:
        return NOTHING
    return digest if len(digest) <= length else f"{digest[:length]}…"


def episode(subject_id: str) -> str:
    """A subject in words: a patient episode is its patient and year, a department its code.

    The institution stands beside it already.
    """
    patient, bar, rest = subject_id.partition("|")
    _, second, year = rest.rpartition("|")
    if bar and not second:
        return rest
    return f"{patient} · {year}" if bar else subject_id


LONGEST_ID = 20
"""Ids longer than this are pseudonyms, whose first twelve characters are enough to tell them apart on a page."""

SHORT_ID = 12
"""Characters of a pseudonym that are shown, and that ``exam-audit identity lookup`` takes."""


def is_pseudonym(id_: str) -> bool:
    """Whether an id is a keyed hash, as ingest makes them of patients and of doctors without a code."""
    return len(id_) == 32 and not set(id_) - set("0123456789abcdef")


def person(id_: str | None) -> str:
    """The id of a person; a long one is cut to its first twelve characters, with the whole of it on hover."""
    if not id_:
        return NOTHING
    if len(id_) <= LONGEST_ID:
        return escape(id_)
    return Markup('<abbr class="id" title="{}">{}…</abbr>').format(id_, id_[:SHORT_ID])


def short_episode(subject_id: str) -> str:
    """A subject as ``episode`` tells it, with a long pseudonym cut as ``person`` cuts it."""
    who, dot, year = episode(subject_id).partition(" · ")
    return Markup("{}{}").format(person(who), dot + year)


def lookup_command(subject_id: str) -> str | None:
    """The command that leads the pseudonym of a subject back to the id, for those who hold the key; else None."""
    who = subject_id.partition("|")[0]
    return f"exam-audit identity lookup {who[:SHORT_ID]} --reason …" if is_pseudonym(who) else None
