"""The run manifest: identity (hashed, decides run_id) apart from circumstances (times, machine, versions)."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from typing import Literal

from pydantic import Field

from schemas.card import Frozen


class PackIdentity(Frozen):
    """A policy pack as it was resolved: name, version, content hash, and the chain it extends, base first."""

    name: str
    version: str
    sha256: str
    chain: tuple[str, ...]


class Identity(Frozen):
    """All that decides a run's findings and leads. Two runs of equal identity have equal results.

    ``key_fingerprint`` tells the pseudonym key of the warehouse: another key gives other subjects and leads.
    ``ranking_model`` tells what a classifier is made of (features, recipe, verdicts, library); null without verdicts.
    """

    batches: tuple[str, ...]
    pack: PackIdentity
    catalogue: dict[str, str]
    settings: dict[str, str]
    as_of: date
    window_from: date | None
    window_to: date | None
    institutions: tuple[str, ...]
    detectors_chosen: tuple[str, ...]
    verdicts_sha256: str | None = None
    ranking_model: dict[str, str] | None = None
    key_fingerprint: str | None = None
    program: str

    @property
    def run_id(self) -> str:
        """First 16 hexadecimal digits of the SHA-256 of the identity's canonical JSON."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]


class Judging(Frozen):
    """How a run built on the last one; what it found is the same either way.

    Attributes:
        mode: ``incremental`` where prepared tables were brought up to date for touched patients, else ``full``.
        reason: why a full run was done.
        patients, judged_again: patients in the warehouse, and those whose rows were prepared and judged again.
        detectors: detector → ``touched`` (asked about touched patients), ``stands`` (nothing to ask again), or why it
            was asked about everybody.
    """

    mode: Literal["full", "incremental"]
    reason: str
    patients: int
    judged_again: int
    detectors: dict[str, str] = Field(default_factory=dict)


class Circumstances(Frozen):
    """When and where the run was made; never part of a hash."""

    started_at: datetime
    finished_at: datetime
    host: str
    cpu_count: int
    versions: dict[str, str]
    command: tuple[str, ...]
    engine: str
    threads: int | None
    judging: Judging | None = None


class Manifest(Frozen):
    """manifest.json of a run.

    ``results`` are the SHA-256 of findings and leads, which another run of equal identity gives again; ``files`` those
    of the run's other files, which hold seconds and can only be compared with themselves. The report has a list of its
    own, report/MANIFEST.sha256.
    """

    run_id: str
    identity: Identity
    inputs: dict[str, str]
    results: dict[str, str]
    files: dict[str, str] = Field(default_factory=dict)
    circumstances: Circumstances
