"""The Spark engine: the only place that talks to PySpark, and only where it was chosen.

Every table is a view ``schema__table`` in one Spark session. Tables that a question makes are Parquet below a scratch
folder, which must be one that the driver and every executor see: a local folder for ``local[*]``, else a URL.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from detectors.engines.duckdb import named
from detectors.engines.protocol import Bound
from detectors.engines.spark_sql import to_spark, view_name
from schemas.errors import InputError, UsageError
from schemas.table import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_SPARK_TYPE = {"VARCHAR": "string", "TIMESTAMP": "timestamp_ntz"}
_FITTING = {"TIMESTAMP": ("timestamp_ntz", "timestamp", "date"), "BIGINT": ("int", "smallint", "tinyint")}
"""DuckDB type → Spark types beside its own name whose values it takes, all of them."""
DEFAULT_MASTER = "local[*]"
DEFAULT_ZONE = "Asia/Shanghai"
"""Where nothing names another: all of China keeps one time."""
_ZONE = "spark.sql.session.timeZone"
_ZONE_OF_INSTANTS = "spark.examAudit.zoneOfInstants"
"""Setting of our own session: the zone in which a catalogue's instants become wall time."""
_SETTINGS = {
    _ZONE: "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
"""Without these the answers would differ: wall times without a zone, and errors instead of silent nulls."""

_LOCAL = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}
"""For a master within this process: no page, no bars, no address that others reach."""


def require_spark(master: str) -> None:
    """See that PySpark and a Java runtime are here, before anything is read.

    Raises:
        UsageError: one is missing; says what to install.
    """
    if find_spec("pyspark") is None:
        raise UsageError(
            "the Spark engine needs PySpark, which is not installed",
            allowed="pip install 'exam-audit[spark]', or --engine duckdb",
            where="--engine spark",
        )
    home = os.environ.get("JAVA_HOME")
    if shutil.which(os.path.join(home, "bin", "java") if home else "java") is None:  # noqa: PTH118 - which takes text
        raise UsageError(
            "the Spark engine needs a Java runtime, 17 or newer, and finds none",
            got=f"JAVA_HOME={home}" if home else "no java on the PATH",
            allowed="install one (Debian: apt-get install default-jre-headless), or --engine duckdb",
            where=f"--engine spark --master {master}",
        )


def open_session(master: str | None = None, settings: Mapping[str, str] | None = None) -> SparkSession:
    """The Spark session of this process, started on first use.

    Args:
        master: as Spark writes it; None leaves it to ``spark-submit``, or is ``local[*]`` where nothing says another.
        settings: further Spark settings, such as ``spark.sql.shuffle.partitions``. None changes an answer, but for the
            session's time zone, in which a catalogue's instants become wall time (``DEFAULT_ZONE`` otherwise).

    Raises:
        UsageError: PySpark or Java is missing, the master cannot be used, or there is no such time zone.
    """
    is_submitted = "PYSPARK_GATEWAY_PORT" in os.environ
    chosen = master or ("spark-submit" if is_submitted else DEFAULT_MASTER)
    require_spark(chosen)
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("exam-audit")
    if master is not None or not is_submitted:
        builder = builder.master(chosen)
    for name, value in {**(_LOCAL if chosen.startswith("local") else {}), **(settings or {}), **_SETTINGS}.items():
        builder = builder.config(name, value)
    try:
        with _unmoved_by_pandas():
            session = builder.getOrCreate()
    except Exception as error:  # PySpark passes on whatever the Java side throws
        raise UsageError(
            "Spark does not start",
            got=type(error).__name__,
            allowed="local[4], spark://HOST:7077, yarn or k8s://URL; what Spark says of it stands above",
            where=f"--master {chosen}",
        ) from error
    _keep_rows_out_of_logs(session)
    session.conf.set(_ZONE_OF_INSTANTS, _zone_asked_for(session, settings or {}, is_submitted))
    return session


