"""Ranking a staged run: leads, how they were ranked, and the unflagged cases drawn by lot."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from detectors.catalogue import load_catalogue
from detectors.engines.protocol import Engine
from detectors.leads.features import FEATURES
from detectors.leads.grouping import leads_of
from detectors.leads.scoring import WEIGHTS
from detectors.leads.trial import VERDICTS_NEEDED, Choice, choose
from detectors.leads.unflagged import Scope, misses_of, unflagged_by_lot
from detectors.leads.verdicts import TrackRecord, track_records
from pipelines.run_folder import read_rows, stacked, write_json, write_rows
from pipelines.staged_run import Staged, verdicts_of
from schemas.ranking import Misses, Ranking
from schemas.unflagged import UNFLAGGED_SCHEMA

FILE, UNFLAGGED = "ranking.json", "unflagged.parquet"


def ranked(staged: Staged, findings: pl.DataFrame, engine: Engine) -> pl.DataFrame:
    """Leads of a staged run, with ranking.json and unflagged.parquet written beside them.

    Args:
        staged: the run.
        findings: of every detector that was asked.
        engine: holds the prepared tables of the run.
    """
    catalogue, verdicts = load_catalogue(), verdicts_of(staged)
    records = track_records(verdicts, catalogue)
    choice = choose(findings, verdicts, catalogue)
    leads = leads_of(findings, catalogue, records, choice.classifier)
    settings, identity = staged.settings, staged.identity
    scope = Scope(identity.as_of, settings.window_from, settings.window_to, settings.institutions)
    unflagged, drawn = unflagged_by_lot(engine, findings, scope, staged.run_id)
    write_rows(staged.folder / UNFLAGGED, drawn, UNFLAGGED_SCHEMA)
    told = _told(choice, identity.ranking_model or {}, records, misses_of(unflagged, drawn, verdicts))
    write_json(staged.folder / FILE, told.model_dump(mode="json"))
    pages = pl.format("report/leads/{}.html", "lead_id")
    return leads.with_columns(
        pl.lit(staged.run_id).alias("run_id"),
        pl.when(pl.col("rank") <= settings.top).then(pages).alias("evidence_path"),
    )


def drawn_of(run: Path) -> pl.DataFrame:
    """Unflagged cases that a published run drew, in the order of the lot; none in a run of before."""
    path = run / UNFLAGGED
    return read_rows(path) if path.exists() else stacked([], UNFLAGGED_SCHEMA)


def with_institution_names(leads: pl.DataFrame, run: Path) -> pl.DataFrame:
    """Leads with ``institution_name``, null where the register of a published run lacks it."""
    register = read_rows(run / "evidence" / "institutions.parquet").select("institution_id", "institution_name")
    return leads.join(register, on="institution_id", how="left", maintain_order="left")


def _told(choice: Choice, model: dict[str, str], records: dict[str, TrackRecord], misses: Misses) -> Ranking:
    return Ranking(
        basis="priors" if choice.classifier is None else "classifier",
        reason=choice.reason,
        verdicts=choice.verdicts,
        matched=choice.matched,
        needed=VERDICTS_NEEDED,
        features=dict(FEATURES),
        model=model,
        trial=choice.trial,
        weights=WEIGHTS,
        detectors=tuple(record.told() for record in records.values()),
        misses=misses,
    )
