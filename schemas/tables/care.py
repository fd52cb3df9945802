"""What happened to a patient: encounter, diagnosis, procedure, exam_order, exam_result."""

from __future__ import annotations

from schemas.table import Column, Constraint, Kind, Severity, Table

ENCOUNTER = Table(
    "encounter",
    "就诊",
    "one row a visit or a settled part of a stay",
    "每次就诊或每段住院结算一行",
    key=("encounter_id",),
    columns=(
        Column("encounter_id", Kind.ID, "Encounter.", "就诊标识。", required=True),
        Column("patient_id", Kind.ID, "Patient.", "患者标识。", required=True, references="patient.patient_id"),
        Column(
            "institution_id",
            Kind.ID,
            "Institution.",
            "机构编码。",
            required=True,
            references="institution.institution_id",
        ),
        Column("department_code", Kind.CODE, "Department, the hospital's code.", "院内科室编码。"),
        Column(
            "encounter_type",
            Kind.CHOICE,
            "Setting of care.",
            "就诊类别。",
            required=True,
            choices=(
                "outpatient",
                "chronic_outpatient",
                "emergency",
                "observation",
                "day_case",
                "checkup",
                "inpatient",
            ),
        ),
        Column("visit_kind", Kind.CHOICE, "First or follow-up visit.", "初诊或复诊。", choices=("first", "follow_up")),
        Column("case_no", Kind.CODE, "Case number that interim claims of one stay share.", "住院号。"),
        Column("is_interim", Kind.FLAG, "Interim claim of a stay that goes on.", "是否中途结算。"),
        Column("started_at", Kind.MOMENT, "Visit or admission.", "就诊或入院时间。", required=True),
        Column("ended_at", Kind.MOMENT, "End or discharge; empty while in hospital.", "结束或出院时间。"),
        Column(
            "discharge_disposition",
            Kind.CHOICE,
            "How the stay ended.",
            "离院方式。",
            choices=("home", "transfer", "community", "against_advice", "died", "other"),
        ),
        Column(
            "transfer_from_encounter_id", Kind.ID, "Encounter the patient was transferred from.", "转入前就诊标识。"
        ),
        Column("admission_diagnosis_code", Kind.CODE, "Diagnosis at admission, ICD-10.", "入院诊断编码。"),
        Column("chief_complaint", Kind.TEXT, "Chief complaint.", "主诉。"),
        Column("main_diagnosis_code", Kind.CODE, "Main diagnosis, ICD-10.", "主要诊断编码。"),
        Column("main_diagnosis_name", Kind.TEXT, "Main diagnosis in words.", "主要诊断名称。"),
        Column("drg_code", Kind.CODE, "DRG.", "DRG 分组代码。"),
        Column("dip_code", Kind.CODE, "DIP.", "DIP 病种代码。"),
        Column("readmission_plan_31d", Kind.FLAG, "Planned to return within 31 days.", "是否有 31 天内再住院计划。"),
        Column("readmission_plan_purpose", Kind.TEXT, "Purpose of the planned return.", "再住院计划目的。"),
        Column("attending_id", Kind.ID, "Responsible doctor.", "主诊或主管医师编码。"),
        Column("payer", Kind.CHOICE, "Who pays.", "付费方。", choices=("insured", "self_paid", "other")),
        Column(
            "payment_method",
            Kind.CHOICE,
            "How the fund pays.",
            "医保支付方式。",
            choices=("fee_for_service", "drg", "dip", "per_diem", "other"),
        ),
        Column("is_cross_region", Kind.FLAG, "Insured elsewhere.", "是否异地就医。"),
        Column("total_amount", Kind.MONEY, "Total of the settlement.", "费用总额。", unit="yuan"),
        Column("fund_amount", Kind.MONEY, "Part paid by the fund.", "基金支付总额。", unit="yuan"),
    ),
    constraints=(
        Constraint(
            "ended_not_before_started",
            Severity.DISABLING,
            "An encounter does not end before it starts (a tenth of the rows may).",
            "结束时间不早于开始时间（容许一成）。",
            "t.ended_at < t.started_at and cast(t.ended_at as date) < cast(t.started_at as date)",
            tolerated_share=0.1,
        ),
        Constraint(
            "patient_is_known",
            Severity.REPORTED,
            "The patient of an encounter is in the patient table.",
            "就诊患者应在患者表中。",
            "t.patient_id not in (select p.patient_id from main.patient as p)",
        ),
        Constraint(
            "institution_is_known",
            Severity.REPORTED,
            "The institution of an encounter is in the institution table.",
            "就诊机构应在机构表中。",
            "t.institution_id not in (select i.institution_id from main.institution as i)",
        ),
    ),
)

