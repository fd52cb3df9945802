"""Pack tables about examinations themselves: what an item is, what it contains, who recognises it, who needs it."""

from __future__ import annotations

from schemas.table import Column, Kind, Table

VALIDITY = (
    Column("valid_from", Kind.DATE, "First day on which the row holds; empty = always.", "生效日期，空为一直有效。"),
    Column(
        "valid_to", Kind.DATE, "First day on which it no longer holds; empty = open.", "失效日期（不含），空为未定。"
    ),
    Column("source", Kind.TEXT, "Where the row comes from.", "来源依据。"),
)
"""Columns that close every pack table. The period is half-open and judged on the date of the examination."""

SCANS = ("CT", "MR", "DR", "US", "MG", "NM", "PETCT")

EXAM_ITEMS = Table(
    "exam_items",
    "检查检验项目",
    "one row an item and validity period",
    "每个项目、每个有效期一行",
    key=("item_code",),
    columns=(
        Column("item_code", Kind.CODE, "Item of the pack.", "项目编码。", required=True),
        Column("item_name", Kind.TEXT, "Item in words; empty = code.", "项目名称，空为编码。", stands_in="item_code"),
        Column("family", Kind.CODE, "Items of one question; empty: code.", "项目族，空为编码", stands_in="item_code"),
        Column(
            "modality",
            Kind.CHOICE,
            "Modality; LAB for laboratory tests.",
            "检查类别，检验为 LAB。",
            choices=(*SCANS, "PETMR", "DSA", "ECG", "EEG", "ENDO", "PATH", "LAB", "OTHER"),
        ),
        Column("body_part", Kind.CODE, "Body part that the item implies.", "项目所含部位。"),
        Column("is_special_exam", Kind.FLAG, "Needs signed informed consent.", "是否特殊检查。"),
        Column("is_restricted", Kind.FLAG, "Restricted technique, needs a filing.", "是否限制类技术。"),
        Column("required_department_code", Kind.CODE, "National department it needs.", "所需诊疗科目代码。"),
        Column(
            "required_device_type",
            Kind.CHOICE,
            "Device it needs.",
            "所需设备类型。",
            choices=("CT", "MR", "PETCT", "PETMR", "DR", "US", "MG", "DSA", "ECG", "ENDO", "LAB", "OTHER"),
        ),
        Column("required_roles", Kind.TEXT, "Roles that may perform it, `;`-separated.", "可执行人员类别，分号分隔。"),
        Column("sex_limit", Kind.CHOICE, "Only sex it applies to.", "限定性别。", choices=("M", "F")),
        Column("min_age_days", Kind.INTEGER, "Youngest age.", "最小日龄。", unit="days", minimum=0),
        Column("max_age_days", Kind.INTEGER, "Oldest age.", "最大日龄。", unit="days", minimum=0),
        Column("one_report_per_unit", Kind.FLAG, "Each unit charged has its own report.", "每计价单位一份报告。"),
        Column(
            "reference_change_pct",
            Kind.MEASURE,
            "Change between two results beyond chance.",
            "参考变化值。",
            unit="percent",
            minimum=0,
        ),
        Column(
            "retest_hours_inpatient",
            Kind.INTEGER,
            "Shortest interval for stable in-patients.",
            "住院（病情稳定）最短复查间隔。",
            unit="hours",
            minimum=1,
        ),
        Column(
            "retest_hours_outpatient",
            Kind.INTEGER,
            "Shortest interval for any other request.",
            "其他情形最短复查间隔。",
            unit="hours",
            minimum=1,
        ),
        Column(
            "recognition_days",
            Kind.INTEGER,
            "How long other institutions recognise a result.",
            "互认有效期。",
            unit="days",
            minimum=1,
        ),
        Column(
            "serial_by_design",
            Kind.TEXT,
            "Empty or 0 = no; 1 = with any diagnosis; else the ICD-10 prefixes that call for a series, `;`-separated.",
            "空或 0 为否；1 为任何诊断；否则为需系列检测的 ICD-10 前缀，分号分隔。",
        ),
        Column("daily_maximum", Kind.INTEGER, "Most in one day, series included.", "每日上限。", minimum=1),
        *VALIDITY,
    ),
)

