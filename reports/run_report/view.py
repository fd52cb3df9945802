"""The run report's index as one value: headline figures, matrix, trend, ranked leads, what could not run."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

import polars as pl

from reports.charts import PANELS_SHOWN, Figure, sensitivity, trend
from reports.rows import DetectorResult, Lead, rows_of
from reports.run_folder import Run
from reports.run_report.coverage import Coverage, coverage
from reports.run_report.lead_list import LISTED, LeadList, lead_list
from reports.run_report.matrix import Matrix, matrix
from reports.run_report.not_runnable import Wanted, wanted_files
from reports.suspicion import suspicion
from schemas.card import Text
from schemas.sweep import Sweep

PLAIN_LEADS = 200
"""Leads that stand in the page as a plain table: what is read without script, and printed."""


@dataclass(frozen=True)
class Headline:
    """Figures on top of the page, each beside what it is out of.

    Money is that of patients' open findings, each once; ``other_amount`` is that of findings about doctors,
    departments or institutions, which overlaps with it and is never added.
    """

    leads: int
    findings: int
    exempt: int
    examined: int
    not_judged: int
    patients: int
    practitioners: int
    institutions: int
    institutions_known: int
    amount: Decimal | None
    fund_amount: Decimal | None
    other_amount: Decimal | None


@dataclass(frozen=True)
class ListedLead:
    """A ranked lead in the list; ``subject`` is the name of a department or institution, None for a person."""

    lead: Lead
    title: Text
    institution: str
    subject: Text | None
    has_page: bool


@dataclass(frozen=True)
class SweepView:
    """One swept parameter: its figures, the detector's title, and the plot (None where there is nothing to draw)."""

    sweep: Sweep
    title: Text
    figure: Figure | None


@dataclass(frozen=True)
class TrendTold:
    """The findings by month in a sentence: open and exempt ones in all, and the month with most open ones."""

    opened: int
    exempt: int
    month: str
    most: int


@dataclass(frozen=True)
class RunReport:
    """What stands on the index page.

    ``years`` are the run's months by year; ``by_month`` holds (examined, hits, exempt) a month for each detector with
    findings, the one with most first.
    """

    headline: Headline
    detectors: tuple[tuple[DetectorResult, Text], ...]
    wanted: tuple[Wanted, ...]
    matrix: Matrix
    coverage: Coverage
    years: tuple[tuple[str, tuple[str, ...]], ...]
    by_month: tuple[tuple[Text, dict[str, tuple[int, int, int]]], ...]
    trend: Figure | None
    trend_told: TrendTold | None
    trend_left_out: int
    plain: tuple[ListedLead, ...]
    listed: LeadList | None
    leads_left_out: int
    without_page: int
    has_policy: bool
    has_ranking: bool
    sweeps: tuple[SweepView, ...]


def run_report(run: Run, rendered: Collection[str]) -> RunReport:
    """The index page of a run.

    Args:
        run: the run.
        rendered: ids of the leads that have a page.
    """
    titles = {result.detector_id: detector_title(run, result.detector_id) for result in run.detectors}
    ran = [result for result in run.detectors if result.status == "ran"]
    months = months_between(run.denominators["month"].drop_nulls().unique().to_list())
    by_month = {result.detector_id: _months_of(run, result.detector_id, months) for result in ran}
    series = {key: [(hits - exempt, exempt) for _, hits, exempt in rows] for key, rows in by_month.items()}
    found = {key: rows for key, rows in series.items() if any(opened or exempt for opened, exempt in rows)}
    most = sorted(found, key=lambda key: (-sum(opened for opened, _ in found[key]), key))
    listed = lead_list(run, rendered) if run.leads.height else None
    return RunReport(
        headline=_headline(run),
        detectors=tuple((result, titles[result.detector_id]) for result in run.detectors),
        wanted=wanted_files({result.detector_id: result.reason for result in run.detectors}),
        matrix=matrix(run, {result.detector_id: titles[result.detector_id] for result in ran}),
        coverage=coverage(run, months),
        years=tuple((year, tuple(own)) for year, own in groupby(months, key=lambda month: month[:4])),
        by_month=tuple((titles[key], dict(zip(months, by_month[key], strict=True))) for key in most),
        trend=trend(months, {key: found[key] for key in most}, titles),
        trend_told=_trend_told(months, found),
        trend_left_out=max(len(found) - PANELS_SHOWN, 0),
        plain=_plain_leads(run, rendered),
        listed=listed,
        leads_left_out=max(run.leads.height - LISTED, 0),
        without_page=run.leads.height - len(rendered),
        has_policy=run.policy is not None,
        has_ranking=run.ranking is not None,
        sweeps=tuple(SweepView(one, detector_title(run, one.detector_id), sensitivity(one)) for one in run.sweeps),
    )