def _zone_asked_for(session: SparkSession, settings: Mapping[str, str], is_submitted: bool) -> str:
    """The zone of the settings, else that of ``spark-submit``, else China's; never the machine's, which is an accident.

    Raises:
        UsageError: Java knows no such zone.
    """
    java: Any = session.sparkContext._jvm
    zone = settings.get(_ZONE) or (java.System.getProperty(_ZONE) if is_submitted else None) or DEFAULT_ZONE
    try:
        return str(java.java.time.ZoneId.of(zone).getId())
    except Exception as error:  # PySpark passes on whatever the Java side throws
        raise UsageError(
            "no such time zone",
            got=zone,
            allowed="a name such as Asia/Shanghai, or +08:00",
            where=f"--spark-conf {_ZONE}",
        ) from error


def _keep_rows_out_of_logs(session: SparkSession) -> None:
    """Spark's errors quote the value that they stumble over, and so do the logs of its Java and its Python side."""
    from pyspark.logger import PySparkLogger

    session.sparkContext.setLogLevel("FATAL")
    PySparkLogger.getLogger("SQLQueryContextLogger").disabled = True


class SparkEngine:
    """Questions over the views of one Spark session."""

    name = "spark"

    def __init__(self, session: SparkSession, scratch: str) -> None:
        """An engine whose tables are kept below ``scratch``, a folder or URL that every executor sees."""
        self.session = session
        self.scratch = scratch.rstrip("/")
        self._of_another_kind: dict[str, str] = {}

    def answer(self, sql: str, parameters: Mapping[str, Bound]) -> pa.Table:
        """Rows of a question, as Arrow."""
        with _unmoved_by_pandas():
            return self._frame(sql, parameters).toArrow()

    def stream(self, sql: str, parameters: Mapping[str, Bound]) -> pa.RecordBatchReader:
        """Rows of a question, gathered on the driver."""
        return self.answer(sql, parameters).to_reader()

    def store(self, table: str, sql: str, parameters: Mapping[str, Bound]) -> int:
        """Replace ``schema.table`` by the rows of a question; returns how many rows it has."""
        path = f"{self.scratch}/{table.replace('.', '/')}"
        self._frame(sql, parameters).write.mode("overwrite").parquet(path)
        self.attach(table, path)
        return int(self.session.table(view_name(table)).count())

    def put(self, table: str, rows: pa.Table) -> None:
        """Replace ``schema.table`` by rows that the caller holds."""
        with _unmoved_by_pandas():
            self.session.createDataFrame(_plain(rows)).createOrReplaceTempView(view_name(table))

    def attach(self, table: str, path: str) -> None:
        """Let ``schema.table`` be the Parquet files at a path."""
        self.session.read.parquet(path).createOrReplaceTempView(view_name(table))

    def attach_table(self, table: Table, schema: str) -> frozenset[str]:
        """Let ``main.<table>`` be a table of a catalogue's schema, cast to what is declared of its columns.

        Returns:
            The canonical columns that it has; none where the catalogue has no such table.

        Raises:
            InputError: a column is of a kind that is never cast to the declared one.
        """
        source = f"{schema}.{table.name}"
        found: dict[str, str] = {}
        if self.session.catalog.tableExists(source):
            found = {name.lower(): kind for name, kind in self.session.table(source).dtypes}
        zone = self.session.conf.get(_ZONE_OF_INSTANTS, DEFAULT_ZONE)
        columns = ", ".join(
            f"{stored_as(name, kind, table, found, zone)} as {name}" for name, kind in table.stored_columns()
        )
        rows = f"{source} as t" if found else "(select 1) as t where false"
        name = f"main.{table.name}"
        self._of_another_kind[name] = ", ".join(f"{source}.{one}" for one in of_another_kind(table, found))
        with self._told_by_column(name):
            self.session.sql(f"select {columns} from {rows}").createOrReplaceTempView(view_name(name))
        return frozenset(set(table.column_names) & set(found))

    def fingerprint(self, table: str) -> tuple[int, str]:
        """Rows of ``schema.table``, and a sum of their hashes that does not mind their order.

        Raises:
            InputError: a value of a catalogue's table is not what its column is declared as.
        """
        sql = f"select count(*), cast(sum(cast(xxhash64(*) as decimal(38, 0))) as string) from {view_name(table)}"
        with self._told_by_column(table):
            ((rows, total),) = self.session.sql(sql).collect()
        return int(rows), hashlib.sha256(f"{rows} {total}".encode()).hexdigest()

    @contextmanager
    def _told_by_column(self, table: str) -> Iterator[None]:
        """Tell a fault in reading a catalogue's table by its columns of another kind, never by the value."""
        from pyspark.errors import PySparkException

        try:
            yield
        except PySparkException as error:
            if not self._of_another_kind.get(table):
                raise
            raise InputError(
                "a table of the catalogue holds what its columns are not declared as",
                got=f"{error.getCondition()} in one of {self._of_another_kind[table]}",
                allowed="values of the declared kinds; see DATA_DICTIONARY.md",
                where="--catalogue-schema",
            ) from None

    def _frame(self, sql: str, parameters: Mapping[str, Bound]) -> DataFrame:
        values: dict[str, Any] = named(sql, parameters)
        return self.session.sql(to_spark(sql), args=values)


