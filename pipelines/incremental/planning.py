"""Whether a run can build on the last one, and if not, why: the reason is told to the user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from detectors.engines.duckdb import named
from detectors.engines.protocol import Bound
from detectors.prepared import statement
from pipelines.incremental.lineage import Lineage, registers_read
from pipelines.incremental.remembered import Connection, State, remembered_state
from pipelines.incremental.touched import (
    OF_AN_INSTITUTION,
    Newer,
    changed_registers,
    gather,
    note_batches,
    seed,
)


@dataclass(frozen=True)
class Planned:
    """How the prepared tables are to come to the wanted state.

    Attributes:
        reason: why they must be built whole; empty where they need not.
        before: the state that stands.
        stands: whether it is the wanted one already.
        touched: patients whose rows must be built again; gathered in schema ``touched_main``.
    """

    reason: str
    before: State | None = None
    stands: bool = False
    touched: int = 0


def plan(
    connection: Connection,
    wanted: State,
    lineage: Lineage,
    bound: Mapping[str, Bound],
    *,
    is_full: bool,
    most_pct: int,
) -> Planned:
    """Find the shortest way from what stands to the wanted state; gathers the touched patients' rows on the way.

    Args:
        connection: the warehouse, with its memory made.
        wanted: the state that the run needs.
        lineage: what the prepared tables read.
        bound: parameters of the prepared tables.
        is_full: the user wants everything done anew.
        most_pct: where more of the patients than this are touched, a full run is cheaper.
    """
    if is_full:
        return Planned("--full was given")
    before = remembered_state(connection)
    if before is None:
        return Planned("there is no earlier run to build on, or it was cut off")
    if before.id == wanted.id:
        return Planned("", before, stands=True)
    reason = _what_else_changed(before, wanted, lineage)
    if reason:
        return Planned(reason, before)
    return _gathered(connection, before, wanted, lineage, most_pct, bound)


def _what_else_changed(before: State, wanted: State, lineage: Lineage) -> str:
    """What changed beside the batches and a later as-of date; empty where nothing did."""
    changed = sorted(name for name in {*before.key, *wanted.key} if before.key.get(name) != wanted.key.get(name))
    if changed:
        return f"{' and '.join(changed)} changed"
    if wanted.batches[: len(before.batches)] != before.batches:
        return "the last run was made from other batches"
    if wanted.as_of < before.as_of:
        return f"the as-of date moved back from {before.as_of} to {wanted.as_of}"
    if wanted.as_of > before.as_of and lineage.holding_as_of:
        return f"the as-of date moved, and prepared tables hold it: {', '.join(lineage.holding_as_of)}"
    return ""


def _moved_constants(
    connection: Connection, lineage: Lineage, changed: frozenset[str], bound: Mapping[str, Bound]
) -> tuple[str, ...]:
    """Prepared tables of registers and pack alone that would now have other rows."""
    moved = []
    for step in lineage.steps("constant"):
        sql = statement(step)
        if registers_read(sql) & changed:
            connection.execute(f"create or replace table touched.made_again as {sql}", named(sql, bound))
            unlike = " union all ".join(
                f"(from {one} except all from {other})"
                for one, other in (
                    ("touched.made_again", f"prepared.{step}"),
                    (f"prepared.{step}", "touched.made_again"),
                )
            )
            moved += [step] if connection.execute(f"select 1 from ({unlike}) limit 1").fetchall() else []
    return tuple(moved)


def _gathered(
    connection: Connection, before: State, wanted: State, lineage: Lineage, most_pct: int, bound: Mapping[str, Bound]
) -> Planned:
    newer = Newer(wanted.batches[len(before.batches) :], before.as_of, wanted.as_of)
    # The tables of the last update are written over from here on.
    connection.execute("delete from remembered.touched")
    note_batches(connection, newer)
    changed = changed_registers(connection)
    registers = (changed & lineage.registers) - set(OF_AN_INSTITUTION)
    if registers:
        return Planned(f"a register changed that the prepared tables read: {', '.join(sorted(registers))}", before)
    moved = _moved_constants(connection, lineage, changed, bound)
    if moved:
        return Planned(f"a register changed, and what is made of it: {', '.join(moved)}", before)
    ((patients,),) = connection.execute("select count(*) from prepared.patient_key").fetchall()
    most = max(1, int(patients) * most_pct // 100)
    seeded = seed(connection, newer, is_register_changed=bool(changed & set(OF_AN_INSTITUTION)))
    touched = gather(connection, most) if seeded <= most else seeded
    if touched > most:
        return Planned(f"more than {most_pct} % of the patients are touched: {touched} of {patients}", before)
    return Planned("", before, touched=touched)
