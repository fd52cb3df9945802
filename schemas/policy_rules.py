"""Pack tables about rules: limits, pairs that exclude each other, and what protects the innocent."""

from __future__ import annotations

from schemas.policy_examinations import VALIDITY
from schemas.table import Column, Kind, Table
from schemas.tables import TABLES as CANONICAL_TABLES

HAPPENING_KINDS = (
    "operation",
    "transfusion",
    "transfer",
    "new_diagnosis",
    "abnormal_result",
    "serial_indication",
    "emergency",
    "icu",
    "failed_study",
    "external",
    "appraisal",
    "claimed_reason",
    "not_shareable",
    "planned_readmission",
    "newborn_or_obstetric",
    "year_end_settlement",
    "against_advice",
    "died",
    "diagnostic_procedure",
    "diagnosis",
    "question",
)
"""What an exemption can rest on: kinds of the prepared table ``happening``, and two that need no row of it.

``diagnosis`` is any diagnosis written for the patient (prepared table ``mention``); ``question`` is a fact that the
detector's own question answers in a column named like the exemption.
"""

PUBLISHED_LISTS = (
    "sex_limit",
    "age_limit",
    "age_limit_batch_8",
    "daily_limit",
    "period_limit",
    "course_limit",
    "duplicate_charge",
)
"""Lists of the national rule library's published knowledge points."""

SKIP_REASONS = (
    "operation",
    "treatment",
    "sampling",
    "nursing",
    "bed_or_fee",
    "anaesthesia",
    "no_examination",
)
"""Why a published row is not in the pack: what the item is instead of an examination.

``sampling`` takes tissue or fluid, whose examination is an item of its own; ``no_examination`` is a pair of charges of
which neither is an examination.
"""

NATIONAL_SITUATIONS = ("1", "2", "3", "4", "5", "6")
"""The six situations in which the national mutual-recognition rules allow a re-examination.

1 condition changed or result contradicts presentation; 2 result changes fast in this disease; 3 result weighs on a
major step; 4 emergency; 5 forensic, disability or sick-leave appraisal; 6 other documented need.
"""

FREQUENCY_LIMITS = Table(
    "frequency_limits",
    "限定频次",
    "one row an item, kind of limit and period",
    "每个项目、每类限制、每个周期一行",
    key=("item_code", "limit_kind", "period_days"),
    columns=(
        Column("item_code", Kind.CODE, "Item.", "项目编码。", required=True),
        Column("item_name", Kind.TEXT, "Item in words.", "项目名称。"),
        Column(
            "limit_kind",
            Kind.CHOICE,
            "Within a calendar day, any period of so many days, or one course of treatment; empty = by the period.",
            "单日、周期或疗程，空则按周期天数判断。",
            choices=("daily", "period", "course"),
        ),
        Column("maximum_quantity", Kind.QUANTITY, "Most units in the period.", "上限。", required=True, minimum=0),
        Column(
            "quantity_unit",
            Kind.CHOICE,
            "What a unit of the item is; empty = not said.",
            "计价单位，空为未注明。",
            choices=("count", "hour", "day"),
        ),
        Column("period_days", Kind.INTEGER, "Period.", "周期。", required=True, unit="days", minimum=1),
        Column("rule_code", Kind.CODE, "Rule of the national rule library.", "国家规则库规则代码。"),
        Column("note", Kind.TEXT, "As published.", "原文备注。"),
        *VALIDITY,
    ),
)

ITEM_LIMITS = Table(
    "item_limits",
    "限定性别与年龄",
    "one row an examination outside exam_items.csv and validity period",
    "exam_items.csv 以外的每个检查项目、每个有效期一行",
    key=("item_code",),
    columns=(
        Column("item_code", Kind.CODE, "Item.", "项目编码。", required=True),
        Column("item_name", Kind.TEXT, "Item in words.", "项目名称。"),
        Column("sex_limit", Kind.CHOICE, "Only sex it applies to.", "限定性别。", choices=("M", "F")),
        Column("min_age_days", Kind.INTEGER, "Youngest age.", "最小日龄。", unit="days", minimum=0),
        Column("max_age_days", Kind.INTEGER, "Oldest age.", "最大日龄。", unit="days", minimum=0),
        *VALIDITY,
    ),
)

SKIPPED_RULES = Table(
    "skipped_rules",
    "未采用的公布规则",
    "one row a published rule that the pack leaves out",
    "每条未采用的公布规则一行",
    key=("published_list", "row_number"),
    columns=(
        Column(
            "published_list",
            Kind.CHOICE,
            "Published list.",
            "公布清单。",
            required=True,
            choices=PUBLISHED_LISTS,
        ),
        Column("row_number", Kind.INTEGER, "Row of that list.", "清单内行号。", required=True, minimum=1),
        Column("item_code", Kind.CODE, "Item.", "项目编码。", required=True),
        Column("item_name", Kind.TEXT, "Item in words.", "项目名称。"),
        Column("other_item_code", Kind.CODE, "The other item of a pair.", "成对规则的另一项目编码。"),
        Column("other_item_name", Kind.TEXT, "The other item in words.", "成对规则的另一项目名称。"),
        Column(
            "reason",
            Kind.CHOICE,
            "What it is instead of an examination.",
            "不属于检查的类别。",
            required=True,
            choices=SKIP_REASONS,
        ),
        *VALIDITY,
    ),
)

