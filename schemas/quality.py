"""What the quality gate found, as a value that the flow, the manifest and the quality page share. Aggregates only."""

from __future__ import annotations

from schemas.card import Frozen, Text
from schemas.table import Severity


class QualityCheck(Frozen):
    """One constraint and how it went: ``violated`` of ``examined`` rows, never the rows themselves."""

    table_name: str
    name: str
    severity: Severity
    prose: Text
    passed: bool
    examined: int
    violated: int
    tolerated_share: float


class FileAccount(Frozen):
    """What became of one file: rows_in = accepted + quarantined + duplicate + superseded.

    ``accepted`` rows are current in the warehouse when the batch ends; ``superseded`` ones were replaced inside the
    same batch by a newer version; ``duplicate`` ones were already there word for word.
    """

    source_file: str
    table_name: str
    content_sha256: str
    rows_in: int
    accepted: int
    quarantined: int
    duplicate: int
    superseded: int
    quarantine_reasons: dict[str, int]
    unknown_columns: tuple[str, ...] = ()


class QualityReport(Frozen):
    """All checks of a run and the account of the files it rests on."""

    checks: tuple[QualityCheck, ...]
    files: tuple[FileAccount, ...]
    row_counts: dict[str, int]

    @property
    def blocking(self) -> tuple[QualityCheck, ...]:
        """Failed checks that stop the run."""
        return tuple(c for c in self.checks if not c.passed and c.severity is Severity.BLOCKING)

    @property
    def disabled_tables(self) -> dict[str, str]:
        """Tables whose detectors are switched off, with the name of the check that did it."""
        return {c.table_name: c.name for c in self.checks if not c.passed and c.severity is Severity.DISABLING}
