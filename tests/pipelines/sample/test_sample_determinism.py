"""The same patients and seed make the same extract, however it is cut into chunks."""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl
import pytest

from pipelines.sample import generate
from pipelines.sample.generate import BLOCK_PATIENTS
from pipelines.sample.sink import Sink
from schemas.errors import UsageError
from schemas.tables import TABLES

TWO_AND_A_BIT = 2 * BLOCK_PATIENTS + 70


def hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_chunk_size_changes_no_byte(tmp_path: Path) -> None:
    generate(TWO_AND_A_BIT, 9, tmp_path / "small", chunk_patients=1)
    generate(TWO_AND_A_BIT, 9, tmp_path / "large", chunk_patients=10 * BLOCK_PATIENTS)
    assert hashes(tmp_path / "small") == hashes(tmp_path / "large")


def test_another_seed_makes_another_extract(tmp_path: Path) -> None:
    for seed in (1, 2):
        generate(40, seed, tmp_path / str(seed))
    first, second = hashes(tmp_path / "1"), hashes(tmp_path / "2")
    assert first["extract/exam_order.csv"] != second["extract/exam_order.csv"]


def test_parquet_holds_the_rows_of_csv(tmp_path: Path) -> None:
    generate(150, 3, tmp_path / "csv")
    generate(150, 3, tmp_path / "parquet", format="parquet")
    for name in TABLES:
        text = pl.read_csv(tmp_path / "csv/extract" / f"{name}.csv", infer_schema=False)
        assert pl.read_parquet(tmp_path / "parquet/extract" / f"{name}.parquet").equals(text), name


def test_an_earlier_extract_of_another_format_is_replaced(tmp_path: Path) -> None:
    generate(5, 3, tmp_path)
    generate(5, 3, tmp_path, format="parquet")
    assert {path.suffix for path in (tmp_path / "extract").iterdir()} == {".parquet"}


def test_one_chunk_at_a_time_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heights: list[int] = []
    write = Sink.write

    def counted(sink: Sink, name: str, frame: pl.DataFrame) -> None:
        if name == "claim_line":
            heights.append(frame.height)
        write(sink, name, frame)

    monkeypatch.setattr(Sink, "write", counted)
    summary = generate(6 * BLOCK_PATIENTS, 1, tmp_path, chunk_patients=2 * BLOCK_PATIENTS)
    assert len(heights) == 3
    assert max(heights) < 0.4 * summary.rows["claim_line"]


def test_progress_is_told_after_each_chunk(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    generate(
        TWO_AND_A_BIT,
        1,
        tmp_path,
        chunk_patients=BLOCK_PATIENTS,
        on_progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(done, TWO_AND_A_BIT) for done in (BLOCK_PATIENTS, 2 * BLOCK_PATIENTS, TWO_AND_A_BIT)]


def test_larger_extracts_have_more_districts_doctors_and_outliers(tmp_path: Path) -> None:
    small, large = generate(2_000, 1, tmp_path / "small"), generate(44_000, 1, tmp_path / "large")
    assert large.rows["institution"] == 2 * small.rows["institution"]
    outliers = "ordering.outlier_practitioner"
    assert large.truth[outliers] > small.truth[outliers] >= 1
    assert large.rows["exam_order"] > 150_000


def test_one_patient_is_enough(tmp_path: Path) -> None:
    assert generate(1, 0, tmp_path).rows["patient"] == 1


@pytest.mark.parametrize(
    ("wrong", "named"),
    [({"patients": 0}, "patients"), ({"seed": -1}, "seed"), ({"chunk_patients": 0}, "chunk_patients")],
)
def test_counts_out_of_range_are_refused(tmp_path: Path, wrong: dict[str, int], named: str) -> None:
    arguments = {"patients": 5, "seed": 1, "chunk_patients": 10} | wrong
    with pytest.raises(UsageError, match=named):
        generate(arguments["patients"], arguments["seed"], tmp_path, chunk_patients=arguments["chunk_patients"])


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such format"):
        generate(5, 1, tmp_path, format="xml")  # type: ignore[arg-type]
