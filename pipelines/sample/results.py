"""Canonical reports of a block, and the consents signed before special examinations."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.sample.care_tables import Block
from pipelines.sample.identities import blank, choices, flags, nulls, numbered
from pipelines.sample.moments import DAY, HOUR, Flags, Floats, Ints, moment_text
from pipelines.sample.orders import CHARGE_ONLY

_WORDS = ("未见明显异常", "异常所见，请结合临床", "结节影，建议随访", "炎性改变可能", "退行性改变")


def exam_result_table(block: Block) -> pl.DataFrame:
    """One report for each examination that has one: a value for laboratory tests, words for the rest."""
    o = block.orders.filter(pl.col("has_report") & (pl.col("charge") != CHARGE_ONLY))
    count, rng, items = o.height, block.rng, block.items
    item = o["item"].to_numpy()
    is_lab = items.is_lab[item]
    abnormal = _abnormal(rng, block, o)
    value = _values(rng, block, o, abnormal)
    words = np.where(abnormal, 1 + rng.integers(0, len(_WORDS) - 1, count), 0)
    delay = np.where(is_lab, rng.integers(30, 6 * HOUR, count), rng.integers(20, DAY, count))
    lost = rng.random((3, count))
    texts = items.frame
    return pl.DataFrame(
        {
            "report_id": "R" + o["id"].str.slice(1),
            "order_id": o["id"],
            "patient_id": block.patient_ids(o["patient"].to_numpy()),
            "item_code": texts["item_code"].gather(item),
            "analyte_code": texts["analyte_code"].gather(item),
            "modality": texts["modality"].gather(item),
            "method": nulls(count),
            "body_part": blank(texts["body_part"].gather(item), ~o["has_part"].to_numpy()),
            "reported_at": moment_text(o["performed"].to_numpy() + delay, o["is_bare"].to_numpy()),
            "positive": flags(abnormal, is_lab | (lost[0] < 0.02)),
            "abnormal": flags(abnormal, ~is_lab & (lost[1] < 0.5)),
            "value": blank(value, ~is_lab),
            "unit": texts["unit"].gather(item),
            "ref_low": blank(pl.Series(items.low[item]), ~is_lab),
            "ref_high": blank(pl.Series(items.high[item]), ~is_lab),
            "conclusion": blank(choices(_WORDS, words), is_lab),
            "study_uid": blank("2.25." + o["id"].str.slice(1), is_lab),
            "is_shareable": flags(lost[2] < 0.9),
        }
    )


def _abnormal(rng: np.random.Generator, block: Block, orders: pl.DataFrame) -> Flags:
    """Drawn from the examination's usual share, unless a planted case says."""
    stated = orders["abnormal"].to_numpy()
    drawn = rng.random(orders.height) < block.items.positive[orders["item"].to_numpy()]
    return np.where(stated >= 0, stated == 1, drawn)


def _values(rng: np.random.Generator, block: Block, orders: pl.DataFrame, abnormal: Flags) -> pl.Series:
    """A value inside the reference range, or above it; planted cases have the exact middle times their level."""
    items, item = block.items, orders["item"].to_numpy()
    low, high = items.low[item], items.high[item]
    inside = low + (high - low) * (0.2 + 0.6 * rng.random(orders.height))
    above = high * (1.1 + rng.random(orders.height))
    drawn = np.where(abnormal, above, inside)
    planted: Floats = (low + high) / 2 * orders["level"].to_numpy()
    value = np.where(orders["tag"].to_numpy() >= 0, planted, drawn)
    return pl.Series(np.round(value, 3)).cast(pl.String)


def consent_table(block: Block) -> pl.DataFrame:
    """Consents for special examinations; one in thirty is missing, as it happens."""
    o = block.orders.filter(pl.Series(block.items.is_special[block.orders["item"].to_numpy()]))
    o = o.filter(pl.Series(block.rng.random(o.height) > 0.03), pl.col("charge") != CHARGE_ONLY)
    count, rng = o.height, block.rng
    signers = np.where(rng.random(count) < 0.8, 0, 2)
    waived = (o["urgency"].to_numpy() == 2) & (rng.random(count) < 0.3)
    signed: Ints = o["ordered"].to_numpy() + rng.integers(1, 8, count)
    return pl.DataFrame(
        {
            "consent_id": numbered("A", block.number, np.arange(count)),
            "patient_id": block.patient_ids(o["patient"].to_numpy()),
            "encounter_id": block.encounter_ids(o["encounter"].to_numpy()),
            "order_id": o["id"],
            "item_code": block.items.frame["item_code"].gather(o["item"].to_numpy()),
            "signed_at": moment_text(signed, o["is_bare"].to_numpy()),
            "signed_by": choices(("patient", "guardian", "family", "agent", "none"), signers),
            "second_signer_id": nulls(count),
            "emergency_waiver": flags(waived),
        }
    )
