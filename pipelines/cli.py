"""The command ``exam-audit``: one app, exit codes by the error tree, no traceback for what a user can mend."""

from __future__ import annotations

import atexit
import os
import sys
from importlib.metadata import version
from typing import Annotated, Any

import typer

from pipelines.commands import (
    audit,
    catalogue,
    identity,
    ingest,
    leads,
    packs,
    profiles,
    reports,
    review,
    sample,
    suggest,
)
from pipelines.console import say, show, show_error
from schemas.errors import ExamAuditError

_CLICK_ERROR: Any = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")
"""Typer's own errors about words on the command line; Typer carries its own copy of Click and does not export it."""

app = typer.Typer(
    name="exam-audit",
    help="Finds unreasonable and repeated medical examinations in claims and order extracts.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
audit.register(app)
ingest.register(app)
app.add_typer(catalogue.app, name="detectors")
app.add_typer(leads.app, name="leads")
app.add_typer(reports.app, name="report")
app.add_typer(sample.app, name="sample")
app.add_typer(packs.app, name="pack")
app.add_typer(profiles.app, name="profile")
app.add_typer(suggest.app, name="catalogue")
app.add_typer(identity.app, name="identity")
app.add_typer(review.app, name="review")
app.add_typer(review.chain_app, name="audit")


def _print_version(wanted: bool) -> None:
    if wanted:
        show(f"exam-audit {version('exam-audit')}")
        raise typer.Exit


@app.callback()
def root(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Finds unreasonable and repeated medical examinations in claims and order extracts."""


def main() -> None:
    """Run the command line; ends the process with one of the exit codes of DESIGN §4.5."""
    os.environ.setdefault("DO_NOT_TRACK", "1")
    code = run(sys.argv[1:])
    # An ordinary end would have DuckDB's binding write forty lines about objects that other libraries still hold.
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def run(arguments: list[str]) -> int:
    """Run the command line with these arguments; returns the exit code."""
    try:
        outcome = app(args=arguments, prog_name="exam-audit", standalone_mode=False)
    except ExamAuditError as error:
        show_error(error)
        return error.exit_code
    except typer.Exit as exit_:
        return exit_.exit_code
    except _CLICK_ERROR as error:
        error.show(sys.stderr)
        return int(error.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        say("interrupted; nothing was published")
        return 1
    except Exception as error:
        return _unexpected(error)
    return outcome if isinstance(outcome, int) else 0


def _unexpected(error: Exception) -> int:
    """Say that something unforeseen happened without showing its text, which may hold a row's value."""
    if os.environ.get("EXAM_AUDIT_DEBUG"):
        raise error
    say(f"error: unexpected {type(error).__module__}.{type(error).__name__}; nothing was published")
    say("  where: set EXAM_AUDIT_DEBUG=1 and run again to see the traceback (it may show values of the extract)")
    return 1


if __name__ == "__main__":
    main()
