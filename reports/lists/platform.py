"""Leads in the national platform's own shape of an audit result, as its interface 3101 gives them back.

Names are the platform's (DOMAIN §4): a result a finding, with details of the item in question and of the item that it
relates to. Only what ranks is told; exempt findings stay in the workbook. Amounts are yuan to the cent, and 0 where
nothing was priced, since the platform requires them; its texts hold 500 characters. What each field holds, and which
codes are only proposed, is told in README.md beside this file.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import polars as pl

from reports.evidence.law import laws_over, span_of
from reports.run_folder import Run
from reports.suspicion import suspicion
from schemas.card import Card

TEXT_CHARACTERS = 500
"""Characters that vola_cont and vola_evid hold."""

IN_QUESTION, RELATED = "1", "2"
"""vola_item_type: the item in question (疑点项), the item it relates to (涉及项)."""

SEVERITY = {"suspected": "2", "clue": "3"}
"""sev_deg by grade. 1 is kept for what is certain, which nothing is before a verdict; 2 strongly, 3 slightly
suspicious. The dictionary that stands behind the field is not public here: check it against the receiving platform."""

BEHAVIOUR = {
    "patient_episode": "1", "institution": "1", "department": "1", "device": "1", "practitioner": "2",
}  # fmt: skip
"""vola_bhvr_type by subject: 1 institution, 2 practitioner. To be checked against the receiving platform too."""

PRICED, UNPRICED = "1", "0"
"""vola_amt_stas, the state of the amount: 1 worked out, 0 not. To be checked against the receiving platform too."""

PROPOSED = ("sev_deg", "vola_bhvr_type", "vola_amt_stas")
"""Fields whose code lists are not public here: what we write in them is a proposal, and is told as one on export."""


def platform_results(run: Run) -> Iterator[dict[str, Any]]:
    """One result a finding that ranks, by the rank of its lead and then by finding_id."""
    subject = ["subject_type", "subject_id"]
    ranks = run.leads.select(*subject, "rank")
    ranked = run.findings.filter(pl.col("exemption_id").is_null()).join(ranks, on=subject)
    for row in ranked.sort("rank", "finding_id").iter_rows(named=True):
        card = run.cards.get(row["detector_id"])
        title = suspicion(card.title).zh if card else str(row["detector_id"])
        yield {
            "jr_id": row["finding_id"],
            "rule_id": row["detector_id"],
            "rule_name": title,
            "vola_cont": f"{title}：{row['sentence_zh']}"[:TEXT_CHARACTERS],
            "patn_id": row["patient_id"],
            "mdtrt_id": row["encounter_id"],
            "judge_result_detail_dtos": list(_details(row)),
            "vola_amt": _amount(row["amount_at_issue"]),
            "vola_amt_stas": UNPRICED if row["amount_at_issue"] is None else PRICED,
            "sev_deg": SEVERITY.get(row["grade"], "3"),
            "vola_evid": _basis(card, row),
            "vola_bhvr_type": BEHAVIOUR.get(row["subject_type"], "1"),
            "task_id": run.manifest.run_id,
        }


def _details(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The flagged event, then the earlier one; the money stands with the flagged one."""
    for kind, event_id, amount in (
        (IN_QUESTION, row["flagged_event_id"], row["amount_at_issue"]),
        (RELATED, row["index_event_id"], None),
    ):
        if event_id is not None:
            yield {
                "jrd_id": f"{row['finding_id']}-{kind}",
                "patn_id": row["patient_id"],
                "mdtrt_id": row["encounter_id"] if kind == IN_QUESTION else None,
                "rx_id": event_id,
                "vola_item_type": kind,
                "vola_amt": _amount(amount),
            }


def _basis(card: Card | None, row: dict[str, Any]) -> str:
    """Law in force on the days that the finding is about, by title and article."""
    bases = laws_over(card, span_of(row["occurred_at"], row["evidence"]))
    return "；".join(f"《{one.title.zh}》{article}" for one, article in bases)[:TEXT_CHARACTERS]


def _amount(value: Decimal | None) -> float:
    return float(value or 0)
