"""Ingest against a bare ``read_csv`` of the same file, side by side in one run, each in a process of its own.

    python tests/benchmarks/bench_ingest.py --rows 1000000 5000000 --once 10000000 --repeats 3

The cases take turns, so that what else the machine does meets them alike. Writes the section ``ingest`` of RESULTS.md
beside this file. Files are made once and kept in ``--cache``.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "RESULTS.md"
EXAM_AUDIT = Path(sys.executable).with_name("exam-audit")

CLAIM_LINES = """
    select
        'L' || lpad(cast(i as varchar), 17, '0') as claim_line_id,
        'S' || lpad(cast(i // 12 as varchar), 15, '0') as claim_id,
        'E' || lpad(cast(i // 12 as varchar), 15, '0') as encounter_id,
        'P' || lpad(cast((i // 12) % {patients} as varchar), 12, '0') as patient_id,
        'H' || lpad(cast((i // 12) % 40 as varchar), 4, '0') as institution_id,
        '0025' || lpad(cast(hash(i) % 400 as varchar), 11, '0') as item_code,
        '血清项目测定（' || cast(hash(i) % 400 as varchar) || '）' as item_name,
        '化验费' as charge_category,
        timestamp '2025-01-01 08:00:00' + to_seconds(cast(hash(i) % 31000000 as bigint)) as charged_at,
        cast(1 as decimal(18, 4)) as quantity,
        cast(hash(i) % 30000 as decimal(18, 2)) / 100 as unit_price,
        cast(hash(i) % 30000 as decimal(18, 2)) / 100 as amount,
        cast(hash(i) % 20000 as decimal(18, 2)) / 100 as fund_amount,
        'D' || lpad(cast(hash(i) % 900 as varchar), 6, '0') as ordering_practitioner_id,
        'K' || cast(hash(i) % 30 as varchar) as ordering_department_code
    from range({rows}) as t(i)
"""

BARE = """
import sys, duckdb
duckdb.connect(sys.argv[2], config={"memory_limit": sys.argv[3]}).execute(
    "create table bare as select * from read_csv($path, all_varchar = true, auto_detect = false, header = true, "
    "delim = ',', columns = {" + ", ".join(f"'{c}': 'VARCHAR'" for c in open(sys.argv[1]).readline().strip().split(","))
    + "})", {"path": sys.argv[1]})
"""


@dataclass(frozen=True)
class Measured:
    """One run of one case."""

    name: str
    seconds: float
    cpu_seconds: float
    peak_mib: float


def make_extract(cache: Path, rows: int, encoding: str) -> Path:
    """An extract of one large claim_line.csv and the small tables that it needs; made once."""
    folder = cache / f"{rows}_{encoding}"
    if (folder / "done").exists():
        return folder / "extract"
    shutil.rmtree(folder, ignore_errors=True)
    extract = folder / "extract"
    extract.mkdir(parents=True)
    patients = max(1000, rows // 60)
    plain = extract / "claim_line.csv"
    if encoding == "utf-8":
        query = CLAIM_LINES.format(rows=rows, patients=patients)
        duckdb.connect().execute(f"copy ({query}) to '{plain}' (header, timestampformat '%Y-%m-%dT%H:%M:%S')")
        _small_tables(extract, patients)
    else:
        source = make_extract(cache, rows, "utf-8")
        for path in source.iterdir():
            with path.open(encoding="utf-8") as read, (extract / path.name).open("w", encoding=encoding) as write:
                shutil.copyfileobj(read, write, 1 << 22)
    (folder / "done").touch()
    return extract


def _small_tables(extract: Path, patients: int) -> None:
    (extract / "institution.csv").write_text(
        "institution_id,institution_name\n" + "".join(f"H{n:04d},示例医院{n}\n" for n in range(40)), encoding="utf-8"
    )
    with (extract / "patient.csv").open("w", encoding="utf-8") as stream:
        stream.write("patient_id,sex\n")
        stream.writelines(f"P{n:012d},{'MF'[n % 2]}\n" for n in range(patients))
    (extract / "encounter.csv").write_text(
        "encounter_id,patient_id,institution_id,encounter_type,started_at\n"
        f"E{0:015d},P{0:012d},H0000,outpatient,2025-01-01T08:00:00\n",
        encoding="utf-8",
    )


def measure(name: str, command: Sequence[str | Path], fresh: Path) -> Measured:
    """Run a command, its folder made anew: wall seconds, seconds of all processors, and peak memory."""
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    started = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"{name} ended with {process.returncode}")
    return Measured(name, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def campaign(rows: int, cache: Path, repeats: int, scratch: Path, memory_limit: str) -> list[list[Measured]]:
    """Rounds of bare reading and ingest of the same rows, in UTF-8 and in GB18030; no rounds = one UTF-8 ingest."""
    plain = make_extract(cache, rows, "utf-8")
    fresh, key = scratch / "fresh", scratch / "key"
    if not key.exists():
        key.write_bytes(b"a key for benchmarks and no secret at all")
        key.chmod(0o600)

    def ingest(extract: Path) -> list[str | Path]:
        words: list[str | Path] = [EXAM_AUDIT, "ingest", "--extract", extract, "--profile", "canonical"]
        words += ["--workspace", fresh / "workspace", "--key-file", key, "--vault", fresh / "vault"]
        return [*words, "--memory-limit", memory_limit]

    if not repeats:
        return [[measure("ingest, UTF-8", ingest(plain), fresh)]]
    chinese = make_extract(cache, rows, "gb18030")
    bare: list[str | Path] = [sys.executable, "-c", BARE, plain / "claim_line.csv", fresh / "bare.duckdb", memory_limit]
    cases: dict[str, Sequence[str | Path]] = {"bare read_csv into a table, UTF-8": bare}
    cases |= {"ingest, UTF-8": ingest(plain), "ingest, GB18030": ingest(chinese)}
    return [[measure(name, command, fresh) for name, command in cases.items()] for _ in range(repeats)]


def table(rounds_by_rows: Mapping[int, Sequence[Sequence[Measured]]]) -> str:
    """The figures as Markdown: medians, and medians of each round's ratio to the bare reading of the same rows."""
    lines = [
        "| case | rows | runs | seconds | CPU seconds | rows/s | ratio, wall | ratio, CPU | peak MiB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for rows, rounds in sorted(rounds_by_rows.items()):
        for at, runs in enumerate(zip(*rounds, strict=True)):
            seconds = statistics.median(run.seconds for run in runs)
            cpu = statistics.median(run.cpu_seconds for run in runs)
            wall = statistics.median(one[at].seconds / one[0].seconds for one in rounds)
            busy = statistics.median(one[at].cpu_seconds / one[0].cpu_seconds for one in rounds)
            ratios = f"{wall:.2f} | {busy:.2f}" if len(rounds[0]) > 1 else "– | –"
            lines.append(
                f"| {runs[0].name} | {rows:,} | {len(runs)} | {seconds:.1f} | {cpu:.1f} | {rows / seconds:,.0f} "
                f"| {ratios} | {statistics.median(run.peak_mib for run in runs):,.0f} |"
            )
    return "\n".join(lines)


def write_section(title: str, text: str) -> None:
    """Put a section into RESULTS.md, in place of an older one of the same title."""
    old = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else "# Benchmarks\n"
    section = f"## {title}\n\n{text.strip()}\n"
    pattern = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.S | re.M)
    new = pattern.sub(lambda _: section + "\n", old) if pattern.search(old) else f"{old.rstrip()}\n\n{section}"
    RESULTS.write_text(new.rstrip() + "\n", encoding="utf-8")


def main() -> None:
    """Run the campaign and write its section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 5_000_000])
    parser.add_argument(
        "--once", type=int, nargs="*", default=[], help="rows of which UTF-8 is taken in once, for the memory"
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--memory-limit", default="2GiB")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "exam-audit-bench")
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    found: dict[int, list[list[Measured]]] = {}
    with tempfile.TemporaryDirectory(dir=arguments.cache.parent) as scratch:
        for rows in (*arguments.rows, *arguments.once):
            repeats = arguments.repeats if rows in arguments.rows else 0
            found[rows] = campaign(rows, arguments.cache, repeats, Path(scratch), arguments.memory_limit)
            print(table(found), flush=True)
            write_section("ingest", f"{_told(arguments, load)}\n\n{table(found)}")


def _told(arguments: argparse.Namespace, load: float) -> str:
    limit = arguments.memory_limit
    once = f" --once {' '.join(map(str, arguments.once))}" if arguments.once else ""
    return (
        f"Machine: {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, DuckDB "
        f"{duckdb.__version__}; load when it began: {load:.1f}. Command: `python tests/benchmarks/bench_ingest.py "
        f"--rows {' '.join(map(str, arguments.rows))}{once} --repeats {arguments.repeats} --memory-limit {limit}`. "
        "Medians; the cases take turns, each a process of its own (start-up included) in a new folder. DuckDB has "
        f"the same threads and the same memory limit ({limit}, the default of ingest) in all of them. Ingest has "
        "everything on: hash, strict decoding, casting, quarantine, pseudonyms, vault, duplicates, ledger."
    )


if __name__ == "__main__":
    main()
