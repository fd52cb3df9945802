"""Every CSV of a policy pack (DESIGN §4.2), each declared once; one file ``<name>.csv``, header row = column names."""

from __future__ import annotations

import polars as pl

from schemas import policy_examinations, policy_imaging, policy_prices, policy_rules
from schemas.table import DUCKDB_TYPE, Table
from schemas.types import POLARS_TYPE

POLICY_TABLES: dict[str, Table] = {
    table.name: table
    for room in (policy_examinations, policy_rules, policy_prices, policy_imaging)
    for table in room.TABLES
}
"""Every pack table by name, in the order in which a reader meets them."""

PROTECTIVE_TABLES = ("exemptions", "planned_readmission")
"""Tables that protect the innocent: a pack that stands alone takes cn-national's rows unless it brings its own file."""


def policy_schema(table: Table) -> dict[str, pl.DataType]:
    """Polars types of a resolved pack table: its columns, then ``pack_source``, the pack a row comes from."""
    declared = {column.name: POLARS_TYPE[DUCKDB_TYPE[column.kind]] for column in table.columns}
    return declared | {"pack_source": pl.String()}
