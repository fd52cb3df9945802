"""Words of what is shared: (English, Chinese) by key."""

from __future__ import annotations

SHARING_WORDS: dict[str, tuple[str, str]] = {
    "share.banner": (
        "Persons, visits and records are masked on this page (P# patient, D# doctor, V# visit, R# record, M# device); "
        "equal labels mean the same. Small numbers and reviewers' notes are withheld.",
        "本页已隐去人员、就诊与记录标识（P# 患者、D# 医师、V# 就诊、R# 记录、M# 设备），相同标签为同一对象；"
        "小数目与审核备注不予显示。",
    ),
    "share.title": ("Findings by institution, for sharing", "各机构检查疑点汇总（可共享）"),
    "share.rule": (
        "Suspicions awaiting review, in numbers only. Counts from 1 to {most} are withheld (*), "
        "and as many others as it takes that none of them can be worked out from the totals.",
        "本表仅列待核实疑点数目。1至{most}的数目不予显示（*），并隐去其他若干数目，使其无法由合计推出。",
    ),
    "share.by_institution": ("Open findings by institution and detector", "各机构各类疑点数"),
    "share.by_month": ("Open findings by month", "各月疑点数"),
    "share.ran": ("What was examined", "审查范围"),
    "share.total": ("Total", "合计"),
    "share.others": ("all other institutions", "其他机构合计"),
    "share.withheld": ("withheld: small, or it would give a small one away", "不予显示：数目过小，或可推出过小的数目"),
    "share.nothing": ("No open finding.", "无待核实疑点。"),
    "share.suspicions": (
        "All figures are suspicions (疑点) and no findings of misconduct.",
        "所列均为疑点，不构成对任何机构或个人行为的认定。",
    ),
}
