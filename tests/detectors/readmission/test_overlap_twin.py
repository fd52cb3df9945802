"""Slow, obvious twins: overlapping stays, self-paid bridges, examinations repeated across a gap.

Random histories go through both; ``EXAM_AUDIT_CAMPAIGN=full`` compares thousands.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from detectors.declaration import Detector
from detectors.readmission.overlapping_stay import OVERLAPPING_STAY
from detectors.readmission.retest_across_gap import RETEST_ACROSS_GAP
from detectors.readmission.self_paid_bridge import SELF_PAID_BRIDGE
from detectors.specs import Case, Spec, found_by_case

BATCHES = 30 if os.environ.get("EXAM_AUDIT_CAMPAIGN") == "full" else 2
HISTORIES = 120
PAUSE_DAYS, WINDOW_DAYS, MINIMUM_SERIES = 4, 15, 2
HOURS = {"X1": 24, "X2": 72, "X3": 240}
PACK = {
    "exam_items": "item_code | item_name | family | retest_hours_inpatient | retest_hours_outpatient\n"
    + "\n".join(f"{code} | {code} | {code} | {hours} | {hours}" for code, hours in HOURS.items())
}

Row = dict[str, str | None]
Tables = dict[str, list[Row]]
ISO = "%Y-%m-%dT%H:%M:%S"


def history(random: Random) -> Tables:
    """Stays and visits of one or two patients: overlaps, ties, open ends, deaths, payers, examinations."""
    encounters: list[Row] = []
    orders: list[Row] = []
    day = datetime(2025, 1, 1, 8)  # noqa: DTZ001
    for number in range(random.randint(3, 9)):
        day += timedelta(days=random.choice((0, 0, 1, 1, 2, 4, 9, 16)), minutes=1)
        is_stay = random.random() < 0.7
        ended = day + timedelta(days=random.choice((0, 1, 2, 3, 6)) if is_stay else 0, hours=2)
        encounter: Row = {
            "encounter_id": f"E{number}",
            "patient_id": random.choice(("P1", "P1", "P1", "P2")),
            "institution_id": random.choice(("H1", "H1", "H2")),
            "encounter_type": "inpatient" if is_stay else random.choice(("outpatient", "emergency", "checkup")),
            "started_at": f"{day:{ISO}}",
            "ended_at": None if random.random() < 0.08 else f"{ended:{ISO}}",
            "discharge_disposition": random.choice((*["home"] * 9, "died")),
            "payer": random.choice((*[("insured", "self_paid")[number % 2]] * 3, "insured", None)),
        }
        encounters.append(encounter)
        for turn in range(random.randint(0, 5) if is_stay else 0):
            at = day + timedelta(hours=random.randint(0, 60), seconds=turn)
            own = {key: encounter[key] for key in ("encounter_id", "patient_id", "institution_id")}
            done = {
                "item_code": random.choice(tuple(HOURS)),
                "ordered_at": f"{at:{ISO}}",
                "performed_at": f"{at:{ISO}}",
            }
            orders.append(own | done | {"order_id": f"O{number}-{turn}", "body_part": "chest", "status": "performed"})
        day = random.choice((day, ended, ended))
    return {"encounter": encounters, "exam_order": orders}


def _day(moment: str | None) -> int | None:
    return None if moment is None else datetime.fromisoformat(moment).toordinal()


def _stays(tables: Tables) -> list[Row]:
    stays = [row for row in tables["encounter"] if row["encounter_type"] == "inpatient"]
    return sorted(stays, key=lambda row: (str(row["started_at"]), str(row["encounter_id"])))


def overlaps(tables: Tables) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for event in tables["encounter"]:
        on_day = _day(event["started_at"])
        around = []
        for stay in _stays(tables):
            first, last = _day(stay["started_at"]), _day(stay["ended_at"])
            if stay["patient_id"] != event["patient_id"] or last is None or stay is event:
                continue
            assert on_day is not None
            assert first is not None
            if event["encounter_type"] == "inpatient":
                began_before = str(stay["started_at"]) < str(event["started_at"])
                if began_before and on_day < last:
                    around.append(stay)
            elif first < on_day < last:
                around.append(stay)
        if around:
            found.add((str(event["encounter_id"]), str(around[-1]["encounter_id"])))
    return found


def _links(tables: Tables) -> dict[str, tuple[Row, int]]:
    """Stay id → the patient's next stay and the gap in days, up to 31."""
    stays = _stays(tables)
    found: dict[str, tuple[Row, int]] = {}
    for index in stays:
        last = _day(index["ended_at"])
        if last is None or index["discharge_disposition"] == "died":
            continue
        for later in stays:
            gap = (_day(later["started_at"]) or 0) - last
            after = str(later["started_at"]) > str(index["started_at"])
            if later["patient_id"] == index["patient_id"] and after and gap >= 0:
                if gap <= 31:
                    found[str(index["encounter_id"])] = (later, gap)
                break
    return found


