"""The sheet of unflagged cases drawn by lot: looked at to learn what the detectors miss, and under no suspicion."""

from __future__ import annotations

from collections.abc import Iterator

from reports.lists.sheet import Column, Kind, Sheet, Value
from reports.run_folder import Run
from schemas.unflagged import BY_LOT

NOTE = "随机抽查，不构成任何怀疑。Drawn by lot; no suspicion."

COLUMNS = (
    Column("lot", "抽签序号", Kind.COUNT, 9),
    Column("lead_id", "线索编号", width=27),
    Column("detector_id", "检测", width=18),
    Column("subject_id", "对象", width=58),
    Column("institution_id", "机构编码", width=20),
    Column("institution_name", "机构名称", width=24),
    Column("exam_count", "检查数", Kind.COUNT, 9),
    Column("encounter_count", "就诊数", Kind.COUNT, 9),
    Column("net_amount", "检查净金额（元）", Kind.MONEY, 16),
    Column("net_fund_amount", "其中基金（元）", Kind.MONEY, 16),
    Column("first_occurred_at", "最早发生", Kind.MOMENT, 17),
    Column("last_occurred_at", "最近发生", Kind.MOMENT, 17),
    Column("note", "说明", width=52),
)
"""lead_id and detector_id are what a verdict file names such a case by (finding_id, detector_id)."""


def by_lot_sheets(run: Run) -> tuple[Sheet, ...]:
    """The sheet, or none where the run drew nobody."""
    return (Sheet("by_lot", COLUMNS, len(run.drawn), _rows(run)),) if run.drawn else ()


def _rows(run: Run) -> Iterator[tuple[Value, ...]]:
    for one in run.drawn:
        yield (
            one.lot,
            one.lead_id,
            BY_LOT,
            one.subject_id,
            one.institution_id,
            run.institution_name(one.institution_id),
            one.exam_count,
            one.encounter_count,
            one.net_amount,
            one.net_fund_amount,
            one.first_occurred_at,
            one.last_occurred_at,
            NOTE,
        )
