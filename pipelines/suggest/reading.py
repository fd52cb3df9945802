"""Reads an item's name: what it measures or pictures, of which part, in which specimen, and what is left unread."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pipelines.suggest.normalise import counted, normalise
from pipelines.suggest.vocabulary import KINDS, Meaning, Vocabulary, shipped_vocabulary

Words = frozenset[str]
Pieces = list[tuple[str, Meaning | None]]
"""Pieces of a text with what they mean, None where nothing explains them."""


@dataclass(frozen=True)
class Reading:
    """What a name says.

    Attributes:
        spelt: the normalised name.
        text: the same without words that say nothing, for comparing letter by letter.
        left: the pieces that no word of the vocabulary explains, sorted.
        count: number of analytes of a panel (``六项``), None where none is named.
        contrast, modality, side, part, technique, manner, specimen, method, concept, elsewhere: what its words
            say, by kind.
    """

    spelt: str
    text: str
    left: tuple[str, ...]
    count: int | None
    modality: Words
    contrast: Words
    side: Words
    part: Words
    technique: Words
    manner: Words
    specimen: Words
    method: Words
    concept: Words
    elsewhere: Words

    @property
    def says_something(self) -> bool:
        """Whether there is anything to compare by: a place or a specimen alone is not."""
        return bool(self.modality or self.concept or self.technique or self.elsewhere or self.left)


@lru_cache(maxsize=65_536)
def read_name(name: str) -> Reading:
    """What the shipped vocabulary reads in a name."""
    vocabulary = shipped_vocabulary()
    spelt = normalise(name, vocabulary.characters)
    text, count = counted(spelt)
    # Brackets may join what belongs together, 纤维蛋白(原)降解产物, or part what does not, 钾(离子选择电极法).
    gapped = counted(normalise(name, vocabulary.characters, keeps_gaps=True))[0]
    pieces = min((_pieces(one, vocabulary) for one in (text, gapped)), key=_unread)
    said: dict[str, set[str]] = {}
    for kind, value in (pair for _piece, meaning in pieces for pair in meaning or ()):
        said.setdefault(kind, set()).add(value)
    words = {kind: frozenset(said.get(kind, ())) for kind in KINDS}
    if len(words["contrast"]) > 1:
        words["contrast"] = frozenset({"both"})
    return Reading(
        spelt=spelt,
        text="".join(piece for piece, meaning in pieces if meaning != ()),
        left=tuple(sorted(piece for piece, meaning in pieces if meaning is None)),
        count=count,
        **words,
    )


def _unread(pieces: Pieces) -> int:
    return sum(len(piece) for piece, meaning in pieces if meaning is None)


def _pieces(text: str, vocabulary: Vocabulary) -> Pieces:
    """The text cut into words of the vocabulary, the longest first from the left, and what stands between them."""
    pieces: list[tuple[str, Meaning | None]] = []
    at, unread = 0, 0
    while at < len(text):
        word = _word_at(text, at, vocabulary)
        if word is None:
            at += 1
            continue
        pieces += [(text[unread:at], None), (word, vocabulary.meanings[word])]
        at += len(word)
        unread = at
    pieces.append((text[unread:], None))
    return _without_strays([(piece.strip(), meaning) for piece, meaning in pieces if piece.strip()])


def _without_strays(pieces: Pieces) -> Pieces:
    """The pieces; a one-letter analyte beside unread letters is unread too: 丙胺酸氨基转移酶 has no ammonia in it."""
    joined: list[tuple[str, Meaning | None]] = []
    for index, (piece, meaning) in enumerate(pieces):
        is_analyte = len(piece) == 1 and meaning is not None and any(kind == "concept" for kind, _value in meaning)
        beside = pieces[max(0, index - 1) : index + 2]
        if is_analyte and any(one is None for _piece, one in beside):
            meaning = None
        if meaning is None and joined and joined[-1][1] is None:
            joined[-1] = (joined[-1][0] + piece, None)
        else:
            joined.append((piece, meaning))
    return joined


def _word_at(text: str, at: int, vocabulary: Vocabulary) -> str | None:
    for length in range(min(vocabulary.longest, len(text) - at), 0, -1):
        word = text[at : at + length]
        if word in vocabulary.meanings and not _cuts_latin(text, at, at + length):
            return word
    return None


def _cuts_latin(text: str, start: int, end: int) -> bool:
    """Whether a word would begin or end inside a Latin word or number: ``pt`` is not in ``aptt``."""
    return any(0 < edge < len(text) and _is_latin(text[edge - 1]) and _is_latin(text[edge]) for edge in (start, end))


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
