"""Doctors whose patients have far more examinations than the same patients of their peers would (DOMAIN 3).

The question counts visits and examinations by doctor and stratum; the judge standardises, draws the funnel and keeps
those who stand out in size, in certainty, over time, and without their most examined patient.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from detectors.declaration import Detector, Parameter, Value, beside
from detectors.ordering.outlier_evidence import SHAPE, Tested, evidence_of, is_persistent, look_closer
from detectors.ordering.peer_comparison import Comparison, compare
from detectors.statistics.telling import period_label, priced
from schemas.card import EvidenceColumn, Text

MEASURE = "exam_events_per_visit"

ANSWER_SHAPE: dict[str, Any] = {
    "subject_id": pl.String,
    "institution_id": pl.String,
    "department_code": pl.String,
    "practitioner_id": pl.String,
    "occurred_at": pl.Datetime("us"),
    "amount_at_issue": pl.Decimal(18, 2),
    "fund_amount_at_issue": pl.Decimal(18, 2),
    "measure": pl.String,
    "family": pl.String,
    **SHAPE,
}
"""Columns of an answer: whose, when, how much; what makes its id (with ``period``); evidence."""


def judge(rows: pl.DataFrame, parameters: Mapping[str, Value]) -> pl.DataFrame:
    """Doctors who stand apart from their peers.

    Flagged where O/E >= ``min_ratio``, q <= ``q_max``, the excess returns in ``persistent_quarters`` quarters, and
    O/E >= ``min_ratio`` still holds without the most examined patient; enough data and peers are conditions of being
    compared at all.

    Args:
        rows: the question's rows, in any order.
        parameters: the card's, resolved.

    Returns:
        One row a flagged unit (doctor x institution x department x setting), columns ``ANSWER_SHAPE``, sorted.
    """
    strata, families = (rows.filter(pl.col("grain") == grain) for grain in ("stratum", "family"))
    if strata.is_empty():
        return pl.DataFrame(schema=ANSWER_SHAPE)
    comparison = compare(strata, parameters)
    period = period_label(int(strata["last_quarter"][0]), int(parameters["quarters"]))
    ended = datetime(1970, 1, 1) + timedelta(days=int(strata["last_day"][0]))  # noqa: DTZ001 - local wall time
    flagged = [tested for tested in _look_closer_at_all(comparison, parameters) if _holds(tested, parameters)]
    answers = [
        {**_whose(tested, comparison, ended), **evidence_of(tested, comparison, families, period)} for tested in flagged
    ]
    return pl.DataFrame(answers, schema=ANSWER_SHAPE, orient="row").sort("institution_id", "subject_id", "measure")


def _look_closer_at_all(comparison: Comparison, parameters: Mapping[str, Value]) -> list[Tested]:
    """Those who pass on size and certainty over the whole period."""
    return [
        look_closer(comparison, member)
        for member in comparison.members
        if member.standing.ratio[member.position] >= float(parameters["min_ratio"])
        and member.standing.q[member.position] <= float(parameters["q_max"])
    ]


def _holds(tested: Tested, parameters: Mapping[str, Value]) -> bool:
    """Whether the excess lasts over time and does not rest on one patient."""
    rerun = tested.rerun
    rests_on_many = rerun["expected"] > 0 and rerun["observed"] >= float(parameters["min_ratio"]) * rerun["expected"]
    return is_persistent(tested.quarters, parameters) and rests_on_many


def _whose(tested: Tested, comparison: Comparison, ended: datetime) -> dict[str, Any]:
    member = tested.member
    unit = comparison.units.row(member.unit, named=True)
    excess = unit["events"] - float(member.standing.expected[member.position])
    return {
        "subject_id": unit["practitioner_id"],
        "institution_id": unit["institution_id"],
        "department_code": unit["department_code"],
        "practitioner_id": unit["practitioner_id"],
        "occurred_at": ended,
        "amount_at_issue": priced(excess, unit["amount"], unit["priced"]),
        "fund_amount_at_issue": priced(excess, unit["fund_amount"], unit["priced"]),
        "measure": f"{MEASURE}/{unit['setting']}/{unit['department_key']}",
        "family": "all",
    }


def _parameter(name: str, default: Value, bounds: tuple[float, float], unit: str | None, en: str, zh: str) -> Parameter:
    return Parameter(name, default, Text(en=en, zh=zh), unit=unit, minimum=bounds[0], maximum=bounds[1])


def _column(name: str, type_: Any, en: str, zh: str, unit: str | None = None) -> EvidenceColumn:  # noqa: ANN401
    return EvidenceColumn(name=name, type=type_, unit=unit, title=Text(en=en, zh=zh))


OUTLIER_PRACTITIONER = Detector(
    id="ordering.outlier_practitioner",
    version=1,
    status="experimental",
    title=Text(en="Doctor far above peers in examinations", zh="疑似开单明显高于同行"),
    sentence=Text(
        en="{observed} examinations in {visits} visits of {patients} patients during {period}, {ratio} times the "
        "{expected} expected of {peers} peers with the same case mix (q = {q_value}): indicators consistent with "
        "over-examination.",
        zh="{period}期间{patients}名患者{visits}次就诊共检查{observed}项，为{peers}名同行在相同病例组合下预期值{expected}的"
        "{ratio}倍（q = {q_value}），疑似过度检查。",
    ),
    subject_type="practitioner",
    legal_basis_ids=("fund_regulation_art_15", "practising_doctors_law"),
    tables=("prepared.visit", "prepared.exam_event"),
    needs=(
        (
            "exam_order.ordering_practitioner_id",
            "claim_line.ordering_practitioner_id",
            "encounter.attending_id",
        ),
        ("exam_order", "claim_line"),
    ),
    parameters=(
        _parameter(
            "min_expected", 5, (0, 1e6), "examinations", "fewer expected are too few to judge", "预期数过少则不足以判断"
        ),
        _parameter("min_visits", 30, (1, 1e6), "visits", "fewer visits are too few to judge", "就诊过少则不足以判断"),
        _parameter("min_patients", 10, (1, 1e6), "patients", "one patient is no pattern", "个别患者不构成模式"),
        _parameter("min_ratio", 1.5, (1, 100), None, "smaller excess is ordinary variation", "较小的超出属于正常差异"),
        _parameter(
            "q_max",
            0.05,
            (0, 1),
            None,
            "share of the list expected to be innocent; 0.20 adds the watch list",
            "名单中预期的误报比例；0.20则含观察名单",
        ),
        _parameter("min_peers", 20, (2, 1e6), "doctors", "fewer peers give no yardstick", "同行过少则没有比较基准"),
        _parameter("quarters", 4, (1, 40), "quarters", "one year evens out seasons", "一年可平衡季节影响"),
        _parameter(
            "persistent_quarters",
            2,
            (1, 40),
            "quarters",
            "a habit returns, a coincidence does not",
            "习惯会重复，偶然不会",
        ),
    ),
    evidence=(
        _column("observed", "integer", "Examinations observed", "实际检查数"),
        _column("expected", "number", "Examinations expected", "预期检查数"),
        _column("ratio", "number", "Observed over expected", "实际与预期之比"),
        _column("z", "number", "z, over-dispersion allowed for", "z值（已计入同行间差异）"),
        _column("z_unadjusted", "number", "z by chance alone", "z值（仅计随机误差）"),
        _column("p_value", "number", "One-sided p-value", "单侧p值"),
        _column("q_value", "number", "False discovery rate q", "错误发现率q值"),
        _column(
            "probability", "number", "Probability that the true ratio is above the threshold", "真实比值超过阈值的概率"
        ),
        _column("shrunk_ratio", "number", "Ratio shrunk towards peers", "向同行收缩后的比值"),
        _column("peer_group", "text", "Peer group", "同行组"),
        _column("peers", "integer", "Peers", "同行人数", "doctors"),
        _column("rolled_up", "text", "Why the peer group was widened", "扩大同行组的原因"),
        _column("patients", "integer", "Patients", "患者数"),
        _column("visits", "integer", "Visits", "就诊次数"),
        _column("setting", "text", "Setting", "就诊场景"),
        _column("period", "text", "Period", "分析期间"),
        _column("tier", "text", "List: strong or watch", "名单层级：强或观察"),
        _column("quarters", "list", "By quarter", "分季度"),
        _column("families", "list", "By examination family", "分检查类别"),
        _column("case_mix", "list", "Case mix by diagnosis group", "病例组合（诊断组）"),
        _column("rerun_without_top_patient", "object", "Without the most examined patient", "剔除检查最多患者后重算"),
        _column("positive_rate", "object", "Positive results, own and peers'", "阳性率：本人与同行"),
        _column("funnel", "object", "Funnel of the peers", "同行漏斗图数据"),
    ),
    exemption_ids=(),
    innocent_explanations=(
        Text(
            en="A sub-speciality clinic sees patients who need more examinations than the department's others.",
            zh="亚专科门诊的患者本就需要比同科室其他患者更多的检查。",
        ),
        Text(
            en="Patients are sicker than their diagnosis codes show, for example referred after failed treatment.",
            zh="患者病情比诊断编码所示更重，例如治疗失败后转诊。",
        ),
        Text(
            en="A screening programme, trial or pre-operative pathway prescribes the examinations.",
            zh="筛查项目、临床试验或术前路径规定了这些检查。",
        ),
        Text(
            en="A teaching clinic or a shared account: several doctors' orders are typed under one name.",
            zh="教学门诊或共用账号：多名医生的医嘱录在同一人名下。",
        ),
        Text(
            en="Orders of colleagues or of consultations are booked on the responsible doctor of the stay.",
            zh="同事或会诊医生的医嘱记在住院责任医师名下。",
        ),
        Text(
            en="Peers' examinations are missing from the extract, or stand in another department's code.",
            zh="同行的检查未纳入本次数据，或记在其他科室编码下。",
        ),
    ),
    severity="medium",
    confidence="medium",
    grade="clue",
    referral_authorities=("health", "insurance"),
    prior=(2, 3),
    question_path=beside(__file__),
    judge=judge,
)
"""The detector, as the catalogue registers it."""
