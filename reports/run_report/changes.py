"""What changed since the run before: leads that came, went or rest on other findings, and each detector's count."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from reports.run_folder import Run
from reports.suspicion import suspicion
from reports.words import word
from schemas.card import Text
from schemas.errors import IntegrityError, UsageError

SHOWN = 50
"""Leads listed of each kind of change, best rank first."""

SUBJECT = ["subject_type", "subject_id"]

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


@dataclass(frozen=True, eq=False)
class Earlier:
    """What a report needs of the run before; read without its schemas, so that a run of an older program serves too."""

    folder: Path
    run_id: str
    identity: Mapping[str, Any]
    leads: pl.DataFrame
    findings: pl.DataFrame
    statuses: Mapping[str, str]


@dataclass(frozen=True)
class ChangedLead:
    """A lead that came, went or changed. Counts are of findings, exempt ones too; ``href`` is None without a page.

    ``altered`` are findings that stand in both runs with another exemption or another amount.
    """

    lead_id: str
    rank: int
    title: Text
    institution: str
    href: str | None
    added: int = 0
    removed: int = 0
    altered: int = 0


@dataclass(frozen=True)
class LeadChanges:
    """One kind of change: its key (``new``, ``withdrawn``, ``changed``), how many leads, and the first of them."""

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
    new = run.leads.join(earlier.leads, on="lead_id", how="anti")
    withdrawn = earlier.leads.join(run.leads, on="lead_id", how="anti")
    counted = _counted(run, earlier)
    changed = run.leads.join(counted, on="lead_id")
    return Changes(
        previous_id=earlier.run_id,
        home=f"{up}/index.html",
        inputs=_inputs(run, earlier),
        leads=(
            _listed("new", run, new, here),
            _listed("withdrawn", run, withdrawn, there),
            _listed("changed", run, changed, here),
        ),
        unchanged=run.leads.height - new.height - changed.height,
        detectors=_detectors(run, earlier),
    )


def _counted(run: Run, earlier: Earlier) -> pl.DataFrame:
    """Findings added, removed and altered of each lead that stands in both runs and rests on other findings now."""
    both = run.leads.join(earlier.leads, on="lead_id", how="semi").select("lead_id", *SUBJECT)
    state = ["lead_id", "finding_id", "exemption_id", "amount_at_issue"]
    now, before = (
        findings.join(both, on=SUBJECT).select(*state).with_columns(stands=pl.lit(True))
        for findings in (run.findings, earlier.findings)
    )
    joined = now.join(before, on=["lead_id", "finding_id"], how="full", coalesce=True, suffix="_before")
    is_in_both = pl.col("stands") & pl.col("stands_before")
    is_other = pl.any_horizontal(
        pl.col(name).ne_missing(pl.col(f"{name}_before")) for name in ("exemption_id", "amount_at_issue")
    )
    counted = joined.group_by("lead_id").agg(
        added=pl.col("stands_before").is_null().sum(),
        removed=pl.col("stands").is_null().sum(),
        altered=(is_in_both & is_other).sum(),
    )
    return counted.filter(pl.sum_horizontal("added", "removed", "altered") > 0)


def _listed(key: str, run: Run, leads: pl.DataFrame, pages: Mapping[str, str]) -> LeadChanges:
    """The first leads of one kind of change, by rank."""
    shown = tuple(
        ChangedLead(
            lead_id=row["lead_id"],
            rank=row["rank"],
            title=suspicion(Text(en=row["title_en"], zh=row["title_zh"])),
            institution=run.institution_name(row["institution_id"]),
            href=pages.get(row["lead_id"]),
            **{name: row[name] for name in ("added", "removed", "altered") if name in row},
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