def _trend_told(months: Sequence[str], found: Mapping[str, Sequence[tuple[int, int]]]) -> TrendTold | None:
    """None where nothing was found; of months with equally many the first."""
    by_month = [sum(rows[at][0] for rows in found.values()) for at in range(len(months))]
    if not found or not months:
        return None
    most = max(by_month)
    exempt = sum(exempt for rows in found.values() for _, exempt in rows)
    return TrendTold(sum(by_month), exempt, months[by_month.index(most)], most)


def _plain_leads(run: Run, rendered: Collection[str]) -> tuple[ListedLead, ...]:
    """The first leads as rows of a table."""
    return tuple(
        ListedLead(
            lead=lead,
            title=suspicion(Text(en=lead.title_en, zh=lead.title_zh)),
            institution=run.institution_name(lead.institution_id),
            subject=run.subject_name(lead.subject_type, lead.subject_id, lead.institution_id),
            has_page=lead.lead_id in rendered,
        )
        for lead in rows_of(Lead, run.leads.head(PLAIN_LEADS))
    )


def months_between(months: Sequence[str]) -> tuple[str, ...]:
    """Every month ``YYYY-MM`` from the first to the last of some, so that a quiet month is seen as quiet."""
    numbers = [int(month[:4]) * 12 + int(month[5:7]) - 1 for month in months]
    if not numbers:
        return ()
    return tuple(f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(min(numbers), max(numbers) + 1))


def detector_title(run: Run, detector_id: str) -> Text:
    """A detector's title from its card; its id where the run holds no card."""
    card = run.cards.get(detector_id)
    return card.title if card else Text(en=detector_id, zh=detector_id)


def _headline(run: Run) -> Headline:
    findings = run.findings
    results = [result for result in run.detectors if result.status == "ran"]
    opened = findings.filter(pl.col("exemption_id").is_null())
    about_patients = opened.filter(pl.col("subject_type") == "patient_episode")
    return Headline(
        leads=run.leads.height,
        findings=findings.height,
        exempt=findings.height - findings["exemption_id"].null_count(),
        examined=sum(result.examined or 0 for result in results),
        not_judged=sum(result.not_judged or 0 for result in results),
        patients=about_patients["patient_id"].drop_nulls().n_unique(),
        practitioners=opened.filter(pl.col("subject_type") == "practitioner")["subject_id"].n_unique(),
        institutions=run.leads["institution_id"].drop_nulls().n_unique(),
        institutions_known=len(run.institutions),
        amount=_sum(about_patients, "amount_at_issue"),
        fund_amount=_sum(about_patients, "fund_amount_at_issue"),
        other_amount=_sum(opened.filter(pl.col("subject_type") != "patient_episode"), "amount_at_issue"),
    )


def _sum(findings: pl.DataFrame, column: str) -> Decimal | None:
    """Money over some findings; None where nothing is priced."""
    priced = findings[column].drop_nulls()
    return sum(priced.to_list(), Decimal(0)) if priced.len() else None


def _months_of(run: Run, detector_id: str, months: Sequence[str]) -> tuple[tuple[int, int, int], ...]:
    """(examined, hits, exempt) of a detector for each month, all institutions together."""
    own = run.denominators.filter(pl.col("detector_id") == detector_id)
    summed = own.group_by("month").agg(pl.col("examined", "hits", "exempt").sum())
    found = {month: (examined, hits, exempt) for month, examined, hits, exempt in summed.iter_rows()}
    return tuple(found.get(month, (0, 0, 0)) for month in months)
