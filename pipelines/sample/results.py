"""Canonical reports of a block, the consents signed before special examinations, and complaints."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.sample.care_tables import Block
from pipelines.sample.exams import written_codes
from pipelines.sample.identities import choices, flags, nulls, numbered
from pipelines.sample.moments import DAY, HOUR, YEAR_END, Flags, Floats, Ints, blank, moment_text
from pipelines.sample.orders import CHARGE_ONLY
from pipelines.sample.world import department_codes, institution_ids, practitioner_ids

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
    reported = np.minimum(o["performed"].to_numpy() + delay, YEAR_END - 1)
    lost = np.where(o["tag"].to_numpy() >= 0, 1.0, rng.random((3, count)))
    texts = items.frame
    return pl.DataFrame(
        {
            "report_id": "R" + o["id"].str.slice(1),
            "order_id": o["id"],
            "patient_id": block.patient_ids(o["patient"].to_numpy()),
            "item_code": written_codes(items, item, o["place"].to_numpy()),
            "analyte_code": texts["analyte_code"].gather(item),
            "modality": texts["modality"].gather(item),
            "method": nulls(count),
            "body_part": blank(texts["body_part"].gather(item), ~o["has_part"].to_numpy()),
            "reported_at": moment_text(reported, o["is_bare"].to_numpy()),
            "positive": flags(abnormal, is_lab | (lost[0] < 0.02)),
            "abnormal": flags(abnormal, ~is_lab & (lost[1] < 0.5)),
            "value": blank(value, ~is_lab),
            "unit": texts["unit"].gather(item),
            "ref_low": blank(pl.Series(items.low[item]), ~is_lab),
            "ref_high": blank(pl.Series(items.high[item]), ~is_lab),
            "conclusion": blank(choices(_WORDS, words), is_lab),
            "study_uid": blank("2.25." + o["id"].str.slice(1), is_lab),
            "is_shareable": flags(o["is_shared"].fill_null(pl.Series(lost[2] < 0.9)).to_numpy()),
        }
    )


def _abnormal(rng: np.random.Generator, block: Block, orders: pl.DataFrame) -> Flags:
    """Drawn from the examination's usual share, unless a planted case says."""
    stated = orders["abnormal"].to_numpy()
    drawn = rng.random(orders.height) < block.items.positive[orders["item"].to_numpy()]
    return np.asarray(np.where(stated >= 0, stated == 1, drawn), dtype=bool)


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


_CHANNELS = ("12345热线", "来信", "现场投诉", "网络举报")
_GRIEVANCES = (
    ("过度检查", "反映短期内重复安排同一检查"),
    ("收费", "反映检查费用与实际项目不符"),
    ("服务态度", "反映候诊时间过长"),
)
_ENCOUNTERS_A_COMPLAINT = 900


def complaint_table(block: Block) -> pl.DataFrame:
    """One complaint for some hundreds of visits; what it says has nothing to do with what was planted."""
    e, rng = block.encounters, block.rng
    chosen = np.sort(rng.choice(e.height, e.height // _ENCOUNTERS_A_COMPLAINT, replace=False))
    source, count = e[chosen], chosen.size
    subject = rng.integers(0, len(_GRIEVANCES), count)
    received = np.minimum(source["start"].to_numpy() + rng.integers(DAY, 20 * DAY, count), YEAR_END - 1)
    return pl.DataFrame(
        {
            "complaint_id": numbered("Q", block.number, np.arange(count)),
            "received_at": moment_text(received),
            "channel": choices(_CHANNELS, rng.integers(0, len(_CHANNELS), count)),
            "institution_id": institution_ids(source["place"].to_numpy()),
            "department_code": department_codes(source["department"].to_numpy()),
            "practitioner_id": blank(practitioner_ids(source["doctor"].to_numpy()), rng.random(count) < 0.5),
            "patient_id": block.patient_ids(source["patient"].to_numpy()),
            "category": choices(tuple(category for category, _ in _GRIEVANCES), subject),
            "text": choices(tuple(text for _, text in _GRIEVANCES), subject),
        }
    )


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
