"""repeat.same_institution (本机构重复检查): the card; the question stands beside it."""

from __future__ import annotations

from detectors.declaration import Detector, Parameter, beside
from schemas.card import EvidenceColumn, Text

SAME_INSTITUTION = Detector(
    id="repeat.same_institution",
    version=1,
    status="experimental",
    title=Text(en="Repeat examination at the same institution", zh="疑似同一机构重复检查"),
    sentence=Text(
        en="{item_name} again after {gap_hours} hours at the same institution; the item's interval is "
        "{interval_hours} hours.",
        zh="同一机构 {gap_hours} 小时后再次行{item_name}，该项目间隔标准为 {interval_hours} 小时。",
    ),
    subject_type="patient_episode",
    legal_basis_ids=("fund_regulation_art_15", "mutual_recognition_rules"),
    tables=("prepared.exam_event", "prepared.exam_series"),
    needs=(("exam_order", "claim_line"),),
    parameters=(
        Parameter(
            "interval_scale_pct",
            100,
            Text(
                en="Stretches or shrinks every item's own interval; 100 takes the pack's intervals as they stand.",
                zh="统一放宽或收紧各项目间隔，100 即按策略包原值。",
            ),
            unit="percent",
            minimum=1,
            maximum=1000,
        ),
    ),
    evidence=(
        EvidenceColumn(
            name="gap_seconds",
            type="integer",
            unit="seconds",
            title=Text(en="Longest gap that the record allows", zh="记录允许的最长间隔"),
        ),
        EvidenceColumn(name="gap_hours", type="number", unit="hours", title=Text(en="Gap", zh="间隔")),
        EvidenceColumn(
            name="interval_hours", type="number", unit="hours", title=Text(en="Interval of the item", zh="项目间隔标准")
        ),
        EvidenceColumn(name="setting", type="text", unit=None, title=Text(en="Setting", zh="就诊类别")),
        EvidenceColumn(name="item_code", type="text", unit=None, title=Text(en="Item code", zh="项目编码")),
        EvidenceColumn(name="item_name", type="text", unit=None, title=Text(en="Item", zh="项目名称")),
        EvidenceColumn(name="family", type="text", unit=None, title=Text(en="Item family", zh="项目族")),
        EvidenceColumn(name="modality", type="text", unit=None, title=Text(en="Modality", zh="设备类型")),
        EvidenceColumn(name="body_part", type="text", unit=None, title=Text(en="Body part", zh="部位")),
        EvidenceColumn(name="laterality", type="text", unit=None, title=Text(en="Side", zh="侧别")),
        EvidenceColumn(
            name="index_item_code", type="text", unit=None, title=Text(en="Earlier item code", zh="涉及项编码")
        ),
        EvidenceColumn(
            name="index_occurred_at", type="moment", unit=None, title=Text(en="Earlier examination", zh="前次检查时间")
        ),
        EvidenceColumn(
            name="is_hour_known",
            type="boolean",
            unit=None,
            title=Text(en="Both hours on record", zh="两次时刻均有记录"),
        ),
        EvidenceColumn(
            name="claimed_reason", type="text", unit=None, title=Text(en="Reason claimed", zh="所填复查理由")
        ),
        EvidenceColumn(
            name="index_has_report",
            type="boolean",
            unit=None,
            title=Text(en="Earlier result on record", zh="前次有报告"),
        ),
        EvidenceColumn(
            name="index_is_abnormal",
            type="boolean",
            unit=None,
            title=Text(en="Earlier result abnormal", zh="前次结果异常"),
        ),
        EvidenceColumn(
            name="change_pct", type="number", unit="percent", title=Text(en="Change of the value", zh="结果变化")
        ),
        EvidenceColumn(
            name="reference_change_pct",
            type="number",
            unit="percent",
            title=Text(en="Reference change value", zh="参考变化值"),
        ),
        EvidenceColumn(
            name="is_fund_estimated", type="boolean", unit=None, title=Text(en="Fund part estimated", zh="基金为估算")
        ),
    ),
    exemption_ids=(
        "operation_between",
        "transfusion_between",
        "transfer_between",
        "new_acute_diagnosis",
        "abnormal_index_result",
        "serial_by_design",
        "emergency_fast_changing",
        "icu_fast_changing",
        "failed_index_study",
        "external_examination",
        "appraisal",
        "emergency",
        "icu",
        "claimed_reason",
    ),
    innocent_explanations=(
        Text(
            en="The patient's condition changed in a way that the extracts do not show (notes, vital signs).",
            zh="病情变化记录在病历或体征中，提取数据未能体现。",
        ),
        Text(
            en="The first images or specimen could not be used and the failure was not recorded.",
            zh="首次影像或标本不合格，但未作失败登记。",
        ),
        Text(
            en="A treatment in between (drug, line, drain) called for a check and is not in the extracts.",
            zh="其间的治疗（用药、置管、引流）需要复查，但不在提取数据中。",
        ),
        Text(
            en="The order was charged twice by mistake and performed once.",
            zh="仅执行一次，属重复计费而非重复检查。",
        ),
    ),
    severity="medium",
    confidence="medium",
    grade="suspected",
    referral_authorities=("insurance", "health"),
    prior=(3, 2),
    question_path=beside(__file__),
)
