"""Writes a small run folder: three patient leads, a practitioner, an exempt finding, a detector that could not run."""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.evidence import EVIDENCE_SCHEMAS
from schemas.finding import DENOMINATOR_SCHEMA, DETECTOR_SCHEMA, FINDING_SCHEMA
from schemas.lead import LEAD_SCHEMA

RUN_ID = "5e1f00d5a3b4c2d1"
HOSTILE_NAME = "<script>alert(1)</script>"
HOSTILE_FORMULA = "=cmd()"
TABLES = ("findings", "leads", "detectors", "denominators")
CARDS = Path(__file__).with_name("sample_cards.json")

Rows = list[dict[str, Any]]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def write_run(folder: Path) -> Path:
    """Writes the run into ``folder`` and returns it."""
    (folder / "evidence").mkdir(parents=True, exist_ok=True)
    tables = {
        "findings": (findings(), FINDING_SCHEMA),
        "leads": (leads(), LEAD_SCHEMA),
        "detectors": (detectors(), DETECTOR_SCHEMA),
        "denominators": (denominators(), DENOMINATOR_SCHEMA),
    }
    evidence = {"events": events(), "stays": stays(), "happenings": happenings(), "lines": lines()}
    evidence["institutions"] = institutions()
    tables |= {f"evidence/{stem}": (rows, EVIDENCE_SCHEMAS[stem]) for stem, rows in evidence.items()}
    for stem, (rows, schema) in tables.items():
        full = [{name: row.get(name) for name in schema.names} for row in rows]
        pq.write_table(pa.Table.from_pylist(full, schema=schema), folder / f"{stem}.parquet")
    (folder / "cards.json").write_text(CARDS.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "quality.json").write_text(json.dumps(quality(), ensure_ascii=False), encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps(manifest(), ensure_ascii=False), encoding="utf-8")
    return folder


def _finding(number: int, detector_id: str, subject_id: str, **more: Any) -> dict[str, Any]:
    evidence = json.dumps(more.pop("evidence"), ensure_ascii=False, sort_keys=True)
    patient = subject_id.split("|")[0] if "|" in subject_id else None
    row = {
        "run_id": RUN_ID,
        "finding_id": f"f{number:015x}",
        "detector_id": detector_id,
        "detector_version": "1",
        "subject_type": "patient_episode" if patient else "practitioner",
        "subject_id": subject_id,
        "patient_id": patient,
        "institution_id": "HI001",
        "severity": "medium",
        "confidence": "high",
        "grade": "suspected",
        "evidence": evidence,
    }
    return row | more


