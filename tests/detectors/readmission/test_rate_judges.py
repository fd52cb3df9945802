"""The judges of institutions: the order of rows is irrelevant, and too little to judge is no finding."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from detectors.declaration import Detector, Value
from detectors.readmission.institution_rate import INSTITUTION_RATE
from detectors.readmission.los_piling import LOS_PILING

LAST = {"last_day": 20_453, "last_quarter": 2025 * 4 + 4}
MONEY = {"priced": 10, "amount": "90000.00", "fund_amount": "60000.00"}


def answers(detector: Detector, rows: pl.DataFrame, **changed: Value) -> pl.DataFrame:
    values: Mapping[str, Value] = {one.name: one.default for one in detector.parameters} | changed
    assert detector.judge is not None
    return detector.judge(rows.with_columns(pl.col("amount", "fund_amount").cast(pl.Decimal(18, 2))), values)


def lengths(institutions: int = 12, heap: int = 60) -> pl.DataFrame:
    """Twenty stays of every length; the first institution has ``heap`` on days 14 and 15."""
    rows = [
        {"institution_id": f"H{number:02d}", "scale": "days", "place": day, "stays": stays, **LAST, **MONEY}
        for number in range(institutions)
        for day in range(7, 24)
        for stays in [heap if number == 0 and day in (14, 15) else 20 + (number + day) % 3]
    ]
    return pl.DataFrame(rows)


def discharges() -> pl.DataFrame:
    """Thirty institutions with one return in ten, the first with three in ten."""
    rows = [
        {
            "institution_id": f"H{number:02d}",
            "level": "secondary",
            "stratum": stratum,
            "quarter": f"2025Q{quarter}",
            "told_patient_id": None if patient is None else f"{number}-{quarter}-{stratum}-{patient}",
            "trials": 100 - back if patient is None else 1,
            **LAST,
            **(MONEY if patient is None else {"priced": 1, "amount": "9000.00", "fund_amount": "6000.00"}),
        }
        for number in range(30)
        for quarter in range(1, 5)
        for stratum in ("I25 × 65+", "J44 × <65")
        for back in [30 if number == 0 else 8 + (number + quarter) % 5]
        for patient in (None, *range(back))
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def test_an_institution_that_stands_out_is_named_whatever_the_order_of_rows() -> None:
    for detector, rows in ((LOS_PILING, lengths()), (INSTITUTION_RATE, discharges())):
        found = answers(detector, rows)
        assert found["institution_id"].to_list() == ["H00"], detector.id
        assert found.equals(answers(detector, rows.sample(fraction=1, shuffle=True, seed=5))), detector.id


def test_the_measure_that_names_a_finding_holds_no_parameter() -> None:
    once = answers(LOS_PILING, lengths())
    again = answers(LOS_PILING, lengths(), reach_days=7, min_ratio=1.1)
    assert once.select("measure", "family", "period").equals(again.select("measure", "family", "period"))


def test_the_excess_is_priced_at_the_mean_of_what_heaps() -> None:
    [row] = answers(LOS_PILING, lengths()).to_dicts()
    assert row["observed"] == 120
    assert abs(float(row["amount_at_issue"]) - 9000 * (row["observed"] - row["expected"])) < 1


def test_too_little_to_judge_is_no_finding() -> None:
    assert answers(LOS_PILING, lengths().clear()).is_empty()
    assert answers(LOS_PILING, lengths(), limit_days=3, reach_days=4, under_days=3).is_empty()
    assert answers(LOS_PILING, lengths(), min_trials=1_000).is_empty()
    assert answers(INSTITUTION_RATE, discharges().clear()).is_empty()
    assert answers(INSTITUTION_RATE, discharges(), min_peers=30).is_empty()


def test_one_institution_alone_is_held_against_its_own_curve() -> None:
    [row] = answers(LOS_PILING, lengths(institutions=1)).to_dicts()
    assert (row["peers"], row["peer_ratio"]) == (0, None)


def test_confidence_is_low_where_other_levels_are_among_the_peers() -> None:
    is_upper = pl.col("institution_id") < "H12"
    mixed = discharges().with_columns(pl.when(is_upper).then(pl.lit("tertiary")).otherwise("level").alias("level"))
    [narrow], [wide] = answers(INSTITUTION_RATE, discharges()).to_dicts(), answers(INSTITUTION_RATE, mixed).to_dicts()
    assert (narrow["rolled_up"], narrow["confidence"]) == (None, "medium")
    assert wide["confidence"] == "low"
