"""How sure it is that a local name means an item of the pack: 0 to 1, None where they cannot be the same.

Vetoes first (modality, contrast, body part, side, technique, specimen, what is measured). What remains is *read alike*
when both say the same words and leave the same unread: nearly 1, less a cost for each thing that one side leaves open.
Everything else is compared letter by letter and never reaches ``SURE``: a spelling mistake is for an analyst to see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from pipelines.suggest.candidates import NO_PICTURE, Candidate, modalities_of, specimens_of
from pipelines.suggest.reading import Reading
from pipelines.suggest.vocabulary import shipped_vocabulary

SURE = 0.9
"""From here on a proposal may be taken without being looked at."""

SPELT_ALIKE, READ_ALIKE, SAME_LETTERS = 1.0, 0.99, 0.95
"""Confidence of the same name, of the same in other words, of the same with its unread letters in another order."""

ENOUGH_LETTERS = 4
"""Unread letters from which their order may differ."""

ALMOST = 0.89
"""The most that likeness of letters is worth."""

FEATURE_LETTERS = 4
"""How many letters a word that was understood counts for beside letters that were not."""


@dataclass(frozen=True)
class Cost:
    """What it costs, in confidence, when one side leaves something open or says it otherwise."""

    no_modality: float = 0.15
    plain_by_default: float = 0.14
    enhanced_by_default: float = 0.4
    contrast_not_in_item: float = 0.12
    near_part: float = 0.14
    part_not_in_item: float = 0.2
    part_not_in_name: float = 0.4
    several_parts: float = 0.35
    manner: float = 0.12
    method_not_in_name: float = 0.06
    method_not_in_item: float = 0.04
    other_method: float = 0.15
    open_specimen: float = 0.15
    count_open: float = 0.04
    other_count: float = 0.12


COST = Cost()
"""Set by hand on the tuning half of the labelled names."""

Judgement = Callable[[Reading, Candidate], float | None]


def confidence(local: Reading, item: Candidate) -> float | None:
    """How sure it is that the name means the item, to three decimals; None where something forbids it."""
    if local.spelt == item.reading.spelt:
        return SPELT_ALIKE
    total = 0.0
    for judgement in JUDGEMENTS:
        cost = judgement(local, item)
        if cost is None:
            return None
        total += cost
    likeness = _read_alike(local, item) or min(ALMOST, _likeness(local, item))
    return round(max(0.0, likeness - total), 3)


def _modality(local: Reading, item: Candidate) -> float | None:
    said = modalities_of(local)
    if not said or item.modality is None:
        return COST.no_modality if item.modality not in (None, *NO_PICTURE) else 0.0
    return 0.0 if item.modality in said else None


def _elsewhere(local: Reading, item: Candidate) -> float | None:
    return 0.0 if local.elsewhere == item.reading.elsewhere else None


def _concept(local: Reading, item: Candidate) -> float | None:
    ours, theirs = local.concept, item.reading.concept
    return None if ours and theirs and not ours & theirs else 0.0


def _contrast(local: Reading, item: Candidate) -> float | None:
    ours, theirs = local.contrast, item.reading.contrast
    if ours and theirs:
        return 0.0 if ours == theirs else None
    if theirs:
        return COST.plain_by_default if theirs == {"plain"} else COST.enhanced_by_default
    return COST.contrast_not_in_item if ours and item.modality not in NO_PICTURE else 0.0


def _part(local: Reading, item: Candidate) -> float | None:
    if item.modality in NO_PICTURE or (local.concept and local.concept == item.reading.concept):
        return 0.0
    implied = shipped_vocabulary().implied_parts
    is_implied = item.part in {implied.get(one) for one in (item.modality or "", *item.reading.technique)}
    part = None if is_implied else item.part
    ours = local.part - {item.part or ""} if part is None else local.part
    if not ours:
        return 0.0 if part is None else COST.part_not_in_name
    if part is None:
        return COST.part_not_in_item
    if part in ours:
        return 0.0 if len(ours) == 1 else COST.several_parts
    is_near = len(ours) == 1 and part in shipped_vocabulary().near_parts.get(min(ours), ())
    return COST.near_part if is_near else None


def _side(local: Reading, item: Candidate) -> float | None:
    ours, theirs = local.side, item.reading.side
    return None if ours and theirs and ours != theirs else 0.0


def _technique(local: Reading, item: Candidate) -> float | None:
    return 0.0 if local.technique == item.reading.technique else None


def _manner(local: Reading, item: Candidate) -> float | None:
    return COST.manner * len(local.manner ^ item.reading.manner)


def _specimen(local: Reading, item: Candidate) -> float | None:
    if item.modality not in (None, "LAB"):
        return 0.0
    ours, theirs = specimens_of(local), item.specimens
    if ours and theirs:
        return 0.0 if ours & theirs else None
    if theirs:
        return 0.0 if theirs == {"blood"} else COST.open_specimen
    return COST.open_specimen if ours else 0.0


def _method(local: Reading, item: Candidate) -> float | None:
    ours, theirs = local.method, item.reading.method
    if ours == theirs:
        return 0.0
    if ours and theirs:
        return COST.other_method
    return COST.method_not_in_item if ours else COST.method_not_in_name


def _count(local: Reading, item: Candidate) -> float | None:
    ours, theirs = local.count, item.reading.count
    if ours == theirs:
        return 0.0
    return COST.count_open if ours is None or theirs is None else COST.other_count


JUDGEMENTS: tuple[Judgement, ...] = (
    _elsewhere,
    _modality,
    _concept,
    _contrast,
    _part,
    _side,
    _technique,
    _manner,
    _specimen,
    _method,
    _count,
)
"""Each says what a difference costs, or that it forbids the item (None)."""


def _read_alike(local: Reading, item: Candidate) -> float | None:
    """Confidence of a name that says the same words and leaves the same letters unread, else None.

    A panel may be followed by what is in it: 凝血四项(PT、APTT、TT、FIB).
    """
    theirs = item.reading
    named = local.concept - item.contents if theirs.concept and theirs.concept <= local.concept else local.concept
    if not local.says_something or named != theirs.concept:
        return None
    if local.left == theirs.left:
        return READ_ALIKE
    ours, others = sorted("".join(local.left)), sorted("".join(theirs.left))
    return SAME_LETTERS if ours == others and len(ours) >= ENOUGH_LETTERS else None


def _likeness(local: Reading, item: Candidate) -> float:
    """The better of two: understood words and unread letters together, or the spelling against any of the item's."""
    understood = float(Indel.normalized_similarity(_letters(local, item), _letters(item.reading, item)))
    spelt = max((fuzz.ratio(local.text, spelling) / 100 for spelling in item.spellings), default=0.0)
    return max(understood, spelt) if local.says_something else 0.0


def _letters(reading: Reading, item: Candidate) -> list[str]:
    """Words understood, each several letters long, then the letters left over."""
    kinds = [("concept", reading.concept)]
    if item.modality not in NO_PICTURE:
        kinds += [("modality", reading.modality), ("part", reading.part), ("technique", reading.technique)]
    words = [f"{kind} {value}" for kind, values in kinds for value in sorted(values)]
    return [word for word in words for _ in range(FEATURE_LETTERS)] + list("".join(reading.left))
