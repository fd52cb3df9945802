"""The round trip of a sheet: preview what it would change, then write all of it in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.sql.functions import max as newest

from reports.lists.content import contents_of
from reports.lists.guide import exemptions_of
from reports.review.chain import entry_hash, head_of
from reports.review.filled_sheet import FilledSheet, read_filled
from reports.review.judging import Handed, JudgedRow, Key, Opinion, Standing, judge
from reports.review.store import CaseStore
from reports.review.tables import LEAD_UNDER_REVIEW, SHEET_IMPORT, VERDICT, VERDICT_FINDING
from reports.rows import Drawn
from reports.run_folder import Run, read_run
from schemas.unflagged import BY_LOT

STAGE = "first_review"
"""What a sheet's verdict is (``schemas.review_snapshot.REVIEW_STAGES``)."""

_TAKEN = (Standing.NEW, Standing.CHANGED)


@dataclass(frozen=True)
class Preview:
    """What an import would do.

    Attributes:
        sheet: the file as it was read.
        rows: its filled rows with their standing.
        run: the newest published run.
        reviewer_id: whose verdicts they are.
    """

    sheet: FilledSheet = field(repr=False)
    rows: tuple[JudgedRow, ...]
    run: Run = field(repr=False)
    reviewer_id: str
    handed: Handed = field(repr=False)

    @property
    def counts(self) -> dict[str, int]:
        """Rows by standing, none left out."""
        found = Counter(row.standing for row in self.rows)
        return {standing.value: found[standing] for standing in Standing}

    @property
    def taken(self) -> tuple[JudgedRow, ...]:
        """Rows that would be written."""
        return tuple(row for row in self.rows if row.standing in _TAKEN)


def preview(path: Path, run: Path, store: CaseStore, key: bytes, reviewer_id: str) -> Preview:
    """Judge every filled row of a workbook; nothing is written.

    Args:
        path: the workbook that came back.
        run: folder of the newest published run.
        store: the open case store.
        key: the workspace's signing key.
        reviewer_id: whose verdicts they are.

    Raises:
        UsageError: no such file. InputError: it is no workbook of ours.
    """
    sheet, read = read_filled(path), read_run(run)
    contents = contents_of(read)
    with store.reading() as connection:
        stored = frozenset(connection.scalars(select(LEAD_UNDER_REVIEW.c.lead_id)))
        current = current_opinions(connection, reviewer_id)
    known = stored | frozenset(contents.leads) | frozenset(contents.drawn)
    handed = Handed(key, contents, frozenset(exemptions_of(read)), known)
    return Preview(sheet, judge(sheet.rows, handed, current), read, reviewer_id, handed)


def confirm(seen: Preview, store: CaseStore, now: datetime) -> Preview:
    """Write what a preview showed, all or nothing; what another import wrote meanwhile is not written again.

    Args:
        seen: the preview that was confirmed.
        store: the open case store.
        now: local time of entry, with its offset.

    Returns:
        What was written: the rows judged again in the transaction that wrote them.
    """
    with store.writing() as connection:
        current = current_opinions(connection, seen.reviewer_id)
        done = Preview(
            seen.sheet, judge(seen.sheet.rows, seen.handed, current), seen.run, seen.reviewer_id, seen.handed
        )
        if done.taken:
            _write(connection, done, now.isoformat(timespec="seconds"))
    return done


def current_opinions(connection: Connection, reviewer_id: str) -> dict[Key, Opinion]:
    """A reviewer's newest opinion by lead and finding."""
    own = select(VERDICT).where(VERDICT.c.reviewer_id == reviewer_id).order_by(VERDICT.c.sequence)
    return {
        (row.lead_id, row.finding_id): Opinion(
            row.content_hash, row.verdict, row.reason_code, row.exemption_id, row.necessity, row.regularity, row.note
        )
        for row in connection.execute(own)
    }


