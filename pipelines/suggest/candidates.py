"""The pack's items as things that a local name can be compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipelines.suggest.reading import Reading, Words, read_name
from pipelines.suggest.vocabulary import shipped_vocabulary
from schemas.pack import Pack

NO_PICTURE = ("LAB", "PATH")
"""Modalities whose items are told apart by what is measured in which specimen, not by a body part."""


@dataclass(frozen=True)
class Candidate:
    """One item of the pack.

    Attributes:
        item_code, item_name, family: as the pack has them.
        modality: the pack's, else the one that the name says.
        part: the body part that the pack gives, in the vocabulary's word where it knows it, else that of the name.
        reading: what the item's name says.
        contents: concepts of the analytes that the pack says the item, a panel, contains.
    """

    item_code: str
    item_name: str
    family: str
    modality: str | None
    part: str | None
    reading: Reading
    contents: Words = frozenset()

    @cached_property
    def specimens(self) -> Words:
        """Specimens that the item is for; a measured item that names none is taken to be of blood."""
        implied = specimens_of(self.reading)
        return implied or (frozenset({"blood"}) if self.reading.concept and self.modality == "LAB" else frozenset())

    @cached_property
    def spellings(self) -> tuple[str, ...]:
        """The item's name and, where it is of one concept, every word for it."""
        others: Sequence[str] = ()
        if len(self.reading.concept) == 1 and not self.reading.left:
            others = shipped_vocabulary().words_of[min(self.reading.concept)]
        return tuple(dict.fromkeys((self.reading.text, *others)))


def candidates_of(pack: Pack) -> tuple[Candidate, ...]:
    """Every item of the pack once, by code; of several periods the newest names it."""
    newest = {row["item_code"]: row for row in pack.tables["exam_items"].to_dicts()}
    contents: dict[str, set[str]] = {}
    for row in pack.tables["panel_items"].to_dicts():
        analyte = newest.get(row["item_code"])
        if analyte is not None:
            contents.setdefault(row["panel_item_code"], set()).update(read_name(analyte["item_name"]).concept)
    return tuple(_candidate(row, frozenset(contents.get(code, ()))) for code, row in sorted(newest.items()))


def _candidate(row: Mapping[str, Any], contents: Words) -> Candidate:
    reading = read_name(row["item_name"])
    return Candidate(
        item_code=row["item_code"],
        item_name=row["item_name"],
        family=row["family"],
        modality=row["modality"] or _only(modalities_of(reading)),
        part=_known_part(row["body_part"]) or _only(reading.part),
        reading=reading,
        contents=contents,
    )


def _only(words: Words) -> str | None:
    return min(words) if len(words) == 1 else None


def specimens_of(reading: Reading) -> Words:
    """Specimens that a name says, else those that what it measures implies."""
    implied = shipped_vocabulary().implied_specimens
    return reading.specimen or frozenset(implied[one] for one in reading.concept if one in implied)


def modalities_of(reading: Reading) -> Words:
    """Modalities that a name says, else those of what it measures: the laboratory unless the words know better."""
    known = shipped_vocabulary().modality_of
    return reading.modality or frozenset(known.get(one, "LAB") for one in reading.concept)


def _known_part(body_part: str | None) -> str | None:
    if body_part is None or body_part in shipped_vocabulary().parts():
        return body_part
    return _only(read_name(body_part).part) or body_part
