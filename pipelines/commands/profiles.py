"""``profile list / check``: how extracts are read, and how well a file fits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.console import say, show, show_json, show_table
from schemas.errors import OK, InputError

if TYPE_CHECKING:
    from schemas.profile_report import ProfileReport

app = typer.Typer(help="Source profiles: how extracts are read.", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A file of an extract, or its folder.")]
ProfileOption = Annotated[str, typer.Option("--profile", help="A shipped profile, or a .toml file.")]


@app.command("list")
def list_(json: JsonOption = False) -> int:
    """The shipped profiles: name, version, title, kinds of files."""
    from schemas.profile import load_profile, shipped_profiles

    profiles = [load_profile(name) for name in shipped_profiles()]
    if json:
        show_json(
            [
                {"name": p.name, "version": p.version, "title": p.title.model_dump(), "sources": sorted(p.source)}
                for p in profiles
            ]
        )
        return OK
    rows = [(p.name, p.version, p.title.en, p.title.zh, ", ".join(sorted(p.source)) or "tables") for p in profiles]
    show_table("profiles", ("name", "version", "title", "名称", "files"), rows)
    return OK


@app.command("check")
def check(file: FileArgument, profile: ProfileOption, json: JsonOption = False) -> int:
    """Explain a profile against a file; exit 3 where the file would be refused. Shows no value of a row."""
    from pipelines.ingest.explaining import explain
    from schemas.profile import load_profile

    reports = explain(file, load_profile(profile))
    if json:
        show_json([report.model_dump() for report in reports])
    else:
        for report in reports:
            _show(report)
    return InputError.exit_code if any(report.problems for report in reports) else OK


def _show(report: ProfileReport) -> None:
    show(f"{report.source_file}: {report.kind}, {report.written_as}, {report.rows} rows")
    if report.set_aside:
        show(f"  no data: {_counted(report.set_aside)}")
    show_table(
        "columns",
        ("column", "in the file as", "", "goes into"),
        [(use.column, use.header or "", _remark(use.required, use.header, use.suggestion), ", ".join(use.feeds))
         for use in report.columns],
    )  # fmt: skip
    if report.unused:
        show(f"not used: {', '.join(report.unused)}")
    for table, rows in report.tables.items():
        left_out = report.excluded.get(table)
        show(f"{table}: {rows} rows" + (f", left out: {_counted(left_out)}" if left_out else ""))
    show_table(
        "conversions",
        ("column", "filled", "converted", "faulty", "reasons", "shapes that do not convert"),
        [(c.column, c.filled, c.converted, c.faulty, _counted(c.reasons), _counted(c.patterns))
         for c in report.conversions],
    )  # fmt: skip
    for problem in report.problems:
        say(f"{report.source_file} would be refused: {problem}")


def _remark(required: bool, header: str | None, suggestion: str | None) -> str:
    if header is not None:
        return ""
    missing = "missing, required" if required else "missing"
    return f"{missing}; is it {suggestion}?" if suggestion else missing


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
