"""The slow, obvious twin of readmission.cycle: DESIGN §4.7 (stay, readmission) word for word, in plain Python.

Random histories go through both; ``EXAM_AUDIT_CAMPAIGN=full`` compares thousands.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from detectors.readmission.cycle import CYCLE
from detectors.specs import Case, Spec, found_by_case

BATCHES = 40 if os.environ.get("EXAM_AUDIT_CAMPAIGN") == "full" else 4
HISTORIES = 150
WINDOW_DAYS = 15

Row = Mapping[str, str | None]


@dataclass(frozen=True)
class Stay:
    """An in-patient stay: its parts in order of their start."""

    id: str
    patient: str
    started_at: str
    starts_on: date
    ends_on: date | None
    ended_in_death: bool


def readmissions(encounters: Sequence[Row], window_days: int) -> set[tuple[str, str]]:
    """(flagged stay, index stay) of one set of encounters."""
    stays = _stays([row for row in encounters if row["encounter_type"] == "inpatient"])
    found = set()
    for index in stays:
        if index.ended_in_death or index.ends_on is None:
            continue
        later = [
            stay
            for stay in stays
            if stay.patient == index.patient
            and stay.starts_on >= index.ends_on
            and (stay.started_at, stay.id) > (index.started_at, index.id)
        ]
        if later:
            flagged = min(later, key=lambda stay: (stay.started_at, stay.id))
            if (flagged.starts_on - index.ends_on).days <= window_days:
                found.add((flagged.id, index.id))
    return found


def _stays(parts: Sequence[Row]) -> list[Stay]:
    groups: list[list[Row]] = [[part] for part in parts]
    while (tied := _first_tied(groups, parts)) is not None:
        kept, joined = tied
        groups[kept] += groups.pop(joined)
    return [_stay(group) for group in groups]


def _first_tied(groups: Sequence[Sequence[Row]], parts: Sequence[Row]) -> tuple[int, int] | None:
    for kept in range(len(groups)):
        for joined in range(kept + 1, len(groups)):
            if any(_is_tied(a, b, parts) or _is_tied(b, a, parts) for a in groups[kept] for b in groups[joined]):
                return kept, joined
    return None


def _is_tied(earlier: Row, later: Row, parts: Sequence[Row]) -> bool:
    """Whether two parts are of one stay: one case number, one start, or an interim claim that goes on in the next."""
    if (earlier["patient_id"], earlier["institution_id"]) != (later["patient_id"], later["institution_id"]):
        return False
    if earlier["case_no"] is not None and earlier["case_no"] == later["case_no"]:
        return True
    if _moment(earlier) == _moment(later):
        return True
    if _next_part(earlier, parts) is not later or _has_earlier_part_of_its_case(later, parts):
        return False
    return _goes_on(earlier, later, parts)


def _has_earlier_part_of_its_case(part: Row, parts: Sequence[Row]) -> bool:
    """Where the case number says what a part goes on from, nothing else is asked."""
    own = [part[name] for name in ("patient_id", "institution_id", "case_no")]
    return own[2] is not None and any(
        [other[name] for name in ("patient_id", "institution_id", "case_no")] == own and _place(other) < _place(part)
        for other in parts
    )


def _goes_on(part: Row, following: Row, parts: Sequence[Row]) -> bool:
    """An interim claim goes on in a part that begins by the day after its end; the last one closes the part before."""
    ends_on, starts_on = _day(part["ended_at"]), _day(following["started_at"])
    assert starts_on is not None
    if part["is_interim"] == "1":
        return ends_on is None or (starts_on - ends_on).days <= 1
    after, its_end = _next_part(following, parts), _day(following["ended_at"])
    is_last = after is None or (its_end is not None and (_day(after["started_at"]) - its_end).days > 1)  # type: ignore[operator]
    return following["is_interim"] == "1" and ends_on is not None and (starts_on - ends_on).days <= 1 and is_last


def _next_part(part: Row, parts: Sequence[Row]) -> Row | None:
    own = (part["patient_id"], part["institution_id"])
    after = [
        other
        for other in parts
        if (other["patient_id"], other["institution_id"]) == own and _place(other) > _place(part)
    ]
    return min(after, key=_place, default=None)


def _stay(parts: Sequence[Row]) -> Stay:
    first = min(parts, key=_place)
    last = max(parts, key=lambda part: (_moment(part), _moment_or_nothing(part["ended_at"]), str(part["encounter_id"])))
    starts_on = _day(first["started_at"])
    assert starts_on is not None
    return Stay(
        id=str(first["encounter_id"]),
        patient=str(first["patient_id"]),
        started_at=_moment(first),
        starts_on=starts_on,
        ends_on=_day(last["ended_at"]),
        ended_in_death=last["discharge_disposition"] == "died",
    )


def _place(part: Row) -> tuple[str, str]:
    return _moment(part), str(part["encounter_id"])


def _moment(part: Row) -> str:
    return _moment_or_nothing(part["started_at"])


def _moment_or_nothing(when: str | None) -> str:
    """ISO text that sorts by time: a bare date stands at its midnight, an unknown moment before all."""
    return "" if when is None else when if len(when) > 10 else f"{when}T00:00:00"


def _day(when: str | None) -> date | None:
    return None if when is None else date.fromisoformat(when[:10])


def history(random: Random) -> list[dict[str, str | None]]:
    """A few stays of one or two patients: ties, same-day returns, gaps at the window's edge, interim claims, deaths."""
    rows: list[dict[str, str | None]] = []
    day = datetime(2025, 1, 1, 8)  # noqa: DTZ001
    for id_ in random.sample("ABCDEFGHJK", random.randint(2, 7)):
        patient, institution = random.choice(("P1", "P1", "P1", "P2")), random.choice(("H1", "H1", "H2"))
        day += timedelta(days=random.choice((0, 0, 1, 2, 5, 14, 15, 16, 31, 40)), hours=random.choice((0, 0, 3)))
        ended = day + timedelta(days=random.choice((0, 1, 3, 5, 10)), hours=random.choice((0, 2, 7)))
        started_at = f"{day:%Y-%m-%d}" if random.random() < 0.15 else f"{day:%Y-%m-%dT%H:%M:%S}"
        rows.append(
            {
                "encounter_id": id_,
                "patient_id": patient,
                "institution_id": institution,
                "encounter_type": random.choice(("inpatient",) * 7 + ("outpatient",)),
                "case_no": random.choice((None, None, "N1")),
                "is_interim": random.choice(("1", "0", None, None, None)),
                "started_at": started_at,
                "ended_at": random.choice((None, *[f"{ended:%Y-%m-%dT%H:%M:%S}"] * 7, f"{ended:%Y-%m-%d}")),
                "discharge_disposition": random.choice(("home", "home", "home", None, "died", "transfer")),
            }
        )
        day = random.choice((day, ended, ended, ended))
    return rows


