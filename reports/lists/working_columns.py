"""The two sheets that inspectors fill in: which columns, in which order, and which of them come on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reports.lists.sheet import FINDING_COLUMNS, LEAD_COLUMNS, Column, Kind, Use

VERDICT_COLUMNS = (
    Column("verdict", "认定", width=17, use=Use.INPUT),
    Column("reason_code", "理由", width=24, use=Use.INPUT),
    Column("exemption_held", "成立的豁免情形", width=20, use=Use.INPUT),
    Column("necessity", "必要性", width=13, use=Use.INPUT),
    Column("regularity", "规范性", width=13, use=Use.INPUT),
    Column("note", "说明", width=30, use=Use.INPUT),
)
"""What an inspector writes; all but the note are chosen from a list."""

SEAL_COLUMNS = (
    Column("run_id", "运行", width=18, use=Use.HIDDEN),
    Column("content_hash", "内容摘要", width=18, use=Use.HIDDEN),
    Column("signature", "签名", width=34, use=Use.HIDDEN),
)
"""Hidden: the run, a hash of what the run found in this row's matter, and the signature over the row."""

_PRINTED_LEAD = {
    "rank": 6, "title_zh": 24, "institution_name": 20, "lead_id": 18, "grade": 10, "finding_count": 8,
    "amount_at_issue": 14, "fund_amount_at_issue": 14, "last_occurred_at": 16, "evidence_path": 14,
}  # fmt: skip
_PRINTED_FINDING = {
    "rank": 6, "sentence_zh": 40, "lead_id": 18, "standing": 9, "flagged_event_id": 20, "occurred_at": 16,
    "amount_at_issue": 14, "fund_amount_at_issue": 14,
}  # fmt: skip
"""Evidence columns that come on paper, with their widths; the others stand to the right of the verdict."""

PRINTED_LEAD_COLUMNS = len(_PRINTED_LEAD) + len(VERDICT_COLUMNS)
PRINTED_FINDING_COLUMNS = len(_PRINTED_FINDING) + len(VERDICT_COLUMNS)

UNSIGNED = ("score", "probability")
"""What only orders the list: no evidence, and a figure whose last digit a spreadsheet may round."""


def _arranged(columns: Sequence[Column], printed: dict[str, int]) -> tuple[Column, ...]:
    """Printed columns first, then what is filled in, then the others, then the hidden seal."""
    by_name = {column.name: column for column in columns}
    first = [replace(by_name[name], width=width) for name, width in printed.items()]
    rest = [column for column in columns if column.name not in printed]
    shown = [replace(one, use=Use.LINK) if one.name == "evidence_path" else one for one in first]
    return (*shown, *VERDICT_COLUMNS, *rest, *SEAL_COLUMNS)


LEAD_SHEET_COLUMNS = _arranged(LEAD_COLUMNS, _PRINTED_LEAD)
FINDING_SHEET_COLUMNS = _arranged(FINDING_COLUMNS, _PRINTED_FINDING)


def signed_columns(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The evidence columns of a sheet that its signatures cover, sorted by name: their order may be changed."""
    evidence = (Use.SHOWN, Use.LINK)
    exact = [one for one in columns if one.use in evidence and one.name not in UNSIGNED]
    return tuple(sorted((one for one in exact if one.kind not in (Kind.SHARE, Kind.NUMBER)), key=lambda one: one.name))
