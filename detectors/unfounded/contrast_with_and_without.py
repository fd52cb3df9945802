"""Departments that order CT before and after contrast where one of the two would do.

Modelled on a public measure of outpatient imaging efficiency (OP-10: abdomen CT, use of contrast material).
"""

from __future__ import annotations

from detectors.card_parts import variant
from detectors.declaration import Detector, beside
from detectors.statistics.pattern_card import comparison_columns, comparison_parameters
from detectors.unfounded.department_share import department_share, unjudged_departments
from schemas.card import Text

CONTRAST_WITH_AND_WITHOUT = Detector(
    id="unfounded.contrast_with_and_without",
    version=1,
    status="experimental",
    title=Text(en="CT with and without contrast as a routine", zh="疑似常规平扫加增强"),
    sentence=Text(
        en="{observed} of {trials} CT studies were done both without and with contrast ({share_pct} %), peers "
        "{expected_pct} % ({peers} departments, z = {z}): indicators consistent with double scanning.",
        zh="{trials}次CT检查中{observed}次同时做平扫与增强（{share_pct}%），"
        "{peers}个同行科室为{expected_pct}%（z = {z}），疑似常规平扫加增强。",
    ),
    subject_type="department",
    legal_basis_ids=("fund_regulation_art_15",),
    tables=(
        "prepared.imaging_study",
        "prepared.imaging_context",
    ),
    needs=(("exam_order", "claim_line"),),
    parameters=(
        *comparison_parameters(min_trials=40, min_difference_pct=10, unit="studies"),
        variant(
            "regions",
            ("abdomen", "any"),
            "specific: the abdomen, as published; sensitive: every region",
            "特异：仅腹部，与公布指标一致；敏感：全部部位",
        ),
        variant(
            "exclusions",
            ("published", "none"),
            "specific: visits whose diagnosis calls for both scans are left out, as published; sensitive: all count",
            "特异：诊断需两种扫描的就诊不计，与公布指标一致；敏感：全部计入",
        ),
    ),
    evidence=comparison_columns(
        Text(en="Studies without and with contrast", zh="平扫加增强的检查数"),
        Text(en="CT studies of the region", zh="该部位CT检查数"),
    ),
    exemption_ids=(),
    innocent_explanations=(
        Text(
            en="The department characterises lesions of liver, kidney or pancreas that are not yet coded.",
            zh="该科室为肝、肾、肾上腺或胰腺病灶定性，而诊断尚未编码。",
        ),
        Text(
            en="The price item of an enhanced scan contains the plain one, and both are booked for one scan.",
            zh="增强扫描的收费项目已含平扫，两者系同一次扫描的记账。",
        ),
        Text(
            en="The radiology department, not the ordering one, decides on the protocol.",
            zh="扫描方案由影像科而非开单科室决定。",
        ),
        Text(
            en="Trauma or vascular patients need both phases.",
            zh="创伤或血管疾病患者需要多期扫描。",
        ),
    ),
    severity="medium",
    confidence="medium",
    grade="clue",
    referral_authorities=("health", "insurance"),
    prior=(2, 3),
    question_path=beside(__file__),
    judge=department_share("contrast_with_and_without"),
    unjudged=unjudged_departments,
)
"""The detector, as the catalogue registers it."""
