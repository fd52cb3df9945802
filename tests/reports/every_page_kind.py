"""Adds to the sample run what it lacks for every kind of page: a lead of every subject type and detector family.

Each detector of the catalogue gets one finding whose evidence is made of its card's own columns, so that a new
detector's page is opened without a line here unless it brings a chart of its own. Policy, sensitivity and review stand
beside them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from detectors.cards import card_of
from detectors.catalogue import SHIPPED
from detectors.settings import resolve
from pipelines.policy_record import policy_record
from schemas.card import Card, Text
from schemas.finding import DENOMINATOR_SCHEMA, DETECTOR_SCHEMA, FINDING_SCHEMA
from schemas.lead import LEAD_SCHEMA
from schemas.pack import load_pack
from schemas.ranking import CalibrationBin, DetectorRecord, Ranking, Trial
from schemas.review_snapshot import REVIEW_FILE, REVIEW_SCHEMA
from schemas.sweep import Sweep, SweepPoint

AT = datetime.fromisoformat("2025-03-06T17:20")
ROW = {"observed": 96, "expected": 42.1, "visits": 290}
FUNNEL = {"expected": [22.0, 45.6, 152.4, 336.0], "ratio": [1.1, 0.8, 1.3, 0.9], "phi": 6.2, "tau2": 0.021}
STRUCTURED: dict[str, Any] = {
    "quarters": [{"quarter": f"2025Q{n}", **ROW} for n in (1, 2, 3, 4)],
    "families": [{"family": family, **ROW} for family in ("ct", "mr", "lipid_panel")],
    "case_mix": [{"stratum": stratum, **ROW} for stratum in ("outpatient × abdomen", "J: respiratory · 65+")],
    "rerun_without_top_patient": {"observed": 90, "expected": 40.0, "z": 4.4, "q_value": 0.001},
    "null_by_size": {"is_fitted": True, "members": 240, "least_members": 180, "centre": 0.97, "tau2": 0.031},
    "positive_rate": {"positive": 88, "reported": 401, "peer_positive": 5120, "peer_reported": 11240},
    "funnel": FUNNEL,
    "share_funnel": {"trials": [40, 80, 200], "share": [0.1, 0.2, 0.25], "target": 0.2, "phi": 1.4, "tau2": 0.004},
    "lengths": [{"days": days, "stays": 40 + 30 * (days == 30), "expected": 41.5} for days in range(20, 40)],
    "costs": [{"pct": pct, "stays": 40 + 30 * (pct == 100), "expected": 41.5} for pct in range(80, 120)],
    "second_opinion": {"place": 2, "members": 60, "score": 0.61, "drivers": [{"measured": "volume", "z": 4.2}]},
    "peer_group": "tertiary × 03.04 × outpatient",
    "rolled_up": "too few peers (9) / 同行不足（9人）",
    "trials": 290,
    "observed": 96,
    "limit_days": 30,
    "under_days": 2,
    "limit_pct": 100,
    "under_pct": 5,
}
"""Evidence whose shape a chart or panel reads; everything else is made by its type alone."""

BY_TYPE: dict[str, Any] = {
    "integer": 12,
    "number": 3.25,
    "money": "120.50",
    "boolean": True,
    "moment": "2025-03-05T10:20:00",
    "text": "abdomen",
    "list": ["270000000000000000", "chest"],
    "object": {"a": 1},
}


def add_every_kind(folder: Path) -> None:
    """Adds them to a run folder that ``run_folder_sample`` wrote."""
    cards = [*_cards(), _of_a_device()]
    leads, findings = [], []
    by_page = sorted(cards, key=lambda card: (card.subject_type, card.detector_id.partition(".")[0], card.detector_id))
    groups = groupby(by_page, key=lambda card: (card.subject_type, card.detector_id.partition(".")[0]))
    for number, ((subject_type, family), group) in enumerate(groups):
        own, subject = list(group), _subject(subject_type, family, number)
        findings += [_finding(card, subject, n) for n, card in enumerate(own)]
        leads.append(_lead(own, subject, number))
    _append(folder / "findings.parquet", findings, FINDING_SCHEMA)
    _append(folder / "leads.parquet", leads, LEAD_SCHEMA)
    _append(folder / "detectors.parquet", list(_results(cards, folder)), DETECTOR_SCHEMA)
    _append(folder / "denominators.parquet", list(_denominators(cards)), DENOMINATOR_SCHEMA)
    told = json.loads((folder / "cards.json").read_text(encoding="utf-8"))
    known = {card["detector_id"] for card in told}
    told += [card.model_dump(mode="json") for card in cards if card.detector_id not in known]
    (folder / "cards.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    policy = policy_record("example-region", cards, date(2025, 12, 31))
    (folder / "policy.json").write_text(policy.model_dump_json(), encoding="utf-8")
    sweeps = ",".join(one.model_dump_json() for one in _sweeps())
    (folder / "ranking.json").write_text(_ranking().model_dump_json(), encoding="utf-8")
    (folder / "sensitivity.json").write_text(f"[{sweeps}]", encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(list(_reviews(leads)), schema=REVIEW_SCHEMA), folder / REVIEW_FILE)


def _cards() -> list[Card]:
    pack, settings = load_pack("cn-national"), resolve(list(SHIPPED), {})
    return [card_of(detector, settings[detector.id], pack) for detector in SHIPPED]


def _of_a_device() -> Card:
    """No detector of the catalogue is about a device yet; the page is there."""
    return _cards()[0].model_copy(update={"detector_id": "licence.device", "subject_type": "device"})


def _subject(subject_type: str, family: str, number: int) -> str:
    named = {"patient_episode": f"P0001|HI001|{2030 + number}", "department": f"HI001|{family}", "institution": "HI001"}
    return named.get(subject_type, f"X{number:03d}") if family != "unfounded" else named.get(subject_type, "X099")


def _finding(card: Card, subject_id: str, number: int) -> dict[str, Any]:
    is_patient = card.subject_type == "patient_episode"
    answers = ("holds", "does not", "no data")
    tested = {one.exemption_id: answers[n % 3] for n, one in enumerate(card.exemptions)}
    evidence = {column.name: _value(card, column.name, column.type) for column in card.evidence}
    return {
        "run_id": "5e1f00d5a3b4c2d1",
        "finding_id": f"{card.detector_id}-{number}",
        "detector_id": card.detector_id,
        "detector_version": str(card.version),
        "subject_type": card.subject_type,
        "subject_id": subject_id,
        "patient_id": "P0001" if is_patient else None,
        "institution_id": "HI001",
        "index_event_id": "O-1001" if is_patient else None,
        "flagged_event_id": "O-1009" if is_patient else None,
        "occurred_at": AT,
        "amount_at_issue": Decimal("600.00"),
        "severity": card.severity,
        "confidence": card.confidence,
        "grade": card.grade,
        "exemption_id": next(iter(tested), None) if number % 4 == 3 else None,
        "sentence_en": card.sentence.en,
        "sentence_zh": card.sentence.zh,
        "evidence": json.dumps(evidence | {"exemptions_tested": tested}, ensure_ascii=False, sort_keys=True),
    }


def _value(card: Card, name: str, type_: str) -> Any:
    return card.subject_type if name == "subject" else STRUCTURED.get(name, BY_TYPE[type_])


def _lead(cards: list[Card], subject_id: str, number: int) -> dict[str, Any]:
    score = {"score": 100.0, "steps": [{"contribution": 100.0, "detector_id": cards[0].detector_id, "grade_weight": 1.0,
             "finding_id": f"{cards[0].detector_id}-0", "probability": 0.5, "value_yuan": 200.0}]}  # fmt: skip
    return {
        "run_id": "5e1f00d5a3b4c2d1",
        "lead_id": f"kind{number:04d}",
        "rank": 100 + number,
        "score": 100.0,
        "probability": 0.5,
        "subject_type": cards[0].subject_type,
        "subject_id": subject_id,
        "institution_id": "HI001",
        "title_en": cards[0].title.en,
        "title_zh": cards[0].title.zh,
        "detector_ids": sorted(card.detector_id for card in cards),
        "finding_count": len(cards),
        "exempt_count": 0,
        "amount_at_issue": Decimal("600.00"),
        "first_occurred_at": AT,
        "last_occurred_at": AT,
        "referral_authorities": sorted({one for card in cards for one in card.referral_authorities}),
        "grade": cards[0].grade,
        "explanation": json.dumps(score),
    }


def _ranking() -> Ranking:
    bins = tuple(
        CalibrationBin(low=n / 10, high=(n + 1) / 10, verdicts=20, predicted=n / 10 + 0.05, substantiated=2 * n,
                       share_low=max(n / 10 - 0.1, 0), share_high=min(n / 10 + 0.1, 1))
        for n in range(10)
    )  # fmt: skip
    trial = Trial(
        fitted=300, calibrated=120, held_back=180, held_back_from=date(2025, 9, 1), method="sigmoid",
        brier_priors=0.21, brier_classifier=0.15, margin=0.01, priors=bins, classifier=bins,
    )  # fmt: skip
    record = DetectorRecord(
        detector_id="repeat.same_institution", reviewed=60, substantiated=12, precision=0.2,
        precision_low=0.1, precision_high=0.3, probability=0.22, is_demoted=True,
    )  # fmt: skip
    return Ranking(
        basis="classifier", reason="classifier_better", verdicts=640, matched=600, needed=200,
        features={"gap_share": -1, "confidence": 1, "severity": 0}, model={"scikit-learn": "1.9.1"}, trial=trial,
        weights={"grade.clue": 0.6, "floor_yuan.high": 500.0}, detectors=(record,), misses=None,
    )  # fmt: skip


def _sweeps() -> Iterator[Sweep]:
    why = Text(en="Used where an item has no interval.", zh="项目未设间隔时采用。")
    points = tuple(
        SweepPoint(
            value=value, is_used=value == 24, examined=48_000, hits=value * 3, exempt=value, patients=value,
            institutions=4, amount=Decimal(value * 100), fund_amount=None,
        )
        for value in (12, 24, 48, 72)
    )  # fmt: skip
    yield Sweep(detector_id="repeat.same_institution", parameter="default_retest_hours", unit="hours", why=why,
                reason=None, points=points)  # fmt: skip
    yield Sweep(detector_id="repeat.across_institutions", parameter="x", unit=None, why=why,
                reason="missing recognition_items", points=())  # fmt: skip


def _results(cards: list[Card], folder: Path) -> Iterator[dict[str, Any]]:
    """Every detector ran, so that the matrix is as wide as the catalogue."""
    known = set(pq.read_table(folder / "detectors.parquet")["detector_id"].to_pylist())
    for card in cards:
        if card.detector_id not in known:
            counts = {"examined": 4800, "not_judged": 12, "hits": 3, "exempt": 1, "seconds": 0.1}
            yield {"detector_id": card.detector_id, "detector_version": str(card.version), "status": "ran", **counts}


def _denominators(cards: list[Card]) -> Iterator[dict[str, Any]]:
    """Two years of months with a finding each, so that tables by month are as wide as they come."""
    for card in cards:
        for number in range(24):
            month = f"{2024 + number // 12}-{number % 12 + 1:02d}"
            counts = {"examined": 12_345, "hits": 120, "exempt": 17}
            yield {"detector_id": card.detector_id, "institution_id": "HI003", "month": month, **counts}


def _reviews(leads: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for lead in leads[:3]:
        for kind, verdict in (("verdict", "justified"), ("reply", None), ("ledger", None)):
            yield {
                "kind": kind,
                "subject_type": lead["subject_type"],
                "subject_id": lead["subject_id"],
                "lead_id": lead["lead_id"],
                "stage": "first_review",
                "verdict": verdict,
                "note": "The reader asked for another series. 读片医师要求重做。",
                "amount": Decimal("420.00") if kind == "ledger" else None,
                "reviewed_at": AT,
                "chain_hash": "ab" * 32,
                "chain_head": "cd" * 32,
            }


def _append(path: Path, rows: list[dict[str, Any]], schema: pa.Schema) -> None:
    before = pq.read_table(path, schema=schema)
    pq.write_table(pa.concat_tables([before, pa.Table.from_pylist(rows, schema=schema)]), path)