DIAGNOSIS = Table(
    "diagnosis",
    "诊断",
    "one row a diagnosis of an encounter",
    "每次就诊的每个诊断一行",
    key=("encounter_id", "sequence"),
    columns=(
        Column("encounter_id", Kind.ID, "Encounter.", "就诊标识。", required=True, references="encounter.encounter_id"),
        Column("sequence", Kind.INTEGER, "Rank of the diagnosis, 1 = main.", "诊断序号。", required=True, minimum=0),
        Column("diagnosis_code", Kind.CODE, "ICD-10 code.", "诊断编码。", required=True),
        Column("diagnosis_name", Kind.TEXT, "Diagnosis in words.", "诊断名称。"),
        Column("diagnosed_at", Kind.MOMENT, "When the diagnosis was made.", "诊断时间。"),
        Column("present_on_admission", Kind.FLAG, "Present on admission.", "入院时已有。"),
    ),
)

PROCEDURE = Table(
    "procedure",
    "手术操作",
    "one row an operation or procedure of an encounter",
    "每次就诊的每项手术操作一行",
    key=("encounter_id", "procedure_code", "performed_at"),
    columns=(
        Column("encounter_id", Kind.ID, "Encounter.", "就诊标识。", required=True, references="encounter.encounter_id"),
        Column("procedure_code", Kind.CODE, "ICD-9-CM-3 code.", "手术操作编码。", required=True),
        Column("procedure_name", Kind.TEXT, "Procedure in words.", "手术操作名称。"),
        Column("performed_at", Kind.MOMENT, "When it was performed.", "手术操作时间。"),
    ),
)

