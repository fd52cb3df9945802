"""What can be planted: a case is a small chart in relative time, with the verdict that the chart deserves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from pipelines.sample.encounters import HOME, INPATIENT, OUTPATIENT
from pipelines.sample.institutions import TERTIARY
from pipelines.sample.medicine import ILLNESSES
from pipelines.sample.moments import DAY, HOUR
from pipelines.sample.orders import CHARGED, KEPT, PERFORMED

REPEAT = "repeat.same_institution"
ACROSS = "repeat.across_institutions"
PANEL = "repeat.panel_overlap"
CASCADE = "repeat.modality_cascade"
CYCLE = "readmission.cycle"
OVERLAP = "readmission.overlapping_stay"
RETEST = "readmission.retest_across_gap"
BRIDGE = "readmission.self_paid_bridge"
OUTLIER = "ordering.outlier_practitioner"
NO_INDICATION = "unfounded.no_indication"
SEX_AGE = "unfounded.sex_age_mismatch"
FREQUENCY = "unfounded.frequency_limit"
EXAM_ONLY = "unfounded.exam_only_admission"

Outcome = Literal["violation", "legitimate", "near_miss"]


@dataclass(frozen=True)
class Visit:
    """An encounter of a case; minutes count from midnight of the case's first day.

    Attributes:
        role: name within the case.
        start, end: minutes.
        kind: number of the encounter type.
        department: key of medicine.DEPARTMENTS.
        code, name: main diagnosis.
        template: institution template.
        disposition: how a stay ends.
        stay: role of the first part, where several visits are one stay.
        is_interim: settled part of a stay that goes on.
        came_from: role of the encounter that the patient was transferred from.
        plan: purpose of a planned return, or None; "" is a plan flag without purpose.
        is_bare: dates without hours.
        is_untreated: nothing but bed and nursing is charged beside the examinations.
        payer: index into encounters.PAYERS, −1 = as the patient's scheme says.
    """

    role: str
    start: int
    end: int
    kind: int
    department: str
    code: str
    name: str
    template: int = TERTIARY
    disposition: int = HOME
    stay: str = ""
    is_interim: bool = False
    came_from: str = ""
    plan: str | None = None
    is_bare: bool = False
    is_untreated: bool = False
    payer: int = -1


@dataclass(frozen=True)
class Exam:
    """An examination of a case.

    Attributes:
        role, visit: its name, and the visit in which it was ordered.
        concept: key of exams.CONCEPTS.
        at: minute in which it was performed.
        side: index into orders.SIDES.
        performing: institution template that performed it for the ordering one, −1 = none.
        status, charge, reversal: as in orders.
        urgency: index into orders.URGENCIES.
        reason: claimed reason for examining again.
        abnormal: whether the result is abnormal.
        level: the result over the middle of the reference range.
        has_part, is_bare: whether the body part is written, whether only the date is.
        specimen: role of the examination whose specimen it shares, empty for one of its own, "-" for none on record.
        is_shared: whether other institutions can see the report.
        units: how many units are charged.
    """

    role: str
    visit: str
    concept: str
    at: int
    side: int = 0
    performing: int = -1
    status: int = PERFORMED
    charge: int = CHARGED
    reversal: int = KEPT
    urgency: int = 0
    reason: str | None = None
    abnormal: int = 0
    level: float = 1.0
    has_part: bool = True
    is_bare: bool = False
    specimen: str = ""
    is_shared: bool = True
    units: int = 1


@dataclass(frozen=True)
class Note:
    """A diagnosis or procedure that a case adds to a visit."""

    visit: str
    code: str
    name: str
    at: int


@dataclass(frozen=True)
class Verdict:
    """What is true of one event: flagged and index are roles ("" for none), ``label`` an exemption or a near miss."""

    outcome: Outcome
    detector: str
    flagged: str
    index: str
    label: str = ""


@dataclass(frozen=True)
class Case:
    """One chart that can be planted.

    Attributes:
        name: unique.
        visits, exams, diagnoses, procedures: what the chart holds.
        verdicts: what is true of it.
        groups: population groups that it may happen to, first choice first.
        first_day: day of 2025 on which it begins, None = any.
    """

    name: str
    visits: tuple[Visit, ...]
    exams: tuple[Exam, ...]
    verdicts: tuple[Verdict, ...]
    diagnoses: tuple[Note, ...] = ()
    procedures: tuple[Note, ...] = ()
    groups: tuple[int, ...] = (6, 7, 8, 9)
    first_day: int | None = None

    @property
    def concepts(self) -> set[str]:
        """Examinations that the pack must have for the case to be possible."""
        return {exam.concept for exam in self.exams}

    @property
    def extent(self) -> tuple[int, int]:
        """First and last minute of the chart."""
        minutes = [visit.start for visit in self.visits] + [visit.end for visit in self.visits]
        return min(minutes), max(minutes)


FIRST_EXAM = 9 * HOUR + 40
"""Minute of the first day at which the earlier examination of a pair is performed."""


def by_day(minutes: int) -> int:
    """The longest gap up to ``minutes`` after which a clinic is open again: whole days, else six hours."""
    return minutes // DAY * DAY if minutes >= DAY else min(minutes, 6 * HOUR)


@dataclass(frozen=True)
class Pair:
    """Two examinations and the visits around them: the shape of most repeat cases.

    Attributes:
        concept, code: what is examined, and for which illness of medicine.ILLNESSES.
        gap: minutes between the two.
        department: key of medicine.DEPARTMENTS, empty for the illness's own.
        kinds: encounter types of the earlier and the later visit; two stays of one kind are one stay.
        first, second: what differs in the two examinations, as keyword arguments of Exam.
        second_visit: what differs in the later visit, as keyword arguments of Visit.
    """

    concept: str
    code: str
    gap: int
    department: str = ""
    kinds: tuple[int, int] = (OUTPATIENT, OUTPATIENT)
    template: int = TERTIARY
    first: Mapping[str, object] = field(default_factory=dict)
    second: Mapping[str, object] = field(default_factory=dict)
    second_visit: Mapping[str, object] = field(default_factory=dict)

    def chart(self) -> tuple[tuple[Visit, ...], tuple[Exam, ...]]:
        """Visits v1 (and v2), examinations x1 and x2."""
        later = FIRST_EXAM + self.gap
        is_one = self._is_one_visit
        visits = self._visits(later, is_one)
        exams = (
            replace(Exam("x1", "v1", self.concept, FIRST_EXAM), **self.first),  # type: ignore[arg-type]
            replace(Exam("x2", "v1" if is_one else "v2", self.concept, later), **self.second),  # type: ignore[arg-type]
        )
        return visits, exams

    @property
    def _is_one_visit(self) -> bool:
        if self.second_visit or self.kinds[0] != self.kinds[1]:
            return False
        return self.kinds[0] == INPATIENT or self.gap <= 3 * HOUR

    def _visits(self, later: int, is_one: bool) -> tuple[Visit, ...]:
        illness = ILLNESSES[self.code]
        department = self.department or illness.department
        place = {"department": department, "code": self.code, "name": illness.name, "template": self.template}
        first_end = FIRST_EXAM + 45
        if self.kinds[0] == INPATIENT:
            first_end = max(later + 5 * HOUR, DAY) if is_one else FIRST_EXAM + 6 * HOUR
        elif is_one:
            first_end = later + 30
        start = FIRST_EXAM - (20 * HOUR if self.kinds[0] == INPATIENT else 40)
        first = Visit("v1", start, first_end, self.kinds[0], **place)  # type: ignore[arg-type]
        if is_one:
            return (first,)
        end = later + (2 * DAY if self.kinds[1] == INPATIENT else 45)
        second = Visit("v2", max(later - 40, first_end + 5), end, self.kinds[1], **place)  # type: ignore[arg-type]
        return first, replace(second, **self.second_visit)  # type: ignore[arg-type]


def pair_case(
    name: str, pair: Pair, outcome: Outcome, label: str = "", detector: str = REPEAT, **notes: object
) -> Case:
    """A case of two examinations and one verdict on the later one."""
    visits, exams = pair.chart()
    verdict = Verdict(outcome, detector, "x2", "x1", label)
    return Case(name, visits, exams, (verdict,), **notes)  # type: ignore[arg-type]
