"""Taking an extract in: what it may take of the machine, and how it says that this was too little."""

import subprocess
import sys

import duckdb
import pytest

from pipelines import intake
from pipelines.open_warehouse import INGEST_MEMORY_MIB, ingest_memory_limit
from pipelines.settings import RunSettings
from schemas.errors import UsageError


@pytest.fixture
def settings(tmp_path):
    extract, key = tmp_path / "extract", tmp_path / "key"
    extract.mkdir()
    key.write_bytes(b"k" * 32)
    key.chmod(0o600)
    return RunSettings(workspace=tmp_path / "workspace", extract=extract, key_file=key, keep_vault=False)


@pytest.mark.parametrize(("asked", "limit"), [(None, "2.0 GiB"), ("300MiB", "300.0 MiB")])
def test_memory_is_bounded_while_an_extract_is_taken_in(settings, monkeypatch, asked, limit):
    found = []
    monkeypatch.setattr("pipelines.open_warehouse._memory_mib", lambda: 8 * INGEST_MEMORY_MIB)

    def look(connection, *_, **__):
        found.extend(connection.execute("select current_setting('memory_limit')").fetchone())
        raise UsageError("seen enough")

    monkeypatch.setattr(intake, "ingest_extract", look)
    with pytest.raises(UsageError, match="seen enough"):
        intake.take_in(settings.model_copy(update={"memory_limit": asked}))

    assert found == [limit]


@pytest.mark.parametrize(("machine_mib", "limit"), [(64_000, "2048MiB"), (2_000, "500MiB"), (512, "256MiB")])
def test_a_small_machine_gives_a_quarter_of_its_memory(monkeypatch, machine_mib, limit):
    monkeypatch.setattr("pipelines.open_warehouse._memory_mib", lambda: machine_mib)

    assert ingest_memory_limit() == limit


def test_too_little_memory_is_told_with_the_option_that_gives_more(settings, monkeypatch):
    def overflow(*_, **__):
        raise duckdb.OutOfMemoryException("a message that may hold anything")

    monkeypatch.setattr(intake, "ingest_extract", overflow)
    with pytest.raises(UsageError, match="--memory-limit") as raised:
        intake.take_in(settings)

    assert "anything" not in str(raised.value)


def test_taking_in_starts_without_the_detectors():
    told = "import sys, pipelines.intake; print('detectors.catalogue' in sys.modules, 'scipy' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False"]