def _write(connection: Connection, done: Preview, at: str) -> None:
    """Leads, then the import with the head that the chain will have, then the chain's new entries."""
    run_id = done.run.manifest.run_id
    _write_leads(connection, done, sorted({row.row.key[0] for row in done.taken}))
    import_id = (connection.scalar(select(newest(SHEET_IMPORT.c.import_id))) or 0) + 1
    # A lead's verdict goes before those of its findings: of two on one finding the later one counts.
    ordered = sorted(done.taken, key=lambda one: one.row.key[1] is not None)
    entries, spoken = _entries(connection, done, ordered, at)
    connection.execute(
        insert(SHEET_IMPORT).values(
            import_id=import_id,
            file_sha256=done.sheet.sha256,
            reviewer_id=done.reviewer_id,
            imported_at=at,
            chain_head=entries[-1]["entry_hash"],
            **{f"rows_{name}": count for name, count in done.counts.items()},
        )
    )
    connection.execute(insert(VERDICT), [entry | {"import_id": import_id, "run_id": run_id} for entry in entries])
    if spoken:
        connection.execute(insert(VERDICT_FINDING), spoken)


def _entries(
    connection: Connection, done: Preview, rows: Iterable[JudgedRow], at: str
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """New entries of the chain, and the findings that each speaks for."""
    last, previous = head_of(connection)
    findings = _findings_of(done.run, done.handed.contents.lead_of)
    entries: list[dict[str, object]] = []
    spoken: list[dict[str, object]] = []
    for sequence, judged in enumerate(rows, start=last + 1):
        assert judged.opinion is not None  # noqa: S101  # taken rows have one
        lead_id, finding_id = judged.row.key
        own = [one for one in findings.get(lead_id, []) if finding_id in (None, one[0])]
        entry: dict[str, object] = {
            "sequence": sequence,
            "lead_id": lead_id,
            "finding_id": finding_id,
            "run_id": done.run.manifest.run_id,
            "stage": STAGE,
            **asdict(judged.opinion),
            "reviewer_id": done.reviewer_id,
            "reviewed_at": at,
        }
        hashed = entry_hash(previous, entry, own)
        entries.append(entry | {"previous_hash": previous, "entry_hash": hashed})
        spoken += [{"sequence": sequence, "finding_id": id_, "detector_id": detector} for id_, detector in own]
        previous = hashed
    return entries, spoken


def _findings_of(run: Run, lead_of: dict[str, str]) -> dict[str, list[tuple[str, str]]]:
    """Finding and detector of each finding that ranks, by lead: an exempt one is no part of what a lead claims.

    A case drawn by lot has no finding; the ranking knows it by itself (``schemas.unflagged``).
    """
    ranked = run.findings.filter(pl.col("exemption_id").is_null()).select("finding_id", "detector_id")
    by_lead: dict[str, list[tuple[str, str]]] = {one.lead_id: [(one.lead_id, BY_LOT)] for one in run.drawn}
    for finding_id, detector_id in ranked.iter_rows():
        if finding_id in lead_of:
            by_lead.setdefault(lead_of[finding_id], []).append((finding_id, detector_id))
    return by_lead


def _write_leads(connection: Connection, done: Preview, lead_ids: list[str]) -> None:
    """Open the leads that are new to the store, and note of each what the newest run says."""
    run_id = done.run.manifest.run_id
    names = ("lead_id", "subject_type", "subject_id", "institution_id", "title_en", "title_zh")
    told = {row["lead_id"]: row for row in done.run.leads.select(names).iter_rows(named=True)}
    told |= {one.lead_id: _told_of_drawn(one) for one in done.run.drawn}
    known = set(connection.scalars(select(LEAD_UNDER_REVIEW.c.lead_id)))
    contents = done.handed.contents.drawn | done.handed.contents.leads
    for lead_id in lead_ids:
        newest_state = {"newest_run_id": run_id, "content_hash": contents[lead_id]}
        if lead_id in known:
            own = LEAD_UNDER_REVIEW.c.lead_id == lead_id
            connection.execute(update(LEAD_UNDER_REVIEW).where(own).values(**newest_state))
        else:
            values = told[lead_id] | {"first_run_id": run_id} | newest_state
            connection.execute(insert(LEAD_UNDER_REVIEW).values(**values))


def _told_of_drawn(one: Drawn) -> dict[str, object]:
    """A case drawn by lot, as the store keeps it."""
    return {
        "lead_id": one.lead_id,
        "subject_type": "patient_episode",
        "subject_id": one.subject_id,
        "institution_id": one.institution_id,
        "title_en": "Case drawn by lot",
        "title_zh": "随机抽查病例",
    }
