"""Departments whose patients have far more examinations than the same patients of their peers would (DOMAIN 3).

The twin of ``outlier_practitioner``: where a whole department examines much, no doctor in it stands apart from the
others. Wards of one national department in one institution are one department.
"""

from __future__ import annotations

from detectors.declaration import Detector, beside
from detectors.ordering.outlier_card import outlier_columns, outlier_parameters, standardising
from detectors.ordering.outlier_judge import judge_outliers
from schemas.card import Text

OUTLIER_DEPARTMENT = Detector(
    id="ordering.outlier_department",
    version=1,
    status="experimental",
    title=Text(en="Department far above peers in examinations", zh="疑似科室检查量明显高于同类科室"),
    sentence=Text(
        en="{observed} {measured} in {visits} visits of {patients} patients during {period}, {ratio} times the "
        "{expected} expected of {peers} peer departments with the same case mix (q {q_value}): indicators consistent "
        "with over-examination.",
        zh="{period}期间{patients}名患者{visits}次就诊，{measured}{observed}，"
        "为{peers}个同类科室在相同病例组合下预期值{expected}的{ratio}倍（q {q_value}），疑似过度检查。",
    ),
    subject_type="department",
    legal_basis_ids=("fund_regulation_art_15",),
    tables=("prepared.visit", "prepared.exam_event"),
    needs=(("encounter.department_code",), ("exam_order", "claim_line")),
    parameters=outlier_parameters((20, 100, 30), "peers"),
    evidence=outlier_columns("peers"),
    exemption_ids=(),
    innocent_explanations=(
        Text(
            en="A centre of its speciality sees patients whom other departments refer because they need examinations.",
            zh="专科中心收治的多为他科转来、本就需要检查的患者。",
        ),
        Text(
            en="Patients are sicker than their diagnosis codes show.",
            zh="患者病情比诊断编码所示更重。",
        ),
        Text(
            en="The department runs a screening programme, a trial or a pre-operative clinic.",
            zh="科室承担筛查项目、临床试验或术前评估门诊。",
        ),
        Text(
            en="Item codes of this hospital count in parts what others count as one panel.",
            zh="该院项目编码把他院的一个组合拆为多项计数。",
        ),
        Text(
            en="Peers' examinations are missing from the extract, or stand in another department's code.",
            zh="同类科室的检查未纳入本次数据，或记在其他科室编码下。",
        ),
    ),
    severity="medium",
    confidence="medium",
    grade="clue",
    referral_authorities=("health", "insurance"),
    prior=(2, 3),
    question_path=beside(__file__),
    judge=judge_outliers,
    steps=standardising("standardising/cell", "standardising/family"),
)
"""The detector, as the catalogue registers it."""
