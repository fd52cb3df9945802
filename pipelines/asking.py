"""Which engine answers a run's questions: DuckDB over the warehouse, or Spark where that was chosen."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from detectors.declaration import Detector
from detectors.engines.duckdb import DuckDBEngine
from detectors.engines.protocol import Engine
from detectors.policy import load_policy
from detectors.prepared import prepare, reversal_account
from detectors.runner import Request, run_detector
from pipelines.incremental import Asked, Prepared, Wanted
from pipelines.open_warehouse import warehouse
from pipelines.settings import RunSettings
from pipelines.staged_run import Staged
from schemas.pack import Pack
from schemas.quality import QualityReport
from schemas.tables import TABLES

if TYPE_CHECKING:
    from detectors.engines.spark import SparkEngine


def is_on_spark(staged: Staged) -> bool:
    """Whether the run's questions go to Spark."""
    return staged.settings.engine == "spark"


@contextmanager
def engine_of(staged: Staged) -> Iterator[Engine]:
    """The engine that holds a staged run's prepared tables."""
    if is_on_spark(staged):
        yield _spark(staged)
        return
    with warehouse(staged.settings) as connection:
        yield DuckDBEngine(connection)


def prepare_on_spark(staged: Staged, wanted: Wanted, progress: Callable[[str], None]) -> Prepared:
    """Hand the canonical tables to Spark and build the prepared tables there, whole.

    What the warehouse remembers of the last run on DuckDB stays as it is.
    """
    from pipelines.lakehouse import attach_catalogue

    clear_away(staged.settings)
    engine = _spark(staged)
    progress("handing the tables to Spark")
    if staged.settings.catalogue_schema:
        attach_catalogue(engine, staged.settings.catalogue_schema)
    else:
        _hand_over(staged, engine)
    load_policy(engine, wanted.pack)
    rows = prepare(engine, wanted.bound, on_step=progress)
    return Prepared(
        reason="Spark builds every table anew",
        patients=rows["patient_key"],
        judged_again=rows["patient_key"],
        account=reversal_account(engine),
        rows=rows,
    )


def check_catalogue(settings: RunSettings) -> QualityReport:
    """Enter the catalogue's tables in the ledger and judge them; see ``pipelines.lakehouse``."""
    from pipelines.lakehouse import take_in_catalogue

    return take_in_catalogue(_spark_engine(settings, "catalogue"), settings, str(settings.catalogue_schema))


def ask_on_spark(staged: Staged, detector: Detector, pack: Pack, request: Request) -> Asked:
    """Ask one detector about everybody."""
    return Asked(run_detector(_spark(staged), detector, pack, request), "whole: Spark was chosen")


def _hand_over(staged: Staged, engine: SparkEngine) -> None:
    """Give Spark an export of the warehouse as Parquet, inside the workspace: DuckDB writes nowhere else."""
    folder = (staged.settings.workspace / "spark" / staged.run_id / "main").absolute()
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    with warehouse(staged.settings) as connection:
        DuckDBEngine(connection).export(folder)
    for name in TABLES:
        engine.attach(f"main.{name}", (folder / name).as_uri())


def clear_away(settings: RunSettings) -> None:
    """Remove what Spark kept inside the workspace; a folder elsewhere is its owner's to clear."""
    shutil.rmtree(settings.workspace / "spark", ignore_errors=True)


def require_engine(settings: RunSettings) -> None:
    """See that the chosen engine can run here, before anything is read.

    Raises:
        UsageError: PySpark or Java is missing.
    """
    if settings.engine == "spark":
        from detectors.engines.spark import DEFAULT_MASTER, require_spark

        require_spark(settings.master or DEFAULT_MASTER)


def _spark(staged: Staged) -> SparkEngine:
    return _spark_engine(staged.settings, staged.run_id)


def _spark_engine(settings: RunSettings, folder: str) -> SparkEngine:
    from detectors.engines.spark import SparkEngine, open_session

    further = dict(text.split("=", 1) for text in settings.spark_settings)
    scratch = settings.spark_folder or (settings.workspace / "spark").absolute().as_uri()
    return SparkEngine(open_session(settings.master, further), f"{scratch.rstrip('/')}/{folder}")
