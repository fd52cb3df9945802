"""Tables of the case store, as the newest migration leaves them (a test holds both to each other).

Verdicts are only ever appended: a changed mind is a new row, and database triggers refuse any other change. Each row
holds the hash of the row before it (``reports.review.chain``). Times are local wall time with offset, as ISO text, so
that every database gives them back as they were hashed.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, String, Table, Text

METADATA = MetaData()

ID = String(80)
HASH = String(64)
CODE = String(40)
MOMENT = String(32)

LEAD_UNDER_REVIEW = Table(
    "lead_under_review",
    METADATA,
    Column("lead_id", ID, primary_key=True),
    Column("subject_type", CODE, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("institution_id", Text),
    Column("title_en", Text, nullable=False),
    Column("title_zh", Text, nullable=False),
    Column("first_run_id", ID, nullable=False),
    Column("newest_run_id", ID, nullable=False),
    Column("content_hash", HASH, nullable=False),
)
"""One row a lead that anybody has given a verdict on; content_hash is what the newest run said of it."""

SHEET_IMPORT = Table(
    "sheet_import",
    METADATA,
    Column("import_id", Integer, primary_key=True, autoincrement=False),
    Column("file_sha256", HASH, nullable=False),
    Column("reviewer_id", ID, nullable=False),
    Column("imported_at", MOMENT, nullable=False),
    Column("rows_new", Integer, nullable=False),
    Column("rows_changed", Integer, nullable=False),
    Column("rows_unchanged", Integer, nullable=False),
    Column("rows_rejected", Integer, nullable=False),
    Column("chain_head", HASH, nullable=False),
)
"""One row a confirmed import; chain_head is the newest hash of the chain after it."""

VERDICT = Table(
    "verdict",
    METADATA,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("lead_id", ID, ForeignKey("lead_under_review.lead_id"), nullable=False),
    Column("finding_id", ID),
    Column("run_id", ID, nullable=False),
    Column("content_hash", HASH, nullable=False),
    Column("stage", CODE, nullable=False),
    Column("verdict", CODE, nullable=False),
    Column("reason_code", CODE, nullable=False),
    Column("exemption_id", ID),
    Column("necessity", CODE),
    Column("regularity", CODE),
    Column("note", Text),
    Column("reviewer_id", ID, nullable=False),
    Column("reviewed_at", MOMENT, nullable=False),
    Column("import_id", Integer, ForeignKey("sheet_import.import_id")),
    Column("previous_hash", HASH, nullable=False, unique=True),
    Column("entry_hash", HASH, nullable=False, unique=True),
    Index("verdict_by_lead", "lead_id", "finding_id"),
)
"""One row a verdict, numbered from 1 without a gap. finding_id is null where it is about the whole lead."""

VERDICT_FINDING = Table(
    "verdict_finding",
    METADATA,
    Column("sequence", Integer, ForeignKey("verdict.sequence"), primary_key=True),
    Column("finding_id", ID, primary_key=True),
    Column("detector_id", ID, nullable=False),
)
"""The findings that a verdict speaks for, as they stood when it was given; its hash covers them."""
