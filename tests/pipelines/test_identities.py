"""Planted ids through the whole product: found nowhere but in quarantine, and through the vault only with a reason."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.ingest.checksums import has_resident_id_check_digit
from pipelines.workspace import Workspace

FIRST, SECOND, QUARANTINED = "11010519491231002X", "110105194001010001", "110105194912310021"
TEXT = "13800138000"


def planted(tables: dict[str, list[str]], folder: Path) -> None:
    """The small extract with its patients named by resident ids, one of them mistyped, and numbers in a text."""
    second = next(f"{SECOND[:17]}{end}" for end in "0123456789X" if has_resident_id_check_digit(f"{SECOND[:17]}{end}"))
    for name, lines in tables.items():
        told = [line.replace("P1", FIRST).replace("P2", second) for line in lines]
        if name == "patient":
            told.append(f"{QUARANTINED},M,1949-12-31")
        if name == "encounter":
            told = [f"{told[0]},chief_complaint", *(f"{line},{FIRST} {TEXT}" for line in told[1:])]
        (folder / f"{name}.csv").write_text("\n".join(told) + "\n", encoding="utf-8")


def contents(*folders: Path) -> bytes:
    """Every byte below the folders, workbooks unpacked, quarantine left out."""
    parts = []
    for path in (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()):
        if "quarantine" in path.parts:
            continue
        parts.append(path.read_bytes())
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                parts += [book.read(name) for name in book.namelist()]
    return b"\n".join(parts)


def assert_no_original(content: bytes) -> None:
    for original in (FIRST, SECOND[:17], QUARANTINED, TEXT):
        assert original.encode() not in content


def test_no_original_id_is_left_anywhere_by_a_direct_run(
    audit: Callable[..., Any], tables: dict[str, list[str]], extract: Path, tmp_path: Path
) -> None:
    planted(tables, extract)
    done = audit()
    assert done.code == 0, done.err
    workspace = tmp_path / "workspace"
    with duckdb.connect(str(workspace / "warehouse.duckdb")) as connection:
        for table in ("patient", "encounter"):
            found = repr(connection.execute(f"from main.{table}").fetchall())
            assert_no_original(found.encode())
        connection.execute("checkpoint")
    assert_no_original(contents(workspace, tmp_path / "data") + done.out.encode() + done.err.encode())
    assert not (workspace / "spill").exists()
    assert QUARANTINED in "".join(path.read_text("utf-8-sig") for path in (workspace / "quarantine").rglob("*.csv"))
    manifest = json.loads((Workspace(workspace).published() / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["identity"]["key_fingerprint"]) == 12


def test_no_original_id_is_left_anywhere_by_the_flow(
    tables: dict[str, list[str]], extract: Path, pack: Path, tmp_path: Path
) -> None:
    planted(tables, extract)
    home = tmp_path / "prefect"
    done = subprocess.run(
        [
            Path(sys.executable).with_name("exam-audit"), "run", "--profile", "canonical", "--extract", extract,
            "--pack", pack, "--workspace", tmp_path / "workspace",
        ],
        capture_output=True,
        check=False,
        env={**os.environ, "PREFECT_HOME": str(home), "NO_COLOR": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    kept = contents(home)
    assert_no_original(contents(tmp_path / "workspace") + kept + done.stdout + done.stderr)
    secret = (tmp_path / "config" / "exam-audit" / "pseudonym.key").read_bytes().strip()
    assert secret not in kept
    assert bytes.fromhex(secret.decode()) not in kept


def test_spill_of_an_extract_larger_than_memory_leaves_nothing(
    call: Callable[..., Any], tables: dict[str, list[str]], extract: Path, tmp_path: Path
) -> None:
    header, row, *_ = tables["claim_line"]
    rest = row.split(",", 1)[1].replace("P1", FIRST)
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
    assert FIRST.encode() not in contents(workspace)


@pytest.fixture
def pseudonym(audit: Callable[..., Any], tables: dict[str, list[str]], extract: Path, tmp_path: Path) -> str:
    planted(tables, extract)
    assert audit().code == 0
    with duckdb.connect(str(tmp_path / "workspace" / "warehouse.duckdb")) as connection:
        ((patient_id,),) = connection.execute(
            "select patient_id from main.encounter where encounter_id = 'E1'"
        ).fetchall()
    return str(patient_id)


def test_lookup_prints_the_original_and_logs_who_asked_why(
    call: Callable[..., Any], pseudonym: str, tmp_path: Path
) -> None:
    done = call("identity", "lookup", pseudonym, "--reason", "case 2025-17")
    assert (done.code, done.out) == (0, f"{FIRST}\n")
    (log,) = (tmp_path / "data").rglob("*.log")
    assert "case 2025-17" in log.read_text(encoding="utf-8")
    assert FIRST not in log.read_text(encoding="utf-8")
    told = json.loads(call("identity", "log", "--json").out)
    assert [(entry["pseudonym"], entry["found"]) for entry in told] == [(pseudonym, 1)]


def test_lookup_refuses_what_it_must(call: Callable[..., Any], pseudonym: str, tmp_path: Path) -> None:
    other = tmp_path / "other.key"
    other.write_bytes(b"another key of more than 32 bytes ...")
    other.chmod(0o600)
    (vault,) = (tmp_path / "data").rglob("*.vault")
    for code, words in (
        (2, [pseudonym, "--reason", "  "]),
        (2, [pseudonym]),
        (2, ["0" * 32, "--reason", "case"]),
        (2, [FIRST, "--reason", "case"]),
        (2, [pseudonym, "--reason", "case", "--key-file", tmp_path / "nonesuch"]),
        (4, [pseudonym, "--reason", "case", "--key-file", other]),
        (4, [pseudonym, "--reason", "case", "--key-file", other, "--vault", vault]),
    ):
        done = call("identity", "lookup", *words)
        assert (done.code, done.out) == (code, "")
        assert FIRST not in done.err
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
