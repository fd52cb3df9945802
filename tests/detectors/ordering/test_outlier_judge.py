from datetime import datetime
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from detectors.declaration import ANSWER_COLUMNS
from detectors.ordering.outlier_judge import ANSWER_SHAPE
from detectors.ordering.outlier_judge import judge_outliers as judge
from detectors.ordering.outlier_practitioner import OUTLIER_PRACTITIONER
from detectors.statistics.evidence_parts import FUNNEL_CAP
from detectors.statistics.telling import evenly

DEFAULTS = {parameter.name: parameter.default for parameter in OUTLIER_PRACTITIONER.parameters}


@pytest.fixture
def with_outlier(hospital):
    """The regular hospital and one doctor with three times the examinations, every quarter, over all patients."""
    hospital.add_doctor("outlier", exams=lambda _: 3)
    return hospital


def test_a_regular_hospital_has_no_outlier(hospital, flag) -> None:
    answers = flag(hospital)
    assert answers.is_empty()
    assert answers.schema == pl.Schema(ANSWER_SHAPE)


def test_no_visits_at_all_are_no_error(hospital, flag) -> None:
    hospital.visits.clear()
    assert flag(hospital).is_empty()


def test_a_doctor_with_three_times_the_examinations_is_flagged_with_the_evidence(with_outlier, flag) -> None:
    (answer,) = flag(with_outlier).to_dicts()
    assert (answer["subject_id"], answer["practitioner_id"]) == ("outlier", "outlier")
    assert (answer["observed"], answer["visits"], answer["patients"], answer["peers"]) == (240, 80, 40, 25)
    peers = sum(event["practitioner_id"] != "outlier" for event in with_outlier.events)
    assert answer["expected"] == pytest.approx(80 * peers / (25 * 80), rel=1e-5)
    assert answer["ratio"] == pytest.approx(240 / answer["expected"], rel=1e-5)
    assert answer["q_value"] <= 0.05
    assert answer["z"] < answer["z_unadjusted"]
    assert (answer["tier"], answer["rolled_up"], answer["period"]) == ("strong", None, "2025Q1-2025Q4")
    assert answer["peer_group"] == "tertiary × 03 × outpatient"
    assert answer["occurred_at"] == datetime(2025, 12, 31)  # noqa: DTZ001 - local wall time
    assert (answer["measure"], answer["family"]) == ("exam_events_per_visit/outpatient/03", "all")


def test_the_parts_of_the_evidence_add_up(with_outlier, flag) -> None:
    (answer,) = flag(with_outlier).to_dicts()
    for part in ("quarters", "case_mix", "families"):
        assert sum(row["observed"] for row in answer[part]) == 240
        assert sum(row["expected"] for row in answer[part]) == pytest.approx(answer["expected"], rel=1e-4)
    assert [row["quarter"] for row in answer["quarters"]] == ["2025Q1", "2025Q2", "2025Q3", "2025Q4"]
    assert sum(row["visits"] for row in answer["case_mix"]) == 80
    assert len(answer["funnel"]["expected"]) == len(answer["funnel"]["ratio"]) == 25
    assert answer["funnel"]["expected"] == sorted(answer["funnel"]["expected"])
    positive = answer["positive_rate"]
    assert (positive["positive"], positive["reported"]) == (80, 240)
    assert positive["peer_reported"] == len(with_outlier.events) - 240


def test_the_money_at_issue_is_the_excess_at_the_doctor_s_mean_price(with_outlier, flag) -> None:
    (answer,) = flag(with_outlier).to_dicts()
    excess = answer["observed"] - answer["expected"]
    assert float(answer["amount_at_issue"]) == pytest.approx(10 * excess, abs=0.02)
    assert float(answer["fund_amount_at_issue"]) == pytest.approx(6 * excess, abs=0.02)
    assert isinstance(answer["amount_at_issue"], Decimal)


def test_without_charges_or_reports_there_is_no_money_and_no_positive_rate(with_outlier, flag) -> None:
    with_outlier.events = [
        event | {"net_amount": None, "net_fund_amount": None, "is_positive": None} for event in with_outlier.events
    ]
    (answer,) = flag(with_outlier).to_dicts()
    assert answer["amount_at_issue"] is None
    assert answer["fund_amount_at_issue"] is None
    assert answer["positive_rate"] is None


