"""The slow, obvious twin of repeat.across_institutions: DESIGN §4.7 and the card word for word, in plain Python.

Random histories go through both; ``EXAM_AUDIT_CAMPAIGN=full`` compares thousands. How orders and charges become
examinations is the business of test_repeat_twin.py: here each order has at most one line, reversed whole if at all.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from detectors.ascii_tables import ascii_rows
from detectors.repeat.across_institutions import ACROSS_INSTITUTIONS
from detectors.specs import Case, Spec, found_by_case

Row = Mapping[str, str | None]
Tables = Mapping[str, Sequence[Row]]

DAY_S = 86_400
BATCHES = 20 if os.environ.get("EXAM_AUDIT_CAMPAIGN") == "full" else 2
HISTORIES = 150
ITEMS = """
item_code | item_name | family | modality | body_part | recognition_days | retest_hours_inpatient
CT        | CT        | ct     | CT       | -         | 7                | 24
CTE       | CTE       | ct     | CT       | chest     | 3                | 24
CTX       | CTX       | ct     | CT       | chest     | 7                | 24
LFT       | LFT       | lft    | LAB      | -         | 7                | 36
NIL       | NIL       | nil    | LAB      | -         | -                | 24
"""
LISTED_ITEMS = """
item_code | region_code | valid_from | valid_to
CT        | -           | -          | -
CTE       | 310000      | -          | -
LFT       | 310000      | 2025-03-04 | -
LFT       | 320000      | -          | 2025-03-09
NIL       | -           | -          | -
"""
LISTED_INSTITUTIONS = """
institution_id | modality | valid_from | valid_to
*:H1           | -        | -          | -
*:H2           | -        | 2025-03-03 | -
*:H3           | LAB      | -          | 2025-03-10
*:H4           | -        | -          | -
"""
REGIONS = {"H1": "310101", "H2": "310115", "H3": "310000", "H4": "320500", "H5": None}


PACK_ITEMS = {str(row["item_code"]): row for row in ascii_rows(ITEMS)}


@dataclass(frozen=True)
class Event:
    """An examination that took place; ``owner`` ordered it, ``place`` performed it."""

    id: str
    item: str
    part: str | None
    side: str | None
    owner: str
    place: str
    at_s: int
    has_time: bool

    @property
    def turn(self) -> tuple[int, bool, str]:
        """Its place among the others: by second, a bare date before its midnight, then by id."""
        return self.at_s, self.has_time, self.id

    @property
    def until_s(self) -> int:
        """The last second at which it may have taken place."""
        return self.at_s + (0 if self.has_time else DAY_S - 1)

    @property
    def family(self) -> str:
        """The item's family."""
        return str(PACK_ITEMS[self.item]["family"])

    @property
    def modality(self) -> str | None:
        """The item's modality."""
        return PACK_ITEMS[self.item]["modality"]

    @property
    def day(self) -> date:
        """The day on which it took place."""
        return date(1970, 1, 1) + timedelta(days=self.at_s // DAY_S)


def unrecognised(tables: Tables) -> set[tuple[str, str]]:
    """(flagged event, index event) of one set of tables."""
    events = _merged([event for order in tables["exam_order"] if (event := _event(order, tables)) is not None])
    found = set()
    for flagged in events:
        before = [
            other
            for other in events
            if other.turn < flagged.turn and other.place != flagged.place and _is_of_one_series(other, flagged)
        ]
        if before:
            index = max(before, key=lambda other: other.turn)
            if _had_to_be_recognised(flagged, index):
                found.add((flagged.id, index.id))
    return found


def _had_to_be_recognised(flagged: Event, index: Event) -> bool:
    valid = [PACK_ITEMS[event.item]["recognition_days"] for event in (flagged, index)]
    if None in valid or not 0 < flagged.until_s - index.at_s < min(int(str(days)) for days in valid) * DAY_S:
        return False
    lists = [
        _list_of(REGIONS[place], event.item, flagged.day)
        for place, event in ((flagged.owner, flagged), (index.place, index))
    ]
    return (
        lists[0] == lists[1] != "none"
        and _is_member(flagged.owner, flagged.modality, flagged.day)
        and _is_member(index.place, index.modality, flagged.day)
        and _is_member(index.place, index.modality, index.day)
    )


def _list_of(region: str | None, item: str, day: date) -> str | None:
    """Region of the nearest list of the item, None for one without a region, ``none`` where none is in force."""
    rows = [row for row in ascii_rows(LISTED_ITEMS) if row["item_code"] == item and _covers(row["region_code"], region)]
    nearest = max((_stem(row["region_code"]) for row in rows), key=len, default="")
    held = [row for row in rows if _stem(row["region_code"]) == nearest and _is_in_force(row, day)]
    return held[0]["region_code"] if held else "none"


def _stem(region: str | None) -> str:
    text = region or ""
    while text.endswith("00"):
        text = text[:-2]
    return text


def _covers(listed: str | None, region: str | None) -> bool:
    return listed is None or (region is not None and region.startswith(_stem(listed)))


def _is_in_force(row: Row, day: date) -> bool:
    return (row["valid_from"] or "0001") <= day.isoformat() < (row["valid_to"] or "9999")


def _is_member(institution: str, modality: str | None, day: date) -> bool:
    return any(
        row["institution_id"] == f"*:{institution}" and row["modality"] in (None, modality) and _is_in_force(row, day)
        for row in ascii_rows(LISTED_INSTITUTIONS)
    )


def _is_of_one_series(one: Event, other: Event) -> bool:
    sides = {one.side, other.side}
    return (
        (one.family, one.part) == (other.family, other.part)
        and (one.side == other.side or ("B" in sides and bool(sides & {"L", "R"})))
        and not (one.part is None and one.modality == "CT")
    )


def _merged(events: Sequence[Event]) -> list[Event]:
    """Events of one family, part and side at the same known moment are one event with the least id."""
    kept: dict[tuple[object, ...], Event] = {}
    for event in sorted(events, key=lambda event: event.id):
        kept.setdefault((event.family, event.part, event.side, event.at_s, event.has_time or event.id), event)
    return list(kept.values())


def _event(order: Row, tables: Tables) -> Event | None:
    """The examination of an order; None where it was called off, never done, or its charge wholly reversed."""
    lines = [line for line in tables["claim_line"] if line["order_id"] == order["order_id"]]
    is_reversed = any(line["reverses_claim_line_id"] for line in lines)
    if order["status"] in ("cancelled", "failed") or is_reversed:
        return None
    if not (order["performed_at"] or lines or order["status"] == "performed"):
        return None
    when = str(order["performed_at"] or (lines[0]["charged_at"] if lines else order["ordered_at"]))
    place = order["performing_institution_id"] or order["institution_id"]
    item = str(order["item_code"])
    return Event(
        str(order["order_id"]),
        item,
        order["body_part"] or PACK_ITEMS[item]["body_part"],
        order["laterality"],
        str(order["institution_id"]),
        str(place),
        int((datetime.fromisoformat(when) - datetime(1970, 1, 1)).total_seconds()),  # noqa: DTZ001
        len(when) > 10,
    )


GAPS_S = (0, 1, 3600, DAY_S, 3 * DAY_S - 1, 3 * DAY_S, 5 * DAY_S, 7 * DAY_S - 1, 7 * DAY_S)


class Story:
    """Random tables of one patient: ties, gaps at the validity's edge, nulls, bare dates, reversals, many places."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.moments = [datetime(2025, 3, 1, random.choice((0, 8)))]  # noqa: DTZ001
        self.item = random.choice(("CT", "CT", "LFT", "LFT", "NIL"))
        self.ids = iter(random.sample(range(100, 1000), 60))
        self.orders = [self._order() for _ in range(random.randint(3, 8))]
        lines = [self._line(order) for order in self.orders if random.random() < 0.5]
        self.lines = lines + [self._reversal(line) for line in lines if random.random() < 0.2]

    def tables(self) -> dict[str, tuple[dict[str, str | None], ...]]:
        """The tables as the warehouse takes them."""
        places = (
            {"institution_id": id_, "institution_name": id_, "region_code": code} for id_, code in REGIONS.items()
        )
        return {"institution": tuple(places), "exam_order": tuple(self.orders), "claim_line": tuple(self.lines)}

    def _pick(self, *choices: str | None) -> str | None:
        return self.random.choice(choices)

    def _order(self) -> dict[str, str | None]:
        moment = self.random.choice(self.moments) + timedelta(seconds=self.random.choice(GAPS_S))
        self.moments.append(moment)
        when = f"{moment:%Y-%m-%d}" if self.random.random() < 0.2 else f"{moment:%Y-%m-%dT%H:%M:%S}"
        return {
            "order_id": f"O{next(self.ids)}",
            "patient_id": "P1",
            "institution_id": self._pick("H1", "H1", "H1", "H2", "H2", "H3", "H4", "H5"),
            "performing_institution_id": self._pick(*[None] * 12, "H1", "H2"),
            "item_code": self._pick(*[self.item] * 12, "CT", "CTE", "CTX"),
            "body_part": self._pick(*["chest"] * 10, None) if self.item == "CT" else None,
            "laterality": self._pick(*[None] * 16, "L", "R", "B", "B"),
            "ordered_at": when,
            "performed_at": self._pick(when, when, when, None),
            "status": self._pick(None, "ordered", *["performed"] * 8, "cancelled", "failed"),
        }

    def _line(self, order: dict[str, str | None]) -> dict[str, str | None]:
        return {
            "claim_line_id": f"C{next(self.ids)}",
            "claim_id": "K",
            "patient_id": "P1",
            "institution_id": order["institution_id"],
            "item_code": order["item_code"],
            "order_id": order["order_id"],
            "charged_at": order["ordered_at"],
            "quantity": "1",
            "unit_price": "10",
            "amount": "10",
            "reverses_claim_line_id": None,
        }

    def _reversal(self, line: dict[str, str | None]) -> dict[str, str | None]:
        own = {"claim_line_id": f"C{next(self.ids)}", "quantity": "-1", "amount": "-10"}
        return line | own | {"reverses_claim_line_id": line["claim_line_id"]}


@settings(max_examples=BATCHES, derandomize=True, database=None, deadline=None, phases=(Phase.generate,))
@given(st.integers(0, 2**32))
def test_question_and_twin_agree_on_random_histories(seed: int) -> None:
    random = Random(seed)
    stories = {f"h{number:03d}": Story(random).tables() for number in range(HISTORIES)}
    columns = ("flagged_event_id", "index_event_id")
    cases = tuple(Case(id_, "", "", tables, columns, ()) for id_, tables in stories.items())
    pack = {
        "exam_items": ITEMS,
        "recognition_items": LISTED_ITEMS,
        "recognition_institutions": LISTED_INSTITUTIONS,
    }
    found = found_by_case(Spec(ACROSS_INSTITUTIONS.id, pack, cases), ACROSS_INSTITUTIONS)
    hits = 0
    for id_, tables in stories.items():
        pairs = {(str(row["flagged_event_id"]), str(row["index_event_id"])) for row in found[id_]}
        told = "\n".join(f"{name} {list(row.values())}" for name, rows in tables.items() for row in rows)
        assert pairs == unrecognised(tables), told
        hits += len(pairs)
    assert hits >= HISTORIES // 10
