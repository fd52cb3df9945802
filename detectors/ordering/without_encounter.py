"""Doctors who order examinations for patients whom they never saw: an account that others use, or orders on request.

US comparative billing reports compare the same share: orders without a visit to whoever ordered in the 90 days before.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from detectors.card_parts import bounded
from detectors.declaration import Detector, Value, beside
from detectors.statistics.pattern_card import comparison_columns, comparison_parameters
from detectors.statistics.pattern_judge import Pattern, judge_pattern
from schemas.card import Text

PATTERN = Pattern("orders_without_visit")


def judge(rows: pl.DataFrame, parameters: Mapping[str, Value]) -> pl.DataFrame:
    """Doctors whose share of examinations without a visit stands apart; see ``pattern_judge.judge_pattern``.

    Args:
        rows: the question's rows, in any order: examinations of a doctor by stratum and quarter, and patients.
        parameters: the card's, resolved.
    """
    named = rows.with_columns(pl.lit("practitioner").alias("subject_type"), pl.lit("all").alias("family"))
    cells = named.filter(pl.col("grain") == "share").drop("grain", "patients", "top_observed")
    keys = ("subject_type", "institution_id", "department_code", "practitioner_id", "family")
    patients = named.filter(pl.col("grain") == "patients").select(*keys, "patients", "top_observed")
    return judge_pattern(PATTERN, cells, patients, parameters)


WITHOUT_ENCOUNTER = Detector(
    id="ordering.without_encounter",
    version=1,
    status="experimental",
    title=Text(en="Doctor orders for patients without a visit", zh="疑似未接诊而开单检查"),
    sentence=Text(
        en="{observed} of {trials} examinations were ordered for patients who had not visited the doctor before "
        "({share_pct} %), peers {expected_pct} % with the same mix ({peers} doctors, z = {z}): indicators consistent "
        "with orders without a consultation.",
        zh="{trials}项检查中{observed}项的患者此前未在开单医师处就诊（{share_pct}%），"
        "{peers}名同行在相同构成下为{expected_pct}%（z = {z}），疑似未接诊而开单。",
    ),
    subject_type="practitioner",
    legal_basis_ids=("fund_regulation_art_15", "doctors_law_art_24", "practising_doctors_law_art_23"),
    tables=("prepared.exam_event", "prepared.visit", "main.encounter", "main.institution", "main.department"),
    needs=(
        ("encounter.attending_id",),
        ("exam_order.ordering_practitioner_id", "claim_line.ordering_practitioner_id"),
    ),
    parameters=(
        *comparison_parameters(min_trials=40, min_difference_pct=10, unit="events"),
        bounded(
            "lookback_days",
            90,
            (0, 366),
            "days",
            "a doctor may follow up a quarter of a year after the visit; as US comparative billing reports have it",
            "就诊后一个季度内可安排随访检查；与美国开单对比报告口径一致",
        ),
    ),
    evidence=comparison_columns(
        Text(en="Examinations without a visit", zh="未接诊的检查数"), Text(en="Examinations ordered", zh="开单检查数")
    ),
    exemption_ids=(),
    innocent_explanations=(
        Text(
            en="Colleagues share an account, or a secretary types orders of the team under one name.",
            zh="同事共用账号，或由他人以同一医师名义代录医嘱。",
        ),
        Text(
            en="Patients were seen in a consultation, by telephone or at another site that the extract does not hold.",
            zh="患者经会诊、电话或互联网诊疗、其他院区就诊，而本次数据未包含。",
        ),
        Text(
            en="The attending doctor on record is the clinic's head, not the one who saw the patient.",
            zh="登记的接诊医师为科室负责人，并非实际接诊者。",
        ),
        Text(
            en="A technical department orders what its own protocol adds, such as a second view or a contrast phase.",
            zh="医技科室按规程补开的检查，如加照体位或增强期相。",
        ),
        Text(
            en="Check-ups and screening are ordered from a list, by design without a visit.",
            zh="体检与筛查按名单开单，本就无需接诊。",
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
