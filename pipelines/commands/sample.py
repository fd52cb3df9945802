"""``sample generate``: a synthetic extract with planted truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from pipelines.console import progressing, say, show
from schemas.errors import OK, UsageError

app = typer.Typer(help="Synthetic extracts.", no_args_is_help=True)


@app.command("generate")
def generate(
    patients: Annotated[int, typer.Option("--patients", min=1, help="How many patients.")],
    seed: Annotated[int, typer.Option("--seed", min=0, help="Same seed, same extract.")],
    out: Annotated[Path, typer.Option("--out", help="Folder to write extract/ and truth/ into.")],
    format_: Annotated[str, typer.Option("--format", help="csv or parquet.")] = "csv",
) -> int:
    """A synthetic extract in canonical form (extract/) and what was planted in it (truth/)."""
    from pipelines.sample.generate import generate as make

    with progressing("generate") as (_, count):
        summary = make(patients, seed, out, format=_format(format_), on_progress=count)
    _tell(summary.rows, summary.truth, out)
    return OK


@app.command("habits")
def habits(
    seed: Annotated[int, typer.Option("--seed", min=0, help="Same seed, same extract.")],
    out: Annotated[Path, typer.Option("--out", help="Folder to write extract/ and truth/ into.")],
    strength: Annotated[str, typer.Option("--strength", help="none, weak or clear.")] = "clear",
    format_: Annotated[str, typer.Option("--format", help="csv or parquet.")] = "csv",
) -> int:
    """A district of forty hospitals in which some institutions, departments and doctors have a planted habit."""
    from pipelines.sample.habits import generate_habits

    with progressing("habits"):
        summary = generate_habits(strength, seed, out, format=_format(format_))
    _tell(summary.rows, summary.truth, out)
    return OK


def _format(name: str) -> Literal["csv", "parquet"]:
    formats: dict[str, Literal["csv", "parquet"]] = {"csv": "csv", "parquet": "parquet"}
    if name not in formats:
        raise UsageError("no such format", got=name, allowed=", ".join(formats), where="--format")
    return formats[name]


def _tell(rows: dict[str, int], truth: dict[str, int], out: Path) -> None:
    say(", ".join(f"{count} {table}" for table, count in rows.items()))
    say(f"planted: {truth}")
    show(str(out))
