"""Canonical claim lines of a block: examinations, what else is charged, and reversals of all three ways."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.sample.care_tables import Block, schemes
from pipelines.sample.encounters import CHECKUP, INPATIENT
from pipelines.sample.exams import Items, written_codes
from pipelines.sample.identities import flags, money, nulls, numbered, ranks
from pipelines.sample.institutions import TEMPLATES
from pipelines.sample.moments import DAY, HOUR, YEAR_END, Flags, Ints, blank, moment_text
from pipelines.sample.orders import (
    CHARGE_ONLY,
    CHARGE_WITHOUT_ORDER_ID,
    HALF_REVERSED,
    KEPT,
    REVERSED_POINTED,
    REVERSED_UNPOINTED,
    UNCHARGED,
    VOIDED,
)
from pipelines.sample.world import TEMPLATE_COUNT, department_codes, institution_ids, practitioner_ids

_CATEGORIES = ("检查费", "化验费", "西药费", "床位费", "护理费", "挂号费", "手术费", "治疗费")
_EXAM, _LAB, _DRUG, _BED, _NURSING, _REGISTRATION, _OPERATION, _TREATMENT = range(8)

_OTHERS = (
    ("XY0001", "氯化钠注射液", _DRUG, 640),
    ("XY0002", "阿托伐他汀钙片", _DRUG, 3860),
    ("XY0003", "头孢呋辛酯片", _DRUG, 2450),
    ("XY0004", "二甲双胍片", _DRUG, 1820),
    ("XY0005", "硝苯地平控释片", _DRUG, 2980),
    ("XY0006", "布洛芬缓释胶囊", _DRUG, 1530),
    ("CW0001", "普通病房床位费", _BED, 5000),
    ("HL0001", "二级护理", _NURSING, 2600),
    ("GH0001", "普通门诊诊查费", _REGISTRATION, 1500),
    ("ZL0001", "静脉输液", _TREATMENT, 900),
    ("ZL0002", "住院综合治疗", _TREATMENT, 30000),
)
"""Charges that are no examination: code, name, category, price in fen."""

_DRUGS, _BED_LINE, _NURSING_LINE, _REGISTRATION_LINE, _TREATMENT_LINE, _CARE_LINE = 6, 6, 7, 8, 9, 10
_REGISTERED_SHARE = 0.5
"""Visits whose registration fee is claimed; the rest settle it at the counter."""

_FUND_RATE = (0.8, 0.62, 0.0)
"""Share of the in-scope amount that the fund pays, by scheme."""

LINE_SCHEMA = {
    "encounter": pl.Int64,
    "patient": pl.Int64,
    "place": pl.Int64,
    "item": pl.Int64,
    "other": pl.Int64,
    "order": pl.Int64,
    "shows_order": pl.Boolean,
    "at": pl.Int64,
    "is_bare": pl.Boolean,
    "units": pl.Int64,
    "price_fen": pl.Int64,
    "doctor": pl.Int64,
    "department": pl.Int64,
    "performing": pl.Int64,
    "undone": pl.Int64,
    "undoes": pl.Int64,
    "tag": pl.Int64,
}
"""Lines while they are made. ``item`` or ``other`` is −1; ``order`` is a row of the block's orders or −1.

