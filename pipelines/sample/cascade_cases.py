"""One body part imaged by several modalities in turn, and images that only look so."""

from __future__ import annotations

from dataclasses import replace

from pipelines.sample import orders
from pipelines.sample.cases import CASCADE, FIRST_EXAM, Case, Exam, Note, Outcome, Verdict, Visit
from pipelines.sample.encounters import INPATIENT, OUTPATIENT
from pipelines.sample.institutions import SECONDARY
from pipelines.sample.moments import DAY, HOUR

_CODE, _NAME = "R93.8", "其他身体结构诊断性影像检查的异常所见"
"""An illness that the background orders nothing for: what stands in the chart is what the case says."""

_KNEE = ("knee_film", "knee_ct", "knee_mr")
_ABDOMEN = ("abdomen_us", "abdomen_ct", "abdomen_mr")
_LEFT, _RIGHT, _BOTH = 1, 2, 3
WINDOW = 72 * HOUR
"""Minutes within which three kinds of imaging make a chain; the detector's own default."""


def cascade_cases() -> list[Case]:
    """Every case of repeat.modality_cascade."""
    return [*_violations(), *_near_misses(), *_legitimate()]


def _images(concepts: tuple[str, ...], gaps: tuple[int, ...], **more: object) -> tuple[Exam, ...]:
    """The images x1, x2 … of one stay or of one visit a day."""
    at = [FIRST_EXAM + sum(gaps[:place]) for place in range(len(concepts))]
    named = enumerate(zip(concepts, at, strict=True), start=1)
    return tuple(Exam(f"x{n}", "v1", concept, minute, **more) for n, (concept, minute) in named)  # type: ignore[arg-type]


def _chart(
    name: str, outcome: Outcome, exams: tuple[Exam, ...], label: str = "", kind: int = INPATIENT, index: str = "x1"
) -> Case:
    """Images of one stay, with a verdict on the last; out-patients come once for each."""
    visits = _stay(exams) if kind == INPATIENT else _visits(exams)
    if kind == OUTPATIENT:
        exams = tuple(replace(exam, visit=f"v{n}") for n, exam in enumerate(exams, start=1))
    verdict = Verdict(outcome, CASCADE, exams[-1].role, index, label)
    return Case(f"cascade_{name}", visits, exams, (verdict,))


def _visit(role: str, start: int, end: int, kind: int, **more: object) -> Visit:
    return Visit(role, start, end, kind, "orthopaedics", _CODE, _NAME, **more)  # type: ignore[arg-type]


def _stay(exams: tuple[Exam, ...]) -> tuple[Visit, ...]:
    return (_visit("v1", FIRST_EXAM - 20 * HOUR, exams[-1].at + DAY, INPATIENT),)


def _visits(exams: tuple[Exam, ...]) -> tuple[Visit, ...]:
    return tuple(_visit(f"v{n}", exam.at - 30, exam.at + 20, OUTPATIENT) for n, exam in enumerate(exams, start=1))


def _violations() -> list[Case]:
    """Three kinds of imaging of one part within the window, nothing found before."""
    days = (DAY, DAY)
    mixed = _images(_KNEE, days)
    sides = (replace(mixed[0], side=_BOTH), replace(mixed[1], side=_LEFT), replace(mixed[2], side=_LEFT))
    return [
        _chart("knee_on_a_ward", "violation", _images(_KNEE, days, side=_LEFT)),
        _chart("knee_in_the_clinic", "violation", _images(_KNEE, days, side=_RIGHT), kind=OUTPATIENT),
        _chart("abdomen_on_a_ward", "violation", _images(_ABDOMEN, (3 * HOUR, DAY))),
        _chart("abdomen_in_the_clinic", "violation", _images(_ABDOMEN, days), kind=OUTPATIENT),
        _chart("minute_below_window", "violation", _images(_ABDOMEN, (DAY, WINDOW - DAY - 1))),
        _chart("both_sides_first", "violation", sides),
        _chart("bare_dates", "violation", _images(_ABDOMEN, days, is_bare=True)),
        _chart("reason_not_borne_out", "violation", (*mixed[:2], replace(mixed[2], reason="1"))),
    ]


def _near_misses() -> list[Case]:
    """Too few kinds, too far apart, another part, another side, another institution, or not done."""
    days = (DAY, DAY)
    knee = _images(_KNEE, days, side=_LEFT)
    dead = {"status": orders.CANCELLED, "charge": orders.UNCHARGED}
    made = {
        "window_reached": _images(_ABDOMEN, (DAY, WINDOW - DAY)),
        "two_kinds": _images(_ABDOMEN[:2], days[:1]),
        "other_side": (knee[0], knee[1], replace(knee[2], side=_RIGHT)),
        "other_part": (knee[0], replace(knee[1], concept="abdomen_ct", side=0), knee[2]),
        "second_cancelled": (knee[0], replace(knee[1], **dead), knee[2]),  # type: ignore[arg-type]
    }
    cases = [_chart(name, "near_miss", exams, name) for name, exams in made.items()]
    moved = _chart("film_elsewhere", "near_miss", knee, "film_elsewhere", OUTPATIENT)
    elsewhere = replace(moved.visits[0], template=SECONDARY)
    return [*cases, replace(moved, visits=(elsewhere, *moved.visits[1:]))]


def _legitimate() -> list[Case]:
    """A finding called for the next image, or the record shows what happened between."""
    days = (DAY, DAY)
    images = _images(_ABDOMEN, days)
    found_second = (images[0], replace(images[1], abnormal=1), images[2])
    found_first = (replace(images[0], abnormal=1), *images[1:])
    between = FIRST_EXAM + DAY + 5 * HOUR
    operated = _chart("operated", "legitimate", images, "operation_between")
    injured = _chart("injured", "legitimate", images, "new_acute_diagnosis")
    failed = _chart("failed", "legitimate", images, "failed_index_study")
    attempt = Exam("xf", "v1", "abdomen_mr", images[2].at - 20, status=orders.FAILED, charge=orders.UNCHARGED)
    return [
        _chart("found_by_the_second", "legitimate", found_second, "abnormal_index_result", index="x2"),
        _chart("found_by_the_first", "legitimate", found_first, "abnormal_index_result"),
        replace(operated, procedures=(Note("v1", "51.23", "腹腔镜胆囊切除术", between),)),
        replace(injured, diagnoses=(Note("v1", "S36.1", "肝损伤", between),)),
        replace(failed, exams=(*failed.exams, attempt)),
    ]
