"""readmission.los_piling (疑似卡限额出院): discharges heaped just under a limit of days or of payment."""

from __future__ import annotations

from detectors.card_parts import bounded, column, variant
from detectors.declaration import Detector, beside
from detectors.readmission.piling_judge import judge
from detectors.statistics import card_terms
from schemas.card import Text

LOS_PILING = Detector(
    id="readmission.los_piling",
    version=1,
    status="experimental",
    title=Text(en="Discharges heaped just under a limit", zh="疑似出院在天数或支付限额前堆积"),
    sentence=Text(
        en="{observed} stays end just [at the limit of {limit_days} days][under {limit_pct} % of the payment standard "
        "of their group] against {expected} expected (ratio {ratio}, z = {z}): indicators consistent with discharge by "
        "the limit, not by the patient's state.",
        zh="{observed}例住院恰止于[{limit_days}天限额][病组支付标准的{limit_pct}%以内]，按平滑分布预期{expected}例"
        "（比值{ratio}，z = {z}），疑似按限额而非病情安排出院。",
    ),
    subject_type="institution",
    legal_basis_ids=("fund_regulation_art_15",),
    tables=("main.institution", "pack.payment_standards", "prepared.discharge", "prepared.stay"),
    needs=(("encounter.ended_at",),),
    parameters=(
        bounded(
            "limit_days",
            15,
            (3, 365),
            "days",
            "the limit that the region or the payer sets on one stay; 15 in common use, set your own",
            "地方或支付方对单次住院天数的限额；常见15天，请按当地设定",
        ),
        bounded("under_days", 2, (1, 7), "days", "days up to the limit that heap", "限额（含）之前视为堆积的天数"),
        bounded("reach_days", 8, (4, 60), "days", "neighbourhood on either side of the limit", "限额两侧的邻域天数"),
        bounded(
            "limit_pct",
            100,
            (10, 1000),
            "percent",
            "of the pack's payment standard of the group, beyond which a case costs the hospital its own money; by the "
            "rules of DIP 50 and 200 are where a case counts as one of low or of excessive cost",
            "病组支付标准（见规则包）的百分比，超过即由医院自担；按DIP规范，50和200分别为费用偏低、费用超高的界限",
        ),
        bounded("under_pct", 6, (1, 50), "percent", "costs up to the limit that heap", "限额（含）之前视为堆积的费用"),
        bounded("reach_pct", 40, (10, 200), "percent", "neighbourhood on either side", "限额两侧的邻域"),
        bounded("step_pct", 2, (1, 10), "percent", "costs are counted in steps of so much", "费用计数的步长"),
        bounded("min_trials", 100, (1, 1e6), "stays", "fewer stays show no shape", "过少则看不出分布形状"),
        bounded("min_ratio", 1.5, (1, 100), None, "smaller heaps are ordinary custom", "较小的堆积属常见习惯"),
        bounded("z_min", 3.09, (0, 20), None, "99.8 % control limit", "99.8%控制限"),
        bounded("q_max", 0.05, (0, 1), None, "share of the list expected to be innocent", "名单中预期的误报比例"),
        bounded("min_peers", 5, (1, 1e6), "peers", "fewer say nothing of custom", "过少则无从了解惯例"),
        card_terms.QUARTERS,
        variant(
            "baseline",
            ("peers", "smooth"),
            "specific: heaps that peers have too are custom; sensitive: the smooth neighbourhood alone",
            "特异：同行同样的堆积视为惯例；敏感：仅与平滑邻域比较",
        ),
        variant(
            "payers",
            ("insured", "all"),
            "limits bind insured stays; self-paid ones may be added",
            "限额仅约束医保住院；可并入自费住院",
        ),
    ),
    evidence=(
        column("observed", "integer", "Stays that end just at or under the limit", "限额处出院数"),
        column("trials", "integer", "Stays in the neighbourhood", "邻域内住院数"),
        column("expected", "number", "Expected there", "该处预期数"),
        column("ratio", "number", "Observed ÷ expected", "实际÷预期"),
        column("beyond_ratio", "number", "Just beyond: observed ÷ smooth curve", "刚超限额处：实际÷平滑曲线"),
        column("z", "number", "z, roughness of the curve allowed for", "z值（已计入曲线不确定性）"),
        column("p_value", "number", "p-value", "p值"),
        card_terms.Q_COLUMN,
        column("peers", "integer", "Peers", "同行数", "peers"),
        column("peer_ratio", "number", "The same ratio of the peers together", "同行合计的同一比值"),
        column("limit_days", "integer", "Limit", "限额", "days"),
        column("under_days", "integer", "Days up to the limit that count", "计入堆积的天数", "days"),
        column("limit_pct", "integer", "Limit, of the payment standard", "限额（占支付标准）", "percent"),
        column("under_pct", "integer", "Costs up to the limit that count", "计入堆积的费用", "percent"),
        card_terms.PERIOD_COLUMN,
        column("lengths", "list", "Stays by length", "按天数的住院数"),
        column("costs", "list", "Stays by cost, of the payment standard", "按费用（占支付标准）的住院数"),
    ),
    exemption_ids=(),
    innocent_explanations=(
        Text(
            en="A course of treatment lasts that many days by its protocol (rehabilitation, Chinese medicine).",
            zh="疗程按规范即为该天数（康复、精神、中医等）。",
        ),
        Text(
            en="Ward rounds and discharges follow the week, and two weeks end just below the limit.",
            zh="查房与出院按周安排，两周恰在限额之前。",
        ),
        Text(
            en="Interim settlements at fixed days were sent as stays of their own.",
            zh="按固定天数的中途结算被作为独立住院上报。",
        ),
        Text(
            en="The group is paid a fixed price that is also what the hospital charges (a package for one disease).",
            zh="病组实行单病种定额收费，收费本就等于支付标准。",
        ),
        Text(
            en="Discharge dates were entered by default from the planned length of stay.",
            zh="出院日期按计划天数默认录入。",
        ),
    ),
    severity="medium",
    confidence="medium",
    grade="clue",
    referral_authorities=("insurance", "health"),
    prior=(2, 4),
    question_path=beside(__file__),
    judge=judge,
)
"""The detector, as the catalogue registers it."""