def findings() -> Rows:
    repeat, cycle = "repeat.same_institution", "readmission.cycle"
    return [
        _finding(
            1,
            repeat,
            "P0001|HI001|2025",
            index_event_id="O-1001",
            flagged_event_id="O-1009",
            encounter_id="E-101",
            practitioner_id="D017",
            department_code="03.01",
            occurred_at=at("2025-03-06 17:20"),
            amount_at_issue=Decimal("600.00"),
            fund_amount_at_issue=Decimal("420.00"),
            sentence_en="Chest CT repeated after 31 hours at the same hospital, no reason on record.",
            sentence_zh="同一机构31小时内重复胸部CT，未见记录理由。",
            evidence=_repeat("CT-CHEST", "胸部CT平扫", "chest CT", "CT", "chest", 31.0, 168),
        ),
        _finding(
            2,
            repeat,
            "P0001|HI001|2025",
            index_event_id="O-1002",
            flagged_event_id="O-1012",
            encounter_id="E-101",
            practitioner_id="D017",
            department_code="03.01",
            occurred_at=at("2025-03-07 06:30"),
            grade="clue",
            amount_at_issue=Decimal("85.00"),
            fund_amount_at_issue=Decimal("68.00"),
            confidence="medium",
            sentence_en=f"{HOSTILE_NAME} repeated after 20 hours at the same hospital, claimed reason not borne out.",
            sentence_zh=f"{HOSTILE_NAME}20小时内重复，所载理由未获佐证。",
            evidence=_repeat("LAB-LFT", HOSTILE_NAME, "liver function", "LAB", None, 20.0, 48)
            | {"claimed_reason": "1", "reason_supported": False, "index_is_abnormal": True, "change_pct": 4.0},
        ),
        _finding(
            3,
            repeat,
            "P0001|HI001|2025",
            index_event_id="O-1003",
            flagged_event_id="O-1010",
            encounter_id="E-101",
            practitioner_id="D018",
            department_code="03.01",
            occurred_at=at("2025-03-07 08:00"),
            amount_at_issue=Decimal("25.00"),
            exemption_id="operation_between",
            sentence_en="Full blood count repeated after 9 hours at the same hospital; an operation lay between.",
            sentence_zh="9小时内重复血常规；其间有手术。",
            evidence=_repeat("LAB-FBC", "血常规", "full blood count", "LAB", None, 9.0, 24)
            | {"exemptions_tested": {"operation_between": "holds", "condition_changed": "does not"}},
        ),
        _finding(
            4,
            cycle,
            "P0002|HI001|2025",
            index_event_id="E-201",
            flagged_event_id="E-202",
            encounter_id="E-202",
            practitioner_id="D022",
            department_code="03.04",
            occurred_at=at("2025-04-13 09:00"),
            amount_at_issue=Decimal("12480.50"),
            fund_amount_at_issue=Decimal("8736.35"),
            severity="high",
            sentence_en="Readmitted on the day of discharge to the same hospital with the same diagnosis.",
            sentence_zh="出院当日以同一诊断再次入住同一机构。",
            evidence=_cycle(0, "0-1"),
        ),
        _finding(
            5,
            repeat,
            "P0003|HI002|2025",
            index_event_id="O-3001",
            flagged_event_id="L-3002",
            encounter_id="E-301",
            practitioner_id=None,
            department_code=None,
            institution_id="HI002",
            occurred_at=at("2025-05-02 00:00"),
            sentence_en="=cmd() repeated within a day at the same hospital.",
            grade="clue",
            sentence_zh="=cmd()一日内重复。",
            evidence=_repeat("=X1", HOSTILE_FORMULA, "knee MR", "MR", "knee", 47.99, 168) | {"is_hour_known": False},
        ),
        _finding(
            6,
            "ordering.outlier_practitioner",
            "D017",
            practitioner_id="D017",
            department_code="03.01",
            occurred_at=at("2025-12-31 00:00"),
            amount_at_issue=Decimal("48210.00"),
            grade="clue",
            severity="medium",
            sentence_en="Ordered 412 CT examinations where 171.3 were expected of the same patients (2.4 times).",
            sentence_zh="开具CT检查412次，同类患者预期171.3次（2.4倍）。",
            evidence=_outlier(),
        ),
    ]


def _repeat(
    code: str, name: str, family: str, modality: str, part: str | None, gap: float, limit: int
) -> dict[str, Any]:
    return {
        "gap_hours": gap,
        "gap_seconds": int(gap * 3600),
        "interval_hours": limit,
        "setting": "inpatient",
        "item_code": code,
        "item_name": name,
        "family": family,
        "modality": modality,
        "body_part": part,
        "laterality": None,
        "index_item_code": code,
        "index_occurred_at": "2025-03-05T10:20:00",
        "is_hour_known": True,
        "claimed_reason": None,
        "reason_supported": None,
        "index_is_abnormal": False,
        "change_pct": None,
        "reference_change_pct": None,
        "is_fund_estimated": False,
        "exemptions_tested": {
            "condition_changed": "does not",
            "emergency": "no data",
            "operation_between": "does not",
            "abnormal_index": "does not",
        },
    }


def _cycle(gap_days: int, tier: str) -> dict[str, Any]:
    return {
        "gap_days": gap_days,
        "tier": tier,
        "window_days": 15,
        "same_institution": True,
        "same_diagnosis": True,
        "chain_length": 2,
        "planned": False,
        "index_started_at": "2025-04-04T08:30:00",
        "index_ended_at": "2025-04-13T08:00:00",
        "index_institution_id": "HI001",
        "index_diagnosis_code": "I63.9",
        "flagged_diagnosis_code": "I63.9",
        "discharge_disposition": "home",
        "exemptions_tested": {
            "planned_readmission": "does not",
            "transfer": "does not",
            "new_acute_diagnosis": "no data",
        },
    }


