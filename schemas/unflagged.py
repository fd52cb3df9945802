"""Unflagged cases drawn by lot, for estimating what the detectors miss; being drawn is no suspicion."""

from __future__ import annotations

import pyarrow as pa

from schemas.finding import MONEY

BY_LOT = "unflagged.by_lot"
"""What stands in a verdict's ``detector_id`` where the case was drawn by lot; its ``finding_id`` is the lead_id."""

UNFLAGGED_SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("lot", pa.int64()),
        ("lead_id", pa.string()),
        ("subject_type", pa.string()),
        ("subject_id", pa.string()),
        ("patient_id", pa.string()),
        ("institution_id", pa.string()),
        ("exam_count", pa.int64()),
        ("encounter_count", pa.int64()),
        ("net_amount", MONEY),
        ("net_fund_amount", MONEY),
        ("first_occurred_at", pa.timestamp("us")),
        ("last_occurred_at", pa.timestamp("us")),
    ]
)
"""unflagged.parquet: patient episodes (patient × institution × year) with examinations and without a lead, one in
twenty of them, in the order of the lot."""
