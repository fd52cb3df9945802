"""Background examination orders of one block: propensity by illness, age, setting and doctor."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.sample.encounters import CHECKUP, EMERGENCY, INPATIENT, OBSERVATION
from pipelines.sample.exams import Items
from pipelines.sample.institutions import LABORATORY, TEMPLATES
from pipelines.sample.medicine import DIAGNOSES
from pipelines.sample.moments import DAY, YEAR_END, Flags, Floats, Ints, blank, pick
from pipelines.sample.population import People
from pipelines.sample.world import TEMPLATE_COUNT, World, age_group_factor

STATUSES = ("ordered", "performed", "cancelled", "failed")
ORDERED, PERFORMED, CANCELLED, FAILED = range(4)
URGENCIES = ("routine", "urgent", "emergency")
SIDES = ("", "L", "R", "B")

CHARGED, UNCHARGED, CHARGE_WITHOUT_ORDER_ID, CHARGE_ONLY = range(4)
"""How an order is charged: with its id, not at all, without its id, or as a charge that no order stands behind."""

KEPT, REVERSED_UNPOINTED, REVERSED_POINTED, VOIDED, HALF_REVERSED = range(5)
"""What became of the charge: it stands, three ways of full reversal, one of two units taken back."""

ORDER_SCHEMA = {
    "encounter": pl.Int64,
    "patient": pl.Int64,
    "place": pl.Int64,
    "department": pl.Int64,
    "type": pl.Int64,
    "doctor": pl.Int64,
    "item": pl.Int64,
    "side": pl.Int64,
    "ordered": pl.Int64,
    "performed": pl.Int64,
    "has_performed": pl.Boolean,
    "status": pl.Int64,
    "performing": pl.Int64,
    "urgency": pl.Int64,
    "reason": pl.String,
    "charge": pl.Int64,
    "reversal": pl.Int64,
    "has_part": pl.Boolean,
    "abnormal": pl.Int64,
    "level": pl.Float64,
    "has_report": pl.Boolean,
    "is_bare": pl.Boolean,
    "specimen": pl.String,
    "is_shared": pl.Boolean,
    "units": pl.Int64,
    "tag": pl.Int64,
    "role": pl.String,
}
"""Orders while they are made: numbers, not ids. ``encounter`` is an encounter's key, ``item`` an index into Items.

