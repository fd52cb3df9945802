"""Renders a run's report: index, data-quality page, and one evidence page a lead. Reads the run folder only."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import polars as pl

from reports.bundle import Assets, inlined, linked, write_assets, write_manifest
from reports.confirmation.drawn import FOLDER, write_institution_sheets, write_lead_sheet
from reports.evidence.view import EvidencePage, Lookups, evidence_page
from reports.pages import page
from reports.printing import print_to_pdf
from reports.run_folder import Bundle, Run, bundles, read_run
from reports.run_report.changes import Changes, changes_since, read_earlier
from reports.run_report.ranking import ranking_page
from reports.run_report.view import run_report
from reports.sharing.masking import masked, masks_of
from schemas.errors import IntegrityError, UsageError
from schemas.ranking import Ranking

AT_A_TIME = 200
"""Leads whose evidence rows are read together."""

_PLAIN_ID = re.compile(r"[0-9A-Za-z_-]{1,80}")


def render_run(
    run: Path, *, top: int = 1000, on_lead: Callable[[int, int], None] | None = None, previous: Path | None = None
) -> tuple[str, ...]:
    """Writes report/ into a run folder: the index and its side pages, leads/, confirmations/, assets/, hashes.

    Args:
        run: the run folder.
        top: leads that get a page, best rank first.
        on_lead: called with (pages done, pages in all) after each page.
        previous: folder of the run before, which stands beside this one once both are published; None for the first.

    Returns:
        Ids of the leads that were rendered, by rank.

    Raises:
        UsageError: the folder, or that of the run before, lacks a file of a run.
        IntegrityError: the run contradicts itself (a finding without its card, an id that is no plain name).
    """
    read = read_run(run)
    chosen = read.leads.head(top)
    ids = tuple(_plain(lead_id) for lead_id in chosen["lead_id"].to_list())
    changes = None if previous is None else changes_since(read, read_earlier(previous), ids)
    report = _emptied(run / "report")
    write_assets(report)
    lookups, assets = Lookups(read, frozenset(ids)), linked(1)
    done = 0
    for start in range(0, chosen.height, AT_A_TIME):
        for bundle in bundles(read, chosen.slice(start, AT_A_TIME)):
            view = evidence_page(read, bundle, lookups)
            _write(_lead_path(report, bundle.lead.lead_id), _evidence(read, view, assets))
            write_lead_sheet(read, report, view)
            done += 1
            if on_lead is not None:
                on_lead(done, chosen.height)
    write_institution_sheets(read, report)
    _write(report / "index.html", _index(read, frozenset(ids), changes))
    _write(report / "quality.html", _quality(read))
    if read.policy is not None:
        _write(report / "policy.html", _policy(read))
    if read.ranking is not None:
        _write(report / "ranking.html", _ranking(read, read.ranking))
    write_manifest(report)
    return ids


def render_lead(run: Path, lead_id: str, *, single_file: bool = False, is_shared: bool = False) -> Path:
    """Writes the page of one lead, whatever its rank, and returns its path.

    Args:
        run: the run folder.
        lead_id: a lead of the run.
        single_file: whether style and script stand inside the page, so that it can be sent alone
            (``<lead_id>.single.html``).
        is_shared: whether persons and records are masked and small numbers withheld; one file too
            (``<lead_id>.shared.html``).

    Raises:
        UsageError: the run has no such lead.
        IntegrityError: an id could not be masked; nothing is written.
    """
    read = read_run(run)
    own = read.leads.filter(pl.col("lead_id") == lead_id)
    if own.is_empty():
        raise UsageError("the run has no such lead", got=lead_id, allowed="a lead_id of leads.parquet", where=str(run))
    report, bundle = run / "report", next(bundles(read, own))
    if is_shared:
        target = _lead_path(report, _plain(lead_id), ".shared.html")
        _write(target, _shared(read, bundle))
    elif single_file:
        target = _lead_path(report, _plain(lead_id), ".single.html")
        _write(target, _evidence(read, evidence_page(read, bundle, Lookups(read, frozenset())), inlined()))
    else:
        target = _lead_path(report, _plain(lead_id))
        view = evidence_page(read, bundle, Lookups(read, _published_pages(read)))
        _write(target, _evidence(read, view, linked(1)))
        write_lead_sheet(read, report, view)
        write_assets(report)
    write_manifest(report)
    return target


def _published_pages(run: Run) -> frozenset[str]:
    """Leads that have a page since the run was published: links lead to no other, so that a page can be drawn again."""
    return frozenset(run.leads.filter(pl.col("evidence_path").is_not_null())["lead_id"])


def _shared(run: Run, bundle: Bundle) -> str:
    """The page of a lead with persons and records masked, in one file."""
    masks = masks_of(bundle)
    seen, own = masked(run, bundle, masks)
    text = _evidence(seen, evidence_page(seen, own, Lookups(seen, frozenset())), inlined(), is_shared=True)
    masks.refuse_leak(text)
    return text


def sheet_of(run: Path, lead_id: str) -> Path:
    """The fact confirmation sheet of a lead, which stands where ``render_lead`` or the run drew its page."""
    return run / "report" / FOLDER / f"{_plain(lead_id)}.html"


def print_page(run: Path, page: Path) -> Path:
    """Prints a page of a run's report to A4 beside it; returns the PDF, which the report's list of hashes then names.

    Raises:
        UsageError: there is no browser here, or it could not print.
    """
    target = print_to_pdf(page, page.with_suffix(".pdf"))
    write_manifest(run / "report")
    return target


def _evidence(run: Run, view: EvidencePage, assets: Assets, *, is_shared: bool = False) -> str:
    return page(
        "evidence/page.html.j2",
        view=view,
        is_shared=is_shared,
        manifest=run.manifest,
        name_of=run.institution_name,
        findings_hash=_findings_hash(run),
        assets=assets,
    )


def _index(run: Run, rendered: frozenset[str], changes: Changes | None) -> str:
    return page(
        "run_report/index.html.j2",
        view=run_report(run, rendered),
        changes=changes,
        manifest=run.manifest,
        quality=run.quality,
        failed=_failed(run),
        reviewed=len({one.lead_id for one in run.reviews if one.kind == "verdict"}),
        findings_hash=_findings_hash(run),
        assets=linked(0),
    )


def _quality(run: Run) -> str:
    order = {"blocking": 0, "disabling": 1, "reported": 2}
    checks = sorted(
        run.quality.checks, key=lambda one: (one.passed, order[one.severity.value], one.table_name, one.name)
    )
    return page(
        "run_report/quality.html.j2",
        quality=run.quality,
        checks=checks,
        files=sorted(run.quality.files, key=lambda file: (file.table_name, file.source_file, file.content_sha256)),
        failed=_failed(run),
        manifest=run.manifest,
        assets=linked(0),
    )


def _policy(run: Run) -> str:
    titles = {detector_id: card.title for detector_id, card in run.cards.items()}
    overrides = run.policy.overrides if run.policy else ()
    return page(
        "run_report/policy.html.j2",
        policy=run.policy,
        changed=sum(one.value != one.default for one in overrides),
        titles=titles,
        manifest=run.manifest,
        assets=linked(0),
    )


def _ranking(run: Run, ranking: Ranking) -> str:
    return page(
        "run_report/ranking.html.j2",
        view=ranking_page(run, ranking),
        name_of=run.institution_name,
        manifest=run.manifest,
        assets=linked(0),
    )


def _findings_hash(run: Run) -> str | None:
    """What the manifest says of the findings' content."""
    named = {name.removesuffix(".parquet"): digest for name, digest in run.manifest.results.items()}
    return named.get("findings")


def _failed(run: Run) -> int:
    return sum(not check.passed for check in run.quality.checks)


def _plain(lead_id: str) -> str:
    """A lead id that is safe as a file name."""
    if not _PLAIN_ID.fullmatch(lead_id):
        raise IntegrityError("a lead id is no plain name", allowed="letters, digits, - and _", where="leads.parquet")
    return lead_id


def _lead_path(report: Path, lead_id: str, ending: str = ".html") -> Path:
    return report / "leads" / f"{lead_id}{ending}"


def _emptied(report: Path) -> Path:
    """The report folder without pages of an earlier rendering."""
    for folder in ("leads", FOLDER):
        for old in (report / folder).glob("*.*"):
            old.unlink()
    return report


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
