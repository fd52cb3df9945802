"""What would show an innocent explanation: the records to ask the institution for.

shown_by.csv names for each explanation of the catalogue, by its English sentence, the records that would bear it out.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from schemas.card import Explanation, Text

TABLE = Path(__file__).with_name("shown_by.csv")

RECORDS: dict[str, tuple[str, str]] = {
    "accounts": ("log of user accounts and order entry", "系统账号及录入日志"),
    "admission_note": ("admission and discharge records", "入出院记录"),
    "bed_record": ("bed and ward records", "床位及病区记录"),
    "charges": ("charge details with refunds and corrections", "费用明细及退费更正记录"),
    "device_list": ("register of devices", "设备台账"),
    "failed_log": ("log of rejected specimens and failed studies", "不合格标本及检查失败登记"),
    "guideline": ("the pathway, protocol or guideline followed", "所依据的临床路径、方案或指南"),
    "identity": ("identity papers and the register", "身份证件及登记信息"),
    "item_list": ("the hospital's list of items and units", "本院项目及计价单位对照表"),
    "notes": ("progress notes and nursing records", "病程记录、护理记录"),
    "operation": ("operation and anaesthesia records", "手术、麻醉记录"),
    "orders": ("order sheet and prescriptions", "医嘱单、处方"),
    "peer_extract": ("a full extract of the peers", "同行机构或科室的完整数据"),
    "plan": ("the treatment plan", "诊疗计划"),
    "platform_log": ("the sharing platform's log of that day", "互认共享平台当日调阅日志"),
    "price_list": ("the region's price list", "当地医疗服务价格项目规范"),
    "programme": ("protocol and list of patients of the programme or trial", "筛查或研究方案及受检者名单"),
    "referral": ("referral letter, records of the other institution", "转诊单、外院病历"),
    "regional_policy": ("the region's own rules", "当地政策文件"),
    "report": ("the report with its images or values", "检查检验报告及图像、数值"),
    "roster": ("duty roster and clinic schedule", "排班表、出诊安排"),
    "settlement": ("settlement and insurance records", "结算及参保记录"),
    "statement": ("a statement signed by the patient", "患者签字的告知书或声明"),
    "system_settings": ("settings of the information system", "信息系统设置"),
}
"""Records by code, in English and Chinese."""


@lru_cache(maxsize=1)
def shown_by() -> Mapping[str, tuple[str, ...]]:
    """Codes of the records by the English sentence of the explanation that they would bear out."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["explanation"]: tuple(row["records"].split(";")) for row in csv.DictReader(file)}


def explained(text: Text) -> Explanation:
    """An explanation with the records that would show it; with none where the table does not know it."""
    named = [RECORDS[code] for code in shown_by().get(text.en, ())]
    return Explanation(en=text.en, zh=text.zh, shown_by=tuple(Text(en=en, zh=zh) for en, zh in named))
