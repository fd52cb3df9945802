"""A run under way: which warehouse it reads, what decides it, and the folder it is built in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import duckdb
import polars as pl

from detectors.catalogue import chosen, load_catalogue
from detectors.leads.classifier import model_identity
from detectors.leads.verdicts import TrackRecord, track_records
from detectors.prepared import statements_sha256
from detectors.runner import Request, cards_of
from detectors.settings import resolve
from pipelines.case_store import stored_verdicts
from pipelines.incremental.remembered import State
from pipelines.ingest import present_columns
from pipelines.ingest.ledger import key_fingerprint
from pipelines.newest import newest_date
from pipelines.open_warehouse import warehouse
from pipelines.policy_record import policy_record
from pipelines.run_folder import read_rows, write_json, write_rows
from pipelines.settings import RunSettings
from pipelines.verdict_file import SNAPSHOT, VerdictSnapshot, read_verdicts
from pipelines.workspace import Workspace
from schemas.errors import UsageError
from schemas.manifest import Identity
from schemas.pack import LENDER, load_pack
from schemas.quality import QualityReport
from schemas.verdict import VERDICT_SCHEMA


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


def stage(settings: RunSettings, report: QualityReport) -> Staged:
    """Fix the as-of date and the identity of the run, and open its staging folder with cards and quality."""
    pack = load_pack(settings.pack)
    catalogue = load_catalogue()
    verdicts = _verdicts_for(settings)
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
        verdicts_sha256=verdicts.sha256 if verdicts is not None else None,
        ranking_model=model_identity(verdicts.sha256) if verdicts is not None else None,
        key_fingerprint=fingerprint,
        program=version("exam-audit"),
    )
    folder = Workspace(settings.workspace).fresh_staging(identity.run_id)
    if verdicts is not None:
        write_rows(folder / SNAPSHOT, verdicts.rows, VERDICT_SCHEMA)
    write_json(folder / "quality.json", report.model_dump(mode="json"))
    write_json(folder / "settings.json", fixed.model_dump(mode="json"))
    write_json(folder / "identity.json", identity.model_dump(mode="json"))
    staged = Staged(fixed, identity, folder)
    records = records_of(staged)
    write_json(folder / "precision.json", [record.told().model_dump(mode="json") for record in records.values()])
    cards = [
        card.model_copy(update={"status": "demoted"}) if records[card.detector_id].is_demoted else card
        for card in cards_of(catalogue, pack, request_of(staged))
    ]
    write_json(folder / "cards.json", [card.model_dump(mode="json") for card in cards])
    write_json(folder / "policy.json", policy_record(settings.pack, cards, as_of).model_dump(mode="json"))
    return staged


def _verdicts_for(settings: RunSettings) -> VerdictSnapshot | None:
    """Verdicts of the file that was named, else of the case store; None where there are none."""
    if settings.verdicts is not None:
        return read_verdicts(settings.verdicts)
    return stored_verdicts(Workspace(settings.workspace)) if settings.learns_from_cases else None


def records_of(staged: Staged) -> dict[str, TrackRecord]:
    """What the verdicts of a staged run say of each detector."""
    return track_records(verdicts_of(staged), load_catalogue())


def verdicts_of(staged: Staged) -> pl.DataFrame | None:
    """The verdicts that a staged run learns from, None where there are none."""
    snapshot = staged.folder / SNAPSHOT
    return read_rows(snapshot) if snapshot.exists() else None


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


def state_of(staged: Staged) -> State:
    """The state that the prepared tables must be in for a staged run (see ``pipelines.incremental``)."""
    identity = staged.identity
    key = {
        "the policy pack": load_pack(staged.settings.pack).sha256,
        "the word lists that it borrows": load_pack(LENDER).sha256,
        "the prepared tables' SQL": identity.catalogue["prepared"],
        "the program": identity.program,
        "DuckDB": version("duckdb"),
    }
    return State(key, identity.as_of, identity.batches)


def request_of(staged: Staged) -> Request:
    """What the detectors are asked, read back from the staged run."""
    settings = staged.settings
    pack = load_pack(settings.pack)
    report = QualityReport.model_validate_json((staged.folder / "quality.json").read_text(encoding="utf-8"))
    return Request(
        as_of=staged.identity.as_of,
        window_from=settings.window_from,
        window_to=settings.window_to,
        institutions=settings.institutions,
        parameters=resolve(load_catalogue(), pack.parameters, settings.assignments),
        present=_present(settings, staged.identity.batches),
        switched_off=report.disabled_tables,
    )


@lru_cache(maxsize=4)
def _present(settings: RunSettings, batches: tuple[str, ...]) -> Mapping[str, frozenset[str]]:
    """The columns that these batches of the workspace brought; every detector of a run asks for them."""
    with warehouse(settings) as connection:
        return present_columns(connection)
