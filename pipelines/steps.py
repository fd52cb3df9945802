"""The steps of a run as plain functions over a workspace; the flow wraps them, ``--direct`` calls them.

Each step opens the warehouse, does one thing and closes it, unless it is held open for several of them; what passes
between steps is paths and ids.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import polars as pl

from detectors.catalogue import chosen, load_catalogue
from detectors.declaration import Detector
from detectors.evidence import evidence_rows
from detectors.evidence.wanted import wanted_of
from detectors.runner import detector_frame, not_chosen_row
from detectors.settings import resolve
from detectors.sweep import parse_sweep, sweep
from pipelines.asking import (
    ask_on_spark,
    check_catalogue,
    clear_away,
    engine_of,
    is_on_spark,
    prepare_on_spark,
    require_engine,
)
from pipelines.case_store import write_reviews
from pipelines.incremental import Prepared, Wanted, ask_or_update, prepare_or_update
from pipelines.incremental.telling import how_judged, judging_of, told
from pipelines.ingest.completeness import check_tables
from pipelines.ingest.ledger import batch_files
from pipelines.ingest.sources import require_folder
from pipelines.intake import Progress as Progress
from pipelines.intake import silent as silent
from pipelines.intake import take_in as take_in
from pipelines.open_warehouse import warehouse
from pipelines.protection import protection_of
from pipelines.quality.gate import check_warehouse, require_passable
from pipelines.ranking import ranked
from pipelines.run_folder import file_sha256, read_rows, stacked, write_json, write_pieces, write_rows
from pipelines.settings import RunSettings
from pipelines.signing_key import signing_key
from pipelines.staged_run import Staged, loaded_batches, request_of, state_of
from pipelines.verdict_file import read_verdicts
from pipelines.workspace import Workspace
from schemas.evidence import EVIDENCE_SCHEMAS
from schemas.finding import DENOMINATOR_SCHEMA, DETECTOR_SCHEMA, FINDING_SCHEMA
from schemas.lead import LEAD_SCHEMA
from schemas.manifest import Circumstances, Manifest
from schemas.pack import load_pack
from schemas.quality import QualityReport, ReversalAccount


def check_request(settings: RunSettings) -> None:
    """Everything that can be known to be wrong before a byte is read: options, pack, detectors, parameters.

    Raises:
        UsageError: or one of its kinds, with what is allowed.
        InputError: there is no such extract.
    """
    settings.checked()
    require_engine(settings)
    catalogue = load_catalogue()
    chosen(catalogue, settings.only)
    resolve(catalogue, load_pack(settings.pack).parameters, settings.assignments)
    for text in settings.sweeps:
        parse_sweep(text, catalogue)
    if settings.verdicts is not None:
        read_verdicts(settings.verdicts)
    check_tables(settings.complete)
    if settings.extract is not None:
        require_folder(settings.extract)
        protection_of(settings)


def check_quality(settings: RunSettings) -> QualityReport:
    """Judge the warehouse with Great Expectations; of a catalogue's tables, only what no run can do without.

    Raises:
        GateError: a blocking constraint failed, or the gate itself did.
    """
    if settings.catalogue_schema:
        report = check_catalogue(settings)
        require_passable(report)
        return report
    with warehouse(settings) as connection:
        files = [file for batch_id in loaded_batches(connection) for file in batch_files(connection, batch_id)]
        report = check_warehouse(connection, files)
    require_passable(report)
    return report


def prepare_tables(staged: Staged, progress: Progress = silent) -> dict[str, int]:
    """Bring the policy pack and the prepared tables to the state of this run; returns rows built by table."""
    catalogue, request = load_catalogue(), request_of(staged)
    wanted = Wanted(state_of(staged), load_pack(staged.settings.pack), is_full=staged.settings.full)
    detectors = [d for d in catalogue if d.id in staged.identity.detectors_chosen]
    if is_on_spark(staged):
        prepared = prepare_on_spark(staged, wanted, progress)
    else:
        with warehouse(staged.settings) as connection:
            prepared = prepare_or_update(connection, wanted, detectors, request, progress)
    progress(told(prepared))
    write_json(staged.folder / "parts" / "judging.json", judging_of(prepared).model_dump(mode="json"))
    _account_for_reversals(staged, prepared)
    return dict(prepared.rows)


def _account_for_reversals(staged: Staged, prepared: Prepared) -> None:
    """Tell in quality.json how refunds were matched."""
    path = staged.folder / "quality.json"
    report = QualityReport.model_validate_json(path.read_text(encoding="utf-8"))
    account = ReversalAccount.model_validate(prepared.account)
    write_json(path, report.model_copy(update={"reversals": account}).model_dump(mode="json"))


def ask(staged: Staged, detector_id: str) -> dict[str, object]:
    """Run one detector into ``parts/`` of the staging folder; returns its row of detectors.parquet."""
    detector = _by_id(detector_id)
    request, pack = request_of(staged), load_pack(staged.settings.pack)
    if is_on_spark(staged):
        asked = ask_on_spark(staged, detector, pack, request)
    else:
        with warehouse(staged.settings) as connection:
            asked = ask_or_update(connection, detector, pack, request, is_full=staged.settings.full)
    part = staged.folder / "parts" / detector_id
    findings = asked.outcome.findings.with_columns(pl.lit(staged.run_id).alias("run_id"))
    write_rows(part / "findings.parquet", findings, FINDING_SCHEMA)
    write_rows(part / "denominators.parquet", asked.outcome.denominators, DENOMINATOR_SCHEMA)
    write_json(part / "row.json", asked.outcome.row)
    write_json(part / "asked.json", asked.how)
    return asked.outcome.row


def _by_id(detector_id: str) -> Detector:
    return next(detector for detector in load_catalogue() if detector.id == detector_id)


def ask_sweeps(staged: Staged, progress: Progress = silent) -> int:
    """Write sensitivity.json where the settings name sweeps; returns how many."""
    catalogue = load_catalogue()
    asked = [parse_sweep(text, catalogue) for text in staged.settings.sweeps]
    if not asked:
        return 0
    request, pack = request_of(staged), load_pack(staged.settings.pack)
    with engine_of(staged) as engine:
        found = []
        for one in asked:
            progress(f"sweep {one.detector_id}.{one.parameter}")
            found.append(sweep(engine, _by_id(one.detector_id), pack, request, one))
    write_json(staged.folder / "sensitivity.json", [one.model_dump(mode="json") for one in found])
    return len(found)


def rank(staged: Staged) -> int:
    """Join the parts, group and rank leads, and gather what their pages are drawn from; returns how many leads."""
    folder, ids = staged.folder, staged.identity.detectors_chosen
    parts = [folder / "parts" / id_ for id_ in ids]
    findings = stacked([part / "findings.parquet" for part in parts], FINDING_SCHEMA)
    catalogue = load_catalogue()
    with engine_of(staged) as engine:
        leads = ranked(staged, findings, engine)
        write_rows(folder / "findings.parquet", findings, FINDING_SCHEMA)
        write_rows(folder / "leads.parquet", leads, LEAD_SCHEMA)
        wanted = wanted_of(findings, leads)
        del findings  # in a large run they and the evidence together are more than memory holds
        for name, pieces in evidence_rows(engine, wanted):
            write_pieces(folder / "evidence" / f"{name}.parquet", pieces, EVIDENCE_SCHEMAS[name])
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
        results={name: file_sha256(staged.folder / name) for name in RESULTS},
        files=listed_files(staged.folder, RESULTS),
        circumstances=Circumstances(
            started_at=started_at,
            finished_at=datetime.now(UTC),
            host=platform.node(),
            cpu_count=os.cpu_count() or 1,
            versions={"python": platform.python_version(), **{name: version(name) for name in libraries}},
            command=command,
            engine=staged.settings.engine,
            threads=staged.settings.threads,
            judging=how_judged(staged.folder / "parts", staged.identity.detectors_chosen),
        ),
    )
    write_json(staged.folder / "manifest.json", manifest.model_dump(mode="json"))
    return manifest


RESULTS = ("findings.parquet", "leads.parquet")
"""What a run of the same identity gives again, byte for byte."""


def listed_files(folder: Path, but: Collection[str] = ()) -> dict[str, str]:
    """SHA-256 by name of the files of a staged run, before the report is drawn."""
    named = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    left_out = {*but, "identity.json"}
    return {
        name: file_sha256(path)
        for name, path in named.items()
        if name not in left_out and not name.startswith("parts/")
    }


def render(staged: Staged, progress: Callable[[int, int], None] | None = None) -> int:
    """Draw the report, the evidence pages and the workbook; returns how many leads have a page."""
    from reports.lists import write_workbook
    from reports.render import render_run

    place = Workspace(staged.settings.workspace)
    write_reviews(place, staged.folder)
    previous = place.before(staged.run_id)
    rendered = render_run(staged.folder, top=staged.settings.top, on_lead=progress, previous=previous)
    write_workbook(staged.folder, signing_key(place))
    return len(rendered)


def publish(staged: Staged) -> Path:
    """Drop the parts and make the run visible by one rename."""
    shutil.rmtree(staged.folder / "parts", ignore_errors=True)
    (staged.folder / "identity.json").unlink()
    clear_away(staged.settings)
    return Workspace(staged.settings.workspace).publish(staged.run_id)


def detector_rows(run: Path) -> list[dict[str, object]]:
    """Rows of a run's detectors.parquet."""
    return read_rows(run / "detectors.parquet").to_dicts()
