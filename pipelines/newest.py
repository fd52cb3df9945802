"""The newest date in the warehouse: the as-of date where nobody names one."""

from __future__ import annotations

from datetime import date

import duckdb

from schemas.errors import InputError

MOMENTS = (
    ("encounter", "started_at"),
    ("encounter", "ended_at"),
    ("exam_order", "ordered_at"),
    ("exam_order", "performed_at"),
    ("exam_result", "reported_at"),
    ("claim_line", "charged_at"),
)
"""Where events stand in time."""


def newest_date(connection: duckdb.DuckDBPyConnection) -> date:
    """The last day on which anything happened.

    Raises:
        InputError: the warehouse holds no event at all.
    """
    asked = " union all ".join(f"select max({column}) as moment from main.{table}" for table, column in MOMENTS)
    ((newest,),) = connection.execute(f"select cast(max(moment) as date) from ({asked})").fetchall()
    if newest is None:
        raise InputError(
            "the warehouse holds no event",
            allowed="encounters, orders, results or charges; ingest an extract first",
            where="exam-audit ingest",
        )
    return date.fromisoformat(str(newest))
