"""Repeats without a reason, and charts that fall just short of one, at every boundary of the rule."""

from __future__ import annotations

from dataclasses import replace

from pipelines.sample import orders
from pipelines.sample.cases import FIRST_EXAM, REPEAT, Case, Exam, Pair, Verdict, by_day, pair_case
from pipelines.sample.encounters import EMERGENCY, INPATIENT, OUTPATIENT
from pipelines.sample.exams import Items
from pipelines.sample.institutions import PRIVATE, SECONDARY
from pipelines.sample.moments import DAY, HOUR

_CLINIC = {
    "liver": "K76.0",
    "lipids": "I10",
    "hba1c": "E11.9",
    "thyroid": "E05.9",
    "abdomen_us": "K29.5",
    "chest_ct": "J44.1",
    "head_ct": "G43.9",
    "heart_us": "I10",
    "ferritin": "D50.9",
    "vitamin_d": "M54.5",
    "thyroid_us": "E04.1",
    "spine_mr": "M51.2",
}
"""Examination → illness of the out-patient pairs."""

_WARD = {
    "liver": "I25.1",
    "lipids": "I25.1",
    "chest_ct": "C34.9",
    "blood_count": "M51.2",
    "electrolytes": "I10",
    "urine": "E11.9",
    "heart_us": "E11.9",
}
"""Examination → illness of the in-patient pairs."""

_STAYS = (INPATIENT, INPATIENT)
_LEFT, _RIGHT, _BOTH = 1, 2, 3
_MOST_IN_A_CASE = 4


def _clinic(items: Items, concept: str, gap: float, **more: object) -> Pair:
    """The out-patient pair of that examination, ``gap`` a share of its interval; below 1 it falls into clinic hours."""
    minutes = round(items.interval(concept, "outpatient") * gap)
    return Pair(concept, _CLINIC[concept], by_day(minutes) if gap < 1 else minutes, **more)  # type: ignore[arg-type]


def _ward(items: Items, concept: str, gap: float, **more: object) -> Pair:
    """The in-patient pair of that examination, ``gap`` given as a share of its interval."""
    minutes = round(items.interval(concept, "inpatient") * gap)
    return Pair(concept, _WARD[concept], minutes, kinds=_STAYS, **more)  # type: ignore[arg-type]


def _shifted(pair: Pair, minutes: int) -> Pair:
    return replace(pair, gap=pair.gap + minutes)


def repeat_violations(items: Items) -> list[Case]:
    """Every way in which a repeat can be a repeat."""
    cases = [pair_case(f"clinic_{concept}", _clinic(items, concept, 0.45), "violation") for concept in _CLINIC]
    cases += [pair_case(f"ward_{concept}", _ward(items, concept, 0.5), "violation") for concept in _WARD]
    for concept in ("liver", "lipids", "abdomen_us", "chest_ct"):
        pair = _shifted(_clinic(items, concept, 1.0), -1)
        cases.append(pair_case(f"clinic_{concept}_minute_below", pair, "violation"))
    for concept in ("liver", "chest_ct", "blood_count"):
        pair = _shifted(_ward(items, concept, 1.0), -1)
        cases.append(pair_case(f"ward_{concept}_minute_below", pair, "violation"))
    return [*cases, *_record_violations(items), *_setting_violations(items), _chain(items)]


