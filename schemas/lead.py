"""A lead: what an inspector looks at next. Columns are a contract (DESIGN §4.4)."""

from __future__ import annotations

import pyarrow as pa

from schemas.finding import MONEY

LEAD_SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("lead_id", pa.string()),
        ("rank", pa.int64()),
        ("score", pa.float64()),
        ("probability", pa.float64()),
        ("subject_type", pa.string()),
        ("subject_id", pa.string()),
        ("institution_id", pa.string()),
        ("title_en", pa.string()),
        ("title_zh", pa.string()),
        ("detector_ids", pa.list_(pa.string())),
        ("finding_count", pa.int64()),
        ("exempt_count", pa.int64()),
        ("amount_at_issue", MONEY),
        ("fund_amount_at_issue", MONEY),
        ("first_occurred_at", pa.timestamp("us")),
        ("last_occurred_at", pa.timestamp("us")),
        ("referral_authorities", pa.list_(pa.string())),
        ("grade", pa.string()),
        ("evidence_path", pa.string()),
        ("explanation", pa.string()),
        ("included_count", pa.int64()),
        ("included_amount", MONEY),
    ]
)
"""leads.parquet, ordered by rank (1 = look here first).

probability is P(substantiated), 0 to 1; score is the expected value in yuan that the rank is made from;
explanation is JSON text: the waterfall of the score, one step a finding. evidence_path is relative to the run's
folder and null where the page was not rendered.

A finding's money counts in the lead of its own subject alone. A lead about a practitioner, a department or an
institution also tells of the patients' findings there: ``included_count`` of them, ``included_amount`` yuan, each event
once; that money stands in the patients' own leads and is never added. Both are null in a patient's lead.
"""
