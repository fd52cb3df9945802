"""What the cards of ordering outliers have in common: parameters of the comparison, columns of its evidence."""

from __future__ import annotations

from pathlib import Path

from detectors.card_parts import bounded, column, variant
from detectors.declaration import Parameter
from detectors.statistics import card_terms
from detectors.statistics.expected import PRIOR_VISITS
from schemas.card import EvidenceColumn


def standardising(*measuring: str) -> tuple[Path, ...]:
    """The steps from the visits asked for to what each unit did and was expected to do, in turn.

    Args:
        measuring: the files that give ``work.cell`` and ``work.family``, what is measured, below this folder.
    """
    before, after = ("unit", "mix", "numbered", "answered", "visit"), ("stratum", "own", "rate", "expected", "compared")
    here = Path(__file__).parent
    steps = [*(f"standardising/{step}" for step in before), *measuring, *(f"standardising/{step}" for step in after)]
    return tuple(here / f"{step}.sql" for step in steps)


def outlier_parameters(least: tuple[float, int, int], peers_unit: str) -> tuple[Parameter, ...]:
    """Parameters of the comparison with peers.

    Args:
        least: fewest expected examinations, visits and patients to be compared at all.
        peers_unit: what a peer is.
    """
    return (
        bounded(
            "min_expected",
            least[0],
            (0, 1e6),
            "examinations",
            "fewer expected are too few to judge",
            "预期数过少则不足以判断",
        ),
        bounded(
            "min_visits", least[1], (1, 1e6), "visits", "fewer visits are too few to judge", "就诊过少则不足以判断"
        ),
        bounded("min_patients", least[2], (1, 1e6), "patients", "one patient is no pattern", "个别患者不构成模式"),
        bounded("min_ratio", 1.5, (1, 100), None, "smaller excess is ordinary variation", "较小的超出属于正常差异"),
        card_terms.Q_MAX,
        card_terms.min_peers(peers_unit),
        bounded(
            "prior_visits",
            PRIOR_VISITS,
            (0, 1e6),
            "visits",
            "a stratum of so many visits by others counts for half, its coarser stratum for the rest",
            "其他人在某层的就诊达到此数时，该层与其上层各占一半权重",
        ),
        card_terms.QUARTERS,
        card_terms.PERSISTENT_QUARTERS,
        variant(
            "null",
            ("one_for_group", "by_size"),
            "by_size fits how peers of like size differ, in large groups; what all units of a size do it then takes "
            "for granted",
            "by_size在大组内按规模拟合同行差异；同时也会把同一规模单位的普遍做法视为常态",
        ),
    )


def outlier_columns(peers_unit: str) -> tuple[EvidenceColumn, ...]:
    """Evidence columns; ``peers_unit`` says what a peer is."""
    return (
        column("subject", "text", "Compared", "比较对象"),
        column("measured", "text", "Measure", "指标"),
        column("observed", "integer", "Observed", "实际数"),
        column("trials", "integer", "Out of", "总数"),
        column("share_pct", "number", "Share", "占比", "percent"),
        column("expected", "number", "Expected of peers", "按同行的预期数"),
        card_terms.EXPECTED_SHARE,
        column("ratio", "number", "Observed over expected", "实际与预期之比"),
        *card_terms.Z_COLUMNS,
        column("p_value", "number", "One-sided p-value", "单侧p值"),
        card_terms.Q_COLUMN,
        column(
            "probability", "number", "Probability that the true ratio is above the threshold", "真实比值超过阈值的概率"
        ),
        column("shrunk_ratio", "number", "Ratio shrunk towards peers", "向同行收缩后的比值"),
        *card_terms.peer_columns(peers_unit),
        card_terms.PATIENTS_COLUMN,
        column("visits", "integer", "Visits", "就诊次数"),
        column("setting", "text", "Setting", "就诊场景"),
        card_terms.PERIOD_COLUMN,
        card_terms.TIER_COLUMN,
        card_terms.QUARTERS_COLUMN,
        column("families", "list", "By examination family", "分检查类别"),
        column("case_mix", "list", "Case mix by diagnosis group", "病例组合（诊断组）"),
        column("rerun_without_top_patient", "object", "Without the most examined patient", "剔除检查最多患者后重算"),
        column("positive_rate", "object", "Positive results, own and peers'", "阳性率：本人与同行"),
        column("funnel", "object", "Funnel of the peers", "同行漏斗图数据"),
        column(
            "second_opinion", "object", "All measures at once: how unusual, and why", "多指标综合：异常程度及其来源"
        ),
        column("null_by_size", "object", "Null fitted by size", "按规模拟合的零分布"),
        column("share_funnel", "object", "Funnel of the peers' shares", "同行占比漏斗图数据"),
        column("money_counted_in", "text", "Measure whose finding states the money", "金额计入的指标"),
    )