def _outlier() -> dict[str, Any]:
    expected = [round(22 + 9.7 * step + 14 * math.sin(step * 1.7), 1) for step in range(34)]
    ratio = [round(1 + 0.32 * math.sin(step * 2.3) + 0.11 * math.cos(step * 5.1), 3) for step in range(34)]
    return {
        "observed": 412,
        "expected": 171.3,
        "ratio": 2.405,
        "z": 4.61,
        "z_unadjusted": 13.2,
        "p_value": 2.0e-6,
        "q_value": 0.0007,
        "probability": 0.998,
        "shrunk_ratio": 2.33,
        "peer_group": "tertiary × 03.01 × outpatient",
        "peers": 34,
        "rolled_up": "department → department group: fewer than 20 peers",
        "patients": 655,
        "visits": 1180,
        "setting": "outpatient",
        "period": "2025",
        "tier": "strong",
        "quarters": [
            {"quarter": f"2025-Q{n}", "observed": o, "expected": e, "visits": v}
            for n, o, e, v in ((1, 96, 42.1, 290), (2, 108, 43.9, 301), (3, 112, 44.2, 305), (4, 96, 41.1, 284))
        ],
        "families": [
            {"family": "CT chest", "observed": 221, "expected": 80.2},
            {"family": "CT head", "observed": 131, "expected": 55.0},
            {"family": "CT abdomen", "observed": 60, "expected": 36.1},
        ],
        "case_mix": [
            {"stratum": "J: respiratory · 45–64", "visits": 410, "observed": 180, "expected": 70.5},
            {"stratum": "J: respiratory · 65+", "visits": 330, "observed": 150, "expected": 62.4},
            {"stratum": HOSTILE_NAME, "visits": 440, "observed": 82, "expected": 38.4},
        ],
        "rerun_without_top_patient": {"observed": 398, "expected": 169.9, "z": 4.42, "q_value": 0.0011},
        "positive_rate": {"positive": 88, "reported": 401, "peer_positive": 5120, "peer_reported": 11240},
        "funnel": {"expected": expected, "ratio": ratio, "phi": 6.2, "tau2": 0.021},
        "exemptions_tested": {},
    }


def leads() -> Rows:
    made = [
        ("7f3a9c01", 1, 9240.0, 0.74, "patient_episode", "P0002|HI001|2025", "HI001", "Indicators consistent with split admission", "疑似分解住院", ["readmission.cycle"], 1, 0, "12480.50", "8736.35", "2025-04-13 09:00", "2025-04-13 09:00", ["insurance", "health"], "suspected"),
        ("a1c2d3e4", 2, 5100.0, 0.11, "practitioner", "D017", "HI001", "Indicators consistent with outlying ordering", "疑似开单异常", ["ordering.outlier_practitioner"], 1, 0, "48210.00", None, "2025-12-31 00:00", "2025-12-31 00:00", ["health", "insurance"], "clue"),
        ("0b5d77aa", 3, 471.3, 0.69, "patient_episode", "P0001|HI001|2025", "HI001", "Indicators consistent with repeat examination", "疑似重复检查", ["repeat.same_institution"], 3, 1, "685.00", "488.00", "2025-03-06 17:20", "2025-03-07 08:00", ["insurance", "health"], "suspected"),
        ("ffee0011", 4, 0.0, 0.4, "patient_episode", "P0003|HI002|2025", "HI002", HOSTILE_NAME, "=疑似重复检查", ["repeat.same_institution"], 1, 0, None, None, "2025-05-02 00:00", "2025-05-02 00:00", ["insurance", "health"], "clue"),
    ]  # fmt: skip
    names = [name for name in LEAD_SCHEMA.names if name not in {"run_id", "evidence_path", "explanation"}]
    rows: Rows = []
    for values in made:
        row = dict(zip(names, values, strict=True)) | {"run_id": RUN_ID}
        row |= {name: at(row[name]) for name in ("first_occurred_at", "last_occurred_at")}
        row |= {name: row[name] and Decimal(row[name]) for name in ("amount_at_issue", "fund_amount_at_issue")}
        row["evidence_path"] = f"report/leads/{row['lead_id']}.html"
        row["explanation"] = json.dumps(_explanation(row), sort_keys=True)
        rows.append(row)
    return rows


