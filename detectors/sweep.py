"""Sensitivity: one detector asked again and again, each time with another value of one parameter.

The same function serves ``detect --sweep`` and a notebook; an analyst reads from it how hits and yuan hang on a window.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from detectors.declaration import Detector, Parameter, Value
from detectors.engines.protocol import Engine
from detectors.runner import Outcome, Request, run_detector
from detectors.settings import checked_value, find_parameter
from schemas.card import ResolvedParameter
from schemas.errors import SettingError
from schemas.pack import Pack
from schemas.sweep import Sweep, SweepPoint

SHARES_OF_DEFAULT = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)
"""Where no values are named, a number is tried at these multiples of its default, inside its bounds."""

MOST_VALUES = 40


@dataclass(frozen=True)
class SweepRequest:
    """One parameter of one detector, and the values to try; none = a grid around the default."""

    detector_id: str
    parameter: str
    values: tuple[Value, ...]


def parse_sweep(text: str, catalogue: Sequence[Detector]) -> SweepRequest:
    """``DETECTOR.PARAM`` or ``DETECTOR.PARAM=V1,V2,…`` as a request.

    Raises:
        SettingError: no such detector or parameter, or a value of the wrong type or out of bounds.
    """
    by_id = {detector.id: detector for detector in catalogue}
    key, equals, raw = text.partition("=")
    detector_id, dot, name = key.strip().rpartition(".")
    where = f"--sweep {key.strip()}"
    if not dot:
        raise SettingError(
            "--sweep needs DETECTOR.PARAM or DETECTOR.PARAM=V1,V2,…",
            got=key.strip(),
            allowed="for example readmission.cycle.window_days=7,15,31",
            where="--sweep",
        )
    parameter = find_parameter(by_id, detector_id, name, where=where)
    named = [part.strip() for part in raw.split(",")] if equals else []
    if len(named) > MOST_VALUES:
        raise SettingError("too many values", got=str(len(named)), allowed=f"at most {MOST_VALUES}", where=where)
    return SweepRequest(detector_id, name, tuple(checked_value(parameter, part, where) for part in named))


def grid(parameter: Parameter, used: Value, named: Iterable[Value] = ()) -> tuple[Value, ...]:
    """The values to try, ascending: those that were named, else a grid; always the one that the run uses."""
    chosen = list(named) or _around(parameter)
    return tuple(sorted({*chosen, used}, key=lambda value: (isinstance(value, str), value)))


def _around(parameter: Parameter) -> list[Value]:
    """A grid for a parameter that nobody named values for."""
    default = parameter.default
    if isinstance(default, bool):
        return [False, True]
    if isinstance(default, str):
        return list(parameter.choices) or [default]
    low = parameter.minimum if parameter.minimum is not None else float("-inf")
    high = parameter.maximum if parameter.maximum is not None else float("inf")
    tried = [min(max(default * share, low), high) for share in SHARES_OF_DEFAULT]
    return [round(value) if isinstance(default, int) else round(value, 6) for value in tried]


def sweep(engine: Engine, detector: Detector, pack: Pack, request: Request, asked: SweepRequest) -> Sweep:
    """Ask a detector once for each value; everything else stays as ``request`` has it.

    Args:
        engine: holds the prepared tables.
        detector: the one that ``asked`` names.
        pack: the policy pack of the run.
        request: what the run asks.
        asked: the parameter and its values.
    """
    parameter = detector.parameter(asked.parameter)
    used = next(own.value for own in request.parameters[detector.id] if own.name == parameter.name)
    points = []
    for value in grid(parameter, used, asked.values):
        outcome = run_detector(engine, detector, pack, _with(request, detector.id, parameter.name, value))
        if outcome.row["status"] != "ran":
            return _sweep(detector, parameter, str(outcome.row["reason"]), ())
        points.append(_point(value, value == used, outcome))
    return _sweep(detector, parameter, None, tuple(points))


def _sweep(detector: Detector, parameter: Parameter, reason: str | None, points: tuple[SweepPoint, ...]) -> Sweep:
    return Sweep(
        detector_id=detector.id,
        parameter=parameter.name,
        unit=parameter.unit,
        why=parameter.why,
        reason=reason,
        points=points,
    )


def _with(request: Request, detector_id: str, name: str, value: Value) -> Request:
    """The request with one parameter set otherwise."""
    own = tuple(_set(one, value) if one.name == name else one for one in request.parameters[detector_id])
    return replace(request, parameters={**request.parameters, detector_id: own})


def _set(parameter: ResolvedParameter, value: Value) -> ResolvedParameter:
    return parameter.model_copy(update={"value": value, "origin": "set"})


def _point(value: Value, is_used: bool, outcome: Outcome) -> SweepPoint:
    opened = outcome.findings.filter(pl.col("exemption_id").is_null())
    return SweepPoint(
        value=value,
        is_used=is_used,
        examined=int(str(outcome.row["examined"])),
        hits=outcome.findings.height,
        exempt=outcome.findings.height - opened.height,
        patients=opened["patient_id"].drop_nulls().n_unique(),
        institutions=opened["institution_id"].drop_nulls().n_unique(),
        amount=_yuan(opened["amount_at_issue"]),
        fund_amount=_yuan(opened["fund_amount_at_issue"]),
    )


def _yuan(amounts: pl.Series) -> Decimal | None:
    priced = amounts.drop_nulls().to_list()
    return sum(priced, Decimal(0)) if priced else None
