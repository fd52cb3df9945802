"""Every generated file fits the declaration of its canonical table."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from schemas.table import Column, Kind, Table
from schemas.tables import TABLES

MOMENT = r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2})?$"
PATTERNS = {
    Kind.FLAG: r"^[01]$",
    Kind.INTEGER: r"^-?\d+$",
    Kind.MONEY: r"^-?\d+\.\d{2}$",
    Kind.QUANTITY: r"^-?\d+(\.\d+)?$",
    Kind.MEASURE: r"^-?\d+(\.\d+)?$",
    Kind.DATE: r"^\d{4}-\d{2}-\d{2}$",
    Kind.MOMENT: MOMENT,
    Kind.MONTH: r"^\d{4}-\d{2}$",
}


def read(made: Path, name: str) -> pl.DataFrame:
    return pl.read_csv(made / "extract" / f"{name}.csv", infer_schema=False)


def misfits(values: pl.Series, column: Column) -> int:
    known = values.drop_nulls()
    if column.kind is Kind.CHOICE:
        return known.filter(~known.is_in(list(column.choices))).len()
    pattern = PATTERNS.get(column.kind)
    return 0 if pattern is None else known.filter(~known.str.contains(pattern)).len()


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_file_has_the_declared_columns_kinds_and_choices(made: Path, table: Table) -> None:
    rows = read(made, table.name)
    assert rows.columns == list(table.column_names)
    assert rows.height > 0
    for column in table.columns:
        assert misfits(rows[column.name], column) == 0, column.name
        if column.required:
            assert rows[column.name].null_count() == 0, column.name


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_keys_are_unique(made: Path, table: Table) -> None:
    rows = read(made, table.name)
    assert rows.select(table.key).is_duplicated().sum() == 0


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_references_lead_to_a_row(made: Path, table: Table) -> None:
    rows = read(made, table.name)
    for column in table.columns:
        if column.references is not None:
            target, key = column.references.split(".")
            known = set(read(made, target)[key])
            assert set(rows[column.name].drop_nulls()) <= known, column.name


def test_nothing_happens_after_the_year(made: Path) -> None:
    for table in TABLES.values():
        rows = read(made, table.name)
        for column in table.columns:
            if column.kind is Kind.MOMENT:
                assert (rows[column.name].max() or "") < "2026", column.name


def test_values_are_missing_at_realistic_rates(made: Path) -> None:
    orders, lines = read(made, "exam_order"), read(made, "claim_line")
    exams = lines.filter(pl.col("charge_category").is_in(["检查费", "化验费"]))
    assert 0.02 < orders["performed_at"].null_count() / orders.height < 0.15
    assert 0.02 < lines["fund_amount"].null_count() / lines.height < 0.12
    assert 0.01 < exams["order_id"].null_count() / exams.height < 0.1


def test_charges_are_reversed_in_all_three_ways_and_in_part(made: Path) -> None:
    lines = read(made, "claim_line").with_columns(pl.col("quantity").cast(pl.Float64))
    negative = lines.filter(pl.col("quantity") < 0)
    assert negative["reverses_claim_line_id"].null_count() > 0
    assert negative["reverses_claim_line_id"].drop_nulls().len() > 0
    assert (lines["voided"] == "1").sum() > 0
    pointed = negative.join(lines, left_on="reverses_claim_line_id", right_on="claim_line_id")
    assert (pointed["quantity_right"] + pointed["quantity"] > 0).sum() > 0


def test_settlement_totals_are_the_sums_of_their_lines(made: Path) -> None:
    lines = read(made, "claim_line").filter(pl.col("voided") == "0")
    sums = lines.group_by("encounter_id").agg(pl.col("amount").cast(pl.Decimal(18, 2)).sum().alias("lines"))
    totals = read(made, "encounter").join(sums, on="encounter_id", how="left")
    off = totals.filter(pl.col("total_amount").cast(pl.Decimal(18, 2)) != pl.col("lines").fill_null(0))
    assert off.height == 0


def test_every_kind_and_level_of_institution_is_there(made: Path) -> None:
    declared, rows = TABLES["institution"], read(made, "institution")
    for name in ("level", "kind", "ownership"):
        assert set(rows[name]) == set(declared.column(name).choices)


def test_every_setting_and_disposition_is_there(made: Path) -> None:
    declared, rows = TABLES["encounter"], read(made, "encounter")
    for name in ("encounter_type", "discharge_disposition"):
        assert set(rows[name].drop_nulls()) == set(declared.column(name).choices)


def test_no_person_is_named(made: Path) -> None:
    assert read(made, "practitioner")["practitioner_name"].drop_nulls().len() == 0
