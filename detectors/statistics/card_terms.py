"""Parameters and evidence columns that mean the same on every card that rests on statistics, each written once."""

from __future__ import annotations

from detectors.card_parts import bounded, column
from detectors.declaration import Parameter
from schemas.card import EvidenceColumn

Q_MAX = bounded(
    "q_max",
    0.05,
    (0, 1),
    None,
    "share of the list expected to be innocent; 0.20 adds the watch list",
    "名单中预期的误报比例；0.20则含观察名单",
)
QUARTERS = bounded("quarters", 4, (1, 40), "quarters", "one year evens out seasons", "一年可平衡季节影响")
PERSISTENT_QUARTERS = bounded(
    "persistent_quarters", 2, (1, 40), "quarters", "a habit returns, a coincidence does not", "习惯会重复，偶然不会"
)
MIN_PATIENTS = bounded("min_patients", 10, (1, 1e6), "patients", "one patient is no pattern", "个别患者不构成模式")

Z_COLUMNS = (
    column("z", "number", "z, over-dispersion allowed for", "z值（已计入同行间差异）"),
    column("z_unadjusted", "number", "z by chance alone", "z值（仅计随机误差）"),
)
Q_COLUMN = column("q_value", "number", "False discovery rate q", "错误发现率q值")
EXPECTED_SHARE = column(
    "expected_pct", "number", "Peers' share, same mix of cases", "同行占比（相同病例组合）", "percent"
)
PATIENTS_COLUMN = column("patients", "integer", "Patients", "患者数")
PERIOD_COLUMN = column("period", "text", "Period", "分析期间")
TIER_COLUMN = column("tier", "text", "List: strong or watch", "名单层级：强或观察")
QUARTERS_COLUMN = column("quarters", "list", "By quarter", "分季度")


def min_peers(unit: str) -> Parameter:
    """The least number of peers; ``unit`` says what a peer is."""
    return bounded("min_peers", 20, (2, 1e6), unit, "fewer peers give no yardstick", "同行过少则没有比较基准")


def peer_columns(unit: str) -> tuple[EvidenceColumn, ...]:
    """With whom a subject is compared; ``unit`` says what a peer is."""
    return (
        column("peer_group", "text", "Peer group", "同行组"),
        column("peers", "integer", "Peers", "同行数", unit),
        column("rolled_up", "text", "Why the peer group was widened", "扩大同行组的原因"),
    )
