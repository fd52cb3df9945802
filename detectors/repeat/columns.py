"""What repeat detectors share: evidence columns, one name and one title a quantity, and the exemptions."""

from __future__ import annotations

from detectors.card_parts import NAMED_ITEM, column

GAP = (
    column("gap_seconds", "integer", "Longest gap that the record allows", "记录允许的最长间隔", "seconds"),
    column("gap_hours", "number", "Gap", "间隔", "hours"),
)
"""How far apart, in seconds and in hours rounded down, so that a gap below a limit never reads as the limit.

Bare dates count as the longest gap that they allow."""

ITEM = (
    column("setting", "text", "Setting", "就诊类别"),
    *NAMED_ITEM,
    column("family", "text", "Item family", "项目族"),
    column("modality", "text", "Modality", "设备类型"),
    column("body_part", "text", "Body part", "部位"),
    column("laterality", "text", "Side", "侧别"),
)
"""What was examined."""

RECORD = (
    column("index_occurred_at", "moment", "Earlier examination", "前次检查时间"),
    column("is_hour_known", "boolean", "Both hours on record", "两次时刻均有记录"),
    column("claimed_reason", "text", "Reason claimed", "所填复查理由"),
    column("index_has_report", "boolean", "Earlier result on record", "前次有报告"),
    column("index_is_abnormal", "boolean", "Earlier result abnormal", "前次结果异常"),
)
"""What the record says about both examinations."""

CHANGE = (
    column("change_pct", "number", "Change of the value", "结果变化", "percent"),
    column("reference_change_pct", "number", "Reference change value", "参考变化值", "percent"),
)
"""How far the value moved, beside the change that is more than chance."""

REPEAT_EXEMPTIONS = (
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
)
"""What allows, or half explains, examining again: the pack's rows for ``repeat.*``."""
