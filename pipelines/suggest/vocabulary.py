"""The words that names are made of, read once from the TOML files in ``words/``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.suggest.normalise import counted, normalise
from schemas.errors import IntegrityError

FOLDER = Path(__file__).resolve().parent / "words"

KINDS = ("modality", "contrast", "side", "part", "technique", "manner", "specimen", "method", "concept", "elsewhere")
"""What a word can say. Words of ``empty`` and ``noise`` say nothing."""

Meaning = tuple[tuple[str, str], ...]
"""Pairs of kind and value; several where a word says several things at once, none where it says nothing."""


@dataclass(frozen=True)
class Vocabulary:
    """Words and what they mean.

    Attributes:
        characters: single characters that are written either way.
        meanings: normalised word to what it says.
        words_of: concept to its normalised words.
        near_parts: body part to the parts that may stand for it.
        implied_parts: modality or technique to the body part it implies.
        implied_specimens: concept to the specimen it implies.
        modality_of: concept to its modality, where that is not the laboratory.
        longest: letters of the longest word.
    """

    characters: Mapping[str, str]
    meanings: Mapping[str, Meaning]
    words_of: Mapping[str, tuple[str, ...]]
    near_parts: Mapping[str, tuple[str, ...]]
    implied_parts: Mapping[str, str]
    implied_specimens: Mapping[str, str]
    modality_of: Mapping[str, str]
    longest: int

    def parts(self) -> frozenset[str]:
        """Every body part that some word says."""
        return frozenset(value for meaning in self.meanings.values() for kind, value in meaning if kind == "part")


@cache
def shipped_vocabulary() -> Vocabulary:
    """The vocabulary that comes with the program.

    Raises:
        IntegrityError: one word has two meanings.
    """
    folding, imaging, laboratory = (_toml(name) for name in ("folding", "imaging", "laboratory"))
    characters: dict[str, str] = folding["characters"]
    meanings: dict[str, Meaning] = {}
    words_of: dict[str, list[str]] = {}
    for word, meaning in _entries(folding, imaging, laboratory):
        spelt, _count = counted(normalise(word, characters))
        if meanings.setdefault(spelt, meaning) != meaning:
            raise IntegrityError("one word of the vocabulary has two meanings", got=word, where=str(FOLDER))
        for kind, value in meaning:
            if kind == "concept":
                words_of.setdefault(value, []).append(spelt)
    return Vocabulary(
        characters=characters,
        meanings=meanings,
        words_of={concept: tuple(dict.fromkeys(words)) for concept, words in words_of.items()},
        near_parts={part: tuple(others) for part, others in imaging["near"].items()},
        implied_parts=imaging["implied_part"],
        implied_specimens=laboratory["implied_specimen"],
        modality_of=laboratory["modality_of"],
        longest=max(map(len, meanings)),
    )


def _entries(*files: Mapping[str, Any]) -> Iterator[tuple[str, Meaning]]:
    """Every word as it is written, with its meaning."""
    for content in files:
        for kind in ("empty", "noise"):
            yield from ((word, ()) for word in content.get(kind, {}).get("words", ()))
        for kind in KINDS:
            for value, words in content.get(kind, {}).items():
                yield from ((word, ((kind, value),)) for word in words)
        for compound in content.get("compound", ()):
            meaning = tuple((kind, compound[kind]) for kind in KINDS if kind in compound)
            yield from ((word, meaning) for word in compound["words"])


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
