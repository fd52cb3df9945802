"""The lock of the catalogue: what ran under a version stays what that version is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from detectors.catalogue import LOCK_PATH, SHIPPED, locked, write_lock
from schemas.errors import IntegrityError


def test_the_lock_holds_every_detector_as_it_stands() -> None:
    assert json.loads(LOCK_PATH.read_text(encoding="utf-8")) == locked(SHIPPED), "run `python -m detectors.catalogue`"


def test_a_changed_question_under_an_old_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "catalogue.lock.json"
    monkeypatch.setattr("detectors.catalogue.LOCK_PATH", lock)
    good = next(detector for detector in SHIPPED if detector.id == "readmission.cycle")
    write_lock((good,))
    question = tmp_path / "changed.sql"
    question.write_text(good.question.replace("$window_days", "$window_days + 1"), encoding="utf-8")
    changed = replace(good, question_path=question)
    with pytest.raises(IntegrityError, match="without a new version"):
        write_lock((changed,))
    write_lock((replace(changed, version=2),))
    assert json.loads(lock.read_text(encoding="utf-8"))[good.id]["version"] == 2
