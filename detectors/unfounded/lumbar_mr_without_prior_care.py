"""Departments that order MR of the lumbar spine for low back pain before anything else was tried.

Modelled on a public measure of outpatient imaging efficiency (OP-8: MRI lumbar spine for low back pain): therapy within
sixty days, or a visit for the complaint 28 to 60 days before, counts as conservative care.
"""

from __future__ import annotations

from detectors.card_parts import bounded, variant
from detectors.declaration import Detector, beside
from detectors.statistics.pattern_card import comparison_columns, comparison_parameters
from detectors.unfounded.department_share import department_share, unjudged_departments
from schemas.card import Text

LUMBAR_MR_WITHOUT_PRIOR_CARE = Detector(
    id="unfounded.lumbar_mr_without_prior_care",
    version=1,
    status="experimental",
    title=Text(en="Lumbar MR without prior care as a routine", zh="疑似未经保守治疗即行腰椎磁共振"),
    sentence=Text(
        en="{observed} of {trials} lumbar MR studies for low back pain had no earlier care on "
        "record ({share_pct} %), peers {expected_pct} % ({peers} departments, z = {z}): indicators "
        "consistent with imaging before it is needed.",
        zh="{trials}次因腰痛所做的腰椎磁共振中，{observed}次此前无治疗或就诊记录（{share_pct}%），"
        "{peers}个同行科室为{expected_pct}%（z = {z}），疑似过早影像检查。",
    ),
    subject_type="department",
    legal_basis_ids=("fund_regulation_art_15",),
    tables=(
        "prepared.imaging_study",
        "prepared.imaging_context",
        "prepared.visit",
    ),
    needs=(("exam_order", "claim_line"), ("encounter.main_diagnosis_code", "diagnosis")),
    parameters=(
        *comparison_parameters(min_trials=30, min_difference_pct=10, unit="studies"),
        variant(
            "prior_care",
            ("visit_or_therapy", "therapy_only"),
            "specific: therapy or an earlier visit counts, as published; sensitive: therapy alone counts",
            "特异：治疗或既往就诊均可，与公布指标一致；敏感：仅治疗可计",
        ),
        bounded("therapy_days", 60, (1, 365), "days", "as published", "与公布指标一致"),
        bounded("visit_from_days", 28, (0, 365), "days", "as published", "与公布指标一致"),
        bounded("visit_to_days", 60, (1, 365), "days", "as published", "与公布指标一致"),
        bounded(
            "operation_days",
            90,
            (0, 3650),
            "days",
            "as published: a spine operated on is another matter",
            "与公布指标一致：术后脊柱另当别论",
        ),
    ),
    evidence=comparison_columns(
        Text(en="Lumbar MR without prior care", zh="此前无治疗的腰椎磁共振数"),
        Text(en="Lumbar MR for low back pain", zh="因腰痛所做腰椎磁共振数"),
    ),
    exemption_ids=(),
    innocent_explanations=(
        Text(
            en="Care went before at another institution or a private clinic whose records are not in the extract.",
            zh="此前的治疗在外院或诊所进行，未纳入本次数据。",
        ),
        Text(
            en="Pain, weakness or numbness that the record does not code called for the study at once.",
            zh="病历未编码的剧痛、乏力或麻木需立即检查。",
        ),
        Text(
            en="Home exercise and medicines bought without a visit leave no trace.",
            zh="居家锻炼和自购药物不留记录。",
        ),
        Text(
            en="The department is a referral clinic that patients reach after care elsewhere.",
            zh="该科室为转诊门诊，患者已在别处治疗。",
        ),
    ),
    severity="medium",
    confidence="medium",
    grade="clue",
    referral_authorities=("health", "insurance"),
    prior=(2, 4),
    question_path=beside(__file__),
    judge=department_share("lumbar_mr_without_prior_care"),
    unjudged=unjudged_departments,
)
"""The detector, as the catalogue registers it."""
