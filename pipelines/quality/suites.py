"""The doorway to Great Expectations: checks become expectations, DuckDB counts, only counts come back.

Importing this module costs seconds; ``gate`` does so when a gate runs, and not before.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

import duckdb

from pipelines.quality.checks import Check, Rule
from pipelines.quality.named_main import named_main
from schemas.errors import GateError

with warnings.catch_warnings(), named_main():
    # Third-party deprecations at import are theirs to mend; ours stay errors.
    warnings.simplefilter("ignore")
    import great_expectations as gx
    import sqlalchemy
    from duckdb_engine import ConnectionWrapper, CursorWrapper
    from great_expectations import expectations as gxe
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.data_context import EphemeralDataContext
    from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults
    from great_expectations.datasource.fluent import DataAsset, SQLDatasource
    from great_expectations.execution_engine import ExecutionEngine
    from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy
    from sqlalchemy.engine.default import DefaultExecutionContext


@dataclass(frozen=True)
class Count:
    """How many rows a check looked at and how many of them break it."""

    examined: int
    violated: int


class BrokenRowsExpectation(gxe.UnexpectedRowsExpectation):  # type: ignore[misc]
    """Counts the rows a query returns and never fetches one: half the passes, and no value can leak."""

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count",)

    def _validate(
        self,
        metrics: dict[str, int],
        runtime_configuration: dict[str, object] | None = None,
        execution_engine: ExecutionEngine | None = None,
    ) -> dict[str, object]:
        count = metrics["unexpected_rows_query.row_count"]
        return {"success": count == 0, "result": {"observed_value": count}}


_EXPECTATION: dict[Rule, Callable[[Check], gxe.Expectation]] = {
    "has_rows": lambda check: gxe.ExpectTableRowCountToBeBetween(min_value=1),
    "present": lambda check: gxe.ExpectColumnValuesToNotBeNull(column=check.column),
    "in_choices": lambda check: gxe.ExpectColumnValuesToBeInSet(column=check.column, value_set=list(check.choices)),
    "not_below": lambda check: gxe.ExpectColumnValuesToBeBetween(column=check.column, min_value=check.minimum),
    "broken_rows": lambda check: BrokenRowsExpectation(unexpected_rows_query=_over_batch(check)),
}

_COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0}
"""The one result format that holds no row values."""

_MOST_ROWS = 1000
"""No statement of a suite returns more rows than this: counts, and the columns of a table."""


class Counter:
    """Runs suites over one open DuckDB connection. Use ``counting`` to get one."""

    def __init__(self, source: SQLDatasource) -> None:
        self._source = source

    def count_table(self, table_name: str, checks: Sequence[Check]) -> dict[str, Count]:
        """Counts of every check over one table of schema ``main``, by the check's name.

        Args:
            table_name: a canonical table. It is asked for by name: over a query, Great Expectations would fetch all
                of its rows only to learn the names of its columns.
            checks: a ``has_rows`` check must be among them; names are unique.

        Raises:
            GateError: an expectation could not be evaluated. The message names the check, never a value.
        """
        return _counts(self._source.add_table_asset(table_name, table_name=table_name, schema_name="main"), checks)

    def count_few(self, query: str, checks: Sequence[Check]) -> dict[str, Count]:
        """Like ``count_table``, over the rows of a query that returns a handful of them."""
        return _counts(self._source.add_query_asset(checks[0].table_name, query=query), checks)


@contextmanager
def counting(connection: duckdb.DuckDBPyConnection) -> Iterator[Counter]:
    """A counter over a cursor of an open connection; it sees what is committed, and writes nothing.

    Raises:
        GateError: Great Expectations or DuckDB raised anything at all. The cause is named by its class only, since
            the text of a database error may quote a row.
    """
    with _quiet():
        engine = None
        try:
            source = _context().data_sources.add_sql(
                name="warehouse",
                connection_string="duckdb://",
                kwargs={"creator": lambda: ConnectionWrapper(connection.cursor())},
            )
            engine = source.get_execution_engine().engine
            sqlalchemy.event.listen(engine, "after_cursor_execute", _buffer)
            yield Counter(source)
        except GateError:
            raise
        except Exception as error:
            raise _could_not_run("the suite", type(error).__name__) from None
        finally:
            if engine is not None:
                engine.dispose()


def _context() -> EphemeralDataContext:
    settings = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        analytics_enabled=False,
        progress_bars={"globally": False},
    )
    return gx.get_context(mode="ephemeral", project_config=settings)


def _counts(asset: DataAsset, checks: Sequence[Check]) -> dict[str, Count]:
    batch = asset.add_batch_definition_whole_table("whole").get_batch()
    suite = gx.ExpectationSuite(name=asset.name, expectations=[_expectation(check) for check in checks])
    results = {
        result.expectation_config.meta["check"]: result
        for result in batch.validate(suite, result_format=_COUNTS_ONLY).results
    }
    for check in checks:
        _require_evaluated(check, results.get(check.name))
    rows = next(results[check.name].result["observed_value"] for check in checks if check.rule == "has_rows")
    return {check.name: _counted(check, results[check.name].result, rows) for check in checks}


def _over_batch(check: Check) -> str:
    assert check.query is not None, check.name  # noqa: S101
    query = check.query.replace("{", "{{").replace("}", "}}")
    return f"with t as (select * from {{batch}}) {query}"


def _expectation(check: Check) -> gxe.Expectation:
    expectation = _EXPECTATION[check.rule](check)
    expectation.meta = {"check": check.name}
    return expectation


def _require_evaluated(check: Check, result: ExpectationValidationResult | None) -> None:
    where = f"{check.table_name}.{check.name}"
    if result is None:
        raise _could_not_run(where, "no result")
    if result.exception_info and result.exception_info.get("raised_exception") is not False:
        raise _could_not_run(where, "an exception inside the expectation")


def _counted(check: Check, result: dict[str, int], rows: int) -> Count:
    match check.rule:
        case "has_rows":
            return Count(examined=rows, violated=int(rows == 0))
        case "broken_rows":
            return Count(examined=rows, violated=result["observed_value"])
        case _:
            # Over no rows at all, SQL sums to null.
            violated = result["unexpected_count"] if rows else 0
            return Count(examined=rows - (result.get("missing_count") or 0), violated=violated)


def _could_not_run(where: str, got: str) -> GateError:
    return GateError(
        "the quality gate could not evaluate a check", got=got, allowed="every check gives a count", where=where
    )


def _buffer(
    _: object, cursor: CursorWrapper, __: str, ___: object, context: DefaultExecutionContext, ____: bool
) -> None:
    # Great Expectations reads a result after its connection is back in the pool, where DuckDB has dropped it.
    if cursor.description:
        rows = cursor.fetchmany(_MOST_ROWS + 1)
        if len(rows) > _MOST_ROWS:
            raise _could_not_run("a statement of the suite", f"more than {_MOST_ROWS} rows where counts are due")
        context.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(cursor, initial_buffer=rows)


@contextmanager
def _quiet() -> Iterator[None]:
    """No warnings, and no log lines of Great Expectations, whose tracebacks quote statements and rows."""
    logger = logging.getLogger("great_expectations")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
