"""The steps of a run as plain functions over a workspace; the flow wraps them, ``--direct`` calls them.

Each step opens the warehouse, does one thing and closes it; what passes between steps is paths and ids.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import duckdb
import polars as pl

from detectors.catalogue import chosen, load_catalogue
from detectors.declaration import Detector
from detectors.engines.duckdb import DuckDBEngine, create_tables, open_warehouse
from detectors.evidence import evidence_rows
from detectors.leads.grouping import leads_of
from detectors.policy import load_policy
from detectors.prepared import prepare, reversal_account, statements_sha256
from detectors.runner import Request, cards_of, detector_frame, not_chosen_row, run_detector
from detectors.settings import resolve
from pipelines.ingest import BatchOutcome, ingest_extract, present_columns
from pipelines.ingest.ledger import batch_files, key_fingerprint
from pipelines.ingest.scratch import private_spill
from pipelines.newest import newest_date
from pipelines.protection import protection_of
from pipelines.quality.gate import check_warehouse, require_passable
from pipelines.run_folder import file_sha256, read_rows, stacked, write_json, write_rows
from pipelines.settings import RunSettings
from pipelines.workspace import Workspace
from schemas.errors import UsageError
from schemas.evidence import EVIDENCE_SCHEMAS
from schemas.finding import DENOMINATOR_SCHEMA, DETECTOR_SCHEMA, FINDING_SCHEMA
from schemas.lead import LEAD_SCHEMA
from schemas.manifest import Circumstances, Identity, Manifest
from schemas.pack import load_pack
from schemas.quality import QualityReport, ReversalAccount

Progress = Callable[[str], None]
"""Told in a few words what is being done."""


@dataclass(frozen=True)
class Staged:
    """A run under way: its settings with the as-of date fixed, its identity, and the folder it is built in."""

    settings: RunSettings
    identity: Identity
    folder: Path

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.identity.run_id


def silent(_: str) -> None:
    """No progress."""


@contextmanager
def warehouse(settings: RunSettings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The open warehouse of a workspace, with its tables made; extract and workspace are readable."""
    workspace = Workspace(settings.workspace)
    allowed = [workspace.root] + ([settings.extract] if settings.extract else [])
    connection = open_warehouse(
        workspace.warehouse, allowed=allowed, threads=settings.threads, memory_limit=settings.memory_limit
    )
    try:
        create_tables(connection)
        yield connection
    finally:
        connection.close()


def check_request(settings: RunSettings) -> None:
    """Everything that can be known to be wrong before a byte is read: options, pack, detectors, parameters.

    Raises:
        UsageError: or one of its kinds, with what is allowed.
    """
    settings.checked()
    catalogue = load_catalogue()
    chosen(catalogue, settings.only)
    resolve(catalogue, load_pack(settings.pack).parameters, settings.assignments)
    if settings.extract is not None:
        protection_of(settings)


def take_in(settings: RunSettings, progress: Progress = silent) -> BatchOutcome:
    """Ingest the extract; see ``pipelines.ingest``."""
    if settings.extract is None:
        raise UsageError("an extract is needed", allowed="--extract DIR", where="--extract")
    protection = protection_of(settings)
    with private_spill(settings.workspace), warehouse(settings) as connection:
        return ingest_extract(
            connection,
            settings.extract,
            settings.profile,
            workspace=settings.workspace,
            protection=protection,
            on_file=progress,
        )


def check_quality(settings: RunSettings) -> QualityReport:
    """Judge the warehouse with Great Expectations.

    Raises:
        GateError: a blocking constraint failed, or the gate itself did.
    """
    with warehouse(settings) as connection:
        files = [file for batch_id in loaded_batches(connection) for file in batch_files(connection, batch_id)]
        report = check_warehouse(connection, files)
    require_passable(report)
    return report


