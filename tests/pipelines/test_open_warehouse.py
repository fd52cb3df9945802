"""The warehouse held open for several steps: one connection, damage told as damage, and let go whatever happens."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.open_warehouse import held_open, warehouse
from pipelines.settings import RunSettings
from schemas.errors import IntegrityError


@pytest.fixture
def settings(tmp_path: Path) -> RunSettings:
    return RunSettings(workspace=tmp_path, threads=1)


def test_steps_of_one_block_see_one_database_that_is_closed_after_them(settings: RunSettings) -> None:
    with held_open(settings), warehouse(settings) as first, warehouse(settings) as second:
        assert first is not second, "threads need a connection each"
        first.execute("create table work.kept as select 1 as one")
        assert second.execute("from work.kept").fetchall() == [(1,)]
    with pytest.raises(duckdb.ConnectionException):
        first.execute("select 1")
    with warehouse(settings.model_copy(update={"threads": 2})) as alone:
        assert alone.execute("select current_setting('threads')").fetchall() == [(2,)]
        assert alone.execute("from work.kept").fetchall() == [(1,)]


def test_damage_found_while_it_is_held_open_is_told_and_lets_it_go(settings: RunSettings) -> None:
    with pytest.raises(IntegrityError, match="damaged"), held_open(settings), warehouse(settings):
        raise duckdb.FatalException
    with warehouse(settings.model_copy(update={"threads": 2})) as alone:
        assert alone.execute("select current_setting('threads')").fetchall() == [(2,)]


def test_other_warehouses_are_opened_for_themselves_while_one_is_held(settings: RunSettings, tmp_path: Path) -> None:
    other = settings.model_copy(update={"workspace": tmp_path / "other"})
    with held_open(settings), warehouse(settings) as held, warehouse(other) as alone:
        assert alone is not held
