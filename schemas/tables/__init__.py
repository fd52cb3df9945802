"""The 17 canonical tables, each declared once; the order is the order of loading."""

from __future__ import annotations

from schemas.table import Table
from schemas.tables import care, money_and_oversight, people_and_places

TABLES: dict[str, Table] = {
    table.name: table for room in (people_and_places, care, money_and_oversight) for table in room.TABLES
}
"""Every canonical table by name."""

NEEDED_TO_START = ("patient", "institution", "encounter")
"""Tables without which no run can start."""
