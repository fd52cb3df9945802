"""Reads one folder of a policy pack, before any overlay: what it brings, and only files it may have."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from schemas.errors import PackError
from schemas.pack_csv import Line, read_table
from schemas.pack_law import FILE as LAW
from schemas.pack_law import LegalEntry, read_law
from schemas.pack_toml import (
    Campaign,
    Clock,
    DeadlineFile,
    FamilyFile,
    PackHead,
    Scalar,
    Settings,
    fault_at,
    read_toml,
    shaped,
)
from schemas.policy_tables import POLICY_TABLES

SHIPPED = Path(__file__).resolve().parent / "policy"
"""Folder of the packs that come with the program, one folder a pack, named like the pack."""

HEAD = "pack.toml"
TOML_FILES = (HEAD, "thresholds.toml", LAW, "deadlines.toml", "campaign.toml")
ALLOWED_FILES = (*TOML_FILES, *(f"{name}.csv" for name in POLICY_TABLES), "README.md")
"""All that a pack folder may hold, beside hidden files."""


@dataclass(frozen=True, eq=False)
class PackFolder:
    """One pack as its folder has it. A table is absent (not empty) where the folder has no such file.

    Two are the same only where they are one object: while a folder's bytes stay, ``read_folder`` gives the same one.
    """

    folder: Path
    head: PackHead
    tables: dict[str, tuple[Line, ...]]
    settings: dict[str, Any]
    parameters: dict[str, dict[str, Scalar]]
    legal_bases: dict[str, LegalEntry] | None
    deadlines: dict[str, Clock]
    campaign: Campaign | None


def shipped_packs() -> tuple[str, ...]:
    """Names of the packs that come with the program, sorted."""
    return tuple(sorted(path.parent.name for path in SHIPPED.glob(f"*/{HEAD}")))


def find_folder(name_or_folder: str | Path, beside: Path | None = None) -> Path:
    """The folder of a shipped pack of that name, else that folder (relative to ``beside`` where given).

    Raises:
        PackError: neither exists.
    """
    name = str(name_or_folder)
    if name in shipped_packs():
        return SHIPPED / name
    folder = (beside or Path()) / Path(name).expanduser()
    if (folder / HEAD).is_file():
        return folder.resolve()
    allowed = f"{', '.join(shipped_packs())}, or a folder that holds {HEAD}"
    if beside is not None:
        raise fault_at(beside / HEAD, ("extends",), f"unknown policy pack {name}", allowed)
    raise PackError("unknown policy pack", got=name, allowed=allowed, where="--pack")


def read_folder(folder: Path) -> PackFolder:
    """Everything a pack folder brings, typed and checked; parsed anew only where a byte of it changed.

    Raises:
        PackError: a file that may not be there, or a fault in one, with file, line and key.
    """
    _check_names(folder)
    return _parsed(folder, _digest(folder))


def _digest(folder: Path) -> str:
    content = hashlib.sha256()
    for name in ALLOWED_FILES:
        path = folder / name
        if path.is_file():
            content.update(f"{name} {path.stat().st_size}\n".encode())
            content.update(path.read_bytes())
    return content.hexdigest()


@lru_cache(maxsize=16)
def _parsed(folder: Path, digest: str) -> PackFolder:
    """The folder as it is while its files have this digest, which is there to be remembered by."""
    settings, parameters = _thresholds(folder / "thresholds.toml")
    campaign = folder / "campaign.toml"
    return PackFolder(
        folder=folder,
        head=shaped(PackHead, read_toml(folder / HEAD), folder / HEAD),
        tables={
            name: read_table(folder / f"{name}.csv", table)
            for name, table in POLICY_TABLES.items()
            if (folder / f"{name}.csv").is_file()
        },
        settings=settings,
        parameters=parameters,
        legal_bases=read_law(folder),
        deadlines=_deadlines(folder / "deadlines.toml"),
        campaign=shaped(Campaign, read_toml(campaign), campaign) if campaign.is_file() else None,
    )


def _deadlines(path: Path) -> dict[str, Clock]:
    return shaped(DeadlineFile, read_toml(path), path).root if path.is_file() else {}


def _check_names(folder: Path) -> None:
    names = sorted(path.name for path in folder.iterdir() if not path.name.startswith((".", "~$")))
    unknown = [name for name in names if name not in ALLOWED_FILES]
    if unknown:
        raise PackError(
            "a pack folder holds a file that no pack has",
            got=", ".join(unknown),
            allowed=", ".join(ALLOWED_FILES),
            where=str(folder / unknown[0]),
        )


def _thresholds(path: Path) -> tuple[dict[str, Any], dict[str, dict[str, Scalar]]]:
    content = read_toml(path) if path.is_file() else {}
    is_family = {key: isinstance(value, dict) and key not in Settings.model_fields for key, value in content.items()}
    settings = shaped(Settings, {key: value for key, value in content.items() if not is_family[key]}, path)
    families = shaped(FamilyFile, {key: value for key, value in content.items() if is_family[key]}, path).root
    parameters = {f"{family}.{name}": values for family, names in families.items() for name, values in names.items()}
    return settings.model_dump(mode="json", exclude_none=True), parameters
