"""Masks persons and their records on a page that leaves the house; what was done, when and where stays."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from itertools import chain
from typing import Any, TypeVar

import polars as pl

from reports.run_folder import Bundle, Run
from reports.sharing.suppression import THRESHOLD
from schemas.errors import IntegrityError

Row = TypeVar("Row")

KINDS: dict[str, tuple[str, ...]] = {
    "P#": ("patient_id",),
    "D#": ("practitioner_id", "operator_id", "attending_id", "ordering_practitioner_id"),
    "V#": ("encounter_id", "stay_id", "index_encounter_id", "bridge_encounter_id", "index_stay_id", "flagged_stay_id"),
    "R#": (
        "event_id",
        "index_event_id",
        "flagged_event_id",
        "row_id",
        "order_id",
        "report_id",
        "claim_line_id",
        "claim_id",
    ),
    "M#": ("device_id",),
}
"""Fields whose values name a person (patient, doctor), a visit, a record or a machine, by their label."""

SHORTEST = 4
"""Ids shorter than this are masked in their own fields only: in a sentence they would hit ordinary words."""


@dataclass(frozen=True)
class Masks:
    """Labels by id; equal ids have equal labels, numbered in the order of the ids on this page alone."""

    labels: Mapping[str, str]

    def text(self, value: str) -> str:
        """A text with every id in it replaced."""
        return self._pattern.sub(lambda found: self.labels[found[0]], value) if self._long else value

    def value(self, value: Any) -> Any:  # noqa: ANN401  # any cell or JSON value
        """A cell, a JSON value or a list of them with every id replaced."""
        if isinstance(value, str):
            return self.labels.get(value) or self.text(value)
        if isinstance(value, list | tuple):
            return type(value)(self.value(one) for one in value)
        if isinstance(value, dict):
            return {key: self.value(one) for key, one in value.items()}
        return value

    def row(self, row: Row) -> Row:
        """A row of the run with every id in it replaced."""
        cells = {field.name: getattr(row, field.name) for field in fields(row)}  # type: ignore[arg-type]
        changed = {name: self.value(cell) for name, cell in cells.items()}
        if isinstance(changed.get("evidence"), str):
            changed["evidence"] = json.dumps(self.value(json.loads(cells["evidence"])), ensure_ascii=False)
        return replace(row, **changed)  # type: ignore[type-var]  # every row here is a dataclass

    @property
    def _long(self) -> list[str]:
        return sorted((one for one in self.labels if len(one) >= SHORTEST), key=lambda one: (-len(one), one))

    @property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(f"(?<![0-9A-Za-z])(?:{'|'.join(map(re.escape, self._long))})(?![0-9A-Za-z])")

    def refuse_leak(self, page: str) -> None:
        """See that no id stands on a finished page.

        Raises:
            IntegrityError: one does; the page must not leave the house. The message does not tell which.
        """
        if self._long and self._pattern.search(page):
            raise IntegrityError(
                "an id is still on the masked page, so it is not written",
                got="an id of a person or record",
                where="reports/sharing/masking.py",
            )


def masks_of(bundle: Bundle) -> Masks:
    """Labels for every person and record that a page is drawn from."""
    found: dict[str, set[str]] = {label: set() for label in KINDS}
    for name, value in _named(bundle):
        for label, names in KINDS.items():
            if name in names:
                found[label].add(value)
    if bundle.lead.subject_type == "patient_episode":
        found["P#"].add(bundle.lead.subject_id.partition("|")[0])
    if bundle.lead.subject_type == "practitioner":
        found["D#"].add(bundle.lead.subject_id)
    labels: dict[str, str] = {}
    for label, ids in found.items():
        for number, one in enumerate(sorted(ids - labels.keys()), start=1):
            labels[one] = f"{label}{number}"
    return Masks(labels)


def masked(run: Run, bundle: Bundle, masks: Masks) -> tuple[Run, Bundle]:
    """Run and bundle as a masked page may see them: no other lead, no note of a review, no small n of N."""
    home = pl.col("institution_id") == (bundle.lead.institution_id or "")
    is_small = home & pl.col("hits").is_between(1, THRESHOLD - 1)
    own = pl.col("lead_id") == bundle.lead.lead_id
    reviews = tuple(masks.row(replace(one, note=None)) for one in run.reviews if one.lead_id == bundle.lead.lead_id)
    seen = replace(run, leads=run.leads.filter(own), denominators=run.denominators.filter(~is_small), reviews=reviews)
    return seen, Bundle(
        lead=masks.row(bundle.lead),
        findings=_rows(masks, bundle.findings),
        events=_rows(masks, bundle.events),
        stays=_rows(masks, bundle.stays),
        happenings=_rows(masks, bundle.happenings),
        lines=_rows(masks, bundle.lines),
        origins=_rows(masks, bundle.origins),
        orders=_rows(masks, bundle.orders),
    )


def _rows(masks: Masks, rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(masks.row(row) for row in rows)


def _named(bundle: Bundle) -> Iterator[tuple[str, str]]:
    """Every text that stands behind a bundle, with the name of its field."""
    told = (bundle.findings, bundle.events, bundle.stays, bundle.happenings, bundle.lines, bundle.orders)
    for row in chain.from_iterable(told):
        for field in fields(row):  # type: ignore[arg-type]  # every row here is a dataclass
            value = getattr(row, field.name)
            if field.name == "evidence":
                yield from _in_json(json.loads(value))
            elif isinstance(value, str):
                yield field.name, value


def _in_json(value: Any, name: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401  # any JSON value
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _in_json(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from _in_json(one, name.removesuffix("s"))
    elif isinstance(value, str):
        yield name, value
