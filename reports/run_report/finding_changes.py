"""Findings that came, went or changed since the run before, and why: what in the two runs' inputs speaks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from reports.run_folder import Run

SUBJECT = ["subject_type", "subject_id"]

RULES = ("pack", "settings", "window_from", "window_to", "institutions", "detectors_chosen", "program")
"""Parts of a run's identity that are rules or scope, beside the detector's own hash."""

CAUSES = (
    "later",
    "detector_new",
    "detector_off",
    "exempted",
    "reopened",
    "amount",
    "data",
    "rules",
    "either",
    "ranked",
)
"""Why a finding changed, the certain ones first; ``reports.words`` has each as ``cause.<name>``."""


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
class LeadChange:
    """How the findings of one lead differ: counts, exempt ones too, and (cause, findings) pairs, most certain first."""

    added: int = 0
    removed: int = 0
    altered: int = 0
    causes: tuple[tuple[str, int], ...] = ()


def lead_changes(run: Run, earlier: Earlier) -> dict[str, LeadChange]:
    """Leads of either run whose findings differ, by lead_id."""
    changed = _changed(run, earlier).with_columns(cause=_cause(run, earlier))
    counted = changed.group_by("lead_id", "kind", "cause").len().sort("lead_id", "kind", "cause")
    parts = counted.partition_by("lead_id", as_dict=True, maintain_order=True)
    return {str(lead_id): _told(part.iter_rows(named=True)) for (lead_id,), part in parts.items()}


def _told(rows: Iterable[Mapping[str, Any]]) -> LeadChange:
    kinds, causes = dict.fromkeys(("added", "removed", "altered"), 0), dict.fromkeys(CAUSES, 0)
    for row in rows:
        kinds[row["kind"]] += row["len"]
        causes[row["cause"]] += row["len"]
    return LeadChange(**kinds, causes=tuple((cause, n) for cause, n in causes.items() if n))


def _changed(run: Run, earlier: Earlier) -> pl.DataFrame:
    """Findings that differ: lead_id, detector_id, occurred_at, kind, is_exempt and was_exempt."""
    leads = pl.concat([one.leads.select("lead_id", *SUBJECT) for one in (run, earlier)]).unique("lead_id")
    state = ["lead_id", "finding_id", "detector_id", "occurred_at", "exemption_id", "amount_at_issue"]
    now, before = (
        findings.join(leads, on=SUBJECT).select(*state).with_columns(stands=pl.lit(True))
        for findings in (run.findings, earlier.findings)
    )
    joined = now.join(before, on=["lead_id", "finding_id"], how="full", coalesce=True, suffix="_before")
    is_other = pl.any_horizontal(
        pl.col(name).ne_missing(pl.col(f"{name}_before")) for name in ("exemption_id", "amount_at_issue")
    )
    told = joined.with_columns(
        pl.coalesce("detector_id", "detector_id_before").alias("detector_id"),
        pl.when(pl.col("stands_before").is_null())
        .then(pl.lit("added"))
        .when(pl.col("stands").is_null())
        .then(pl.lit("removed"))
        .when(is_other)
        .then(pl.lit("altered"))
        .alias("kind"),
        pl.col("exemption_id").is_not_null().alias("is_exempt"),
        pl.col("exemption_id_before").is_not_null().alias("was_exempt"),
    )
    return told.filter(pl.col("kind").is_not_null())


def _cause(run: Run, earlier: Earlier) -> pl.Expr:
    """Why a finding differs: first what alone explains it, else which inputs differ."""
    last = date.fromisoformat(str(earlier.identity.get("as_of") or date.max))
    is_added, is_removed = pl.col("kind") == "added", pl.col("kind") == "removed"
    ran = [result.detector_id for result in run.detectors if result.status == "ran"]
    ran_before = [one for one, status in earlier.statuses.items() if status == "ran"]
    return (
        pl.when(is_added & (pl.col("occurred_at").dt.date() > last))
        .then(pl.lit("later"))
        .when(is_added & ~pl.col("detector_id").is_in(ran_before))
        .then(pl.lit("detector_new"))
        .when(is_removed & ~pl.col("detector_id").is_in(ran))
        .then(pl.lit("detector_off"))
        .when((pl.col("kind") == "altered") & pl.col("is_exempt") & ~pl.col("was_exempt"))
        .then(pl.lit("exempted"))
        .when((pl.col("kind") == "altered") & ~pl.col("is_exempt") & pl.col("was_exempt"))
        .then(pl.lit("reopened"))
        .when(pl.col("kind") == "altered")
        .then(pl.lit("amount"))
        .otherwise(_inputs(run, earlier))
    )


def _inputs(run: Run, earlier: Earlier) -> pl.Expr:
    """Which inputs of the finding's detector differ: data, rules, either or neither."""
    now, before = run.manifest.identity.model_dump(mode="json"), earlier.identity
    is_data = now["batches"] != list(before.get("batches") or [])
    is_rules = any(now.get(part) != before.get(part) for part in RULES)
    catalogue, old = now["catalogue"], before.get("catalogue") or {}
    edited = sorted(one for one in catalogue.keys() | old.keys() if catalogue.get(one) != old.get(one))
    rules = pl.lit(is_rules) | pl.col("detector_id").is_in(edited)
    return (
        pl.when(rules & is_data)
        .then(pl.lit("either"))
        .when(rules)
        .then(pl.lit("rules"))
        .otherwise(pl.lit("data" if is_data else "ranked"))
    )
