"""How a run was judged, in words for the console and as a record for the manifest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from pipelines.incremental.preparing import Prepared
from schemas.manifest import Judging, Manifest


def judging_of(prepared: Prepared) -> Judging:
    """The record of how the prepared tables came to be; detectors are entered once they were asked."""
    return Judging(
        mode="full" if prepared.reason else "incremental",
        reason=prepared.reason,
        patients=prepared.patients,
        judged_again=prepared.judged_again,
    )


def told(judging: Prepared | Judging) -> str:
    """One line for the console."""
    if judging.reason:
        return f"full: because {judging.reason}"
    return f"incremental: {judging.judged_again:,} of {judging.patients:,} patients re-judged"


def is_incremental(parts: Path) -> bool:
    """Whether the prepared tables of a staged run were brought up to date, or stood already."""
    return _begun(parts).mode == "incremental"


def how_judged(parts: Path, detector_ids: Sequence[str]) -> Judging:
    """The whole record, read back from the parts of a staged run."""
    asked = {id_: json.loads((parts / id_ / "asked.json").read_text(encoding="utf-8")) for id_ in detector_ids}
    return _begun(parts).model_copy(update={"detectors": asked})


def _begun(parts: Path) -> Judging:
    return Judging.model_validate_json((parts / "judging.json").read_text(encoding="utf-8"))


def judging_in(run: Path) -> Judging:
    """How a published run was judged; one from before runs told it counts as full."""
    manifest = Manifest.model_validate_json((run / "manifest.json").read_text(encoding="utf-8"))
    return manifest.circumstances.judging or Judging(mode="full", reason="", patients=0, judged_again=0)
