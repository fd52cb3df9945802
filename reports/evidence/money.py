"""The money of a lead by finding: what was charged, what was reversed, what is left, and the fund's part of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from reports.rows import Finding, Lead, Line, Origin
from schemas.card import Text
from schemas.quality import QualityReport


@dataclass(frozen=True)
class Sum:
    """Yuan over some lines; None where no line tells."""

    gross: Decimal | None
    reversed: Decimal | None
    net: Decimal | None
    fund: Decimal | None


@dataclass(frozen=True)
class FindingMoney:
    """One open finding: ``charged`` is over the lines of its flagged event, the other two are what it puts at issue."""

    finding: Finding
    title: Text
    charged: Sum
    net: Decimal | None
    fund: Decimal | None


@dataclass(frozen=True)
class Money:
    """The open findings of a lead; ``net`` and ``fund`` are the lead's, in which an event counts once."""

    rows: tuple[FindingMoney, ...]
    net: Decimal | None
    fund: Decimal | None

    @property
    def is_overlapping(self) -> bool:
        """Whether the findings' amounts add up to more than the lead's, because they share events."""
        return sum((row.net or Decimal(0) for row in self.rows), Decimal(0)) > (self.net or Decimal(0))

    @property
    def is_estimated(self) -> bool:
        """Whether an amount rests on no line of its own, as an excess over peers does."""
        return any(row.net is not None and row.charged.net is None for row in self.rows)


@dataclass(frozen=True)
class Source:
    """A file of an extract and its hash; ``rows`` of it are cited, or counted where a lead cites no line.

    ``batch_id`` is None where the account of the file does not tell it.
    """

    source_file: str
    batch_id: str | None
    content_sha256: str | None
    rows: int


def sum_of(lines: Iterable[Line]) -> Sum:
    """What some lines add up to. A reversal's own line is left out: the line that it reverses tells of it."""
    own = {(line.table_name, line.row_id): line for line in lines if line.net_amount is not None}.values()
    return Sum(
        gross=_added(line.amount for line in own),
        reversed=_added(line.reversed_amount for line in own),
        net=_added(line.net_amount for line in own),
        fund=_added(line.fund_amount for line in own),
    )


def money_of(lead: Lead, told: Iterable[tuple[Finding, Text, Sum]]) -> Money:
    """The money of a lead.

    Args:
        lead: the lead.
        told: its findings, each with the title of its card and what was charged; exempt ones are left out.
    """
    rows = tuple(
        FindingMoney(finding, title, charged, finding.amount_at_issue, finding.fund_amount_at_issue)
        for finding, title, charged in told
        if finding.exemption_id is None
    )
    return Money(rows, lead.amount_at_issue, lead.fund_amount_at_issue)


def sources_of(lines: Iterable[Line | Origin], hashes: Mapping[str, str]) -> tuple[Source, ...]:
    """Files that the lines come from, sorted by name.

    Args:
        lines: lines of evidence of a lead, and rows that its record is read from.
        hashes: SHA-256 of a file's content by its name, see ``hashes_of``.
    """
    cited: dict[tuple[str, str], set[int]] = {}
    for line in lines:
        cited.setdefault((line.source_file, line.batch_id), set()).add(line.source_row)
    return tuple(Source(file, batch, hashes.get(file), len(rows)) for (file, batch), rows in sorted(cited.items()))


def counted_files(quality: QualityReport) -> tuple[Source, ...]:
    """Every file that was read, with its accepted rows: what figures without lines of their own are counted from."""
    files = sorted(quality.files, key=lambda file: (file.source_file, file.table_name))
    return tuple(Source(file.source_file, None, file.content_sha256, file.accepted) for file in files if file.accepted)


def hashes_of(quality: QualityReport) -> dict[str, str]:
    """SHA-256 of every file's content by its name; a name that stood for several contents has none."""
    known: dict[str, set[str]] = {}
    for file in quality.files:
        known.setdefault(file.source_file, set()).add(file.content_sha256)
    return {name: next(iter(digests)) for name, digests in known.items() if len(digests) == 1}


def _added(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None
