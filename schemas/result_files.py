"""The Parquet files of a run as the data dictionary tells them: grain, and one sentence a column in both languages.

A column of one name means one thing in every file, so each name is explained once. Types come from the Arrow schemas.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from schemas.evidence import (
    EVENT_SCHEMA,
    HAPPENING_SCHEMA,
    INSTITUTION_SCHEMA,
    LINE_SCHEMA,
    NAME_SCHEMA,
    ORDER_SCHEMA,
    SOURCE_SCHEMA,
    STAY_SCHEMA,
)
from schemas.finding import DENOMINATOR_SCHEMA, DETECTOR_SCHEMA, FINDING_SCHEMA
from schemas.lead import LEAD_SCHEMA
from schemas.review_snapshot import REVIEW_FILE, REVIEW_SCHEMA
from schemas.unflagged import UNFLAGGED_SCHEMA


@dataclass(frozen=True)
class ResultFile:
    """One Parquet file of a run's folder."""

    path: str
    name_zh: str
    grain: str
    grain_zh: str
    schema: pa.Schema


RESULT_FILES = (
    ResultFile("findings.parquet", "发现", "one row an answer of a detector", "每条检测结果一行", FINDING_SCHEMA),
    ResultFile("leads.parquet", "线索", "one row a subject to look at", "每个待核查对象一行", LEAD_SCHEMA),
    ResultFile(
        "unflagged.parquet",
        "随机抽查",
        "one row an unflagged case drawn by lot, which is no suspicion",
        "随机抽中的无疑点病例每例一行，不构成怀疑",
        UNFLAGGED_SCHEMA,
    ),
    ResultFile("detectors.parquet", "规则运行", "one row a detector", "每条检测规则一行", DETECTOR_SCHEMA),
    ResultFile(
        "denominators.parquet",
        "分母",
        "one row a detector, institution and month",
        "每条规则、每家机构、每月一行",
        DENOMINATOR_SCHEMA,
    ),
    ResultFile(
        "evidence/events.parquet",
        "检查事件",
        "one row an examination of a patient in a lead",
        "线索患者的每次检查一行",
        EVENT_SCHEMA,
    ),
    ResultFile(
        "evidence/stays.parquet", "住院", "one row a stay of a patient in a lead", "线索患者的每次住院一行", STAY_SCHEMA
    ),
    ResultFile(
        "evidence/happenings.parquet",
        "事由",
        "one row a fact that may explain an examination",
        "可解释检查的每个事实一行",
        HAPPENING_SCHEMA,
    ),
    ResultFile(
        "evidence/lines.parquet",
        "来源行",
        "one row a line of an extract that an event rests on",
        "事件所依据的每条原始记录一行",
        LINE_SCHEMA,
    ),
    ResultFile(
        "evidence/sources.parquet",
        "记录出处",
        "one row a line of an extract that an examination, stay or fact of a patient in a lead rests on",
        "线索患者的检查、住院与事由所依据的每条原始记录一行",
        SOURCE_SCHEMA,
    ),
    ResultFile(
        "evidence/orders.parquet",
        "医嘱抽样",
        "one row an order drawn from those of a practitioner in a lead",
        "从线索医师的医嘱中抽取的每条一行",
        ORDER_SCHEMA,
    ),
    ResultFile(
        "evidence/institutions.parquet",
        "机构名录",
        "one row an institution",
        "每家机构一行",
        INSTITUTION_SCHEMA,
    ),
    ResultFile("evidence/names.parquet", "名称", "one row a code that pages show", "页面所示每个代码一行", NAME_SCHEMA),
    ResultFile(
        REVIEW_FILE,
        "审核记录",
        "one row a verdict, reply or ledger entry; absent before the first",
        "每条审核结论、机构答复或台账记录一行，尚无审核时无此文件",
        REVIEW_SCHEMA,
    ),
)
"""Every Parquet file of ``runs/<run_id>/``."""

