"""What a campaign has measured so far, kept as it is measured, so that one that was cut off goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from measuring import Measured

from detectors.catalogue import load_catalogue
from detectors.prepared import statements_sha256


@dataclass(frozen=True)
class Record:
    """A file with one JSON line a measured stage, and one a finished job."""

    path: Path

    def add(self, one: Measured) -> None:
        """Keep a stage."""
        self._append({"measured": asdict(one)})

    def finish(self, job: str, lines: int) -> None:
        """Keep that a job came to its end at a size."""
        self._append({"finished": [job, lines]})

    def is_finished(self, job: str, lines: int) -> bool:
        """Whether a job came to its end at a size."""
        return [job, lines] in [told.get("finished") for told in self._lines()]

    def measured(self) -> list[Measured]:
        """Every stage in the order in which it was first measured, as it was measured last."""
        stages = [Measured(**told["measured"]) for told in self._lines() if "measured" in told]
        return list({(one.stage, one.lines): one for one in stages}.values())

    def forget(self) -> None:
        """Begin anew."""
        self.path.unlink(missing_ok=True)

    def _append(self, told: object) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")

    def _lines(self) -> list[dict[str, Any]]:
        text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        return [json.loads(line) for line in text.splitlines()]


def record_of(cache: Path, settings: Sequence[str]) -> Record:
    """The record of a campaign: another one wherever the SQL, a detector or a setting is another."""
    detectors = [(one.id, one.version, one.sha256) for one in load_catalogue()]
    told = json.dumps([statements_sha256(), detectors, list(settings)])
    return Record(cache / f"measured_{hashlib.sha256(told.encode()).hexdigest()[:12]}.jsonl")
