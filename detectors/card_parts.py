"""Short ways to write the parts of a card: a bounded number, a word out of a list, an evidence column.

Below them, columns that mean the same whatever is asked.
"""

from __future__ import annotations

from detectors.declaration import Parameter, Value
from schemas.card import EvidenceColumn, EvidenceType, Text


def bounded(name: str, default: Value, bounds: tuple[float, float], unit: str | None, en: str, zh: str) -> Parameter:
    """A number with its bounds and the reason for its default."""
    return Parameter(name, default, Text(en=en, zh=zh), unit=unit, minimum=bounds[0], maximum=bounds[1])


def variant(name: str, choices: tuple[str, ...], en: str, zh: str) -> Parameter:
    """A word out of a closed list; the first is the default."""
    return Parameter(name, choices[0], Text(en=en, zh=zh), choices=choices)


def column(name: str, type_: EvidenceType, en: str, zh: str, unit: str | None = None) -> EvidenceColumn:
    """An evidence column with its title in both languages."""
    return EvidenceColumn(name=name, type=type_, unit=unit, title=Text(en=en, zh=zh))


NAMED_ITEM = (
    column("item_code", "text", "Item code", "项目编码"),
    column("item_name", "text", "Item", "项目名称"),
)
"""The examination by its code and in words."""

FUND_ESTIMATED = column("is_fund_estimated", "boolean", "Fund part estimated", "基金为估算")
"""Whether the fund's part of the amount is apportioned."""
