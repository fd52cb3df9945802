"""The audit chain over verdicts: each row's hash covers its content and the hash of the row before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, select

from reports.review.bookkeeping import require_bookkeeping
from reports.review.tables import SHEET_IMPORT, VERDICT, VERDICT_FINDING
from schemas.errors import IntegrityError

GENESIS = "0" * 64
"""What stands before the first row."""

HASHED = (
    "sequence", "lead_id", "finding_id", "run_id", "content_hash", "stage", "verdict", "reason_code", "exemption_id",
    "necessity", "regularity", "note", "reviewer_id", "reviewed_at",
)  # fmt: skip
"""Columns that a row's hash covers, in this order; then the findings that it speaks for."""

Findings = Iterable[tuple[str, str]]


def entry_hash(previous_hash: str, row: Mapping[str, Any], findings: Findings) -> str:
    """SHA-256 of one entry, 64 hexadecimal digits.

    Args:
        previous_hash: hash of the entry before it, ``GENESIS`` for the first.
        row: the columns of ``HASHED``.
        findings: finding_id and detector_id of each finding that it speaks for, in any order.
    """
    said = [previous_hash, *(row[name] for name in HASHED), sorted([list(one) for one in findings])]
    canonical = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def head_of(connection: Connection) -> tuple[int, str]:
    """Number and hash of the newest entry; 0 and ``GENESIS`` where there is none."""
    newest = select(VERDICT.c.sequence, VERDICT.c.entry_hash).order_by(VERDICT.c.sequence.desc()).limit(1)
    row = connection.execute(newest).first()
    return (int(row.sequence), str(row.entry_hash)) if row else (0, GENESIS)


def check_chain(
    connection: Connection, head: str | None = None, noted: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Recompute every hash; returns the number of entries and the head.

    Args:
        connection: a reading connection.
        head: a head that was noted before (on a page, in a report) and must stand in the chain.
        noted: heads that runs noted when their pages were drawn, by run.

    Raises:
        IntegrityError: an entry was changed, removed or put in; the message names the first such row. Or a head that
            an import, a run or the caller noted is gone: the end of the chain was cut off. Or what stands beside the
            chain (imports, leads, findings) is not what its entries say.
    """
    previous, count, hashes = GENESIS, 0, {GENESIS}
    for row, findings in _entries(connection):
        count += 1
        is_next = row["sequence"] == count and row["previous_hash"] == previous
        if not is_next or row["entry_hash"] != entry_hash(previous, row, findings):
            missing = f" after {count - 1}" if row["sequence"] != count else ""
            raise IntegrityError(
                "the audit chain is broken",
                got=f"entry {row['sequence']}{missing}",
                allowed="every entry as it was written",
                where="table verdict of the case store",
            )
        previous = row["entry_hash"]
        hashes.add(previous)
    imports = select(SHEET_IMPORT.c.import_id, SHEET_IMPORT.c.chain_head).order_by(SHEET_IMPORT.c.import_id)
    heads = {f"import {import_id}": own for import_id, own in connection.execute(imports).tuples()}
    heads |= {f"run {run_id}": own for run_id, own in sorted((noted or {}).items())}
    _require_noted(heads, head, hashes, count)
    require_bookkeeping(connection)
    return count, previous


def _require_noted(heads: Mapping[str, str], head: str | None, hashes: set[str], count: int) -> None:
    """Heads that were noted elsewhere must stand in the chain."""
    for where, noted in heads.items():
        if noted not in hashes:
            raise IntegrityError(
                "the end of the audit chain was cut off",
                got=f"{count} entries; the head after {where} is not among them",
                allowed="every entry as it was written",
                where="table verdict of the case store",
            )
    if head is not None and not any(one.startswith(head.lower()) for one in hashes - {GENESIS}):
        raise IntegrityError(
            "this head is not in the audit chain",
            got=f"{count} entries",
            allowed="a hash that a page or an import showed",
            where="--head",
        )


def _entries(connection: Connection) -> Iterator[tuple[dict[str, Any], list[tuple[str, str]]]]:
    """Each verdict with its findings, in the chain's order."""
    named = select(VERDICT_FINDING).order_by(VERDICT_FINDING.c.sequence, VERDICT_FINDING.c.finding_id)
    rows = connection.execute(named).all()
    by_sequence = {
        sequence: [(one.finding_id, one.detector_id) for one in own]
        for sequence, own in groupby(rows, key=lambda one: one.sequence)
    }
    for row in connection.execute(select(VERDICT).order_by(VERDICT.c.sequence)).mappings():
        yield dict(row), by_sequence.get(row["sequence"], [])
