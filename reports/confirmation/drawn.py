"""Writes fact confirmation sheets beside the evidence pages: ``report/confirmations/<lead_id>.html`` and the like."""

from __future__ import annotations

from pathlib import Path

from reports.bundle import linked
from reports.confirmation.view import institution_sheets, lead_sheet
from reports.evidence.view import EvidencePage
from reports.pages import page
from reports.run_folder import Run

FOLDER = "confirmations"


def write_lead_sheet(run: Run, report: Path, view: EvidencePage) -> Path | None:
    """Writes the sheet of one lead and returns its path; None where all of its findings are exempt."""
    sheet = lead_sheet(run, view)
    if sheet is None:
        return None
    return _write(report, view.lead.lead_id, page("confirmation/lead.html.j2", sheet=sheet, **_frame(run)))


def write_institution_sheets(run: Run, report: Path) -> None:
    """Writes a sheet for every institution that has a lead; leads that have a sheet already are linked."""
    with_sheet = frozenset(path.stem for path in (report / FOLDER).glob("*.html"))
    for name, sheet in institution_sheets(run, with_sheet):
        _write(report, name, page("confirmation/institution.html.j2", sheet=sheet, **_frame(run)))


def _frame(run: Run) -> dict[str, object]:
    """What the skeleton of a page needs."""
    named = {name.removesuffix(".parquet"): digest for name, digest in run.manifest.results.items()}
    return {"manifest": run.manifest, "assets": linked(1), "findings_hash": named.get("findings")}


def _write(report: Path, name: str, text: str) -> Path:
    path = report / FOLDER / f"{name}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
