"""What the cards of all patterns have in common: parameters of the comparison, and the columns of its evidence."""

from __future__ import annotations

from detectors.card_parts import bounded, column
from detectors.declaration import Parameter
from schemas.card import EvidenceColumn, Text


def comparison_parameters(min_trials: int, min_difference_pct: float, unit: str) -> tuple[Parameter, ...]:
    """Parameters of the comparison with peers.

    Args:
        min_trials: default of the fewest cases to be compared at all.
        min_difference_pct: default of the least difference, in percentage points.
        unit: what a case is.
    """
    return (
        bounded("min_trials", min_trials, (1, 1e6), unit, "fewer are too few to judge", "过少则不足以判断"),
        bounded("min_patients", 10, (1, 1e6), "patients", "one patient is no pattern", "个别患者不构成模式"),
        bounded(
            "min_odds_ratio", 2.0, (1, 100), None, "smaller excess is ordinary variation", "较小的差距属于正常差异"
        ),
        bounded(
            "min_difference_pct",
            min_difference_pct,
            (0, 100),
            "percent",
            "few cases in a hundred are no general practice; proposal",
            "每百例仅差数例，谈不上普遍做法；建议值",
        ),
        bounded(
            "q_max",
            0.05,
            (0, 1),
            None,
            "share of the list expected to be innocent; 0.20 adds the watch list",
            "名单中预期的误报比例；0.20则含观察名单",
        ),
        bounded("min_peers", 20, (2, 1e6), "peers", "fewer peers give no yardstick", "同行过少则没有比较基准"),
        bounded("quarters", 4, (1, 40), "quarters", "one year evens out seasons", "一年可平衡季节影响"),
        bounded(
            "persistent_quarters",
            2,
            (1, 40),
            "quarters",
            "a habit returns, a coincidence does not",
            "习惯会重复，偶然不会",
        ),
    )


def comparison_columns(observed: Text, trials: Text) -> tuple[EvidenceColumn, ...]:
    """Evidence columns of every pattern; ``observed`` and ``trials`` say what was counted."""
    return (
        column("subject", "text", "Compared", "比较对象"),
        column("family", "text", "Examination", "检查类别"),
        column("direction", "text", "Side", "方向"),
        EvidenceColumn(name="observed", type="integer", unit=None, title=observed),
        EvidenceColumn(name="trials", type="integer", unit=None, title=trials),
        column("share_pct", "number", "Share", "占比", "percent"),
        column("expected", "number", "Expected with peers' share", "按同行占比的预期数"),
        column("expected_pct", "number", "Peers' share, same mix of cases", "同行占比（相同病例组合）", "percent"),
        column("ratio", "number", "Observed ÷ expected", "实际÷预期"),
        column("odds_ratio", "number", "Odds ratio", "比值比"),
        column("z", "number", "z, over-dispersion allowed for", "z值（已计入同行间差异）"),
        column("z_unadjusted", "number", "z by chance alone", "z值（仅计随机误差）"),
        column("p_value", "number", "p-value", "p值"),
        column("q_value", "number", "False discovery rate q", "错误发现率q值"),
        column(
            "probability",
            "number",
            "Probability that the true odds ratio reaches the limit",
            "真实比值比达到阈值的概率",
        ),
        column("peer_group", "text", "Peer group", "同行组"),
        column("peers", "integer", "Peers", "同行数", "peers"),
        column("rolled_up", "text", "Why the peer group was widened", "扩大同行组的原因"),
        column("patients", "integer", "Patients", "患者数"),
        column("period", "text", "Period", "分析期间"),
        column("tier", "text", "List: strong or watch", "名单层级：强或观察"),
        column("quarters", "list", "By quarter", "分季度"),
        column("case_mix", "list", "By mix of cases", "病例组合"),
        column("rerun_without_top_patient", "object", "Without the patient who had most", "剔除最多的患者后重算"),
        column("positive_rate", "object", "Positive results, own and peers'", "阳性率：本单位与同行"),
        column("share_funnel", "object", "Funnel of the peers", "同行漏斗图数据"),
    )
