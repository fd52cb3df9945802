"""What stands beside the audit chain and is in none of its hashes, held to the entries that it belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from sqlalchemy import Connection, Row, Select, select

from reports.review.tables import LEAD_UNDER_REVIEW, SHEET_IMPORT, VERDICT, VERDICT_FINDING
from schemas.errors import IntegrityError


def require_bookkeeping(connection: Connection) -> None:
    """Hold imports, leads and findings to the entries of a chain that is whole.

    Raises:
        IntegrityError: an import does not tell what was written by it, or a row belongs to no entry.
    """
    _require_none(
        "verdict_finding",
        connection,
        select(VERDICT_FINDING.c.sequence).where(VERDICT_FINDING.c.sequence.not_in(select(VERDICT.c.sequence))),
    )
    known = select(LEAD_UNDER_REVIEW.c.lead_id)
    _require_none("lead_under_review", connection, select(VERDICT.c.sequence).where(VERDICT.c.lead_id.not_in(known)))
    entries = connection.execute(
        select(
            VERDICT.c.import_id, VERDICT.c.sequence, VERDICT.c.reviewer_id, VERDICT.c.reviewed_at, VERDICT.c.entry_hash
        )
        .where(VERDICT.c.import_id.is_not(None))
        .order_by(VERDICT.c.import_id, VERDICT.c.sequence)
    ).all()
    written = {import_id: list(own) for import_id, own in groupby(entries, key=lambda one: int(one.import_id))}
    told = {int(one.import_id): one for one in connection.execute(select(SHEET_IMPORT))}
    for import_id in sorted(written.keys() | told.keys()):
        if not _tells(told.get(import_id), written.get(import_id, [])):
            raise _differs("sheet_import", f"import {import_id}")


def _tells(told: Row[tuple[object, ...]] | None, entries: list[Row[tuple[int, int, str, str, str]]]) -> bool:
    """Whether an import says who wrote its entries, when, how many, and which was the last."""
    if told is None or not entries:
        return False
    return (told.rows_new + told.rows_changed, told.chain_head) == (len(entries), entries[-1].entry_hash) and all(
        (one.reviewer_id, one.reviewed_at) == (told.reviewer_id, told.imported_at) for one in entries
    )


def _require_none(table: str, connection: Connection, wrong: Select[tuple[int]]) -> None:
    found: Iterable[int] = connection.scalars(wrong.order_by(*wrong.selected_columns).limit(1))
    for sequence in found:
        raise _differs(table, f"entry {sequence}")


def _differs(table: str, got: str) -> IntegrityError:
    return IntegrityError(
        "what stands beside the audit chain is not what its entries say",
        got=got,
        allowed="every row as it was written",
        where=f"table {table} of the case store",
    )
