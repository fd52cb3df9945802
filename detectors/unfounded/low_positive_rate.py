"""CT, MR and X-ray that too seldom find anything, or always do: by institution, department and practitioner."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from detectors.card_parts import bounded, column, variant
from detectors.declaration import Detector, Value, beside
from detectors.statistics.pattern_card import comparison_columns, comparison_parameters
from detectors.statistics.pattern_comparison import UNIT
from detectors.statistics.pattern_judge import Pattern, judge_pattern, unjudged_units
from detectors.statistics.telling import six_digits
from schemas.card import Text

PATTERN = Pattern("positive_rate", is_two_sided=True, costs_when_low=True)

_COVERAGE = ("coverage_pct", "declared_pct")


def judge(rows: pl.DataFrame, parameters: Mapping[str, Value]) -> pl.DataFrame:
    """Institutions, departments and practitioners whose positive rate stands apart, too low or implausibly high.

    A unit is compared, and is a yardstick for others, only where at least ``min_coverage_pct`` of its studies say
    whether they were positive. A low share must also lie below ``low_below_pct``, a high one at ``high_above_pct`` or
    above.

    Args:
        rows: the question's rows, in any order.
        parameters: the card's, resolved.
    """
    told, cells, patients = _compared(rows, parameters)
    answers = judge_pattern(PATTERN, cells, patients, parameters)
    low, high = float(parameters["low_below_pct"]), float(parameters["high_above_pct"])
    is_low = pl.col("direction") == "low"
    kept = answers.filter((is_low & (pl.col("share_pct") < low)) | (~is_low & (pl.col("share_pct") >= high)))
    return _with_coverage(kept, told)


def unjudged(rows: pl.DataFrame, parameters: Mapping[str, Value]) -> Mapping[str, int]:
    """Institutions, departments and doctors, by kind of imaging, that could not be judged, by reason."""
    told, cells, patients = _compared(rows, parameters)
    few_reports = told.height - cells.select(UNIT).unique().height
    return {**unjudged_units(cells, patients, parameters), "too_few_reports": few_reports}


def _compared(rows: pl.DataFrame, parameters: Mapping[str, Value]) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Studies of each unit, cells of those whose reports say enough, and patients."""
    share = rows.filter(pl.col("grain") == "share").drop("grain", "patients", "top_observed")
    told = share.group_by(UNIT).agg(pl.col("performed", "trials", "declared").sum()).filter(pl.col("performed") > 0)
    enough = told.filter(pl.col("trials") * 100 >= pl.col("performed") * float(parameters["min_coverage_pct"]))
    cells = share.join(enough.select(UNIT), on=UNIT, how="semi", nulls_equal=True).filter(pl.col("trials") > 0)
    return told, cells, rows.filter(pl.col("grain") == "patients").select(*UNIT, "patients", "top_observed")


def _with_coverage(answers: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Answers with how much was told; a table of reports that is not declared whole lowers the confidence."""
    own = answers.select(pl.col("subject").alias("subject_type"), *UNIT[1:])
    own = own.join(told, on=UNIT, how="left", nulls_equal=True, maintain_order="left")
    percent = {
        name: [six_digits(100 * part / whole) for part, whole in own.select(column_, "performed").iter_rows()]
        for name, column_ in zip(_COVERAGE, ("trials", "declared"), strict=True)
    }
    answers = answers.with_columns(pl.Series(name, values, pl.Float64) for name, values in percent.items())
    is_whole = pl.col("declared_pct") >= 100
    return answers.with_columns(pl.when(is_whole).then("confidence").otherwise(pl.lit("low")).alias("confidence"))


LOW_POSITIVE_RATE = Detector(
    id="unfounded.low_positive_rate",
    version=1,
    status="experimental",
    title=Text(en="Positive rate of imaging far from peers'", zh="疑似影像检查阳性率异常"),
    sentence=Text(
        en="{observed} of {trials} studies were positive ({share_pct} %), peers {expected_pct} % with the same mix of "
        "cases ({peers} peers, z = {z}): indicators consistent with examinations without need, or with results "
        "that are not true.",
        zh="{trials}次检查中阳性{observed}次（{share_pct}%），"
        "相同病例组合下{peers}个同行为{expected_pct}%（z = {z}），疑似无依据检查或结果不实。",
    ),
    subject_type="institution",
    legal_basis_ids=("fund_regulation_art_15",),
    tables=("prepared.imaging_study", "main.extract_scope"),
    needs=(("exam_order",), ("exam_result.positive",)),
    parameters=(
        *comparison_parameters(min_trials=60, min_difference_pct=10, unit="studies"),
        bounded(
            "min_coverage_pct",
            80,
            (1, 100),
            "percent",
            "where fewer studies say whether they were positive, the rate is that of those that were written down",
            "若标注阳性与否的检查过少，阳性率仅反映有记录者",
        ),
        bounded(
            "low_below_pct",
            100,
            (0, 100),
            "percent",
            "no national cut was found: 100 leaves it to the peers; a region may set its own",
            "未见全国统一界值：100即仅与同行比较；地方可自定",
        ),
        bounded(
            "high_above_pct",
            90,
            (0, 100),
            "percent",
            "a high rate is good practice until nearly everything is positive; proposal",
            "阳性率高本属合理，几乎全部阳性方为可疑；建议值",
        ),
        variant(
            "modalities",
            ("CT;MR;DR", "CT;MR"),
            "CT, MR and large X-ray equipment",
            "CT、磁共振及大型X线设备",
        ),
    ),
    evidence=(
        *comparison_columns(
            Text(en="Positive studies", zh="阳性检查数"), Text(en="Studies with a result", zh="有结果的检查数")
        ),
        column("coverage_pct", "number", "Studies that say positive or not", "标注阳性与否的检查占比", "percent"),
        column("declared_pct", "number", "Studies in declared scope of reports", "报告申报范围内的检查占比", "percent"),
    ),
    exemption_ids=(),
    innocent_explanations=(
        Text(
            en="Screening, follow-up after treatment or checks before an operation find little by design.",
            zh="筛查、治疗后随访或术前检查本就少有阳性。",
        ),
        Text(
            en="Patients are referred to exclude a grave disease, where a negative result is the answer sought.",
            zh="患者转诊系为排除重病，阴性结果正是所求。",
        ),
        Text(
            en="Reporters draw the line of what counts as positive elsewhere than their peers do.",
            zh="报告医师对阳性的界定与同行不同。",
        ),
        Text(
            en="The interface writes positive or negative by default, whatever the report says.",
            zh="信息接口默认填写阳性或阴性，与报告内容无关。",
        ),
        Text(
            en="A sub-speciality sees patients whose disease is known already: nearly all studies are positive.",
            zh="亚专科患者病情已明，检查几乎均为阳性。",
        ),
    ),
    severity="medium",
    confidence="medium",
    grade="clue",
    referral_authorities=("health", "insurance"),
    prior=(2, 4),
    question_path=beside(__file__),
    judge=judge,
    unjudged=unjudged,
)
"""The detector, as the catalogue registers it."""
