"""What each detector found, kept in layers: one of everybody, and one a night of the patients judged again.

Nothing is taken out of a layer: which of its findings stand follows from who was judged again since. So a night
writes what is new and leaves what is old as it lies. Once many patients were judged again, or many nights went by,
each detector's layers are folded into one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from pipelines.incremental.remembered import (
    EXAMINED_SCHEMA,
    KEPT_SCHEMA,
    Connection,
    frame_of,
    one_row,
    one_transaction,
    with_rows,
)

LARGEST_SHARE_PCT = 40
"""Where more than this share of the patients was judged again since, in per cent, layers are folded: folding writes
everything anew, and until then a night reads what stands no more beside what stands."""

MOST_LAYERS = 16
"""More layers of a detector than this are folded."""

ROWS_AT_ONCE = 1_000_000
"""Findings that are handed to the database at once: a column of text holds two gigabytes at most."""

_LONG = ("sentence_en", "sentence_zh", "evidence")
"""Columns of long text, which are packed as such: a third of the bytes and half of the time of the default."""

_SUMS = "sum(examined)::bigint as examined, sum(not_judged)::bigint as not_judged"

_TYPES = {pa.string(): "varchar", pa.timestamp("us"): "timestamp", pa.decimal128(18, 2): "decimal(18, 2)"}
_LAYER_COLUMNS = ", ".join(
    f"{one.name} {_TYPES[one.type]}{' using compression zstd' if one.name in _LONG else ''}" for one in KEPT_SCHEMA
)


@dataclass(frozen=True)
class LastAsked:
    """When a detector was last asked.

    Attributes:
        key: hash of all that decided its answer beside the prepared tables (see ``asking``).
        state_id: the state of the prepared tables then.
        layers: numbers of its layers, oldest first; the last one tells up to which update its findings are counted.
    """

    key: str
    state_id: str
    layers: tuple[int, ...]


def _table(detector_id: str, layer: int) -> str:
    """The table of a layer: each has its own, so that none is read or written through the others'."""
    return f'remembered_finding."{detector_id} {layer}"'


def last_asked(connection: Connection, detector_id: str) -> LastAsked | None:
    """When a detector was last asked; None where it is not remembered."""
    row = one_row(
        connection, "select key, state_id, layers from remembered.detector where detector_id = $1", detector_id
    )
    return None if row is None else LastAsked(str(row[0]), str(row[1]), tuple(row[2]))


def latest_update(connection: Connection) -> int:
    """The number of the last update of the prepared tables; layers and patients judged again carry it."""
    ((number,),) = connection.execute("select update_no from remembered.latest").fetchall()
    return int(number)


def _next_update(connection: Connection) -> int:
    connection.execute("update remembered.latest set update_no = update_no + 1")
    return latest_update(connection)


def note_judged_again(connection: Connection) -> None:
    """Give the update under way its number, and write down whom it judges again."""
    connection.execute(
        "insert into remembered.judged_again select $1, patient_id from touched.patient where patient_id is not null",
        [_next_update(connection)],
    )


def standing(connection: Connection, detector_id: str, layers: Sequence[int], up_to: int) -> pl.DataFrame:
    """Findings of a detector that stand, in no order.

    Args:
        connection: the warehouse.
        detector_id: whose findings are read.
        layers: numbers of its layers.
        up_to: findings of patients judged again up to this update stand no more.
    """
    return frame_of(connection, _standing(detector_id, layers, up_to), KEPT_SCHEMA)


def _standing(detector_id: str, layers: Sequence[int], up_to: int) -> str:
    columns = ", ".join(KEPT_SCHEMA.names)
    return " union all ".join(
        f"select {columns} from {_table(detector_id, layer)}"
        + (
            " where patient_id not in (select patient_id from remembered.judged_again "
            f"where update_no > {layer} and update_no <= {up_to})"
            if up_to > layer
            else ""
        )
        for layer in layers
    )


def kept_examined(connection: Connection, detector_id: str) -> pl.DataFrame:
    """Remembered denominators of a detector: what was counted, less what was taken back since."""
    of_detector = (
        f"select institution_id, month, {_SUMS} from remembered.examined where detector_id = $1 "
        "group by all having sum(examined) + sum(not_judged) > 0 order by all nulls last"
    )
    return frame_of(connection, of_detector, EXAMINED_SCHEMA, detector_id)