def _record_violations(items: Items) -> list[Case]:
    """Repeats that only a careful reading of the record finds."""
    knee_gap = by_day(round(items.interval("knee_mr", "outpatient") * 0.4))
    knee = Pair("knee_mr", "M17.9", knee_gap)
    made = {
        "bilateral_then_left": replace(knee, first={"side": _BOTH}, second={"side": _LEFT}),
        "right_then_bilateral": replace(knee, first={"side": _RIGHT}, second={"side": _BOTH}),
        "left_then_left": replace(knee, first={"side": _LEFT}, second={"side": _LEFT}),
        "bare_dates": _days(items, "lipids", first={"is_bare": True}, second={"is_bare": True}),
        "bare_index_date": _days(items, "thyroid", first={"is_bare": True}),
        "bare_flagged_date": _days(items, "hba1c", second={"is_bare": True}),
        "charge_without_order": _clinic(items, "abdomen_us", 0.4, second={"charge": orders.CHARGE_ONLY}),
        "earlier_charge_without_order": _clinic(items, "head_ct", 0.4, first={"charge": orders.CHARGE_ONLY}),
        "charge_lost_its_order": _clinic(items, "heart_us", 0.4, second={"charge": orders.CHARGE_WITHOUT_ORDER_ID}),
        "uncharged": _clinic(items, "liver", 0.4, second={"charge": orders.UNCHARGED}),
        "half_reversed": _clinic(items, "chest_ct", 0.4, second={"reversal": orders.HALF_REVERSED}),
        "part_only_in_item": _clinic(items, "head_ct", 0.3, first={"has_part": False}, second={"has_part": False}),
        "reason_not_borne_out": _clinic(items, "lipids", 0.5, second={"reason": "1"}),
        "major_step_not_borne_out": _ward(items, "chest_ct", 0.4, second={"reason": "3"}),
        "local_reason_not_borne_out": _clinic(items, "ferritin", 0.4, second={"reason": "QT"}),
        "other_item_of_the_family": _clinic(items, "chest_ct", 0.4, second={"concept": "chest_ct_contrast"}),
        "local_codes": _clinic(items, "liver", 0.3, template=PRIVATE),
        "at_a_secondary_hospital": _clinic(items, "heart_us", 0.5, template=SECONDARY),
    }
    cases = [pair_case(name, pair, "violation") for name, pair in made.items()]
    return [*cases, _doubled(items)]


