"""Settlements that were refunded as a whole: their lines, and those of the refund, are void and net to nothing.

A refund is ``whole`` where its amount is that of the settlement it names, ``partial`` where it is another, ``orphan``
where that settlement is nowhere; a settlement that is marked as refunded, and that no refund names, is ``marked``.
Whole: the lines of both settlements are void. Partial: nothing is void, negative lines net as lines do. Orphan: the
refund's lines stay to net by item where they can; what is named is void if it ever comes. Refunds are kept in the
ledger, so that a refund finds lines of earlier batches and lines of later ones. A refund that a newer extract shows
without its flag, or as invalid, is ``withdrawn``: what it voided is again as the lines themselves say.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from pipelines.ingest.casting import value
from pipelines.ingest.mapping import condition_sql
from pipelines.ingest.numbering import SourceView
from pipelines.ingest.profile_values import literal, name
from schemas.profile_shapes import Refunds
from schemas.tables import TABLES

VOID_CLAIMS = "void_claims"
"""Temporary table of one ingest: claim ids whose lines are void."""

SEEN_REFUNDS = "seen_refunds"
"""Temporary table of one ingest: claim_id of the refund (null for a mark), original_claim_id, amount, outcome."""


OWN_VOIDS = "own_voids"
"""Temporary table of one ingest: what lines of refunded settlements say of themselves (claim_line_id, voided)."""

_WITHDRAWN = "withdrawn_claims"
_TEMPORARY = (VOID_CLAIMS, SEEN_REFUNDS, OWN_VOIDS, _WITHDRAWN)


def find_void_claims(connection: duckdb.DuckDBPyConnection, refunds: Refunds, views: Sequence[SourceView]) -> None:
    """Make the temporary tables from the settlements of an extract and what the ledger knows."""
    connection.execute(f"create or replace temp table settlements as {_settlements(refunds, views)}")
    try:
        connection.execute(
            f"create or replace temp table {_WITHDRAWN} as "
            "select claim_id from settlements group by claim_id having not bool_or(is_refund)"
        )
        connection.execute("delete from settlements where not is_taken")
        connection.execute(f"create or replace temp table {SEEN_REFUNDS} as {_SEEN}")
    finally:
        connection.execute("drop table settlements")
    connection.execute(f"create or replace temp table {OWN_VOIDS} (claim_line_id varchar, voided boolean)")
    connection.execute(
        f"""
        create or replace temp table {VOID_CLAIMS} as
        with known as (
            select claim_id, original_claim_id, outcome from {SEEN_REFUNDS}
            union all
            select claim_id, original_claim_id, outcome from ledger.refund
            where not {_is_any_of(SEEN_REFUNDS)} and not {_IS_WITHDRAWN}
        )
        select claim_id from known where outcome = 'whole' and claim_id is not null
        union
        select original_claim_id from known where outcome not in ('partial', 'withdrawn')"""
    )


def keep_own_voids(connection: duckdb.DuckDBPyConnection, texts: str) -> None:
    """Remember what lines of refunded settlements say of themselves.

    Args:
        connection: the warehouse.
        texts: SQL of ``text_claim_line_id``, ``text_claim_id`` and ``text_voided`` as the file has them.
    """
    if connection.execute(f"select 1 from {VOID_CLAIMS} limit 1").fetchone() is not None:
        voided = value(TABLES["claim_line"].column("voided"), "text_voided")
        connection.execute(
            f"insert into {OWN_VOIDS} select text_claim_line_id, {voided} from ({texts}) as lines "
            f"where text_claim_id in (select claim_id from {VOID_CLAIMS})"
        )


def settle_refunds(connection: duckdb.DuckDBPyConnection, batch_id: str) -> None:
    """Keep the batch's refunds in the ledger; void lines of earlier batches, and restore those that are void no more.

    Must run inside the batch's transaction, after its lines were loaded. The lines as they were move to
    ``superseded``; what a line says of itself stands in ``ledger.void_line`` as long as a refund voids it.
    """
    connection.execute(f"delete from ledger.refund where {_is_any_of(SEEN_REFUNDS)}")
    connection.execute(
        "update ledger.refund set outcome = 'withdrawn', batch_id = $batch_id "
        f"where outcome <> 'withdrawn' and {_IS_WITHDRAWN}",
        {"batch_id": batch_id},
    )
    connection.execute(
        f"insert into ledger.refund select $batch_id, claim_id, original_claim_id, amount, outcome from {SEEN_REFUNDS}",
        {"batch_id": batch_id},
    )
    is_void = f"claim_id in (select claim_id from {VOID_CLAIMS})"
    connection.execute(
        f"insert into {OWN_VOIDS} select claim_line_id, voided from main.claim_line "
        f"where {is_void} and not coalesce(voided, false)"
    )
    connection.execute(f"delete from ledger.void_line where claim_line_id in (select claim_line_id from {OWN_VOIDS})")
    connection.execute(
        f"insert into ledger.void_line select distinct on (claim_line_id) * from {OWN_VOIDS} order by all"
    )
    _change(connection, batch_id, f"{is_void} and not coalesce(voided, false)", "true")
    own = "(select own.voided from ledger.void_line as own where own.claim_line_id = claim_line.claim_line_id)"
    freed = f"claim_line_id in (select claim_line_id from ledger.void_line) and not coalesce({is_void}, false)"
    _change(connection, batch_id, f"{freed} and voided is distinct from {own}", own)
    connection.execute(
        "delete from ledger.void_line where claim_line_id in "
        f"(select claim_line_id from main.claim_line where not coalesce({is_void}, false))"
    )


def drop_refunds(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the temporary tables of an ingest."""
    for table in _TEMPORARY:
        connection.execute(f"drop table if exists {table}")