def test_an_unknown_fund_part_stays_unknown_beside_known_charges(with_outlier, flag) -> None:
    with_outlier.events = [event | {"net_fund_amount": None} for event in with_outlier.events]
    (answer,) = flag(with_outlier).to_dicts()
    assert answer["amount_at_issue"] > 0
    assert answer["fund_amount_at_issue"] is None


def test_sicker_patients_explain_more_examinations(hospital, flag) -> None:
    for number in range(25):
        hospital.add_doctor(f"doctor{number:02}x", exams=lambda _: 3, diagnosis_group="C34")
    hospital.add_doctor("oncologist", exams=lambda _: 3, diagnosis_group="C34")
    assert flag(hospital).is_empty()


@pytest.mark.parametrize(
    ("changed", "near_miss"),
    [
        ({"min_visits": 80}, {"min_visits": 81}),
        ({"min_patients": 40}, {"min_patients": 41}),
        ({"min_peers": 25}, {"min_peers": 26}),
        ({"min_expected": 70}, {"min_expected": 90}),
        ({"min_ratio": 2.5}, {"min_ratio": 3.5}),
        ({"q_max": 0.05}, {"q_max": 0.0}),
        ({"persistent_quarters": 4}, {"persistent_quarters": 2, "min_ratio": 9}),
    ],
)
def test_each_parameter_decides_at_its_boundary(with_outlier, flag, changed, near_miss) -> None:
    assert flag(with_outlier, **changed).height == 1
    assert flag(with_outlier, **near_miss).is_empty()


def test_one_wild_quarter_is_no_habit(hospital, flag) -> None:
    hospital.add_doctor("burst", exams=lambda i: 6 if i < 19 else 1)
    assert flag(hospital).is_empty()
    assert flag(hospital, persistent_quarters=1)["subject_id"].to_list() == ["burst"]


def test_where_only_one_quarter_is_known_that_quarter_decides(with_outlier, flag) -> None:
    with_outlier.visits = [visit for visit in with_outlier.visits if visit["quarter"] == "2025Q4"]
    assert flag(with_outlier, min_visits=15)["subject_id"].to_list() == ["outlier"]


def test_one_heavily_examined_patient_makes_no_outlier(hospital, flag) -> None:
    hospital.add_doctor("one_patient", exams=lambda i: 70 if i % 40 == 0 else 1)
    assert flag(hospital, persistent_quarters=1, q_max=0.2).is_empty()


def test_the_rerun_leaves_the_most_examined_patient_out(with_outlier, flag) -> None:
    (answer,) = flag(with_outlier).to_dicts()
    rerun = answer["rerun_without_top_patient"]
    assert rerun["observed"] == 240 - 6
    assert rerun["expected"] == pytest.approx(answer["expected"] * 78 / 80, rel=0.01)
    assert rerun["q_value"] <= 0.05


def test_too_few_peers_at_the_level_roll_up_and_say_so(with_outlier, flag) -> None:
    for visit in with_outlier.visits:
        if visit["practitioner_id"] == "outlier":
            visit["level"] = "secondary"
    (answer,) = flag(with_outlier).to_dicts()
    assert answer["peer_group"] == "03 × outpatient"
    assert "all levels" in answer["rolled_up"]
    assert "不分级别" in answer["rolled_up"]


def test_too_few_peers_in_the_department_roll_up_to_the_setting(with_outlier, flag) -> None:
    for visit in with_outlier.visits:
        if visit["practitioner_id"] == "outlier":
            visit["national_department_code"] = "99"
    (answer,) = flag(with_outlier).to_dicts()
    assert answer["peer_group"] == "outpatient"
    assert "departments" in answer["rolled_up"]


def test_the_only_doctor_of_a_department_is_not_blamed_for_how_departments_differ(hospital, flag) -> None:
    for department in range(6):
        for number in range(6):
            hospital.add_doctor(
                f"d{department}-{number}",
                exams=lambda i, d=department, n=number: 1 + d // 2 + (i % 10 < n % 3),
                national_department_code=f"D{department}",
                diagnosis_group=f"K{department}",
            )
    hospital.add_doctor("alone", exams=lambda _: 4, national_department_code="X", diagnosis_group="X00")
    assert flag(hospital).is_empty()


