"""Which national department (诊疗科目) a hospital's department is: by its code where that is one, else by its name."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rapidfuzz import fuzz

from pipelines.suggest.normalise import normalise

LIST = Path(__file__).resolve().parent / "national_departments.csv"
"""The published department list: code, name, and other names that hospitals use (``;``-separated)."""

LEAST, ALMOST = 0.6, 0.89
"""Likeness of letters below which nothing is proposed, and the most that it is worth."""

BY_CODE, BY_BARE_DIGITS, BY_NAME, BY_OTHER_NAME = 0.95, 0.7, 1.0, 0.97
"""Confidence of ``32.02`` as a code, of ``3202`` or ``A32`` (which may be a hospital's own), of names."""

_CODE = re.compile(r"(A?)([0-9]{2})(?:(\.?)([0-9]{2}))?")
_ASIDE = re.compile(r"[(\[【<《].*?[)\]】>》]")
_BED_AREA = re.compile(r"第?[0-9一二三四五六七八九十]+(病区|区|病房|科|组|部|楼|病室)?$|(东|西|南|北|新|老|本)院区?$")
_ENDINGS = ("专业", "门诊", "病区", "病房", "护理单元", "诊室", "专科", "专家", "住院", "普通", "诊区")


@dataclass(frozen=True)
class NationalDepartment:
    """One entry of the published list, with other names it goes by."""

    code: str
    name: str
    other_names: tuple[str, ...]


@dataclass(frozen=True)
class DepartmentProposal:
    """The national departments that fit best, best first, each with its confidence."""

    departments: tuple[tuple[NationalDepartment, float], ...]


@cache
def national_departments() -> Mapping[str, NationalDepartment]:
    """The published list by code, in its order."""
    with LIST.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        row["national_department_code"]: NationalDepartment(
            row["national_department_code"], row["department_name"], tuple(filter(None, row["other_names"].split(";")))
        )
        for row in rows
    }


def national_code(text: str) -> str | None:
    """``A32.02``, ``3202`` and ``32.02`` as ``32.02``; None where the list has no such code.

    Two digits are a department (``30``), four a sub-department; an A before them marks the code system.
    """
    match = _CODE.fullmatch(unicodedata.normalize("NFKC", text).strip().upper())
    if match is None:
        return None
    code = match[2] if match[4] is None else f"{match[2]}.{match[4]}"
    return code if code in national_departments() else None


def propose_departments(code: str, name: str | None) -> DepartmentProposal:
    """The two national departments that fit a local code and name best."""
    scored: dict[str, float] = {}
    spelt = _stem(name or "")
    for one in national_departments().values():
        score = _by_name(spelt, one) if spelt and not one.name.startswith("其") else 0.0
        if score >= LEAST:
            scored[one.code] = score
    as_code = national_code(code)
    if as_code is not None and (not spelt or as_code in scored):
        scored[as_code] = max(scored.get(as_code, 0.0), BY_CODE if "." in code else BY_BARE_DIGITS)
    best = sorted(scored.items(), key=lambda pair: (-pair[1], pair[0]))[:2]
    return DepartmentProposal(tuple((national_departments()[one], round(score, 3)) for one, score in best))


def _by_name(spelt: str, department: NationalDepartment) -> float:
    own, *others = _stems(department)
    if spelt == own:
        return BY_NAME
    if spelt in others:
        return BY_OTHER_NAME
    return min(ALMOST, max(fuzz.ratio(spelt, one) for one in (own, *others)) / 100)


@cache
def _stems(department: NationalDepartment) -> tuple[str, ...]:
    return tuple(_stem(name) for name in (department.name, *department.other_names))


def _stem(name: str) -> str:
    """A department's name without beds, wards, brackets and the words that every department has."""
    text = normalise(_ASIDE.sub("", unicodedata.normalize("NFKC", name)), {})
    while True:
        shorter = _BED_AREA.sub("", text)
        for ending in _ENDINGS:
            shorter = shorter.removesuffix(ending)
        if shorter in ("", text):
            return text.removesuffix("科") if len(text) > 2 else text
        text = shorter
