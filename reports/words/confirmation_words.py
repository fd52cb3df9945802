"""Words of a fact confirmation sheet: (English, Chinese) by key."""

from __future__ import annotations

CONFIRMATION_WORDS: dict[str, tuple[str, str]] = {
    "confirm.title": ("Confirmation of facts about medical examinations", "医疗检查事实确认表"),
    "confirm.link": ("Fact confirmation sheet", "事实确认表"),
    "confirm.number": ("Sheet", "编号"),
    "confirm.period": ("Period", "涉及期间"),
    "confirm.matter": ("Matter to be clarified", "待核实事项"),
    "confirm.matters": ("Matters to be clarified", "待核实事项"),
    "confirm.plea": (
        "This sheet asks whether the records below are as they were made. It is no finding of misconduct: confirming a "
        "fact does not accept what it might mean, and reasons belong into the statement.",
        "本表仅请确认下列记录是否属实，不构成对行为性质的任何认定；确认事实不等于认可其性质，理由请写入说明。",
    ),
    "confirm.facts": ("Facts on record", "记录载明的事实"),
    "confirm.nth": ("No.", "序号"),
    "confirm.fact": ("What the record says, and where", "记录内容及出处"),
    "confirm.answer": ("Reply", "确认意见"),
    "confirm.true": ("as recorded", "属实"),
    "confirm.untrue": ("not so", "不属实"),
    "confirm.sum_of": (
        "over patient episodes; amounts of doctors, departments and the institution lie within them and are not added",
        "按患者就诊合计；医师、科室、机构层面的金额已含于其中，不再累加",
    ),
    "confirm.left_out": ("{n} more stand in leads.xlsx.", "另有{n}项见 leads.xlsx。"),
    "confirm.statement": ("Statement of the institution", "医疗机构说明"),
    "confirm.statement_hint": (
        "For each row that is not so: its number, what happened, and the record that shows it (attach copies).",
        "对不属实的各行，请写明序号、实际情况及可证明的记录（附复印件）。",
    ),
    "confirm.signing": ("Signatures", "签字"),
    "confirm.who": ("Person", "人员"),
    "confirm.signature": ("Signature and seal", "签字（盖章）"),
    "confirm.date": ("Date", "日期"),
    "confirm.head": ("For the institution", "医疗机构负责人"),
    "confirm.department_head": ("For the department", "科室负责人"),
    "confirm.officer_one": ("First officer", "检查人员一"),
    "confirm.officer_two": ("Second officer", "检查人员二"),
    "confirm.refusal": (
        "Where a signature is refused, both officers note the reason and the time here.",
        "拒绝签字的，由两名检查人员注明原因和时间。",
    ),
}
