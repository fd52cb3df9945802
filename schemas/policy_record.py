"""What a run's report says of its policy: packs, tables, what an overlay changed, settings, law (policy.json)."""

from __future__ import annotations

from datetime import date

from schemas.card import Frozen, LegalBasis, Text
from schemas.manifest import PackIdentity
from schemas.pack_diff import Difference


class TableRows(Frozen):
    """Rows of one resolved pack table, and how many come from each pack of the chain."""

    name: str
    name_zh: str
    rows: int
    in_force: int
    by_pack: dict[str, int]


class Override(Frozen):
    """A detector's parameter that the run did not take from its card."""

    detector_id: str
    parameter: str
    default: int | float | str | bool
    value: int | float | str | bool
    unit: str | None
    origin: str
    why: Text


class PolicyRecord(Frozen):
    """The policy of one run.

    Attributes:
        pack: name, version, hash and chain.
        in_force_from: of the topmost pack.
        borrowed: files that cn-national lent because no pack of the chain has them.
        thresholds: settings that hold for every detector, as text.
        tables: rows by table; ``in_force`` counts those that hold on the run's as-of date.
        overrides: parameters that a pack or ``--set`` changed.
        overlay: what the chain changed against its base pack, the first ``OVERLAY_SHOWN`` of them.
        overlay_count: how many changes there are in all.
        legal_bases: provisions that the chosen detectors name.
    """

    pack: PackIdentity
    in_force_from: date | None
    borrowed: tuple[str, ...]
    thresholds: dict[str, str]
    tables: tuple[TableRows, ...]
    overrides: tuple[Override, ...]
    overlay: tuple[Difference, ...]
    overlay_count: int
    legal_bases: tuple[LegalBasis, ...]


OVERLAY_SHOWN = 500
"""Changes of an overlay that the report lists; ``exam-audit pack diff`` lists all."""