def bridges(tables: Tables) -> set[tuple[str, ...]]:
    links: dict[str, tuple[Row, int]] = _links(tables)
    found: set[tuple[str, ...]] = set()
    for stay in _stays(tables):
        middle, gap = links.get(str(stay["encounter_id"]), (None, 0))
        last, second_gap = links.get(str(middle["encounter_id"]), (None, 0)) if middle else (None, 0)
        if middle is None or last is None:
            continue
        places = {row["institution_id"] for row in (stay, middle, last)}
        payers = [row["payer"] for row in (stay, middle, last)]
        if len(places) == 1 and payers == ["insured", "self_paid", "insured"] and max(gap, second_gap) <= PAUSE_DAYS:
            found.add((str(last["encounter_id"]), str(stay["encounter_id"])))
    return found


def retests(tables: Tables) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    series = _series(tables["exam_order"])
    for index_id, (later, gap) in _links(tables).items():
        if gap > WINDOW_DAYS:
            continue
        again = 0
        for events in series:
            before = [at for at, visit in events if visit == index_id]
            after = [at for at, visit in events if visit == later["encounter_id"]]
            code = next(code for code in HOURS if events[0] in _events(tables, code))
            if before and after and min(after) - max(before) < timedelta(hours=HOURS[code]):
                again += 1
        if again >= MINIMUM_SERIES:
            found.add((str(later["encounter_id"]), index_id, str(again)))
    return found


def _events(tables: Tables, code: str) -> list[tuple[datetime, str | None]]:
    return [
        event for events in _series([o for o in tables["exam_order"] if o["item_code"] == code]) for event in events
    ]


def _series(orders: Sequence[Row]) -> list[list[tuple[datetime, str | None]]]:
    """Events of each patient and item in time; examinations of one moment are one event, that of the least id."""
    groups: dict[tuple[str, str], dict[datetime, tuple[str, str | None]]] = {}
    for order in sorted(orders, key=lambda one: str(one["order_id"])):
        key = (str(order["patient_id"]), str(order["item_code"]))
        at = datetime.fromisoformat(str(order["performed_at"]))
        groups.setdefault(key, {}).setdefault(at, (str(order["order_id"]), order["encounter_id"]))
    return [[(at, visit) for at, (_, visit) in sorted(events.items())] for events in groups.values()]


def compare(seed: int, detector: Detector, twin: object, columns: tuple[str, ...], **parameters: int) -> None:
    random = Random(seed)
    histories = {f"h{number:03d}": history(random) for number in range(HISTORIES)}
    cases = tuple(
        Case(id_, "", "", {name: tuple(rows) for name, rows in tables.items()}, columns, (), settings=parameters)
        for id_, tables in histories.items()
    )
    found = found_by_case(Spec(detector.id, PACK, cases), detector)
    for id_, tables in histories.items():
        told = {tuple(str(row[name]) for name in columns) for row in found[id_]}
        assert told == twin(tables), id_  # type: ignore[operator]


seeds = given(st.integers(0, 2**32))
a_few = settings(max_examples=BATCHES, derandomize=True, database=None, deadline=None, phases=(Phase.generate,))
PAIR = ("flagged_event_id", "index_event_id")


@a_few
@seeds
def test_overlaps_agree_with_their_twin(seed: int) -> None:
    compare(seed, OVERLAPPING_STAY, overlaps, PAIR)


@a_few
@seeds
def test_bridges_agree_with_their_twin(seed: int) -> None:
    compare(seed, SELF_PAID_BRIDGE, bridges, PAIR, pause_days=PAUSE_DAYS)


@a_few
@seeds
def test_retests_agree_with_their_twin(seed: int) -> None:
    columns = (*PAIR, "retested_series")
    compare(seed, RETEST_ACROSS_GAP, retests, columns, window_days=WINDOW_DAYS, minimum_series=MINIMUM_SERIES)


def test_the_histories_hold_what_is_asked_for() -> None:
    drawn = [history(random) for random in map(Random, range(4)) for _ in range(HISTORIES)]
    for twin in (overlaps, bridges, retests):
        assert sum(len(twin(tables)) for tables in drawn) > 4


def test_the_twin_knows_a_stay_in_a_stay() -> None:
    rows = [("A", "2025-01-01T08:00:00", "2025-01-09T08:00:00"), ("B", "2025-01-03T08:00:00", "2025-01-05T08:00:00")]
    tables: Tables = {
        "encounter": [
            {"encounter_id": id_, "patient_id": "P", "institution_id": "H", "encounter_type": "inpatient",
             "started_at": start, "ended_at": end}
            for id_, start, end in rows
        ]
    }  # fmt: skip
    assert overlaps(tables) == {("B", "A")}
