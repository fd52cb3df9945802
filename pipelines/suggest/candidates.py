"""The pack's items as things that a local name can be compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

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
        modality: the pack's, None where it has none.
        part: the body part that the pack gives, in the vocabulary's word where it knows it.
        reading: what the item's name says.
    """

    item_code: str
    item_name: str
    family: str
    modality: str | None
    part: str | None
    reading: Reading

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
    return tuple(
        Candidate(
            item_code=code,
            item_name=row["item_name"],
            family=row["family"],
            modality=row["modality"],
            part=_known_part(row["body_part"]),
            reading=read_name(row["item_name"]),
        )
        for code, row in sorted(newest.items())
    )


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
    named = read_name(body_part).part
    return min(named) if len(named) == 1 else body_part
