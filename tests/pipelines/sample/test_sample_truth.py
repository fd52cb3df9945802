"""The truth files say exactly what a slow, plain reading of the extract finds, by the pack's own intervals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from pipelines.sample import generate
from pipelines.sample.cases import CYCLE, OUTLIER, REPEAT
from pipelines.sample.truth import BY_EVENT, TRUTH_COLUMNS
from schemas.pack import Pack, load_pack

COMMITTED = Path(__file__).parents[3] / "data_samples"
Row = dict[str, str | None]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Event:
    """One examination as DESIGN 4.7 sees it; ``latest`` is the last second that its date allows."""

    event_id: str
    place: str
    side: str
    at: datetime
    latest: datetime
    hours: int | None


def rows(made: Path, name: str) -> list[Row]:
    return pl.read_csv(made / "extract" / f"{name}.csv", infer_schema=False).to_dicts()


def truth(made: Path, name: str) -> pl.DataFrame:
    return pl.read_csv(made / "truth" / f"{name}.csv", infer_schema=False)


def pairs(frame: pl.DataFrame, detector: str) -> set[Pair]:
    return set(frame.filter(pl.col("detector_id") == detector).select("flagged_event_id", "index_event_id").rows())


def net_quantities(lines: list[Row]) -> dict[str, float]:
    net = {str(line["claim_line_id"]): float(line["quantity"] or 0) for line in lines if line["voided"] == "0"}
    by_place: dict[tuple[str | None, ...], list[str]] = defaultdict(list)
    for line in lines:
        if net.get(str(line["claim_line_id"]), 0) > 0:
            by_place[line["encounter_id"], line["item_code"], line["order_id"]].append(str(line["claim_line_id"]))
    for line in lines:
        taken = net.get(str(line["claim_line_id"]), 0)
        if taken < 0:
            pointed = line["reverses_claim_line_id"]
            target = pointed or by_place[line["encounter_id"], line["item_code"], line["order_id"]][0]
            net[target] += taken
    return net


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack("sample")


@pytest.fixture(scope="module")
def repeats(made: Path, pack: Pack) -> set[Pair]:
    return repeats_in(made, pack)


@pytest.fixture(scope="module")
def cycles(made: Path, pack: Pack) -> set[Pair]:
    return cycles_in(made, pack)


def repeats_in(made: Path, pack: Pack) -> set[Pair]:
    """Every pair of adjacent examinations nearer than the interval, exempt or not."""
    found: set[Pair] = set()
    for events in events_by_series(made, pack).values():
        ordered = sorted(events, key=lambda event: (event.at, event.event_id))
        for place, later in enumerate(ordered):
            earlier = [one for one in ordered[:place] if one.place == later.place and sides_meet(one, later)]
            if earlier and is_repeat(earlier[-1], later):
                found.add((later.event_id, earlier[-1].event_id))
    return found


def sides_meet(one: Event, other: Event) -> bool:
    return one.side == other.side or ("B" in (one.side, other.side) and "" not in (one.side, other.side))


def is_repeat(earlier: Event, later: Event) -> bool:
    gap = later.latest - earlier.at
    return later.hours is not None and timedelta(0) < gap < timedelta(hours=later.hours)


def events_by_series(made: Path, pack: Pack) -> dict[tuple[str | None, ...], list[Event]]:
    items = {item["item_code"]: item for item in pack.tables["exam_items"].to_dicts()}
    local = dict(pack.tables["item_map"].select("local_item_code", "item_code").rows())
    settings: dict[str | None, str | None] = {
        row["encounter_id"]: row["encounter_type"] for row in rows(made, "encounter")
    }
    modalities = pack.thresholds["imaging_modalities"]
    series: dict[tuple[str | None, ...], dict[tuple[object, ...], Event]] = defaultdict(dict)
    for event_id, row, moment in examinations(made, set(items) | set(local)):
        item = items[local.get(str(row["item_code"]), row["item_code"])]
        part = row.get("body_part") or item["body_part"]
        if item["modality"] in modalities and part is None:
            continue
        setting = "inpatient" if settings.get(row["encounter_id"]) == "inpatient" else "outpatient"
        at, place = datetime.fromisoformat(moment), row.get("performing_institution_id") or row["institution_id"]
        is_bare = len(moment) == len("2025-01-01")
        latest = at + timedelta(days=1, seconds=-1) if is_bare else at
        event = Event(event_id, str(place), row.get("laterality") or "", at, latest, item[f"retest_hours_{setting}"])
        moment_key = (event.place, event.side, at, event_id if is_bare else "")
        same = series[row["patient_id"], item["family"], part]
        same[moment_key] = min(event, same.get(moment_key, event), key=lambda one: one.event_id)
    return {key: list(events.values()) for key, events in series.items()}


def examinations(made: Path, codes: set[str]) -> Iterator[tuple[str, Row, str]]:
    """Event id, order or line, moment: performed orders that were not taken back, and charges without an order."""
    lines = [line for line in rows(made, "claim_line") if line["item_code"] in codes]
    net = net_quantities(lines)
    orders = [order for order in rows(made, "exam_order") if order["status"] == "performed"]
    by_day = {(o["encounter_id"], o["item_code"], str(o["ordered_at"])[:10]): o["order_id"] for o in orders}
    charged: dict[str, list[Row]] = defaultdict(list)
    for line in lines:
        owner = line["order_id"] or by_day.get((line["encounter_id"], line["item_code"], str(line["charged_at"])[:10]))
        if owner:
            charged[owner].append(line)
        elif net.get(str(line["claim_line_id"]), 0) > 0:
            yield str(line["claim_line_id"]), line, str(line["charged_at"])
    for order in orders:
        own = charged[str(order["order_id"])]
        if not own or sum(max(net.get(str(line["claim_line_id"]), 0), 0) for line in own) > 0:
            moment = order["performed_at"] or next((line["charged_at"] for line in own), order["ordered_at"])
            yield str(order["order_id"]), order, str(moment)


def cycles_in(made: Path, pack: Pack) -> set[Pair]:
    """Every stay and the next one, at most the window apart."""
    window = int(pack.parameters[CYCLE]["window_days"])
    by_patient: dict[str | None, dict[str | None, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows(made, "encounter"):
        if row["encounter_type"] == "inpatient":
            by_patient[row["patient_id"]][row["case_no"]].append(row)
    found: set[Pair] = set()
    for stays in by_patient.values():
        ordered = sorted(stays.values(), key=lambda parts: str(parts[0]["started_at"]))
        for one, two in pairwise(ordered):
            ended, started = str(one[-1]["ended_at"])[:10], str(two[0]["started_at"])[:10]
            gap = (date.fromisoformat(started) - date.fromisoformat(ended)).days
            if one[-1]["discharge_disposition"] != "died" and 0 <= gap <= window:
                found.add((str(two[0]["encounter_id"]), str(one[0]["encounter_id"])))
    return found


def test_repeats_in_the_extract_are_exactly_those_planted(made: Path, repeats: set[Pair]) -> None:
    planted = pairs(truth(made, REPEAT), REPEAT) | pairs(truth(made, "legitimate"), REPEAT)
    assert repeats == planted


def test_returns_in_the_extract_are_exactly_those_planted(made: Path, cycles: set[Pair]) -> None:
    planted = pairs(truth(made, CYCLE), CYCLE) | pairs(truth(made, "legitimate"), CYCLE)
    assert cycles == planted


def test_windows_and_intervals_are_those_of_the_pack(tmp_path: Path) -> None:
    """An overlay with a window of 7 days, an ultrasound every 100 hours and liver function every 30 in any setting."""
    folder = tmp_path / "overlay"
    folder.mkdir()
    (folder / "pack.toml").write_text('name = "overlay"\nversion = "1"\nextends = "sample"\n', encoding="utf-8")
    (folder / "thresholds.toml").write_text("[readmission.cycle]\nwindow_days = 7\n", encoding="utf-8")
    items = load_pack("sample").tables["exam_items"].drop("pack_source")
    hours = pl.col("family").replace_strict({"ultrasound": 100, "liver_function": 30}, return_dtype=pl.Int64)
    changed = items.filter(pl.col("family").is_in(["ultrasound", "liver_function"])).with_columns(
        retest_hours_inpatient=hours, retest_hours_outpatient=hours
    )
    changed.with_columns(pl.col(pl.Boolean).cast(pl.Int8)).write_csv(folder / "exam_items.csv")
    generate(700, 5, tmp_path, pack=folder)
    overlay, legitimate = load_pack(folder), truth(tmp_path, "legitimate")
    assert repeats_in(tmp_path, overlay) == pairs(truth(tmp_path, REPEAT), REPEAT) | pairs(legitimate, REPEAT)
    assert cycles_in(tmp_path, overlay) >= pairs(truth(tmp_path, CYCLE), CYCLE)
    assert cycles_in(tmp_path, overlay) <= pairs(truth(tmp_path, CYCLE), CYCLE) | pairs(legitimate, CYCLE)


def test_near_misses_are_missed(made: Path, repeats: set[Pair], cycles: set[Pair]) -> None:
    missed = truth(made, "near_miss")
    assert not pairs(missed, REPEAT) & repeats
    assert not pairs(missed, CYCLE) & cycles


def test_planted_events_are_in_the_extract(made: Path) -> None:
    known = {str(row["order_id"]) for row in rows(made, "exam_order")}
    known |= {str(row["claim_line_id"]) for row in rows(made, "claim_line")}
    known |= {str(row["encounter_id"]) for row in rows(made, "encounter")}
    for name in (*BY_EVENT, "legitimate"):
        frame = truth(made, name)
        assert frame["flagged_event_id"].is_in(list(known)).all(), name
        assert frame["index_event_id"].is_in(list(known)).all(), name


def test_truth_files_have_their_columns_and_no_event_twice(made: Path) -> None:
    for name, columns in TRUTH_COLUMNS.items():
        assert truth(made, name).columns == list(columns)
    flagged = pl.concat([truth(made, name).select("detector_id", "flagged_event_id") for name in BY_EVENT])
    assert not flagged.is_duplicated().any()


def test_subjects_are_patient_institution_and_year(made: Path) -> None:
    encounters = {str(row["encounter_id"]): row for row in rows(made, "encounter")}
    planted = truth(made, CYCLE).select("subject_id", "flagged_event_id").rows()
    assert planted
    for subject, flagged in planted:
        row = encounters[flagged]
        assert subject == f"{row['patient_id']}|{row['institution_id']}|{str(row['started_at'])[:4]}"


def test_every_exemption_that_clears_is_planted(made: Path, pack: Pack) -> None:
    planted = truth(made, "legitimate")
    for pattern, detector in (("repeat.*", REPEAT), (CYCLE, CYCLE)):
        known = pack.tables["exemptions"].filter(pl.col("detector_id") == pattern, pl.col("effect") == "clears")
        assert set(known["exemption_id"]) == set(planted.filter(pl.col("detector_id") == detector)["exemption_id"])


def test_the_planted_outlier_of_the_committed_sample_can_be_judged() -> None:
    [planted] = truth(COMMITTED, OUTLIER)["subject_id"]
    doctors = {row["practitioner_id"]: row for row in rows(COMMITTED, "practitioner") if row["role"] == "doctor"}
    clinic = {str(r["encounter_id"]): r for r in rows(COMMITTED, "encounter") if r["encounter_type"] == "outpatient"}
    visits: dict[str | None, list[Row]] = defaultdict(list)
    for row in clinic.values():
        visits[row["attending_id"]].append(row)
    orders: dict[str | None, int] = defaultdict(int)
    for order in rows(COMMITTED, "exam_order"):
        orders[order["ordering_practitioner_id"]] += order["encounter_id"] in clinic
    own = doctors[planted]
    peers = [one for one, row in doctors.items() if place_of(row) == place_of(own) and one != planted]
    expected = sum(orders[one] for one in peers) / sum(len(visits[one]) for one in peers) * len(visits[planted])
    assert len(peers) >= 20
    assert len(visits[planted]) >= 30
    assert len({row["patient_id"] for row in visits[planted]}) >= 10
    assert expected >= 5
    assert orders[planted] / expected >= 1.5


def place_of(row: Row) -> Pair:
    return str(row["institution_id"]), str(row["department_code"])