EXAM_ORDER = Table(
    "exam_order",
    "检查检验医嘱",
    "one row an ordered examination or test",
    "每条检查检验医嘱一行",
    key=("order_id",),
    columns=(
        Column("order_id", Kind.ID, "Order.", "医嘱或申请单标识。", required=True),
        Column("encounter_id", Kind.ID, "Encounter.", "就诊标识。", references="encounter.encounter_id"),
        Column("patient_id", Kind.ID, "Patient.", "患者标识。", required=True, references="patient.patient_id"),
        Column(
            "institution_id",
            Kind.ID,
            "Ordering institution.",
            "开单机构编码。",
            required=True,
            references="institution.institution_id",
        ),
        Column("item_code", Kind.CODE, "Item as the source codes it.", "项目编码。", required=True),
        Column("item_name", Kind.TEXT, "Item in words.", "项目名称。"),
        Column("body_part", Kind.TEXT, "Body part examined.", "检查部位。"),
        Column("laterality", Kind.CHOICE, "Left, right or both.", "侧别。", choices=("L", "R", "B")),
        Column("specimen_type", Kind.TEXT, "Type of specimen.", "标本类型。"),
        Column("specimen_id", Kind.ID, "Specimen.", "标本标识。"),
        Column(
            "ordering_practitioner_id",
            Kind.ID,
            "Ordering practitioner.",
            "开单医师编码。",
            references="practitioner.practitioner_id",
        ),
        Column("ordering_department_code", Kind.CODE, "Ordering department.", "开单科室编码。"),
        Column("ordered_at", Kind.MOMENT, "When it was ordered.", "开单时间。", required=True),
        Column("performed_at", Kind.MOMENT, "When it was performed.", "执行时间。"),
        Column(
            "performing_institution_id",
            Kind.ID,
            "Institution that performed it, where another.",
            "执行机构编码。",
            references="institution.institution_id",
        ),
        Column("performing_department_code", Kind.CODE, "Performing department.", "执行科室编码。"),
        Column(
            "operator_id", Kind.ID, "Who performed it.", "操作人员编码。", references="practitioner.practitioner_id"
        ),
        Column("device_id", Kind.ID, "Device used.", "设备标识。", references="device.device_id"),
        Column(
            "urgency", Kind.CHOICE, "Urgency of the request.", "紧急程度。", choices=("routine", "urgent", "emergency")
        ),
        Column("indication", Kind.TEXT, "Indication as written.", "检查指征。"),
        Column("reexam_reason", Kind.CODE, "Claimed reason for examining again (1–6 or local).", "重复检查理由代码。"),
        Column(
            "status",
            Kind.CHOICE,
            "State of the order.",
            "医嘱状态。",
            choices=("ordered", "performed", "cancelled", "failed"),
        ),
    ),
    constraints=(
        Constraint(
            "encounter_is_known",
            Severity.REPORTED,
            "The encounter that an order names is in the encounter table.",
            "医嘱所属就诊应在就诊表中。",
            "t.encounter_id not in (select e.encounter_id from main.encounter as e)",
        ),
        Constraint(
            "performed_not_before_ordered",
            Severity.REPORTED,
            "An examination is not performed on a day before it is ordered.",
            "执行日期不早于开单日期。",
            "cast(t.performed_at as date) < cast(t.ordered_at as date)",
        ),
    ),
)

EXAM_RESULT = Table(
    "exam_result",
    "检查检验报告",
    "one row a report, or an analyte of a report",
    "每份报告或报告的每个分析项一行",
    key=("report_id", "item_code", "analyte_code"),
    columns=(
        Column("report_id", Kind.ID, "Report.", "报告标识。", required=True),
        Column("order_id", Kind.ID, "Order.", "医嘱标识。", references="exam_order.order_id"),
        Column("patient_id", Kind.ID, "Patient.", "患者标识。", references="patient.patient_id"),
        Column("item_code", Kind.CODE, "Item as the source codes it.", "项目编码。"),
        Column("analyte_code", Kind.CODE, "Analyte of a panel.", "分析项编码。"),
        Column("modality", Kind.CODE, "Modality.", "设备类型。"),
        Column("method", Kind.TEXT, "Method of measurement.", "检测方法。"),
        Column("body_part", Kind.TEXT, "Body part.", "检查部位。"),
        Column("reported_at", Kind.MOMENT, "When it was reported.", "报告时间。", required=True),
        Column("positive", Kind.FLAG, "Positive finding.", "是否阳性。"),
        Column("abnormal", Kind.FLAG, "Outside the reference range.", "是否异常。"),
        Column("value", Kind.TEXT, "Result as reported.", "结果值。"),
        Column("unit", Kind.TEXT, "Unit of the result.", "结果单位。"),
        Column("ref_low", Kind.MEASURE, "Lower reference limit, unit of the result.", "参考下限。"),
        Column("ref_high", Kind.MEASURE, "Upper reference limit, unit of the result.", "参考上限。"),
        Column("conclusion", Kind.TEXT, "Conclusion as written.", "报告结论。"),
        Column("study_uid", Kind.ID, "Study of the images.", "影像检查 UID。"),
        Column("is_shareable", Kind.FLAG, "Result can be shared with other institutions.", "结果可否共享。"),
    ),
)

TABLES = (ENCOUNTER, DIAGNOSIS, PROCEDURE, EXAM_ORDER, EXAM_RESULT)
