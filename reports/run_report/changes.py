"""What changed since the run before: leads that came, grew, changed or went, why, and each detector's count."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import polars as pl

from reports.run_folder import Run
from reports.run_report.finding_changes import Earlier, LeadChange, lead_changes
from reports.suspicion import suspicion
from reports.words import word
from schemas.card import Text
from schemas.errors import IntegrityError, UsageError

SHOWN = 50
"""Leads listed of each kind of change, best rank first."""

GROWS = ("finding_count", "amount_at_issue")
"""Columns of a lead that has grown where one of them is more than it was."""

_INPUTS = {
    "batches": "changes.batches",
    "pack": "changes.pack",
    "catalogue": "changes.catalogue",
    "settings": "changes.settings",
    "as_of": "changes.as_of",
    "window_from": "changes.window",
    "window_to": "changes.window",
    "institutions": "changes.institutions",
    "detectors_chosen": "changes.chosen",
    "verdicts_sha256": "changes.verdicts",
    "program": "changes.program",
}
"""Parts of a run's identity, with the word for each."""


@dataclass(frozen=True)
class ChangedLead:
    """A lead that came, went, grew or changed; ``href`` is None without a page.

    Attributes:
        amount, amount_before: yuan at issue now and in the run before; None where it was not there or has no price.
        change: its findings that came, went or stand with another exemption or amount, and why.
    """

    lead_id: str
    rank: int
    title: Text
    institution: str
    href: str | None
    amount: Decimal | None
    amount_before: Decimal | None
    change: LeadChange


@dataclass(frozen=True)
class LeadChanges:
    """One kind of change: its key (new, grown, changed, withdrawn), how many leads, and the first of them."""

    key: str
    count: int
    shown: tuple[ChangedLead, ...]


@dataclass(frozen=True)
class DetectorChange:
    """Open findings of a detector in the run before and in this one; None where it did not run."""

    title: Text
    before: int | None
    now: int | None

    @property
    def difference(self) -> int | None:
        """How many more; None where one of the runs has no count."""
        return None if self.before is None or self.now is None else self.now - self.before


@dataclass(frozen=True)
class Changes:
    """This run against the run before. ``inputs`` names what differs in what went in; ``home`` is the other report."""

    previous_id: str
    home: str
    inputs: Text
    leads: tuple[LeadChanges, ...]
    unchanged: int
    detectors: tuple[DetectorChange, ...]


def read_earlier(folder: Path) -> Earlier:
    """Reads the run before.

    Raises:
        UsageError: the folder lacks a file of a run.
        IntegrityError: its manifest is no manifest.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        run_id, identity = manifest["run_id"], dict(manifest["identity"])
        leads, findings, detectors = (
            pl.read_parquet(folder / f"{stem}.parquet") for stem in ("leads", "findings", "detectors")
        )
    except FileNotFoundError as error:
        raise UsageError("a file of the run before is missing", got="nothing", where=str(folder)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise IntegrityError("the manifest of the run before does not have its shape", where=str(folder)) from error
    statuses = dict(detectors.select("detector_id", "status").iter_rows())
    return Earlier(folder, run_id, identity, leads, findings, statuses)


def changes_since(run: Run, earlier: Earlier, rendered: Collection[str]) -> Changes:
    """This run against the run before, leads by lead_id and findings by finding_id.

    Args:
        run: this run.
        earlier: the run before; published, the two stand beside each other.
        rendered: ids of this run's leads that have a page.
    """
    up = f"../../{earlier.folder.name}/report"
    old_pages = {path.stem for path in (earlier.folder / "report/leads").glob("*.html")}
    here = {lead_id: f"leads/{lead_id}.html" for lead_id in rendered}
    there = {lead_id: f"{up}/leads/{lead_id}.html" for lead_id in old_pages}
    differing = lead_changes(run, earlier)
    before = earlier.leads.select("lead_id", *(pl.col(name).alias(f"{name}_before") for name in GROWS))
    new = run.leads.join(before, on="lead_id", how="anti")
    both = run.leads.join(before, on="lead_id")
    withdrawn = earlier.leads.join(run.leads, on="lead_id", how="anti").rename(
        {"amount_at_issue": "amount_at_issue_before"}
    )
    changed = both.filter(pl.col("lead_id").is_in(list(differing)))
    has_grown = pl.any_horizontal(pl.col(name).fill_null(0) > pl.col(f"{name}_before").fill_null(0) for name in GROWS)
    kinds = {
        "new": (new, here),
        "grown": (changed.filter(has_grown), here),
        "changed": (changed.filter(~has_grown), here),
        "withdrawn": (withdrawn, there),
    }
    return Changes(
        previous_id=earlier.run_id,
        home=f"{up}/index.html",
        inputs=_inputs(run, earlier),
        leads=tuple(_listed(key, run, leads, pages, differing) for key, (leads, pages) in kinds.items()),
        unchanged=run.leads.height - new.height - changed.height,
        detectors=_detectors(run, earlier),
    )


def _listed(
    key: str, run: Run, leads: pl.DataFrame, pages: Mapping[str, str], differing: Mapping[str, LeadChange]
) -> LeadChanges:
    """The first leads of one kind of change, by rank."""
    shown = tuple(
        ChangedLead(
            lead_id=row["lead_id"],
            rank=row["rank"],
            title=suspicion(Text(en=row["title_en"], zh=row["title_zh"])),
            institution=run.institution_name(row["institution_id"]),
            href=pages.get(row["lead_id"]),
            amount=row.get("amount_at_issue"),
            amount_before=row.get("amount_at_issue_before"),
            change=differing.get(row["lead_id"], LeadChange()),
        )
        for row in leads.sort("rank", "lead_id").head(SHOWN).iter_rows(named=True)
    )
    return LeadChanges(key, leads.height, shown)


def _inputs(run: Run, earlier: Earlier) -> Text:
    """What differs in what went into the two runs, in words; empty where nothing does."""
    identity = run.manifest.identity.model_dump(mode="json")
    differing = [key for part, key in _INPUTS.items() if identity.get(part) != earlier.identity.get(part)]
    words = [word(key) for key in dict.fromkeys(differing)]
    return Text(en=", ".join(text.en for text in words), zh="、".join(text.zh for text in words))


def _detectors(run: Run, earlier: Earlier) -> tuple[DetectorChange, ...]:
    """Open findings by detector, then and now; detectors that ran in neither are left out."""
    now, before = _opened(run.findings), _opened(earlier.findings)
    statuses = {result.detector_id: result.status for result in run.detectors}
    return tuple(
        DetectorChange(
            title=run.cards[one].title if one in run.cards else Text(en=one, zh=one),
            before=before.get(one, 0) if earlier.statuses.get(one) == "ran" else None,
            now=now.get(one, 0) if statuses.get(one) == "ran" else None,
        )
        for one in sorted(statuses.keys() | earlier.statuses.keys())
        if "ran" in (statuses.get(one), earlier.statuses.get(one))
    )


def _opened(findings: pl.DataFrame) -> dict[str, int]:
    """Findings that no exemption explains, by detector."""
    return dict(findings.filter(pl.col("exemption_id").is_null()).group_by("detector_id").len().iter_rows())
