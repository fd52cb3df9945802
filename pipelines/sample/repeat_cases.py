"""Repeats without a reason, and charts that fall just short of one, at every boundary of the rule."""

from __future__ import annotations

from dataclasses import replace

from pipelines.sample import orders
from pipelines.sample.cases import FIRST_EXAM, REPEAT, Case, Exam, Pair, Verdict, pair_case
from pipelines.sample.encounters import EMERGENCY, INPATIENT, OUTPATIENT
from pipelines.sample.exams import Items
from pipelines.sample.institutions import PRIVATE, SECONDARY
from pipelines.sample.moments import DAY, HOUR

_CLINIC = (
    ("liver", "K76.0", "脂肪性肝病", "gastroenterology"),
    ("lipids", "I10", "原发性高血压", "cardiology"),
    ("hba1c", "E11.9", "2型糖尿病", "endocrinology"),
    ("thyroid", "E05.9", "甲状腺毒症", "endocrinology"),
    ("abdomen_us", "K29.5", "慢性胃炎", "gastroenterology"),
    ("chest_ct", "J44.1", "慢性阻塞性肺疾病伴急性加重", "respiratory"),
    ("head_ct", "G43.9", "偏头痛", "neurology"),
    ("heart_us", "I10", "原发性高血压", "cardiology"),
    ("ferritin", "D50.9", "缺铁性贫血", "general_practice"),
    ("vitamin_d", "M54.5", "下背痛", "tcm"),
    ("thyroid_us", "E04.1", "非毒性单个甲状腺结节", "endocrinology"),
    ("spine_mr", "M51.2", "腰椎间盘移位", "orthopaedics"),
)
_WARD = (
    ("liver", "I25.1", "动脉硬化性心脏病", "cardiology"),
    ("lipids", "I25.1", "动脉硬化性心脏病", "cardiology"),
    ("chest_ct", "C34.9", "肺恶性肿瘤", "oncology"),
    ("blood_count", "M51.2", "腰椎间盘移位", "orthopaedics"),
    ("electrolytes", "I10", "原发性高血压", "cardiology"),
    ("urine", "E11.9", "2型糖尿病", "endocrinology"),
    ("heart_us", "E11.9", "2型糖尿病", "endocrinology"),
)
_STAYS = (INPATIENT, INPATIENT)
_LEFT, _RIGHT, _BOTH = 1, 2, 3
_MOST_IN_A_CASE = 4


def _clinic(items: Items, place: int, gap: float, **more: object) -> Pair:
    """The out-patient pair of row ``place``, ``gap`` given as a share of its interval."""
    concept, code, name, department = _CLINIC[place]
    minutes = round(items.interval(concept, "outpatient") * gap)
    return Pair(concept, code, name, department, minutes, **more)  # type: ignore[arg-type]


def _ward(items: Items, place: int, gap: float, **more: object) -> Pair:
    concept, code, name, department = _WARD[place]
    minutes = round(items.interval(concept, "inpatient") * gap)
    return Pair(concept, code, name, department, minutes, kinds=_STAYS, **more)  # type: ignore[arg-type]


def _shifted(pair: Pair, minutes: int) -> Pair:
    return replace(pair, gap=pair.gap + minutes)


def repeat_violations(items: Items) -> list[Case]:
    """Every way in which a repeat can be a repeat."""
    cases = [pair_case(f"clinic_{row[0]}", _clinic(items, n, 0.45), "violation") for n, row in enumerate(_CLINIC)]
    cases += [pair_case(f"ward_{row[0]}", _ward(items, n, 0.5), "violation") for n, row in enumerate(_WARD)]
    for n in (0, 1, 4, 5):
        pair = _shifted(_clinic(items, n, 1.0), -1)
        cases.append(pair_case(f"clinic_{pair.concept}_minute_below", pair, "violation"))
    for n in (0, 2, 3):
        pair = _shifted(_ward(items, n, 1.0), -1)
        cases.append(pair_case(f"ward_{pair.concept}_minute_below", pair, "violation"))
    return [*cases, *_record_violations(items), *_setting_violations(items), _chain(items)]


