"""What a stage costs: wall and CPU seconds, peak memory, and the most that lay spilled on disk."""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.05

_peaks_under_way: list[list[float]] = []
"""The highest peak so far of every stage that is being measured: a stage within it makes the kernel count anew."""


@dataclass(frozen=True)
class Measured:
    """One stage at one size.

    Attributes:
        stage: name, with the job before a slash where a job has several.
        lines: order and charged lines of the warehouse.
        rows: rows that the stage gave, or -1 where that says nothing.
        seconds, cpu_seconds: wall, and user plus system over all threads.
        peak_mib: most resident memory of the process while the stage ran.
        spill_mib: most bytes in the spill folder at any moment, sampled.
    """

    stage: str
    lines: int
    rows: int
    seconds: float
    cpu_seconds: float
    peak_mib: float
    spill_mib: float


class Stopwatch:
    """Measures the stages of one process over one warehouse, and hands each on as soon as it is measured."""

    def __init__(self, lines: int, spill: Path, on_measured: Callable[[Measured], None] = lambda _: None) -> None:
        self.lines, self.spill, self.on_measured = lines, spill, on_measured
        self.measured: list[Measured] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[list[int]]:
        """Measure the block; it may append the number of rows that it gave to the list."""
        rows: list[int] = []
        _note_peak()
        _forget_peak()
        _peaks_under_way.append([0.0])
        with _watched(self.spill) as most:
            wall, cpu = time.perf_counter(), _cpu_seconds()
            yield rows
            seconds, cpu_seconds = time.perf_counter() - wall, _cpu_seconds() - cpu
        _note_peak()
        (peak,) = _peaks_under_way.pop()
        given = rows[0] if rows else -1
        self.measured.append(Measured(name, self.lines, given, seconds, cpu_seconds, peak, most[0] / 2**20))
        self.on_measured(self.measured[-1])


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _note_peak() -> None:
    now = _peak_mib()
    for peak in _peaks_under_way:
        peak[0] = max(peak[0], now)


def _forget_peak() -> None:
    """Let the kernel count the peak of resident memory from now on (Linux only)."""
    switch = Path("/proc/self/clear_refs")
    if switch.exists():
        switch.write_text("5")


def _peak_mib() -> float:
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def _watched(folder: Path) -> Iterator[list[int]]:
    """The most bytes that a folder held, looked at every few hundredths of a second."""
    most, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(SAMPLE_SECONDS):
            most[0] = max(most[0], _bytes_in(folder))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield most
    finally:
        done.set()
        thread.join()


def _bytes_in(folder: Path) -> int:
    try:
        return sum(path.stat().st_blocks * 512 for path in folder.iterdir())
    except OSError:
        return 0
