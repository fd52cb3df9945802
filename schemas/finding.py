"""A finding: one detector's answer about one event or subject. Columns are a contract (DESIGN §4.3)."""

from __future__ import annotations

import pyarrow as pa

MONEY = pa.decimal128(18, 2)
"""Yuan."""

FINDING_SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("finding_id", pa.string()),
        ("detector_id", pa.string()),
        ("detector_version", pa.string()),
        ("subject_type", pa.string()),
        ("subject_id", pa.string()),
        ("patient_id", pa.string()),
        ("practitioner_id", pa.string()),
        ("department_code", pa.string()),
        ("institution_id", pa.string()),
        ("encounter_id", pa.string()),
        ("index_event_id", pa.string()),
        ("flagged_event_id", pa.string()),
        ("occurred_at", pa.timestamp("us")),
        ("amount_at_issue", MONEY),
        ("fund_amount_at_issue", MONEY),
        ("severity", pa.string()),
        ("confidence", pa.string()),
        ("grade", pa.string()),
        ("exemption_id", pa.string()),
        ("sentence_en", pa.string()),
        ("sentence_zh", pa.string()),
        ("evidence", pa.string()),
    ]
)
"""findings.parquet. index_event_id is the earlier event (涉及项), flagged_event_id the one in question (疑点项).

exemption_id is null where no exemption held; an exempt finding is kept, can be opened, and never ranks.
evidence is JSON text with sorted keys; the card's evidence columns describe it.
"""

DETECTOR_SCHEMA = pa.schema(
    [
        ("detector_id", pa.string()),
        ("detector_version", pa.string()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("examined", pa.int64()),
        ("not_judged", pa.int64()),
        ("hits", pa.int64()),
        ("exempt", pa.int64()),
        ("seconds", pa.float64()),
    ]
)
"""detectors.parquet: one row a detector of the catalogue. status is ran, not_runnable or not_chosen.

reason says ``missing exam_order.performed_at`` or which constraint switched the detector off; examined is the
denominator; not_judged counts events the rule could not judge (no interval, no body part); hits include exempt ones.
"""

DENOMINATOR_SCHEMA = pa.schema(
    [
        ("detector_id", pa.string()),
        ("institution_id", pa.string()),
        ("month", pa.string()),
        ("examined", pa.int64()),
        ("hits", pa.int64()),
        ("exempt", pa.int64()),
    ]
)
"""denominators.parquet: n of N by detector, institution and month (YYYY-MM)."""
