"""Simulated verdicts on a run over a generated extract: ``python -m pipelines.sample.verdicts RUN TRUTH OUT``.

What was planted is found substantiated, the rest not; one in twenty cannot be decided, one in ten of the confirmed is
so in part. Of the unflagged cases drawn by lot those are substantiated in which something was planted.

Which ones rests on the finding's id alone, so that the same run gives the same verdicts.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.ingest.pseudonym import patient_pseudonym
from pipelines.ingest.pseudonym_key import PUBLISHED_KEY, PseudonymKey, read_key
from schemas.errors import ExamAuditError, UsageError
from schemas.unflagged import BY_LOT
from schemas.verdict import VERDICT_SCHEMA

DAYS_TO_DECIDE = 30
UNDETERMINED_IN, PARTLY_IN = 20, 10

_SCHEMA = {name: pl.Date if name == "decided_on" else pl.String for name in VERDICT_SCHEMA.names}

Planted = frozenset[tuple[str | None, ...]]


def simulated_verdicts(findings: pl.DataFrame, planted: Planted) -> pl.DataFrame:
    """A verdict on every finding that no exemption holds for, in the order of their ids.

    Args:
        findings: rows of findings.parquet.
        planted: (detector_id, flagged_event_id, index_event_id) of each planted event; (detector_id, subject_id) of
            each planted doctor.
    """
    judged = findings.filter(pl.col("exemption_id").is_null()).sort("finding_id")
    rows = [
        {
            "finding_id": one["finding_id"],
            "detector_id": one["detector_id"],
            "outcome": _outcome(one, planted),
            "decided_on": one["occurred_at"].date() + timedelta(days=DAYS_TO_DECIDE),
        }
        for one in judged.iter_rows(named=True)
    ]
    return pl.DataFrame(rows, schema=_SCHEMA)


def verdicts_by_lot(drawn: pl.DataFrame, cases: frozenset[str]) -> pl.DataFrame:
    """A verdict on every unflagged case that was drawn, in the order of their ids.

    Args:
        drawn: rows of unflagged.parquet.
        cases: subject ids, as the run has them, in which something was planted.
    """
    rows = [
        {
            "finding_id": one["lead_id"],
            "detector_id": BY_LOT,
            "outcome": _decided(one["lead_id"], one["subject_id"] in cases),
            "decided_on": one["last_occurred_at"].date() + timedelta(days=DAYS_TO_DECIDE),
        }
        for one in drawn.sort("lead_id").iter_rows(named=True)
    ]
    return pl.DataFrame(rows, schema=_SCHEMA)


def _outcome(finding: Mapping[str, Any], planted: Planted) -> str:
    event = (finding["detector_id"], finding["flagged_event_id"], finding["index_event_id"])
    is_planted = event in planted or (finding["detector_id"], finding["subject_id"]) in planted
    return _decided(str(finding["finding_id"]), is_planted)


def _decided(id_: str, is_planted: bool) -> str:
    lot = int(hashlib.sha256(id_.encode()).hexdigest()[:8], 16)
    if lot % UNDETERMINED_IN == 0:
        return "undetermined"
    if not is_planted:
        return "unsubstantiated"
    return "partly_substantiated" if lot % PARTLY_IN == 1 else "substantiated"


def planted_in(truth: Path) -> Planted:
    """What the truth files of a generated extract say was planted."""
    found: set[tuple[str | None, ...]] = set()
    for path in sorted(truth.glob("*.*.csv")):
        for row in pl.read_csv(path, infer_schema=False).iter_rows(named=True):
            if row.get("flagged_event_id"):
                found.add((path.stem, row["flagged_event_id"], row["index_event_id"]))
            else:
                found.add((path.stem, row["subject_id"]))
    return frozenset(found)


def planted_episodes(truth: Path, key: PseudonymKey) -> frozenset[str]:
    """Patient episodes in which something was planted, as a run under that key names them."""
    found: set[str] = set()
    for path in sorted(truth.glob("*.*.csv")):
        for subject_id in pl.read_csv(path, infer_schema=False)["subject_id"].drop_nulls():
            patient_id, bar, rest = subject_id.partition("|")
            found.add(patient_pseudonym(key, patient_id) + bar + rest if bar else subject_id)
    return frozenset(found)


def main(arguments: list[str]) -> int:
    """Write the verdicts as CSV; returns the exit code."""
    try:
        if len(arguments) != 3:
            raise UsageError("wrong arguments", allowed="RUN TRUTH OUT", where="python -m pipelines.sample.verdicts")
        run, truth, out = (Path(argument) for argument in arguments)
        findings = pl.read_parquet(run / "findings.parquet", glob=False)
        drawn = pl.read_parquet(run / "unflagged.parquet", glob=False)
        by_lot = verdicts_by_lot(drawn, planted_episodes(truth, read_key(PUBLISHED_KEY)))
        pl.concat([simulated_verdicts(findings, planted_in(truth)), by_lot]).write_csv(out)
    except ExamAuditError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
