"""legal_basis.toml of a policy pack: provisions, their documents, and their own words by period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, ConfigDict, Field, RootModel

from schemas.card import LegalBasis, Provision, Said, Text, Wording, is_in_force
from schemas.errors import PackError
from schemas.pack_toml import fault_at, read_toml, shaped

FILE = "legal_basis.toml"


def _filled(text: Text) -> Text:
    if not (text.en.strip() and text.zh.strip()):
        raise ValueError("words in both languages, or once for both")
    return text


Words: TypeAlias = Annotated[Said, AfterValidator(_filled)]
"""Words in both languages (``.en`` and ``.zh``), or once for both."""


_TOML = ConfigDict(strict=True, str_strip_whitespace=True, str_min_length=1)


class WordingEntry(Wording):
    """One table ``[[basis_id.wordings]]``: the provision's own Chinese words over a half-open period."""

    model_config = _TOML

    source: Words


class LegalEntry(Provision):
    """One table ``[basis_id]`` of legal_basis.toml; the period is half-open."""

    model_config = _TOML

    source: Words
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    wordings: tuple[WordingEntry, ...] = Field(default=(), strict=False)
    applies_to: tuple[str, ...] = Field(default=(), strict=False)


class LegalFile(RootModel[dict[str, LegalEntry]]):
    """legal_basis.toml: one table a provision."""


def read_law(folder: Path) -> dict[str, LegalEntry] | None:
    """The provisions of a pack folder by id, None where it has no legal_basis.toml.

    Raises:
        PackError: a fault in the file, or a day on which a provision would have no or two wordings by mistake; names
            file, line and key.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    entries = shaped(LegalFile, read_toml(path), path).root
    fault = next((fault for basis_id, entry in entries.items() for fault in _faults(path, basis_id, entry)), None)
    if fault is not None:
        raise fault
    return entries


def law_rows(bases: Mapping[str, LegalBasis], day: date | None = None) -> list[dict[str, Any]]:
    """One row for each wording, or for the provision where it has none, by id and period; on a day, the one that holds.

    The period is the wording's; ``text_zh`` and ``text_checked`` are null where no words are held.
    """
    return [_row(key, basis, held) for key, basis in sorted(bases.items()) for held in _held(basis, day)]


def _held(basis: LegalBasis, day: date | None) -> Sequence[Wording | None]:
    if day is None:
        return sorted(basis.wordings, key=lambda one: one.in_force_from) or (None,)
    return (basis.wording_on(day),) if is_in_force(basis, day) else ()


def _row(basis_id: str, basis: LegalBasis, wording: Wording | None) -> dict[str, Any]:
    period = wording or basis
    return {
        "basis_id": basis_id,
        "title_en": basis.title.en,
        "title_zh": basis.title.zh,
        "article": (wording and wording.article) or basis.article,
        "document_no": basis.document_no,
        "in_force_from": period.in_force_from,
        "in_force_to": period.in_force_to,
        "text_checked": wording and wording.text_checked,
        "text_zh": wording and wording.text_zh,
        "source_zh": period.source.zh,
        "source_en": period.source.en,
    }


def _faults(path: Path, basis_id: str, entry: LegalEntry) -> Iterator[PackError]:
    """Periods that end before they begin, lie outside the provision's, or overlap."""
    if _is_empty(entry):
        yield fault_at(path, (basis_id, "in_force_to"), "a period ends before it begins", _AFTER)
    for number, wording in enumerate(entry.wordings):
        key = (basis_id, "wordings", str(number))
        if _is_empty(wording):
            yield fault_at(path, (*key, "in_force_to"), "a period ends before it begins", _AFTER)
        if wording.in_force_from < entry.in_force_from:
            yield fault_at(
                path,
                (*key, "in_force_from"),
                "a wording begins before its provision",
                f"a day from {entry.in_force_from} on",
            )
        if _end(wording) > _end(entry):
            allowed = f"a day until {entry.in_force_to}"
            yield fault_at(path, (*key, "in_force_to"), "a wording outlasts its provision", allowed)
    for (_, one), (number, other) in combinations(enumerate(entry.wordings), 2):
        if one.in_force_from < _end(other) and other.in_force_from < _end(one):
            start = (basis_id, "wordings", str(number), "in_force_from")
            yield fault_at(path, start, "two wordings of a provision hold on one day", "one wording at a time")


_AFTER = "the first day on which it no longer holds, after in_force_from"


def _end(period: LegalEntry | WordingEntry) -> date:
    return period.in_force_to or date.max


def _is_empty(period: LegalEntry | WordingEntry) -> bool:
    return _end(period) <= period.in_force_from
