"""What the quality gate found, as a value that the flow, the manifest and the quality page share. Aggregates only."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from pydantic import Field

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
    same batch by a newer version; ``duplicate`` ones were already there word for word, or were folded with others into
    one row of a derived table. A file that feeds several tables has an account with each. ``set_aside`` counts rows
    that are no rows of the table (instructions, totals, what a profile leaves out), by reason, beside ``rows_in``.
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
    set_aside: dict[str, int] = Field(default_factory=dict)

    def plus(self, other: FileAccount) -> FileAccount:
        """Both accounts of one file and table as one."""
        counts = ("rows_in", "accepted", "quarantined", "duplicate", "superseded")
        reasons = ("quarantine_reasons", "set_aside")
        summed = {name: getattr(self, name) + getattr(other, name) for name in counts}
        counted = {name: dict(Counter(getattr(self, name)) + Counter(getattr(other, name))) for name in reasons}
        return self.model_copy(update={**summed, **counted})


class ReversalAccount(Frozen):
    """How refunds were matched: reversal lines by outcome, and the yuan of all charges before and after them.

    A reversal is ``full`` or ``partial`` for the line that it undoes, ``orphan`` where it undoes none; ``voided`` lines
    were marked void. charged_amount - reversed_amount = net_amount, to the fen.
    """

    full: int
    partial: int
    orphan: int
    voided: int
    charged_amount: Decimal
    reversed_amount: Decimal
    net_amount: Decimal


class QualityReport(Frozen):
    """All checks of a run and the account of the files it rests on."""

    checks: tuple[QualityCheck, ...]
    files: tuple[FileAccount, ...]
    row_counts: dict[str, int]
    reversals: ReversalAccount | None = None

    @property
    def blocking(self) -> tuple[QualityCheck, ...]:
        """Failed checks that stop the run."""
        return tuple(c for c in self.checks if not c.passed and c.severity is Severity.BLOCKING)

    @property
    def disabled_tables(self) -> dict[str, str]:
        """Tables whose detectors are switched off, with the name of the check that did it."""
        return {c.table_name: c.name for c in self.checks if not c.passed and c.severity is Severity.DISABLING}
