"""The committed sample is what the generator makes, and small."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.sample import generate
from pipelines.sample.truth import TRUTH_COLUMNS
from schemas.tables import TABLES

COMMITTED = Path(__file__).parents[3] / "data_samples"
MOST_BYTES = 3_000_000


@pytest.fixture(scope="module")
def made_again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    stated = json.loads((COMMITTED / "truth" / "PREVALENCE.json").read_text(encoding="utf-8"))
    out = tmp_path_factory.mktemp("again")
    generate(stated["patients"], stated["seed"], out)
    return out


def relative_files(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}


def test_committed_sample_has_the_bytes_that_the_generator_makes(made_again: Path) -> None:
    for path in sorted(relative_files(made_again)):
        assert (COMMITTED / path).read_bytes() == (made_again / path).read_bytes(), path


def test_committed_sample_holds_every_table_every_truth_file_and_nothing_else() -> None:
    expected = {Path("extract") / f"{name}.csv" for name in TABLES}
    expected |= {Path("truth") / f"{name}.csv" for name in TRUTH_COLUMNS}
    expected |= {Path("truth/PREVALENCE.json"), Path("README.md"), Path("verdicts.csv")}
    assert relative_files(COMMITTED) == expected


def test_committed_sample_is_smaller_than_three_megabytes() -> None:
    assert sum((COMMITTED / path).stat().st_size for path in relative_files(COMMITTED)) <= MOST_BYTES


def test_every_case_is_planted_in_the_committed_sample() -> None:
    stated = json.loads((COMMITTED / "truth" / "PREVALENCE.json").read_text(encoding="utf-8"))
    assert min(stated["patients_by_case"].values()) >= 1
    assert all(stated["planted"][name] > 0 for name in TRUTH_COLUMNS)
