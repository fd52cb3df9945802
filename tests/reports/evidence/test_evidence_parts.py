import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from reports.evidence.data_quality import data_grade
from reports.evidence.finding_block import block, joint
from reports.evidence.peers import BARS_SHOWN, Peers
from reports.evidence.rank import rank_bars, steps, waterfall
from reports.evidence.record import record
from reports.evidence.related import Relations
from reports.rows import Finding, Lead
from reports.run_folder import Bundle, Run, bundles, read_run
from schemas.card import LegalBasis, Text
from schemas.quality import FileAccount, QualityReport


@pytest.fixture(scope="module")
def read(run: Path) -> Run:
    return read_run(run)


@pytest.fixture(scope="module")
def bundle(read: Run) -> Bundle:
    return next(one for one in bundles(read, read.leads) if one.lead.lead_id == "0b5d77aa")


def denominators(rates: list[tuple[str, int, int]]) -> pl.DataFrame:
    base = {"detector_id": "repeat.same_institution", "month": "2025-03", "exempt": 0}
    return pl.DataFrame([base | {"institution_id": i, "hits": h, "examined": n} for i, h, n in rates])


def test_standing_places_this_institution_among_all_of_the_month(bundle: Bundle) -> None:
    rates = [("HI001", 3, 100), ("HI002", 0, 50), ("HI003", 1, 100)]
    standing = Peers(denominators(rates)).standing(bundle.findings[0])
    assert standing is not None
    assert (standing.hits, standing.examined, standing.place, standing.institutions) == (3, 100, 1, 3)
    assert (standing.median_hits, standing.median_examined) == (1, 100)
    assert [bar.is_here for bar in standing.bars] == [False, False, True]


def test_standing_is_not_told_without_a_denominator(bundle: Bundle) -> None:
    assert Peers(denominators([("HI002", 1, 10)])).standing(bundle.findings[0]) is None
    assert Peers(denominators([("HI001", 0, 0)])).standing(bundle.findings[0]) is None


def test_a_strip_of_many_institutions_keeps_this_one(bundle: Bundle) -> None:
    rates = [(f"H{n:04d}", n, 10_000) for n in range(500)] + [("HI001", 77, 10_000)]
    standing = Peers(denominators(rates)).standing(bundle.findings[0])
    assert standing is not None
    assert len(standing.bars) <= BARS_SHOWN + 2
    assert sum(bar.is_here for bar in standing.bars) == 1


def test_a_finding_shows_gap_answers_and_lines(read: Run, bundle: Bundle) -> None:
    made = block(
        bundle.findings[0], read.cards["repeat.same_institution"], bundle.lines, Peers(read.denominators), read.names
    )
    assert made.measure is not None
    assert (made.measure.gap, made.measure.limit, made.measure.share) == (31.0, 168.0, 0.1845)
    assert [one.answer for one in made.tested] == ["no data", "does not", "does not", "does not"]
    assert [one.text.effect for one in made.would_clear] == ["clears", "clears"]
    assert [line.row_id for is_flagged, line in made.lines if is_flagged] == ["O-1009", "L-5009", "R-1009"]
    assert made.exemption is None
    gap = joint(made)
    assert gap is not None
    assert gap.gap.zh == "31小时"


def test_an_exemption_that_the_card_does_not_know_keeps_its_id(read: Run, bundle: Bundle) -> None:
    finding = replace(bundle.findings[0], evidence=json.dumps({"exemptions_tested": {"new_one": "holds"}}))
    finding = replace(finding, exemption_id="new_one")
    made = block(finding, read.cards["repeat.same_institution"], (), Peers(read.denominators), read.names)
    assert made.exemption is not None
    assert made.exemption.zh == "new_one"


def _lead(bundle: Bundle, explanation: object) -> Lead:
    return replace(bundle.lead, explanation=None if explanation is None else json.dumps(explanation))


def test_the_waterfall_ends_where_the_score_does(bundle: Bundle) -> None:
    told = {
        "steps": [{"finding_id": "f1", "detector_id": "d", "contribution": 60.0, "probability": 0.6}],
        "more_steps": 3,
        "more_contribution": 40.0,
    }
    first, rest = made = steps(_lead(bundle, told))
    assert (first.inputs, rest.more) == ((("probability", 0.6),), 3)
    assert [(fall.kind, fall.start, fall.change) for fall in waterfall(made)] == [
        ("finding", 0.0, 60.0),
        ("more", 60.0, 40.0),
        ("score", 0.0, 100.0),
    ]


def test_the_waterfall_tells_what_each_weight_takes_from_the_money(bundle: Bundle) -> None:
    weights = {"probability": 0.5, "grade_weight": 0.8, "review_weight": 1.5}
    told = [
        weights | {"finding_id": name, "detector_id": "d", "value_yuan": value, "contribution": value * 0.6}
        for name, value in (("f1", 1000.0), ("f2", 100.0))
    ]
    made = steps(_lead(bundle, {"steps": told}))
    falls = waterfall(made)
    assert [(fall.kind, fall.change, fall.reached) for fall in falls] == [
        ("finding", 1000.0, 1000.0),
        ("finding", 100.0, 1100.0),
        ("probability", -550.0, 550.0),
        ("grade_weight", -110.0, 440.0),
        ("review_weight", 220.0, 660.0),
        ("score", 660.0, 660.0),
    ]
    bars = rank_bars(falls, made, {})
    assert (bars[0].title.en, bars[-1].is_total) == ("1 · d", True)