def test_a_doctor_who_shares_a_small_department_is_measured_against_that_department(hospital, flag) -> None:
    for number in range(8):
        hospital.add_doctor(
            f"small{number}", exams=lambda i, n=number: 3 + (i % 10 < n % 3), national_department_code="X"
        )
    assert flag(hospital).is_empty()
    hospital.add_doctor("outlier", exams=lambda _: 10, national_department_code="X")
    (answer,) = flag(hospital).to_dicts()
    assert answer["subject_id"] == "outlier"
    assert answer["ratio"] == pytest.approx(10 / 3.1, rel=0.1)


def test_settings_are_judged_apart(with_outlier, flag) -> None:
    for number in range(25):
        with_outlier.add_doctor(f"doctor{number:02}", setting="inpatient")
    with_outlier.add_doctor("outlier", exams=lambda _: 3, setting="inpatient")
    answers = flag(with_outlier)
    assert answers["subject_id"].to_list() == ["outlier", "outlier"]
    assert answers["measure"].n_unique() == 2


def test_the_watch_list_is_asked_for_by_q_max(with_outlier, flag) -> None:
    tiers = flag(with_outlier, q_max=0.2)
    assert set(tiers["tier"]) <= {"strong", "watch"}
    assert (tiers["q_value"] <= 0.2).all()


def test_a_null_by_size_is_told_and_falls_back_where_members_are_few(with_outlier, flag) -> None:
    (plain,), (asked,) = flag(with_outlier).to_dicts(), flag(with_outlier, null="by_size").to_dicts()
    told = asked.pop("null_by_size")
    assert plain.pop("null_by_size") is None
    assert (told["is_fitted"], told["members"], told["least_members"], told["sizes"]) == (False, 26, 180, [])
    assert asked == plain


def test_row_order_is_irrelevant(with_outlier, ask) -> None:
    rows = ask(with_outlier)
    before = judge(rows, DEFAULTS)
    for seed in range(5):
        assert judge(rows.sample(fraction=1.0, shuffle=True, seed=seed), DEFAULTS).equals(before)


def test_names_of_doctors_are_irrelevant(with_outlier, flag) -> None:
    before = flag(with_outlier).drop("subject_id", "practitioner_id")
    dice = np.random.default_rng(6)
    names = sorted({visit["practitioner_id"] for visit in with_outlier.visits})
    renamed = dict(zip(names, dice.permutation([f"n{k}" for k in range(len(names))]).tolist(), strict=True))
    for row in with_outlier.visits + with_outlier.events:
        row["practitioner_id"] = renamed[row["practitioner_id"]]
    after = flag(with_outlier)
    assert after["subject_id"].to_list() == [renamed["outlier"]]
    assert after.drop("subject_id", "practitioner_id").equals(before)


def test_doctors_outside_the_peer_group_change_nothing(with_outlier, flag) -> None:
    before = flag(with_outlier)
    for number in range(30):
        with_outlier.add_doctor(
            f"elsewhere{number:02}", exams=lambda i: 5 + i % 3, level="primary", institution_id="H2"
        )
        with_outlier.add_doctor(f"other{number:02}", exams=lambda _: 9, national_department_code="04")
    assert flag(with_outlier).filter(pl.col("subject_id") == "outlier").equals(before)


def test_a_funnel_holds_two_thousand_peers_at_most_with_both_ends() -> None:
    shown = evenly(5_000, FUNNEL_CAP)
    assert len(set(shown.tolist())) == FUNNEL_CAP
    assert (shown[0], shown[-1]) == (0, 4_999)


def test_the_answer_holds_every_declared_evidence_column() -> None:
    promised = {column.name for column in OUTLIER_PRACTITIONER.evidence}
    assert set(ANSWER_SHAPE) == promised | {"measure", "family"} | (set(ANSWER_COLUMNS) & set(ANSWER_SHAPE))


def test_no_sentence_accuses() -> None:
    card = OUTLIER_PRACTITIONER
    assert "违规" not in card.sentence.zh + card.title.zh
    assert "疑似" in card.sentence.zh
    assert len(card.innocent_explanations) >= 5
