"""What the cards of all patterns have in common: parameters of the comparison, and the columns of its evidence."""

from __future__ import annotations

from detectors.card_parts import bounded, column
from detectors.declaration import Parameter
from detectors.statistics import card_terms
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
        card_terms.MIN_PATIENTS,
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
        card_terms.Q_MAX,
        card_terms.min_peers("peers"),
        card_terms.QUARTERS,
        card_terms.PERSISTENT_QUARTERS,
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
        card_terms.EXPECTED_SHARE,
        column("ratio", "number", "Observed ÷ expected", "实际÷预期"),
        column("odds_ratio", "number", "Odds ratio", "比值比"),
        *card_terms.Z_COLUMNS,
        column("p_value", "number", "p-value", "p值"),
        card_terms.Q_COLUMN,
        column(
            "probability",
            "number",
            "Probability that the true odds ratio reaches the limit",
            "真实比值比达到阈值的概率",
        ),
        *card_terms.peer_columns("peers"),
        card_terms.PATIENTS_COLUMN,
        card_terms.PERIOD_COLUMN,
        card_terms.TIER_COLUMN,
        card_terms.QUARTERS_COLUMN,
        column("case_mix", "list", "By mix of cases", "病例组合"),
        column("rerun_without_top_patient", "object", "Without the patient who had most", "剔除最多的患者后重算"),
        column("positive_rate", "object", "Positive results, own and peers'", "阳性率：本单位与同行"),
        column("share_funnel", "object", "Funnel of the peers", "同行漏斗图数据"),
    )
