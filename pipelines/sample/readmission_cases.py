"""Discharges and returns: cycles, planned and explained returns, and charts just outside the window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipelines.sample.cases import CYCLE, OVERLAP, Case, Outcome, Verdict, Visit
from pipelines.sample.encounters import AGAINST_ADVICE, DIED, INPATIENT, OTHER, TRANSFER
from pipelines.sample.institutions import SECONDARY
from pipelines.sample.moments import DAY, HOUR

_WOMEN = (5,)
_CHILDREN = (0, 1)
_FIRST_DAYS, _SECOND_DAYS = 6, 5
_DECEMBER_29 = -3
"""Day on which the year-end case begins: 2024-12-29, so that its first stay is settled on 31 December."""


Changes = Mapping[str, object]
"""What differs in a stay, as keyword arguments of Visit."""


def _stays(gap_days: int, first: Changes | None = None, second: Changes | None = None) -> list[Visit]:
    """Two stays ``gap_days`` apart by calendar, for the same illness in the same department."""
    base = Visit("v1", 10 * HOUR, _FIRST_DAYS * DAY + 9 * HOUR, INPATIENT, "cardiology", "I25.1", "动脉硬化性心脏病")
    start = (_FIRST_DAYS + gap_days) * DAY + 15 * HOUR
    later = replace(base, role="v2", start=start, end=start + _SECOND_DAYS * DAY - 4 * HOUR)
    return [replace(base, **(first or {})), replace(later, **(second or {}))]  # type: ignore[arg-type]


def _case(name: str, visits: list[Visit], outcome: Outcome, label: str = "", **more: object) -> Case:
    verdict = Verdict(outcome, CYCLE, "v2", "v1", label)
    return Case(name, tuple(visits), (), (verdict,), **more)  # type: ignore[arg-type]


def readmission_violations(window_days: int) -> list[Case]:
    """Cycles at every tier up to the window, of one institution and of two, with and without excuses that fail."""
    gaps = sorted({min(gap, window_days) for gap in (0, 1, 2, 5, 7, 8, 11, window_days)})
    stomach = {"department": "gastroenterology", "code": "K29.5", "name": "慢性胃炎"}
    diabetes = {"department": "endocrinology", "code": "E11.9", "name": "2型糖尿病"}

    def within(days: int, first: Changes | None = None, second: Changes | None = None) -> list[Visit]:
        return _stays(min(days, window_days), first, second)

    made = {f"cycle_{gap}_days": within(gap) for gap in gaps} | {
        "same_day_other_department": within(0, second=stomach),
        "other_illness": within(3, second=diabetes),
        "other_institution": within(4, second={"template": SECONDARY}),
        "against_advice": within(6, first={"disposition": AGAINST_ADVICE}),
        "plan_without_purpose": within(9, first={"plan": ""}),
        "plan_of_no_known_purpose": within(10, first={"plan": "复查"}),
        "bare_dates": within(5, first={"is_bare": True}, second={"is_bare": True}),
        "after_interim_claim": _interim(within(4)),
    }
    cases = [_case(f"readmission_{name}", visits, "violation") for name, visits in made.items()]
    return [*cases, _chain(min(2, window_days))]


def _interim(visits: list[Visit]) -> list[Visit]:
    """The first stay is settled in two parts; its first part stands for it."""
    whole, second = visits
    cut = whole.start + 3 * DAY
    first = replace(whole, end=cut, is_interim=True, disposition=OTHER)
    rest = replace(whole, role="v1b", start=cut, stay="v1")
    return [first, rest, second]


def _chain(gap_days: int) -> Case:
    """Three stays in a row, equally far apart: two links, one episode."""
    first, second = _stays(gap_days)
    shift = (_SECOND_DAYS + gap_days) * DAY
    third = replace(second, role="v3", start=second.start + shift, end=second.end + shift)
    links = (Verdict("violation", CYCLE, "v2", "v1"), Verdict("violation", CYCLE, "v3", "v2"))
    return Case("readmission_chain", (first, second, third), (), links)


def readmission_legitimate() -> list[Case]:
    """A return for each exemption of the national pack; the label is the exemption's id."""
    tumour = {"code": "C34.9", "name": "肺恶性肿瘤", "department": "oncology"}
    birth = {"code": "O80", "name": "单胎顺产", "department": "obstetrics"}
    threat = {"code": "O47.0", "name": "假临产", "department": "obstetrics"}
    newborn = {"code": "P59.9", "name": "新生儿黄疸", "department": "paediatrics"}
    infarction = {"code": "I21.9", "name": "急性心肌梗死"}
    fracture = {"code": "S72.0", "name": "股骨颈骨折", "department": "orthopaedics"}
    exercise = {"code": "Z50.1", "name": "其他物理治疗", "department": "rehabilitation"}
    drugs = tumour | {"code": "Z51.1", "name": "肿瘤化学治疗"}
    made: dict[str, tuple[list[Visit], str, dict[str, object]]] = {
        "chemotherapy": (_stays(12, tumour, drugs), "planned_readmission", {}),
        "planned_chemotherapy": (_stays(14, tumour | {"plan": "化疗"}, tumour), "planned_readmission", {}),
        "staged_operation": (_stays(10, {"plan": "分期手术"}), "planned_readmission", {}),
        "rehabilitation": (_stays(1, second=exercise), "planned_readmission", {}),
        "dialysis": (
            _stays(7, {"department": "nephrology", "code": "N18.9", "name": "慢性肾脏病"},
                   {"department": "nephrology", "code": "Z49.1", "name": "体外透析"}),
            "planned_readmission",
            {},
        ),
        "transferred": (
            _stays(0, {"disposition": TRANSFER}, {"template": SECONDARY, "came_from": "v1"}), "transfer", {},
        ),
        "received": (_stays(1, second={"template": SECONDARY, "came_from": "v1"}), "transfer_link", {}),
        "new_infarction": (_stays(5, {"code": "I10", "name": "原发性高血压"}, infarction), "new_acute_diagnosis", {}),
        "new_fracture": (_stays(8, second=fracture), "new_acute_diagnosis", {}),
        "birth": (_stays(6, threat, birth), "newborn_or_obstetric", {"groups": _WOMEN}),
        "newborn": (_stays(2, newborn, newborn), "newborn_or_obstetric", {"groups": _CHILDREN}),
    }  # fmt: skip
    cases = [
        _case(f"return_{name}", visits, "legitimate", label, **more) for name, (visits, label, more) in made.items()
    ]
    return [*cases, _year_end()]


