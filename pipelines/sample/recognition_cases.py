"""Examinations made again though another institution's result was valid, and charts that fall just short of one."""

from __future__ import annotations

from dataclasses import replace

from pipelines.sample import orders
from pipelines.sample.cases import ACROSS, FIRST_EXAM, Case, Exam, Note, Pair, Verdict, pair_case
from pipelines.sample.encounters import EMERGENCY, INPATIENT, OUTPATIENT
from pipelines.sample.exams import Items
from pipelines.sample.institutions import CANCER_CENTRE, CHECKUP_CENTRE, SECONDARY, TERTIARY
from pipelines.sample.moments import DAY, HOUR

_CLINIC = {
    "liver": "K76.0",
    "lipids": "I10",
    "hba1c": "E11.9",
    "ferritin": "D50.9",
    "chest_ct": "J44.1",
    "head_mr": "G43.9",
    "abdomen_us": "K29.5",
    "heart_us": "I10",
}
"""Examination → illness of the pairs; each has a recognition validity in the national pack."""

_THERE = {"template": SECONDARY}


def _pair(items: Items, concept: str, share: float, **more: object) -> Pair:
    """Two out-patient examinations at two institutions, ``share`` of the item's validity apart, in whole days."""
    days = max(1, round(items.validity(concept) * share) // DAY)
    given = {"second_visit": _THERE, **more}
    return Pair(concept, _CLINIC[concept], days * DAY, **given)  # type: ignore[arg-type]


def recognition_cases(items: Items) -> list[Case]:
    """Every case of repeat.across_institutions that the pack's validities make possible."""
    if any(items.number(concept) < 0 or items.validity(concept) < 2 * DAY for concept in _CLINIC):
        return []
    return [*_violations(items), *_near_misses(items), *_legitimate(items)]


def _case(name: str, pair: Pair, outcome: str, label: str = "", **notes: object) -> Case:
    return pair_case(f"elsewhere_{name}", pair, outcome, label, detector=ACROSS, **notes)  # type: ignore[arg-type]


def _at_validity(items: Items, concept: str, minutes: int) -> Pair:
    return replace(_pair(items, concept, 0.5), gap=items.validity(concept) + minutes)


def _violations(items: Items) -> list[Case]:
    """The same at another listed institution while the result is valid."""
    made = {concept: _pair(items, concept, 0.45) for concept in _CLINIC}
    for concept in ("liver", "chest_ct"):
        made[f"{concept}_minute_below"] = _at_validity(items, concept, -1)
    bare = {"first": {"is_bare": True}, "second": {"is_bare": True}}
    made |= {
        "bare_dates": _pair(items, "lipids", 0.4, **bare),
        "charge_only": _pair(items, "abdomen_us", 0.4, second={"charge": orders.CHARGE_ONLY}),
        "reason_not_borne_out": _pair(items, "heart_us", 0.4, second={"reason": "1"}),
        "towards_the_tertiary": _pair(items, "liver", 0.3, template=SECONDARY, second_visit={"template": TERTIARY}),
        "on_admission": _pair(items, "hba1c", 0.3, kinds=(OUTPATIENT, INPATIENT)),
        "after_a_checkup": _pair(items, "lipids", 0.6, template=CHECKUP_CENTRE, department="checkup"),
        "emergency_alone": _pair(
            items,
            "chest_ct",
            0.4,
            kinds=(OUTPATIENT, EMERGENCY),
            second_visit={**_THERE, "department": "emergency"},
        ),
    }
    return [*(_case(name, pair, "violation") for name, pair in made.items()), _own_between(items)]


def _own_between(items: Items) -> Case:
    """A third one at the later institution, beyond its retest interval: the newest elsewhere still speaks."""
    case = _case("own_one_between", _pair(items, "liver", 0.2), "violation")
    gap = 4 * DAY
    visit = replace(case.visits[1], role="v3", start=case.visits[1].start + gap, end=case.visits[1].end + gap)
    third = Exam("x3", "v3", "liver", case.exams[1].at + gap)
    verdicts = (*case.verdicts, Verdict("violation", ACROSS, "x3", "x1"))
    return replace(case, visits=(*case.visits, visit), exams=(*case.exams, third), verdicts=verdicts)


def _near_misses(items: Items) -> list[Case]:
    """Another institution, but nothing that had to be recognised."""
    dead = {"status": orders.CANCELLED, "charge": orders.UNCHARGED}
    made = {
        "gap_equals_validity": _at_validity(items, "liver", 0),
        "gap_above_validity": _at_validity(items, "abdomen_us", 2 * DAY),
        "later_institution_not_listed": _pair(
            items, "liver", 0.4, second_visit={"template": CANCER_CENTRE, "department": "surgery"}
        ),
        "earlier_institution_not_listed": _pair(
            items, "liver", 0.4, template=CANCER_CENTRE, department="surgery", second_visit={
                "template": SECONDARY, "department": "gastroenterology"}
        ),
        "listed_for_the_laboratory_only": _pair(
            items, "chest_ct", 0.4, template=CHECKUP_CENTRE, department="checkup"
        ),
        "item_without_validity": Pair("thyroid", "E05.9", 5 * DAY, second_visit=_THERE),
        "earlier_cancelled": _pair(items, "heart_us", 0.4, first=dead),
        "earlier_reversed": _pair(items, "lipids", 0.4, first={"reversal": orders.REVERSED_POINTED}),
        "bare_dates_may_be_too_far": replace(
            _pair(items, "chest_ct", 0.5, first={"is_bare": True}, second={"is_bare": True}),
            gap=items.validity("chest_ct") // DAY * DAY,
        ),
    }  # fmt: skip
    return [_case(name, pair, "near_miss", name) for name, pair in made.items()]


def _legitimate(items: Items) -> list[Case]:
    """What the record, or the platform, explains."""
    ward = (OUTPATIENT, INPATIENT)
    operated = _pair(items, "liver", 0.1, kinds=ward)
    step = FIRST_EXAM + operated.gap - 10
    scan = _pair(items, "head_mr", 0.3)
    attempt = Exam("xf", "v2", "head_mr", FIRST_EXAM + scan.gap - 15, status=orders.FAILED, charge=orders.UNCHARGED)
    failed = _case("failed", scan, "legitimate", "failed_index_study")
    made = {
        "not_shared": (_pair(items, "abdomen_us", 0.4, first={"is_shared": False}), "not_shareable"),
        "positive": (_pair(items, "chest_ct", 0.4, first={"abnormal": 1}), "abnormal_index_result"),
        "appraised": (
            _pair(items, "head_mr", 0.4, second_visit={**_THERE, "code": "Z04.5", "name": "事故后的检查和观察"}),
            "appraisal",
        ),
        "new_pneumonia": (
            _pair(items, "abdomen_us", 0.3, kinds=ward, second_visit={**_THERE, "code": "J15.9", "name": "细菌性肺炎"}),
            "new_acute_diagnosis",
        ),
    }
    notes = {
        "operated": (operated, "operation_between", Note("v2", "51.23", "腹腔镜胆囊切除术", step)),
        "transfused": (operated, "transfusion_between", Note("v2", "99.04", "红细胞输注", step)),
    }
    return [
        *(_case(name, pair, "legitimate", label) for name, (pair, label) in made.items()),
        *(_case(name, pair, "legitimate", label, procedures=(note,)) for name, (pair, label, note) in notes.items()),
        replace(failed, exams=(*failed.exams, attempt)),
        _case(
            "urgent_salts",
            Pair("electrolytes", "I10", DAY, kinds=(OUTPATIENT, EMERGENCY),
                 second_visit={**_THERE, "department": "emergency"}),
            "legitimate",
            "emergency_fast_changing",
        ),
        _case(
            "salts_in_heart_failure",
            Pair("electrolytes", "I50.9", 2 * DAY + HOUR, second_visit=_THERE),
            "legitimate",
            "serial_by_design",
        ),
    ]  # fmt: skip
