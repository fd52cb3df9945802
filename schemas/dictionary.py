"""The data dictionary, written from the declarations: ``python -m schemas.dictionary`` rewrites DATA_DICTIONARY.md."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from schemas.policy_tables import POLICY_TABLES
from schemas.result_files import RESULT_FILES, ResultFile, prose_of
from schemas.table import DUCKDB_TYPE, ORIGIN, Column, Kind, Table
from schemas.tables import NEEDED_TO_START, TABLES

DICTIONARY_PATH = Path(__file__).with_name("DATA_DICTIONARY.md")

_INTRODUCTION = """\
# Data dictionary 数据字典

Written by `python -m schemas.dictionary` from the declarations in `schemas/`; a test fails when it is stale.

- **Required**: a row without a value is quarantined, a file without the column is refused. 必填。
- **Ids and codes** are text always; money is DECIMAL(18,2) yuan, quantity DECIMAL(18,4). 标识与代码一律为文本。
- **Moments** are local wall time; a bare date is valid and means that the hour is unknown. In the warehouse each moment
  `x` has a companion `x_has_time` BOOLEAN, false where the hour is unknown. 时间为当地时间，可仅有日期。
- **Every canonical row** carries {origin}: each line of evidence leads back to a line of an extract.
  每行可回溯至原始文件行。
- **Constraints** are checked by the quality gate: `blocking` stops the run, `disabling` switches off the detectors that
  read the table, `reported` is shown. The gate also checks keys, required values, choices, smallest values and
  references. 约束由质量关卡检查：阻断、停用相关规则、仅提示。
- Only {needed} are needed to start. 起步只需此三表。
"""


def render() -> str:
    """The whole dictionary as Markdown."""
    introduction = _INTRODUCTION.format(
        origin=", ".join(f"`{name}` {type_}" for name, type_ in ORIGIN),
        needed=", ".join(f"`{name}`" for name in NEEDED_TO_START),
    )
    parts = [introduction, *_contents()]
    parts += ["## Canonical tables 标准表\n", *(_table(table) for table in TABLES.values())]
    parts += ["## Policy pack tables 政策包表\n", *(_table(table, suffix=".csv") for table in POLICY_TABLES.values())]
    parts += ["## Files of a run 运行结果文件\n", *(_result_file(file) for file in RESULT_FILES)]
    return "\n".join(parts)


def main() -> None:
    """Rewrite DATA_DICTIONARY.md and print its path."""
    DICTIONARY_PATH.write_text(render(), encoding="utf-8")
    sys.stdout.write(f"{DICTIONARY_PATH}\n")


def _contents() -> Iterator[str]:
    yield f"**Canonical** {_links(TABLES)}\n"
    yield f"**Policy pack** {_links(f'{name}.csv' for name in POLICY_TABLES)}\n"
    yield f"**Run** {_links(file.path for file in RESULT_FILES)}\n"


def _links(headings: Iterable[str]) -> str:
    return " · ".join(f"[{heading}](#{_anchor(heading)})" for heading in headings)


def _anchor(heading: str) -> str:
    return heading.replace(".", "").replace("/", "")


def _table(table: Table, suffix: str = "") -> str:
    heading = f"{table.name}{suffix}"
    key = ", ".join(f"`{name}`" for name in table.key)
    columns = _grid(
        ("column", "type", "unit", "required", "allowed", "meaning", "含义"), (_row(column) for column in table.columns)
    )
    constraints = _grid(
        ("constraint", "severity", "tolerated", "rule", "规则"),
        ((f"`{c.name}`", c.severity.value, f"{c.tolerated_share:.0%}", c.prose, c.prose_zh) for c in table.constraints),
    )
    return _section(heading, table.name_zh, table.grain, table.grain_zh, f"Key 主键: {key}", columns, constraints)


def _result_file(file: ResultFile) -> str:
    rows = [(f"`{field.name}`", f"{field.type}", *prose_of(file, field.name)) for field in file.schema]
    return _section(
        file.path, file.name_zh, file.grain, file.grain_zh, "", _grid(("column", "type", "meaning", "含义"), rows)
    )


def _section(heading: str, name_zh: str, grain: str, grain_zh: str, key: str, *grids: str) -> str:
    head = f'### <a id="{_anchor(heading)}"></a>{heading} {name_zh}\n'
    body = f"{grain.capitalize()}. {grain_zh}。 {key}".rstrip() + "\n"
    return "\n".join([head, body, *(grid for grid in grids if grid)])


def _row(column: Column) -> tuple[str, ...]:
    required = "yes" if column.required else ""
    return (
        f"`{column.name}`",
        DUCKDB_TYPE[column.kind],
        column.unit or "",
        required,
        _allowed(column),
        column.prose,
        column.prose_zh,
    )


def _allowed(column: Column) -> str:
    parts = [", ".join(f"`{choice}`" for choice in column.choices)] if column.choices else []
    parts += [f"≥ {column.minimum}"] if column.minimum is not None else []
    parts += ["`YYYY-MM`"] if column.kind is Kind.MONTH else []
    parts += [f"in `{column.references}`"] if column.references else []
    return "; ".join(parts)


def _grid(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [_line(row) for row in rows]
    return "\n".join([_line(header), _line(["---"] * len(header)), *lines, ""]) if lines else ""


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    main()
