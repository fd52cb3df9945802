"""``review import`` and ``audit verify``: verdicts that come back from inspectors, and the chain that holds them."""

from __future__ import annotations

import getpass
import re
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.commands.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from pipelines.console import say, show, show_json, show_table
from schemas.errors import OK, InputError, IntegrityError, LockedError, UsageError

if TYPE_CHECKING:
    from pipelines.workspace import Workspace
    from reports.review.importing import Preview
    from reports.review.untested import Untested

app = typer.Typer(help="Verdicts of inspectors and experts.", no_args_is_help=True)
chain_app = typer.Typer(help="The audit chain over verdicts.", no_args_is_help=True)

_REVIEWER = re.compile(r"[\w.@-]{1,80}")
COLUMNS = ("sheet", "row", "lead_id", "finding_id", "standing", "verdict", "reason", "changes")
UNTESTED_SHOWN = 20
"""Rows named one by one whose exemption no detector tests."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A leads.xlsx that was filled in.")],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    yes: Annotated[bool, typer.Option("--yes", "--confirm", help="Write without asking.")] = False,
    reviewer: Annotated[
        str | None, typer.Option("--reviewer", help="Whose verdicts; default: your login name.")
    ] = None,
    pages: Annotated[bool, typer.Option("--pages/--no-pages", help="Draw the run's pages again with them.")] = True,
    json: JsonOption = False,
) -> int:
    """Take in a filled-in sheet: shows what it would change, row by row, and writes all of it when confirmed."""
    from pipelines.case_store import open_cases
    from pipelines.signing_key import signing_key
    from pipelines.workspace import Workspace
    from reports.review.importing import confirm, preview
    from reports.review.untested import untested

    place = Workspace(workspace)
    run, whose, store = place.published(), _reviewer(reviewer), open_cases(place)
    seen = preview(file, run, store, signing_key(place), whose)
    beyond = untested(seen)
    if not json:
        _show(seen)
    _tell_untested(beyond)
    is_written = bool(seen.taken) and (yes or _asked(len(seen.taken)))
    if is_written:
        seen = confirm(seen, store, datetime.now().astimezone())
        if pages:
            _draw_again(place)
    if json:
        show_json({**_told(seen), "untested_exemptions": [asdict(one) for one in beyond], "written": is_written})
    _close(seen, is_written)
    if seen.counts["rejected"] == len(seen.rows) > 0:
        raise InputError(
            "no row of this sheet can be taken",
            got=f"{len(seen.rows)} rejected rows",
            allowed="rows as they were handed out, with verdict and reason; see the reasons above",
            where=str(file),
        )
    return OK


def _reviewer(named: str | None) -> str:
    """Whose verdicts they are.

    Raises:
        UsageError: no plain name.
    """
    try:
        whose = named if named is not None else getpass.getuser()
    except (OSError, KeyError):
        whose = ""
    if not _REVIEWER.fullmatch(whose):
        raise UsageError(
            "--reviewer needs an id",
            got=whose or "none",
            allowed="letters, digits and . _ - @, 80 at most",
            where="--reviewer",
        )
    return whose


def _asked(count: int) -> bool:
    """Whether a person at a terminal says yes; off a terminal nobody does."""
    return sys.stdin.isatty() and typer.confirm(f"write {count} verdicts?", err=True)


def _told(seen: Preview) -> dict[str, Any]:
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in _rows(seen)]
    return {"reviewer": seen.reviewer_id, "run_id": seen.run.manifest.run_id, "rows": rows, **seen.counts}


def _rows(seen: Preview) -> list[list[object]]:
    """What becomes of each row; the reason is the rejection's, or the reason code of a verdict.

    Changes names the columns in which a changed row differs from the verdict before it; what they say stays in them.
    """
    made: list[list[object]] = []
    for one in seen.rows:
        lead_id, finding_id = one.row.key
        verdict = one.opinion.verdict if one.opinion else None
        if one.before is not None and one.opinion is not None and one.before.verdict != one.opinion.verdict:
            verdict = f"{one.before.verdict} → {one.opinion.verdict}"
        reason = one.rejection.value if one.rejection else one.opinion and one.opinion.reason_code
        what = [one.row.sheet, one.row.number, lead_id, finding_id]
        made.append([*what, one.standing.value, verdict, reason, ", ".join(one.changes) or None])
    return made


def _show(seen: Preview) -> None:
    show_table(f"{len(seen.rows)} filled rows, reviewer {seen.reviewer_id}", COLUMNS, _rows(seen))
    show(", ".join(f"{count} {name}" for name, count in seen.counts.items()))


def _tell_untested(found: tuple[Untested, ...]) -> None:
    """Rows whose exemption no detector of the lead tests: a reviewer may know more than the data, or have slipped."""
    if not found:
        return
    say(f"rows that name an exemption which no detector of the lead or finding tests: {len(found)}")
    say("such a verdict stands as the reviewer's own; where it is a slip, correct exemption_held and import again")
    for one in found[:UNTESTED_SHOWN]:
        say(f"  sheet {one.sheet}, row {one.row}: tested are {', '.join(one.tested) or 'none'}")
    if len(found) > UNTESTED_SHOWN:
        say(f"  and {len(found) - UNTESTED_SHOWN} more; --json lists all")


def _close(seen: Preview, is_written: bool) -> None:
    if is_written:
        say(f"wrote {len(seen.taken)} verdicts; the next run learns from them")
    elif seen.taken:
        say("nothing was written; confirm with --yes")
    else:
        say("nothing to write")


def _draw_again(place: Workspace) -> None:
    """The newest run's pages with the new verdicts; where a run is under way, it will draw them itself."""
    from pipelines.redrawing import redraw

    try:
        redraw(place, progress=say)
    except LockedError:
        say("a run is under way, so the pages were left as they are; see `exam-audit report refresh`")


@chain_app.command("verify")
def verify(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    head: Annotated[
        str | None, typer.Option("--head", help="A head that a page or an import showed; it must be in the chain.")
    ] = None,
    json: JsonOption = False,
) -> int:
    """Recompute the chain of verdicts and find in it what published runs noted; exit 4 names the first difference."""
    from pipelines.case_store import has_cases, noted_heads, open_cases
    from pipelines.workspace import Workspace
    from reports.review.chain import check_chain

    place = Workspace(workspace)
    noted = noted_heads(place)
    if not has_cases(place):
        allowed = "a workspace with verdicts: make them with `exam-audit review import`"
        if noted:
            raise IntegrityError("the case store is gone that published runs tell of", where=str(place.cases))
        raise InputError("this workspace has no case store", allowed=allowed, where=str(place.cases))
    if head is not None and not re.fullmatch(r"[0-9a-fA-F]{8,64}", head):
        raise UsageError("--head needs a hash", got=head, allowed="8 to 64 hexadecimal digits", where="--head")
    with open_cases(place).reading() as connection:
        count, newest = check_chain(connection, head, noted)
    if json:
        show_json({"entries": count, "head": newest})
        return OK
    show(f"{count} verdicts, chain whole, head {newest}")
    return OK
