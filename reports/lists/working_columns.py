"""The sheets that inspectors fill in: which columns, in which order, and which of them come on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reports.lists.sheet import DRAWN_COLUMNS, FINDING_COLUMNS, LEAD_COLUMNS, Column, Use

VERDICT_COLUMNS = (
    Column("verdict", "认定", width=15, use=Use.INPUT),
    Column("reason_code", "理由", width=18, use=Use.INPUT),
    Column("exemption_held", "成立的豁免情形", width=15, use=Use.INPUT),
    Column("note", "说明", width=26, use=Use.INPUT),
    Column("necessity", "必要性", width=13, use=Use.INPUT),
    Column("regularity", "规范性", width=13, use=Use.INPUT),
)
"""What an inspector writes; all but the note are chosen from a list."""

SEAL_COLUMNS = (
    Column("run_id", "运行", width=18, use=Use.HIDDEN),
    Column("content_hash", "内容摘要", width=18, use=Use.HIDDEN),
    Column("signature", "签名", width=34, use=Use.HIDDEN),
)
"""Hidden: the run, a hash of what the run found in this row's matter, and the signature over the row."""

_PRINTED_LEAD = {
    "rank": 6, "title_zh": 26, "institution_name": 20, "lead_id": 26, "amount_at_issue": 13, "last_occurred_at": 16,
}  # fmt: skip
_PRINTED_FINDING = {
    "rank": 6, "sentence_zh": 34, "lead_id": 26, "flagged_event_id": 14, "occurred_at": 16, "amount_at_issue": 13,
}  # fmt: skip
_PRINTED_DRAWN = {
    "lot": 6, "remark": 26, "institution_name": 20, "lead_id": 26, "exam_count": 11, "last_occurred_at": 16,
}  # fmt: skip
"""Evidence columns that come on paper, with their widths; the others stand to the right of the verdict."""

_PRINTED_VERDICT = 4
"""Of what is filled in, the columns up to the note come on paper."""

PRINTED_LEAD_COLUMNS = len(_PRINTED_LEAD) + _PRINTED_VERDICT
PRINTED_FINDING_COLUMNS = len(_PRINTED_FINDING) + _PRINTED_VERDICT
PRINTED_DRAWN_COLUMNS = len(_PRINTED_DRAWN) + _PRINTED_VERDICT


def _arranged(columns: Sequence[Column], printed: dict[str, int]) -> tuple[Column, ...]:
    """Printed columns first, then what is filled in, then the others, then the hidden seal."""
    by_name = {column.name: column for column in columns}
    first = [replace(by_name[name], width=width) for name, width in printed.items()]
    rest = [column for column in columns if column.name not in printed]
    shown = [replace(one, use=Use.LINK) if one.name == "lead_id" else one for one in first]
    return (*shown, *VERDICT_COLUMNS, *rest, *SEAL_COLUMNS)


LEAD_SHEET_COLUMNS = _arranged(LEAD_COLUMNS, _PRINTED_LEAD)
FINDING_SHEET_COLUMNS = _arranged(FINDING_COLUMNS, _PRINTED_FINDING)
DRAWN_SHEET_COLUMNS = _arranged(DRAWN_COLUMNS, _PRINTED_DRAWN)


def signed_columns(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The evidence columns of a sheet that its signatures cover, sorted by name: their order may be changed."""
    evidence = (Use.SHOWN, Use.LINK)
    return tuple(sorted((one for one in columns if one.use in evidence), key=lambda one: one.name))