ITEM_MAP = Table(
    "item_map",
    "本地项目对照",
    "one row a local code, for one institution or all",
    "每个本地编码、每家或全部机构一行",
    key=("local_item_code", "institution_id"),
    columns=(
        Column("local_item_code", Kind.CODE, "Item as the source codes it.", "院内或地方项目编码。", required=True),
        Column("local_item_name", Kind.TEXT, "Item as the source names it.", "院内项目名称。"),
        Column("institution_id", Kind.ID, "Institution; empty for all.", "机构编码，空为全部机构。"),
        Column("item_code", Kind.CODE, "Item of the pack.", "项目编码。", required=True),
        *VALIDITY,
    ),
)

PANEL_ITEMS = Table(
    "panel_items",
    "组合项目",
    "one row a panel and an item that it contains",
    "每个组合及其所含每个项目一行",
    key=("panel_item_code", "item_code"),
    columns=(
        Column("panel_item_code", Kind.CODE, "Panel.", "组合项目编码。", required=True),
        Column("item_code", Kind.CODE, "Item that the panel contains.", "所含项目编码。", required=True),
        Column("item_name", Kind.TEXT, "Contained item in words.", "所含项目名称。"),
        *VALIDITY,
    ),
)

RECOGNITION_SCOPES = ("national", "provincial", "regional", "consortium")
"""How far a mutual-recognition list reaches, widest first."""

RECOGNITION_ITEMS = Table(
    "recognition_items",
    "互认项目",
    "one row an item and region of a mutual-recognition list",
    "互认清单的每个项目、每个地区一行",
    key=("item_code", "region_code"),
    columns=(
        Column("item_code", Kind.CODE, "Item that is recognised.", "互认项目编码。", required=True),
        Column("region_code", Kind.CODE, "Region of the list; empty for all.", "地区代码，空为全部。"),
        Column("scope", Kind.CHOICE, "Reach of the list.", "互认范围。", choices=RECOGNITION_SCOPES),
        *VALIDITY,
    ),
)

RECOGNITION_INSTITUTIONS = Table(
    "recognition_institutions",
    "互认机构",
    "one row an institution and modality on a mutual-recognition list",
    "互认清单的每家机构、每个类别一行",
    key=("institution_id", "modality"),
    columns=(
        Column("institution_id", Kind.ID, "Institution whose results are recognised.", "互认机构编码。", required=True),
        Column("modality", Kind.CODE, "Modality; empty for all.", "检查类别，空为全部。"),
        Column("scope", Kind.CHOICE, "Reach of the list.", "互认范围。", choices=RECOGNITION_SCOPES),
        *VALIDITY,
    ),
)

SERIAL_CAUSE_KINDS = ("drug", "procedure")
"""What beside a diagnosis (``exam_items.serial_by_design``) can call for a series of tests."""

SERIAL_CAUSES = Table(
    "serial_causes",
    "系列检测的用药与操作",
    "one row an item family and a drug or procedure that calls for a series",
    "每个项目族及其需系列检测的药品或操作一行",
    key=("family", "kind", "pattern"),
    columns=(
        Column("family", Kind.CODE, "Item family.", "项目族。", required=True),
        Column(
            "kind",
            Kind.CHOICE,
            "A charged drug by words of its name, or a procedure by the start of its code.",
            "药品（名称所含文字）或操作（编码前缀）。",
            required=True,
            choices=SERIAL_CAUSE_KINDS,
        ),
        Column("pattern", Kind.CODE, "Words, or start of an ICD-9-CM-3 code.", "文字或编码前缀。", required=True),
        *VALIDITY,
    ),
)

INDICATIONS = Table(
    "indications",
    "检查指征",
    "one row an item family and diagnosis prefix",
    "每个项目族、每个诊断前缀一行",
    key=("family", "relation", "diagnosis_prefix"),
    columns=(
        Column("family", Kind.CODE, "Item family.", "项目族。", required=True),
        Column(
            "relation",
            Kind.CHOICE,
            "Whether the diagnosis is an indication or speaks against it.",
            "诊断为指征或反指征。",
            required=True,
            choices=("include", "exclude"),
        ),
        Column("diagnosis_prefix", Kind.CODE, "Start of an ICD-10 code.", "ICD-10 前缀。", required=True),
        Column("minimum_count", Kind.INTEGER, "Tests in the stay before it counts.", "计入前的最少次数。", minimum=1),
        *VALIDITY,
    ),
)

