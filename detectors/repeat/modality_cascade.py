"""repeat.modality_cascade (同部位多种影像叠加): the card; the question stands beside it."""

from __future__ import annotations

from detectors.card_parts import FUND_ESTIMATED, column
from detectors.declaration import Detector, Parameter, beside
from detectors.repeat.columns import GAP, ITEM, RECORD, REPEAT_EXEMPTIONS
from schemas.card import Text

MODALITY_CASCADE = Detector(
    id="repeat.modality_cascade",
    version=1,
    status="experimental",
    title=Text(en="One body part imaged by several modalities in turn", zh="疑似同部位多种影像检查叠加"),
    sentence=Text(
        en="{item_name} makes {modalities} kinds of imaging of this body part within {gap_hours} hours.",
        zh="{item_name}为该部位 {gap_hours} 小时内的第 {modalities} 种影像检查。",
    ),
    subject_type="patient_episode",
    legal_basis_ids=(
        "fund_regulation_art_15",
        "doctors_law_art_31",
        "practising_doctors_law_art_22",
        "mutual_recognition_art_19",
    ),
    tables=("pack.part_modality", "prepared.exam_event", "prepared.imaging_pair"),
    needs=(("exam_order", "claim_line"),),
    parameters=(
        Parameter(
            "window_hours",
            72,
            Text(
                en="All images of the chain lie within it, strictly. 72 hours is a proposal (specific); the published "
                "tier of imaging of one area, 168 hours, is the sensitive variant.",
                zh="全部影像检查须在此时段内（不含边界）。72 小时为建议值（特异）；"
                "公开的同部位影像 7 天（168 小时）为灵敏值。",
            ),
            unit="hours",
            minimum=1,
            maximum=720,
        ),
        Parameter(
            "least_modalities",
            3,
            Text(
                en="Kinds of imaging that make a chain: 3 is specific (X-ray, CT, MR); 2 is sensitive and holds much "
                "that is good practice.",
                zh="构成叠加的影像种类数：3 为特异（如 X 线、CT、磁共振）；2 为灵敏，含大量合理检查。",
            ),
            unit="modalities",
            minimum=2,
            maximum=6,
        ),
    ),
    evidence=(
        *GAP,
        column("modalities", "integer", "Kinds of imaging in the chain", "影像种类数"),
        *ITEM,
        column("index_item_name", "text", "Earlier item", "涉及项目"),
        column("index_modality", "text", "Earlier modality", "前次设备类型"),
        *RECORD,
        FUND_ESTIMATED,
    ),
    exemption_ids=REPEAT_EXEMPTIONS,
    innocent_explanations=(
        Text(
            en="The modalities answer different questions (bone, soft tissue, vessels), and each was needed.",
            zh="各种影像回答的问题不同（骨、软组织、血管等），均属必要。",
        ),
        Text(
            en="An earlier image was doubtful, and the report's flags do not say so.",
            zh="前次影像结论存疑，但阳性标志未能体现。",
        ),
        Text(
            en="A guideline for this disease asks for the modalities together (staging, trauma, stroke).",
            zh="该病种的诊疗规范要求联合检查（如肿瘤分期、创伤、卒中）。",
        ),
        Text(
            en="An image guided a puncture or treatment rather than a diagnosis.",
            zh="影像用于引导穿刺或治疗，而非诊断。",
        ),
    ),
    severity="medium",
    confidence="medium",
    grade="clue",
    referral_authorities=("health", "insurance"),
    prior=(1, 2),
    question_path=beside(__file__),
)
