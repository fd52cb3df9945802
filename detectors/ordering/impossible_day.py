"""Days on which a doctor ordered, or a device examined, more than a day holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from detectors.card_parts import bounded, column
from detectors.declaration import WHOSE, Detector, Parameter, Value, beside
from detectors.statistics.telling import priced
from schemas.card import Text

ANSWER_SHAPE: dict[str, Any] = {
    **WHOSE,
    "subject_type": pl.String,
    "period": pl.String,
    "subject": pl.String,
    "device_type": pl.String,
    "counted": pl.Int64,
    "held": pl.Int64,
    "events": pl.Int64,
    "patients": pl.Int64,
    "minutes_each": pl.Int64,
}
"""Columns of an answer: whose, when, how much; what makes its id (with the day as ``period``); evidence."""


def judge(rows: pl.DataFrame, parameters: Mapping[str, Value]) -> pl.DataFrame:
    """Days over the limit, with what a day holds and the money of what lies beyond it.

    A doctor's day is told by its orders where they pass ``max_orders``, else by its patients; a device's by its
    patients, of whom ``device_hours`` hold one each ``minutes_each``.

    Args:
        rows: the question's rows, in any order: only days over a limit.
        parameters: the card's, resolved.

    Returns:
        One row a day, columns ``ANSWER_SHAPE``, sorted.
    """
    answers = [_answer(row, parameters) for row in rows.iter_rows(named=True)]
    frame = pl.DataFrame(answers, schema=ANSWER_SHAPE, orient="row")
    return frame.sort("institution_id", "subject_type", "subject_id", "occurred_at")


def _answer(row: Mapping[str, Any], parameters: Mapping[str, Value]) -> dict[str, Any]:
    is_device = row["subject_type"] == "device"
    by_orders = not is_device and row["events"] > int(parameters["max_orders"])
    held = int(parameters["max_orders"] if by_orders else parameters["max_patients"])
    if is_device:
        held = int(float(parameters["device_hours"]) * 60) // row["minutes_each"]
    counted, whole = (row["events"], row["priced"]) if by_orders else (row["patients"], row["patients"])
    return {
        **{name: row[name] for name in ANSWER_SHAPE if name in row},
        "practitioner_id": None if is_device else row["subject_id"],
        "amount_at_issue": priced(counted - held, row["amount"], whole),
        "fund_amount_at_issue": priced(counted - held, row["fund_amount"], whole),
        "measure": "orders_a_day" if by_orders else "patients_a_day",
        "family": row["device_type"] or "all",
        "period": row["occurred_at"].strftime("%Y-%m-%d"),
        "subject": row["subject_type"],
        "counted": counted,
        "held": held,
    }


def _minutes(kind: str, default: int, en: str, zh: str) -> Parameter:
    return bounded(f"minutes_{kind}", default, (1, 1440), "minutes", en, zh)


IMPOSSIBLE_DAY = Detector(
    id="ordering.impossible_day",
    version=1,
    status="experimental",
    title=Text(en="More orders or studies than a day holds", zh="疑似单日开单或检查量超出可能"),
    sentence=Text(
        en="{events} examinations of {patients} patients on {period}: {counted} counted where a day holds {held}, "
        "indicators consistent with a shared account or with examinations that did not take place.",
        zh="{period}当日{patients}名患者共{events}项检查：计{counted}，而一日至多可容{held}，疑似账号共用或检查并未实际进行。",
    ),
    subject_type="practitioner",
    legal_basis_ids=("fund_regulation_art_15", "fund_regulation_art_40"),
    tables=("prepared.known_order", "prepared.exam_event", "main.exam_order", "main.device"),
    needs=(("exam_order.ordering_practitioner_id", "exam_order.device_id"),),
    parameters=(
        bounded(
            "max_orders",
            500,
            (1, 1e6),
            "orders",
            "one order a minute, more than eight hours long without a pause; proposal",
            "每分钟一项，连续八小时以上不停；建议值",
        ),
        bounded(
            "max_patients",
            150,
            (1, 1e6),
            "patients",
            "one patient every three minutes, nearly eight hours long; proposal",
            "每三分钟一名患者，近八小时不停；建议值",
        ),
        bounded("device_hours", 24, (1, 24), "hours", "a device can run day and night", "设备可昼夜运行"),
        _minutes("ct", 5, "a quick plain scan with change of patients; proposal", "最快的平扫含换人；建议值"),
        _minutes("mr", 10, "the shortest protocol with change of patients; proposal", "最短序列含换人；建议值"),
        _minutes("pet", 10, "the shortest whole-body protocol; proposal", "最短的全身扫描；建议值"),
        _minutes("dr", 1, "one exposure after the other; proposal", "逐张曝光；建议值"),
        _minutes("us", 3, "a single organ, no report written; proposal", "仅查单一脏器且不含书写报告；建议值"),
    ),
    evidence=(
        column("subject", "text", "Whose day", "统计对象"),
        column("device_type", "text", "Type of device", "设备类型"),
        column("period", "text", "Day", "日期"),
        column("counted", "integer", "Counted", "计数"),
        column("held", "integer", "What a day holds", "一日可容"),
        column("events", "integer", "Examinations", "检查项数", "events"),
        column("patients", "integer", "Patients", "患者数", "patients"),
        column("minutes_each", "integer", "Least time a patient", "每名患者最短用时", "minutes"),
    ),
    exemption_ids=(),
    innocent_explanations=(
        Text(
            en="Several doctors, or a whole department, order under one account.",
            zh="多名医生或整个科室共用一个账号开单。",
        ),
        Text(
            en="A mass check-up or screening was entered in one go, from a list.",
            zh="团体体检或筛查按名单一次性录入。",
        ),
        Text(
            en="Several devices stand under one number, or the worklist names the room and not the device.",
            zh="多台设备共用一个编号，或工作列表登记的是机房而非设备。",
        ),
        Text(
            en="Orders of several days were typed, or loaded into a new system, on one day.",
            zh="数日的医嘱在同一天补录，或在系统切换时统一导入。",
        ),
        Text(
            en="The department keeps a short protocol that takes less time than the pack supposes.",
            zh="科室采用的快速方案用时短于规则包的假定。",
        ),
    ),
    severity="medium",
    confidence="medium",
    grade="clue",
    referral_authorities=("health", "insurance"),
    prior=(2, 3),
    question_path=beside(__file__),
    judge=judge,
)
"""The detector, as the catalogue registers it."""
