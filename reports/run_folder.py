"""Reads a run folder: the only thing a report is made from. Never opens the warehouse, never imports a detector."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
from pydantic import ValidationError

from reports.names import NO_NAMES, Names, names_of, with_institutions
from reports.rows import (
    DetectorResult,
    Drawn,
    Event,
    Finding,
    Happening,
    Institution,
    Lead,
    Line,
    Order,
    Origin,
    Review,
    Stay,
    refuse_missing,
    rows_of,
)
from schemas.card import Card, Text
from schemas.errors import IntegrityError, UsageError
from schemas.manifest import Manifest
from schemas.policy_record import PolicyRecord
from schemas.quality import QualityReport
from schemas.ranking import Ranking
from schemas.review_snapshot import REVIEW_FILE, REVIEW_SCHEMA
from schemas.sweep import Sweep

Row = TypeVar("Row")

DRAWN_LISTED = 2000
"""Cases drawn by lot that are read, the first of the lot: more than a team reviews, however large the extract."""


@dataclass(frozen=True, eq=False)
class Run:
    """A run folder as it was read.

    Attributes:
        folder: where it stands.
        leads: leads.parquet, ordered by rank.
        findings: findings.parquet, ordered by finding_id.
        denominators: denominators.parquet (n of N by detector, institution and month), sorted.
        detectors: one result a detector of the catalogue, ordered by id.
        cards: the card of each detector by its id, as it stood when it ran.
        institutions: the register by institution id.
        names: words for codes; none where the run was made before runs held them.
        quality, manifest: quality.json and manifest.json.
        policy: policy.json; None where the run was made before runs held it.
        sweeps: sensitivity.json; empty where no parameter was swept.
        ranking: ranking.json; None where the run was made before runs held it.
        drawn: unflagged.parquet, the first ``DRAWN_LISTED`` cases of the lot in its order; empty where there are none.
        reviews: reviews.parquet, what the case store knew of its leads, by time; empty where it knew nothing.
    """

    folder: Path
    leads: pl.DataFrame
    findings: pl.DataFrame
    denominators: pl.DataFrame
    detectors: tuple[DetectorResult, ...]
    cards: dict[str, Card]
    institutions: dict[str, Institution]
    names: Names
    quality: QualityReport
    manifest: Manifest
    policy: PolicyRecord | None
    sweeps: tuple[Sweep, ...]
    reviews: tuple[Review, ...] = ()
    ranking: Ranking | None = None
    drawn: tuple[Drawn, ...] = ()

    def institution_name(self, institution_id: str | None) -> str:
        """Name in the register, else the id itself; a dash where there is none."""
        if institution_id is None:
            return "–"
        known = self.institutions.get(institution_id)
        return known.institution_name if known else institution_id

    def subject_name(self, subject_type: str, subject_id: str, institution_id: str | None) -> Text | None:
        """Name of a department or an institution; None for a person, who has none here."""
        if subject_type == "department":
            return self.names.department(institution_id, subject_id.rpartition("|")[2])
        if subject_type == "institution":
            name = self.institution_name(subject_id)
            return Text(en=name, zh=name)
        return None


@dataclass(frozen=True)
class Bundle:
    """All that one evidence page is drawn from; findings that are exempt come last."""

    lead: Lead
    findings: tuple[Finding, ...]
    events: tuple[Event, ...]
    stays: tuple[Stay, ...]
    happenings: tuple[Happening, ...]
    lines: tuple[Line, ...]
    origins: tuple[Origin, ...] = ()
    orders: tuple[Order, ...] = ()


def read_run(folder: Path) -> Run:
    """Reads everything but the evidence rows, which ``bundles`` reads for the leads that are asked for.

    Raises:
        UsageError: the folder lacks a file of a run.
        IntegrityError: a JSON file of the run does not have the shape of its schema.
    """
    institutions = rows_of(Institution, _frame(folder, "evidence/institutions.parquet", Institution))
    try:
        cards = [Card.model_validate(card) for card in json.loads(_text(folder, "cards.json"))]
        quality = QualityReport.model_validate_json(_text(folder, "quality.json"))
        manifest = Manifest.model_validate_json(_text(folder, "manifest.json"))
        policy = PolicyRecord.model_validate_json(text) if (text := _text_or_none(folder, "policy.json")) else None
        ranking = Ranking.model_validate_json(text) if (text := _text_or_none(folder, "ranking.json")) else None
        sweeps = [Sweep.model_validate(one) for one in json.loads(_text_or_none(folder, "sensitivity.json") or "[]")]
    except (ValidationError, ValueError) as error:
        raise IntegrityError("a file of the run does not have its shape", where=str(folder)) from error
    return Run(
        folder=folder,
        leads=_frame(folder, "leads.parquet", Lead).sort("rank", "lead_id"),
        findings=_frame(folder, "findings.parquet", Finding).sort("finding_id"),
        denominators=_frame(folder, "denominators.parquet").sort("detector_id", "institution_id", "month"),
        detectors=rows_of(DetectorResult, _frame(folder, "detectors.parquet", DetectorResult).sort("detector_id")),
        cards={card.detector_id: card for card in cards},
        institutions={row.institution_id: row for row in institutions},
        names=with_institutions(_names(folder), {row.institution_id: row.institution_name for row in institutions}),
        quality=quality,
        manifest=manifest,
        policy=policy,
        sweeps=tuple(sweeps),
        reviews=_reviews(folder),
        ranking=ranking,
        drawn=_drawn(folder),
    )


def bundles(run: Run, leads: pl.DataFrame) -> Iterator[Bundle]:
    """The bundle of each of these leads, in their order.

    Args:
        run: the run they stand in.
        leads: rows of ``run.leads``.
    """
    subject = ["subject_type", "subject_id"]
    findings = run.findings.join(leads.select(subject), on=subject, how="semi")
    order = [pl.col("exemption_id").is_not_null(), "occurred_at", "finding_id"]
    by_subject = _grouped(Finding, findings.sort(order), subject)
    patients = findings.select("patient_id").drop_nulls().unique()
    ids = pl.concat([findings["index_event_id"], findings["flagged_event_id"]]).drop_nulls().unique()
    events = _evidence(run, Event, "events", "patient_id", patients["patient_id"], ["occurred_at", "event_id"])
    stays = _evidence(run, Stay, "stays", "patient_id", patients["patient_id"], ["started_at", "stay_id"])
    order_of_happenings = ["occurred_at", "kind", "event_id", "detail"]
    happenings = _evidence(run, Happening, "happenings", "patient_id", patients["patient_id"], order_of_happenings)
    lines = _evidence(run, Line, "lines", "event_id", ids, ["occurred_at", "table_name", "row_id"])
    origins = _evidence(run, Origin, "sources", "patient_id", patients["patient_id"], ["table_name", "source_row"])
    orders = _orders(run, leads)
    for lead in rows_of(Lead, leads):
        own = by_subject.get((lead.subject_type, lead.subject_id), ())
        people = sorted({finding.patient_id for finding in own if finding.patient_id})
        marked = sorted(_event_ids(own))
        yield Bundle(
            lead=lead,
            findings=own,
            events=_joined(events, people),
            stays=_joined(stays, people),
            happenings=_joined(happenings, people),
            lines=_joined(lines, marked),
            origins=_joined(origins, people),
            orders=orders.get((lead.subject_id,), ()) if lead.subject_type == "practitioner" else (),
        )


def _orders(run: Run, leads: pl.DataFrame) -> dict[tuple[object, ...], tuple[Order, ...]]:
    """Orders drawn of practitioners; none in a run of before they were drawn."""
    if not (run.folder / "evidence/orders.parquet").exists():
        return {}
    doctors = leads.filter(pl.col("subject_type") == "practitioner")
    return _evidence(run, Order, "orders", "subject_id", doctors["subject_id"], ["turn", "place"])


def _event_ids(findings: Iterable[Finding]) -> set[str]:
    """Index and flagged events of some findings."""
    both = ((finding.index_event_id, finding.flagged_event_id) for finding in findings)
    return {event_id for pair in both for event_id in pair if event_id}


def _evidence(
    run: Run, shape: type[Row], stem: str, key: str, wanted: pl.Series, order: list[str]
) -> dict[tuple[object, ...], tuple[Row, ...]]:
    """Rows of one evidence file whose ``key`` is wanted, grouped by it and sorted."""
    path = run.folder / "evidence" / f"{stem}.parquet"
    if stem == "sources" and not path.exists():  # a run of before they were published
        return {}
    if not path.exists():
        raise UsageError("a file of the run is missing", got="nothing", where=str(path))
    lazy = pl.scan_parquet(path)
    refuse_missing(shape, lazy.collect_schema().names(), str(path))
    frame = lazy.filter(pl.col(key).is_in(wanted.implode())).collect()
    return _grouped(shape, frame.sort(order), [key])


def _grouped(shape: type[Row], frame: pl.DataFrame, keys: list[str]) -> dict[tuple[object, ...], tuple[Row, ...]]:
    """Rows of a frame by the values of ``keys``; order within a group is the frame's."""
    parts = frame.partition_by(keys, as_dict=True, maintain_order=True)
    return {key: rows_of(shape, part) for key, part in parts.items()}