``performing`` is an institution or −1 for the ordering one; ``abnormal`` is 0, 1 or −1 (drawn with the result);
``level`` multiplies the result's usual value; ``specimen`` is the role whose specimen it shares, "-" for none on
record, null for one of its own; ``is_shared`` is null where it is drawn with the report; ``tag`` is the planted case or
−1, ``role`` the event's name in it.
"""

_FOLLOW_UPS_A_DAY = 0.16
_STATUS_CDF = np.cumsum([0.019, 0.955, 0.02, 0.006])
"""Ordered only, performed, cancelled, failed."""

_SIDE_CDF = np.cumsum([0.45, 0.45, 0.1])
_REASONS = ("1", "2", "3", "4", "6")
_REASON_SHARE = 0.006
"""Orders that claim a reason for examining again though nothing was examined before."""

_REVERSAL_CDF = np.cumsum([0.979, 0.006, 0.006, 0.005, 0.004])
"""Kept, three ways of full reversal, half reversed."""


def exam_matrices(items: Items) -> tuple[Ints, Floats]:
    """Items and propensities of each diagnosis, one row a diagnosis, padded with item −1 and propensity 0."""
    width = max(len(diagnosis.exams) for diagnosis in DIAGNOSES)
    numbers = np.full((len(DIAGNOSES), width), -1, dtype=np.int64)
    shares = np.zeros((len(DIAGNOSES), width))
    for row, diagnosis in enumerate(DIAGNOSES):
        for column, (concept, share) in enumerate(diagnosis.exams.items()):
            numbers[row, column] = items.number(concept)
            shares[row, column] = share if items.number(concept) >= 0 else 0.0
    return numbers, shares


def draw_orders(
    rng: np.random.Generator, world: World, people: People, items: Items, encounters: pl.DataFrame
) -> pl.DataFrame:
    """Background orders of those encounters, not yet kept apart; each row is one examination of one patient."""
    source = encounters.filter(pl.col("illness") >= 0)
    illness, kind = source["illness"].to_numpy(), source["type"].to_numpy()
    numbers, shares = exam_matrices(items)
    chance = shares[illness] * _visit_factor(world, people, source)[:, None]
    row, column = np.nonzero(rng.random(chance.shape) < np.minimum(chance, 0.97))
    item = numbers[illness[row], column]
    minute = source["start"].to_numpy()[row] + rng.integers(3, 50, row.size)
    again_row, again_item, again_minute = _follow_ups(rng, items, source, row, item)
    row, item = np.concatenate([row, again_row]), np.concatenate([item, again_item])
    minute = np.concatenate([minute, again_minute])
    place = source["place"].to_numpy()[row]
    keep = _can_perform(items, item, place) | (kind[row] == INPATIENT)
    drawn = _frame(rng, items, source, row[keep], item[keep], minute[keep])
    return drawn.filter(pl.col("performed") < YEAR_END)


def _visit_factor(world: World, people: People, source: pl.DataFrame) -> Floats:
    """What multiplies the propensities of an encounter's diagnosis."""
    kind, place = source["type"].to_numpy(), source["place"].to_numpy()
    age = age_group_factor()[people.group[source["patient"].to_numpy()] // 2]
    level = np.array([template.reaches for template in TEMPLATES])[place % TEMPLATE_COUNT]
    setting = np.ones(kind.size)
    setting[(kind == EMERGENCY) | (kind == OBSERVATION)] = 1.3
    setting[kind == INPATIENT] = 2.4
    habit = np.where(kind == CHECKUP, 1.0, world.propensity[source["doctor"].to_numpy()])
    return np.asarray(age * level * setting * habit, dtype=np.float64)


def _follow_ups(
    rng: np.random.Generator, items: Items, source: pl.DataFrame, row: Ints, item: Ints
) -> tuple[Ints, Ints, Ints]:
    """Laboratory tests taken again later in a stay, on some of its days."""
    length = (source["end"] - source["start"]).to_numpy()
    candidates = np.flatnonzero(items.is_lab[item] & (source["type"].to_numpy()[row] == INPATIENT))
    mean = _FOLLOW_UPS_A_DAY * length[row[candidates]] / DAY
    again = np.repeat(candidates, rng.poisson(mean))
    start = source["start"].to_numpy()[row[again]]
    morning = (start // DAY) * DAY + 6 * 60 + rng.integers(0, 90, again.size)
    days = 1 + (rng.random(again.size) * np.maximum(length[row[again]] / DAY - 1, 0)).astype(np.int64)
    minute = morning + days * DAY
    fits = minute < source["end"].to_numpy()[row[again]] - 60
    return row[again][fits], item[again][fits], minute[fits]


def _can_perform(items: Items, item: Ints, place: Ints) -> Flags:
    """Whether the institution has a laboratory or the device for the item; bloods can be sent out."""
    types = items.frame["device_type"].fill_null("LAB").to_list()
    owned = np.array([[not template.devices or kind in template.devices for kind in types] for template in TEMPLATES])
    owned |= np.array([[not template.devices and kind == "LAB" for kind in types] for template in TEMPLATES])
    bare = np.array([not template.devices for template in TEMPLATES])
    allowed = owned & ~(bare[:, None] & ~items.is_lab[None, :])
    return np.asarray(allowed[place % TEMPLATE_COUNT, item])


def _frame(
    rng: np.random.Generator, items: Items, source: pl.DataFrame, row: Ints, item: Ints, ordered: Ints
) -> pl.DataFrame:
    count = row.size
    kind, place = source["type"].to_numpy()[row], source["place"].to_numpy()[row]
    performed = ordered + _waiting(rng, items.is_lab[item], kind)
    status = pick(rng, _STATUS_CDF, size=count)
    return pl.DataFrame(
        {
            "encounter": source["key"].to_numpy()[row],
            "patient": source["patient"].to_numpy()[row],
            "place": place,
            "department": source["department"].to_numpy()[row],
            "type": kind,
            "doctor": source["doctor"].to_numpy()[row],
            "item": item,
            "side": np.where(items.is_sided[item], 1 + pick(rng, _SIDE_CDF, size=count), 0),
            "ordered": ordered,
            "performed": performed,
            "has_performed": (status == PERFORMED) & (rng.random(count) > 0.03),
            "status": status,
            "performing": _performing(rng, items.is_lab[item], place),
            "urgency": _urgency(rng, kind),
            "reason": _reasons(rng, count),
            "charge": _charging(rng, status, ordered, performed),
            "reversal": np.where(status == PERFORMED, pick(rng, _REVERSAL_CDF, size=count), KEPT),
            "has_part": rng.random(count) > 0.02,
            "abnormal": np.full(count, -1),
            "level": np.ones(count),
            "has_report": (status == PERFORMED) & (rng.random(count) > 0.03),
            "is_bare": rng.random(count) < 0.015,
            "specimen": pl.Series([None], dtype=pl.String).new_from_index(0, count),
            "is_shared": pl.Series([None], dtype=pl.Boolean).new_from_index(0, count),
            "units": np.ones(count, dtype=np.int64),
            "tag": np.full(count, -1),
            "role": pl.Series([None], dtype=pl.String).new_from_index(0, count),
        },
        schema=ORDER_SCHEMA,
    )


def _waiting(rng: np.random.Generator, is_lab: Flags, kind: Ints) -> Ints:
    """Minutes from order to examination; some out-patient imaging waits for days."""
    wait = np.where(is_lab, rng.integers(8, 90, kind.size), rng.integers(15, 420, kind.size))
    is_later = ~is_lab & (kind < EMERGENCY) & (rng.random(kind.size) < 0.12)
    return np.asarray(wait + is_later * rng.integers(1, 4, kind.size) * DAY, dtype=np.int64)


def _performing(rng: np.random.Generator, is_lab: Flags, place: Ints) -> Ints:
    """The district's laboratory for bloods that are sent out, −1 for what is done in the house."""
    has_laboratory = np.array([bool(template.devices) for template in TEMPLATES])[place % TEMPLATE_COUNT]
    is_sent_out = is_lab & ((rng.random(place.size) < 0.01) | ~has_laboratory)
    return np.where(is_sent_out, place // TEMPLATE_COUNT * TEMPLATE_COUNT + LABORATORY, -1)


def _reasons(rng: np.random.Generator, count: int) -> pl.Series:
    """Claimed reasons of a few orders."""
    reasons = pl.Series(_REASONS).gather(rng.integers(0, len(_REASONS), count))
    return blank(reasons, rng.random(count) >= _REASON_SHARE)


def _urgency(rng: np.random.Generator, kind: Ints) -> Ints:
    is_acute = (kind == EMERGENCY) | (kind == OBSERVATION)
    return np.where(is_acute, pick(rng, np.cumsum([0.2, 0.3, 0.5]), size=kind.size), rng.random(kind.size) < 0.04)


def _charging(rng: np.random.Generator, status: Ints, ordered: Ints, performed: Ints) -> Ints:
    """Most are charged by their order; a charge loses its order only where the day still leads back to it."""
    draw = rng.random(status.size)
    same_day = ordered // DAY == performed // DAY
    charge = np.where(draw < 0.02, UNCHARGED, CHARGED)
    charge = np.where((draw > 0.96) & same_day, CHARGE_WITHOUT_ORDER_ID, charge)
    charge = np.where(draw > 0.993, CHARGE_ONLY, charge)
    return np.where(status == PERFORMED, charge, UNCHARGED)


def keep_apart(orders: pl.DataFrame, planted: pl.DataFrame, items: Items) -> pl.DataFrame:
    """Background orders that stand farther from every other event of their series than any retest interval.

    A series is one patient's items of one family and body part, wherever performed and on whichever side, so that no
    order of the background is ever a repeat: all repeats of the extract are planted. Those at different institutions
    stand farther apart than the item's recognition validity too, and no single test on the day of its panel.
    """
    item = pl.concat([orders["item"], planted["item"]])
    both = pl.concat([orders, planted]).with_columns(
        series=pl.Series(_series_numbers(items)).gather(item),
        is_kept=pl.Series(np.arange(orders.height + planted.height) >= orders.height),
        row=pl.int_range(orders.height + planted.height),
        room=pl.Series(items.spacing_minutes).gather(item),
        validity=pl.Series(items.recognition_minutes + DAY).gather(item),
        panel=pl.Series(items.panel).gather(item),
    )
    both = both.sort("patient", "series", "performed", "row").with_columns(
        since=(pl.col("performed") - pl.col("performed").shift(1)).over("patient", "series"),
        fixed=pl.when(pl.col("is_kept")).then(pl.col("performed")),
    )
    both = both.with_columns(
        after=(pl.col("performed") - pl.col("fixed").forward_fill()).over("patient", "series"),
        ahead=(pl.col("fixed").backward_fill() - pl.col("performed")).over("patient", "series"),
    )
    near = (
        (pl.col("since").fill_null(1 << 40) <= pl.col("room"))
        | (pl.col("after").fill_null(1 << 40) <= pl.col("room"))
        | (pl.col("ahead").fill_null(1 << 40) <= pl.col("room"))
    )
    apart = both.filter(~near | pl.col("is_kept")).with_columns(
        where=pl.when(pl.col("performing") >= 0).then("performing").otherwise("place")
    )
    alone = _without_tests_beside_their_panel(_far_from_planted_elsewhere(_far_from_elsewhere(apart)))
    return alone.filter(~pl.col("is_kept")).sort("row").select(ORDER_SCHEMA.keys())


def _far_from_elsewhere(both: pl.DataFrame) -> pl.DataFrame:
    """Without orders that another institution's examination shortly before, still recognised, makes needless."""
    in_series = ("patient", "series")
    moved = pl.col("where") != pl.col("where").shift(1).over(in_series)
    told = both.with_columns(left=pl.when(moved).then(pl.col("performed").shift(1).over(in_series)))
    since = pl.col("performed") - pl.col("left").forward_fill().over(in_series)
    return told.filter(pl.col("is_kept") | (since > pl.col("validity")).fill_null(value=True))


def _far_from_planted_elsewhere(both: pl.DataFrame) -> pl.DataFrame:
    """Without orders that would make a planted examination at another institution needless."""
    fixed = pl.when(pl.col("is_kept"))
    told = both.with_columns(next_at=fixed.then("performed"), next_where=fixed.then("where"))
    ahead = pl.col("next_at", "next_where").backward_fill().over("patient", "series")
    told = told.with_columns(ahead)
    near = (pl.col("next_at") - pl.col("performed") <= pl.col("validity")) & (pl.col("next_where") != pl.col("where"))
    return told.filter(pl.col("is_kept") | ~near.fill_null(value=False))


def _without_tests_beside_their_panel(both: pl.DataFrame) -> pl.DataFrame:
    """Without single tests on the day of a panel that contains them."""
    told = both.with_columns(day=pl.col("performed") // DAY)
    panels = told.select("patient", "day", pl.col("item").alias("panel")).unique()
    beside = told.filter(~pl.col("is_kept")).join(panels, on=["patient", "day", "panel"], how="semi")
    return told.join(beside.select("row"), on="row", how="anti")


def _series_numbers(items: Items) -> Ints:
    """A number for each family and body part, by item."""
    names = (items.frame["family"] + "|" + items.frame["body_part"].fill_null("")).to_list()
    return np.array([sorted(set(names)).index(name) for name in names], dtype=np.int64)
