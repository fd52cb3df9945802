"""A row of the ledger (台账): one breach that a review confirmed, on its way to rectification and closure.

The review app will write these rows; statistics tables are counted from them. Fields follow DOMAIN §5: lead,
institution, conduct, basis, amounts, referral, deadlines, rectification, closure; at least two officers handle a
case and the reviewer is not one of them.
"""

from __future__ import annotations

import pyarrow as pa

from schemas.finding import MONEY

CONDUCT_KINDS = (
    "unlawful_examination",
    "unfounded_or_repeated",
    "missing_consent",
    "discharge_readmission",
    "inducing_indicators",
    "large_equipment",
)
"""The six kinds of conduct of the 2021 national action, in the order of the plans."""

LEDGER_SCHEMA = pa.schema(
    [
        ("ledger_entry_id", pa.string()),
        ("lead_id", pa.string()),
        ("run_id", pa.string()),
        ("institution_id", pa.string()),
        ("conduct_kind", pa.string()),
        ("legal_basis_id", pa.string()),
        ("confirmed_on", pa.date32()),
        ("recover_amount", MONEY),
        ("fine_amount", MONEY),
        ("referral_authority", pa.string()),
        ("referred_on", pa.date32()),
        ("due_on", pa.date32()),
        ("rectified_on", pa.date32()),
        ("closed_on", pa.date32()),
        ("officer_ids", pa.list_(pa.string())),
        ("reviewer_id", pa.string()),
        ("note", pa.string()),
    ]
)
"""Ledger rows; amounts in yuan, dates local. A lead enters it only after a verdict ``substantiated`` (属实)."""
