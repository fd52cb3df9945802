"""A case store on every database that is installed here, and a sheet that somebody fills in."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest

from reports.lists import write_workbook
from reports.review.store import CaseStore, open_store

KEY = b"the key of a workspace in tests"
INITDB = [*sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")), *map(Path, filter(None, [shutil.which("initdb")]))]
DATABASES = ["sqlite", "postgresql"] if INITDB else ["sqlite"]
"""PostgreSQL takes part where it is installed, as on CI; it refuses to run as root."""


def _unprivileged() -> dict[str, object]:
    """Whom root starts the server as: its own user where the machine has it, else nobody."""
    known = {one.pw_name: one for one in pwd.getpwall()}
    user = known.get("postgres") or known["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _as_server(words: list[str | Path], folder: Path) -> None:
    user = _unprivileged() if os.getuid() == 0 else {}
    subprocess.run(words, check=True, capture_output=True, cwd=folder, env={"LC_ALL": "C", "PATH": os.defpath}, **user)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Address of a server of the tests' own on a free port of this machine, stopped at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    binaries = INITDB[-1].resolve().parent
    with tempfile.TemporaryDirectory(prefix="exam-audit-pg-") as name:
        folder = Path(name)
        folder.chmod(0o777)
        data = folder / "data"
        _as_server([binaries / "initdb", "-A", "trust", "-U", "auditor", "-E", "UTF8", "--no-sync", "-D", data], folder)
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        start = [binaries / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start"]
        _as_server(start, folder)
        try:
            yield f"postgresql://auditor@127.0.0.1:{port}/"
        finally:
            _as_server([binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], folder)


@pytest.fixture(params=DATABASES)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """An empty database."""
    if request.param == "sqlite":
        return tmp_path / "cases.sqlite"
    import psycopg

    server = request.getfixturevalue("postgresql")
    name = f"t{abs(hash(str(tmp_path)))}"
    with psycopg.connect(f"{server}postgres", autocommit=True) as connection:
        connection.execute(f"create database {name}")  # type: ignore[call-overload]
    return f"{server}{name}"


@pytest.fixture
def store(address: Path | str) -> CaseStore:
    return open_store(address)


Fill = Callable[..., Path]


@pytest.fixture
def fill(own_run: Path, tmp_path: Path) -> Fill:
    """Writes into rows of the run's workbook as a person would; ``rows`` are (sheet, row, {column: value})."""

    def _fill(*rows: tuple[str, int, dict[str, object]], source: Path | None = None, name: str = "filled") -> Path:
        book = openpyxl.load_workbook(source or write_workbook(own_run, KEY))
        for sheet, row, values in rows:
            where = {str(cell.value).split("\n")[-1]: cell.column for cell in book[sheet][1]}
            for column, value in values.items():
                book[sheet].cell(row, where[column]).value = value
        book.save(tmp_path / f"{name}.xlsx")
        return tmp_path / f"{name}.xlsx"

    return _fill
