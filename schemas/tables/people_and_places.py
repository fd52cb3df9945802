"""Registers: who and where. patient, institution, department, licence, practitioner, device."""

from __future__ import annotations

from schemas.table import Column, Constraint, Kind, Severity, Table

_DATES_IN_ORDER = "A period does not end before it begins."
_DATES_IN_ORDER_ZH = "有效期止不早于有效期起。"


def _period(first: str, last: str) -> Constraint:
    return Constraint(
        f"{first}_not_after_{last}",
        Severity.REPORTED,
        _DATES_IN_ORDER,
        _DATES_IN_ORDER_ZH,
        f"t.{last} < t.{first}",
    )


PATIENT = Table(
    "patient",
    "患者",
    "one row a patient",
    "每名患者一行",
    key=("patient_id",),
    columns=(
        Column("patient_id", Kind.ID, "Patient, pseudonymised at ingest.", "患者标识，入库时假名化。", required=True),
        Column("sex", Kind.CHOICE, "Sex: male, female, unknown.", "性别：男、女、不详。", choices=("M", "F", "U")),
        Column("birth_date", Kind.DATE, "Date of birth.", "出生日期。"),
        Column("died_on", Kind.DATE, "Date of death, empty while alive.", "死亡日期，在世为空。"),
        Column("insurance_type", Kind.CODE, "Insurance scheme.", "险种类型。"),
        Column("region_code", Kind.CODE, "Region where the patient is insured.", "参保地区划代码。"),
    ),
    constraints=(_period("birth_date", "died_on"),),
)

INSTITUTION = Table(
    "institution",
    "医疗机构",
    "one row an institution",
    "每家医疗机构一行",
    key=("institution_id",),
    columns=(
        Column("institution_id", Kind.ID, "Institution.", "机构编码。", required=True),
        Column("institution_name", Kind.TEXT, "Name as registered.", "机构名称。", required=True),
        Column(
            "level",
            Kind.CHOICE,
            "Level of the hospital grading.",
            "机构等级。",
            choices=("tertiary", "secondary", "primary", "ungraded"),
        ),
        Column(
            "kind",
            Kind.CHOICE,
            "Kind of institution.",
            "机构类别。",
            choices=(
                "general_hospital",
                "specialised_hospital",
                "tcm_hospital",
                "maternal_child",
                "community_health",
                "township_health",
                "outpatient_department",
                "clinic",
                "village_room",
                "checkup_centre",
                "dialysis_centre",
                "independent_lab",
                "other",
            ),
        ),
        Column("ownership", Kind.CHOICE, "Public or private.", "公立或民营。", choices=("public", "private")),
        Column("region_code", Kind.CODE, "Region of the institution.", "机构所在区划代码。"),
        Column("group_id", Kind.ID, "Hospital group or medical consortium.", "医联体或集团标识。"),
        Column("approved_beds", Kind.INTEGER, "Beds approved.", "核定床位数。", unit="beds", minimum=0),
        Column("designated_from", Kind.DATE, "First day as a designated provider.", "定点起始日期。"),
        Column("designated_to", Kind.DATE, "Last day as a designated provider.", "定点终止日期。"),
    ),
    constraints=(_period("designated_from", "designated_to"),),
)

DEPARTMENT = Table(
    "department",
    "科室",
    "one row a department of an institution",
    "每家机构的每个科室一行",
    key=("institution_id", "department_code"),
    columns=(
        Column(
            "institution_id",
            Kind.ID,
            "Institution.",
            "机构编码。",
            required=True,
            references="institution.institution_id",
        ),
        Column("department_code", Kind.CODE, "Code as the hospital writes it.", "院内科室编码。", required=True),
        Column("department_name", Kind.TEXT, "Name as the hospital writes it.", "院内科室名称。"),
        Column("national_department_code", Kind.CODE, "National 诊疗科目 code.", "国家诊疗科目代码。"),
        Column("is_icu", Kind.FLAG, "Intensive care.", "是否重症监护。"),
        Column("is_emergency", Kind.FLAG, "Emergency department.", "是否急诊科。"),
    ),
)

LICENCE = Table(
    "licence",
    "执业许可",
    "one row a licence or filing of an institution or department and period",
    "每家机构或科室的每项许可或备案、每个有效期一行",
    key=("institution_id", "licence_no", "licence_kind", "department_code", "valid_from"),
    columns=(
        Column(
            "institution_id",
            Kind.ID,
            "Institution.",
            "机构编码。",
            required=True,
            references="institution.institution_id",
        ),
        Column("licence_no", Kind.CODE, "Number of the licence.", "许可证号。"),
        Column(
            "licence_kind",
            Kind.CHOICE,
            "Practice licence, filing, or restricted technique.",
            "执业许可、备案或限制类技术。",
            choices=("practice", "filing", "restricted_technique"),
        ),
        Column(
            "department_code",
            Kind.CODE,
            "Registered department; empty for the institution as a whole.",
            "登记诊疗科目，空为机构整体。",
        ),
        Column("valid_from", Kind.DATE, "First day in force.", "有效期起。", required=True),
        Column("valid_to", Kind.DATE, "First day no longer in force.", "有效期止。"),
    ),
    constraints=(_period("valid_from", "valid_to"),),
)

