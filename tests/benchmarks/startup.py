"""What it costs to start: the command's help, its list of detectors, and the flow beside the plain steps."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measuring import Measured

EXAM_AUDIT = (sys.executable, "-c", "from pipelines.cli import main; main()")
COMMANDS = {"startup/--help": ("--help",), "startup/detectors list": ("detectors", "list")}
DEMOS = {"startup/demo --direct": ("demo", "--direct"), "startup/demo as a flow": ("demo",)}


def measure_startup() -> list[Measured]:
    """CPU seconds of commands that do next to nothing, and of the demo with and without orchestration."""
    found = [_measured(stage, words) for stage, words in COMMANDS.items()]
    for stage, words in DEMOS.items():
        with tempfile.TemporaryDirectory() as folder:
            found.append(_measured(stage, (*words, "--workspace", str(Path(folder) / "workspace"))))
    return found


def _measured(stage: str, words: tuple[str, ...]) -> Measured:
    started = time.perf_counter()
    process = subprocess.Popen((*EXAM_AUDIT, *words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 6):
        raise SystemExit(f"{stage} ended with {process.returncode}")
    seconds, cpu_seconds = time.perf_counter() - started, usage.ru_utime + usage.ru_stime
    return Measured(stage, 0, -1, seconds, cpu_seconds, usage.ru_maxrss / 1024, 0.0)
