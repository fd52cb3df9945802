"""Draws the pages of a published run again, with what the case store knows by now; findings and leads stay."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from pipelines import steps
from pipelines.case_store import write_reviews
from pipelines.run_folder import read_rows
from pipelines.settings import RunSettings
from pipelines.workspace import Workspace, compared_with, standing
from schemas.review_snapshot import REVIEW_FILE

FORMS = ("", "single", "shared")
"""What stands between a lead's id and ``.html`` in the names of its pages."""

FOLDER = "redrawn"
"""Where a run is drawn again before it takes its own place; removed afterwards."""


def redraw(place: Workspace, run_id: str | None = None, *, progress: steps.Progress = steps.silent) -> Path:
    """Draw a run's pages again beside it and put them in place by one rename; returns the run's folder.

    Raises:
        LockedError: a run is under way. UsageError, InputError: there is no such run.
    """
    from reports.render import render_run

    with place.locked():
        run = place.published(run_id)
        root = place.root / FOLDER
        shutil.rmtree(root, ignore_errors=True)
        try:
            copy = _linked(run, root / run.name)
            write_reviews(place, copy)
            top = RunSettings.model_validate_json((run / "settings.json").read_text(encoding="utf-8")).top
            progress("draw pages")
            drawn = render_run(copy, top=top, previous=standing(compared_with(run)))
            draw_what_was_asked_for(run, copy, frozenset(drawn))
            return place.put_back(copy)
        finally:
            shutil.rmtree(root, ignore_errors=True)


def draw_what_was_asked_for(run: Path, copy: Path, drawn: frozenset[str]) -> None:
    """Draw what ``report lead`` had drawn: pages beyond the top, and those in one file; what is printed stays away.

    Args:
        run: the folder whose pages say what was asked for; a page that is of none of its leads is passed over.
        copy: where they are drawn.
        drawn: leads that have a page there already.
    """
    from reports.render import render_lead

    known = set(read_rows(run / "leads.parquet")["lead_id"])
    for path in sorted((run / "report" / "leads").glob("*.html")):
        lead_id, _, form = path.stem.partition(".")
        if lead_id in known and form in FORMS and (form or lead_id not in drawn):
            render_lead(copy, lead_id, single_file=form == "single", is_shared=form == "shared")


def _linked(run: Path, copy: Path) -> Path:
    """A copy of the run's files that shares their bytes, without what is drawn or written anew."""
    for path in sorted(run.rglob("*")):
        name = path.relative_to(run)
        if path.is_file() and name.parts[0] != "report" and name.name != REVIEW_FILE:
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            os.link(path, copy / name)
    return copy
