"""readmission.pushed_out (疑似推诿患者、勒令出院): discharges that are followed by a stay elsewhere within a day."""

from __future__ import annotations

from detectors.card_parts import bounded, variant
from detectors.declaration import Detector, beside
from detectors.readmission.discharge_share import discharge_columns, discharge_parameters, discharge_share
from schemas.card import Text

PUSHED_OUT = Detector(
    id="readmission.pushed_out",
    version=1,
    status="experimental",
    title=Text(en="Patients leave and lie elsewhere the next day", zh="疑似推诿患者、勒令出院"),
    sentence=Text(
        en="{observed} of {trials} patients sent home or said to have left against advice were admitted elsewhere at "
        "once without a transfer on record ({share_pct} %), peers {expected_pct} % ({peers} peers, z = {z}): "
        "indicators consistent with patients being pushed out.",
        zh="{trials}例医嘱离院或非医嘱离院患者中，{observed}例随即在其他机构住院且无转院记录（{share_pct}%），"
        "{peers}家同行为{expected_pct}%（z = {z}），疑似推诿患者、勒令出院。",
    ),
    subject_type="institution",
    legal_basis_ids=("fund_regulation_art_15",),
    tables=("prepared.discharge",),
    needs=(("encounter.ended_at",), ("encounter.discharge_disposition",)),
    parameters=(
        *discharge_parameters(min_trials=100, min_odds_ratio=2.0, min_difference_pct=1),
        bounded(
            "days_after",
            1,
            (0, 7),
            "days",
            "the signal between hospitals peaks on the day after discharge and fades within a week",
            "机构间信号在出院次日最强，一周内减弱",
        ),
        variant(
            "dispositions",
            ("home_or_against_advice", "against_advice"),
            "both ways of leaving that name no transfer; or only those said to be the patient's own wish",
            "未注明转院的两种离院方式；或仅计标注为患者自行要求者",
        ),
    ),
    evidence=discharge_columns(
        Text(en="Discharges followed by a stay elsewhere", zh="随即他院住院数"),
        Text(en="Discharges home or against advice", zh="医嘱离院及非医嘱离院数"),
    ),
    exemption_ids=(),
    innocent_explanations=(
        Text(
            en="A small hospital that sends grave cases on properly, and writes the transfer as a discharge home.",
            zh="基层医院规范上转重症患者，但离院方式误记为医嘱离院。",
        ),
        Text(
            en="Patients choose to go on elsewhere: a second opinion, a hospital nearer to their family.",
            zh="患者自愿转往他院：寻求第二意见或靠近家人。",
        ),
        Text(
            en="Rehabilitation, nursing or hospice beds belong to another institution of the same group.",
            zh="康复、护理或安宁疗护床位属同一集团的其他机构。",
        ),
        Text(
            en="The hospital closed a ward or ran out of beds in those weeks.",
            zh="该院在此期间关闭病区或床位不足。",
        ),
    ),
    severity="high",
    confidence="medium",
    grade="clue",
    referral_authorities=("health", "insurance"),
    prior=(2, 4),
    question_path=beside(__file__),
    judge=discharge_share("left_and_admitted_elsewhere"),
)
"""The detector, as the catalogue registers it."""
