"""repeat.across_institutions (应认未认): the card; the question stands beside it."""

from __future__ import annotations

from detectors.card_parts import FUND_ESTIMATED, column
from detectors.declaration import Detector, Parameter, beside
from detectors.repeat.columns import CHANGE, GAP, ITEM, RECORD, REPEAT_EXEMPTIONS
from schemas.card import Text

ACROSS_INSTITUTIONS = Detector(
    id="repeat.across_institutions",
    version=1,
    status="experimental",
    title=Text(en="Examined again though another institution's result was valid", zh="疑似应互认未互认的重复检查"),
    sentence=Text(
        en="{item_name} again {gap_hours} hours after the same examination at another institution; its result is "
        "recognised for {interval_hours} hours.",
        zh="在其他机构检查 {gap_hours} 小时后再次行{item_name}，该结果的互认有效期为 {interval_hours} 小时。",
    ),
    subject_type="patient_episode",
    legal_basis_ids=(
        "mutual_recognition_art_16",
        "mutual_recognition_art_17",
        "mutual_recognition_art_19",
        "fund_regulation_art_15",
    ),
    tables=(
        "main.institution",
        "prepared.exam_event",
        "prepared.recognised_institution",
        "prepared.recognised_item",
        "prepared.recognised_pair",
    ),
    needs=(("exam_order", "claim_line"),),
    parameters=(
        Parameter(
            "institution_list",
            "required",
            Text(
                en="required: both institutions must stand on the pack's recognition list (specific). not_required: "
                "the list of items alone decides (sensitive), for regions where every institution takes part.",
                zh="required：双方机构均须在互认机构名单内（特异）；not_required：仅按互认项目清单判断（灵敏），"
                "适用于全部机构参加互认的地区。",
            ),
            choices=("required", "not_required"),
        ),
    ),
    evidence=(
        *GAP,
        column("interval_hours", "number", "Recognition validity of the result", "结果互认有效期", "hours"),
        *ITEM,
        column("index_institution_id", "text", "Institution of the earlier examination", "前次检查机构"),
        *RECORD,
        column("list_region_code", "text", "Region of the recognition list", "互认清单所属地区"),
        column("is_institution_listed", "boolean", "Both institutions on the list", "双方机构均在名单内"),
        *CHANGE,
        FUND_ESTIMATED,
    ),
    exemption_ids=(*REPEAT_EXEMPTIONS, "not_shareable"),
    innocent_explanations=(
        Text(
            en="The sharing platform could not show the earlier result on that day, or the patient did not tell of it.",
            zh="当日互认平台无法调阅前次结果，或患者未告知曾做检查。",
        ),
        Text(
            en="The earlier images or result were of poor quality, or did not answer this doctor's question.",
            zh="前次图像或结果质量不佳，或不足以回答本次诊疗问题。",
        ),
        Text(
            en="The patient's condition changed in a way that the extracts do not show (notes, vital signs).",
            zh="病情变化记录在病历或体征中，提取数据未能体现。",
        ),
        Text(
            en="An operation or other major step was planned, for which the hospital must have its own result.",
            zh="拟行手术等重大处置，本院需取得自己的结果。",
        ),
    ),
    severity="medium",
    confidence="medium",
    grade="suspected",
    referral_authorities=("health", "insurance"),
    prior=(1, 1),
    question_path=beside(__file__),
)
