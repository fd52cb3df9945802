"""Settlements that were refunded as a whole: their lines, and those of the refund, are void and net to nothing.

A refund is ``whole`` where its amount is that of the settlement it names, ``partial`` where it is another, ``orphan``
where that settlement is nowhere; a settlement that is marked as refunded, and that no refund names, is ``marked``.
Whole: the lines of both settlements are void. Partial: nothing is void, negative lines net as lines do. Orphan: the
refund's lines stay to net by item where they can; what is named is void if it ever comes. Refunds are kept in the
ledger, so that a refund finds lines of earlier batches and lines of later ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from pipelines.ingest.mapping import condition_sql
from pipelines.ingest.numbering import SourceView
from pipelines.ingest.profile_values import literal, name
from schemas.profile_shapes import Refunds

VOID_CLAIMS = "void_claims"
"""Temporary table of one ingest: claim ids whose lines are void."""

SEEN_REFUNDS = "seen_refunds"
"""Temporary table of one ingest: claim_id of the refund (null for a mark), original_claim_id, amount, outcome."""


def find_void_claims(connection: duckdb.DuckDBPyConnection, refunds: Refunds, views: Sequence[SourceView]) -> None:
    """Make ``SEEN_REFUNDS`` and ``VOID_CLAIMS`` from the settlements of an extract and what the ledger knows."""
    connection.execute(f"create or replace temp table settlements as {_settlements(refunds, views)}")
    try:
        connection.execute(f"create or replace temp table {SEEN_REFUNDS} as {_SEEN}")
    finally:
        connection.execute("drop table settlements")
    connection.execute(
        f"""
        create or replace temp table {VOID_CLAIMS} as
        with known as (
            select claim_id, original_claim_id, outcome from {SEEN_REFUNDS}
            union all
            select claim_id, original_claim_id, outcome from ledger.refund
            where claim_id not in (select claim_id from {SEEN_REFUNDS} where claim_id is not null)
        )
        select claim_id from known where outcome = 'whole' and claim_id is not null
        union
        select original_claim_id from known where outcome <> 'partial'"""
    )


def void_earlier_lines(connection: duckdb.DuckDBPyConnection, batch_id: str) -> None:
    """Keep the batch's refunds in the ledger and void lines of earlier batches; inside the batch's transaction.

    The lines as they were move to ``superseded``.
    """
    connection.execute(
        f"delete from ledger.refund where claim_id in (select claim_id from {SEEN_REFUNDS} where claim_id is not null)"
    )
    connection.execute(
        f"insert into ledger.refund select $batch_id, claim_id, original_claim_id, amount, outcome from {SEEN_REFUNDS}",
        {"batch_id": batch_id},
    )
    is_to_void = f"claim_id in (select claim_id from {VOID_CLAIMS}) and not coalesce(voided, false)"
    connection.execute(
        "insert into superseded.claim_line by name "
        f"select *, $batch_id as superseded_by_batch_id from main.claim_line where {is_to_void}",
        {"batch_id": batch_id},
    )
    connection.execute(f"update main.claim_line set voided = true where {is_to_void}")


def refund_account(connection: duckdb.DuckDBPyConnection, batch_id: str) -> dict[str, int]:
    """Refunds of a batch by outcome: whole, partial, orphan, marked."""
    return dict(
        connection.execute(
            "select outcome, count(*) from ledger.refund where batch_id = $1 group by outcome order by outcome",
            [batch_id],
        ).fetchall()
    )


def _settlements(refunds: Refunds, views: Sequence[SourceView]) -> str:
    parts = [_of_file(refunds, view) for view in views if {refunds.claim_id, refunds.flag} <= view.columns]
    empty = (
        "select null::varchar as claim_id, null::varchar as original_claim_id, false as is_refund, "
        "null::decimal(18, 2) as amount where false"
    )
    return " union all ".join([empty, *parts])


def _of_file(refunds: Refunds, view: SourceView) -> str:
    def text(column: str) -> str:
        return name(column) if column in view.columns else "null"

    values = ", ".join(literal(value) for value in refunds.values)
    taken = [f"({condition_sql(one)})" for one in refunds.where if one.column in view.columns]
    return (
        f"select {text(refunds.claim_id)}, {text(refunds.original)}, "
        f"coalesce({text(refunds.flag)} in ({values}), false), "
        f"try_cast({text(refunds.amount)} as decimal(18, 2)) from {view.view} "
        f"where {' and '.join(['structure_fault is null', f'{text(refunds.claim_id)} is not null', *taken])}"
    )


_SEEN = """
    with refund as (
        select distinct claim_id, original_claim_id, amount from settlements
        where is_refund and original_claim_id is not null and original_claim_id <> claim_id
        union
        select claim_id, original_claim_id, amount from ledger.refund
        where outcome = 'orphan' and original_claim_id is not null
            and claim_id not in (select claim_id from settlements)
    ),
    original as (
        select claim_id, max(amount) as amount, count(amount) > 0 as has_amount from settlements group by claim_id
        union all
        select claim_id, sum(amount), true from main.claim_line
        where claim_id in (select original_claim_id from refund) and claim_id not in (select claim_id from settlements)
        group by claim_id
    ),
    marked as (
        select distinct claim_id as original_claim_id, amount from settlements
        where is_refund and (original_claim_id is null or original_claim_id = claim_id)
            and claim_id not in (select original_claim_id from refund)
            and claim_id not in (select original_claim_id from ledger.refund where original_claim_id is not null)
    )
    select r.claim_id, r.original_claim_id, r.amount,
        case when o.claim_id is null then 'orphan'
            when abs(r.amount) <> abs(o.amount) then 'partial' else 'whole' end as outcome
    from refund as r
    left join original as o on r.original_claim_id = o.claim_id
    union all
    -- a refund that names nothing has a negative amount; a settlement that was refunded keeps its positive one
    select case when amount < 0 then original_claim_id end, case when amount < 0 then null else original_claim_id end,
        amount, case when amount < 0 then 'orphan' else 'marked' end
    from marked"""
