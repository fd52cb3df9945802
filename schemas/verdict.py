"""A verdict: what a review decided about one finding. Rows of verdicts update what a detector's word is worth."""

from __future__ import annotations

import pyarrow as pa

OUTCOMES = ("substantiated", "partly_substantiated", "unsubstantiated", "undetermined")
"""属实, 部分属实, 不属实, 无法判定. The last one says nothing about the detector and is not counted."""

VERDICT_SCHEMA = pa.schema(
    [
        ("finding_id", pa.string()),
        ("detector_id", pa.string()),
        ("outcome", pa.string()),
        ("decided_on", pa.date32()),
    ]
)
"""Rows of a verdict file (CSV or Parquet; further columns are ignored). Of several verdicts on one finding the newest
counts. Only finding and detector ids stand in it: no person, no text."""
