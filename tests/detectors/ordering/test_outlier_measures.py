"""Each measure of a doctor stands on its own: what is flagged by one is not by the others, and money is stated once."""

import polars as pl
import pytest

SHARES = ("high_cost_share", "repeat_share", "first_day_bundle")


def _measures(answers: pl.DataFrame) -> set[str]:
    return set(answers["measured"])


def test_more_examinations_at_the_same_price_are_more_volume_and_more_cost(hospital, flag_by_measure) -> None:
    hospital.add_doctor("outlier", exams=lambda _: 3)
    answers = flag_by_measure(hospital)
    assert _measures(answers) == {"volume", "cost"}
    assert answers["measure"].n_unique() == 2


def test_the_same_examinations_at_three_times_the_price_are_cost_alone(hospital, flag_by_measure) -> None:
    hospital.add_doctor("dear", exams=lambda i: 1 + (i % 10 < 1) - (i % 10 > 8))
    hospital.events = [
        event | ({"net_amount": 30, "net_fund_amount": 18} if event["practitioner_id"] == "dear" else {})
        for event in hospital.events
    ]
    (answer,) = flag_by_measure(hospital).to_dicts()
    assert answer["measured"] == "cost"
    assert answer["observed"] == 80 * 30
    assert float(answer["amount_at_issue"]) == pytest.approx(answer["observed"] - answer["expected"], abs=0.02)
    assert float(answer["fund_amount_at_issue"]) == pytest.approx(0.6 * float(answer["amount_at_issue"]), abs=0.02)
    assert sum(row["observed"] for row in answer["families"]) == answer["observed"]


def test_one_unit_s_money_is_stated_by_one_of_its_findings(hospital, flag_by_measure) -> None:
    hospital.add_doctor("outlier", exams=lambda _: 3)
    answers = {answer["measured"]: answer for answer in flag_by_measure(hospital).to_dicts()}
    assert answers["volume"]["amount_at_issue"] is not None
    assert answers["volume"]["money_counted_in"] is None
    assert answers["cost"]["amount_at_issue"] is None
    assert answers["cost"]["money_counted_in"] == "volume"


def test_a_share_comes_with_its_trials_and_its_own_funnel(hospital, flag_by_measure) -> None:
    hospital.add_doctor("ct", exams=lambda i: 1 + (i % 10 < 1) - (i % 10 > 8))
    for number, event in enumerate(hospital.events):
        event["modality"] = "CT" if event["practitioner_id"] == "ct" or number % 5 == 0 else "LAB"
    (answer,) = flag_by_measure(hospital).to_dicts()
    assert (answer["measured"], answer["observed"], answer["trials"]) == ("high_cost_share", 80, 80)
    assert (answer["share_pct"], answer["funnel"]) == (100.0, None)
    assert answer["expected_pct"] == pytest.approx(20, abs=1)
    assert len(answer["share_funnel"]["share"]) == 25
    assert answer["rerun_without_top_patient"]["q_value"] <= 0.05
    assert sum(row["observed"] for row in answer["families"]) == answer["observed"]
    assert sum(row["expected"] for row in answer["families"]) == pytest.approx(answer["expected"], rel=1e-4)


def test_repeats_are_told_by_the_family_that_was_repeated(hospital, flag_by_measure) -> None:
    hospital = type(hospital)()
    for number in range(26):
        hospital.add_doctor(f"doctor{number:02}", exams=lambda _: 2)
    for number, event in enumerate(hospital.events):
        doctor, visit, exam = str(event["event_id"]).replace("--", "-").split("-")
        if doctor == "doctor25" or int(visit) % 10 < 2 + int(doctor[-1]) % 2:
            minute = 60 * int(exam)
            event |= {"family": "CT" if number % 3 else "MR", "series_key": -1 - number // 2}
            event |= {"at_s": event["at_s"] + minute, "until_s": event["until_s"] + minute}
    (answer,) = flag_by_measure(hospital).filter(pl.col("measured") == "repeat_share").to_dicts()
    assert {row["family"] for row in answer["families"]} == {"CT", "MR"}
    assert sum(row["observed"] for row in answer["families"]) == answer["observed"] == 80
    assert sum(row["expected"] for row in answer["families"]) == pytest.approx(answer["expected"], rel=1e-4)


def test_a_bundle_is_told_by_each_family_that_stands_in_it(hospital, flag_by_measure) -> None:
    for number in range(26):
        hospital.add_doctor(f"ward{number:02}", exams=lambda i, n=number: 5 if n == 25 or i % 10 == n % 3 else 1)
    for row in hospital.visits + hospital.events:
        row["setting"] = "inpatient" if str(row["practitioner_id"]).startswith("ward") else "outpatient"
    for number, event in enumerate(hospital.events):
        event["family"] = f"F{str(event['event_id'])[-1]}" if number % 7 else "F0"
    answers = flag_by_measure(hospital, bundle_families=4)
    (answer,) = answers.filter(pl.col("measured") == "first_day_bundle").to_dicts()
    told = {row["family"]: row for row in answer["families"]}
    assert set(told) == {"F0", "F1", "F2", "F3", "F4"}
    assert told["F0"]["observed"] == answer["observed"] == 80
    assert told["F0"]["expected"] == pytest.approx(answer["expected"], rel=0.05)
    assert all(row["observed"] <= answer["observed"] for row in told.values())


def test_a_doctor_alone_in_his_department_is_not_judged_by_a_share(hospital, flag_by_measure) -> None:
    hospital.add_doctor("alone", national_department_code="99")
    for number, event in enumerate(hospital.events):
        event["modality"] = "CT" if event["practitioner_id"] == "alone" or number % 5 == 0 else "LAB"
    assert not _measures(flag_by_measure(hospital)) & set(SHARES)


def test_the_second_opinion_is_told_of_those_who_are_flagged_with_what_drives_it(hospital, flag_by_measure) -> None:
    hospital.add_doctor("outlier", exams=lambda _: 3)
    answers = flag_by_measure(hospital).to_dicts()
    assert len(answers) == 2
    for answer in answers:
        opinion = answer["second_opinion"]
        assert (opinion["place"], opinion["members"]) == (1, 26)
        assert opinion["drivers"][0]["measured"] in {"volume", "cost"}


def test_the_second_opinion_flags_nobody(hospital, flag_by_measure, monkeypatch) -> None:
    hospital.add_doctor("outlier", exams=lambda _: 3)
    judged = flag_by_measure(hospital).drop("second_opinion")
    monkeypatch.setattr("detectors.ordering.outlier_judge.opinions_on", lambda flagged, _: [None] * len(flagged))
    assert flag_by_measure(hospital).drop("second_opinion").equals(judged)
    hospital.add_doctor("odd", exams=lambda i: 1 + (i % 10 < 1) - (i % 10 > 8))
    for number, event in enumerate(hospital.events):
        event["modality"] = "CT" if number % 9 == 0 else "LAB"
    assert set(flag_by_measure(hospital)["subject_id"]) == {"outlier"}
