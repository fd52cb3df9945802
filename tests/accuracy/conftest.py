"""What campaigns share: the whole way from an extract to answers, and how good a ranked list is beside plain ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from sklearn.metrics import ndcg_score

from detectors.catalogue import SHIPPED
from detectors.declaration import Detector
from detectors.engines.duckdb import DuckDBEngine, create_tables, open_warehouse
from detectors.policy import load_policy
from detectors.prepared import prepare
from detectors.runner import Outcome, Request, run_detector
from detectors.settings import resolve
from pipelines.ingest import ingest_extract, present_columns
from pipelines.newest import newest_date
from pipelines.sample.verdicts import Planted
from schemas.pack import load_pack

Asked = Callable[[Path, Iterable[Detector]], Iterator[tuple[str, Outcome]]]
Quality = Callable[[pl.DataFrame, pl.DataFrame, Planted, bool], dict[str, tuple[float, float, float]]]

TOP = 50
SUBJECT = ["subject_type", "subject_id"]
LEVELS = {"low": 0.0, "medium": 1.0, "high": 2.0}
EVENT = pl.coalesce("flagged_event_id", "finding_id").alias("event")


def quality(
    findings: pl.DataFrame, leads: pl.DataFrame, planted: Planted, leads_alone: bool
) -> dict[str, tuple[float, float, float]]:
    """NDCG@50, precision@50 and NDCG@50 in yuan of four lists over the same subjects, ties at their mean.

    A subject counts where something was planted that its open findings name; in yuan it counts with the fund's part of
    what was planted. Where ties are broken by no rule, as everywhere in the random list, the mean over every order is
    taken, which is what many draws come near to.

    Args:
        findings: of every detector.
        leads: ranked leads.
        planted: what the truth files say.
        leads_alone: whether only leads stand for choice; else every flagged subject, exempt or not.
    """
    open_ = pl.col("exemption_id").is_null()
    is_planted = [
        (one["detector_id"], one["flagged_event_id"], one["index_event_id"]) in planted
        or (one["detector_id"], one["subject_id"]) in planted
        for one in findings.iter_rows(named=True)
    ]
    told = findings.with_columns(
        EVENT,
        (pl.Series(is_planted, dtype=pl.Boolean) & open_).alias("is_true"),
        pl.col("severity").replace_strict(LEVELS, return_dtype=pl.Float64),
        pl.coalesce("fund_amount_at_issue", "amount_at_issue").cast(pl.Float64).fill_null(0.0).alias("fund"),
        pl.col("amount_at_issue").cast(pl.Float64).fill_null(0.0),
    )
    by_event = told.group_by([*SUBJECT, "event"]).agg(
        pl.col("is_true").any(),
        pl.col("severity", "amount_at_issue").max(),
        (pl.col("fund") * pl.col("is_true")).max(),
    )
    subjects = by_event.group_by(SUBJECT).agg(
        pl.col("is_true").any(), pl.col("severity").max(), pl.col("amount_at_issue", "fund").sum()
    )
    scored = subjects.join(leads.select(*SUBJECT, "score"), on=SUBJECT, how="inner" if leads_alone else "left")
    columns = scored.sort(SUBJECT).with_columns(pl.col("score").fill_null(-1.0), pl.lit(0.0).alias("nothing"))
    truth, yuan = (columns[name].cast(pl.Float64).to_numpy() for name in ("is_true", "fund"))
    lists = {"ours": "score", "amount alone": "amount_at_issue", "severity alone": "severity", "random": "nothing"}
    return {
        name: (_ndcg(truth, rank), _precision(truth, rank), _ndcg(yuan, rank))
        for name, rank in ((name, columns[column].to_numpy()) for name, column in lists.items())
    }


def _ndcg(gains: npt.NDArray[np.float64], scores: npt.NDArray[np.float64]) -> float:
    return float(ndcg_score([gains], [scores], k=TOP))


def _precision(truth: npt.NDArray[np.float64], scores: npt.NDArray[np.float64]) -> float:
    """Share of true ones among the first 50; of tied ones at the edge as many as fit, at their mean."""
    left, right = float(TOP), 0.0
    for score in np.unique(scores)[::-1]:
        tied = truth[scores == score]
        right += float(tied.mean()) * min(left, tied.size)
        left = max(left - tied.size, 0.0)
    return right / TOP


@pytest.fixture(scope="session")
def quality_of_ranking() -> Quality:
    """``quality`` for the tests of this folder."""
    return quality


def _asked(folder: Path, detectors: Iterable[Detector]) -> Iterator[tuple[str, Outcome]]:
    """Id and answer of each detector on the generated extract in ``folder/sample``, by the whole way."""
    pack = load_pack("sample")
    with open_warehouse(folder / "warehouse.duckdb", allowed=[folder], threads=1) as connection:
        create_tables(connection)
        ingest_extract(connection, folder / "sample" / "extract", "canonical", workspace=folder / "workspace")
        engine, as_of = DuckDBEngine(connection), newest_date(connection)
        load_policy(engine, pack)
        prepare(engine, {"as_of": as_of, "default_retest_hours": pack.thresholds.get("default_retest_hours")})
        request = Request(as_of, None, None, (), resolve(SHIPPED, pack.parameters, ()), present_columns(connection), {})
        for detector in detectors:
            yield detector.id, run_detector(engine, detector, pack, request)


@pytest.fixture(scope="session")
def asked() -> Asked:
    """Asks detectors about a generated extract: ingest, prepared tables, questions, exemptions, judges."""
    return _asked
