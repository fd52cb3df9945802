"""Exemptions that a sheet names and no detector of the matter tests: taken, and told before they are written.

The list in a workbook offers the exemptions of every detector, since who reads the chart may find there what no
detector could: that is a verdict like any other. It may also be a slip of the hand, so a preview names the rows.
"""

from __future__ import annotations

from dataclasses import dataclass

from reports.review.importing import Preview
from reports.review.judging import JudgedRow
from reports.run_folder import Run


@dataclass(frozen=True)
class Untested:
    """A row that names such an exemption.

    Attributes:
        sheet, row: where it stands, as the spreadsheet counts.
        tested: exemptions that the detectors of its lead or finding test, sorted; empty where they test none.
    """

    sheet: str
    row: int
    tested: tuple[str, ...]


def untested(seen: Preview) -> tuple[Untested, ...]:
    """The rows, in the order of the sheets; none that is rejected, and none about a case drawn by lot."""
    named = [one for one in seen.rows if one.opinion and one.opinion.exemption_id and one.row.kind != "by_lot"]
    if not named:
        return ()
    detectors = _detectors_of(seen.run, named)
    tests = {id_: {one.exemption_id for one in card.exemptions} for id_, card in seen.run.cards.items()}
    made = []
    for one in named:
        tested = set().union(*(tests.get(id_, set()) for id_ in detectors[one.row.key]))
        if one.opinion and one.opinion.exemption_id not in tested:
            made.append(Untested(one.row.sheet, one.row.number, tuple(sorted(tested))))
    return tuple(made)


def _detectors_of(run: Run, rows: list[JudgedRow]) -> dict[tuple[str, str | None], tuple[str, ...]]:
    """Detectors of each row's lead, or of the one finding that it is about; rows that stand are of the newest run."""
    of_lead = dict(run.leads.select("lead_id", "detector_ids").iter_rows())
    of_finding = dict(run.findings.select("finding_id", "detector_id").iter_rows())
    return {
        (lead, finding): tuple(of_lead[lead]) if finding is None else (of_finding[finding],)
        for lead, finding in (one.row.key for one in rows)
    }
