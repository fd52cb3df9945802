"""A policy pack as a run uses it: one folder, laid over the packs that it extends.

Rows of an overlay's CSV replace *all* rows of the same key in the packs below it, whole: a row with a new validity
period brings the older periods along, and a column that the overlay leaves out is empty, not inherited. New keys are
added. thresholds.toml merges parameter by parameter, campaign.toml is replaced whole, entries of legal_basis.toml and
deadlines.toml are replaced one by one.

A pack without ``extends`` stands alone. Only what protects the innocent is lent to it: where no pack of the chain has
exemptions.csv, planned_readmission.csv or legal_basis.toml, cn-national's apply, and ``Pack.borrowed`` says so. A pack
drops them on purpose with a file of only a header (or an empty legal_basis.toml).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel

from schemas.card import LegalBasis
from schemas.manifest import PackIdentity
from schemas.pack_csv import Row, key_of
from schemas.pack_folder import HEAD, SHIPPED, PackFolder, find_folder, read_folder
from schemas.pack_law import FILE as LAW
from schemas.pack_law import LegalEntry
from schemas.pack_toml import Campaign, Clock, Scalar, fault_at
from schemas.policy_tables import POLICY_TABLES, PROTECTIVE_TABLES, policy_schema
from schemas.table import Table

DEFAULT_PACK = "cn-national"
LENDER = "cn-national"
"""The shipped pack that lends its protective files to packs that stand alone."""


@dataclass(frozen=True)
class PackLink:
    """One pack of a chain of overlays."""

    name: str
    version: str


@dataclass(frozen=True)
class Pack:
    """A resolved policy pack.

    Attributes:
        name, version, in_force_from: of the topmost pack.
        chain: the packs it is made of, base first, itself last.
        borrowed: files of cn-national that apply because no pack of the chain has them.
        sha256: of the resolved content; the same wherever the folder lies and however its rows are sorted.
        tables: every table of POLICY_TABLES by name, typed, sorted by key and validity; ``pack_source`` is the name of
            the pack that a row comes from.
        thresholds: the top-level keys of thresholds.toml that are set (see ``schemas.pack_toml.Settings``).
        parameters: detector id to parameter to value; the detectors check names and bounds.
        legal_bases: provisions by basis id.
        deadlines: clocks by clock id.
        campaign: the campaign, None where no pack names one.
    """

    name: str
    version: str
    in_force_from: date | None
    chain: tuple[PackLink, ...]
    borrowed: tuple[str, ...]
    sha256: str
    tables: dict[str, pl.DataFrame]
    thresholds: dict[str, Any]
    parameters: dict[str, dict[str, Scalar]]
    legal_bases: dict[str, LegalBasis]
    deadlines: dict[str, Clock]
    campaign: Campaign | None

    @property
    def identity(self) -> PackIdentity:
        """What the run manifest keeps of it."""
        chain = tuple(f"{link.name} {link.version}" for link in self.chain)
        return PackIdentity(name=self.name, version=self.version, sha256=self.sha256, chain=chain)


def load_pack(name_or_folder: str | Path = DEFAULT_PACK) -> Pack:
    """The pack of that name among the shipped ones, else the pack in that folder, with its overlays resolved.

    A step of a run asks for its pack again and again: while no byte of its files changes, it is the same value, which
    nobody may change.

    Raises:
        PackError: there is no such pack, ``extends`` goes in a circle, or a file is wrong; names file, line and key.
    """
    return _resolved(_chain(find_folder(name_or_folder), ()), read_folder(SHIPPED / LENDER))


@lru_cache(maxsize=8)
def _resolved(folders: tuple[PackFolder, ...], lender: PackFolder) -> Pack:
    rows, borrowed = _merged_tables(folders, lender)
    bases, lent = _merged_bases(folders, lender)
    top = folders[-1].head
    content: dict[str, Any] = {
        "chain": tuple(PackLink(folder.head.name, folder.head.version) for folder in folders),
        "borrowed": (*borrowed, *lent),
        "thresholds": {key: value for folder in folders for key, value in folder.settings.items()},
        "parameters": _merged_parameters(folders),
        "legal_bases": {key: _legal_basis(key, bases[key]) for key in sorted(bases)},
        "deadlines": {key: clock for folder in folders for key, clock in folder.deadlines.items()},
        "campaign": next((folder.campaign for folder in reversed(folders) if folder.campaign), None),
    }
    return Pack(
        name=top.name,
        version=top.version,
        in_force_from=top.in_force_from,
        sha256=_sha256({"tables": rows, "in_force_from": top.in_force_from, **content}),
        tables={name: _frame(table, rows[name]) for name, table in POLICY_TABLES.items()},
        **content,
    )


def load_chain(name_or_folder: str | Path = DEFAULT_PACK) -> tuple[Pack, ...]:
    """A pack and those that it extends, base first, each resolved as if it were used by itself."""
    return tuple(load_pack(folder.folder) for folder in _chain(find_folder(name_or_folder), ()))


def in_force(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    """The rows of a resolved pack table that hold on one day (half-open periods, an empty end is open)."""
    begun = pl.col("valid_from").is_null() | (pl.col("valid_from") <= day)
    ended = pl.col("valid_to").is_not_null() & (pl.col("valid_to") <= day)
    return rows.filter(begun & ~ended)


def _chain(folder: Path, above: tuple[PackFolder, ...]) -> tuple[PackFolder, ...]:
    """The pack in ``folder`` and those that it extends, base first, before the ones ``above`` it."""
    pack = read_folder(folder)
    if above:
        _check_new(pack, above)
    if pack.head.extends is None:
        return (pack, *above)
    return _chain(find_folder(pack.head.extends, beside=folder), (pack, *above))


def _check_new(pack: PackFolder, above: tuple[PackFolder, ...]) -> None:
    asking = above[0].folder / HEAD
    if pack.folder in [upper.folder for upper in above]:
        names = " extends ".join([upper.head.name for upper in reversed(above)] + [pack.head.name])
        raise fault_at(asking, ("extends",), f"packs extend each other in a circle ({names})", "a pack that ends it")
    if pack.head.name in [upper.head.name for upper in above]:
        raise fault_at(
            asking, ("name",), "two packs of one chain have the same name", "a name of its own for each pack"
        )


def _merged_tables(folders: tuple[PackFolder, ...], lender: PackFolder) -> tuple[dict[str, list[Row]], tuple[str, ...]]:
    """Rows of each table after overlay, sorted; and the protective files that had to be borrowed."""
    merged: dict[str, list[Row]] = {}
    borrowed: list[str] = []
    for name, table in POLICY_TABLES.items():
        layers = [
            (folder.head.name, [line.row for line in folder.tables[name]])
            for folder in folders
            if name in folder.tables
        ]
        if not layers and name in PROTECTIVE_TABLES:
            borrowed.append(f"{name}.csv")
            layers = [(LENDER, [line.row for line in lender.tables[name]])]
        merged[name] = _overlaid(table, layers)
    return merged, tuple(borrowed)


def _overlaid(table: Table, layers: list[tuple[str, list[Row]]]) -> list[Row]:
    """Rows of all layers, base first: those of a key come from the topmost layer that has the key."""
    by_key: dict[tuple[str, ...], list[Row]] = {}
    for pack_name, rows in layers:
        fresh: dict[tuple[str, ...], list[Row]] = {}
        for row in rows:
            fresh.setdefault(key_of(table, row), []).append({**row, "pack_source": pack_name})
        by_key |= fresh
    return [row for key in sorted(by_key) for row in sorted(by_key[key], key=lambda row: row["valid_from"] or date.min)]


def _merged_bases(folders: tuple[PackFolder, ...], lender: PackFolder) -> tuple[dict[str, LegalEntry], tuple[str, ...]]:
    given = [folder.legal_bases for folder in folders if folder.legal_bases is not None]
    if not given:
        return lender.legal_bases or {}, (LAW,)
    return {key: entry for bases in given for key, entry in bases.items()}, ()


def _merged_parameters(folders: tuple[PackFolder, ...]) -> dict[str, dict[str, Scalar]]:
    merged: dict[str, dict[str, Scalar]] = {}
    for folder in folders:
        for detector_id, values in folder.parameters.items():
            merged[detector_id] = {**merged.get(detector_id, {}), **values}
    return merged


def _legal_basis(basis_id: str, entry: LegalEntry) -> LegalBasis:
    return LegalBasis(basis_id=basis_id, **entry.model_dump())


def _frame(table: Table, rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=policy_schema(table), orient="row")


def _sha256(content: dict[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, default=_plain)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _plain(value: object) -> object:
    """What JSON does not know: values of pydantic and dataclasses as objects, dates and decimals as text."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return asdict(value) if isinstance(value, PackLink) else str(value)
