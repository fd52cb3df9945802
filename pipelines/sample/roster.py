"""All cases that can be planted, and how often: the roster that scenario patients go through in turn."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipelines.sample.beside_cycle_cases import beside_cycle_cases
from pipelines.sample.cascade_cases import cascade_cases
from pipelines.sample.cases import Case, Exam, Note, Verdict, Visit
from pipelines.sample.encounters import DIED
from pipelines.sample.exams import Items
from pipelines.sample.medicine import DEPARTMENT_KEYS, DIAGNOSES
from pipelines.sample.moments import DAY
from pipelines.sample.panel_cases import panel_cases
from pipelines.sample.readmission_cases import readmission_legitimate, readmission_near_misses, readmission_violations
from pipelines.sample.recognition_cases import recognition_cases
from pipelines.sample.repeat_cases import repeat_near_misses, repeat_violations
from pipelines.sample.repeat_legitimate import repeat_legitimate
from pipelines.sample.unfounded_cases import unfounded_cases
from schemas.pack import Pack

DEFAULT_WINDOW_DAYS = 15
"""Readmission window where the pack sets none; the detector's own default."""

WITHOUT_INTERVAL = ("biopsy", "newborn_screen")
"""Concepts of cases whose items must have no interval."""

FOR_EVER = 100 * 365 * DAY
"""End of the time in which nothing else may happen to a patient who died."""

CLEARANCE = 45 * DAY
"""Free time before and after a case: beyond every readmission window, and every acute diagnosis before it."""


@dataclass(frozen=True)
class Roster:
    """Cases as tables, one row an event, each with the number of its case in ``case``.

    Attributes:
        cases: the cases in the order of their numbers.
        visits, exams, diagnoses, procedures, verdicts: rows of all cases.
    """

    cases: tuple[Case, ...]
    visits: pl.DataFrame
    exams: pl.DataFrame
    diagnoses: pl.DataFrame
    procedures: pl.DataFrame
    verdicts: pl.DataFrame


def build_roster(items: Items, pack: Pack) -> Roster:
    """Every case that the pack's items and intervals make possible."""
    window = int(pack.parameters.get("readmission.cycle", {}).get("window_days", DEFAULT_WINDOW_DAYS))
    cases = [
        *repeat_violations(items),
        *repeat_near_misses(items),
        *repeat_legitimate(items),
        *readmission_violations(window),
        *readmission_near_misses(window),
        *readmission_legitimate(),
        *beside_cycle_cases(window),
        *recognition_cases(items),
        *panel_cases(),
        *cascade_cases(),
        *unfounded_cases(),
    ]
    possible = tuple(case for case in cases if _is_possible(case, items))
    numbered = list(enumerate(possible))
    return Roster(
        cases=possible,
        visits=_frame([_visit_row(number, visit) for number, case in numbered for visit in case.visits]),
        exams=_frame([_exam_row(number, exam, items) for number, case in numbered for exam in case.exams]),
        diagnoses=_frame([_note_row(number, note) for number, case in numbered for note in case.diagnoses]),
        procedures=_frame([_note_row(number, note) for number, case in numbered for note in case.procedures]),
        verdicts=_frame([_verdict_row(number, verdict) for number, case in numbered for verdict in case.verdicts]),
    )


def _is_possible(case: Case, items: Items) -> bool:
    """The pack has the items, with intervals, but for the item that must have none."""
    if any(items.number(concept) < 0 for concept in case.concepts):
        return False
    has = {concept: items.interval(concept, "outpatient") > 0 for concept in case.concepts}
    return all(known == (concept not in WITHOUT_INTERVAL) for concept, known in has.items())


def _frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None)


def _visit_row(case: int, visit: Visit) -> dict[str, object]:
    codes = [diagnosis.code for diagnosis in DIAGNOSES]
    return {
        "case_number": case,
        "role": visit.role,
        "start": visit.start,
        "end": visit.end,
        "type": visit.kind,
        "department": DEPARTMENT_KEYS.index(visit.department),
        "diagnosis": visit.code,
        "diagnosis_name": visit.name,
        "illness": codes.index(visit.code) if visit.code in codes else -1,
        "template": visit.template,
        "disposition": visit.disposition,
        "stay": visit.stay or visit.role,
        "is_interim": visit.is_interim,
        "came_from": visit.came_from,
        "plan": visit.plan is not None,
        "plan_purpose": visit.plan or None,
        "is_bare": visit.is_bare,
        "is_untreated": visit.is_untreated,
        "payer": visit.payer,
    }


def _exam_row(case: int, exam: Exam, items: Items) -> dict[str, object]:
    return {
        "case_number": case,
        "role": exam.role,
        "visit": exam.visit,
        "item": items.number(exam.concept),
        "performed": exam.at,
        "side": exam.side,
        "performing_template": exam.performing,
        "status": exam.status,
        "charge": exam.charge,
        "reversal": exam.reversal,
        "urgency": exam.urgency,
        "reason": exam.reason,
        "abnormal": exam.abnormal,
        "level": exam.level,
        "has_part": exam.has_part,
        "is_bare": exam.is_bare,
        "specimen": exam.specimen or exam.role,
        "is_shared": exam.is_shared,
        "units": exam.units,
    }


def _note_row(case: int, note: Note) -> dict[str, object]:
    return {"case_number": case, "visit": note.visit, "code": note.code, "name": note.name, "at": note.at}


def _verdict_row(case: int, verdict: Verdict) -> dict[str, object]:
    return {
        "case_number": case,
        "outcome": verdict.outcome,
        "detector_id": verdict.detector,
        "flagged": verdict.flagged,
        "index": verdict.index,
        "label": verdict.label,
    }


def span(case: Case) -> tuple[int, int]:
    """Minutes around the case in which nothing else may happen to its patient."""
    first, last = case.extent
    dies = any(visit.disposition == DIED for visit in case.visits)
    return first - CLEARANCE, FOR_EVER if dies else last + CLEARANCE
