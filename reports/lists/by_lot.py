"""The sheet of unflagged cases drawn by lot: looked at to learn what the detectors miss, and under no suspicion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from reports.lists.rows import Seal
from reports.lists.sheet import Sheet, Value
from reports.lists.working_columns import DRAWN_SHEET_COLUMNS, PRINTED_DRAWN_COLUMNS
from reports.run_folder import Run
from schemas.unflagged import BY_LOT

REMARK = "随机抽查，不构成任何怀疑。Drawn by lot; no suspicion."


def by_lot_sheets(run: Run, seal: Seal) -> tuple[Sheet, ...]:
    """The sheet, or none where the run drew nobody."""
    if not run.drawn:
        return ()
    rows = _rows(run, seal)
    return (Sheet("by_lot", DRAWN_SHEET_COLUMNS, len(run.drawn), rows, PRINTED_DRAWN_COLUMNS, frozen=2, is_tall=True),)


def _rows(run: Run, seal: Seal) -> Iterator[list[Value]]:
    for one in run.drawn:
        named = {"detector_id": BY_LOT, "institution_name": run.institution_name(one.institution_id), "remark": REMARK}
        yield seal.sealed("by_lot", DRAWN_SHEET_COLUMNS, asdict(one) | named, seal.contents.drawn[one.lead_id])
