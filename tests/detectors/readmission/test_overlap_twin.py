"""Slow, obvious twins: overlapping stays, self-paid bridges, examinations repeated across a gap.

Random histories, one time in six a bare date, go through both; ``EXAM_AUDIT_CAMPAIGN=full`` compares thousands. A bare
date stands at its midnight, and a gap to or from one counts with the longest that it may be (DESIGN §4.7).
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

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
BARE = "%Y-%m-%d"


def told(moment: datetime, random: Random) -> str:
    """The moment as a hospital writes it: one time in six without the hour."""
    return f"{moment:{BARE if random.random() < 1 / 6 else ISO}}"


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
            "started_at": told(day, random),
            "ended_at": None if random.random() < 0.08 else told(ended, random),
            "discharge_disposition": random.choice((*["home"] * 9, "died")),
            "payer": random.choice((*[("insured", "self_paid")[number % 2]] * 3, "insured", None)),
        }
        encounters.append(encounter)
        for turn in range(random.randint(0, 5) if is_stay else 0):
            at = day + timedelta(hours=random.randint(0, 60), seconds=turn)
            own = {key: encounter[key] for key in ("encounter_id", "patient_id", "institution_id")}
            done = {
                "item_code": random.choice(tuple(HOURS)),
                "ordered_at": told(at, random),
                "performed_at": told(at, random),
            }
            orders.append(own | done | {"order_id": f"O{number}-{turn}", "body_part": "chest", "status": "performed"})
        day = random.choice((day, ended, ended))
    return {"encounter": encounters, "exam_order": orders}


def _day(moment: str | None) -> int | None:
    return None if moment is None else datetime.fromisoformat(moment).toordinal()


def _place(row: Row) -> tuple[str, str]:
    """What rows are put in order by; a bare date sorts before every hour of its day, as its midnight does."""
    return str(row["started_at"]), str(row["encounter_id"])


def _stays(tables: Tables) -> list[Row]:
    """Records of one patient, institution and start are one stay: the first one's id and payer, the last one's end."""
    groups: dict[tuple[str | None, ...], list[Row]] = {}
    for row in tables["encounter"]:
        if row["encounter_type"] == "inpatient":
            groups.setdefault((row["patient_id"], row["institution_id"], row["started_at"]), []).append(row)
    stays = []
    for parts in groups.values():
        first = min(parts, key=_place)
        last = max(parts, key=lambda part: (str(part["ended_at"] or ""), str(part["encounter_id"])))
        stays.append(first | {name: last.get(name) for name in ("ended_at", "discharge_disposition")})
    return sorted(stays, key=_place)


def overlaps(tables: Tables) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    stays = _stays(tables)
    for event in [*stays, *(row for row in tables["encounter"] if row["encounter_type"] != "inpatient")]:
        on_day = _day(event["started_at"])
        around = []
        for stay in stays:
            first, last = _day(stay["started_at"]), _day(stay["ended_at"])
            if stay["patient_id"] != event["patient_id"] or last is None or stay is event:
                continue
            assert on_day is not None
            assert first is not None
            if event["encounter_type"] == "inpatient":
                if _place(stay) < _place(event) and on_day < last:
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
            if later["patient_id"] == index["patient_id"] and _place(later) > _place(index) and gap >= 0:
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
    series = _series(tables)
    for index_id, (later, gap) in _links(tables).items():
        again = 0
        for (_, code), events in series.items():
            before = [event for event in events if event.visit == index_id]
            after = [event for event in events if event.visit == later["encounter_id"]]
            if before and after and timedelta(0) < after[0].until - before[-1].at < timedelta(hours=HOURS[code]):
                again += 1
        if gap <= WINDOW_DAYS and again >= MINIMUM_SERIES:
            found.add((str(later["encounter_id"]), index_id, str(again)))
    return found


class Event(NamedTuple):
    """An examination, its stay, and the moments between which it was made: the same one where the hour is known."""

    at: datetime
    id: str
    until: datetime
    visit: str


def _series(tables: Tables) -> dict[tuple[str, str], list[Event]]:
    """Events of each patient and item in time.

    Examinations of one known moment are one event, that of the least id; those of one bare date stay apart.
    """
    stay_of = {
        str(part["encounter_id"]): str(stay["encounter_id"])
        for stay in _stays(tables)
        for part in tables["encounter"]
        if all(part[name] == stay[name] for name in ("patient_id", "institution_id", "started_at", "encounter_type"))
    }
    series: dict[tuple[str, str], dict[tuple[datetime, str], Event]] = {}
    for order in sorted(tables["exam_order"], key=lambda one: str(one["order_id"])):
        id_, moment, visit = (str(order[name]) for name in ("order_id", "performed_at", "encounter_id"))
        at = datetime.fromisoformat(moment)
        until = at if len(moment) > 10 else at + timedelta(hours=23, minutes=59, seconds=59)
        own = series.setdefault((str(order["patient_id"]), str(order["item_code"])), {})
        own.setdefault((at, "" if until == at else id_), Event(at, id_, until, stay_of[visit]))
    return {key: sorted(events.values()) for key, events in series.items()}


def compare(seed: int, detector: Detector, twin: object, columns: tuple[str, ...], **parameters: int) -> None:
    random = Random(seed)
    histories = {f"h{number:03d}": history(random) for number in range(HISTORIES)}
    cases = tuple(
        Case(id_, "", "", {name: tuple(rows) for name, rows in tables.items()}, columns, (), settings=parameters)
        for id_, tables in histories.items()
    )
    found = found_by_case(Spec(detector.id, PACK, cases), detector)
    for id_, tables in histories.items():
        asked = {tuple(str(row[name]) for name in columns) for row in found[id_]}
        assert asked == twin(tables), id_  # type: ignore[operator]


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


def test_the_histories_hold_what_is_asked_for_with_and_without_hours() -> None:
    drawn = [history(random) for random in map(Random, range(4)) for _ in range(HISTORIES)]
    for twin, table, moment in (
        (overlaps, "encounter", "started_at"),
        (bridges, "encounter", "ended_at"),
        (retests, "exam_order", "performed_at"),
    ):
        found = [tables for tables in drawn if twin(tables)]
        bare = [tables for tables in found if any(len(str(row[moment])) == 10 for row in tables[table])]
        assert len(found) > 4
        assert len(bare) > 2


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