def stage(settings: RunSettings, report: QualityReport) -> Staged:
    """Fix the as-of date and the identity of the run, and open its staging folder with cards and quality."""
    pack = load_pack(settings.pack)
    catalogue = load_catalogue()
    parameters = resolve(catalogue, pack.parameters, settings.assignments)
    with warehouse(settings) as connection:
        as_of = settings.as_of or newest_date(connection)
        _refuse_unknown_institutions(connection, settings.institutions)
        batches, fingerprint = loaded_batches(connection), key_fingerprint(connection)
    fixed = settings.model_copy(update={"as_of": as_of})
    identity = Identity(
        batches=batches,
        pack=pack.identity,
        catalogue={"prepared": statements_sha256(), **{d.id: f"{d.version} {d.sha256}" for d in catalogue}},
        settings={f"{id_}.{p.name}": str(p.value) for id_, own in parameters.items() for p in own},
        as_of=as_of,
        window_from=settings.window_from,
        window_to=settings.window_to,
        institutions=tuple(sorted(settings.institutions)),
        detectors_chosen=tuple(d.id for d in chosen(catalogue, settings.only)),
        key_fingerprint=fingerprint,
        program=version("exam-audit"),
    )
    folder = Workspace(settings.workspace).fresh_staging(identity.run_id)
    write_json(folder / "quality.json", report.model_dump(mode="json"))
    write_json(folder / "settings.json", fixed.model_dump(mode="json"))
    write_json(folder / "identity.json", identity.model_dump(mode="json"))
    staged = Staged(fixed, identity, folder)
    cards = cards_of(catalogue, pack, request_of(staged))
    write_json(folder / "cards.json", [card.model_dump(mode="json") for card in cards])
    return staged


def staged_run(place: Workspace) -> Staged | None:
    """The run that stands staged in a workspace, or None."""
    for folder in sorted(place.staging.glob("*/identity.json")) if place.staging.is_dir() else []:
        settings = RunSettings.model_validate_json((folder.parent / "settings.json").read_text(encoding="utf-8"))
        identity = Identity.model_validate_json(folder.read_text(encoding="utf-8"))
        return Staged(settings.model_copy(update={"workspace": place.root}), identity, folder.parent)
    return None


