"""Verdict files: read as they are meant, refused without telling a row, one hash for what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.verdict_file import read_verdicts
from schemas.errors import InputError, UsageError

HEADER = "finding_id,detector_id,outcome,decided_on\n"
ROWS = (
    "f1,repeat.same_institution,substantiated,2025-06-01\n",
    "f2,repeat.same_institution,unsubstantiated,2025-06-02\n",
)


def written(folder: Path, text: str, name: str = "verdicts.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_csv_and_parquet_in_any_order_have_one_hash(tmp_path: Path) -> None:
    one = read_verdicts(written(tmp_path, HEADER + "".join(ROWS)))
    other = read_verdicts(written(tmp_path, HEADER + "".join(reversed(ROWS)) + ROWS[0], "more.csv"))
    one.rows.write_parquet(tmp_path / "verdicts.parquet")
    assert one.sha256 == other.sha256 == read_verdicts(tmp_path / "verdicts.parquet").sha256
    assert one.rows.height == 2


def test_another_outcome_has_another_hash(tmp_path: Path) -> None:
    one, other = (read_verdicts(written(tmp_path, HEADER + row, f"{n}.csv")) for n, row in enumerate(ROWS))
    assert one.sha256 != other.sha256


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("finding_id,outcome\nf1,substantiated\n", "lack columns"),
        (HEADER + "f1,repeat.same_institution,guilty,2025-06-01\n", "say nothing"),
        (HEADER + "f1,repeat.same_institution,substantiated,soon\n", "say nothing"),
        (HEADER + ",repeat.same_institution,substantiated,2025-06-01\n", "say nothing"),
        ("", "cannot be read"),
    ],
)
def test_a_bad_file_is_refused_without_a_word_of_its_rows(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        read_verdicts(written(tmp_path, text))
    assert "guilty" not in str(caught.value)
    assert "soon" not in str(caught.value)


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        read_verdicts(tmp_path / "none.csv")
