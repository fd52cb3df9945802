"""Gathers what the report says of a run's policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from schemas.card import Card, ResolvedParameter
from schemas.pack import Pack, in_force, load_chain
from schemas.pack_diff import diff_packs
from schemas.policy_record import OVERLAY_SHOWN, Override, PolicyRecord, TableRows
from schemas.policy_tables import POLICY_TABLES


def policy_record(name_or_folder: str | Path, cards: Sequence[Card], as_of: date) -> PolicyRecord:
    """The policy of a run.

    Args:
        name_or_folder: the pack as the settings name it.
        cards: cards of the run, with their parameters resolved.
        as_of: the day on which ``in_force`` is counted.
    """
    chain = load_chain(name_or_folder)
    pack = chain[-1]
    changes = diff_packs(chain[0], pack) if len(chain) > 1 else []
    named = {basis.basis_id: basis for card in cards for basis in card.legal_bases}
    return PolicyRecord(
        pack=pack.identity,
        in_force_from=pack.in_force_from,
        borrowed=pack.borrowed,
        thresholds={key: _text(value) for key, value in sorted(pack.thresholds.items())},
        tables=tuple(_tables(pack, as_of)),
        overrides=tuple(_overrides({card.detector_id: card.parameters for card in cards})),
        overlay=tuple(changes[:OVERLAY_SHOWN]),
        overlay_count=len(changes),
        legal_bases=tuple(named[key] for key in sorted(named)),
    )


def _tables(pack: Pack, as_of: date) -> Iterator[TableRows]:
    for name, table in POLICY_TABLES.items():
        frame = pack.tables[name]
        counted = frame.group_by("pack_source").agg(pl.len().alias("rows")).sort("pack_source")
        yield TableRows(
            name=name,
            name_zh=table.name_zh,
            rows=frame.height,
            in_force=in_force(frame, as_of).height,
            by_pack=dict(counted.iter_rows()),
        )


def _overrides(parameters: Mapping[str, Sequence[ResolvedParameter]]) -> Iterator[Override]:
    for detector_id in sorted(parameters):
        for one in parameters[detector_id]:
            if one.origin != "card":
                yield Override(
                    detector_id=detector_id,
                    parameter=one.name,
                    default=one.default,
                    value=one.value,
                    unit=one.unit,
                    origin=one.origin,
                    why=one.why,
                )


def _text(value: object) -> str:
    return ", ".join(str(part) for part in value) if isinstance(value, list | tuple) else str(value)