def remember_detector(
    connection: Connection,
    detector_id: str,
    asked: tuple[str, str],
    findings: pl.DataFrame,
    examined: pl.DataFrame,
    *,
    upon: Sequence[int] = (),
) -> None:
    """Keep what a detector found as a layer, in one transaction.

    Args:
        connection: the warehouse.
        detector_id: whose findings these are.
        asked: key and state id under which it was asked.
        findings: those of everybody, or of the patients judged again by the latest update.
        examined: their denominators; those of patients judged again come upon what is left of the others'.
        upon: layers that the findings come upon; without them the findings are of everybody.
    """
    layer = latest_update(connection)
    counted = examined.select(EXAMINED_SCHEMA.names).with_columns(pl.lit(detector_id).alias("detector_id"))
    with one_transaction(connection):
        if not upon:
            _drop_layers(connection, detector_id)
            connection.execute("delete from remembered.examined where detector_id = $1", [detector_id])
        connection.execute("delete from remembered.detector where detector_id = $1", [detector_id])
        _write_layer(connection, _table(detector_id, layer), findings)
        with_rows(connection, counted.to_arrow(), "insert into remembered.examined by name from fresh")
        connection.execute(
            "insert into remembered.detector values ($1, $2, $3, $4)", [detector_id, *asked, [*upon, layer]]
        )


def _write_layer(connection: Connection, table: str, findings: pl.DataFrame) -> None:
    connection.execute(f"create or replace table {table} ({_LAYER_COLUMNS})")
    for piece in findings.select(KEPT_SCHEMA.names).iter_slices(ROWS_AT_ONCE):
        with_rows(connection, piece.to_arrow().cast(KEPT_SCHEMA), f"insert into {table} from fresh")


def fold_where_due(connection: Connection, patients: int) -> None:
    """Fold every detector's layers, where many patients were judged again or many nights went by.

    Args:
        connection: the warehouse.
        patients: how many it has.
    """
    _prune(connection)
    ((judged_again, most),) = connection.execute(
        "select (select count(*) from remembered.judged_again), max(len(layers)) from remembered.detector"
    ).fetchall()
    if judged_again * 100 > patients * LARGEST_SHARE_PCT or (most or 0) > MOST_LAYERS:
        fold(connection)


def fold(connection: Connection) -> None:
    """Fold every detector's layers into one; nothing that stands changes."""
    with one_transaction(connection):
        number = _next_update(connection)
        for detector_id, layers in _layers(connection):
            standing_rows = _standing(detector_id, layers, layers[-1])
            connection.execute(f"create table {_table(detector_id, number)} ({_LAYER_COLUMNS})")
            connection.execute(f"insert into {_table(detector_id, number)} {standing_rows}")
            _drop_tables(connection, detector_id, layers)
        connection.execute("update remembered.detector set layers = [$1::bigint]", [number])
        _sum_examined(connection)
        connection.execute("delete from remembered.judged_again")


def _sum_examined(connection: Connection) -> None:
    """Let each denominator be one row again."""
    connection.execute(
        "create or replace table remembered.examined as select detector_id, institution_id, month, "
        f"{_SUMS} from remembered.examined group by all"
    )


def _prune(connection: Connection) -> None:
    """Forget who was judged again before the oldest layer was written: no layer is read through them."""
    connection.execute(
        "delete from remembered.judged_again where update_no <= "
        "coalesce((select min(layers[1]) from remembered.detector), (from remembered.latest))"
    )


def _layers(connection: Connection) -> list[tuple[str, list[int]]]:
    return connection.execute("select detector_id, layers from remembered.detector order by detector_id").fetchall()


def _drop_layers(connection: Connection, detector_id: str) -> None:
    asked = last_asked(connection, detector_id)
    _drop_tables(connection, detector_id, asked.layers if asked else ())


def _drop_tables(connection: Connection, detector_id: str, layers: Sequence[int]) -> None:
    for layer in layers:
        connection.execute(f"drop table {_table(detector_id, layer)}")


def forget_detector(connection: Connection, detector_id: str) -> None:
    """Forget what a detector found: it is asked about everybody the next time."""
    with one_transaction(connection):
        _drop_layers(connection, detector_id)
        for name in ("detector", "examined"):
            connection.execute(f"delete from remembered.{name} where detector_id = $1", [detector_id])


def forget_all_but(connection: Connection, detector_ids: Sequence[str]) -> None:
    """Forget what all other detectors found."""
    for detector_id, _layers_of_it in _layers(connection):
        if detector_id not in detector_ids:
            forget_detector(connection, detector_id)


def take_back(connection: Connection, rows: pl.DataFrame) -> None:
    """Take the denominators of touched patients, as they were, out of those of everybody.

    Args:
        connection: the warehouse.
        rows: detector_id beside the columns of EXAMINED_SCHEMA.
    """
    less = rows.with_columns(-pl.col(name) for name in ("examined", "not_judged"))
    with_rows(connection, less.to_arrow(), "insert into remembered.examined by name from fresh")
