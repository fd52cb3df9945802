"""Departments that test their admissions on the first day though nothing on record calls for the test.

The published self-check lists speak of general practice (普遍) and large numbers (大量): a pattern, not a patient.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from detectors.card_parts import bounded, column, variant
from detectors.declaration import Detector, Value, beside
from detectors.statistics.pattern_card import comparison_columns, comparison_parameters
from detectors.statistics.pattern_judge import Pattern, judge_pattern, unjudged_units
from schemas.card import Text

PATTERN = Pattern("admission_tests_without_indication")

_PLACE = ("institution_id", "department_code", "department_key", "level", "quarter", "last_day", "last_quarter")


def judge(rows: pl.DataFrame, parameters: Mapping[str, Value]) -> pl.DataFrame:
    """Departments and families that stand apart; see ``pattern_judge.judge_pattern``.

    Args:
        rows: the question's rows, in any order: stays by department and quarter (no family); by family, how many stays
            a diagnosis calls for the test in (``called``) and how many others were tested; patients by family.
        parameters: the card's, resolved.
    """
    answers = judge_pattern(PATTERN, *_compared(rows), parameters)
    return answers.with_columns(pl.col("trials").alias("visits"))


def unjudged(rows: pl.DataFrame, parameters: Mapping[str, Value]) -> Mapping[str, int]:
    """Departments, by family of tests, that could not be judged, by reason."""
    return unjudged_units(*_compared(rows), parameters)


def _compared(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cells and patients of departments and families."""
    share = rows.filter(pl.col("grain") == "share")
    stays = share.filter(pl.col("family").is_null()).select(*_PLACE, "stays")
    by_family = share.filter(pl.col("family").is_not_null()).drop("grain", "stays", "patients", "top_observed")
    families = by_family.select("family").unique().sort("family")
    cells = (
        stays.join(families, how="cross")
        .join(by_family, on=[*_PLACE, "family"], how="left", nulls_equal=True)
        .with_columns(pl.col("called", "observed", "reported", "positive", "priced").fill_null(0))
        .with_columns((pl.col("stays") - pl.col("called")).alias("trials"), pl.lit("department").alias("subject_type"))
        .drop("stays", "called")
        .filter(pl.col("trials") > 0)
    )
    patients = rows.filter(pl.col("grain") == "patients").with_columns(pl.lit("department").alias("subject_type"))
    return cells, patients.select(
        "subject_type", "institution_id", "department_code", "family", "patients", "top_observed"
    )


ADMISSION_ROUTINE = Detector(
    id="unfounded.admission_routine",
    version=1,
    status="experimental",
    title=Text(en="Department tests admissions as a routine", zh="疑似科室入院常规套餐检查"),
    sentence=Text(
        en="{observed} of {trials} admissions without an indication on record were tested within the first days "
        "({share_pct} %), peers {expected_pct} % ({peers} departments, z = {z}): indicators consistent with "
        "routine testing on admission.",
        zh="{trials}例病历未见指征的入院患者中，{observed}例在入院头几日接受该项检查（{share_pct}%），"
        "{peers}个同行科室为{expected_pct}%（z = {z}），疑似入院常规套餐检查。",
    ),
    subject_type="department",
    legal_basis_ids=("fund_regulation_art_15",),
    tables=(
        "prepared.admission",
        "prepared.mention",
        "prepared.indicating_diagnosis",
        "prepared.exam_event",
        "pack.indications",
    ),
    needs=(("encounter",), ("exam_order", "claim_line"), ("encounter.main_diagnosis_code", "diagnosis")),
    parameters=(
        *comparison_parameters(min_trials=60, min_difference_pct=10, unit="stays"),
        bounded(
            "first_days",
            2,
            (1, 7),
            "days",
            "day of admission and the next morning, when the tests of admission are drawn",
            "入院当日及次日清晨，即入院检查采样之时",
        ),
        variant(
            "operated_stays",
            ("leave_out", "keep"),
            "specific: one test before an operation is allowed; sensitive: such stays count too",
            "特异：术前检查一次为允许；敏感：手术住院也计入",
        ),
    ),
    evidence=(
        *comparison_columns(
            Text(en="Admissions tested without indication", zh="无指征而检查的入院数"),
            Text(en="Admissions without indication", zh="无指征的入院数"),
        ),
        column("visits", "integer", "Stays compared", "参与比较的住院数", "visits"),
    ),
    exemption_ids=(),
    innocent_explanations=(
        Text(
            en="The department takes patients whose complaint calls for the test, which no written diagnosis shows.",
            zh="该科室收治的患者因主诉确需该项检查，而书面诊断未能体现。",
        ),
        Text(
            en="A clinical pathway, infection control or pre-operative protocol of the hospital prescribes the test.",
            zh="医院的临床路径、感染控制或术前方案规定了该项检查。",
        ),
        Text(
            en="A research protocol or screening programme pays for the test, not the fund.",
            zh="该项检查属于科研或筛查项目，并非基金支付。",
        ),
        Text(
            en="Diagnoses stand in records that are not part of the extract: an earlier stay, another hospital.",
            zh="有关诊断载于本次数据之外的病历，如既往住院或外院。",
        ),
        Text(
            en="The pack's list of indications is narrower than good practice of this speciality.",
            zh="规则包所列指征窄于该专科的合理实践。",
        ),
    ),
    severity="medium",
    confidence="medium",
    grade="clue",
    referral_authorities=("health", "insurance"),
    prior=(2, 3),
    question_path=beside(__file__),
    judge=judge,
    unjudged=unjudged,
)
"""The detector, as the catalogue registers it."""
