"""Doctors whose patients have far more examinations than the same patients of their peers would (DOMAIN 3).

The question names the visits; the steps count what each doctor did in them and what peers would have done; the judge
draws the funnels and keeps those who stand out in size, in certainty, over time, and without their most examined
patient: in examinations, in cost, in the share of costly ones, of repeats, or of stays beginning with a bundle of them.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from detectors.card_parts import bounded, variant
from detectors.declaration import Detector, Value, beside
from detectors.ordering.outlier_card import outlier_columns, outlier_parameters, standardising
from detectors.ordering.outlier_judge import judge_outliers
from schemas.card import Text


def judge_practitioners(rows: pl.DataFrame, parameters: Mapping[str, Value]) -> pl.DataFrame:
    """Doctors that stand apart in one measure or several, see ``judge_outliers``."""
    return judge_outliers(rows, parameters, float(parameters["min_difference_pct"]))


OUTLIER_PRACTITIONER = Detector(
    id="ordering.outlier_practitioner",
    version=1,
    status="experimental",
    title=Text(en="Doctor far above peers in examinations", zh="疑似开单明显高于同行"),
    sentence=Text(
        en="{observed} {measured}[ (of {trials})] in {visits} visits of {patients} patients during {period}, {ratio} "
        "times the {expected} expected of {peers} peers with the same case mix (q {q_value}): indicators consistent "
        "with over-examination.",
        zh="{period}期间{patients}名患者{visits}次就诊，{measured}{observed}[（共{trials}）]，为{peers}名同行在相同病例组合下预期值{expected}的"
        "{ratio}倍（q {q_value}），疑似过度检查。",
    ),
    subject_type="practitioner",
    legal_basis_ids=("fund_regulation_art_15", "doctors_law_art_31", "practising_doctors_law_art_22"),
    tables=("prepared.visit", "prepared.exam_event"),
    needs=(
        (
            "exam_order.ordering_practitioner_id",
            "claim_line.ordering_practitioner_id",
            "encounter.attending_id",
        ),
        ("exam_order", "claim_line"),
    ),
    parameters=(
        *outlier_parameters((5, 30, 10), "doctors"),
        bounded(
            "min_difference_pct",
            5.0,
            (0, 100),
            "percent",
            "of shares: few cases in a hundred are no habit; proposal",
            "占比类指标：每百例仅差数例，谈不上习惯；建议值",
        ),
        variant(
            "high_cost",
            ("ct_mr_pet", "mr_pet", "pet"),
            "modalities whose share of cost national statistics watch (CT, MR; PET and nuclear medicine cost more)",
            "国家监测指标关注其费用占比的检查方式（CT、核磁；PET与核医学费用更高）",
        ),
        bounded(
            "bundle_families",
            5,
            (2, 50),
            "families",
            "so many kinds of examination on the day of admission are a bundle; proposal",
            "入院当日检查类别达到此数视为成套检查；建议值",
        ),
    ),
    evidence=outlier_columns("doctors"),
    exemption_ids=(),
    innocent_explanations=(
        Text(
            en="A sub-speciality clinic sees patients who need more examinations than the department's others.",
            zh="亚专科门诊的患者本就需要比同科室其他患者更多的检查。",
        ),
        Text(
            en="Patients are sicker than their diagnosis codes show, for example referred after failed treatment.",
            zh="患者病情比诊断编码所示更重，例如治疗失败后转诊。",
        ),
        Text(
            en="A screening programme, trial or pre-operative pathway prescribes the examinations.",
            zh="筛查项目、临床试验或术前路径规定了这些检查。",
        ),
        Text(
            en="A teaching clinic or a shared account: several doctors' orders are typed under one name.",
            zh="教学门诊或共用账号：多名医生的医嘱录在同一人名下。",
        ),
        Text(
            en="Orders of colleagues or of consultations are booked on the responsible doctor of the stay.",
            zh="同事或会诊医生的医嘱记在住院责任医师名下。",
        ),
        Text(
            en="Peers' examinations are missing from the extract, or stand in another department's code.",
            zh="同行的检查未纳入本次数据，或记在其他科室编码下。",
        ),
    ),
    severity="medium",
    confidence="medium",
    grade="clue",
    referral_authorities=("health", "insurance"),
    prior=(2, 3),
    question_path=beside(__file__),
    judge=judge_practitioners,
    steps=standardising("measures/special", "measures/cell", "measures/family"),
)
"""The detector, as the catalogue registers it."""
