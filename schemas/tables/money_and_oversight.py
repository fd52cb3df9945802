"""What was charged and paid, and what was signed, complained of, inspected: the last six canonical tables."""

from __future__ import annotations

from schemas.table import Column, Constraint, Kind, Severity, Table

CLAIM_LINE = Table(
    "claim_line",
    "费用明细",
    "one row a charged line, reversals included",
    "每条费用明细一行（含冲正）",
    key=("claim_line_id",),
    columns=(
        Column("claim_line_id", Kind.ID, "Charged line.", "明细流水号。", required=True),
        Column("claim_id", Kind.ID, "Settlement.", "结算标识。", required=True),
        Column("encounter_id", Kind.ID, "Encounter.", "就诊标识。", references="encounter.encounter_id"),
        Column("patient_id", Kind.ID, "Patient.", "患者标识。", required=True, references="patient.patient_id"),
        Column(
            "institution_id",
            Kind.ID,
            "Institution.",
            "机构编码。",
            required=True,
            references="institution.institution_id",
        ),
        Column("item_code", Kind.CODE, "Item as the source codes it.", "项目编码。", required=True),
        Column("item_name", Kind.TEXT, "Item in words.", "项目名称。"),
        Column("charge_category", Kind.CODE, "Category of the charge.", "收费类别。"),
        Column("order_id", Kind.ID, "Order that is charged.", "医嘱标识。", references="exam_order.order_id"),
        Column("charged_at", Kind.MOMENT, "When the fee arose.", "费用发生时间。", required=True),
        Column("quantity", Kind.QUANTITY, "Units; negative in a reversal.", "数量，冲正为负。", required=True),
        Column("unit_price", Kind.MONEY, "Price of one unit.", "单价。", required=True, unit="yuan"),
        Column("amount", Kind.MONEY, "Amount; negative in a reversal.", "金额，冲正为负。", required=True, unit="yuan"),
        Column("price_ceiling", Kind.MONEY, "Highest lawful unit price.", "定价上限。", unit="yuan", minimum=0),
        Column("in_scope_amount", Kind.MONEY, "Amount in scope of the scheme.", "政策范围内金额。", unit="yuan"),
        Column("fund_amount", Kind.MONEY, "Amount paid by the fund.", "基金支付金额。", unit="yuan"),
        Column(
            "ordering_practitioner_id",
            Kind.ID,
            "Ordering practitioner.",
            "开单医师编码。",
            references="practitioner.practitioner_id",
        ),
        Column("ordering_department_code", Kind.CODE, "Ordering department.", "开单科室编码。"),
        Column("performing_department_code", Kind.CODE, "Performing department.", "执行科室编码。"),
        Column("reverses_claim_line_id", Kind.ID, "Line that this line reverses.", "被冲正明细流水号。"),
        Column("voided", Kind.FLAG, "Void line.", "是否作废。"),
        Column("external_institution_id", Kind.ID, "Institution of an external examination.", "外检机构编码。"),
    ),
    constraints=(
        Constraint(
            "amount_is_price_times_quantity",
            Severity.REPORTED,
            "Amount equals price times quantity to one yuan.",
            "金额等于单价乘数量（误差一元内）。",
            "abs(t.amount - t.unit_price * t.quantity) > 1",
        ),
        Constraint(
            "fund_within_amount",
            Severity.REPORTED,
            "The fund pays no more than the amount.",
            "基金支付不超过金额。",
            "abs(t.fund_amount) > abs(t.amount)",
        ),
    ),
)

CONSENT = Table(
    "consent",
    "知情同意",
    "one row a consent form",
    "每份知情同意书一行",
    key=("consent_id",),
    columns=(
        Column("consent_id", Kind.ID, "Consent form.", "同意书标识。", required=True),
        Column("patient_id", Kind.ID, "Patient.", "患者标识。", required=True, references="patient.patient_id"),
        Column("encounter_id", Kind.ID, "Encounter.", "就诊标识。", references="encounter.encounter_id"),
        Column("order_id", Kind.ID, "Order it covers.", "医嘱标识。", references="exam_order.order_id"),
        Column("item_code", Kind.CODE, "Item it covers.", "项目编码。", required=True),
        Column("signed_at", Kind.MOMENT, "When it was signed.", "签署时间。"),
        Column(
            "signed_by",
            Kind.CHOICE,
            "Who signed.",
            "签署人。",
            choices=("patient", "guardian", "family", "agent", "none"),
        ),
        Column("second_signer_id", Kind.ID, "Second signer of a waiver.", "第二签字人编码。"),
        Column("emergency_waiver", Kind.FLAG, "Waived in an emergency.", "是否紧急豁免。"),
    ),
)

