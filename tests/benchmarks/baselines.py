"""What the audit is measured against: the same columns scanned and sorted, and what a user would write instead.

The bare rules ask all lines of the extract (orders and charges apart) with their text keys, in DuckDB, pandas, Polars
and as a plain self-join; all must count the same. The twins ask the prepared tables in Polars and must count what the
detectors found.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import polars as pl
from measuring import Measured
from stages import Case

from detectors.catalogue import load_catalogue
from detectors.prepared import STEPS, statement
from schemas.tables import TABLES

LINES = ("exam_order", "claim_line")
WHEN = {"exam_order": "ordered_at", "claim_line": "charged_at"}

BARE_LINES = """
    select
        patient_id, institution_id, concat('O', item_code) as item_code, ordered_at as done_at,
        cast(24 * 3600 as bigint) as interval_s
    from main.exam_order
    union all
    select patient_id, institution_id, item_code, charged_at, cast(24 * 3600 as bigint)
    from main.claim_line
    where quantity > 0
"""
BARE_REPEAT = """
    select count(*) from (
        select date_diff('second', lag(done_at) over (
            partition by patient_id, institution_id, item_code order by done_at
        ), done_at) as gap_s, interval_s
        from work.bare_line
    ) where gap_s > 0 and gap_s < interval_s
"""
BARE_KEYS = """
    select
        p.patient_no * 100000000 + k.kind_no as series_key,
        date_diff('second', timestamp '1970-01-01', l.done_at) as at_s,
        l.interval_s
    from work.bare_line as l
    inner join (select patient_id, row_number() over (order by patient_id) as patient_no from main.patient) as p
        on l.patient_id = p.patient_id
    inner join (
        select institution_id, item_code, row_number() over (order by institution_id, item_code) as kind_no
        from (select distinct institution_id, item_code from work.bare_line)
    ) as k on l.institution_id = k.institution_id and l.item_code = k.item_code
"""
KEYED_REPEAT = """
    select count(*) from (
        select at_s - lag(at_s) over (partition by series_key order by at_s) as gap_s, interval_s
        from work.bare_key
    ) where gap_s > 0 and gap_s < interval_s
"""
SELF_JOIN = """
    select count(*) from (
        select distinct l.patient_id, l.institution_id, l.item_code, l.done_at
        from work.bare_line as l
        inner join work.bare_line as e
            on l.patient_id = e.patient_id and l.institution_id = e.institution_id and l.item_code = e.item_code
            and e.done_at < l.done_at and date_diff('second', e.done_at, l.done_at) < l.interval_s
    )
"""
BARE_STAYS = """
    select patient_id, encounter_id, started_at, ended_at, discharge_disposition
    from main.encounter
    where encounter_type = 'inpatient'