def _record_violations(items: Items) -> list[Case]:
    """Repeats that only a careful reading of the record finds."""
    knee_gap = round(items.interval("knee_mr", "outpatient") * 0.4)
    knee = Pair("knee_mr", "M17.9", "膝关节病", "orthopaedics", knee_gap)
    made = {
        "bilateral_then_left": replace(knee, first={"side": _BOTH}, second={"side": _LEFT}),
        "right_then_bilateral": replace(knee, first={"side": _RIGHT}, second={"side": _BOTH}),
        "left_then_left": replace(knee, first={"side": _LEFT}, second={"side": _LEFT}),
        "bare_dates": _days(items, 1, first={"is_bare": True}, second={"is_bare": True}),
        "bare_index_date": _days(items, 3, first={"is_bare": True}),
        "bare_flagged_date": _days(items, 2, second={"is_bare": True}),
        "charge_without_order": _clinic(items, 4, 0.4, second={"charge": orders.CHARGE_ONLY}),
        "earlier_charge_without_order": _clinic(items, 6, 0.4, first={"charge": orders.CHARGE_ONLY}),
        "charge_lost_its_order": _clinic(items, 7, 0.4, second={"charge": orders.CHARGE_WITHOUT_ORDER_ID}),
        "uncharged": _clinic(items, 0, 0.4, second={"charge": orders.UNCHARGED}),
        "half_reversed": _clinic(items, 5, 0.4, second={"reversal": orders.HALF_REVERSED}),
        "part_only_in_item": _clinic(items, 6, 0.3, first={"has_part": False}, second={"has_part": False}),
        "reason_not_borne_out": _clinic(items, 1, 0.5, second={"reason": "1"}),
        "major_step_not_borne_out": _ward(items, 2, 0.4, second={"reason": "3"}),
        "local_reason_not_borne_out": _clinic(items, 8, 0.4, second={"reason": "QT"}),
        "other_item_of_the_family": _clinic(items, 5, 0.4, second={"concept": "chest_ct_contrast"}),
        "local_codes": _clinic(items, 0, 0.3, template=PRIVATE),
        "at_a_secondary_hospital": _clinic(items, 7, 0.5, template=SECONDARY),
    }
    cases = [pair_case(name, pair, "violation") for name, pair in made.items()]
    return [*cases, _doubled(items)]