PRACTITIONER_PAY = Table(
    "practitioner_pay",
    "人员薪酬",
    "one row a practitioner and month",
    "每名人员每月一行",
    key=("practitioner_id", "month"),
    columns=(
        Column(
            "practitioner_id",
            Kind.ID,
            "Practitioner.",
            "人员编码。",
            required=True,
            references="practitioner.practitioner_id",
        ),
        Column("month", Kind.MONTH, "Month, YYYY-MM.", "月份。", required=True),
        Column("base_pay", Kind.MONEY, "Base pay.", "基本工资。", unit="yuan"),
        Column("performance_pay", Kind.MONEY, "Performance pay.", "绩效工资。", required=True, unit="yuan"),
    ),
)

COMPLAINT = Table(
    "complaint",
    "投诉举报",
    "one row a complaint or hotline clue",
    "每件投诉举报一行",
    key=("complaint_id",),
    columns=(
        Column("complaint_id", Kind.ID, "Complaint.", "投诉标识。", required=True),
        Column("received_at", Kind.MOMENT, "When it was received.", "受理时间。", required=True),
        Column("channel", Kind.TEXT, "Channel it came by.", "受理渠道。"),
        Column("institution_id", Kind.ID, "Institution named.", "被投诉机构编码。"),
        Column("department_code", Kind.CODE, "Department named.", "被投诉科室编码。"),
        Column("practitioner_id", Kind.ID, "Practitioner named.", "被投诉人员编码。"),
        Column("patient_id", Kind.ID, "Patient concerned.", "相关患者标识。"),
        Column("category", Kind.CODE, "Category.", "投诉类别。"),
        Column("text", Kind.TEXT, "Text of the complaint.", "投诉内容。"),
    ),
)

INSPECTION = Table(
    "inspection",
    "检查记录",
    "one row a self-inspection or on-site inspection of an institution",
    "每家机构的每次自查或现场检查一行",
    key=("inspection_id",),
    columns=(
        Column("inspection_id", Kind.ID, "Inspection.", "检查标识。", required=True),
        Column(
            "institution_id",
            Kind.ID,
            "Institution.",
            "机构编码。",
            required=True,
            references="institution.institution_id",
        ),
        Column("kind", Kind.CHOICE, "Self-inspection or on site.", "自查或现场检查。", choices=("self", "onsite")),
        Column("campaign", Kind.TEXT, "Campaign it belongs to.", "所属专项行动。"),
        Column("started_on", Kind.DATE, "First day.", "开始日期。", required=True),
        Column("finished_on", Kind.DATE, "Last day.", "结束日期。"),
        Column("persons_sampled", Kind.INTEGER, "Persons sampled.", "抽查人数。", unit="persons", minimum=0),
        Column("outcome", Kind.TEXT, "Outcome in words.", "检查结果。"),
    ),
)

EXTRACT_SCOPE = Table(
    "extract_scope",
    "提取范围",
    "one row a table, institution and period that the sender vouches for",
    "每张表、每家机构、每个完整提取时段一行",
    key=("table_name", "institution_id", "period_from", "period_to"),
    columns=(
        Column("table_name", Kind.CODE, "Canonical table.", "表名。", required=True),
        Column("institution_id", Kind.ID, "Institution.", "机构编码。", required=True),
        Column("period_from", Kind.DATE, "First day covered.", "时段起。", required=True),
        Column("period_to", Kind.DATE, "Last day covered.", "时段止。", required=True),
        Column("is_complete", Kind.FLAG, "All rows of the period are here.", "该时段是否完整。", required=True),
    ),
)

TABLES = (CLAIM_LINE, CONSENT, PRACTITIONER_PAY, COMPLAINT, INSPECTION, EXTRACT_SCOPE)
