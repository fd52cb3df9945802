"""Examinations without a reason by the exact rules, charts just within each, and look-alikes that are explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipelines.sample import orders
from pipelines.sample.cases import (
    EXAM_ONLY,
    FIRST_EXAM,
    FREQUENCY,
    NO_INDICATION,
    REPEAT,
    SEX_AGE,
    Case,
    Exam,
    Note,
    Outcome,
    Verdict,
    Visit,
)
from pipelines.sample.encounters import DIED, INPATIENT, OUTPATIENT, TRANSFER
from pipelines.sample.moments import DAY, HOUR

_MEN, _WOMEN, _YOUNG_MEN, _YOUNG_WOMEN, _YOUNG = (6, 8), (7, 9), (4,), (5,), (4, 5)
"""Population groups. Young people have no earlier illness of the background that calls for the tests planted here."""

_BATTERY = ("coronary_ct", "head_mr", "abdomen_us", "thyroid_us", "lipids", "liver")
"""What a stay for examinations alone consists of: every part of the body once, so that nothing is a repeat."""

_GASTRITIS = ("gastroenterology", "K29.5", "慢性胃炎")
_HYPERTENSION = ("cardiology", "I10", "原发性高血压")
_BACKACHE = ("orthopaedics", "M51.2", "腰椎间盘移位")
_GALLSTONES = ("surgery", "K80.2", "胆囊结石")

Changes = Mapping[str, object]


def _visit(place: tuple[str, str, str], kind: int = OUTPATIENT, days: float = 0.0, **more: object) -> Visit:
    """Visit v1: forty minutes before the first examination, or a stay from the morning of the first day."""
    department, code, name = place
    start = 8 * HOUR if kind == INPATIENT else FIRST_EXAM - 40
    end = int(days * DAY) + 16 * HOUR if kind == INPATIENT else FIRST_EXAM + 45
    return Visit("v1", start, end, kind, department, code, name, **more)  # type: ignore[arg-type]


def _single(
    name: str, detector: str, visit: Visit, concept: str, outcome: Outcome, label: str = "", **more: object
) -> Case:
    """One examination at one visit, and the verdict on it."""
    verdict = Verdict(outcome, detector, "x1", "", label)
    return Case(name, (visit,), (Exam("x1", "v1", concept, FIRST_EXAM),), (verdict,), **more)  # type: ignore[arg-type]


def sex_age_cases() -> list[Case]:
    """Examinations of the other sex or of newborns, and the visits that explain them."""
    blood, cystitis = ("nephrology", "R31", "血尿"), ("nephrology", "N39.0", "泌尿道感染")
    birth, belly = ("obstetrics", "O80", "单胎顺产"), ("gastroenterology", "R10.4", "腹痛")
    mother = "newborn_on_mothers_account"
    dysphoria = (Note("v1", "F64.0", "易性症", FIRST_EXAM - 30),)

    def case(
        name: str, place: tuple[str, str, str], concept: str, outcome: Outcome, label: str, **more: object
    ) -> Case:
        return _single(f"sex_age_{name}", SEX_AGE, _visit(place), concept, outcome, label, **more)

    return [
        case("psa_of_a_woman", blood, "psa", "violation", "", groups=_WOMEN),
        case("pelvis_of_a_man", belly, "pelvis_us", "violation", "", groups=_MEN),
        case("newborn_screen_of_an_adult", cystitis, "newborn_screen", "violation", "", groups=_YOUNG_WOMEN),
        case("psa_of_a_man", blood, "psa", "near_miss", "psa_of_a_man", groups=_MEN),
        case("pelvis_of_a_woman", belly, "pelvis_us", "near_miss", "pelvis_of_a_woman", groups=_WOMEN),
        case("mothers_account", birth, "newborn_screen", "legitimate", mother, groups=_YOUNG_WOMEN),
        case("transition", blood, "psa", "legitimate", "sex_development", groups=_WOMEN, diagnoses=dysphoria),
    ]  # fmt: skip


def indication_cases() -> list[Case]:
    """Tests that no diagnosis calls for, and tests that one does, may, or an operation does."""
    checkup, failure = ("cardiology", "Z00.8", "其他一般检查"), ("cardiology", "I50.9", "心力衰竭")
    mass, tight = ("obstetrics", "N83.2", "卵巢囊肿"), ("cardiology", "R53", "乏力，心功能不全待查")
    later = (Note("v1", "I50.9", "心力衰竭", FIRST_EXAM + 20),)
    before = (Note("v1", "51.23", "腹腔镜胆囊切除术", DAY + 10 * HOUR),)
    ward = _visit(_GALLSTONES, INPATIENT, 4)

    def case(name: str, visit: Visit, concept: str, outcome: Outcome, label: str = "", **more: object) -> Case:
        return _single(
            f"indication_{name}", NO_INDICATION, visit, concept, outcome, label, **{"groups": _YOUNG, **more}
        )

    return [
        case("bnp_for_gastritis", _visit(_GASTRITIS), "bnp", "violation"),
        case("ca125_for_gastritis", _visit(_GASTRITIS), "ca125", "violation", groups=_YOUNG_WOMEN),
        case("psa_for_backache", _visit(_BACKACHE), "psa", "violation", groups=_YOUNG_MEN),
        case("bnp_at_a_check_up", _visit(checkup), "bnp", "violation"),
        case("bnp_on_the_ward", _visit(_GASTRITIS, INPATIENT, 5), "bnp", "violation"),
        case("bnp_for_heart_failure", _visit(failure), "bnp", "near_miss", "indicated"),
        case("ca125_for_a_cyst", _visit(mass), "ca125", "near_miss", "indicated", groups=_YOUNG_WOMEN),
        case("second_diagnosis", _visit(_GASTRITIS), "bnp", "near_miss", "indicated_too", diagnoses=later),
        case("to_be_found_out", _visit(tight), "bnp", "legitimate", "suspected_diagnosis"),
        case("before_operation", ward, "bnp", "legitimate", "preoperative_test", procedures=before),
    ]  # fmt: skip


def frequency_cases() -> list[Case]:
    """Quantities beyond the limit of a day or a period, at it, and explained."""
    clinic, ward = _visit(_HYPERTENSION), _visit(_HYPERTENSION, INPATIENT, 6)

    def day(name: str, visit: Visit, units: int, outcome: Outcome, label: str = "", at: int = FIRST_EXAM) -> Case:
        exam = Exam("x1", "v1", "blood_pressure_day", at, units=units)
        return Case(f"frequency_{name}", (visit,), (exam,), (Verdict(outcome, FREQUENCY, "x1", "", label),))

    third_day = 2 * DAY + FIRST_EXAM
    return [
        day("hour_above_a_day", clinic, 25, "violation"),
        day("two_days_in_a_clinic", clinic, 48, "violation"),
        day("ward_hour_above_a_day", ward, 25, "violation"),
        day("a_whole_day", clinic, 24, "near_miss", "at_the_limit"),
        day("posted_on_the_third_day", ward, 72, "legitimate", "posted_for_several_days", third_day),
        day("posted_an_hour_too_much", ward, 73, "violation", at=third_day),
        _sugar("sugar_within_a_period", 8, Verdict("violation", FREQUENCY, "x2", "x1")),
        _sugar("sugar_on_the_last_day", 14, Verdict("violation", FREQUENCY, "x2", "x1")),
        _sugar("sugar_on_the_day_after", 15, Verdict("near_miss", FREQUENCY, "x2", "x1", "period_is_over")),
        _failed_sugar(),
    ]


def _sugar(name: str, days: int, *verdicts: Verdict, repeat: str = "") -> Case:
    """HbA1c twice, so many days apart: always a repeat, whatever the frequency limit says."""
    first = _visit(("endocrinology", "E11.9", "2型糖尿病"))
    second = replace(first, role="v2", start=first.start + days * DAY, end=first.end + days * DAY)
    exams = (Exam("x1", "v1", "hba1c", FIRST_EXAM), Exam("x2", "v2", "hba1c", FIRST_EXAM + days * DAY))
    outcome: Outcome = "legitimate" if repeat else "violation"
    return Case(f"frequency_{name}", (first, second), exams, (*verdicts, Verdict(outcome, REPEAT, "x2", "x1", repeat)))


def _failed_sugar() -> Case:
    """The same, but a specimen failed in between."""
    verdict = Verdict("legitimate", FREQUENCY, "x2", "x1", "failed_study_between")
    case = _sugar("sugar_after_a_failure", 9, verdict, repeat="failed_index_study")
    attempt = Exam("xf", "v2", "hba1c", FIRST_EXAM + 9 * DAY - 15, status=orders.FAILED, charge=orders.UNCHARGED)
    return replace(case, exams=(*case.exams, attempt))


def exam_only_cases() -> list[Case]:
    """Stays for examinations alone, stays that were longer or treated something, and stays that are explained."""
    operation = (Note("v1", "51.23", "腹腔镜胆囊切除术", DAY + 10 * HOUR),)
    transfusion = (Note("v1", "99.04", "浓缩红细胞输注", DAY + 10 * HOUR),)
    angiography = (Note("v1", "88.55", "单根导管的冠状动脉造影", DAY + 10 * HOUR),)
    threat, birth = ("cardiology", "I20.0", "不稳定性心绞痛"), ("obstetrics", "O47.0", "假临产")
    bare: Changes = {"is_untreated": True}
    received = _visit(_GASTRITIS, INPATIENT, 1, came_from="v0", **bare)
    origin = Visit("v0", received.start - 2 * HOUR, received.start - 10, OUTPATIENT, *_GASTRITIS)
    made: list[tuple[str, Visit, Outcome, str, Changes]] = [
        ("overnight", _visit(_GASTRITIS, INPATIENT, 1, **bare), "violation", "", {}),
        ("two_nights", _visit(_HYPERTENSION, INPATIENT, 2, **bare), "violation", "", {}),
        ("same_day", _visit(_BACKACHE, INPATIENT, 0.05, **bare), "violation", "", {}),
        ("fourth_day", _visit(_GASTRITIS, INPATIENT, 4, **bare), "near_miss", "too_long", {}),
        ("treated", _visit(_GASTRITIS, INPATIENT, 2), "near_miss", "treated", {}),
        ("operated", _visit(_GALLSTONES, INPATIENT, 2, **bare), "legitimate", "operation_in_stay",
         {"procedures": operation}),
        ("transfused", _visit(_GASTRITIS, INPATIENT, 2, **bare), "legitimate", "transfusion_in_stay",
         {"procedures": transfusion}),
        ("angiography", _visit(_HYPERTENSION, INPATIENT, 2, **bare), "legitimate", "diagnostic_procedure_in_stay",
         {"procedures": angiography}),
        ("transferred_on", _visit(_GASTRITIS, INPATIENT, 1, disposition=TRANSFER, **bare), "legitimate", "transferred",
         {}),
        ("received", received, "legitimate", "transferred", {}),
        ("died", _visit(_HYPERTENSION, INPATIENT, 1, disposition=DIED, **bare), "legitimate", "died_in_hospital", {}),
        ("acute", _visit(threat, INPATIENT, 1, **bare), "legitimate", "new_acute_diagnosis", {}),
        ("obstetric", _visit(birth, INPATIENT, 1, **bare), "legitimate", "newborn_or_obstetric",
         {"groups": _YOUNG_WOMEN}),
    ]  # fmt: skip
    return [_admission(f"admission_{name}", visit, Verdict(outcome, EXAM_ONLY, "v1", "", label), origin, more)
            for name, visit, outcome, label, more in made]  # fmt: skip


def _admission(name: str, visit: Visit, verdict: Verdict, origin: Visit, more: Changes) -> Case:
    exams = tuple(
        Exam(f"x{place}", "v1", concept, FIRST_EXAM + place * 20) for place, concept in enumerate(_BATTERY, start=1)
    )
    visits = (origin, visit) if visit.came_from else (visit,)
    return Case(name, visits, exams, (verdict,), **more)  # type: ignore[arg-type]


def unfounded_cases() -> list[Case]:
    """Every case of the exact rules of the unfounded family."""
    return [*sex_age_cases(), *indication_cases(), *frequency_cases(), *exam_only_cases()]