"""
WINDOW_DAYS = 15


def columns_read(table: str) -> list[str]:
    """Columns of a canonical table that are named in any prepared table or question that reads it."""
    texts = [*(statement(step) for step in STEPS), *(detector.question for detector in load_catalogue())]
    words: set[str] = set()
    for text in texts:
        if re.search(rf"\bmain\.{table}\b", text):
            words |= set(re.findall(r"[a-z_]+", re.sub(r"--[^\n]*", "", text)))
    return [name for name, _ in TABLES[table].stored_columns() if name in words]


def measure_yardstick(case: Case) -> list[Measured]:
    """Scan and sort, into a table, the columns of order and charged lines that the audit reads."""
    watch = case.stopwatch()
    with case.opened() as connection:
        for verb, order in (("scan", ""), ("sort", " order by patient_id, {when}")):
            with watch.stage(f"yardstick/{verb}") as rows:
                for table in LINES:
                    columns = ", ".join(columns_read(table))
                    by = order.format(when=WHEN[table])
                    connection.execute(f"create or replace table work.yard as select {columns} from main.{table}{by}")
                rows.append(case.lines)
        connection.execute("drop table work.yard")
    return watch.measured


def measure_events(case: Case) -> list[Measured]:
    """Sort, into a table, the prepared examinations whole, and the few columns that the window runs over."""
    watch = case.stopwatch()
    wide = "select * from prepared.exam_event order by series_key, at_s"
    narrow = "select * from prepared.exam_series order by series_key, place_id, at_s, event_id"
    with case.opened() as connection:
        for name, query in (("wide", wide), ("narrow", narrow)):
            with watch.stage(f"yardstick/events {name}") as rows:
                connection.execute(f"create or replace table work.yard as {query}")
                rows += connection.execute("select count(*) from work.yard").fetchall()[0]
        connection.execute("drop table work.yard")
    return watch.measured


def measure_bare_sql(case: Case, query: str, name: str) -> list[Measured]:
    """A bare rule in DuckDB over the lines as the extract has them."""
    watch = case.stopwatch()
    with case.opened() as connection:
        connection.execute(f"create or replace table work.bare_line as {BARE_LINES}")
        with watch.stage(f"bare/repeat {name}") as rows:
            rows += connection.execute(query).fetchall()[0]
        connection.execute("drop table work.bare_line")
    return watch.measured


def measure_bare_keys(case: Case) -> list[Measured]:
    """The bare repeat rule in DuckDB as the product asks it: over the integer keys that prepared tables hold."""
    watch = case.stopwatch()
    with case.opened() as connection:
        connection.execute(f"create or replace table work.bare_line as {BARE_LINES}")
        with watch.stage("keys/made"):
            connection.execute(f"create or replace table work.bare_key as {BARE_KEYS}")
        connection.execute("drop table work.bare_line")
        with watch.stage("bare/repeat DuckDB, prepared keys") as rows:
            rows += connection.execute(KEYED_REPEAT).fetchall()[0]
        connection.execute("drop table work.bare_key")
    return watch.measured


def measure_bare_readmission(case: Case) -> list[Measured]:
    """The bare readmission rule in DuckDB."""
    watch = case.stopwatch()
    with case.opened() as connection, watch.stage("bare/readmission DuckDB") as rows:
        rows += connection.execute(f"""
            select count(*) from (
                select discharge_disposition, date_diff('day', cast(ended_at as date), cast(lead(started_at) over (
                    partition by patient_id order by started_at, encounter_id
                ) as date)) as gap from ({BARE_STAYS})
            ) where discharge_disposition <> 'died' and gap between 0 and {WINDOW_DAYS}
        """).fetchall()[0]
    return watch.measured


def measure_pandas(case: Case) -> list[Measured]:
    """The bare rules by sorting and shifting groups in pandas; reading is not counted."""
    watch = case.stopwatch()
    lines, stays = (pd.read_parquet(path) for path in bare_files(case))
    with watch.stage("bare/repeat pandas") as rows:
        keys = ["patient_id", "institution_id", "item_code"]
        ordered = lines.sort_values([*keys, "done_at"])
        gap = (ordered["done_at"] - ordered.groupby(keys, sort=False)["done_at"].shift()).dt.total_seconds()
        rows.append(int(((gap > 0) & (gap < ordered["interval_s"])).sum()))
    with watch.stage("bare/readmission pandas") as rows:
        ordered = stays.sort_values(["patient_id", "started_at", "encounter_id"])
        following = ordered.groupby("patient_id", sort=False)["started_at"].shift(-1).dt.floor("D")
        days = (following - ordered["ended_at"].dt.floor("D")).dt.days
        alive = ordered["discharge_disposition"].notna() & (ordered["discharge_disposition"] != "died")
        rows.append(int((alive & days.between(0, WINDOW_DAYS)).sum()))
    return watch.measured


def measure_polars(case: Case) -> list[Measured]:
    """The bare rules by windows in Polars; reading is not counted."""
    watch = case.stopwatch()
    lines, stays = (pl.read_parquet(path) for path in bare_files(case))
    with watch.stage("bare/repeat Polars") as rows:
        keys = ["patient_id", "institution_id", "item_code"]
        gap = (pl.col("done_at") - pl.col("done_at").shift().over(keys)).dt.total_seconds()
        judged = lines.sort("done_at").select(((gap > 0) & (gap < pl.col("interval_s"))).sum())
        rows.append(int(judged.item()))
    with watch.stage("bare/readmission Polars") as rows:
        ordered = stays.sort("patient_id", "started_at", "encounter_id")
        following = pl.col("started_at").shift(-1).over("patient_id").dt.date()
        days = (following - pl.col("ended_at").dt.date()).dt.total_days()
        alive = pl.col("discharge_disposition") != "died"
        rows.append(int(ordered.select((alive & days.is_between(0, WINDOW_DAYS)).sum()).item()))
    return watch.measured


def bare_files(case: Case) -> tuple[Path, Path]:
    """The lines and stays as Parquet, for libraries that cannot open the warehouse; made once."""
    paths = case.folder / "bare_lines.parquet", case.folder / "bare_stays.parquet"
    for path, query in zip(paths, (BARE_LINES, BARE_STAYS), strict=True):
        if not path.exists():
            with case.opened() as connection:
                connection.execute(f"copy ({query}) to '{path}' (format parquet)")
    return paths


def twin_of_repeat(case: Case) -> int:
    """How many findings repeat.same_institution should have, counted by Polars over the prepared tables."""
    with case.opened() as connection:
        series = connection.sql("select event_id, series_key, place_id, at_s from prepared.exam_series").pl()
        events = connection.sql("select event_id, retest_hours from prepared.exam_event").pl()
    keys = ["series_key", "place_id"]
    ordered = series.sort(*keys, "at_s", "event_id").with_columns(
        before=pl.col("at_s").shift().over(keys), before_that=pl.col("at_s").shift(2).over(keys)
    )
    index = pl.when(pl.col("before") == pl.col("at_s")).then("before_that").otherwise("before")
    nearest = ordered.with_columns(gap=pl.col("at_s") - index).group_by("event_id").agg(pl.col("gap").min())
    judged = nearest.join(events, on="event_id")
    return judged.filter((pl.col("gap") > 0) & (pl.col("gap") < pl.col("retest_hours") * 3600)).height


def twin_of_readmission(case: Case) -> int:
    """How many findings readmission.cycle should have, counted by Polars over the prepared stays."""
    with case.opened() as connection:
        stays = connection.sql(
            "select stay_id, patient_key, start_s, start_day, end_day, discharge_disposition from prepared.stay"
        ).pl()
    left = stays.filter(pl.col("discharge_disposition").fill_null("other") != "died").drop_nulls("end_day")
    pairs = left.join(stays, on="patient_key", suffix="_next").filter(
        (pl.col("start_day_next") >= pl.col("end_day"))
        & (
            (pl.col("start_s_next") > pl.col("start_s"))
            | ((pl.col("start_s_next") == pl.col("start_s")) & (pl.col("stay_id_next") > pl.col("stay_id")))
        )
    )
    first = pairs.sort("start_s_next", "stay_id_next").unique("stay_id", keep="first")
    return first.filter(pl.col("start_day_next") - pl.col("end_day") <= WINDOW_DAYS).height


TWINS: dict[str, Callable[[Case], int]] = {
    "repeat.same_institution": twin_of_repeat,
    "readmission.cycle": twin_of_readmission,
}
"""Detector id → the same rule written again in Polars."""
