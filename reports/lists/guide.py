"""Sheets that help to fill in the others: how to, the code lists, and the hidden lists that cells choose from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reports.lists.sheet import Column, Value
from reports.run_folder import Run
from schemas.card import Text
from schemas.review_codes import NECESSITY, REASONS, REGULARITY, VERDICTS, Code

GUIDE_COLUMNS = (Column("step", "步骤", width=7), Column("zh", "中文", width=62), Column("en", "英文", width=78))
CODE_COLUMNS = (
    Column("list", "列", width=16),
    Column("code", "代码", width=26),
    Column("title_zh", "名称", width=28),
    Column("title_en", "名称（英文）", width=38),
    Column("used_with", "用于", width=34),
    Column("meaning", "说明", width=52),
)

_STEPS = (
    (
        "在 leads 表的黄色单元格填写认定、理由和说明；个别发现的认定与整条线索不同时，在 findings 表另填。",
        "Fill in the yellow cells of the sheet leads; where one finding differs from its lead, fill in findings too.",
    ),
    (
        "认定与理由从下拉列表选择；含义见 codes 表。理由选“豁免情形成立”时须选成立的豁免情形；选“其他”时须写说明。",
        "Choose verdict and reason from the lists (sheet codes). Reason exemption_holds needs the exemption; "
        "other needs a note.",
    ),
    (
        "必要性、规范性是对检查本身的两项意见，可不填。",
        "Necessity and regularity are two opinions on the examination itself; they may stay empty.",
    ),
    (
        "证据列已锁定，每行带有签名：改动证据、运行编号或签名的行不予导入。可筛选、调整列宽。",
        "Evidence is locked and every row is signed: a row whose evidence was changed is not taken in. Filter freely.",
    ),
    (
        "证据页链接为相对路径：请把本表与 report 文件夹放在一起。",
        "Links to evidence pages are relative: keep this workbook beside the folder report.",
    ),
    (
        "填好后保存为 xlsx，运行：exam-audit review import 文件。先显示差异，确认后写入；重复导入不会重复记录。",
        "Save as xlsx and run: exam-audit review import FILE. It shows the difference first and writes when confirmed.",
    ),
    (
        "不填的行不导入。所列均为疑似线索，未经认定不作定性。",
        "Rows left empty are not taken in. All rows are indicators; none is a breach before its verdict.",
    ),
)


def guide_rows() -> list[tuple[Value, ...]]:
    """The steps of filling in, numbered, in both languages."""
    return [(str(number), zh, en) for number, (zh, en) in enumerate(_STEPS, start=1)]


def exemptions_of(run: Run) -> dict[str, Text]:
    """Exemptions that the run's cards name, by id, sorted."""
    named = {one.exemption_id: one.title for card in run.cards.values() for one in card.exemptions}
    return dict(sorted(named.items()))


def choice(code: str, title: Text) -> str:
    """A code as a cell shows it: ``属实 substantiated``."""
    return f"{title.zh} {code}"


_LISTED: dict[str, Sequence[Code]] = {
    "verdict": VERDICTS,
    "reason_code": REASONS,
    "necessity": NECESSITY,
    "regularity": REGULARITY,
}
_BY_TITLE = {
    (name, title): one.code
    for name, codes in _LISTED.items()
    for one in codes
    for title in (one.title.zh, one.title.en.lower())
}


def code_of(name: str, cell: str) -> str:
    """The code in an input cell: the choice's last word, the bare code, or the title alone in either language."""
    words = cell.split()
    return _BY_TITLE.get((name, " ".join(words).lower())) or (words[-1] if words else "")


def choices(run: Run) -> dict[str, list[str]]:
    """What may be chosen in each input column that has a list."""
    fixed = {name: [choice(one.code, one.title) for one in codes] for name, codes in _LISTED.items()}
    return fixed | {"exemption_held": [choice(code, title) for code, title in exemptions_of(run).items()]}


def code_rows(run: Run) -> Iterator[tuple[Value, ...]]:
    """Every code that may be chosen, with its words."""
    for verdict in VERDICTS:
        meaning = f"{verdict.meaning.zh} {verdict.meaning.en}"
        yield ("verdict", verdict.code, verdict.title.zh, verdict.title.en, "", meaning)
    for reason in REASONS:
        needs = [("exemption_held", reason.needs_exemption), ("note", reason.needs_note)]
        named = ", ".join(name for name, is_needed in needs if is_needed)
        meaning = f"须填 needs {named}" if named else ""
        yield ("reason_code", reason.code, reason.title.zh, reason.title.en, ", ".join(reason.verdicts), meaning)
    for code, title in exemptions_of(run).items():
        yield ("exemption_held", code, title.zh, title.en, "exemption_holds", "")
    for name, codes in (("necessity", NECESSITY), ("regularity", REGULARITY)):
        for one in codes:
            yield (name, one.code, one.title.zh, one.title.en, "", "")
