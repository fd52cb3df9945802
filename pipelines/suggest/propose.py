"""For each local name, the items of the pack that it most likely means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from pipelines.suggest.candidates import Candidate, modalities_of
from pipelines.suggest.reading import Reading, read_name
from pipelines.suggest.scoring import SURE, confidence

LEAST = 0.5
"""Below this a proposal would only distract."""

WORTH_A_LOOK = 55
"""Likeness of letters (0 to 100) from which an item is compared although nothing else points at it."""

AMBIGUOUS = 0.85
"""Confidence of a proposal that another item deserves as much."""

SAME = 0.005
"""Confidences this near to each other are the same."""


@dataclass(frozen=True)
class Proposal:
    """The items that a name most likely means, best first, each with its confidence."""

    items: tuple[tuple[Candidate, float], ...]

    @property
    def best(self) -> tuple[Candidate, float] | None:
        """The best item, None where nothing fits."""
        return self.items[0] if self.items else None

    @property
    def runner_up(self) -> tuple[Candidate, float] | None:
        """The item after it."""
        return self.items[1] if len(self.items) > 1 else None


@dataclass(frozen=True)
class Proposer:
    """Proposes items of one pack; the same name always gets the same answer, whatever else is asked."""

    candidates: Sequence[Candidate]

    def propose(self, name: str) -> Proposal:
        """The two items that fit a name best."""
        local = read_name(name)
        scored = [(item, confidence(local, item)) for item in self._worth_comparing(local)]
        fitting = [(item, score) for item, score in scored if score is not None and score >= LEAST]
        fitting.sort(key=lambda pair: (-pair[1], pair[0].item_code))
        return Proposal(_doubted(fitting[:2]))

    def _worth_comparing(self, local: Reading) -> Iterable[Candidate]:
        modalities = modalities_of(local)
        chosen = {
            index
            for index, item in enumerate(self.candidates)
            if item.reading.concept & local.concept or (item.modality in local.modality and item.modality in modalities)
        }
        spelt = process.extract(local.text, self._spellings, scorer=fuzz.ratio, score_cutoff=WORTH_A_LOOK, limit=None)
        chosen |= {self._owners[position] for _text, _score, position in spelt}
        return [self.candidates[index] for index in sorted(chosen)]

    @cached_property
    def _spelt(self) -> list[tuple[str, int]]:
        return [(spelling, index) for index, item in enumerate(self.candidates) for spelling in item.spellings]

    @cached_property
    def _spellings(self) -> list[str]:
        return [spelling for spelling, _index in self._spelt]

    @cached_property
    def _owners(self) -> list[int]:
        return [index for _spelling, index in self._spelt]


def _doubted(best: list[tuple[Candidate, float]]) -> tuple[tuple[Candidate, float], ...]:
    """The best two; two that are equally sure are not sure at all."""
    if len(best) == 2 and best[0][1] >= SURE and best[0][1] - best[1][1] < SAME:
        return tuple((item, min(score, AMBIGUOUS)) for item, score in best)
    return tuple(best)
