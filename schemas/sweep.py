"""How the hits of a detector change with one of its parameters: what sensitivity.json of a run holds."""

from __future__ import annotations

from decimal import Decimal

from schemas.card import Frozen, Text


class SweepPoint(Frozen):
    """What one value of the parameter would have given.

    Attributes:
        value: the parameter's value.
        is_used: whether the run itself used this value.
        examined: cases that the rule could judge with it.
        hits, exempt: findings, and those among them that an exemption explains.
        patients, institutions: distinct ones among the findings that no exemption explains.
        amount, fund_amount: yuan at issue of those findings; None where nothing is priced.
    """

    value: int | float | str | bool
    is_used: bool
    examined: int
    hits: int
    exempt: int
    patients: int
    institutions: int
    amount: Decimal | None
    fund_amount: Decimal | None

    @property
    def opened(self) -> int:
        """Findings that no exemption explains."""
        return self.hits - self.exempt


class Sweep(Frozen):
    """One parameter of one detector over several values, everything else as the run had it.

    ``reason`` says why there are no points: the detector could not run.
    """

    detector_id: str
    parameter: str
    unit: str | None
    why: Text
    reason: str | None
    points: tuple[SweepPoint, ...]
