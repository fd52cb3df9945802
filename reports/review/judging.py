"""Judges the rows of a filled-in sheet one by one: new, changed, unchanged, or rejected with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum

from reports.lists.content import Contents
from reports.lists.signature import canonical_cells, is_signature, signature
from reports.lists.working_columns import signed_columns
from reports.review.filled_sheet import KINDS, FilledRow
from schemas.review_codes import NECESSITY, REASON_BY_CODE, REGULARITY, VERDICT_BY_CODE

Key = tuple[str, str | None]
"""A lead and one of its findings; None = the lead as a whole."""


class Standing(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


class Rejection(StrEnum):
    """Why a row is not taken."""

    UNKNOWN_LEAD = "unknown lead"
    NO_LEAD = "no lead: an exempt finding of a subject that has none takes no verdict"
    ALTERED = "altered: the evidence or the signature is not what was handed out"
    STALE = "stale: the newest run no longer says this of the lead; fill in its sheet"
    DUPLICATE = "duplicate: another row of this file is about the same"
    MISSING_VERDICT = "missing verdict"
    UNKNOWN_VERDICT = "unknown verdict"
    MISSING_REASON = "missing reason code"
    UNKNOWN_REASON = "unknown reason code"
    UNFIT_REASON = "the reason code does not go with the verdict"
    MISSING_EXEMPTION = "the reason needs the exemption that held"
    UNKNOWN_EXEMPTION = "unknown exemption"
    MISSING_NOTE = "the reason needs a note"
    UNKNOWN_NECESSITY = "unknown opinion on necessity"
    UNKNOWN_REGULARITY = "unknown opinion on regularity"


@dataclass(frozen=True)
class Opinion:
    """What a row says, and of what; two rows of equal opinion are one verdict.

    Where the newest run found more or other things in a lead, the same words about it are a new verdict.
    """

    content_hash: str
    verdict: str
    reason_code: str
    exemption_id: str | None
    necessity: str | None
    regularity: str | None
    note: str | None = field(repr=False)


@dataclass(frozen=True)
class Handed:
    """What the rows are held against.

    Attributes:
        key: the workspace's signing key.
        contents: what the newest run says.
        exemptions: exemptions that its cards name.
        known_leads: leads of the newest run and of the case store.
    """

    key: bytes = field(repr=False)
    contents: Contents
    exemptions: frozenset[str]
    known_leads: frozenset[str]


@dataclass(frozen=True)
class JudgedRow:
    """One row with what becomes of it; ``before`` is the verdict that a changed row takes the place of."""

    row: FilledRow
    standing: Standing
    opinion: Opinion | None = None
    rejection: Rejection | None = None
    before: Opinion | None = None

    @property
    def changes(self) -> tuple[str, ...]:
        """Names of what differs from the verdict before; none in a row that is not changed."""
        if self.before is None or self.opinion is None:
            return ()
        before, now = self.before, self.opinion
        return tuple(one.name for one in fields(now) if getattr(before, one.name) != getattr(now, one.name))


def judge(rows: Iterable[FilledRow], handed: Handed, current: Mapping[Key, Opinion]) -> tuple[JudgedRow, ...]:
    """Each row with its standing, in the order of the sheets.

    Args:
        rows: the filled rows of one file.
        handed: what they are held against.
        current: the reviewer's newest opinion by lead and finding.
    """
    rows = tuple(rows)
    doubled = _doubled(rows)
    return tuple(_judged(row, handed, current, number in doubled) for number, row in enumerate(rows))


def _doubled(rows: tuple[FilledRow, ...]) -> set[int]:
    """Rows that another of the file contradicts or repeats: of equal rows the first stands, of unequal ones none."""
    told = [(row.key, tuple(row.code(name) for name in _CODED), row.note) for row in rows]
    meanings = Counter(key for key, *_ in dict.fromkeys(told))
    first = {said: number for number, said in reversed(list(enumerate(told)))}
    return {number for number, said in enumerate(told) if first[said] != number or meanings[said[0]] > 1}


_CODED = ("verdict", "reason_code", "exemption_held", "necessity", "regularity")


def _judged(row: FilledRow, handed: Handed, current: Mapping[Key, Opinion], is_doubled: bool) -> JudgedRow:
    rejection = _origin(row, handed) or (Rejection.DUPLICATE if is_doubled else None) or _words(row, handed)
    if rejection is not None:
        return JudgedRow(row, Standing.REJECTED, rejection=rejection)
    opinion = opinion_of(row)
    before = current.get(row.key)
    if before is None:
        return JudgedRow(row, Standing.NEW, opinion)
    return JudgedRow(row, Standing.UNCHANGED if before == opinion else Standing.CHANGED, opinion, before=before)


def opinion_of(row: FilledRow) -> Opinion:
    """What a row says, once its words are known to be right."""
    return Opinion(
        content_hash=row.cells.get("content_hash", ""),
        verdict=row.code("verdict") or "",
        reason_code=row.code("reason_code") or "",
        exemption_id=row.code("exemption_held"),
        necessity=row.code("necessity"),
        regularity=row.code("regularity"),
        note=row.note,
    )


def _origin(row: FilledRow, handed: Handed) -> Rejection | None:
    """Whether the row is one that this workspace handed out, and still says what the newest run says."""
    lead_id, finding_id = row.key
    evidence = canonical_cells(signed_columns(KINDS[row.kind]), row.cells)
    content = row.cells.get("content_hash", "")
    wanted = signature(handed.key, row.kind, row.cells.get("run_id", ""), content, evidence)
    if not is_signature(row.cells.get("signature", ""), wanted):
        return Rejection.ALTERED if lead_id in handed.known_leads else Rejection.UNKNOWN_LEAD
    if row.kind == "findings" and not lead_id:
        return Rejection.NO_LEAD
    return None if handed.contents.said_of(row.kind, lead_id, finding_id) == content else Rejection.STALE


def _words(row: FilledRow, handed: Handed) -> Rejection | None:
    """Whether verdict, reason and the rest are words that we know and that go together."""
    verdict = row.code("verdict")
    if verdict is None:
        return Rejection.MISSING_VERDICT
    if verdict not in VERDICT_BY_CODE:
        return Rejection.UNKNOWN_VERDICT
    return _reason(row, verdict, handed) or _opinions(row)


def _reason(row: FilledRow, verdict: str, handed: Handed) -> Rejection | None:
    code, exemption = row.code("reason_code"), row.code("exemption_held")
    reason = REASON_BY_CODE.get(code or "")
    if code is None or reason is None:
        return Rejection.MISSING_REASON if code is None else Rejection.UNKNOWN_REASON
    if verdict not in reason.verdicts:
        return Rejection.UNFIT_REASON
    if exemption is not None and exemption not in handed.exemptions:
        return Rejection.UNKNOWN_EXEMPTION
    if reason.needs_exemption and exemption is None:
        return Rejection.MISSING_EXEMPTION
    return Rejection.MISSING_NOTE if reason.needs_note and row.note is None else None


def _opinions(row: FilledRow) -> Rejection | None:
    for name, codes, rejection in (
        ("necessity", NECESSITY, Rejection.UNKNOWN_NECESSITY),
        ("regularity", REGULARITY, Rejection.UNKNOWN_REGULARITY),
    ):
        code = row.code(name)
        if code is not None and code not in {one.code for one in codes}:
            return rejection
    return None
