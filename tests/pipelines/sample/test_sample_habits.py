"""A district of habits: the same seed makes the same bytes, its truth names who is there, strengths differ as said."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pipelines import cli
from pipelines.sample.habits import HABITS, generate_habits
from schemas.errors import UsageError


@pytest.fixture(scope="module")
def clear(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clear")
    generate_habits("clear", 3, folder)
    return folder


def read(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_csv(folder / f"{name}.csv", infer_schema=False)


def test_the_same_seed_makes_the_same_bytes_and_another_seed_others(clear: Path, tmp_path: Path) -> None:
    generate_habits("clear", 3, tmp_path / "same")
    generate_habits("clear", 4, tmp_path / "other")
    files = sorted(path.relative_to(clear) for path in clear.rglob("*.csv"))
    assert len(files) == 17 + len(HABITS) + 1
    assert all((clear / name).read_bytes() == (tmp_path / "same" / name).read_bytes() for name in files)
    encounters = Path("extract", "encounter.csv")
    assert (clear / encounters).read_bytes() != (tmp_path / "other" / encounters).read_bytes()


@pytest.mark.parametrize("detector_id", HABITS)
def test_whoever_has_a_habit_is_in_the_extract_and_looks_alike_nowhere(clear: Path, detector_id: str) -> None:
    places = set(read(clear / "extract", "institution")["institution_id"])
    orders = read(clear / "extract", "exam_order")
    known = places | {f"{place}|K11" for place in places}
    known |= set(orders["ordering_practitioner_id"].drop_nulls()) | set(orders["device_id"].drop_nulls())
    planted = set(read(clear / "truth", detector_id)["subject_id"])
    alike = set(read(clear / "truth", "near_miss").filter(pl.col("detector_id") == detector_id)["subject_id"])
    assert planted
    assert alike
    assert planted | alike <= known
    assert planted.isdisjoint(alike)


def test_nobody_is_planted_in_a_district_of_strength_none(tmp_path: Path) -> None:
    summary = generate_habits("none", 3, tmp_path, format="parquet")
    assert [summary.truth[name] for name in HABITS] == [0] * len(HABITS)
    assert summary.truth["near_miss"] > 0


def test_a_strength_or_seed_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="strength"):
        generate_habits("strong", 1, tmp_path)
    with pytest.raises(UsageError, match="seed"):
        generate_habits("weak", -1, tmp_path)


def test_the_command_writes_a_district_and_refuses_what_is_unknown(tmp_path: Path) -> None:
    told = ["sample", "habits", "--seed", "1", "--out", str(tmp_path)]
    assert cli.run([*told, "--strength", "weak", "--format", "parquet"]) == 0
    assert (tmp_path / "extract" / "encounter.parquet").exists()
    assert cli.run([*told, "--strength", "strong"]) == 2
    assert cli.run([*told, "--format", "json"]) == 2