def loaded_batches(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Ids of the loaded batches, oldest first."""
    rows = connection.execute("select batch_id from ledger.batch order by sequence").fetchall()
    return tuple(row[0] for row in rows)


def _refuse_unknown_institutions(connection: duckdb.DuckDBPyConnection, wanted: tuple[str, ...]) -> None:
    known = {row[0] for row in connection.execute("select institution_id from main.institution").fetchall()}
    unknown = [one for one in wanted if one not in known]
    if unknown:
        raise UsageError(
            "no such institution in the warehouse",
            got=", ".join(unknown),
            allowed=f"an institution_id of the institution table ({len(known)} there)",
            where="--institution",
        )


def request_of(staged: Staged) -> Request:
    """What the detectors are asked, read back from the staged run."""
    settings = staged.settings
    pack = load_pack(settings.pack)
    report = QualityReport.model_validate_json((staged.folder / "quality.json").read_text(encoding="utf-8"))
    with warehouse(settings) as connection:
        present = present_columns(connection)
    return Request(
        as_of=staged.identity.as_of,
        window_from=settings.window_from,
        window_to=settings.window_to,
        institutions=settings.institutions,
        parameters=resolve(load_catalogue(), pack.parameters, settings.assignments),
        present=present,
        switched_off=report.disabled_tables,
    )


def prepare_tables(staged: Staged, progress: Progress = silent) -> dict[str, int]:
    """Load the policy pack and build the prepared tables; returns rows by table."""
    pack = load_pack(staged.settings.pack)
    hours = pack.thresholds.get("default_retest_hours")
    with warehouse(staged.settings) as connection:
        engine = DuckDBEngine(connection)
        load_policy(engine, pack)
        bound = {"as_of": staged.identity.as_of, "default_retest_hours": hours}
        rows = prepare(engine, bound, on_step=progress)
        _account_for_reversals(staged, engine)
    return rows


def _account_for_reversals(staged: Staged, engine: DuckDBEngine) -> None:
    """Tell in quality.json how refunds were matched."""
    path = staged.folder / "quality.json"
    report = QualityReport.model_validate_json(path.read_text(encoding="utf-8"))
    account = ReversalAccount.model_validate(reversal_account(engine))
    write_json(path, report.model_copy(update={"reversals": account}).model_dump(mode="json"))


def ask(staged: Staged, detector_id: str) -> dict[str, object]:
    """Run one detector into ``parts/`` of the staging folder; returns its row of detectors.parquet."""
    detector = _by_id(detector_id)
    request = request_of(staged)
    with warehouse(staged.settings) as connection:
        outcome = run_detector(DuckDBEngine(connection), detector, load_pack(staged.settings.pack), request)
    part = staged.folder / "parts" / detector_id
    findings = outcome.findings.with_columns(pl.lit(staged.run_id).alias("run_id"))
    write_rows(part / "findings.parquet", findings, FINDING_SCHEMA)
    write_rows(part / "denominators.parquet", outcome.denominators, DENOMINATOR_SCHEMA)
    write_json(part / "row.json", outcome.row)
    return outcome.row


def _by_id(detector_id: str) -> Detector:
    return next(detector for detector in load_catalogue() if detector.id == detector_id)


def rank(staged: Staged) -> int:
    """Join the parts, group and rank leads, and gather what their pages are drawn from; returns how many leads."""
    folder, ids = staged.folder, staged.identity.detectors_chosen
    parts = [folder / "parts" / id_ for id_ in ids]
    findings = stacked([part / "findings.parquet" for part in parts], FINDING_SCHEMA)
    catalogue = load_catalogue()
    leads = leads_of(findings, catalogue)
    pages = pl.format("report/leads/{}.html", "lead_id")
    leads = leads.with_columns(
        pl.lit(staged.run_id).alias("run_id"),
        pl.when(pl.col("rank") <= staged.settings.top).then(pages).alias("evidence_path"),
    )
    with warehouse(staged.settings) as connection:
        rows = evidence_rows(DuckDBEngine(connection), findings, leads)
    for name, table in rows.items():
        write_rows(folder / "evidence" / f"{name}.parquet", table, EVIDENCE_SCHEMAS[name])
    write_rows(folder / "findings.parquet", findings, FINDING_SCHEMA)
    write_rows(folder / "leads.parquet", leads, LEAD_SCHEMA)
    denominators = stacked([part / "denominators.parquet" for part in parts], DENOMINATOR_SCHEMA)
    write_rows(folder / "denominators.parquet", denominators, DENOMINATOR_SCHEMA)
    ran = [json.loads((part / "row.json").read_text(encoding="utf-8")) for part in parts]
    left_out = [not_chosen_row(d) for d in catalogue if d.id not in ids]
    write_rows(folder / "detectors.parquet", detector_frame([*ran, *left_out]), DETECTOR_SCHEMA)
    return leads.height


def write_manifest(staged: Staged, started_at: datetime, command: tuple[str, ...]) -> Manifest:
    """Write manifest.json: identity, hashes of inputs and results, and the circumstances of this run."""
    with warehouse(staged.settings) as connection:
        rows = connection.execute(
            "select source_file, batch_id, content_sha256 from ledger.file order by batch_id, source_file"
        ).fetchall()
    libraries = ("exam-audit", "duckdb", "polars", "pyarrow", "great-expectations", "prefect", "numpy", "scipy")
    manifest = Manifest(
        run_id=staged.run_id,
        identity=staged.identity,
        inputs={f"{batch_id}/{source_file}": sha256 for source_file, batch_id, sha256 in rows},
        results={name: file_sha256(staged.folder / name) for name in ("findings.parquet", "leads.parquet")},
        circumstances=Circumstances(
            started_at=started_at,
            finished_at=datetime.now(UTC),
            host=platform.node(),
            cpu_count=os.cpu_count() or 1,
            versions={"python": platform.python_version(), **{name: version(name) for name in libraries}},
            command=command,
            engine="duckdb",
            threads=staged.settings.threads,
        ),
    )
    write_json(staged.folder / "manifest.json", manifest.model_dump(mode="json"))
    return manifest


def render(staged: Staged, progress: Callable[[int, int], None] | None = None) -> int:
    """Draw the report, the evidence pages and the workbook; returns how many leads have a page."""
    from reports.lists import write_workbook
    from reports.render import render_run

    previous = Workspace(staged.settings.workspace).before(staged.run_id)
    rendered = render_run(staged.folder, top=staged.settings.top, on_lead=progress, previous=previous)
    write_workbook(staged.folder)
    return len(rendered)


def publish(staged: Staged) -> Path:
    """Drop the parts and make the run visible by one rename."""
    shutil.rmtree(staged.folder / "parts", ignore_errors=True)
    (staged.folder / "identity.json").unlink()
    return Workspace(staged.settings.workspace).publish(staged.run_id)


def detector_rows(run: Path) -> list[dict[str, object]]:
    """Rows of a run's detectors.parquet."""
    return read_rows(run / "detectors.parquet").to_dicts()