def _days(items: Items, concept: str, **more: object) -> Pair:
    """An out-patient pair whole days apart, so few that even the longest possible gap is inside its interval."""
    pair = _clinic(items, concept, 0.4)
    return replace(pair, gap=max(1, pair.gap // DAY) * DAY, **more)  # type: ignore[arg-type]


def _doubled(items: Items) -> Case:
    """The later examination was entered twice for the same minute: one event, which bears the lesser id."""
    case = pair_case("doubled_entry", _clinic(items, "heart_us", 0.35), "violation")
    return replace(case, exams=(*case.exams, case.exams[1]))


def _setting_violations(items: Items) -> list[Case]:
    """The interval is that of the later setting: a stable in-patient waits longer."""
    ward_waits = items.interval("liver", "inpatient")
    between = (items.interval("liver", "outpatient") + ward_waits) // 2
    pair = Pair("liver", "K76.0", between, kinds=(OUTPATIENT, INPATIENT))
    scan_gap, series_gap = items.interval("chest_ct", "inpatient") // 2, items.interval("glucose", "inpatient") // 4
    chest = Pair("chest_ct", "C34.9", scan_gap, kinds=(OUTPATIENT, INPATIENT))
    urgent = replace(
        chest,
        kinds=(OUTPATIENT, EMERGENCY),
        second={"urgency": 2, "reason": "4"},
        second_visit={"department": "emergency"},
    )
    serial = Pair("glucose", "I10", series_gap, kinds=_STAYS)
    return [
        *([pair_case("clinic_then_ward", pair, "violation")] if between < ward_waits else []),
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
    case = pair_case("series_beyond_daily_maximum", Pair("crp", "J18.9", gap, kinds=_STAYS), "violation")
    extra = range(3, most + 2)
    exams = tuple(Exam(f"x{n}", "v1", "crp", FIRST_EXAM + (n - 1) * gap) for n in extra)
    verdicts = tuple(Verdict("violation", REPEAT, f"x{n}", f"x{n - 1}") for n in extra)
    return [replace(case, exams=(*case.exams, *exams), verdicts=(*case.verdicts, *verdicts))]


def _chain(items: Items) -> Case:
    """Three in a row: each is judged against the one just before it."""
    case = pair_case("chain_of_three", _clinic(items, "abdomen_us", 0.4), "violation")
    gap = case.exams[1].at - case.exams[0].at
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
    for concept in ("liver", "lipids", "abdomen_us"):
        made[f"gap_equals_interval_{concept}"] = _clinic(items, concept, 1.0)
        made[f"gap_minute_above_interval_{concept}"] = _shifted(_clinic(items, concept, 1.0), 1)
    for concept in ("liver", "chest_ct"):
        made[f"gap_equals_inpatient_interval_{concept}"] = _ward(items, concept, 1.0)
    made |= _unlike_pairs(items) | _no_event_pairs(items)
    cases = [pair_case(name, pair, "near_miss", name) for name, pair in made.items()]
    return [*cases, _within_anchor(items)]


def _unlike_pairs(items: Items) -> dict[str, Pair]:
    knee_gap = by_day(round(items.interval("knee_mr", "outpatient") * 0.4))
    knee = Pair("knee_mr", "M17.9", knee_gap, first={"side": _LEFT}, second={"side": _RIGHT})
    liver = (items.interval("liver", "outpatient") + items.interval("liver", "inpatient")) // 2
    week = items.interval("abdomen_us", "outpatient") // DAY
    return {
        "other_institution": _clinic(items, "thyroid", 0.4, second_visit={"template": SECONDARY}),
        "other_body_part": _clinic(items, "head_ct", 0.4, second={"concept": "chest_ct"}),
        "other_laterality": knee,
        "same_moment": replace(_clinic(items, "abdomen_us", 0.4), gap=0),
        "bare_dates_may_be_far_enough": replace(
            _clinic(items, "abdomen_us", 0.4), gap=week * DAY, first={"is_bare": True}, second={"is_bare": True}
        ),
        "bare_index_date_may_be_far_enough": replace(
            _clinic(items, "abdomen_us", 0.4), gap=week * DAY - HOUR, first={"is_bare": True}
        ),
        "item_without_interval": Pair("biopsy", "K29.5", 2 * DAY),
        "imaging_without_body_part": Pair("ct_of_no_part", "R53", 2 * DAY),
        "ward_then_clinic_beyond_interval": Pair("liver", "K76.0", liver, kinds=(INPATIENT, OUTPATIENT)),
    }


def _no_event_pairs(items: Items) -> dict[str, Pair]:
    return {
        "cancelled": _clinic(items, "liver", 0.4, second={"status": orders.CANCELLED, "charge": orders.UNCHARGED}),
        "failed": _clinic(items, "abdomen_us", 0.4, second={"status": orders.FAILED, "charge": orders.UNCHARGED}),
        "never_performed": _clinic(
            items, "chest_ct", 0.4, second={"status": orders.ORDERED, "charge": orders.UNCHARGED}
        ),
        "earlier_cancelled": _clinic(
            items, "head_ct", 0.4, first={"status": orders.CANCELLED, "charge": orders.UNCHARGED}
        ),
        "reversed_by_pointer": _clinic(items, "lipids", 0.4, second={"reversal": orders.REVERSED_POINTED}),
        "reversed_by_negative_line": _clinic(items, "heart_us", 0.4, second={"reversal": orders.REVERSED_UNPOINTED}),
        "charge_voided": _clinic(items, "thyroid", 0.4, second={"reversal": orders.VOIDED}),
        "earlier_reversed": _clinic(items, "chest_ct", 0.3, first={"reversal": orders.REVERSED_POINTED}),
    }


def _within_anchor(items: Items) -> Case:
    """Two gaps above the interval, the last event judged against the one before it only."""
    gap = items.interval("abdomen_us", "outpatient") + 2 * HOUR
    pair = replace(_clinic(items, "abdomen_us", 0.4), gap=gap)
    case = pair_case("steady_follow_up", pair, "near_miss", "steady_follow_up")
    visit = replace(case.visits[1], role="v3", start=case.visits[1].start + gap, end=case.visits[1].end + gap)
    exam = Exam("x3", "v3", pair.concept, FIRST_EXAM + 2 * gap)
    verdict = Verdict("near_miss", REPEAT, "x3", "x2", "steady_follow_up")
    return replace(case, visits=(*case.visits, visit), exams=(*case.exams, exam), verdicts=(*case.verdicts, verdict))
