"""The catalogue: every detector that any installed package brings, ours being merely the first entry point."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

from detectors.charging.pair_conflict import PAIR_CONFLICT
from detectors.declaration import Detector
from detectors.ordering.impossible_day import IMPOSSIBLE_DAY
from detectors.ordering.outlier_department import OUTLIER_DEPARTMENT
from detectors.ordering.outlier_practitioner import OUTLIER_PRACTITIONER
from detectors.ordering.trend_break import TREND_BREAK
from detectors.ordering.without_encounter import WITHOUT_ENCOUNTER
from detectors.readmission.cycle import CYCLE
from detectors.readmission.institution_rate import INSTITUTION_RATE
from detectors.readmission.los_piling import LOS_PILING
from detectors.readmission.overlapping_stay import OVERLAPPING_STAY
from detectors.readmission.plan_flags import PLAN_FLAGS
from detectors.readmission.pushed_out import PUSHED_OUT
from detectors.readmission.retest_across_gap import RETEST_ACROSS_GAP
from detectors.readmission.self_paid_bridge import SELF_PAID_BRIDGE
from detectors.repeat.across_institutions import ACROSS_INSTITUTIONS
from detectors.repeat.modality_cascade import MODALITY_CASCADE
from detectors.repeat.panel_overlap import PANEL_OVERLAP
from detectors.repeat.same_institution import SAME_INSTITUTION
from detectors.unfounded.admission_routine import ADMISSION_ROUTINE
from detectors.unfounded.contrast_with_and_without import CONTRAST_WITH_AND_WITHOUT
from detectors.unfounded.exam_only_admission import EXAM_ONLY_ADMISSION
from detectors.unfounded.frequency_limit import FREQUENCY_LIMIT
from detectors.unfounded.head_sinus_ct_same_day import HEAD_SINUS_CT_SAME_DAY
from detectors.unfounded.low_positive_rate import LOW_POSITIVE_RATE
from detectors.unfounded.lumbar_mr_without_prior_care import LUMBAR_MR_WITHOUT_PRIOR_CARE
from detectors.unfounded.no_indication import NO_INDICATION
from detectors.unfounded.sex_age_mismatch import SEX_AGE_MISMATCH
from schemas.errors import IntegrityError, SettingError

ENTRY_POINT_GROUP = "exam_audit.detectors"
LOCK_PATH = Path(__file__).parent / "catalogue.lock.json"

SHIPPED: tuple[Detector, ...] = (
    SAME_INSTITUTION,
    ACROSS_INSTITUTIONS,
    PANEL_OVERLAP,
    MODALITY_CASCADE,
    CYCLE,
    OUTLIER_PRACTITIONER,
    EXAM_ONLY_ADMISSION,
    FREQUENCY_LIMIT,
    NO_INDICATION,
    SEX_AGE_MISMATCH,
    OVERLAPPING_STAY,
    RETEST_ACROSS_GAP,
    SELF_PAID_BRIDGE,
    INSTITUTION_RATE,
    PLAN_FLAGS,
    PUSHED_OUT,
    LOS_PILING,
    ADMISSION_ROUTINE,
    LOW_POSITIVE_RATE,
    CONTRAST_WITH_AND_WITHOUT,
    HEAD_SINUS_CT_SAME_DAY,
    LUMBAR_MR_WITHOUT_PRIOR_CARE,
    WITHOUT_ENCOUNTER,
    IMPOSSIBLE_DAY,
    OUTLIER_DEPARTMENT,
    TREND_BREAK,
    PAIR_CONFLICT,
)
"""The detectors of this distribution."""


@cache
def load_catalogue() -> tuple[Detector, ...]:
    """Every detector by entry point, ordered by id; looked up once a process, for what is installed stays.

    Raises:
        IntegrityError: two packages bring a detector of the same id.
    """
    found: dict[str, Detector] = {}
    for entry in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda one: one.name):
        for detector in entry.load():
            if detector.id in found and found[detector.id] is not detector:
                raise IntegrityError("two packages bring a detector of the same id", got=detector.id, where=entry.value)
            found[detector.id] = detector
    return tuple(found[id_] for id_ in sorted(found))


def chosen(catalogue: Sequence[Detector], only: Iterable[str]) -> tuple[Detector, ...]:
    """Those detectors whose id is named or matched by a glob such as ``repeat.*``; all where ``only`` is empty.

    Raises:
        SettingError: a name matches none.
    """
    patterns = tuple(only)
    for pattern in patterns:
        if not any(fnmatchcase(detector.id, pattern) for detector in catalogue):
            raise SettingError(
                "no such detector",
                got=pattern,
                allowed=", ".join(detector.id for detector in catalogue),
                where="--only",
            )
    if not patterns:
        return tuple(catalogue)
    return tuple(d for d in catalogue if any(fnmatchcase(d.id, pattern) for pattern in patterns))


def locked(catalogue: Sequence[Detector]) -> dict[str, dict[str, str | int]]:
    """Version and hash of each detector, as catalogue.lock.json holds them."""
    return {d.id: {"version": d.version, "sha256": d.sha256} for d in catalogue}


def write_lock(catalogue: Sequence[Detector] = SHIPPED) -> Path:
    """Write catalogue.lock.json anew; refuses a changed hash under an unchanged version.

    Raises:
        IntegrityError: a question or judge changed and its version did not.
    """
    now = locked(catalogue)
    before = json.loads(LOCK_PATH.read_text(encoding="utf-8")) if LOCK_PATH.exists() else {}
    for id_, entry in now.items():
        old = before.get(id_)
        if old and old["version"] == entry["version"] and old["sha256"] != entry["sha256"]:
            raise IntegrityError(
                "a question changed without a new version",
                got=f"{id_} version {entry['version']}",
                allowed="raise `version` in the detector's card, then lock again",
                where=str(LOCK_PATH),
            )
    LOCK_PATH.write_text(json.dumps(now, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return LOCK_PATH


if __name__ == "__main__":
    print(write_lock())  # noqa: T201 - the command's output