def _explanation(lead: dict[str, Any]) -> dict[str, Any]:
    own = [row for row in findings() if row["subject_id"] == lead["subject_id"] and row.get("exemption_id") is None]
    steps = [
        {"finding_id": row["finding_id"], "detector_id": row["detector_id"], "contribution": lead["score"] / len(own)}
        for row in own
    ]
    return {"score": lead["score"], "steps": steps}


def detectors() -> Rows:
    names = DETECTOR_SCHEMA.names
    return [
        dict(zip(names, row, strict=True))
        for row in (
            ("ordering.outlier_practitioner", "1", "ran", None, 214, 31, 1, 0, 0.8),
            ("readmission.cycle", "1", "ran", None, 1840, 0, 1, 0, 0.2),
            (
                "repeat.across_institutions",
                "1",
                "not_runnable",
                "missing recognition_items",
                None,
                None,
                None,
                None,
                0.0,
            ),
            ("repeat.same_institution", "1", "ran", None, 48210, 612, 4, 1, 1.7),
            ("unfounded.no_indication", "1", "not_chosen", None, None, None, None, None, 0.0),
        )
    ]


def denominators() -> Rows:
    rows: Rows = []
    for institution in range(1, 9):
        for month in range(1, 7):
            examined = 180 + 23 * institution + 11 * month
            hits = {(1, 3): 3, (2, 5): 1}.get((institution, month), (institution * month) % 4 // 2)
            base = {"institution_id": f"HI{institution:03d}", "month": f"2025-{month:02d}"}
            rows.append(
                base
                | {"detector_id": "repeat.same_institution", "examined": examined, "hits": hits, "exempt": hits // 3}
            )
            cycles = int((institution, month) == (1, 4))
            rows.append(
                base | {"detector_id": "readmission.cycle", "examined": examined // 9, "hits": cycles, "exempt": 0}
            )
    rows.append(
        {
            "detector_id": "ordering.outlier_practitioner",
            "institution_id": "HI001",
            "month": "2025-12",
            "examined": 34,
            "hits": 1,
            "exempt": 0,
        }
    )
    return rows


def _event(event_id: str, when: str, item: tuple[str, str, str, str | None, str | None], **more: Any) -> dict[str, Any]:
    code, name, family, modality, part = item
    row = {
        "patient_id": "P0001",
        "event_id": event_id,
        "encounter_id": "E-101",
        "institution_id": "HI001",
        "performing_institution_id": "HI001",
        "department_code": "03.01",
        "practitioner_id": "D017",
        "item_code": code,
        "item_name": name,
        "family": family,
        "modality": modality,
        "body_part": part,
        "setting": "inpatient",
        "occurred_at": at(when),
        "has_time": "T" in when,
        "is_abnormal": False,
        "net_amount": Decimal("85.00"),
        "net_fund_amount": Decimal("60.00"),
    }
    return row | more


CT = ("CT-CHEST", "胸部CT平扫", "chest CT", "CT", "chest")
LFT = ("LAB-LFT", HOSTILE_NAME, "liver function", "LAB", None)
FBC = ("LAB-FBC", "血常规", "full blood count", "LAB", None)
US = ("US-ABD", "腹部超声", "abdominal ultrasound", "US", "abdomen")
MR = ("=X1", HOSTILE_FORMULA, "knee MR", "MR", "knee")


def events() -> Rows:
    return [
        _event("O-0990", "2025-02-20T09:00", US, is_abnormal=None, encounter_id="E-100", setting="outpatient"),
        _event("O-1001", "2025-03-05T10:20", CT, net_amount=Decimal("600.00")),
        _event("O-1009", "2025-03-06T17:20", CT, net_amount=Decimal("600.00"), is_abnormal=True),
        _event("O-1002", "2025-03-06T10:30", LFT, is_abnormal=True),
        _event("O-1012", "2025-03-07T06:30", LFT, is_abnormal=True),
        _event("O-1003", "2025-03-06T23:00", FBC),
        _event("O-1010", "2025-03-07T08:00", FBC),
        _event("O-1015", "2025-03-09T08:00", FBC, is_abnormal=True),
        _event("O-1016", "2025-03-10", US, performing_institution_id="HI002"),
        _event("O-2001", "2025-04-05T08:00", CT, patient_id="P0002", encounter_id="E-201"),
        _event("O-2002", "2025-04-14T08:00", CT, patient_id="P0002", encounter_id="E-202"),
        _event("O-3001", "2025-05-01", MR, patient_id="P0003", institution_id="HI002", is_abnormal=None),
        _event(
            "L-3002", "2025-05-02", MR, patient_id="P0003", institution_id="HI002", is_abnormal=None, net_amount=None
        ),
    ]


def _stay(patient_id: str, stay_id: str, start: str, end: str | None, amount: str) -> dict[str, Any]:
    return {
        "patient_id": patient_id,
        "stay_id": stay_id,
        "institution_id": "HI001",
        "department_code": "03.04",
        "started_at": at(start),
        "ended_at": end and at(end),
        "discharge_disposition": "home",
        "main_diagnosis_code": "I63.9",
        "main_diagnosis_name": "脑梗死",
        "net_amount": Decimal(amount),
        "net_fund_amount": Decimal(amount) * Decimal("0.7"),
    }


def stays() -> Rows:
    return [
        _stay("P0001", "E-101", "2025-03-05T08:00", "2025-03-11T10:00", "9120.00"),
        _stay("P0002", "E-201", "2025-04-04T08:30", "2025-04-13T08:00", "14200.00"),
        _stay("P0002", "E-202", "2025-04-13T09:00", None, "12480.50"),
    ]


def happenings() -> Rows:
    made = (
        ("P0001", "2025-03-05T08:00", True, "new_diagnosis", "J18.9 肺炎", "E-101"),
        ("P0001", "2025-03-07T02:00", True, "operation", "34.04 胸腔闭式引流", "E-101"),
        ("P0002", "2025-04-13T08:00", True, "discharge", "home", "E-201"),
    )
    names = EVIDENCE_SCHEMAS["happenings"].names
    return [dict(zip(names, (p, at(when), *rest), strict=True)) for p, when, *rest in made]


def _line(
    event_id: str, table: str, row_id: str, when: str, money: tuple[str, str, str] | None, **more: Any
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "event_id": event_id,
        "table_name": table,
        "row_id": row_id,
        "item_code": "CT-CHEST",
        "item_name": "胸部CT平扫",
        "occurred_at": at(when),
        "practitioner_id": "D017",
        "batch_id": "b1",
        "is_fund_estimated": False,
        "source_file": f"extract/{table}.csv",
        "source_row": 1000 + len(row_id) * 17 + int(row_id[-2:], 36),
    }
    if money:
        amount, reversed_amount, fund = (Decimal(text) for text in money)
        row |= {"quantity": Decimal("1.0000"), "amount": amount, "reversed_amount": reversed_amount}
        row |= {"net_amount": amount - reversed_amount, "fund_amount": fund}
    return row | more


def lines() -> Rows:
    lft = {"item_code": "LAB-LFT", "item_name": HOSTILE_NAME}
    knee = {"item_code": "=X1", "item_name": HOSTILE_FORMULA, "practitioner_id": None}
    return [
        _line("O-1001", "exam_order", "O-1001", "2025-03-05T10:00", None),
        _line("O-1001", "claim_line", "L-5001", "2025-03-05T10:20", ("600.00", "0.00", "420.00")),
        _line("O-1009", "exam_order", "O-1009", "2025-03-06T16:50", None),
        _line(
            "O-1009", "claim_line", "L-5009", "2025-03-06T17:20", ("650.00", "50.00", "420.00"), is_fund_estimated=True
        ),
        _line("O-1009", "exam_result", "R-1009", "2025-03-06T18:05", None),
        _line("O-1002", "claim_line", "L-5002", "2025-03-06T10:30", ("85.00", "0.00", "68.00"), **lft),
        _line("O-1012", "claim_line", "L-5012", "2025-03-07T06:30", ("85.00", "0.00", "68.00"), **lft),
        _line("O-1010", "claim_line", "L-5010", "2025-03-07T08:00", ("25.00", "0.00", "20.00"), item_name="血常规"),
        _line(
            "E-201",
            "encounter",
            "E-201",
            "2025-04-04T08:30",
            ("14200.00", "0.00", "9940.00"),
            item_code=None,
            item_name=None,
        ),
        _line(
            "E-202",
            "encounter",
            "E-202",
            "2025-04-13T09:00",
            ("12480.50", "0.00", "8736.35"),
            item_code=None,
            item_name=None,
        ),
        _line("L-3002", "claim_line", "L-3002", "2025-05-02T00:00", ("900.00", "0.00", "630.00"), **knee),
    ]


def institutions() -> Rows:
    names = EVIDENCE_SCHEMAS["institutions"].names
    return [
        dict(
            zip(
                names,
                (
                    f"HI{n:03d}",
                    f"第{n}示例医院",
                    "tertiary" if n < 3 else "secondary",
                    "general_hospital",
                    "public",
                    "310112",
                ),
                strict=True,
            )
        )
        for n in range(1, 9)
    ]


def quality() -> dict[str, Any]:
    def check(table: str, name: str, severity: str, words: tuple[str, str], violated: int) -> dict[str, Any]:
        return {
            "table_name": table, "name": name, "severity": severity, "prose": {"en": words[0], "zh": words[1]},
            "passed": violated == 0, "examined": 48210, "violated": violated, "tolerated_share": 0.0,
        }  # fmt: skip

    files = [
        ("extract/exam_order.csv", "exam_order", 48300, 48210, 12, 70, 8, {"ordered_at is no date": 12}, ["memo"]),
        ("extract/encounter.csv", "encounter", 12040, 12040, 0, 0, 0, {}, []),
    ]
    names = (
        "source_file",
        "table_name",
        "rows_in",
        "accepted",
        "quarantined",
        "duplicate",
        "superseded",
        "quarantine_reasons",
        "unknown_columns",
    )
    return {
        "checks": [
            check(
                "encounter",
                "patient_is_known",
                "reported",
                ("The patient of an encounter is in the patient table.", "就诊患者应在患者表中。"),
                31,
            ),
            check(
                "encounter",
                "ended_not_before_started",
                "disabling",
                ("An encounter does not end before it starts.", "结束时间不早于开始时间。"),
                0,
            ),
            check(
                "exam_order",
                "key_is_unique",
                "blocking",
                ("No two current rows share order_id.", "当前行的 order_id 不重复。"),
                0,
            ),
        ],
        "files": [dict(zip(names, row, strict=True)) | {"content_sha256": "ab" * 32} for row in files],
        "row_counts": {"encounter": 12040, "exam_order": 48210, "patient": 3000},
    }


def manifest() -> dict[str, Any]:
    started = at("2026-01-05T09:00:00")
    return {
        "run_id": RUN_ID,
        "identity": {
            "batches": ["b1"],
            "pack": {"name": "sample", "version": "1", "sha256": "cd" * 32, "chain": ["cn-national", "sample"]},
            "catalogue": {"repeat.same_institution": "ef" * 32, "readmission.cycle": "01" * 32},
            "settings": {"readmission.cycle.window_days": "15"},
            "as_of": "2025-12-31", "window_from": None, "window_to": None, "institutions": [], "detectors_chosen": [],
            "verdicts_sha256": None, "program": "0.1.0",
        },
        "inputs": {"extract/exam_order.csv": "ab" * 32, "extract/encounter.csv": "ba" * 32},
        "results": {"findings.parquet": "12" * 32, "leads.parquet": "34" * 32},
        "circumstances": {
            "started_at": started.isoformat(), "finished_at": (started + timedelta(seconds=41)).isoformat(), "host": "audit-01",
            "cpu_count": 2, "versions": {"duckdb": "2.0", "python": "3.11"}, "command": ["exam-audit", "demo"],
            "engine": "duckdb", "threads": 2,
        },
    }  # fmt: skip
