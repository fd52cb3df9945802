"""Leads under review, verdicts in a chain, imports of sheets.

Revision: 0001, the first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("verdict", "verdict_finding")


def upgrade() -> None:
    """Make the tables, and the triggers that keep verdicts as they were written."""
    op.create_table(
        "lead_under_review",
        sa.Column("lead_id", sa.String(80), primary_key=True),
        sa.Column("subject_type", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Text, nullable=False),
        sa.Column("institution_id", sa.Text),
        sa.Column("title_en", sa.Text, nullable=False),
        sa.Column("title_zh", sa.Text, nullable=False),
        sa.Column("first_run_id", sa.String(80), nullable=False),
        sa.Column("newest_run_id", sa.String(80), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "sheet_import",
        sa.Column("import_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("file_sha256", sa.String(64), nullable=False),
        sa.Column("reviewer_id", sa.String(80), nullable=False),
        sa.Column("imported_at", sa.String(32), nullable=False),
        *(
            sa.Column(f"rows_{name}", sa.Integer, nullable=False)
            for name in ("new", "changed", "unchanged", "rejected")
        ),
        sa.Column("chain_head", sa.String(64), nullable=False),
    )
    _create_verdicts()
    for table in APPEND_ONLY:
        _refuse_changes(table)


def _create_verdicts() -> None:
    codes = [("stage", 40), ("verdict", 40), ("reason_code", 40)]
    opinions = [("exemption_id", 80), ("necessity", 40), ("regularity", 40)]
    op.create_table(
        "verdict",
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("lead_id", sa.String(80), sa.ForeignKey("lead_under_review.lead_id"), nullable=False),
        sa.Column("finding_id", sa.String(80)),
        sa.Column("run_id", sa.String(80), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        *(sa.Column(name, sa.String(length), nullable=False) for name, length in codes),
        *(sa.Column(name, sa.String(length)) for name, length in opinions),
        sa.Column("note", sa.Text),
        sa.Column("reviewer_id", sa.String(80), nullable=False),
        sa.Column("reviewed_at", sa.String(32), nullable=False),
        sa.Column("import_id", sa.Integer, sa.ForeignKey("sheet_import.import_id")),
        sa.Column("previous_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("entry_hash", sa.String(64), nullable=False, unique=True),
    )
    op.create_index("verdict_by_lead", "verdict", ["lead_id", "finding_id"])
    op.create_table(
        "verdict_finding",
        sa.Column("sequence", sa.Integer, sa.ForeignKey("verdict.sequence"), primary_key=True),
        sa.Column("finding_id", sa.String(80), primary_key=True),
        sa.Column("detector_id", sa.String(80), nullable=False),
    )


def _refuse_changes(table: str) -> None:
    """Triggers that refuse to change or remove a row."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"create function {table}_is_append_only() returns trigger language plpgsql as "
            f"$$ begin raise exception '{table} is append-only'; end $$"
        )
        op.execute(
            f"create trigger {table}_append_only before update or delete on {table} "
            f"for each row execute function {table}_is_append_only()"
        )
        return
    for change in ("update", "delete"):
        op.execute(
            f"create trigger {table}_no_{change} before {change} on {table} "
            f"begin select raise(abort, '{table} is append-only'); end"
        )


def downgrade() -> None:
    """Remove the tables; for a database that holds nothing yet."""
    for table in ("verdict_finding", "verdict", "sheet_import", "lead_under_review"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(f"drop function {table}_is_append_only()")
