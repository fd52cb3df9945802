"""Command line of the generator: ``python -m pipelines.sample PATIENTS SEED OUT``."""

from __future__ import annotations

import sys
from pathlib import Path

from pipelines.sample.generate import generate
from schemas.errors import ExamAuditError, UsageError


def main(arguments: list[str]) -> int:
    """Generate an extract; returns the exit code."""
    try:
        if len(arguments) != 3 or not arguments[0].isdigit() or not arguments[1].isdigit():
            raise UsageError("wrong arguments", allowed="PATIENTS SEED OUT", where="python -m pipelines.sample")
        generate(int(arguments[0]), int(arguments[1]), Path(arguments[2]), on_progress=_report)
    except ExamAuditError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def _report(done: int, total: int) -> None:
    sys.stderr.write(f"{done} of {total} patients\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