LARGE_EQUIPMENT = Table(
    "large_equipment",
    "大型医用设备目录",
    "one row a kind of equipment in a catalogue",
    "目录中每种设备一行",
    key=("equipment_id",),
    columns=(
        Column("equipment_id", Kind.CODE, "Kind of equipment in its catalogue.", "设备条目。", required=True),
        Column("equipment_class", Kind.CHOICE, "Licensing class.", "配置管理类别。", required=True, choices=("A", "B")),
        Column(
            "device_type", Kind.CODE, "Device type; empty where only the price decides.", "设备类型，空为仅按价格。"
        ),
        Column("title_en", Kind.TEXT, "In English.", "英文名称。", required=True),
        Column("title_zh", Kind.TEXT, "In Chinese.", "中文名称。", required=True),
        Column("minimum_ct_slices", Kind.INTEGER, "Slices from which it counts.", "CT 排数下限。", minimum=1),
        Column(
            "minimum_field_strength_t",
            Kind.MEASURE,
            "Field strength from which it counts.",
            "场强下限。",
            unit="tesla",
            minimum=0,
        ),
        Column("minimum_price", Kind.MONEY, "Price from which it counts.", "价格下限。", unit="yuan", minimum=0),
        Column("below_price", Kind.MONEY, "Price at which it no longer counts.", "价格上限。", unit="yuan", minimum=0),
        *VALIDITY,
    ),
)

BANNED_EXAMS = Table(
    "banned_exams",
    "禁止开展的检查",
    "one row an item that may not be performed, in which settings and when",
    "每个禁止项目及其场景、时段一行",
    key=("item_code", "encounter_type"),
    columns=(
        Column("item_code", Kind.CODE, "Item.", "项目编码。", required=True),
        Column("item_name", Kind.TEXT, "Item in words.", "项目名称。"),
        Column("encounter_type", Kind.CODE, "Setting it is banned in; empty for all.", "禁止场景，空为全部。"),
        Column("reason", Kind.TEXT, "Why it is banned.", "禁止原因。", required=True),
        *VALIDITY,
    ),
)


def _names(name: str, name_zh: str, code: Column, grain: str, grain_zh: str) -> Table:
    """A small table that gives each code its words in both languages."""
    return Table(
        name,
        name_zh,
        grain,
        grain_zh,
        key=(code.name,),
        columns=(
            code,
            Column("name_en", Kind.TEXT, "In English, as pages write it.", "英文名称。", required=True),
            Column("name_zh", Kind.TEXT, "In Chinese, as pages write it.", "中文名称。", required=True),
            *VALIDITY,
        ),
    )


FAMILIES = _names(
    "families",
    "项目族名称",
    Column("family", Kind.CODE, "Item family of exam_items.csv.", "项目族。", required=True),
    "one row an item family",
    "每个项目族一行",
)

BODY_PARTS = _names(
    "body_parts",
    "部位名称",
    Column("body_part", Kind.CODE, "Body part of exam_items.csv.", "部位。", required=True),
    "one row a body part",
    "每个部位一行",
)

DEPARTMENT_NAMES = _names(
    "department_names",
    "诊疗科目名称",
    Column("national_department_code", Kind.CODE, "Code of the national catalogue.", "诊疗科目代码。", required=True),
    "one row a subject of the national catalogue of departments",
    "诊疗科目名录每个科目一行",
)

TABLES = (
    EXAM_ITEMS,
    ITEM_MAP,
    PANEL_ITEMS,
    RECOGNITION_ITEMS,
    RECOGNITION_INSTITUTIONS,
    SERIAL_CAUSES,
    INDICATIONS,
    LARGE_EQUIPMENT,
    BANNED_EXAMS,
    FAMILIES,
    BODY_PARTS,
    DEPARTMENT_NAMES,
)
