"""Of whom and of what evidence is asked for: said once, before the findings leave memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import polars as pl

LINES = 24
"""Orders drawn of one practitioner, shared evenly among the families."""

FAMILIES = 6
"""Families drawn from at most: those that contribute most to what stands above expectation."""

UNIT_SCHEMA = {
    "subject_id": pl.String,
    "institution_id": pl.String,
    "department_code": pl.String,
    "setting": pl.String,
    "first_quarter": pl.String,
    "last_quarter": pl.String,
}
FAMILY_SCHEMA = {"subject_id": pl.String, "family": pl.String, "turn": pl.Int64, "lines": pl.Int64}


@dataclass(frozen=True)
class Wanted:
    """What the rows are asked for; each frame is sorted.

    Attributes:
        patients: ``patient_id`` of the leads' findings.
        events: ``event_id`` of their index and flagged events.
        units: where and when a practitioner was compared with peers, columns ``UNIT_SCHEMA``.
        families: of which families a sample of a practitioner's orders is drawn and how many lines of each, in
            ``turn``, columns ``FAMILY_SCHEMA``.
    """

    patients: pl.DataFrame
    events: pl.DataFrame
    units: pl.DataFrame
    families: pl.DataFrame


def wanted_of(findings: pl.DataFrame, leads: pl.DataFrame) -> Wanted:
    """What the pages of these leads are drawn from.

    Args:
        findings: all findings of the run, exempt ones too.
        leads: the leads whose subjects the rows are wanted for.
    """
    shown = findings.join(leads.select("subject_type", "subject_id"), on=["subject_type", "subject_id"], how="semi")
    events = pl.concat(
        [shown.select(pl.col(name).alias("event_id")) for name in ("index_event_id", "flagged_event_id")]
    )
    compared = list(_compared(shown))
    return Wanted(
        patients=_distinct(shown.select("patient_id")),
        events=_distinct(events),
        units=_frame((_unit(one) for one in compared), UNIT_SCHEMA),
        families=_frame(_families(compared), FAMILY_SCHEMA),
    )


def _distinct(values: pl.DataFrame) -> pl.DataFrame:
    return values.drop_nulls().unique().sort(values.columns)


def _frame(rows: Iterable[dict[str, Any]], schema: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=schema, orient="row").unique().sort(list(schema), nulls_last=True)


def _compared(findings: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Findings about practitioners that tell by family and quarter how one stands among peers."""
    own = findings.filter(pl.col("subject_type") == "practitioner", pl.col("evidence").is_not_null())
    for row in own.sort("subject_id", "finding_id").iter_rows(named=True):
        evidence = json.loads(row["evidence"])
        if evidence.get("families") and evidence.get("quarters") and evidence.get("setting"):
            yield row | {"evidence": evidence}


def _unit(compared: dict[str, Any]) -> dict[str, Any]:
    evidence = compared["evidence"]
    quarters = sorted(row["quarter"] for row in evidence["quarters"])
    return {
        **{name: compared[name] for name in ("subject_id", "institution_id", "department_code")},
        "setting": evidence["setting"],
        "first_quarter": quarters[0],
        "last_quarter": quarters[-1],
    }


def _families(compared: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Of each practitioner the families of the largest share in the excess of any finding, in that order."""
    for subject_id, own in groupby(compared, key=lambda one: one["subject_id"]):
        shares: dict[str, float] = {}
        for one in own:
            above = {row["family"]: row["observed"] - row["expected"] for row in one["evidence"]["families"]}
            whole = sum(excess for excess in above.values() if excess > 0)
            for family, excess in above.items():
                if excess > 0:
                    shares[family] = max(shares.get(family, 0.0), excess / whole)
        chosen = sorted(shares, key=lambda family: (-round(shares[family], 9), family))[:FAMILIES]
        for turn, family in enumerate(chosen, start=1):
            yield {"subject_id": subject_id, "family": family, "turn": turn, "lines": LINES // len(chosen)}
