"""What the case store knew of a run's leads when their pages were made: verdicts, replies, ledger entries.

The store writes ``reviews.parquet`` into a run's folder; reports only read it, so that no page opens the store. The
file is no part of the manifest: it may be written anew after a verdict, and the pages rendered again.
"""

from __future__ import annotations

import pyarrow as pa

from schemas.finding import MONEY

REVIEW_FILE = "reviews.parquet"

REVIEW_STAGES = ("first_review", "second_review", "adjudication", "appeal", "investigation", "disposition", "closed")
"""初审, 复审, 裁定, 申诉, 调查, 处置, 办结: how far the case was when the row was written."""

REVIEW_SCHEMA = pa.schema(
    [
        ("kind", pa.string()),
        ("subject_type", pa.string()),
        ("subject_id", pa.string()),
        ("lead_id", pa.string()),
        ("finding_id", pa.string()),
        ("entry_id", pa.string()),
        ("stage", pa.string()),
        ("verdict", pa.string()),
        ("reason_code", pa.string()),
        ("exemption_id", pa.string()),
        ("necessity", pa.string()),
        ("regularity", pa.string()),
        ("note", pa.string()),
        ("amount", MONEY),
        ("reviewed_at", pa.timestamp("us")),
        ("chain_hash", pa.string()),
        ("chain_head", pa.string()),
    ]
)
"""One row a verdict, an institution's reply, or an entry of the ledger (台账), as kind says: verdict, reply, ledger.

kind, subject_type, subject_id and lead_id are never null; finding_id is null where a row is about the whole lead.
verdict is one of ``schemas.verdict.OUTCOMES`` or of the review's own: justified, inconclusive, needs_records; null in a
reply. exemption_id is the exemption that held where a verdict is ``justified``. amount is the money of a ledger entry
to be recovered, yuan. note is the reviewer's note, the institution's words, or the ledger's. reviewed_at is the local
time of entry. chain_hash is the hash of this row's entry in the audit chain, chain_head that of the chain's newest
entry when the file was written (one value in all rows). No reviewer's name stands in it. Rows on other leads of the
same subject tell a page of earlier cases.
"""
