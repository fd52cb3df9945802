"""What a person at a terminal sees: data on stdout, messages and progress on stderr, no animation off a terminal."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from schemas.errors import ExamAuditError

if os.environ.get("NO_COLOR"):
    # Rich and Typer take FORCE_COLOR for a terminal whatever NO_COLOR says; who wants no colour must win.
    for _forced in ("FORCE_COLOR", "PY_COLORS", "CLICOLOR_FORCE"):
        os.environ.pop(_forced, None)

WIDE = 240
"""Columns of a table that is not shown on a terminal, so that no id is cut."""

OUT = Console(soft_wrap=True)
ERR = Console(stderr=True, soft_wrap=True)


def say(message: str) -> None:
    """A message for a person, on stderr."""
    ERR.print(message, highlight=False, markup=False)


def show(text: str) -> None:
    """Data, on stdout, as it is."""
    OUT.print(text, highlight=False, markup=False)


def show_json(value: object) -> None:
    """Data as JSON on stdout: sorted keys, Chinese as it is."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, default=str) + "\n")


def show_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Rows as a table on stdout; numbers to the right."""
    table = Table(title=title, title_justify="left")
    for index, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[index], int | float | Decimal | None) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold", no_wrap=index == 0)
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    console = Console()
    Console(width=None if console.is_terminal else WIDE).print(table, highlight=False, markup=False)


def show_error(error: ExamAuditError) -> None:
    """An error in four lines: what is wrong, what we got, what is allowed, where to change it."""
    ERR.print(f"error: {error.wrong}", style="bold red", highlight=False, markup=False)
    for label, text in (("got", error.got), ("allowed", error.allowed), ("where", error.where)):
        if text is not None:
            ERR.print(f"  {label}: {text}", highlight=False, markup=False)


@contextmanager
def progressing(title: str) -> Iterator[tuple[Callable[[str], None], Callable[[int, int], None]]]:
    """Two callbacks: one told what is being done, one told ``done, total``. A bar on a terminal, plain lines off it."""
    if not ERR.is_terminal:
        yield _plain_step, _no_count
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=ERR, transient=True) as bar:
        task = bar.add_task(title, total=None)

        def step(words: str) -> None:
            bar.update(task, description=words, total=None, completed=0)

        def count(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield step, count


def _plain_step(words: str) -> None:
    say(f"  {words}")


def _no_count(_done: int, _total: int) -> None:
    pass