def stored_as(name: str, kind: str, table: Table, found: Mapping[str, str], zone: str) -> str:
    """A warehouse column out of a catalogue's table ``t``, in Spark's words: null where the table has none.

    Args:
        name: the column.
        kind: its declared DuckDB type.
        table: whose column it is.
        found: the catalogue's columns, lower case, and their Spark types.
        zone: where an instant (Spark's ``timestamp``) becomes wall time.
    """
    if name in found and found[name] == "timestamp":
        # The session's own zone is UTC: what the clock showed there is moved to the zone that is meant.
        return f"cast(from_utc_timestamp(t.{name}, '{zone}') as {_SPARK_TYPE.get(kind, kind)})"
    if name in found:
        return f"cast(t.{name} as {_SPARK_TYPE.get(kind, kind)})"
    of_moment = name.removesuffix("_has_time")
    if of_moment != name and of_moment in found:
        return "false" if found[of_moment] == "date" else f"t.{of_moment} is not null"
    told = {"batch_id": "'catalogue'", "source_file": f"'{table.name}'"}.get(name, "null")
    return f"cast({told} as {_SPARK_TYPE.get(kind, kind)})"


def of_another_kind(table: Table, found: Mapping[str, str]) -> list[str]:
    """``column (kind)`` of a catalogue's columns whose values may not be what is declared; any value is a text."""
    kinds = {name: kind for name, kind in table.stored_columns() if name in found and kind != "VARCHAR"}
    fitting = {name: {kind.lower().replace(" ", ""), *_FITTING.get(kind, ())} for name, kind in kinds.items()}
    return [f"{name} ({found[name]})" for name, own in fitting.items() if found[name] not in own]


@contextmanager
def _unmoved_by_pandas() -> Iterator[None]:
    """PySpark warns of pandas 3 where it merely loads it; no frame of ours passes through pandas."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning, message="PySpark does not yet fully support pandas")
        yield


def _plain(rows: pa.Table) -> pa.Table:
    """The same rows without the Arrow kinds that Spark has none for: dictionaries, views, untyped nulls."""
    return rows.cast(pa.schema([field.with_type(_spark_kind(field.type)) for field in rows.schema]))


def _spark_kind(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return _spark_kind(kind.value_type)
    if pa.types.is_null(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == pa.string_view():
        return pa.string()
    if pa.types.is_unsigned_integer(kind):
        return pa.int64()
    return pa.timestamp("us") if pa.types.is_timestamp(kind) else kind
