"""What a sheet is: columns with bilingual headers and kinds, and rows of plain values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

Value: TypeAlias = str | int | float | Decimal | datetime | date | bool | None


class Kind(StrEnum):
    """How a column is typed and shown."""

    TEXT = "text"
    COUNT = "count"
    MONEY = "money"
    SHARE = "share"
    NUMBER = "number"
    MOMENT = "moment"


class Use(StrEnum):
    """What a column is for in a sheet that people work in."""

    SHOWN = "shown"
    LINK = "link"
    INPUT = "input"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Column:
    """One column: its name in the data contract, its Chinese title, its kind, its width in characters, its use."""

    name: str
    title_zh: str
    kind: Kind = Kind.TEXT
    width: int = 14
    use: Use = Use.SHOWN

    @property
    def header(self) -> str:
        """Both on two lines: the Chinese title, and the name that programs look for."""
        return f"{self.title_zh}\n{self.name}"


@dataclass(frozen=True)
class Sheet:
    """A named sheet; each row has one value a column. ``rows`` may be read once; ``height`` says how many there are.

    ``printed`` says how many columns from the left come on paper, ``frozen`` how many stay in sight; None = all, none.
    ``is_tall`` gives each row two lines.
    """

    name: str
    columns: Sequence[Column]
    height: int
    rows: Iterator[Sequence[Value]]
    printed: int | None = None
    frozen: int = 0
    is_hidden: bool = False
    is_tall: bool = False

    @property
    def is_filled_in(self) -> bool:
        """Whether people write into it: then everything but its input columns is locked."""
        return any(column.use is Use.INPUT for column in self.columns)


LEAD_COLUMNS = (
    Column("rank", "排名", Kind.COUNT, 7),
    Column("lead_id", "线索编号", width=27),
    Column("title_zh", "线索", width=28),
    Column("title_en", "线索（英文）", width=36),
    Column("grade", "级别", width=11),
    Column("subject_type", "对象类型", width=16),
    Column("subject_id", "对象", width=58),
    Column("subject_name", "对象名称", width=24),
    Column("institution_id", "机构编码", width=20),
    Column("institution_name", "机构名称", width=24),
    Column("detector_ids", "检测", width=32),
    Column("finding_count", "发现数", Kind.COUNT, 9),
    Column("exempt_count", "豁免数", Kind.COUNT, 9),
    Column("amount_at_issue", "涉及金额（元）", Kind.MONEY, 16),
    Column("fund_amount_at_issue", "涉及基金（元）", Kind.MONEY, 16),
    Column("probability", "属实概率", Kind.SHARE, 11),
    Column("score", "得分（元）", Kind.MONEY, 14),
    Column("first_occurred_at", "最早发生", Kind.MOMENT, 17),
    Column("last_occurred_at", "最近发生", Kind.MOMENT, 17),
    Column("referral_authorities", "移送部门", width=22),
    Column("evidence_path", "证据页", width=34),
    Column("reviewed_as", "已有认定", width=22),
)
"""The list of leads, in every format; names are those of leads.parquet, with the names of subject and institution,
and with the newest verdict on the lead where the case store knew one."""

FINDING_COLUMNS = (
    Column("rank", "线索排名", Kind.COUNT, 9),
    Column("lead_id", "线索编号", width=27),
    Column("standing", "状态", width=12),
    Column("finding_id", "发现编号", width=27),
    Column("detector_id", "检测", width=26),
    Column("detector_version", "版本", width=7),
    Column("sentence_zh", "说明", width=48),
    Column("sentence_en", "说明（英文）", width=48),
    Column("grade", "级别", width=11),
    Column("severity", "严重度", width=9),
    Column("confidence", "可信度", width=10),
    Column("exemption_id", "成立的豁免", width=20),
    Column("institution_id", "机构编码", width=20),
    Column("department_code", "科室", width=10),
    Column("practitioner_id", "医师", width=35),
    Column("patient_id", "患者", width=35),
    Column("encounter_id", "就诊", width=26),
    Column("index_event_id", "涉及项", width=26),
    Column("flagged_event_id", "疑点项", width=26),
    Column("occurred_at", "发生时间", Kind.MOMENT, 17),
    Column("amount_at_issue", "涉及金额（元）", Kind.MONEY, 16),
    Column("fund_amount_at_issue", "涉及基金（元）", Kind.MONEY, 16),
    Column("evidence_path", "证据页", width=34),
)
"""The findings; standing is ``ranked`` or ``exempt``; evidence_path leads to the finding's place on its lead's page."""

DRAWN_COLUMNS = (
    Column("lot", "抽签序号", Kind.COUNT, 9),
    Column("lead_id", "线索编号", width=27),
    Column("detector_id", "检测", width=18),
    Column("subject_id", "对象", width=58),
    Column("institution_id", "机构编码", width=20),
    Column("institution_name", "机构名称", width=24),
    Column("exam_count", "检查数", Kind.COUNT, 9),
    Column("encounter_count", "就诊数", Kind.COUNT, 9),
    Column("net_amount", "检查净金额（元）", Kind.MONEY, 16),
    Column("net_fund_amount", "其中基金（元）", Kind.MONEY, 16),
    Column("first_occurred_at", "最早发生", Kind.MOMENT, 17),
    Column("last_occurred_at", "最近发生", Kind.MOMENT, 17),
    Column("remark", "提示", width=52),
)
"""Cases drawn by lot; lead_id and detector_id are what a verdict file names one by (finding_id, detector_id)."""

DETECTOR_COLUMNS = (
    Column("detector_id", "检测", width=30),
    Column("title_zh", "名称", width=26),
    Column("title_en", "名称（英文）", width=40),
    Column("detector_version", "版本", width=7),
    Column("status", "状态", width=14),
    Column("reason", "原因", width=40),
    Column("examined", "已审查", Kind.COUNT, 11),
    Column("not_judged", "无法判断", Kind.COUNT, 11),
    Column("hits", "命中", Kind.COUNT, 9),
    Column("exempt", "豁免", Kind.COUNT, 9),
)
"""What each detector looked at, and why one could not."""

ABOUT_COLUMNS = (Column("name", "名称", width=34), Column("value", "内容", width=90))
"""What the workbook is made from."""
