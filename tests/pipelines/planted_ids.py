"""Patients of the small extract named by resident ids, and a look for any of these ids in what was written."""

from __future__ import annotations

import zipfile
from pathlib import Path

from pipelines.ingest.checksums import has_resident_id_check_digit

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
