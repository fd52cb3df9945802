"""Pack tables of money: what an item may cost at most, and what a case of a group is paid."""

from __future__ import annotations

from schemas.policy_examinations import VALIDITY
from schemas.table import Column, Kind, Table

OF_LEVEL = Column(
    "level",
    Kind.CHOICE,
    "Level of the institution; empty for all.",
    "机构等级，空为全部。",
    choices=("tertiary", "secondary", "primary", "ungraded"),
)

OF_REGION = Column("region_code", Kind.CODE, "Region; empty for all.", "地区代码，空为全部。")

PRICE_CEILINGS = Table(
    "price_ceilings",
    "价格上限",
    "one row an item, level of institution and region",
    "每个项目、每个机构等级、每个地区一行",
    key=("item_code", "level", "region_code"),
    columns=(
        Column("item_code", Kind.CODE, "Item.", "项目编码。", required=True),
        Column("item_name", Kind.TEXT, "Item in words.", "项目名称。"),
        OF_LEVEL,
        OF_REGION,
        Column("price_ceiling", Kind.MONEY, "Highest unit price.", "最高单价。", required=True, unit="yuan", minimum=0),
        *VALIDITY,
    ),
)

PAYMENT_STANDARDS = Table(
    "payment_standards",
    "病组支付标准",
    "one row a group of cases (DRG or DIP), level of institution and region",
    "每个病组（DRG或DIP）、每个机构等级、每个地区一行",
    key=("group_code", "level", "region_code"),
    columns=(
        Column("group_code", Kind.CODE, "DRG or DIP code of the stay.", "住院的DRG或DIP编码。", required=True),
        Column("group_name", Kind.TEXT, "Group in words.", "病组名称。"),
        OF_LEVEL,
        OF_REGION,
        Column(
            "standard_amount",
            Kind.MONEY,
            "What a case is paid: its weight times the rate, or its points times the value of a point.",
            "单个病例的支付标准：权重×费率，或分值×点值。",
            required=True,
            unit="yuan",
            minimum=1,
        ),
        *VALIDITY,
    ),
)

TABLES = (PRICE_CEILINGS, PAYMENT_STANDARDS)
