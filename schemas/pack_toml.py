"""The TOML files of a policy pack: their shapes, and faults that name file, line and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, RootModel, StringConstraints, ValidationError

from schemas.card import Frozen, Text
from schemas.errors import PackError
from schemas.pack_csv import decode

Word: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Scalar: TypeAlias = bool | int | float | str
"""What a detector's parameter can be."""

_PARAMETER_DEPTH = 3
"""Keys from the root of thresholds.toml to a parameter: family, name, parameter."""

_HEADER = re.compile(r"\s*(\[\[?)([^\[\]]+)\]\]?\s*(#.*)?")
_ENTRY = re.compile(r"\s*((?:[\w\-.]|\s|\"[^\"]*\")+?)\s*=")


class StrictFrozen(Frozen):
    """A TOML table: no unknown keys, and a number is not text."""

    model_config = ConfigDict(strict=True)


class PackHead(StrictFrozen):
    """pack.toml. Only name and version are needed; in_force_from informs and never makes an event unjudged."""

    name: Word
    version: Word
    extends: Word | None = None
    in_force_from: date | None = None
    title: Text | None = None
    description: Text | None = None


class Clock(StrictFrozen):
    """One table ``[clock_id]`` of deadlines.toml: how long a step may take, and by how much it may be extended."""

    title: Text
    length: Annotated[int, Field(gt=0)]
    unit: Annotated[str, Field(pattern="^(working_days|days|years)$")]
    extension: Annotated[int, Field(ge=0)] = 0
    extensions_allowed: Annotated[int, Field(ge=0)] = 0
    source: Word


class Target(StrictFrozen):
    """A share of institutions that a campaign asks for, by kind of institution."""

    institution_kinds: tuple[Word, ...] = Field(strict=False)
    self_inspection_pct: Annotated[int, Field(ge=0, le=100)]


class Campaign(StrictFrozen):
    """campaign.toml: which campaign, over which days, and what it asks for."""

    campaign_id: Word
    title: Text
    starts_on: date
    ends_on: date
    persons_sampled_per_institution: Annotated[int, Field(gt=0)]
    targets: tuple[Target, ...] = Field(default=(), strict=False)
    source: Word


class Settings(StrictFrozen):
    """Top-level keys of thresholds.toml, which hold for every detector; what is not given is unset.

    Attributes:
        default_retest_hours: interval of items without one; unset means that such items are not judged.
        exam_charge_categories: values of claim_line.charge_category that say: an examination.
        non_exam_charge_categories: values that say: not an examination (bed, operation, drugs …).
        imaging_modalities: modalities that are not compared without a body part.
        inconclusive_diagnosis_words: parts of a diagnosis's name that leave it open (待查, 疑似 …).
    """

    default_retest_hours: Annotated[int, Field(gt=0)] | None = None
    exam_charge_categories: tuple[Word, ...] | None = Field(default=None, strict=False)
    non_exam_charge_categories: tuple[Word, ...] | None = Field(default=None, strict=False)
    imaging_modalities: tuple[Word, ...] | None = Field(default=None, strict=False)
    inconclusive_diagnosis_words: tuple[Word, ...] | None = Field(default=None, strict=False)


class DeadlineFile(RootModel[dict[str, Clock]]):
    """deadlines.toml: one table a clock."""


class FamilyFile(RootModel[dict[str, dict[str, dict[str, Scalar]]]]):
    """The tables ``[family.name]`` of thresholds.toml: parameters of detectors."""

    model_config = ConfigDict(strict=True)


Shape = TypeVar("Shape", bound=BaseModel)


def read_toml(path: Path) -> dict[str, Any]:
    """The file's tables and values.

    Raises:
        PackError: not TOML; the message gives line and column.
    """
    try:
        return tomllib.loads(decode(path).replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as fault:
        found = re.search(r"line (\d+)", str(fault))
        line = int(found[1]) if found else decode(path).count("\n") + 1
        raise PackError(
            "a file is not TOML", got=str(fault), allowed="key = value, [table]", where=f"{path} line {line}"
        ) from None


def shaped(shape: type[Shape], content: dict[str, Any], path: Path) -> Shape:
    """The content as a value of that shape.

    Raises:
        PackError: the first fault, with its file, line and dotted key, and what is allowed there.
    """
    try:
        return shape.model_validate(content)
    except ValidationError as fault:
        first = fault.errors(include_input=False, include_url=False, include_context=False)[0]
        raise _explained(shape, path, first["type"], first["loc"], first["msg"]) from None


def fault_at(path: Path, keys: tuple[str, ...], wrong: str, allowed: str) -> PackError:
    """An error at a dotted key of a TOML file, with the line on which the key (or its nearest parent) stands."""
    dotted = ".".join(keys)
    where = f"{path} line {line_of(decode(path), keys)}, key {dotted}"
    return PackError(wrong, got=f"key {dotted}", allowed=allowed, where=where)


def _explained(
    shape: type[BaseModel], path: Path, fault: str, location: tuple[int | str, ...], message: str
) -> PackError:
    """The fault in this program's words; pydantic's message stands in for what has no better ones."""
    keys = tuple(str(part) for part in location)
    if fault == "extra_forbidden":
        known = ", ".join(shape.model_fields) if len(keys) == 1 else "the keys of the other entries"
        return fault_at(path, keys, "unknown key", known)
    if fault == "missing":
        return fault_at(path, keys, "a key is missing", "this key with a value")
    if shape is FamilyFile and len(keys) > _PARAMETER_DEPTH:
        return fault_at(
            path, keys[:_PARAMETER_DEPTH], "a parameter is not a single value", "a number, text, true, false"
        )
    if shape is FamilyFile:
        return fault_at(path, keys, "not a table of parameters", "[family.name] and below it parameter = value")
    return fault_at(path, keys, "a value of the wrong kind", message)


def line_of(text: str, keys: tuple[str, ...]) -> int:
    """The 1-based line of a dotted key in TOML text; of its nearest parent, or 1, where it does not stand."""
    seen: dict[tuple[str, ...], int] = {}
    counts: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.fullmatch(line)
        if header:
            *parents, last = _split(header[2])
            table = (*_resolved(parents, counts), last)
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, str(counts[table]))
            seen.setdefault(table, number)
            continue
        entry = _ENTRY.match(line)
        if entry:
            seen.setdefault(table + _split(entry[1]), number)
    return next((seen[keys[:end]] for end in range(len(keys), 0, -1) if keys[:end] in seen), 1)


def _resolved(parts: Sequence[str], counts: Mapping[tuple[str, ...], int]) -> tuple[str, ...]:
    """The path of a table with the number of the newest entry after each array of tables."""
    path: tuple[str, ...] = ()
    for part in parts:
        path = (*path, part)
        path = (*path, str(counts[path])) if path in counts else path
    return path


def _split(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip('"') for part in dotted.split("."))