def test_a_lead_without_explanation_has_no_waterfall(bundle: Bundle) -> None:
    assert steps(_lead(bundle, None)) == ()
    assert waterfall(()) == ()
    assert steps(_lead(bundle, {"steps": [], "more_steps": 0})) == ()


def test_related_leads_stand_once_under_their_closest_reason(read: Run, bundle: Bundle) -> None:
    related = Relations(read, frozenset({"a1c2d3e4"})).of(bundle)
    assert [(one.lead.lead_id, one.why, one.has_page) for one in related] == [
        ("a1c2d3e4", "practitioner", True),
        ("7f3a9c01", "institution", False),
    ]


def test_findings_of_a_lead_are_its_own_with_exempt_ones_last(bundle: Bundle) -> None:
    assert [type(one) for one in bundle.findings] == [Finding] * 3
    assert [one.exemption_id for one in bundle.findings] == [None, None, "operation_between"]


@pytest.mark.parametrize(("quarantined", "letter"), [(0, "A"), (10, "B"), (60, "C")])
def test_data_quality_is_one_letter(quarantined: int, letter: str) -> None:
    file = FileAccount(
        source_file="a.csv",
        table_name="exam_order",
        content_sha256="",
        rows_in=1000,
        accepted=1000 - quarantined,
        quarantined=quarantined,
        duplicate=0,
        superseded=0,
        quarantine_reasons={},
    )
    report = QualityReport(checks=(), files=(file,), row_counts={})
    assert data_grade(report, {"main.exam_order"}).letter == letter
    assert data_grade(report, {"main.consent"}).letter == "A"
    assert data_grade(report, {"prepared.exam_event"}).letter == letter


def test_the_record_is_one_list_in_order_of_time(bundle: Bundle) -> None:
    entries = record(bundle.events, bundle.stays, bundle.happenings, str)
    assert [entry.kind.en for entry in entries[:4]] == ["examination", "stay", "new diagnosis", "examination"]
    assert entries[0].at == "2025-02-20 09:00"
    assert entries[-1].at == "2025-03-10"
    assert entries[-1].institution == "HI002"


def test_what_happened_is_told_in_words(bundle: Bundle) -> None:
    told = [("claimed_reason", "4"), ("external", "HI002"), ("icu", "fast_changing"), ("failed_study", "CT-CHEST")]
    notes = [replace(bundle.happenings[0], kind=kind, detail=detail) for kind, detail in told]
    entries = record(bundle.events, (), notes, lambda code: f"the hospital {code}")
    what = {entry.kind.en: (entry.what.en, entry.what.zh) for entry in entries}
    assert what["reason claimed"] == ("emergency", "急诊急救")
    assert what["made outside"] == ("the hospital HI002", "the hospital HI002")
    assert what["intensive care"] == ("changes within hours", "数小时内可变化")
    assert what["failed study"] == ("胸部CT平扫", "胸部CT平扫")


def test_a_gap_between_bare_dates_is_told_as_the_longest_possible(read: Run, bundle: Bundle) -> None:
    known = json.loads(bundle.findings[0].evidence)
    finding = replace(bundle.findings[0], evidence=json.dumps(known | {"is_hour_known": False}))
    made = joint(block(finding, read.cards["repeat.same_institution"], (), Peers(read.denominators), read.names))
    assert made is not None
    assert made.gap.en == "≤ 31 h"


def test_an_answer_of_another_kind_counts_as_no_data_and_none_as_untested(read: Run, bundle: Bundle) -> None:
    told = json.dumps({"exemptions_tested": {"emergency": "perhaps", "condition_changed": None}})
    finding = replace(bundle.findings[0], evidence=told)
    made = block(finding, read.cards["repeat.same_institution"], (), Peers(read.denominators), read.names)
    assert [(one.text.exemption_id, one.answer) for one in made.tested] == [("emergency", "no data")]


def test_a_limit_that_the_evidence_leaves_out_is_the_parameter(read: Run, bundle: Bundle) -> None:
    finding = replace(bundle.findings[0], evidence=json.dumps({"gap_days": 3}))
    made = block(finding, read.cards["readmission.cycle"], (), Peers(read.denominators), read.names)
    assert made.measure is not None
    assert (made.measure.gap, made.measure.limit, made.measure.unit) == (3.0, 15.0, "days")


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2022-02-28T23:00:00", ["old"]),
        ("2022-03-01T00:00:00", ["new"]),
        ("1990-01-01T00:00:00", []),
        (None, ["old", "new"]),
    ],
)
def test_a_finding_names_only_provisions_in_force_on_its_day(
    read: Run, bundle: Bundle, moment: str | None, expected: list[str]
) -> None:
    title = Text(en="law", zh="法")
    old = LegalBasis(
        basis_id="old",
        title=title,
        article="1",
        in_force_from=date(1999, 5, 1),
        in_force_to=date(2022, 3, 1),
        source=title,
    )
    new = LegalBasis(basis_id="new", title=title, article="1", in_force_from=date(2022, 3, 1), source=title)
    card = read.cards["repeat.same_institution"].model_copy(update={"legal_bases": (old, new)})
    finding = replace(bundle.findings[0], occurred_at=moment and datetime.fromisoformat(moment))
    made = block(finding, card, (), Peers(read.denominators), read.names)
    assert [(basis.basis_id, article) for basis, article in made.laws] == [(one, "1") for one in expected]
