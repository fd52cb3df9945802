"""Every published rule of the pack, row by row: a case beyond it is caught, one just within it is not.

The rows come from the pack and its list of what was left out, which together are the published lists whole. All cases
stand in one warehouse under ids of their own; the counts are printed (``pytest -s``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from detectors.ascii_tables import Row
from detectors.charging.pair_conflict import PAIR_CONFLICT
from detectors.declaration import Detector
from detectors.engines.duckdb import DuckDBEngine, create_tables, open_warehouse
from detectors.policy import load_policy
from detectors.prepared import prepare
from detectors.runner import Request, run_detector
from detectors.settings import resolve
from detectors.specs import fill
from detectors.unfounded.frequency_limit import FREQUENCY_LIMIT
from detectors.unfounded.sex_age_mismatch import SEX_AGE_MISMATCH
from schemas.pack import load_pack
from schemas.tables import TABLES

NATIONAL = load_pack("cn-national")
ITEMS = {row["item_code"]: row for row in NATIONAL.tables["exam_items"].to_dicts()}
PUBLISHED = {
    "sex_limit": ("sex limits?", 390),
    "age_limit": ("age limits?", 30),
    "age_limit_batch_8": ("age limits batch 8", 1),
    "daily_limit": ("daily limits", 67),
    "period_limit": ("period limits", 14),
    "course_limit": ("course limits", 11),
    "duplicate_charge": ("duplicate charges", 900),
}
"""List → its name in a source column, and how many rows it has as published."""

FIRST = datetime.fromisoformat("2025-03-03T09:00:00")
AS_OF = date(2025, 12, 31)


@dataclass(frozen=True)
class Story:
    """A patient who is within a rule or beyond it."""

    patient_id: str
    is_beyond: bool
    sex: str
    birth_date: date
    charges: tuple[tuple[str, datetime, Decimal], ...]


def rows_taken(published_list: str) -> list[int]:
    """Rows of a published list that the pack's sources name, each once."""
    name = PUBLISHED[published_list][0]
    pattern = re.compile(rf"{name}(?:: NHSA rule library knowledge points row|, row) (\d+)")
    tables = ("exam_items", "item_limits", "frequency_limits", "charge_pairs")
    sources = [source for table in tables for source in NATIONAL.tables[table]["source"]]
    return [int(row) for source in sources for row in pattern.findall(source)]


@pytest.mark.parametrize("published_list", PUBLISHED)
def test_every_published_row_is_either_in_the_pack_or_listed_as_left_out(published_list: str) -> None:
    skipped = NATIONAL.tables["skipped_rules"].filter(pl.col("published_list") == published_list)["row_number"]
    assert sorted([*rows_taken(published_list), *skipped]) == list(range(1, PUBLISHED[published_list][1] + 1))


def test_an_item_has_its_limits_in_one_table_only() -> None:
    assert not set(NATIONAL.tables["item_limits"]["item_code"]) & set(ITEMS)


def limited_items() -> list[dict[str, object]]:
    return [*ITEMS.values(), *NATIONAL.tables["item_limits"].to_dicts()]


def sex_stories() -> Iterator[Story]:
    for row in limited_items():
        if row["sex_limit"]:
            age = row["max_age_days"] if isinstance(row["max_age_days"], int) else 12_000
            for is_beyond in (True, False):
                sex = {"M": "F", "F": "M"}[str(row["sex_limit"])] if is_beyond else str(row["sex_limit"])
                yield _one(f"sex:{row['item_code']}:{is_beyond}", is_beyond, sex, age, str(row["item_code"]))


def age_stories() -> Iterator[Story]:
    for row in limited_items():
        if isinstance(row["max_age_days"], int):
            for is_beyond in (True, False):
                age = row["max_age_days"] + is_beyond
                yield _one(f"age:{row['item_code']}:{is_beyond}", is_beyond, "F", age, str(row["item_code"]))


def _one(name: str, is_beyond: bool, sex: str, age_days: int, item: str) -> Story:
    return Story(name, is_beyond, sex, FIRST.date() - timedelta(days=age_days), ((item, FIRST, Decimal(1)),))


def frequency_stories() -> Iterator[Story]:
    for row in NATIONAL.tables["frequency_limits"].to_dicts():
        item, most, days = str(row["item_code"]), Decimal(row["maximum_quantity"]), int(row["period_days"])
        for is_beyond in (True, False):
            name = f"frequency:{item}:{row['limit_kind']}:{is_beyond}"
            if row["limit_kind"] == "daily":
                charges: tuple[tuple[str, datetime, Decimal], ...] = ((item, FIRST, most + is_beyond),)
            else:
                gap = days - is_beyond if row["limit_kind"] == "period" else days - 1 + is_beyond
                charges = ((item, FIRST, Decimal(1)), (item, FIRST + timedelta(days=gap), Decimal(1)))
            yield Story(name, is_beyond, "F", date(1980, 1, 1), charges)


LAST_WITHIN = {
    "day": datetime.fromisoformat("2025-03-03T23:59:59"),
    "hour": datetime.fromisoformat("2025-03-03T09:59:59"),
    "session": FIRST + timedelta(minutes=int(PAIR_CONFLICT.parameter("session_minutes").default)),
}
"""The last second at which the included item still falls into a pair's window with a main item charged at FIRST."""


