"""Why a detector did not run, and which files with which columns would make it run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from reports.words import word
from schemas.card import Text

_MISSING = "missing "
_NOT_JUDGED = "not judged: "
_TOO_FEW = re.compile(r"(\d+) with (too few \w+)")
_TOO_FEW_ZH = {"too few cases": "例数不足", "too few reports": "报告不足", "too few peers": "同行不足"}
_SWITCHED_OFF = re.compile(r"switched off by quality check (?P<check>\S+) on (?P<table>\S+)")


def reason_in_words(reason: str | None) -> Text:
    """Why a detector did not run or whom it could not judge; a reason of another shape is shown as it is."""
    if reason is None:
        return Text(en="–", zh="–")
    if reason.startswith(_NOT_JUDGED):
        return Text(en=reason, zh=_not_judged_zh(reason))
    if reason.startswith(_MISSING):
        return Text(en=reason, zh=f"{word('need.missing').zh}{reason.removeprefix(_MISSING)}")
    off = _SWITCHED_OFF.fullmatch(reason)
    if off is None:
        return Text(en=reason, zh=reason)
    return Text(en=reason, zh=word("need.switched_off").zh.format(check=off["check"], table=off["table"]))


def _not_judged_zh(reason: str) -> str:
    """``not judged: 3 with too few cases, 2 with too few peers`` in Chinese."""
    told = [f"{number}个{_TOO_FEW_ZH.get(few, few)}" for number, few in _TOO_FEW.findall(reason)]
    return f"未判断：{'、'.join(told)}"


def would_make_it_run(reason: str | None) -> Text | None:
    """The files and columns to deliver, in words; None where the reason is not that something is missing.

    Args:
        reason: ``missing exam_order.performed_at, consent or exam_result``: needs joined by commas, alternatives by or.
    """
    if reason is None or not reason.startswith(_MISSING):
        return None
    needs = [need.split(" or ") for need in reason.removeprefix(_MISSING).split(", ")]
    sides = {
        side: getattr(word("need.and"), side).join(
            getattr(word("need.or"), side).join(_file(one, side) for one in alternatives) for alternatives in needs
        )
        for side in ("en", "zh")
    }
    return Text(**sides)


@dataclass(frozen=True)
class Wanted:
    """A file (or one of several) to deliver, the detectors that lack it, and how many of them lack nothing else."""

    file: Text
    detector_ids: tuple[str, ...]
    alone: int


def wanted_files(reasons: Mapping[str, str | None]) -> tuple[Wanted, ...]:
    """Files that would make detectors run, the one that most detectors wait for alone first.

    Args:
        reasons: by detector, why it did not run; None where it did.
    """
    needs = {
        detector_id: reason.removeprefix(_MISSING).split(", ")
        for detector_id, reason in sorted(reasons.items())
        if reason is not None and reason.startswith(_MISSING)
    }
    wanted = []
    for need in sorted({one for several in needs.values() for one in several}):
        file = would_make_it_run(_MISSING + need)
        waiting = tuple(detector_id for detector_id, several in needs.items() if need in several)
        if file is not None:
            wanted.append(Wanted(file, waiting, sum(needs[one] == [need] for one in waiting)))
    return tuple(sorted(wanted, key=lambda one: (-one.alone, -len(one.detector_ids), one.file.en)))


def _file(need: str, side: str) -> str:
    """``table`` or ``table.column`` as a file to deliver."""
    table, _, column = need.strip().partition(".")
    key = "need.column" if column else "need.file"
    return str(getattr(word(key), side)).format(table=table, column=column)
