"""What leaves the case store as rows: verdicts for the ranking, and what pages show of reviews."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
from sqlalchemy import Connection, select

from reports.review.chain import head_of
from reports.review.tables import LEAD_UNDER_REVIEW, VERDICT, VERDICT_FINDING
from schemas.review_codes import VERDICT_BY_CODE
from schemas.review_snapshot import REVIEW_SCHEMA
from schemas.verdict import VERDICT_SCHEMA


def verdict_rows(connection: Connection) -> pl.DataFrame:
    """The newest verdict on each finding, as rows of ``VERDICT_SCHEMA`` sorted by finding; empty where there are none.

    A verdict on a lead speaks for the findings that it had when it was given. One row a finding: a verdict that was
    taken back says nothing any more.
    """
    joined = select(
        VERDICT.c.sequence, VERDICT.c.verdict, VERDICT.c.reviewed_at,
        VERDICT_FINDING.c.finding_id, VERDICT_FINDING.c.detector_id,
    ).join_from(VERDICT_FINDING, VERDICT)  # fmt: skip
    newest = {
        row.finding_id: {
            "finding_id": row.finding_id,
            "detector_id": row.detector_id,
            "outcome": VERDICT_BY_CODE[row.verdict].outcome,
            "decided_on": date.fromisoformat(row.reviewed_at[:10]),
        }
        for row in connection.execute(joined.order_by(VERDICT.c.sequence, VERDICT_FINDING.c.finding_id))
    }
    empty = pl.DataFrame(VERDICT_SCHEMA.empty_table())
    return pl.DataFrame([newest[id_] for id_ in sorted(newest)], schema=empty.schema)


def review_rows(connection: Connection) -> pl.DataFrame:
    """Every verdict as rows of ``REVIEW_SCHEMA``, in the order of the chain; without a reviewer's name."""
    _, head = head_of(connection)
    joined = select(VERDICT, LEAD_UNDER_REVIEW.c.subject_type, LEAD_UNDER_REVIEW.c.subject_id).join_from(
        VERDICT, LEAD_UNDER_REVIEW
    )
    same = (
        "subject_type", "subject_id", "lead_id", "finding_id", "stage", "verdict", "reason_code", "exemption_id",
        "necessity", "regularity", "note",
    )  # fmt: skip
    rows = [
        {
            **{name: row[name] for name in same},
            "kind": "verdict",
            "entry_id": str(row["sequence"]),
            "amount": None,
            "reviewed_at": datetime.fromisoformat(row["reviewed_at"]).replace(tzinfo=None),
            "chain_hash": row["entry_hash"],
            "chain_head": head,
        }
        for row in connection.execute(joined.order_by(VERDICT.c.sequence)).mappings()
    ]
    empty = pl.DataFrame(REVIEW_SCHEMA.empty_table())
    return pl.DataFrame(rows, schema=empty.schema)
