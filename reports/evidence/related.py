"""Leads that share an institution, a practitioner or a patient with a lead."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from reports.rows import Lead, rows_of
from reports.run_folder import Bundle, Run
from reports.suspicion import suspicion
from schemas.card import Text

SHOWN = 8


@dataclass(frozen=True)
class Related:
    """Another lead, why it is related (``patient``, ``practitioner`` or ``institution``), and whether it has a page."""

    lead: Lead
    why: str
    has_page: bool

    @property
    def title(self) -> Text:
        """Its title, as a suspicion."""
        return suspicion(Text(en=self.lead.title_en, zh=self.lead.title_zh))


class Relations:
    """Leads of a run by patient, practitioner and institution; built once, looked up by every page."""

    def __init__(self, run: Run, rendered: frozenset[str]) -> None:
        self._rendered = rendered
        leads = run.leads.select("lead_id", "rank", "subject_type", "subject_id", "institution_id")
        joined = run.findings.join(leads, on=["subject_type", "subject_id"], how="inner", suffix="_of_lead")
        self._ids = {
            why: _first_ids(joined.select(pl.col(f"{why}_id").alias("key"), "lead_id", "rank"))
            for why in ("patient", "practitioner")
        }
        self._ids["institution"] = _first_ids(leads.select(pl.col("institution_id").alias("key"), "lead_id", "rank"))
        wanted = sorted({lead_id for by_key in self._ids.values() for ids in by_key.values() for lead_id in ids})
        frame = run.leads.filter(pl.col("lead_id").is_in(wanted))
        self._leads = {lead.lead_id: lead for lead in rows_of(Lead, frame)}

    def of(self, bundle: Bundle) -> tuple[Related, ...]:
        """At most ``SHOWN`` leads for each reason, each lead once under its closest reason, best rank first."""
        patients = {finding.patient_id for finding in bundle.findings}
        practitioners = {finding.practitioner_id for finding in bundle.findings}
        keys = {"patient": patients, "practitioner": practitioners, "institution": {bundle.lead.institution_id}}
        seen = {bundle.lead.lead_id}
        made: list[Related] = []
        for why, values in keys.items():
            ids = sorted(
                {lead_id for key in values for lead_id in self._ids[why].get(key or "", ())} - seen, key=self._rank
            )
            made += [Related(self._leads[one], why, one in self._rendered) for one in ids[:SHOWN]]
            seen |= set(ids)
        return tuple(made)

    def _rank(self, lead_id: str) -> int:
        return self._leads[lead_id].rank


def _first_ids(rows: pl.DataFrame) -> dict[str, list[str]]:
    """The best-ranked lead ids of each key, more than are shown, since some may stand under a closer reason."""
    best = rows.drop_nulls("key").unique(["key", "lead_id"]).sort("key", "rank", "lead_id")
    grouped = best.group_by("key", maintain_order=True).agg(pl.col("lead_id").head(SHOWN * 4))
    return {key: list(ids) for key, ids in grouped.iter_rows()}