CHARGE_PAIRS = Table(
    "charge_pairs",
    "互斥收费",
    "one row a pair of items that may not both be charged within a window",
    "每对在同一时段内不得同时收费的项目一行",
    key=("main_item_code", "included_item_code", "charge_window"),
    columns=(
        Column("main_item_code", Kind.CODE, "Item that contains the other.", "主项编码。", required=True),
        Column("main_item_name", Kind.TEXT, "Main item in words.", "主项名称。"),
        Column("included_item_code", Kind.CODE, "Item that is contained.", "从项编码。", required=True),
        Column("included_item_name", Kind.TEXT, "Included item in words.", "从项名称。"),
        Column(
            "charge_window",
            Kind.CHOICE,
            "Within what both charges exclude each other.",
            "互斥时段。",
            required=True,
            choices=("hour", "six_hours", "session", "day", "encounter", "stay"),
        ),
        Column("note", Kind.TEXT, "As published.", "原文备注。"),
        Column(
            "rule_code",
            Kind.CODE,
            "Rule of the national or a regional library; a pair without one is a proposal, and gives clues only.",
            "国家或地方规则库代码；无代码者为建议值，仅提示线索。",
        ),
        *VALIDITY,
    ),
)

NOT_TESTED = "not_tested"
"""Effect of a row that takes an exemption of a glob such as ``repeat.*`` away from one detector."""

EXEMPTIONS = Table(
    "exemptions",
    "豁免情形",
    "one row an exemption and the detectors that test it",
    "每个豁免情形及其适用的检测规则一行",
    key=("exemption_id", "detector_id"),
    columns=(
        Column("exemption_id", Kind.CODE, "Exemption.", "豁免情形标识。", required=True),
        Column("detector_id", Kind.CODE, "Detector, or a glob such as `repeat.*`.", "检测规则或通配。", required=True),
        Column("position", Kind.INTEGER, "Order in which it is tried.", "判断次序。", required=True, minimum=0),
        Column("title_en", Kind.TEXT, "In English.", "英文名称。", required=True),
        Column("title_zh", Kind.TEXT, "In Chinese.", "中文名称。", required=True),
        Column("would_hold_if_en", Kind.TEXT, "When it would hold, in English.", "成立条件（英文）。", required=True),
        Column("would_hold_if_zh", Kind.TEXT, "When it would hold, in Chinese.", "成立条件（中文）。", required=True),
        Column(
            "effect",
            Kind.CHOICE,
            "Whether it clears the finding, lowers it, or is not tested by this detector.",
            "排除、减弱，或该规则不予判断。",
            required=True,
            choices=("clears", "weakens", NOT_TESTED),
        ),
        Column(
            "happening_kind",
            Kind.CHOICE,
            "Kind of happening it rests on.",
            "所依据的事件类别。",
            required=True,
            choices=HAPPENING_KINDS,
        ),
        Column(
            "anchor",
            Kind.CHOICE,
            "Where the happening stands: at the earlier event, at the one in question, or between them.",
            "事件位置：涉及项、疑点项或两者之间。",
            required=True,
            choices=("index", "flagged", "between"),
        ),
        Column("detail_include", Kind.TEXT, "Prefixes of the detail that count; empty = any.", "计入前缀，空为任意。"),
        Column("detail_exclude", Kind.TEXT, "Prefixes of the detail that do not.", "排除前缀。"),
        Column("reason_code", Kind.TEXT, "Claimed reasons that it bears out, `;`-separated.", "可印证的复查理由代码。"),
        Column(
            "needs_table",
            Kind.CHOICE,
            "Table without which the answer is `no data`.",
            "缺此表则结论为无数据。",
            choices=tuple(CANONICAL_TABLES),
        ),
        Column(
            "national_situation",
            Kind.CHOICE,
            "Situation of the national recognition rules.",
            "国家互认规定的情形序号。",
            choices=NATIONAL_SITUATIONS,
        ),
        Column("legal_basis_id", Kind.TEXT, "Provision of legal_basis.toml that it rests on.", "所依据的条款编号。"),
        Column("legal_basis_item", Kind.TEXT, "Item of that provision, as the law writes it.", "该条款中的项。"),
        *VALIDITY,
    ),
)

PLANNED_READMISSION = Table(
    "planned_readmission",
    "计划再入院",
    "one row a purpose, diagnosis or procedure that plans a return",
    "每个表明计划再入院的目的、诊断或操作一行",
    key=("rule_id",),
    columns=(
        Column(
            "rule_id",
            Kind.CODE,
            "Rule; diagnoses of rules named obstetric_… or newborn_… also exempt as birth or newborn.",
            "规则标识；以obstetric_或newborn_开头的诊断规则同时用于产科及新生儿豁免。",
            required=True,
        ),
        Column(
            "kind",
            Kind.CHOICE,
            "What the pattern is matched with.",
            "匹配对象。",
            required=True,
            choices=("purpose", "diagnosis", "procedure"),
        ),
        Column(
            "pattern", Kind.TEXT, "Prefix of a code, or a part of a purpose.", "编码前缀或目的片段。", required=True
        ),
        Column("title_en", Kind.TEXT, "In English.", "英文名称。", required=True),
        Column("title_zh", Kind.TEXT, "In Chinese.", "中文名称。", required=True),
        *VALIDITY,
    ),
)

TABLES = (FREQUENCY_LIMITS, ITEM_LIMITS, SKIPPED_RULES, CHARGE_PAIRS, EXEMPTIONS, PLANNED_READMISSION)
