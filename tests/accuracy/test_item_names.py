"""How right proposals for local item names are, on labelled names; figures stand in RESULTS.md."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.suggest.candidates import candidates_of
from pipelines.suggest.propose import Proposer
from pipelines.suggest.scoring import SURE
from schemas.pack import load_pack

LABELLED = Path(__file__).parents[1] / "pipelines" / "suggest" / "labelled_items.csv"


@dataclass(frozen=True)
class Tally:
    """Counts over one half; mappable are names that have an item, sure are proposals of at least ``SURE``."""

    names: int
    mappable: int
    top_right: int
    sure: int
    sure_wrong: int
    sure_right: int

    @property
    def top_1(self) -> float:
        return self.top_right / self.mappable

    @property
    def coverage(self) -> float:
        return self.sure_right / self.mappable

    @property
    def wrong_share(self) -> float:
        return self.sure_wrong / self.sure


def labelled() -> list[dict[str, str]]:
    with LABELLED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def tally(half: str) -> Tally:
    proposer = Proposer(candidates_of(load_pack("cn-national")))
    mappable = top_right = sure = sure_right = names = 0
    for row in labelled():
        if row["half"] != half:
            continue
        best = proposer.propose(row["local_item_name"]).best
        is_right = (best[0].item_code if best else "") == row["item_code"]
        is_sure = best is not None and best[1] >= SURE
        names += 1
        mappable += bool(row["item_code"])
        top_right += is_right and bool(row["item_code"])
        sure += is_sure
        sure_right += is_sure and is_right
    return Tally(names, mappable, top_right, sure, sure - sure_right, sure_right)


@pytest.mark.parametrize(
    ("half", "top_1", "coverage"), [("tuning", 0.97, 0.90), ("held_out", 0.95, 0.85)], ids=["tuning", "held_out"]
)
def test_proposals_are_right_and_sure_ones_nearly_always(half: str, top_1: float, coverage: float) -> None:
    got = tally(half)
    print(  # noqa: T201 - the table of RESULTS.md
        f"\n| {half} | {got.names} | {got.mappable} | {got.top_1:.3f} | {got.sure} | {1 - got.wrong_share:.3f} "
        f"| {got.wrong_share:.3f} | {got.coverage:.3f} |"
    )
    assert got.top_1 >= top_1
    assert got.coverage >= coverage
    assert got.wrong_share <= 0.01


def test_the_list_is_long_enough_and_names_only_items_of_the_pack() -> None:
    rows = labelled()
    codes = set(load_pack("cn-national").tables["exam_items"]["item_code"])
    assert len({row["local_item_name"] for row in rows}) == len(rows) >= 300
    assert {row["item_code"] for row in rows} - {""} <= codes
    assert {row["half"] for row in rows} == {"tuning", "held_out"}
