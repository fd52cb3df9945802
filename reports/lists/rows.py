"""Rows of the lists, out of a run: plain values in the order of their columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from reports.lists.content import Contents, contents_of
from reports.lists.sheet import FINDING_COLUMNS, LEAD_COLUMNS, Column, Value
from reports.lists.signature import canonical_cells, signature
from reports.lists.working_columns import FINDING_SHEET_COLUMNS, LEAD_SHEET_COLUMNS, signed_columns
from reports.run_folder import Run
from reports.run_report.view import detector_title
from reports.suspicion import suspicion
from schemas.card import Text

SEPARATOR = "; "
"""Between the values of a list in one cell."""


@dataclass(frozen=True)
class Seal:
    """What the rows of a run are signed with: the workspace's key, the run, and hashes of what the run found."""

    key: bytes = field(repr=False)
    run_id: str
    contents: Contents

    def sealed(self, kind: str, columns: Sequence[Column], row: dict[str, Any], content_hash: str) -> list[Value]:
        """One value a column: evidence, empty input cells, and the seal."""
        cells = canonical_cells(signed_columns(columns), row)
        signed = signature(self.key, kind, self.run_id, content_hash, cells)
        whole = row | {"run_id": self.run_id, "content_hash": content_hash, "signature": signed}
        return [whole.get(column.name) for column in columns]


def seal_of(run: Run, key: bytes) -> Seal:
    """The seal of a run's rows under a key."""
    return Seal(key, run.manifest.run_id, contents_of(run))


def lead_records(run: Run) -> Iterator[dict[str, Any]]:
    """Leads by rank, as records with the names of ``LEAD_COLUMNS``; lists stay lists."""
    names = [column.name for column in LEAD_COLUMNS]
    reviewed = {one.lead_id: one.verdict for one in run.reviews if one.kind == "verdict" and one.finding_id is None}
    for row in run.leads.iter_rows(named=True):
        title = suspicion(Text(en=row["title_en"], zh=row["title_zh"]))
        row |= {"institution_name": run.institution_name(row["institution_id"])}
        subject = run.subject_name(row["subject_type"], row["subject_id"], row["institution_id"])
        row |= {"title_en": title.en, "title_zh": title.zh, "subject_name": subject.zh if subject else None}
        row["reviewed_as"] = reviewed.get(row["lead_id"])
        yield {name: row[name] for name in names}


def lead_rows(run: Run, seal: Seal) -> Iterator[list[Value]]:
    """Leads by rank, one value a column of the sheet that is filled in, each row signed."""
    for record in lead_records(run):
        row = {name: flat(value) for name, value in record.items()}
        yield seal.sealed("leads", LEAD_SHEET_COLUMNS, row, seal.contents.leads[str(row["lead_id"])])


def finding_rows(run: Run, seal: Seal) -> Iterator[list[Value]]:
    """Findings by the rank of their lead, ranked ones before exempt ones, each row signed."""
    for row in finding_records(run):
        yield seal.sealed("findings", FINDING_SHEET_COLUMNS, row, seal.contents.findings[str(row["finding_id"])])


def finding_records(run: Run) -> Iterator[dict[str, Any]]:
    """Findings in that order, as records with the names of ``FINDING_COLUMNS``."""
    leads = run.leads.select("subject_type", "subject_id", "lead_id", "rank", page="evidence_path")
    joined = (
        run.findings.drop("evidence")
        .join(leads, on=["subject_type", "subject_id"], how="left")
        .with_columns(
            evidence_path=pl.format("{}#finding-{}", "page", "finding_id"),
            standing=pl.when(pl.col("exemption_id").is_null()).then(pl.lit("ranked")).otherwise(pl.lit("exempt")),
        )
    )
    order = [pl.col("rank"), pl.col("exemption_id").is_not_null(), pl.col("occurred_at"), pl.col("finding_id")]
    names = [column.name for column in FINDING_COLUMNS]
    return joined.sort(order, nulls_last=True).select(names).iter_rows(named=True)


def detector_rows(run: Run) -> list[tuple[Value, ...]]:
    """Detectors by id, with what they are called."""
    made: list[tuple[Value, ...]] = []
    for one in run.detectors:
        title = detector_title(run, one.detector_id)
        counts = (one.examined, one.not_judged, one.hits, one.exempt)
        made.append((one.detector_id, title.zh, title.en, one.detector_version, one.status, one.reason or "", *counts))
    return made


def about_rows(run: Run) -> list[tuple[Value, ...]]:
    """What the lists rest on: run, pack, window, hashes; no time of making."""
    identity = run.manifest.identity
    pairs: list[tuple[Value, ...]] = [
        ("运行 run_id", run.manifest.run_id),
        ("截至 as_of", identity.as_of.isoformat()),
        ("策略包 pack", f"{identity.pack.name} {identity.pack.version}"),
        ("策略包摘要 pack sha256", identity.pack.sha256),
        ("程序 program", f"exam-audit {identity.program}"),
        ("假名密钥指纹 key fingerprint", identity.key_fingerprint or "–"),
        (
            "假名 pseudonyms",
            "查询原始标识：exam-audit identity lookup 假名前12位 --reason 理由。The id behind a pseudonym.",
        ),
        ("说明 note", "疑似线索，尚未审核。Indicators only; not yet reviewed."),
        ("豁免 exempt", "豁免的发现列出而不排名。Exempt findings are listed and never rank."),
    ]
    pairs += [(f"结果 result {name}", digest) for name, digest in sorted(run.manifest.results.items())]
    pairs += [(f"输入 input {name}", digest) for name, digest in sorted(run.manifest.inputs.items())]
    return pairs


def flat(value: Any) -> Value:  # noqa: ANN401  # a Parquet cell may hold anything
    """A cell's value: a list as one text, anything else as it is."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return SEPARATOR.join(str(one) for one in value)
    return value  # type: ignore[no-any-return]  # scalars of a Parquet file