@settings(max_examples=BATCHES, derandomize=True, database=None, deadline=None, phases=(Phase.generate,))
@given(st.integers(0, 2**32))
def test_question_and_twin_agree_on_random_histories(seed: int) -> None:
    random = Random(seed)
    histories = {f"h{number:03d}": history(random) for number in range(HISTORIES)}
    columns = ("flagged_event_id", "index_event_id")
    cases = tuple(
        Case(id_, "", "", {"encounter": tuple(rows)}, columns, (), settings={"window_days": WINDOW_DAYS})
        for id_, rows in histories.items()
    )
    found = found_by_case(Spec(CYCLE.id, {}, cases), CYCLE)
    assert sum(len(rows) for rows in found.values()) >= HISTORIES // 10
    for id_, rows in histories.items():
        pairs = {(str(row["flagged_event_id"]), str(row["index_event_id"])) for row in found[id_]}
        assert pairs == readmissions(rows, WINDOW_DAYS), "\n".join(str(list(row.values())) for row in rows)


@settings(max_examples=BATCHES // 2, derandomize=True, database=None, deadline=None, phases=(Phase.generate,))
@given(st.integers(0, 2**32))
def test_a_later_unrelated_stay_never_removes_a_cycle(seed: int) -> None:
    """Of the same patient, further away than any window, or of another patient at any time."""
    random = Random(seed)
    cases, columns = [], ("flagged_event_id", "index_event_id")
    for number in range(HISTORIES // 2):
        rows = history(random)
        far = datetime.fromisoformat(max(str(row["started_at"]) for row in rows)) + timedelta(days=60)
        added = {
            **rows[0],
            "encounter_id": "Z",
            "patient_id": random.choice(("P1", "P3")),
            "encounter_type": "inpatient",
            "case_no": None,
            "is_interim": None,
            "started_at": f"{far:%Y-%m-%dT%H:%M:%S}",
            "ended_at": f"{far + timedelta(days=random.randint(0, 9)):%Y-%m-%dT%H:%M:%S}",
        }
        for name, told in (("before", rows), ("after", [*rows, added])):
            cases.append(Case(f"{name}{number:03d}", "", "", {"encounter": tuple(told)}, columns, ()))
    found = found_by_case(Spec(CYCLE.id, {}, tuple(cases)), CYCLE)
    assert any(found.values())
    for number in range(HISTORIES // 2):
        before, after = (
            {(row["flagged_event_id"], row["index_event_id"]) for row in found[f"{name}{number:03d}"]}
            for name in ("before", "after")
        )
        assert before <= after
