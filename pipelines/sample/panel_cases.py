"""Single tests beside a panel that contains them, and tests that only look so."""

from __future__ import annotations

from pipelines.sample import orders
from pipelines.sample.cases import FIRST_EXAM, PANEL, Case, Exam, Outcome, Verdict, Visit
from pipelines.sample.encounters import INPATIENT, OUTPATIENT
from pipelines.sample.institutions import LABORATORY, SECONDARY
from pipelines.sample.moments import DAY, HOUR

_CODE, _NAME = "R94.5", "肝功能检查的异常结果"
"""An illness that the background orders nothing for: what stands in the chart is what the case says."""


def panel_cases() -> list[Case]:
    """Every case of repeat.panel_overlap."""
    return [*_violations(), *_near_misses(), *_legitimate()]


def _visit(role: str, start: int, end: int, kind: int = OUTPATIENT, **more: object) -> Visit:
    return Visit(role, start, end, kind, "gastroenterology", _CODE, _NAME, **more)  # type: ignore[arg-type]


def _chart(
    name: str,
    outcome: Outcome,
    panel: Exam,
    single: Exam,
    label: str = "",
    kind: int = OUTPATIENT,
    more: tuple[Exam, ...] = (),
) -> Case:
    """A panel and a single test in one visit, with a verdict on the single one."""
    last = max(panel.at, single.at)
    start, end = (FIRST_EXAM - 20 * HOUR, last + DAY) if kind == INPATIENT else (FIRST_EXAM - 40, last + 30)
    visit = _visit("v1", start, end, kind)
    return Case(f"panel_{name}", (visit,), (panel, single, *more), (Verdict(outcome, PANEL, "x2", "x1", label),))


def _panel(concept: str, at: int = FIRST_EXAM, **more: object) -> Exam:
    return Exam("x1", "v1", concept, at, **more)  # type: ignore[arg-type]


def _single(concept: str, at: int = FIRST_EXAM, specimen: str = "x1", **more: object) -> Exam:
    return Exam("x2", "v1", concept, at, specimen=specimen, **more)  # type: ignore[arg-type]


def _violations() -> list[Case]:
    """The same specimen, or no specimen on record and next to no time between."""
    return [
        _chart("creatinine", "violation", _panel("renal"), _single("creatinine")),
        _chart("albumin", "violation", _panel("liver"), _single("albumin")),
        _chart("potassium_on_a_ward", "violation", _panel("electrolytes"), _single("potassium"), kind=INPATIENT),
        _chart("single_first", "violation", _panel("liver", FIRST_EXAM + 20), _single("albumin")),
        _chart("no_specimen_id", "violation", _panel("renal"), _single("creatinine", FIRST_EXAM + 60, "-")),
        _chart(
            "charged_only",
            "violation",
            _panel("renal", charge=orders.CHARGE_ONLY),
            _single("creatinine", charge=orders.CHARGE_ONLY),
        ),
        _chart("reason_claimed", "violation", _panel("electrolytes"), _single("calcium", reason="2")),
    ]


def _near_misses() -> list[Case]:
    """Another specimen, another day, another institution, or a panel that does not contain it."""
    dead = {"status": orders.FAILED, "charge": orders.UNCHARGED}
    made = {
        "another_specimen": (_panel("renal"), _single("creatinine", specimen="")),
        "specimen_id_lacking_an_hour_apart": (_panel("renal"), _single("creatinine", FIRST_EXAM + 61, "-")),
        "not_in_the_panel": (_panel("renal"), _single("albumin")),
        "the_panel_failed": (_panel("liver", **dead), _single("albumin")),
        "hours_unknown": (_panel("liver", is_bare=True), _single("albumin", specimen="-", is_bare=True)),
    }
    cases = [_chart(name, "near_miss", panel, single, name) for name, (panel, single) in made.items()]
    return [*cases, _next_day(), _other_institution()]


def _next_day() -> Case:
    """A tube that is tested again the day after."""
    name = "the_day_after"
    return _chart(name, "near_miss", _panel("renal"), _single("creatinine", FIRST_EXAM + DAY), name, INPATIENT)


def _other_institution() -> Case:
    """The panel was made at one institution, the single test at another, within the hour."""
    name = "panel_of_another_institution"
    visits = (
        _visit("v1", FIRST_EXAM - 40, FIRST_EXAM + 10),
        _visit("v2", FIRST_EXAM + 20, FIRST_EXAM + 60, template=SECONDARY),
    )
    exams = (_panel("liver"), Exam("x2", "v2", "albumin", FIRST_EXAM + 40, specimen="-"))
    return Case(f"panel_{name}", visits, exams, (Verdict("near_miss", PANEL, "x2", "x1", name),))


def _legitimate() -> list[Case]:
    """A first attempt failed; another laboratory answers for the test."""
    again = Exam("xf", "v1", "creatinine", FIRST_EXAM + 25, status=orders.FAILED, charge=orders.UNCHARGED)
    single = _single("creatinine", FIRST_EXAM + 50)
    sent = _single("albumin", performing=LABORATORY)
    return [
        _chart("failed_before", "legitimate", _panel("renal"), single, "failed_index_study", more=(again,)),
        _chart("sent_outside", "legitimate", _panel("liver"), sent, "external_examination"),
    ]