def pair_stories(is_published: bool) -> Iterator[Story]:
    for row in NATIONAL.tables["charge_pairs"].to_dicts():
        if ("duplicate charges" in str(row["source"])) == is_published:
            main, included = str(row["main_item_code"]), str(row["included_item_code"])
            for is_beyond in (True, False):
                at = LAST_WITHIN[str(row["charge_window"])] + timedelta(seconds=not is_beyond)
                charges = ((main, FIRST, Decimal(1)), (included, at, Decimal(1)))
                yield Story(f"pair:{main}:{included}:{is_beyond}", is_beyond, "F", date(1980, 1, 1), charges)


STORIES: Mapping[str, tuple[Detector, list[Story]]] = {
    "sex": (SEX_AGE_MISMATCH, list(sex_stories())),
    "age": (SEX_AGE_MISMATCH, list(age_stories())),
    "frequency": (FREQUENCY_LIMIT, list(frequency_stories())),
    "duplicate charge": (PAIR_CONFLICT, list(pair_stories(is_published=True))),
    "pair of our own": (PAIR_CONFLICT, list(pair_stories(is_published=False))),
}


def tables_of(stories: list[Story]) -> dict[str, list[Row]]:
    made: dict[str, list[Row]] = {"patient": [], "encounter": [], "claim_line": []}
    for story in stories:
        name = story.patient_id
        made["patient"].append({"patient_id": name, "sex": story.sex, "birth_date": story.birth_date.isoformat()})
        for turn, (item, at, quantity) in enumerate(story.charges):
            visit: Row = {"encounter_id": f"{name}:{turn}", "patient_id": name, "institution_id": "H1"}
            made["encounter"].append(visit | {"encounter_type": "outpatient", "started_at": at.isoformat()})
            line: Row = visit | {"claim_line_id": f"{name}:{turn}", "claim_id": name, "item_code": item}
            line |= {"charge_category": "检查费", "charged_at": at.isoformat(), "quantity": str(quantity)}
            made["claim_line"].append(line | {"unit_price": "1", "amount": str(quantity)})
    return made


@pytest.fixture(scope="module")
def caught() -> dict[str, set[str]]:
    """Rule → patients of whom its detector has a finding that nothing exempts."""
    engine = DuckDBEngine(open_warehouse(None, threads=1))
    create_tables(engine.connection)
    tables = tables_of([story for _, stories in STORIES.values() for story in stories])
    fill(engine, tables)
    load_policy(engine, NATIONAL)
    prepare(engine, {"as_of": AS_OF, "default_retest_hours": None})
    present = {name: frozenset(TABLES[name].column_names) for name in tables}
    found = {}
    for kind, (detector, _) in STORIES.items():
        request = Request(AS_OF, None, None, (), resolve([detector], {}), present, {})
        findings = run_detector(engine, detector, NATIONAL, request).findings
        found[kind] = set(findings.filter(pl.col("exemption_id").is_null())["patient_id"])
    engine.connection.close()
    return found


@pytest.mark.parametrize("kind", STORIES)
def test_each_row_catches_what_is_beyond_it_and_nothing_within(caught: dict[str, set[str]], kind: str) -> None:
    stories = STORIES[kind][1]
    beyond = {story.patient_id for story in stories if story.is_beyond}
    within = {story.patient_id for story in stories if not story.is_beyond}
    told = (
        f"{len(beyond & caught[kind])} of {len(beyond)} caught, {len(within & caught[kind])} of {len(within)} not to be"
    )
    print(f"{kind}: {told}")  # noqa: T201 - the counts, for who asks with -s
    assert beyond
    assert beyond - caught[kind] == set()
    assert within & caught[kind] == set()


def test_the_lists_are_taken_as_far_as_they_concern_examinations() -> None:
    """What changes here changes the README of the pack."""
    taken = {name: len(rows_taken(name)) for name in PUBLISHED}
    left = Counter(NATIONAL.tables["skipped_rules"]["published_list"])
    print(f"taken {taken}; left out {dict(sorted(left.items()))}")  # noqa: T201 - the counts, for who asks with -s
    assert taken == {
        "sex_limit": 85,
        "age_limit": 8,
        "age_limit_batch_8": 0,
        "daily_limit": 16,
        "period_limit": 13,
        "course_limit": 3,
        "duplicate_charge": 286,
    }


def test_no_published_pair_is_of_use_to_a_repeat_rule() -> None:
    """No pair asks one question twice (one family) or is a panel with what it contains: charging alone reads them."""
    pairs = NATIONAL.tables["charge_pairs"].filter(pl.col("source").str.contains("duplicate charges"))
    family = {code: item["family"] for code, item in ITEMS.items()}
    contained = set(NATIONAL.tables["panel_items"].select("panel_item_code", "item_code").rows())
    coded = pairs.select("main_item_code", "included_item_code").rows()
    usable = [pair for pair in coded if pair in contained or family.get(pair[0], "-") == family.get(pair[1])]
    print(f"{len(coded)} pairs, {len(usable)} of use to a repeat rule")  # noqa: T201 - the counts, for who asks with -s
    assert len(coded) == 286
    assert usable == []
