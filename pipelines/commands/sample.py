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

    formats: dict[str, Literal["csv", "parquet"]] = {"csv": "csv", "parquet": "parquet"}
    if format_ not in formats:
        raise UsageError("no such format", got=format_, allowed=", ".join(formats), where="--format")
    with progressing("generate") as (_, count):
        summary = make(patients, seed, out, format=formats[format_], on_progress=count)
    say(", ".join(f"{rows} {table}" for table, rows in summary.rows.items()))
    say(f"planted: {summary.truth}")
    show(str(out))
    return OK