def _year_end() -> Case:
    """Settled on 31 December because the insurance year ended, admitted again the next day."""
    first = Visit("v1", 10 * HOUR, 2 * DAY + 17 * HOUR, INPATIENT, "rehabilitation", "I69.3", "脑梗死后遗症")
    second = replace(first, role="v2", start=3 * DAY + 8 * HOUR, end=9 * DAY + 10 * HOUR)
    return _case("return_year_end", [first, second], "legitimate", "year_end_settlement", first_day=_DECEMBER_29)


def readmission_near_misses(window_days: int) -> list[Case]:
    """Pairs of stays that are no cycle."""
    overlapping = _stays(2)
    overlapping[1] = replace(overlapping[1], start=overlapping[0].end - DAY, template=SECONDARY)
    parts = _interim(_stays(60))
    same_case = [parts[0], replace(parts[1], role="v2")]
    made = {
        "gap_day_above_window": _stays(window_days + 1),
        "gap_far_above_window": _stays(2 * window_days + 4),
        "died": _stays(4, first={"disposition": DIED}),
        "overlapping": overlapping,
        "interim_claim": same_case,
    }
    cases = [_case(f"apart_{name}", visits, "near_miss", name) for name, visits in made.items()]
    beside = Verdict("violation", OVERLAP, "v2", "v1")
    return [
        replace(case, verdicts=(*case.verdicts, beside)) if case.name == "apart_overlapping" else case for case in cases
    ]