RESULT_PROSE: dict[str, tuple[str, str]] = {
    "amount": ("Amount of the line, yuan; negative in a reversal.", "该行金额（元），冲正为负。"),
    "amount_at_issue": ("Net amount of what is in question, yuan.", "涉及净金额（元）。"),
    "batch_id": ("Batch that brought the line.", "入库批次。"),
    "body_part": ("Body part.", "检查部位。"),
    "chain_hash": ("Hash of the entry in the audit chain.", "审计链中本条的摘要。"),
    "chain_head": ("Hash of the chain's newest entry when the file was written.", "写入时审计链末端摘要。"),
    "code": ("Code; `institution|code` for a hospital's own department.", "代码；院内科室为“机构|科室”。"),
    "confidence": ("How sure the detector is: low, medium, high.", "确信程度：低、中、高。"),
    "department_code": ("Department, the hospital's code.", "院内科室编码。"),
    "detail": ("Code or word that the fact is known by.", "事实的代码或名称。"),
    "detector_id": ("Detector, `family.name`.", "检测规则标识。"),
    "detector_ids": ("Detectors with a finding in the lead, sorted.", "线索涉及的检测规则。"),
    "detector_version": ("Version of the detector that ran.", "规则版本。"),
    "discharge_disposition": ("How the stay ended.", "离院方式。"),
    "encounter_count": ("Encounters of those examinations.", "上述检查所属就诊数。"),
    "diagnosis_group": ("Main diagnosis of the visit, first three characters.", "就诊主要诊断编码前三位。"),
    "drawn_from": ("How many orders of the family there are in all.", "该项目族医嘱总数。"),
    "encounter_id": ("Encounter.", "就诊标识。"),
    "ended_at": ("Discharge; empty while in hospital.", "出院时间，在院为空。"),
    "entry_id": ("Number of the ledger entry.", "台账编号。"),
    "event_id": ("Examination event: an order, or a charged line without one.", "检查事件标识（医嘱或费用明细）。"),
    "exam_count": ("Examinations of the case.", "该例检查数。"),
    "evidence": ("JSON text with sorted keys, described by the card.", "证据 JSON，各键见规则卡片。"),
    "evidence_path": ("Evidence page, relative to the run; empty where not rendered.", "证据页相对路径，未生成为空。"),
    "examined": ("Events or subjects that the rule looked at: the N of n of N.", "规则审视的数量（分母）。"),
    "exempt": ("Hits for which an exemption held.", "命中但豁免的数量。"),
    "exempt_count": ("Findings of the lead for which an exemption held.", "线索中豁免的发现数。"),
    "exemption_id": ("First exemption that held; empty = none.", "成立的首个豁免情形，空为无。"),
    "explanation": ("JSON text: the steps that the score is made of.", "得分构成 JSON。"),
    "family": ("Family of items that count as the same examination.", "视为同一检查的项目族。"),
    "finding_count": ("Findings of the lead, exempt ones left out.", "线索中的发现数（不含豁免）。"),
    "finding_id": ("Stable over runs, versions and parameters.", "发现标识，跨批次稳定。"),
    "first_occurred_at": ("Earliest moment in question.", "最早发生时间。"),
    "flagged_event_id": ("Event in question (疑点项).", "疑点项标识。"),
    "fund_amount": ("Part of the line paid by the fund, yuan.", "该行基金支付金额（元）。"),
    "fund_amount_at_issue": ("Part of it paid by the fund, yuan.", "其中基金支付金额（元）。"),
    "grade": ("suspected = clear on the record; clue = needs judgement.", "疑点（记录明确）或线索（需判断）。"),
    "happening_kind": ("Kind of fact: operation, transfusion, transfer …", "事实类别：手术、输血、转科等。"),
    "has_time": ("False where only the date is known.", "仅知日期时为否。"),
    "hits": ("Findings, exempt ones included.", "命中数（含豁免）。"),
    "included_amount": (
        "Yuan of those findings, counted in the patients' own leads.",
        "上述金额（元），已计入患者线索。",
    ),
    "included_count": ("Patients' findings at this subject, for leads above patients.", "该对象涉及的患者层面发现数。"),
    "index_event_id": ("Earlier event that it is compared with (涉及项).", "涉及项标识。"),
    "institution_id": ("Institution.", "机构编码。"),
    "institution_name": ("Name as registered.", "机构名称。"),
    "is_abnormal": ("A report of it was abnormal; empty where none tells.", "报告是否异常，无记载为空。"),
    "is_fund_estimated": ("The fund's part was computed, not taken from the line.", "基金金额为推算。"),
    "item_code": ("Item as the source codes it.", "项目编码。"),
    "item_name": ("Item in words.", "项目名称。"),
    "kind": ("Kind of institution.", "机构类别。"),
    "last_occurred_at": ("Latest moment in question.", "最晚发生时间。"),
    "laterality": ("L, R or B.", "侧别。"),
    "lead_id": ("Stable over runs: a hash of the subject.", "线索标识，跨批次稳定。"),
    "level": ("Level of the hospital grading.", "机构等级。"),
    "lot": ("Place in the order of the lot, 1 first.", "抽签顺序，1 为最先。"),
    "main_diagnosis_code": ("Main diagnosis, ICD-10.", "主要诊断编码。"),
    "main_diagnosis_name": ("Main diagnosis in words.", "主要诊断名称。"),
    "modality": ("Modality.", "设备类型。"),
    "month": ("Month, YYYY-MM.", "月份。"),
    "name_en": ("The code in English words.", "英文名称。"),
    "name_kind": (
        "family, body_part, national_department or department.",
        "代码类别：项目族、部位、诊疗科目、院内科室。",
    ),
    "name_zh": ("The code in Chinese words.", "中文名称。"),
    "necessity": ("Was it needed? The review's answer.", "必要性判断。"),
    "net_amount": ("Amount after reversals, yuan.", "冲正后净金额（元）。"),
    "net_fund_amount": ("Part paid by the fund after reversals, yuan.", "冲正后基金支付（元）。"),
    "not_judged": ("Events that the rule could not judge.", "规则无法判断的数量。"),
    "note": ("Words of the reviewer, the institution or the ledger.", "审核、答复或台账说明。"),
    "occurred_at": ("When it happened, local wall time.", "发生时间。"),
    "ownership": ("public or private.", "公立或民营。"),
    "patient_id": ("Patient, pseudonym.", "患者假名标识。"),
    "performing_institution_id": ("Institution that performed it.", "执行机构编码。"),
    "place": (
        "Place by the hash of the order's number among those of the family, 1 first.",
        "在该项目族内按医嘱号摘要排序的位次。",
    ),
    "practitioner_id": ("Practitioner.", "人员编码。"),
    "probability": ("P(substantiated), 0 to 1.", "查实概率，0 至 1。"),
    "quantity": ("Units; negative in a reversal.", "数量，冲正为负。"),
    "rank": ("1 = look here first.", "排名，1 为最先核查。"),
    "reason": ("Why a detector did not run, or whom it could not judge.", "未运行原因，或无法判断的对象及原因。"),
    "reason_code": ("Reason of the verdict, as a code.", "结论理由代码。"),
    "referral_authorities": ("Who would take it up.", "可移送部门。"),
    "region_code": ("Region.", "区划代码。"),
    "regularity": ("Was it done by the rules? The review's answer.", "规范性判断。"),
    "reversed_amount": ("Amount that later lines take back, yuan.", "已冲正金额（元）。"),
    "review_amount": ("Amount to be recovered, yuan.", "应追回金额（元）。"),
    "review_kind": ("verdict, reply or ledger.", "结论、答复或台账。"),
    "reviewed_at": ("When it was recorded.", "记录时间。"),
    "record_code": ("Item, diagnosis or procedure of the line.", "该行的项目、诊断或操作编码。"),
    "record_id": ("Event or stay that the line belongs to.", "该行所属的检查事件或住院标识。"),
    "row_id": ("Key of the line in its table.", "该行在表中的主键。"),
    "run_id": ("Run that made the row.", "运行批次标识。"),
    "score": ("Expected value in yuan; ranks are made from it.", "期望值（元），用于排名。"),
    "seconds": ("Time the detector took.", "运行秒数。"),
    "sentence_en": ("The finding in English.", "英文说明。"),
    "sentence_zh": ("The finding in Chinese.", "中文说明。"),
    "setting": ("Setting of care.", "就诊类别。"),
    "severity": ("How grave it would be: low, medium, high.", "严重程度：低、中、高。"),
    "source_file": ("File of the extract, relative path.", "提取文件相对路径。"),
    "source_row": ("Physical line in that file.", "文件中的行号。"),
    "stage": ("How far the case is.", "所处阶段。"),
    "started_at": ("Admission.", "入院时间。"),
    "status": ("ran, not_runnable or not_chosen.", "已运行、无法运行或未选。"),
    "stay_id": ("Stay: the first encounter of merged interim claims.", "住院标识（合并后首次就诊）。"),
    "subject_id": ("Who or what it is about.", "对象标识。"),
    "subject_type": (
        "patient_episode, practitioner, department, institution or device.",
        "对象类型：患者病程、人员、科室、机构、设备。",
    ),
    "table_name": ("Canonical table of the line.", "来源表。"),
    "title_en": ("Title in English.", "英文标题。"),
    "title_zh": ("Title in Chinese.", "中文标题。"),
    "turn": ("Place of the family by its part in the excess, 1 first.", "项目族按超出部分占比的位次。"),
    "verdict": ("What was decided; empty in a reply.", "审核结论，答复为空。"),
}
"""English and Chinese sentence of each column; one that means another thing in one file has its key in OWN_PROSE."""

OWN_PROSE: dict[tuple[str, str], str] = {
    ("evidence/happenings.parquet", "kind"): "happening_kind",
    ("evidence/names.parquet", "kind"): "name_kind",
    (REVIEW_FILE, "kind"): "review_kind",
    (REVIEW_FILE, "amount"): "review_amount",
}
"""Key in ``RESULT_PROSE`` of a column that has a meaning of its own in a file."""


def prose_of(file: ResultFile, column: str) -> tuple[str, str]:
    """English and Chinese sentence of a column of a file; KeyError where nobody wrote one."""
    return RESULT_PROSE[OWN_PROSE.get((file.path, column), column)]