``undone`` is how a line was reversed; ``undoes`` is −1, or the row of the line that a pointed reversal undoes.
"""


def draw_lines(block: Block) -> pl.DataFrame:
    """All lines of the block in the order of their ids: ``LINE_SCHEMA``, ``id``, ``reverses`` (the id pointed to)."""
    exams = _exam_lines(block)
    charged = pl.concat([exams, _other_lines(block)])
    lines = pl.concat([charged, _reversals(block, charged)]).with_columns(pl.col("at").clip(upper_bound=YEAR_END - 1))
    rank = ranks(lines["at"].to_numpy(), lines["encounter"].to_numpy(), np.arange(lines.height))
    ids, undoes = numbered("L", block.number, rank), lines["undoes"].to_numpy()
    pointers = blank(ids.gather(np.maximum(undoes, 0)), undoes < 0)
    return lines.with_columns(ids.alias("id"), pointers.alias("reverses"), pl.Series(rank).alias("rank")).sort("rank")


def _exam_lines(block: Block) -> pl.DataFrame:
    o = block.orders.with_row_index("order").filter(pl.col("charge") != UNCHARGED)
    count, rng, items = o.height, block.rng, block.items
    item, place = o["item"].to_numpy(), o["place"].to_numpy()
    at = o["performed"].to_numpy()
    units = np.where(o["reversal"].to_numpy() == HALF_REVERSED, 2, o["units"].to_numpy())
    return pl.DataFrame(
        {
            "encounter": o["encounter"],
            "patient": o["patient"],
            "place": place,
            "item": item,
            "other": np.full(count, -1),
            "order": o["order"].cast(pl.Int64),
            "shows_order": ~o["charge"].is_in([CHARGE_WITHOUT_ORDER_ID, CHARGE_ONLY]),
            "at": at,
            "is_bare": o["is_bare"].to_numpy() | ((rng.random(count) < 0.01) & (o["tag"].to_numpy() < 0)),
            "units": units,
            "price_fen": exam_prices(items, item, place),
            "doctor": o["doctor"],
            "department": o["department"],
            "performing": o["performing"],
            "undone": o["reversal"],
            "undoes": np.full(count, -1),
            "tag": o["tag"],
        },
        schema=LINE_SCHEMA,
    )


def exam_prices(items: Items, item: Ints, place: Ints) -> Ints:
    """Unit price in fen: lower levels charge less."""
    levels = {"tertiary": 100, "secondary": 90, "primary": 80, "ungraded": 80}
    percent = np.array([levels[template.level] for template in TEMPLATES])[place % TEMPLATE_COUNT]
    return np.asarray(items.price_fen[item] * percent // 100, dtype=np.int64)


def _other_lines(block: Block) -> pl.DataFrame:
    """Registration and drugs of visits; bed, nursing, infusions and drugs of stays."""
    e, rng = block.encounters, block.rng
    row, other = _other_charges(block)
    start, end = e["start"].to_numpy()[row], np.minimum(e["end"].to_numpy()[row], YEAR_END)
    is_daily = np.isin(other, (_BED_LINE, _NURSING_LINE, _TREATMENT_LINE, _CARE_LINE))
    days = np.maximum(1, (end - start) // DAY)
    at = np.where(is_daily, np.maximum(start, end - HOUR), start + rng.integers(5, 60, row.size))
    return (
        e[row]
        .select(
            pl.col("key").alias("encounter"),
            "patient",
            "place",
            item=pl.lit(-1, dtype=pl.Int64),
            other=pl.Series(other),
            order=pl.lit(-1, dtype=pl.Int64),
            shows_order=pl.lit(value=False),
            at=pl.Series(at),
            is_bare=pl.col("is_bare"),
            units=pl.Series(np.where(is_daily, days, rng.integers(1, 4, row.size))),
            price_fen=pl.Series(np.array([price for *_, price in _OTHERS])[other]),
            doctor=pl.col("doctor"),
            department=pl.col("department"),
            performing=pl.lit(-1, dtype=pl.Int64),
            undone=pl.lit(KEPT, dtype=pl.Int64),
            undoes=pl.lit(-1, dtype=pl.Int64),
            tag=pl.lit(-1, dtype=pl.Int64),
        )
        .select(LINE_SCHEMA.keys())
    )


def _other_charges(block: Block) -> tuple[Ints, Ints]:
    """Rows of encounters, and which of _OTHERS is charged there."""
    kind, rng = block.encounters["type"].to_numpy(), block.rng
    stay = np.flatnonzero(kind == INPATIENT)
    visit = np.flatnonzero((kind != INPATIENT) & (kind != CHECKUP) & (rng.random(kind.size) < _REGISTERED_SHARE))
    is_treated = ~block.encounters["is_untreated"].to_numpy()
    cared_for = np.flatnonzero((kind == INPATIENT) & is_treated)
    treated = np.flatnonzero((kind != CHECKUP) & is_treated)
    drugs = np.repeat(treated, rng.poisson(np.where(kind[treated] == INPATIENT, 2.0, 0.55)))
    kinds = (
        (visit, _REGISTRATION_LINE),
        (stay, _BED_LINE),
        (stay, _NURSING_LINE),
        (cared_for, _TREATMENT_LINE),
        (cared_for, _CARE_LINE),
    )
    row = np.concatenate([*(rows for rows, _ in kinds), drugs])
    other = [np.full(rows.size, line) for rows, line in kinds]
    return row, np.concatenate([*other, rng.integers(0, _DRUGS, drugs.size)])


def _reversals(block: Block, lines: pl.DataFrame) -> pl.DataFrame:
    """Negative lines: with a pointer, without one, and of one unit of two; voided lines need none."""
    back = lines.with_row_index("row").filter(
        pl.col("undone").is_in([REVERSED_UNPOINTED, REVERSED_POINTED, HALF_REVERSED])
    )
    is_half = back["undone"].to_numpy() == HALF_REVERSED
    points = (back["undone"].to_numpy() == REVERSED_POINTED) | (is_half & (block.rng.random(back.height) < 0.5))
    later = back["at"].to_numpy() + block.rng.integers(10, 2 * DAY, back.height)
    return back.with_columns(
        undoes=pl.Series(np.where(points, back["row"].cast(pl.Int64).to_numpy(), -1)),
        units=pl.Series(np.where(is_half, -1, -back["units"].to_numpy())),
        at=pl.Series(np.where(back["is_bare"].to_numpy(), later + DAY, later)),
        undone=pl.lit(KEPT, dtype=pl.Int64),
    ).select(LINE_SCHEMA.keys())


def claim_line_table(block: Block, lines: pl.DataFrame) -> pl.DataFrame:
    """Canonical claim lines of the block."""
    item, other, order = lines["item"].to_numpy(), lines["other"].to_numpy(), lines["order"].to_numpy()
    is_exam, rng, items = item >= 0, block.rng, block.items
    names = _names(items)
    label = np.where(is_exam, item, len(items.concepts) + other)
    amount, scope, fund = line_amounts(block, lines)
    no_order = ~lines["shows_order"].to_numpy()
    lost = rng.random(lines.height)
    performing = lines["performing"].to_numpy()
    return pl.DataFrame(
        {
            "claim_line_id": lines["id"],
            "claim_id": "C" + block.encounter_ids(lines["encounter"].to_numpy()).str.slice(1),
            "encounter_id": block.encounter_ids(lines["encounter"].to_numpy()),
            "patient_id": block.patient_ids(lines["patient"].to_numpy()),
            "institution_id": institution_ids(lines["place"].to_numpy()),
            "item_code": _codes(items, lines),
            "item_name": names["name"].gather(label),
            "charge_category": names["category"].gather(label),
            "order_id": blank(_gather(block.orders["id"], order), no_order),
            "charged_at": moment_text(lines["at"].to_numpy(), lines["is_bare"].to_numpy()),
            "quantity": lines["units"],
            "unit_price": money(lines["price_fen"].to_numpy()),
            "amount": money(amount),
            "price_ceiling": money(_ceilings(items, item), ~is_exam),
            "in_scope_amount": money(scope),
            "fund_amount": money(fund, lost < 0.06),
            "ordering_practitioner_id": practitioner_ids(lines["doctor"].to_numpy()),
            "ordering_department_code": department_codes(lines["department"].to_numpy()),
            "performing_department_code": blank(department_codes(np.where(_is_lab(items, item), 17, 19)), ~is_exam),
            "reverses_claim_line_id": lines["reverses"],
            "voided": flags(lines["undone"].to_numpy() == VOIDED),
            "external_institution_id": blank(institution_ids(np.maximum(performing, 0)), performing < 0),
        }
    )


def _codes(items: Items, lines: pl.DataFrame) -> pl.Series:
    """Codes of what is charged: examinations as the institution writes them, everything else by its own code."""
    item, other = lines["item"].to_numpy(), lines["other"].to_numpy()
    exams = written_codes(items, np.maximum(item, 0), lines["place"].to_numpy())
    others = pl.Series([code for code, *_ in _OTHERS]).gather(np.maximum(other, 0))
    return exams.zip_with(pl.Series(item >= 0), others)


def _is_lab(items: Items, item: Ints) -> Flags:
    return items.is_lab[np.maximum(item, 0)] & (item >= 0)


def _ceilings(items: Items, item: Ints) -> Ints:
    return items.price_fen[np.maximum(item, 0)] * 11 // 10


def _gather(ids: pl.Series, rows: Ints) -> pl.Series:
    return ids.gather(np.maximum(rows, 0)) if ids.len() else nulls(rows.size)


def _names(items: Items) -> pl.DataFrame:
    categories = [_CATEGORIES[_LAB if is_lab else _EXAM] for is_lab in items.is_lab]
    return pl.DataFrame(
        {
            "name": [*items.frame["item_name"], *(name for _, name, *_ in _OTHERS)],
            "category": [*categories, *(_CATEGORIES[category] for _, _, category, _ in _OTHERS)],
        }
    )


def line_amounts(block: Block, lines: pl.DataFrame) -> tuple[Ints, Ints, Ints]:
    """Amount, in-scope amount and fund amount of each line in fen; reversals are negative."""
    sign = np.sign(lines["units"].to_numpy())
    amount = lines["price_fen"].to_numpy() * np.abs(lines["units"].to_numpy())
    percent = np.where(lines["item"].to_numpy() >= 0, 95, 100)
    scope = amount * percent // 100
    rate = np.rint(np.array(_FUND_RATE) * 100).astype(np.int64)
    paid_by = pl.DataFrame({"encounter": block.encounters["key"], "scheme": schemes(block)})
    scheme = lines.select("encounter").join(paid_by, on="encounter", how="left", maintain_order="left")["scheme"]
    fund = scope * rate[scheme.to_numpy()] // 100
    return sign * amount, sign * scope, sign * fund


def settlement_totals(block: Block, lines: pl.DataFrame) -> pl.DataFrame:
    """Total and fund amount in fen of each encounter, in the order of the encounters; void lines do not count."""
    amount, _, fund = line_amounts(block, lines)
    sums = (
        lines.select("encounter", "undone")
        .with_columns(total_fen=pl.Series(amount), fund_fen=pl.Series(fund))
        .filter(pl.col("undone") != VOIDED)
        .group_by("encounter")
        .agg(pl.col("total_fen").sum(), pl.col("fund_fen").sum())
    )
    keys = block.encounters.select(pl.col("key").alias("encounter"))
    return keys.join(sums, on="encounter", how="left", maintain_order="left").with_columns(
        pl.col("total_fen").fill_null(0), pl.col("fund_fen").fill_null(0)
    )