PRACTITIONER = Table(
    "practitioner",
    "医务人员",
    "one row a practitioner at an institution and period",
    "每名人员在每家机构的每个有效期一行",
    key=("practitioner_id", "institution_id", "valid_from"),
    columns=(
        Column("practitioner_id", Kind.ID, "Practitioner.", "人员编码。", required=True),
        Column(
            "institution_id",
            Kind.ID,
            "Institution of registration.",
            "执业机构编码。",
            required=True,
            references="institution.institution_id",
        ),
        Column("practitioner_name", Kind.TEXT, "Name; dropped unless the profile keeps it.", "姓名，默认不保留。"),
        Column("department_code", Kind.CODE, "Department, the hospital's code.", "院内科室编码。"),
        Column(
            "role",
            Kind.CHOICE,
            "Professional role.",
            "人员类别。",
            choices=("doctor", "assistant_doctor", "technician", "nurse", "none"),
        ),
        Column("title", Kind.TEXT, "Professional title.", "职称。"),
        Column("licence_no", Kind.CODE, "Number of the practising certificate.", "执业证书编号。"),
        Column("practice_scope", Kind.TEXT, "Registered scope of practice.", "执业范围。"),
        Column("is_trainee", Kind.FLAG, "In training, works under supervision.", "是否规培或进修。"),
        Column("supervisor_id", Kind.ID, "Supervising practitioner.", "带教人员编码。"),
        Column("valid_from", Kind.DATE, "First day registered here.", "执业登记起。"),
        Column("valid_to", Kind.DATE, "First day no longer registered here.", "执业登记止。"),
    ),
    constraints=(_period("valid_from", "valid_to"),),
)

DEVICE = Table(
    "device",
    "医疗设备",
    "one row a device",
    "每台设备一行",
    key=("device_id",),
    columns=(
        Column("device_id", Kind.ID, "Device.", "设备标识。", required=True),
        Column(
            "institution_id",
            Kind.ID,
            "Institution that uses it.",
            "使用机构编码。",
            required=True,
            references="institution.institution_id",
        ),
        Column(
            "device_type",
            Kind.CHOICE,
            "Type of device.",
            "设备类型。",
            required=True,
            choices=("CT", "MR", "PETCT", "PETMR", "DR", "US", "MG", "DSA", "ECG", "ENDO", "LAB", "OTHER"),
        ),
        Column("model", Kind.TEXT, "Model.", "型号。"),
        Column("ct_slices", Kind.INTEGER, "Slices of a CT.", "CT 排数。", unit="slices", minimum=1),
        Column("field_strength_t", Kind.MEASURE, "Field strength of an MR.", "磁场强度。", unit="tesla", minimum=0),
        Column("purchase_price", Kind.MONEY, "Price paid.", "购置价格。", unit="yuan", minimum=0),
        Column("manufactured_on", Kind.DATE, "Date of manufacture.", "生产日期。"),
        Column("in_use_from", Kind.DATE, "First day in use.", "启用日期。"),
        Column("in_use_to", Kind.DATE, "Last day in use.", "停用日期。"),
        Column("registration_no", Kind.CODE, "Device registration certificate.", "医疗器械注册证号。"),
        Column("registration_valid_from", Kind.DATE, "Certificate valid from.", "注册证有效期起。"),
        Column("registration_valid_to", Kind.DATE, "Certificate valid to.", "注册证有效期止。"),
        Column(
            "permit_kind",
            Kind.CHOICE,
            "Basis of a large-equipment configuration.",
            "配置许可类别。",
            choices=("permit", "filing", "commitment"),
        ),
        Column("permit_no", Kind.CODE, "Configuration permit.", "配置许可证号。"),
        Column("permit_valid_from", Kind.DATE, "Permit valid from.", "配置许可有效期起。"),
        Column("permit_valid_to", Kind.DATE, "Permit valid to.", "配置许可有效期止。"),
    ),
    constraints=(
        _period("registration_valid_from", "registration_valid_to"),
        _period("permit_valid_from", "permit_valid_to"),
    ),
)

TABLES = (PATIENT, INSTITUTION, DEPARTMENT, LICENCE, PRACTITIONER, DEVICE)
