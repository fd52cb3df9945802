"""What a run found in a matter, as a hash: equal where a later run says the same of it, whatever rank it has there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import polars as pl

from reports.run_folder import Run

_FINDING = (
    "finding_id", "detector_id", "subject_type", "subject_id", "exemption_id", "grade", "index_event_id",
    "flagged_event_id", "occurred_at", "amount_at_issue", "fund_amount_at_issue",
)  # fmt: skip
_LEAD = (
    "lead_id", "subject_type", "subject_id", "institution_id", "grade", "finding_count", "exempt_count",
    "amount_at_issue", "fund_amount_at_issue",
)  # fmt: skip
_DRAWN = ("lead_id", "subject_id", "institution_id", "exam_count", "encounter_count", "net_amount", "net_fund_amount")
"""What a verdict is about. Rank, score, probability and wording are left out: they may change by themselves."""

_SUBJECT = ("subject_type", "subject_id")


@dataclass(frozen=True)
class Contents:
    """Content hashes of a run, 16 hexadecimal digits each.

    Attributes:
        leads: by lead_id.
        findings: by finding_id.
        lead_of: lead_id of each finding that belongs to one.
        drawn: of unflagged cases that were drawn by lot, by lead_id.
    """

    leads: dict[str, str]
    findings: dict[str, str]
    lead_of: dict[str, str]
    drawn: dict[str, str]

    def said_of(self, kind: str, lead_id: str, finding_id: str | None) -> str | None:
        """What the run says in the matter of one row of a sheet; None where it no longer lists it.

        Args:
            kind: ``leads``, ``findings`` or ``by_lot``.
            lead_id: the row's.
            finding_id: the row's; None in all but ``findings``.
        """
        if kind == "by_lot":
            return self.drawn.get(lead_id)
        if kind == "leads" or finding_id is None:
            return self.leads.get(lead_id)
        return self.findings.get(finding_id) if lead_id in self.leads else None


def contents_of(run: Run) -> Contents:
    """Content hashes of every lead and finding of a run; a lead's covers its findings, exempt ones too."""
    findings = run.findings.select(*_SUBJECT, "finding_id", said=_said(_FINDING)).sort("finding_id")
    by_subject = findings.group_by(_SUBJECT).agg(pl.col("said").str.join("\n"))
    leads = run.leads.select(*_SUBJECT, "lead_id", own=_said(_LEAD)).join(by_subject, on=_SUBJECT, how="left")
    owned = findings.join(run.leads.select(*_SUBJECT, "lead_id"), on=_SUBJECT)
    return Contents(
        leads={id_: _hash(f"{own}\n{said or ''}") for id_, own, said in leads.select("lead_id", "own", "said").rows()},
        findings={id_: _hash(said) for id_, said in findings.select("finding_id", "said").rows()},
        lead_of=dict(owned.select("finding_id", "lead_id").rows()),
        drawn={one.lead_id: _hash("\x1f".join(str(getattr(one, name)) for name in _DRAWN)) for one in run.drawn},
    )


def _said(names: tuple[str, ...]) -> pl.Expr:
    """The columns of a row as one text; a null differs from an empty text."""
    return pl.concat_str([pl.col(name).cast(pl.String).fill_null("\0") for name in names], separator="\x1f")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
