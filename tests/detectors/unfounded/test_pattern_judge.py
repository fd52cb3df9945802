"""The judge of shares over small aggregated rows: who is compared with whom, and what makes a pattern."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from detectors.statistics.pattern_comparison import compare
from detectors.statistics.pattern_judge import ANSWER_SHAPE, Pattern, judge_pattern, unjudged_units
from detectors.unfounded.contrast_with_and_without import CONTRAST_WITH_AND_WITHOUT

PARAMETERS = {parameter.name: parameter.default for parameter in CONTRAST_WITH_AND_WITHOUT.parameters}
LAST_DAY = (date(2025, 12, 31) - date(1970, 1, 1)).days
HIGH, BOTH = Pattern("share"), Pattern("share", is_two_sided=True, costs_when_low=True)


def department(number: int, quarters: tuple[int, ...] = (4, 4, 4, 4), trials: int = 20, **columns: Any) -> pl.DataFrame:
    """One department with that many successes of ``trials`` in each quarter."""
    rows = [
        {
            "subject_type": "department",
            "institution_id": f"H{number:02d}",
            "department_code": "K1",
            "department_key": "03.01",
            "level": "tertiary",
            "family": "ct",
            "stratum": None,
            "quarter": f"2025Q{place}",
            "last_day": LAST_DAY,
            "last_quarter": 2025 * 4 + 4,
            "trials": trials,
            "observed": observed,
            "priced": observed,
            "amount": f"{100 * observed}.00",
            **columns,
        }
        for place, observed in enumerate(quarters, start=1)
    ]
    typed = {"stratum": pl.String, "level": pl.String}
    return pl.DataFrame(rows, schema_overrides=typed).with_columns(pl.col("amount").cast(pl.Decimal(18, 2)))


def patients(cells: pl.DataFrame, top: int = 1) -> pl.DataFrame:
    keys = ("subject_type", "institution_id", "department_code", "family")
    return cells.group_by(keys).agg(pl.col("trials").sum().alias("patients")).with_columns(top_observed=pl.lit(top))


def judged(cells: pl.DataFrame, pattern: Pattern = HIGH, top: int = 1, **changed: float) -> pl.DataFrame:
    return judge_pattern(pattern, cells, patients(cells, top), PARAMETERS | changed)


def world(*odd: pl.DataFrame, peers: int = 24) -> pl.DataFrame:
    """Peers with three, four or five of twenty, and the odd ones."""
    ordinary = [department(number, (3 + number % 3,) * 4) for number in range(1, peers + 1)]
    return pl.concat([*ordinary, *odd])


def test_a_department_with_most_of_its_cases_stands_out_and_its_surplus_is_priced() -> None:
    answer = judged(world(department(90, (14, 14, 14, 14)))).to_dicts()
    assert [one["subject_id"] for one in answer] == ["H90|K1"]
    assert answer[0]["expected"] == pytest.approx(16.0)
    assert float(answer[0]["amount_at_issue"]) == pytest.approx((56 - 16) * 100)
    assert answer[0]["confidence"] == "medium"


def test_the_order_of_rows_is_irrelevant() -> None:
    cells = world(department(90, (14, 14, 14, 14)))
    assert judged(cells).equals(judged(cells.reverse()))
    assert judged(cells).equals(judged(cells.sample(fraction=1.0, shuffle=True, seed=7)))


def test_one_quarter_is_a_coincidence() -> None:
    assert judged(world(department(90, (20, 4, 4, 4)))).is_empty()
    assert judged(world(department(90, (20, 4, 4, 4))), persistent_quarters=1, min_difference_pct=1).height <= 1


def test_what_rests_on_one_patient_is_no_pattern() -> None:
    assert judged(world(department(90, (14, 14, 14, 14)))).height == 1
    assert judged(world(department(90, (14, 14, 14, 14))), top=46).is_empty()


def test_a_low_share_counts_only_where_both_sides_do() -> None:
    peers = [department(number, (12 + number % 3,) * 4) for number in range(1, 25)]
    cells = pl.concat([*peers, department(90, (2, 2, 2, 2))])
    assert judged(cells).is_empty()
    answer = judged(cells, BOTH).to_dicts()
    assert [(one["subject_id"], one["direction"]) for one in answer] == [("H90|K1", "low")]
    assert float(answer[0]["amount_at_issue"]) > 0
    assert answer[0]["rerun_without_top_patient"] is None


def test_without_peers_nobody_is_judged() -> None:
    assert judged(world(department(90, (14, 14, 14, 14)), peers=19)).is_empty()


def test_who_could_not_be_judged_is_counted_with_the_reason() -> None:
    small = department(90, (4, 4, 4, 4), trials=5)
    cells = world(small, peers=19)
    assert unjudged_units(cells, patients(cells), PARAMETERS) == {"too_few_cases": 1, "too_few_peers": 19}
    cells = world(small, peers=21)
    assert unjudged_units(cells, patients(cells), PARAMETERS) == {"too_few_cases": 1, "too_few_peers": 0}
    assert unjudged_units(cells.clear(), patients(cells), PARAMETERS) == {}


def test_the_probability_is_that_of_a_true_odds_ratio_beyond_the_limit() -> None:
    clear, narrow = (judged(world(department(90, (n,) * 4)), min_difference_pct=1)["probability"] for n in (16, 9))
    assert clear.item() > 0.999
    assert 0.1 < narrow.item() < 0.9


def test_a_widened_group_is_said_and_lowers_the_confidence() -> None:
    odd = department(90, (14, 14, 14, 14), level="secondary", department_key="19")
    elsewhere = world(odd).with_columns(
        pl.when(pl.col("institution_id") == "H90").then("level").otherwise(pl.lit("secondary")).alias("level")
    )
    answer = judged(elsewhere).to_dicts()
    assert [one["confidence"] for one in answer] == ["low"]
    assert "all departments of the level" in answer[0]["rolled_up"]
    assert "同级别不分科室" in answer[0]["rolled_up"]


def test_no_row_gives_no_answer_of_the_declared_shape() -> None:
    empty = judge_pattern(HIGH, world().clear(), patients(world()).clear(), PARAMETERS)
    assert dict(empty.schema) == ANSWER_SHAPE


def test_a_strata_mix_that_explains_the_share_is_no_excess() -> None:
    mixed = [
        pl.concat(
            [
                department(number, (2,) * 4, stratum="plain"),
                department(number, (14,) * 4, trials=20, stratum="complex"),
            ]
        )
        for number in range(1, 25)
    ]
    specialist = pl.concat(
        [department(90, (0,) * 4, trials=1, stratum="plain"), department(90, (28,) * 4, trials=40, stratum="complex")]
    )
    cells = pl.concat([*mixed, specialist])
    comparison = compare(cells, patients(cells), PARAMETERS, is_two_sided=False)
    own = next(one for one in comparison.members if comparison.units["institution_id"][one.unit] == "H90")
    assert own.standing.target[own.position] == pytest.approx(0.69, abs=0.02)
    assert judged(cells).is_empty()


def test_the_ratio_is_observed_over_expected() -> None:
    answer = judged(world(department(0, (16, 16, 16, 16)))).row(0, named=True)
    assert answer["ratio"] == pytest.approx(answer["observed"] / answer["expected"], rel=1e-5)
