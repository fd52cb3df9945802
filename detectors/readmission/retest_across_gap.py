"""readmission.retest_across_gap (疑似再入院重复检查): the card; the question stands beside it."""

from __future__ import annotations

from detectors.card_parts import column
from detectors.declaration import Detector, Parameter, beside
from detectors.readmission import columns
from schemas.card import Text

RETEST_ACROSS_GAP = Detector(
    id="readmission.retest_across_gap",
    version=1,
    status="experimental",
    title=Text(en="Examinations repeated across a readmission", zh="疑似再入院后重复检查"),
    sentence=Text(
        en="After {gap_days} days out of hospital {retested_series} examinations were made again too soon.",
        zh="出院 {gap_days} 天后再入院，{retested_series} 项检查在间隔期内重复。",
    ),
    subject_type="patient_episode",
    legal_basis_ids=("fund_regulation_art_15", "mutual_recognition_art_17", "mutual_recognition_art_19"),
    tables=("prepared.exam_event", "prepared.next_stay", "prepared.stay"),
    needs=(("encounter.ended_at",), ("exam_order", "claim_line")),
    parameters=(
        Parameter(
            "window_days",
            15,
            Text(
                en="Longest gap in calendar days between discharge and admission.",
                zh="出院与再入院日期之间的最大日历天数。",
            ),
            unit="days",
            minimum=0,
            maximum=31,
        ),
        Parameter(
            "minimum_series",
            3,
            Text(
                en="How many examinations must be repeated within their own intervals before the stay is shown.",
                zh="间隔期内重复的检查达到多少项才列出。",
            ),
            unit="examinations",
            minimum=1,
            maximum=50,
        ),
    ),
    evidence=(
        column("gap_days", "integer", "Gap", "间隔天数", "days"),
        column("retested_series", "integer", "Examinations made again", "重复检查项数", "examinations"),
        *columns.ALIKE,
        *columns.INDEX_STAY,
        columns.INDEX_INSTITUTION,
        columns.INDEX_DIAGNOSIS,
        columns.FLAGGED_DIAGNOSIS,
        columns.DISPOSITION,
    ),
    exemption_ids=(
        "planned_readmission",
        "transfer",
        "transfer_link",
        "new_acute_diagnosis",
        "newborn_or_obstetric",
        "operation_between",
    ),
    innocent_explanations=(
        Text(
            en="The illness came back or grew worse, and the state on admission had to be known.",
            zh="病情复发或加重，入院时需明确现状。",
        ),
        Text(
            en="The earlier results were not at hand: they were made elsewhere or were not yet reported.",
            zh="前次结果当时无法取得：在他院检查或尚未出报告。",
        ),
        Text(
            en="An operation or anaesthesia was planned that calls for fresh values.",
            zh="拟行手术或麻醉，需要新的检查结果。",
        ),
        Text(
            en="The earlier values were abnormal and had to be followed.",
            zh="前次结果异常，需要复查。",
        ),
    ),
    severity="medium",
    confidence="medium",
    grade="suspected",
    referral_authorities=("insurance", "health"),
    prior=(2, 2),
    question_path=beside(__file__),
)
