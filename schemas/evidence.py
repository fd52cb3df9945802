"""What an evidence page is drawn from: rows published beside the findings, so that no page opens the warehouse.

Written to ``runs/<run_id>/evidence/<name>.parquet``. A patient episode is drawn from events, stays, happenings,
lines and sources; a practitioner from the evidence JSON of its finding (funnel, quarters, families, strata)
and from orders.
"""

from __future__ import annotations

import pyarrow as pa

from schemas.finding import MONEY

EVENT_SCHEMA = pa.schema(
    [
        ("patient_id", pa.string()),
        ("event_id", pa.string()),
        ("encounter_id", pa.string()),
        ("institution_id", pa.string()),
        ("performing_institution_id", pa.string()),
        ("department_code", pa.string()),
        ("practitioner_id", pa.string()),
        ("item_code", pa.string()),
        ("item_name", pa.string()),
        ("family", pa.string()),
        ("modality", pa.string()),
        ("body_part", pa.string()),
        ("laterality", pa.string()),
        ("setting", pa.string()),
        ("occurred_at", pa.timestamp("us")),
        ("has_time", pa.bool_()),
        ("is_abnormal", pa.bool_()),
        ("net_amount", MONEY),
        ("net_fund_amount", MONEY),
    ]
)
"""events: every examination of a patient who stands in a lead. has_time is false where only the date is known."""

STAY_SCHEMA = pa.schema(
    [
        ("patient_id", pa.string()),
        ("stay_id", pa.string()),
        ("institution_id", pa.string()),
        ("department_code", pa.string()),
        ("started_at", pa.timestamp("us")),
        ("ended_at", pa.timestamp("us")),
        ("discharge_disposition", pa.string()),
        ("main_diagnosis_code", pa.string()),
        ("main_diagnosis_name", pa.string()),
        ("net_amount", MONEY),
        ("net_fund_amount", MONEY),
    ]
)
"""stays: in-patient stays of those patients, interim claims merged."""

HAPPENING_SCHEMA = pa.schema(
    [
        ("patient_id", pa.string()),
        ("occurred_at", pa.timestamp("us")),
        ("has_time", pa.bool_()),
        ("kind", pa.string()),
        ("detail", pa.string()),
        ("event_id", pa.string()),
    ]
)
"""happenings: what may explain an examination (operation, transfusion, new diagnosis, ICU, claimed reason …)."""

LINE_SCHEMA = pa.schema(
    [
        ("event_id", pa.string()),
        ("table_name", pa.string()),
        ("row_id", pa.string()),
        ("item_code", pa.string()),
        ("item_name", pa.string()),
        ("occurred_at", pa.timestamp("us")),
        ("practitioner_id", pa.string()),
        ("quantity", pa.decimal128(18, 4)),
        ("amount", MONEY),
        ("reversed_amount", MONEY),
        ("net_amount", MONEY),
        ("fund_amount", MONEY),
        ("is_fund_estimated", pa.bool_()),
        ("batch_id", pa.string()),
        ("source_file", pa.string()),
        ("source_row", pa.int64()),
    ]
)
"""lines: the rows of the extracts that an index or flagged event rests on (orders, charges, reports, encounters)."""

SOURCE_SCHEMA = pa.schema(
    [
        ("patient_id", pa.string()),
        ("record_id", pa.string()),
        ("table_name", pa.string()),
        ("record_code", pa.string()),
        ("batch_id", pa.string()),
        ("source_file", pa.string()),
        ("source_row", pa.int64()),
    ]
)
"""sources: the rows of the extracts that those events, stays and happenings rest on, found by the event or stay id;
``record_code`` tells the diagnoses and procedures of one stay apart."""

ORDER_SCHEMA = pa.schema(
    [
        ("subject_id", pa.string()),
        ("turn", pa.int64()),
        ("family", pa.string()),
        ("place", pa.int64()),
        ("drawn_from", pa.int64()),
        ("event_id", pa.string()),
        ("patient_id", pa.string()),
        ("item_code", pa.string()),
        ("item_name", pa.string()),
        ("body_part", pa.string()),
        ("laterality", pa.string()),
        ("diagnosis_group", pa.string()),
        ("occurred_at", pa.timestamp("us")),
        ("has_time", pa.bool_()),
        ("is_abnormal", pa.bool_()),
        ("net_amount", MONEY),
        ("table_name", pa.string()),
        ("batch_id", pa.string()),
        ("source_file", pa.string()),
        ("source_row", pa.int64()),
    ]
)
"""orders: a sample of the orders of practitioners that stand apart from peers, drawn by the hash of their numbers.

subject_id is the lead's; ``place`` is the place by hash among the ``drawn_from`` orders of the family.
"""

INSTITUTION_SCHEMA = pa.schema(
    [
        ("institution_id", pa.string()),
        ("institution_name", pa.string()),
        ("level", pa.string()),
        ("kind", pa.string()),
        ("ownership", pa.string()),
        ("region_code", pa.string()),
    ]
)
"""institutions: the register, for names on pages."""

NAME_KINDS = ("family", "body_part", "national_department", "department")
"""Kinds of code that names.parquet holds words for; a hospital's ``department`` has the code ``institution|code``."""

NAME_SCHEMA = pa.schema(
    [
        ("kind", pa.string()),
        ("code", pa.string()),
        ("name_en", pa.string()),
        ("name_zh", pa.string()),
    ]
)
"""names: words for codes, out of the run's policy pack and the register of departments."""

EVIDENCE_SCHEMAS: dict[str, pa.Schema] = {
    "events": EVENT_SCHEMA,
    "stays": STAY_SCHEMA,
    "happenings": HAPPENING_SCHEMA,
    "lines": LINE_SCHEMA,
    "sources": SOURCE_SCHEMA,
    "orders": ORDER_SCHEMA,
    "institutions": INSTITUTION_SCHEMA,
    "names": NAME_SCHEMA,
}
"""Schema of each evidence file by its stem."""

FUNNEL_KEYS = ("expected", "ratio", "phi", "tau2")
"""Keys of ``evidence.funnel`` of a practitioner: peers' expected counts and ratios (unnamed), over-dispersion."""
