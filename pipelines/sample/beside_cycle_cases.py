"""What goes with split stays: the same examinations again, stays and visits inside a stay, a self-paid stay between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipelines.sample.cases import BRIDGE, CYCLE, OVERLAP, REPEAT, RETEST, Case, Exam, Outcome, Verdict, Visit
from pipelines.sample.encounters import INPATIENT, INSURED, OUTPATIENT, SELF_PAID, TRANSFER
from pipelines.sample.institutions import SECONDARY
from pipelines.sample.moments import DAY, HOUR

_SLOW = ("lipids", "complement", "b12", "esr")
"""Examinations that need not be made again for a week or more, and that nothing but a calendar calls for here."""

_FIRST_DAYS, _SECOND_DAYS = 6, 5

Changes = Mapping[str, object]
"""What differs in a stay, as keyword arguments of Visit."""


def beside_cycle_cases(window_days: int) -> list[Case]:
    """Every case of readmission.retest_across_gap, readmission.overlapping_stay and readmission.self_paid_bridge."""
    return [*_retests(window_days), *_overlaps(), *_bridges()]


def _stay(role: str, first_day: int, days: int, **more: object) -> Visit:
    """From 10 in the morning of a day to 9 in the morning some days later."""
    start = first_day * DAY + 10 * HOUR
    told: dict[str, object] = {"department": "gastroenterology", "code": "K29.5", "name": "慢性胃炎"} | more
    return Visit(role, start, start + days * DAY - HOUR, INPATIENT, **told)  # type: ignore[arg-type]


def _link(index: str, flagged: str, outcome: Outcome = "violation", label: str = "") -> Verdict:
    return Verdict(outcome, CYCLE, flagged, index, label)


def _two_stays(gap_days: int, concepts: Sequence[str], first: Changes) -> tuple[tuple[Visit, ...], tuple[Exam, ...]]:
    """Two stays and the same examinations on the second morning of each."""
    second = _FIRST_DAYS + gap_days
    visits = (_stay("v1", 0, _FIRST_DAYS, **first), _stay("v2", second, _SECOND_DAYS))
    return visits, tuple(
        Exam(f"x{number}{visit.role}", visit.role, concept, visit.start + 22 * HOUR + 20 * number)
        for number, concept in enumerate(concepts)
        for visit in visits
    )


def _repeats(concepts: Sequence[str]) -> tuple[Verdict, ...]:
    """Each of the later examinations also comes before its interval is over."""
    return tuple(Verdict("violation", REPEAT, f"x{number}v2", f"x{number}v1") for number in range(len(concepts)))


def _retest(
    name: str, gap_days: int, concepts: Sequence[str], outcome: Outcome, label: str = "", first: Changes | None = None
) -> Case:
    visits, exams = _two_stays(gap_days, concepts, first or {})
    link = _link("v1", "v2", "legitimate" if outcome == "legitimate" else "violation", label)
    verdicts = (Verdict(outcome, RETEST, "v2", "v1", label), link, *_repeats(concepts))
    return Case(f"retest_{name}", visits, exams, verdicts)


def _retests(window_days: int) -> list[Case]:
    plan = {"plan": "化疗", "department": "oncology", "code": "C16.9", "name": "胃恶性肿瘤"}
    return [
        _retest("three_series", min(2, window_days), _SLOW[:3], "violation"),
        _retest("four_series_same_day", 0, _SLOW, "violation"),
        _retest("two_series_only", min(3, window_days), _SLOW[:2], "near_miss", "two_series_only"),
        _retest("planned", min(6, window_days), _SLOW[:3], "legitimate", "planned_readmission", plan),
    ]


def _overlap(name: str, visits: tuple[Visit, ...], outcome: Outcome, label: str = "", *more: Verdict) -> Case:
    verdict = Verdict(outcome, OVERLAP, "v2", "v1", label)
    return Case(f"beside_{name}", visits, (), (verdict, *more))


def _overlaps() -> list[Case]:
    """In the middle of a stay, on its last day, and after a transfer whose discharge was entered late."""
    stay = _stay("v1", 0, _FIRST_DAYS)
    visit = replace(stay, role="v2", start=3 * DAY + 9 * HOUR, end=3 * DAY + 10 * HOUR, kind=OUTPATIENT)
    last_day = replace(visit, start=_FIRST_DAYS * DAY + 14 * HOUR, end=_FIRST_DAYS * DAY + 15 * HOUR)
    elsewhere = _stay("v2", 2, 3, template=SECONDARY)
    sent_on = replace(stay, disposition=TRANSFER)
    received = _stay("v2", _FIRST_DAYS - 1, 4, template=SECONDARY)
    return [
        _overlap("stay_elsewhere", (stay, elsewhere), "violation"),
        _overlap("visit_elsewhere", (stay, replace(visit, template=SECONDARY)), "violation"),
        _overlap("visit_on_the_last_day", (stay, last_day), "near_miss", "visit_on_the_last_day"),
        _overlap("transferred", (sent_on, received), "legitimate", "transfer"),
    ]


def _bridge(name: str, pause_days: int, outcome: Outcome, label: str = "", purpose: str | None = None) -> Case:
    """An insured stay, a self-paid one, and an insured one again."""
    second = _FIRST_DAYS + pause_days
    third = second + 3 + pause_days
    visits = (
        _stay("v1", 0, _FIRST_DAYS, payer=INSURED),
        _stay("v2", second, 3, payer=SELF_PAID, plan=purpose),
        _stay("v3", third, _SECOND_DAYS, payer=INSURED),
    )
    planned = "legitimate" if outcome == "legitimate" else "violation"
    links = (_link("v1", "v2"), _link("v2", "v3", planned, label if planned == "legitimate" else ""))  # type: ignore[arg-type]
    return Case(f"bridge_{name}", visits, (), (Verdict(outcome, BRIDGE, "v3", "v1", label), *links))


def _bridges() -> list[Case]:
    return [
        _bridge("next_day", 1, "violation"),
        _bridge("two_days_between", 2, "near_miss", "two_days_between"),
        _bridge("planned", 0, "legitimate", "planned_readmission", "分期手术"),
    ]
