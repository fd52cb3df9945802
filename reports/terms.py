"""Codes that stand in data, in words: settings, authorities, kinds of institution, kinds of happening.

A code that is not listed is shown as it is, in both languages: a new code is never an error on a page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from schemas.card import Text
from schemas.review_codes import NECESSITY, REASONS, REGULARITY, VERDICTS, Code

_SNAKE = re.compile(r"[a-z]+(_[a-z0-9]+)+")


def _titles(codes: Sequence[Code]) -> dict[str, tuple[str, str]]:
    """What reviewers choose from, as the sheets have it."""
    return {one.code: (one.title.en, one.title.zh) for one in codes}


_TERMS: dict[str, dict[str, tuple[str, str]]] = {
    "grade": {"suspected": ("suspected", "疑点"), "clue": ("clue", "线索")},
    "level_of": {"low": ("low", "低"), "medium": ("medium", "中"), "high": ("high", "高")},
    "status": {
        "ran": ("ran", "已运行"),
        "not_runnable": ("not runnable", "无法运行"),
        "not_chosen": ("not chosen", "未选用"),
        "stable": ("stable", "稳定"),
        "experimental": ("experimental", "试行"),
        "demoted": ("demoted", "降级"),
    },
    "authority": {
        "health": ("health", "卫生健康"),
        "market": ("market", "市场监管"),
        "insurance": ("insurance", "医疗保障"),
        "drug": ("drug", "药品监管"),
        "tcm": ("traditional medicine", "中医药"),
        "police": ("police", "公安"),
        "military": ("military", "军队"),
        "approval": ("approval", "行政审批"),
        "internet": ("internet", "网信"),
    },
    "subject": {
        "patient_episode": ("Patient", "患者"),
        "practitioner": ("Doctor", "医师"),
        "department": ("Department", "科室"),
        "institution": ("Institution", "机构"),
        "device": ("Device", "设备"),
    },
    "setting": {
        "outpatient": ("out-patient", "门诊"),
        "chronic_outpatient": ("chronic out-patient", "门诊慢特病"),
        "emergency": ("emergency", "急诊"),
        "observation": ("observation", "留观"),
        "day_case": ("day case", "日间"),
        "checkup": ("check-up", "体检"),
        "inpatient": ("in-patient", "住院"),
    },
    "level": {
        "tertiary": ("tertiary", "三级"),
        "secondary": ("secondary", "二级"),
        "primary": ("primary", "一级"),
        "ungraded": ("ungraded", "未定级"),
    },
    "modality": {
        "CT": ("CT", "CT"),
        "MR": ("MR", "磁共振"),
        "DR": ("X-ray", "X线"),
        "US": ("ultrasound", "超声"),
        "MG": ("mammography", "乳腺钼靶"),
        "NM": ("nuclear medicine", "核医学"),
        "PETCT": ("PET/CT", "PET/CT"),
        "PETMR": ("PET/MR", "PET/MR"),
        "DSA": ("angiography", "血管造影"),
        "ECG": ("ECG", "心电图"),
        "EEG": ("EEG", "脑电图"),
        "ENDO": ("endoscopy", "内镜"),
        "PATH": ("pathology", "病理"),
        "LAB": ("laboratory", "检验"),
        "OTHER": ("other", "其他"),
    },
    "laterality": {"L": ("left", "左侧"), "R": ("right", "右侧"), "B": ("both sides", "双侧")},
    "situation": {
        "1": ("condition changed", "病情变化"),
        "2": ("changes fast in this disease", "疾病发展变化快"),
        "3": ("weighs on a major step", "对诊疗有重大影响"),
        "4": ("emergency", "急诊急救"),
        "5": ("appraisal", "司法、伤残、病退等鉴定"),
        "6": ("other documented need", "其他确需复查"),
    },
    "pace": {"fast_changing": ("changes within hours", "数小时内可变化")},
    "measured": {
        "volume": ("examinations", "检查项数"),
        "cost": ("cost of examinations, yuan", "检查费用（元）"),
        "high_cost_share": ("share of costly modalities", "高成本检查方式占比"),
        "repeat_share": ("share of repeats within the interval", "间隔期内重复检查占比"),
        "first_day_bundle": ("share of stays that begin with a bundle", "入院首日成套检查占比"),
    },
    "direction": {"high": ("too high", "偏高"), "low": ("too low", "偏低")},
    "stratum": {"other": ("all others", "其余"), "unknown": ("not on record", "未记录")},
    "disposition": {
        "home": ("home", "医嘱离院"),
        "transfer": ("transfer", "医嘱转院"),
        "community": ("community", "转社区"),
        "against_advice": ("against advice", "非医嘱离院"),
        "died": ("died", "死亡"),
        "other": ("other", "其他"),
    },
    "sign": {
        "card_misuse": ("use of another's card, or bed-hanging", "冒名就医或挂床"),
        "bed_hanging": ("bed-hanging", "挂床"),
        "conflicting_records": ("conflicting records of one stay", "同一住院记录相互矛盾"),
        "two_ends_of_one_start": (
            "two discharges of one admission; the later one is taken",
            "同一入院有两个出院时间，取较晚者",
        ),
        "ends_before_start": ("ends before it starts: its end is not trusted", "出院早于入院，出院时间不予采信"),
        "stay_same_institution": ("a stay at the same institution", "同一机构的住院"),
        "stay_elsewhere": ("a stay at another institution", "其他机构的住院"),
        "visit_same_institution": ("a visit at the same institution", "同一机构的就诊"),
        "visit_elsewhere": ("a visit at another institution", "其他机构的就诊"),
    },
    "tier": {
        "0-1": ("0–1 days", "0–1天"),
        "2-7": ("2–7 days", "2–7天"),
        "8-15": ("8–15 days", "8–15天"),
        "16-31": ("16–31 days", "16–31天"),
        "strong": ("strong (q ≤ 0.05)", "强（q ≤ 0.05）"),
        "watch": ("watch (q ≤ 0.20)", "关注（q ≤ 0.20）"),
    },
    "tested": {"holds": ("holds", "成立"), "does not": ("does not hold", "不成立"), "no data": ("no data", "无数据")},
    "result": {"normal": ("normal", "正常"), "abnormal": ("abnormal", "异常"), "unknown": ("no result", "无结果")},
    "lane": {"stays": ("stays", "住院"), "happenings": ("happenings", "事件"), "other": ("others", "其他")},
    "severity_of": {
        "blocking": ("stops the run", "阻断运行"),
        "disabling": ("switches detectors off", "停用相关检测"),
        "reported": ("reported", "提示"),
    },
    "text_checked": {
        "original": ("against the publication of the authority that issued it", "与发布机关原文一致"),
        "independent": (
            "two sources that do not rest on each other agree letter by letter",
            "两个互不依赖的来源逐字一致",
        ),
        "two_copies": (
            "two stored copies of one official source agree letter by letter",
            "同一官方来源的两份留存副本逐字一致",
        ),
        "one_copy": (
            "one copy was read; compare with the original before quoting it",
            "仅据一份副本，引用前请与原件核对",
        ),
    },
    "origin": {
        "card": ("card default", "卡片默认"),
        "pack": ("policy pack", "策略包"),
        "set": ("set for this run", "本次指定"),
    },
    "verdict": {
        **_titles(VERDICTS),
        "unsubstantiated": ("not substantiated", "不属实"),
        "undetermined": ("undetermined", "无法判定"),
    },
    "reason": _titles(REASONS),
    "stage": {
        "first_review": ("first review", "初审"),
        "second_review": ("second review", "复审"),
        "adjudication": ("adjudication", "裁定"),
        "appeal": ("appeal", "申诉"),
        "investigation": ("investigation", "调查"),
        "disposition": ("disposition", "处置"),
        "closed": ("closed", "办结"),
    },
    "answer": {"yes": ("yes", "是"), "no": ("no", "否"), **_titles(NECESSITY), **_titles(REGULARITY)},
    "effect": {"clears": ("clears", "排除"), "weakens": ("weakens", "减弱")},
    "unit": {
        "hours": ("h", "小时"),
        "days": ("d", "天"),
        "yuan": ("yuan", "元"),
        "doctors": ("doctors", "名医师"),
        "seconds": ("s", "秒"),
        "minutes": ("min", "分钟"),
        "percent": ("%", "%"),
        "stays": ("stays", "次住院"),
        "lines": ("lines", "条明细"),
        "patients": ("patients", "名患者"),
        "visits": ("visits", "次就诊"),
        "orders": ("orders", "条医嘱"),
        "peers": ("peers", "个同行"),
        "studies": ("studies", "次检查"),
        "quarters": ("quarters", "个季度"),
        "events": ("examinations", "次检查"),
        "examinations": ("examinations", "次检查"),
        "months": ("months", "个月"),
        "modalities": ("kinds of imaging", "种影像"),
    },
    "table": {
        "encounter": ("encounter", "就诊"),
        "exam_order": ("order", "医嘱"),
        "exam_result": ("report", "报告"),
        "claim_line": ("charge", "收费"),
        "diagnosis": ("diagnosis", "诊断"),
        "procedure": ("procedure", "手术操作"),
    },
    "happening": {
        "operation": ("operation", "手术"),
        "procedure": ("procedure", "操作"),
        "transfusion": ("transfusion", "输血"),
        "transfer": ("transfer", "转院"),
        "icu": ("intensive care", "重症监护"),
        "emergency": ("emergency", "急诊"),
        "new_diagnosis": ("new diagnosis", "新诊断"),
        "claimed_reason": ("reason claimed", "所载理由"),
        "abnormal_result": ("abnormal result", "结果异常"),
        "not_shareable": ("report not shared", "报告未共享"),
        "admission": ("admission", "入院"),
        "discharge": ("discharge", "出院"),
        "planned_readmission": ("planned return", "计划再入院"),
        "serial_indication": ("series called for", "需系列检测"),
        "failed_study": ("failed study", "检查失败"),
        "external": ("made outside", "外院检查"),
        "appraisal": ("appraisal", "鉴定"),
        "newborn_or_obstetric": ("newborn or obstetric", "新生儿或产科"),
        "year_end_settlement": ("year-end settlement", "年终结算"),
        "against_advice": ("against advice", "非医嘱离院"),
        "died": ("died", "死亡"),
        "consent": ("consent signed", "签署知情同意"),
        "consent_waived": ("consent waived, emergency", "紧急免签同意"),
        "diagnostic_procedure": ("diagnostic procedure", "诊断操作"),
    },
    "charge_window": {
        "hour": ("one hour", "同一小时"),
        "six_hours": ("six hours", "6小时"),
        "session": ("one session", "同次检查"),
        "day": ("one day", "单日"),
        "encounter": ("one visit", "单次就诊"),
        "stay": ("one stay", "单次住院"),
    },
    "limit": {
        "daily": ("a day", "单日"),
        "period": ("a period", "周期"),
        "course": ("a course", "疗程"),
        "count": ("times", "次"),
        "hour": ("hours", "小时"),
        "day": ("days", "日"),
        "specific": ("specific", "特异口径"),
        "sensitive": ("sensitive", "敏感口径"),
        "M": ("male", "男"),
        "F": ("female", "女"),
        "U": ("unknown", "未知"),
    },
}


def term(kind: str, code: str | None) -> Text:
    """A code in words; the code itself where it is not known, a dash for None.

    Args:
        kind: which list of codes, for example ``authority``; KeyError where there is no such list.
        code: the code as it stands in the data.
    """
    if code is None:
        return Text(en="–", zh="–")
    en, zh = _TERMS[kind].get(code, (code, code))
    return Text(en=en, zh=zh)


def is_term(kind: str, code: str) -> bool:
    """Whether a code stands in a list of codes."""
    return code in _TERMS[kind]


def code_in_words(code: str) -> Text:
    """A code of an evidence value in words, whichever list it stands in; the code itself where none has it."""
    for kind in ("setting", "tier", "disposition", "grade", "level", "limit", "sign"):
        if code in _TERMS[kind]:
            return term(kind, code)
    plain = code.replace("_", " ") if _SNAKE.fullmatch(code) else code
    return Text(en=plain, zh=plain)
