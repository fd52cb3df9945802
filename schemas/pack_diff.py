"""What differs between two resolved policy packs: rows by key and period, settings, parameters, law, deadlines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, is_dataclass
from datetime import date
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel

from schemas.card import Frozen
from schemas.pack import Pack
from schemas.policy_tables import POLICY_TABLES
from schemas.table import Table

Kind: TypeAlias = Literal["added", "removed", "changed"]

NO_MEANING = ("source", "pack_source")
"""Columns that say where a row comes from, not what holds; a row that differs only there is not a changed rule."""


class Difference(Frozen):
    """One thing that the second pack has otherwise than the first.

    Attributes:
        part: a table (``exam_items`` …), thresholds, parameters, legal_bases, deadlines or campaign.
        key: the row's key and first day of validity, or the name of the setting.
        kind: whether only the second has it, only the first, or both otherwise.
        before, after: column (or ``value``) → what each pack has, as text, only where they differ; None = empty.
    """

    part: str
    key: str
    kind: Kind
    before: dict[str, str | None]
    after: dict[str, str | None]


def diff_packs(first: Pack, second: Pack) -> list[Difference]:
    """All differences from one pack to the other, by part and key.

    Rows are compared after overlay, so two packs of different chains that say the same do not differ.
    """
    found: list[Difference] = []
    for name, table in POLICY_TABLES.items():
        found += _compared(name, _rows(table, first), _rows(table, second))
    for part in ("thresholds", "legal_bases", "deadlines"):
        found += _compared(part, _entries(getattr(first, part)), _entries(getattr(second, part)))
    found += _compared("parameters", _parameters(first), _parameters(second))
    campaigns = [{} if pack.campaign is None else {"campaign": _flat(pack.campaign)} for pack in (first, second)]
    return found + list(_compared("campaign", *campaigns))


Named: TypeAlias = Mapping[str, Mapping[str, str | None]]


def _rows(table: Table, pack: Pack) -> Named:
    """Rows of a table by their key and the day from which they hold."""
    named = {}
    for row in pack.tables[table.name].to_dicts():
        words = ["–" if row[column] is None else str(row[column]) for column in table.key]
        while len(words) > 1 and words[-1] == "–":
            words.pop()
        if row.get("valid_from") is not None and "valid_from" not in table.key:
            words.append(f"from {row['valid_from']}")
        named[" ".join(words)] = {name: _text(value) for name, value in row.items() if name not in NO_MEANING}
    return named


def _entries(values: Mapping[str, Any]) -> Named:
    return {name: _flat(value) for name, value in values.items()}


def _parameters(pack: Pack) -> Named:
    return {
        f"{detector_id}.{name}": {"value": _text(value)}
        for detector_id, own in pack.parameters.items()
        for name, value in own.items()
    }


def _flat(value: Any) -> dict[str, str | None]:  # noqa: ANN401 - whatever a TOML file of a pack holds
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    elif is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if not isinstance(value, dict):
        return {"value": _text(value)}
    return dict(_leaves(value))


def _leaves(value: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str | None]]:
    """Keys of nested tables joined by dots; entries that begin on a day are named by it: periods are compared."""
    for name, part in value.items():
        if isinstance(part, dict):
            yield from _leaves(part, f"{path}{name}.")
        elif isinstance(part, list) and part and all(isinstance(one, dict) and "in_force_from" in one for one in part):
            for one in part:
                yield from _leaves(one, f"{path}{name}.{one['in_force_from']}.")
        else:
            yield f"{path}{name}", _text(part)


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return ", ".join(str(part) for part in value) or None
    return value.isoformat() if isinstance(value, date) else str(value)


def _compared(part: str, first: Named, second: Named) -> Iterator[Difference]:
    for key in sorted({*first, *second}):
        old, new = first.get(key, {}), second.get(key, {})
        names = [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
        if key not in first:
            yield Difference(part=part, key=key, kind="added", before={}, after=_filled(new))
        elif key not in second:
            yield Difference(part=part, key=key, kind="removed", before=_filled(old), after={})
        elif names:
            before, after = {n: old.get(n) for n in names}, {n: new.get(n) for n in names}
            yield Difference(part=part, key=key, kind="changed", before=before, after=after)


def _filled(row: Mapping[str, str | None]) -> dict[str, str | None]:
    return {name: value for name, value in sorted(row.items()) if value is not None}