def _days(items: Items, place: int, **more: object) -> Pair:
    """An out-patient pair whole days apart, so few that even the longest possible gap is inside its interval."""
    pair = _clinic(items, place, 0.4)
    return replace(pair, gap=max(1, pair.gap // DAY) * DAY, **more)  # type: ignore[arg-type]


def _doubled(items: Items) -> Case:
    """The later examination was entered twice for the same minute: one event, which bears the lesser id."""
    case = pair_case("doubled_entry", _clinic(items, 7, 0.35), "violation")
    return replace(case, exams=(*case.exams, case.exams[1]))


def _setting_violations(items: Items) -> list[Case]:
    """The interval is that of the later setting: a stable in-patient waits longer."""
    between = (items.interval("liver", "outpatient") + items.interval("liver", "inpatient")) // 2
    pair = Pair("liver", "K76.0", "脂肪性肝病", "gastroenterology", between, kinds=(OUTPATIENT, INPATIENT))
    scan_gap, series_gap = items.interval("chest_ct", "inpatient") // 2, items.interval("glucose", "inpatient") // 4
    chest = Pair("chest_ct", "C34.9", "肺恶性肿瘤", "oncology", scan_gap, kinds=(OUTPATIENT, INPATIENT))
    urgent = replace(
        chest,
        kinds=(OUTPATIENT, EMERGENCY),
        second={"urgency": 2, "reason": "4"},
        second_visit={"department": "emergency"},
    )
    serial = Pair("glucose", "I10", "原发性高血压", "cardiology", series_gap, kinds=_STAYS)
    return [
        pair_case("clinic_then_ward", pair, "violation"),
        pair_case("clinic_then_ward_scan", chest, "violation"),
        pair_case("emergency_alone", urgent, "violation"),
        pair_case("series_without_its_diagnosis", serial, "violation"),
        *_beyond_daily_maximum(items),
    ]


def _beyond_daily_maximum(items: Items) -> list[Case]:
    """A series that its diagnosis calls for, but one more than a day may hold: none of them is explained."""
    most = int(items.daily_maximum[items.number("crp")])
    if not 1 <= most <= _MOST_IN_A_CASE:
        return []
    gap = 6 * HOUR // most
    case = pair_case(
        "series_beyond_daily_maximum", Pair("crp", "J18.9", "肺炎", "respiratory", gap, kinds=_STAYS), "violation"
    )
    extra = range(3, most + 2)
    exams = tuple(Exam(f"x{n}", "v1", "crp", FIRST_EXAM + (n - 1) * gap) for n in extra)
    verdicts = tuple(Verdict("violation", REPEAT, f"x{n}", f"x{n - 1}") for n in extra)
    return [replace(case, exams=(*case.exams, *exams), verdicts=(*case.verdicts, *verdicts))]


def _chain(items: Items) -> Case:
    """Three in a row: each is judged against the one just before it."""
    case = pair_case("chain_of_three", _clinic(items, 4, 0.4), "violation")
    gap = round(items.interval(_CLINIC[4][0], "outpatient") * 0.4)
    third_visit = replace(case.visits[1], role="v3", start=case.visits[1].start + gap, end=case.visits[1].end + gap)
    third = replace(case.exams[1], role="x3", visit="v3", at=case.exams[1].at + gap)
    verdict = Verdict("violation", REPEAT, "x3", "x2")
    return replace(
        case,
        visits=(*case.visits, third_visit),
        exams=(*case.exams, third),
        verdicts=(*case.verdicts, verdict),
    )


def repeat_near_misses(items: Items) -> list[Case]:
    """Charts that look like repeats and are none."""
    made: dict[str, Pair] = {}
    for n in (0, 1, 4):
        made[f"gap_equals_interval_{_CLINIC[n][0]}"] = _clinic(items, n, 1.0)
        made[f"gap_minute_above_interval_{_CLINIC[n][0]}"] = _shifted(_clinic(items, n, 1.0), 1)
    for n in (0, 2):
        made[f"gap_equals_inpatient_interval_{_WARD[n][0]}"] = _ward(items, n, 1.0)
    made |= _unlike_pairs(items) | _no_event_pairs(items)
    cases = [pair_case(name, pair, "near_miss", name) for name, pair in made.items()]
    return [*cases, _within_anchor(items)]


def _unlike_pairs(items: Items) -> dict[str, Pair]:
    knee_gap = round(items.interval("knee_mr", "outpatient") * 0.4)
    knee = Pair(
        "knee_mr", "M17.9", "膝关节病", "orthopaedics", knee_gap, first={"side": _LEFT}, second={"side": _RIGHT}
    )
    liver = (items.interval("liver", "outpatient") + items.interval("liver", "inpatient")) // 2
    week = items.interval("abdomen_us", "outpatient") // DAY
    return {
        "other_institution": _clinic(items, 5, 0.4, second_visit={"template": SECONDARY}),
        "other_body_part": _clinic(items, 6, 0.4, second={"concept": "chest_ct"}),
        "other_laterality": knee,
        "same_moment": replace(_clinic(items, 4, 0.4), gap=0),
        "bare_dates_may_be_far_enough": replace(
            _clinic(items, 4, 0.4), gap=week * DAY, first={"is_bare": True}, second={"is_bare": True}
        ),
        "bare_index_date_may_be_far_enough": replace(
            _clinic(items, 4, 0.4), gap=week * DAY - HOUR, first={"is_bare": True}
        ),
        "item_without_interval": Pair("biopsy", "K29.5", "慢性胃炎", "gastroenterology", 2 * DAY),
        "imaging_without_body_part": Pair("ct_of_no_part", "R53", "不适和疲劳", "general_practice", 2 * DAY),
        "ward_then_clinic_beyond_interval": Pair(
            "liver", "K76.0", "脂肪性肝病", "gastroenterology", liver, kinds=(INPATIENT, OUTPATIENT)
        ),
    }


def _no_event_pairs(items: Items) -> dict[str, Pair]:
    return {
        "cancelled": _clinic(items, 0, 0.4, second={"status": orders.CANCELLED, "charge": orders.UNCHARGED}),
        "failed": _clinic(items, 4, 0.4, second={"status": orders.FAILED, "charge": orders.UNCHARGED}),
        "never_performed": _clinic(items, 5, 0.4, second={"status": orders.ORDERED, "charge": orders.UNCHARGED}),
        "earlier_cancelled": _clinic(items, 6, 0.4, first={"status": orders.CANCELLED, "charge": orders.UNCHARGED}),
        "reversed_by_pointer": _clinic(items, 1, 0.4, second={"reversal": orders.REVERSED_POINTED}),
        "reversed_by_negative_line": _clinic(items, 7, 0.4, second={"reversal": orders.REVERSED_UNPOINTED}),
        "charge_voided": _clinic(items, 3, 0.4, second={"reversal": orders.VOIDED}),
        "earlier_reversed": _clinic(items, 5, 0.3, first={"reversal": orders.REVERSED_POINTED}),
    }


def _within_anchor(items: Items) -> Case:
    """Two gaps above the interval, the last event judged against the one before it only."""
    gap = items.interval("abdomen_us", "outpatient") + 2 * HOUR
    pair = replace(_clinic(items, 4, 0.4), gap=gap)
    case = pair_case("steady_follow_up", pair, "near_miss", "steady_follow_up")
    visit = replace(case.visits[1], role="v3", start=case.visits[1].start + gap, end=case.visits[1].end + gap)
    exam = Exam("x3", "v3", pair.concept, FIRST_EXAM + 2 * gap)
    verdict = Verdict("near_miss", REPEAT, "x3", "x2", "steady_follow_up")
    return replace(case, visits=(*case.visits, visit), exams=(*case.exams, exam), verdicts=(*case.verdicts, verdict))