def _change(connection: duckdb.DuckDBPyConnection, batch_id: str, condition: str, voided: str) -> None:
    connection.execute(
        "insert into superseded.claim_line by name "
        f"select *, $batch_id as superseded_by_batch_id from main.claim_line where {condition}",
        {"batch_id": batch_id},
    )
    connection.execute(f"update main.claim_line set voided = {voided} where {condition}")


def _is_any_of(table: str) -> str:
    return f"coalesce(claim_id in (select claim_id from {table} where claim_id is not null), false)"


_IS_WITHDRAWN = f"coalesce(coalesce(claim_id, original_claim_id) in (select claim_id from {_WITHDRAWN}), false)"
"""Whether a refund of the ledger, or a mark, stands in the extract without saying so any more."""


def refund_account(connection: duckdb.DuckDBPyConnection, batch_id: str) -> dict[str, int]:
    """Refunds of a batch by outcome: whole, partial, orphan, marked, withdrawn."""
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
        "null::decimal(18, 2) as amount, true as is_taken where false"
    )
    return " union all ".join([empty, *parts])


def _of_file(refunds: Refunds, view: SourceView) -> str:
    def text(column: str) -> str:
        return name(column) if column in view.columns else "null"

    values = ", ".join(literal(one) for one in refunds.values)
    taken = [f"({condition_sql(one)})" for one in refunds.where if one.column in view.columns]
    is_taken = " and ".join(taken or ["true"])
    return (
        f"select {text(refunds.claim_id)}, {text(refunds.original)}, "
        f"coalesce({text(refunds.flag)} in ({values}), false) and {is_taken}, "
        f"try_cast({text(refunds.amount)} as decimal(18, 2)), {is_taken} from {view.view} "
        f"where structure_fault is null and {text(refunds.claim_id)} is not null"
    )


_SEEN = """
    with refund as (
        select distinct claim_id, original_claim_id, amount from settlements
        where is_refund and original_claim_id is not null and original_claim_id <> claim_id
        union
        select claim_id, original_claim_id, amount from ledger.refund
        where outcome = 'orphan' and original_claim_id is not null
            and claim_id not in (select claim_id from settlements)
            and claim_id not in (select claim_id from withdrawn_claims)
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
            and claim_id not in (
                select original_claim_id from ledger.refund
                where original_claim_id is not null and outcome <> 'withdrawn'
            )
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