def _joined(groups: dict[tuple[object, ...], tuple[Row, ...]], keys: list[str]) -> tuple[Row, ...]:
    """The groups of several keys, one after another."""
    return tuple(row for key in keys for row in groups.get((key,), ()))


def _frame(folder: Path, name: str, shape: type[Any] | None = None) -> pl.DataFrame:
    """A Parquet file of the run, which holds rows of a shape."""
    path = folder / name
    if not path.exists():
        raise UsageError("this is not the folder of a run: a file is missing", got="nothing", where=str(path))
    frame = pl.read_parquet(path)
    if shape is not None:
        refuse_missing(shape, frame.columns, str(path))
    return frame


def _names(folder: Path) -> Names:
    """Words for codes; none in a run of before they were published."""
    path = folder / "evidence/names.parquet"
    return names_of(pl.read_parquet(path)) if path.exists() else NO_NAMES


def _drawn(folder: Path) -> tuple[Drawn, ...]:
    """Cases drawn by lot; none in a run of before they were drawn."""
    path = folder / "unflagged.parquet"
    return rows_of(Drawn, pl.read_parquet(path).sort("lot").head(DRAWN_LISTED)) if path.exists() else ()


def _reviews(folder: Path) -> tuple[Review, ...]:
    """Verdicts, replies and ledger entries; none where nothing was reviewed yet."""
    path = folder / REVIEW_FILE
    if not path.exists():
        return ()
    frame = pl.read_parquet(path)
    if missing := sorted(set(REVIEW_SCHEMA.names) - set(frame.columns)):
        raise IntegrityError("a column of the reviews is missing", got=", ".join(missing), where=str(path))
    return rows_of(Review, frame.sort("reviewed_at", "lead_id", "finding_id", "entry_id", nulls_last=True))


def _text_or_none(folder: Path, name: str) -> str | None:
    """A JSON file that not every run has."""
    path = folder / name
    return path.read_text(encoding="utf-8") if path.exists() else None


def _text(folder: Path, name: str) -> str:
    """A JSON file of the run."""
    path = folder / name
    if not path.exists():
        raise UsageError("this is not the folder of a run: a file is missing", got="nothing", where=str(path))
    return path.read_text(encoding="utf-8")
