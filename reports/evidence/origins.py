"""Where each entry of a patient's record stands in the extracts: the files, and the rows in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reports.rows import Happening, Origin

BY_CODE = {
    "new_diagnosis": "diagnosis",
    "operation": "procedure",
    "transfusion": "procedure",
    "diagnostic_procedure": "procedure",
}
"""Kinds of happening that stand in a table of their own, in the row with their code."""

BY_TABLE = {"consent": "consent", "consent_waived": "consent", "not_shareable": "exam_result"}
"""Kinds of happening that stand in a table of their own, in every row of their record."""

EXAMINED = ("exam_order", "claim_line", "exam_result")
"""Tables that an examination may stand in; its charges tell its money, its reports tell its result."""


class Origins:
    """The rows of the extracts that one lead's record rests on."""

    def __init__(self, rows: Iterable[Origin]) -> None:
        self._rows: dict[str, list[Origin]] = {}
        for row in rows:
            self._rows.setdefault(row.record_id, []).append(row)

    def of_examination(self, event_id: str) -> tuple[Origin, ...]:
        """Its order, the lines charged for it with their reversals, and its reports."""
        return self._in(event_id, EXAMINED)

    def of_stay(self, stay_id: str) -> tuple[Origin, ...]:
        """Its encounters: several where interim claims were merged."""
        return self._in(stay_id, ("encounter",))

    def of_happening(self, row: Happening) -> tuple[Origin, ...]:
        """What it stands in; a fact about an examination or a stay stands in the rows of that."""
        record_id = row.event_id or ""
        if row.kind in BY_CODE:
            code = (row.detail or "").upper()
            own = [one for one in self._in(record_id, (BY_CODE[row.kind],)) if (one.record_code or "").upper() == code]
            return tuple(own) or self.of_stay(record_id)
        if row.kind in BY_TABLE:
            return self._in(record_id, (BY_TABLE[row.kind],))
        return self._in(record_id, ("exam_order",)) or self.of_stay(record_id) or self._in(record_id, EXAMINED)

    def _in(self, record_id: str, tables: Sequence[str]) -> tuple[Origin, ...]:
        rows = [row for row in self._rows.get(record_id, ()) if row.table_name in tables]
        return tuple(sorted(rows, key=lambda row: (tables.index(row.table_name), row.source_file, row.source_row)))


def places(rows: Iterable[Origin]) -> tuple[tuple[str, str], ...]:
    """Files in the order of ``rows``, each with its rows as they are read: ``("exam_result.csv", "12–14, 20")``."""
    by_file: dict[str, set[int]] = {}
    for row in rows:
        by_file.setdefault(row.source_file, set()).add(row.source_row)
    return tuple((file, _ranges(sorted(numbers))) for file, numbers in by_file.items())


def _ranges(numbers: Sequence[int]) -> str:
    """Numbers in order, those that follow one another told as from–to."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
