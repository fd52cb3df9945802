"""Planted ids through the whole product: found nowhere but in quarantine, and through the vault only with a reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.workspace import Workspace


def test_no_original_id_is_left_anywhere_by_a_direct_run(
    audit: Callable[..., Any], ids: Any, tables: dict[str, list[str]], extract: Path, tmp_path: Path
) -> None:
    ids.planted(tables, extract)
    done = audit()
    assert done.code == 0, done.err
    workspace = tmp_path / "workspace"
    with duckdb.connect(str(workspace / "warehouse.duckdb")) as connection:
        for table in ("patient", "encounter"):
            found = repr(connection.execute(f"from main.{table}").fetchall())
            ids.assert_no_original(found.encode())
        connection.execute("checkpoint")
    ids.assert_no_original(ids.contents(workspace, tmp_path / "data") + done.out.encode() + done.err.encode())
    assert not (workspace / "spill").exists()
    assert ids.QUARANTINED in "".join(path.read_text("utf-8-sig") for path in (workspace / "quarantine").rglob("*.csv"))
    manifest = json.loads((Workspace(workspace).published() / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["identity"]["key_fingerprint"]) == 12


def test_spill_of_an_extract_larger_than_memory_leaves_nothing(
    call: Callable[..., Any], ids: Any, tables: dict[str, list[str]], extract: Path, tmp_path: Path
) -> None:
    header, row, *_ = tables["claim_line"]
    rest = row.split(",", 1)[1].replace("P1", ids.FIRST)
    with (extract / "claim_line.csv").open("w", encoding="utf-8") as stream:
        stream.write(f"{header}\n")
        stream.writelines(f"{number:060d},{rest}\n" for number in range(150_000))
    from pipelines import steps
    from pipelines.settings import RunSettings

    workspace = tmp_path / "workspace"
    settings = RunSettings(workspace=workspace, extract=extract, memory_limit="60MB", threads=1)
    with Workspace(workspace).locked():
        outcome = steps.take_in(settings)
    assert sum(file.accepted for file in outcome.files if file.table_name == "claim_line") == 150_000
    assert not (workspace / "spill").exists()
    assert ids.FIRST.encode() not in ids.contents(workspace)


@pytest.fixture
def pseudonym(audit: Callable[..., Any], ids: Any, tables: dict[str, list[str]], extract: Path, tmp_path: Path) -> str:
    ids.planted(tables, extract)
    assert audit().code == 0
    with duckdb.connect(str(tmp_path / "workspace" / "warehouse.duckdb")) as connection:
        ((patient_id,),) = connection.execute(
            "select patient_id from main.encounter where encounter_id = 'E1'"
        ).fetchall()
    return str(patient_id)


def test_lookup_prints_the_original_and_logs_who_asked_why(
    call: Callable[..., Any], ids: Any, pseudonym: str, tmp_path: Path
) -> None:
    done = call("identity", "lookup", pseudonym, "--reason", "case 2025-17")
    assert (done.code, done.out) == (0, f"{ids.FIRST}\n")
    (log,) = (tmp_path / "data").rglob("*.log")
    assert "case 2025-17" in log.read_text(encoding="utf-8")
    assert ids.FIRST not in log.read_text(encoding="utf-8")
    told = json.loads(call("identity", "log", "--json").out)
    assert [(entry["pseudonym"], entry["found"]) for entry in told] == [(pseudonym, 1)]


def test_lookup_refuses_what_it_must(call: Callable[..., Any], ids: Any, pseudonym: str, tmp_path: Path) -> None:
    other = tmp_path / "other.key"
    other.write_bytes(b"another key of more than 32 bytes ...")
    other.chmod(0o600)
    (vault,) = (tmp_path / "data").rglob("*.vault")
    for code, words in (
        (2, [pseudonym, "--reason", "  "]),
        (2, [pseudonym]),
        (2, ["0" * 32, "--reason", "case"]),
        (2, [ids.FIRST, "--reason", "case"]),
        (2, [pseudonym, "--reason", "case", "--key-file", tmp_path / "nonesuch"]),
        (4, [pseudonym, "--reason", "case", "--key-file", other]),
        (4, [pseudonym, "--reason", "case", "--key-file", other, "--vault", vault]),
    ):
        done = call("identity", "lookup", *words)
        assert (done.code, done.out) == (code, "")
        assert ids.FIRST not in done.err
        assert "Traceback" not in done.err


def test_same_key_gives_the_same_leads_and_another_is_refused(audit: Callable[..., Any], tmp_path: Path) -> None:
    keys = [tmp_path / name for name in ("a.key", "b.key")]
    for number, key in enumerate(keys):
        key.write_bytes(bytes(range(number, number + 32)))
        key.chmod(0o600)
    for workspace in ("one", "two"):
        assert audit("--key-file", keys[0], "--no-vault", workspace=workspace).code == 0
    one, two = (Workspace(tmp_path / name).published() for name in ("one", "two"))
    assert one.name == two.name
    assert (one / "leads.parquet").read_bytes() == (two / "leads.parquet").read_bytes()
    assert audit("--key-file", keys[1], "--no-vault", workspace="three").code == 0
    assert Workspace(tmp_path / "three").published().name != one.name
    refused = audit("--key-file", keys[1], "--no-vault", workspace="one")
    assert refused.code == 2
    assert "another pseudonym key" in refused.err
    assert not (tmp_path / "data").exists()
